"""What somebody would like to order, and what it would cost."""

from typing import Any

import msgspec

from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.orders.model.order import FrozenDelivery, OrderLine
from fairground.market.shipping.model import DeliveryOption


class AskedLine(msgspec.Struct, frozen=True):
    """So many pieces of a variant."""

    variant_id: Id
    quantity: int


class QuoteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody would like to order. `lines` None = the selected lines of the cart.

    `deliveries` maps a shop's slug to the code of a delivery option; a shop that is not named gets the first one.
    """

    address_id: Id | None = None
    lines: tuple[AskedLine, ...] | None = None
    deliveries: dict[str, str] = {}
    coupons: tuple[str, ...] = ()


class CheckoutRequest(QuoteRequest, frozen=True, kw_only=True):
    """The same, in earnest. `notes` maps a shop's slug to words for the shop.

    `expected_total`: the total that the buyer saw, in minor units; another one is refused. `gateway` None: the
    market's usual one. `tickets` maps the id of a drop with a waiting room to the ticket for it.
    """

    notes: dict[str, str] = {}
    gateway: str | None = None
    expected_total: int | None = None
    tickets: dict[str, str] = {}


class Step(msgspec.Struct, frozen=True):
    """One step from the prices to the total: goods, a promotion (negative), freight."""

    kind: str
    title: str
    amount: Money
    shop_id: Id | None = None
    code: str = ""
    params: dict[str, Any] = {}


class QuoteProblem(msgspec.Struct, frozen=True):
    """Why something cannot be ordered as asked: a stable code and a msgid with its places filled from `params`."""

    code: str
    message: str
    shop_id: Id | None = None
    variant_id: Id | None = None
    params: dict[str, Any] = {}


class QuotedShop(msgspec.Struct, frozen=True):
    """The part of one shop; amounts in minor units. Its lines are what the order will freeze."""

    shop_id: Id
    slug: str
    name: str
    lines: tuple[OrderLine, ...]
    options: tuple[DeliveryOption, ...]
    delivery: FrozenDelivery | None
    goods: int
    off_shop: int
    off_market: int
    shipping: int

    @property
    def total(self) -> int:
        """What the buyer pays for this shop's part."""
        return self.goods - self.off_shop - self.off_market + self.shipping

    @property
    def tax(self) -> int:
        """Tax contained in the lines."""
        return sum(line.tax for line in self.lines)

    @property
    def commission(self) -> int:
        """The market's share of what the shop gets."""
        return sum(line.commission for line in self.lines)


class Quote(msgspec.Struct, frozen=True):
    """The final price first, then how it came about. With problems, no checkout is possible."""

    total: Money
    steps: tuple[Step, ...]
    shops: tuple[QuotedShop, ...]
    problems: tuple[QuoteProblem, ...]
    coupons: tuple[str, ...]  # the codes that took effect
    address: dict[str, Any] | None
