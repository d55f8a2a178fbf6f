"""Carts as values, and why a line cannot be bought."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.errors import N_
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import Offer, ProductId, VariantId
from fairground.market.shops.model import ShopCard, ShopId, ShopState


class GuestId(Id):
    """The id of a guest, kept in a signed cookie; its cart lives in its bucket."""


class CartRules(msgspec.Struct, frozen=True):
    """Numbers of the market about carts."""

    lines_most: int = 200
    quantity_most: int = 999  # of one line
    guest_days: int = 30  # a guest's cart is forgotten so long after its last change
    kept_most: int = 500  # products with a heart, and as many shops followed, of one person


class CartOwner(msgspec.Struct, frozen=True):
    """Whose cart: a person's or a guest's."""

    id: PersonId | GuestId

    @property
    def is_guest(self) -> bool:
        """Tell whether nobody is signed in."""
        return isinstance(self.id, GuestId)


class CartLine(msgspec.Struct, frozen=True, kw_only=True):
    """What lies in a cart; shop, title and price are those of the moment it was put in."""

    variant_id: VariantId
    shop_id: ShopId
    title: str
    quantity: int
    selected: bool
    added_price: Money
    added_at: datetime


class Kept(msgspec.Struct, frozen=True):
    """A product somebody keeps for later; title and price are those of that day."""

    product_id: ProductId
    shop_id: ShopId
    title: str
    price: Money
    at: datetime


class Follow(msgspec.Struct, frozen=True):
    """A shop somebody follows."""

    shop_id: ShopId
    at: datetime


class Merged(msgspec.Struct, frozen=True):
    """What became of a guest's cart: lines that moved, and variants for which there was no room."""

    moved: int
    left_out: tuple[VariantId, ...] = ()


class LineProblem(StrEnum):
    """Why a line cannot be bought now."""

    REMOVED = "removed"
    OFF_SALE = "off_sale"
    SOLD_OUT = "sold_out"
    FEWER_LEFT = "fewer_left"
    SHOP_ON_HOLIDAY = "shop_on_holiday"
    SHOP_SUSPENDED = "shop_suspended"
    SHOP_CLOSED = "shop_closed"


PROBLEM_WORDS: Final = {
    LineProblem.REMOVED: N_("The shop does not offer this any more."),
    LineProblem.OFF_SALE: N_("This is not for sale at the moment."),
    LineProblem.SOLD_OUT: N_("Sold out for now."),
    LineProblem.FEWER_LEFT: N_("Only %(left)d left: please take fewer."),
    LineProblem.SHOP_ON_HOLIDAY: N_("The shop is on holiday. What you chose is waiting here."),
    LineProblem.SHOP_SUSPENDED: N_("This shop cannot sell at the moment. You can remove this, or wait."),
    LineProblem.SHOP_CLOSED: N_("This shop has closed."),
}
_SHOP_PROBLEMS: Final = {
    ShopState.HOLIDAY: LineProblem.SHOP_ON_HOLIDAY,
    ShopState.SUSPENDED: LineProblem.SHOP_SUSPENDED,
    ShopState.PENDING: LineProblem.SHOP_SUSPENDED,
    ShopState.CLOSED: LineProblem.SHOP_CLOSED,
}


class SeenLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it stands today. `offer` None: removed by the shop; `left` None: not counted."""

    line: CartLine
    offer: Offer | None
    left: int | None
    problem: LineProblem | None

    @property
    def can_be_bought(self) -> bool:
        """Tell whether nothing stands in the way."""
        return self.problem is None

    @property
    def counts(self) -> bool:
        """Tell whether the line is in the total: chosen, and nothing stands in the way."""
        return self.line.selected and self.problem is None

    @property
    def price(self) -> Money:
        """The price of one piece today; the old one where nobody offers it any more."""
        return self.line.added_price if self.offer is None else self.offer.price

    @property
    def total(self) -> Money:
        """The price of all pieces."""
        return self.price * self.line.quantity

    @property
    def price_change(self) -> Money | None:
        """How much dearer (or, below zero, cheaper) one piece has become; None where nothing changed."""
        if self.offer is None or self.offer.price.currency != self.line.added_price.currency:
            return None
        return self.offer.price - self.line.added_price or None


class SeenShop(msgspec.Struct, frozen=True, kw_only=True):
    """A shop's part of a cart; `total` is that of the lines that count."""

    shop_id: ShopId
    shop: ShopCard | None
    lines: tuple[SeenLine, ...]
    total: Money


class CartView(msgspec.Struct, frozen=True, kw_only=True):
    """A cart as it stands today, by shop, what was put in last first; `total` is that of the lines that count."""

    shops: tuple[SeenShop, ...]
    total: Money
    line_count: int
    counted_lines: int
    counted_pieces: int

    @property
    def lines(self) -> list[SeenLine]:
        """All lines."""
        return [line for shop in self.shops for line in shop.lines]

    @property
    def selected(self) -> list[SeenLine]:
        """The lines a checkout takes."""
        return [line for line in self.lines if line.counts]


def problem_of(line: CartLine, offer: Offer | None, shop: ShopCard | None, left: int | None) -> LineProblem | None:
    """Say why a line cannot be bought, the weightiest reason first; `left` None: not counted."""
    if shop is None:
        return LineProblem.SHOP_CLOSED
    if shop.state in _SHOP_PROBLEMS:
        return _SHOP_PROBLEMS[shop.state]
    if offer is None:
        return LineProblem.REMOVED
    if not offer.on_sale:
        return LineProblem.OFF_SALE
    if left is None or left >= line.quantity:
        return None
    return LineProblem.FEWER_LEFT if left else LineProblem.SOLD_OUT
