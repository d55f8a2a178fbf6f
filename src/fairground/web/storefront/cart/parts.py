"""The cart made ready for its template."""

from typing import Literal

import msgspec

from fairground.kit.errors import N_
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import language, say
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.cart.model import PROBLEM_WORDS, CartRules, CartView, LineProblem, SeenLine, SeenShop
from fairground.market.shops.model import ShopCard

_COUNTABLE = (None, LineProblem.FEWER_LEFT)  # where another number of pieces makes sense


class LinePart(msgspec.Struct, frozen=True, kw_only=True):
    """One line."""

    variant_id: int
    title: str
    lang: str | None  # of the title, where it is not the reader's
    href: str | None
    options: str
    picture: Id | None
    price: Money
    total: Money
    quantity: int
    most: int
    selected: bool
    problem: str | None
    countable: bool  # another number of pieces makes sense
    change: str | None  # what became of the price since


class ShopPart(msgspec.Struct, frozen=True, kw_only=True):
    """One shop's lines."""

    name: str
    href: str | None
    cloth: int
    avatar: Id | None
    lines: list[LinePart]
    variant_ids: list[int]  # those that can be chosen
    chosen: Literal["all", "some", "none"]
    total: Money


class CartPart(msgspec.Struct, frozen=True, kw_only=True):
    """The whole cart. `blocked` names the lines that cannot be bought, so that all can be taken out at once."""

    shops: list[ShopPart]
    total: Money
    lines: int
    counted_lines: int
    counted_pieces: int
    counted_shops: int
    blocked: list[int]
    chosen: Literal["all", "some", "none"]


def cart_part(view: CartView, rules: CartRules) -> CartPart:
    """Make a cart ready to be shown, in the reader's language."""
    return CartPart(
        shops=[_shop(shop, rules) for shop in view.shops],
        total=view.total,
        lines=view.line_count,
        counted_lines=view.counted_lines,
        counted_pieces=view.counted_pieces,
        counted_shops=sum(any(line.counts for line in shop.lines) for shop in view.shops),
        blocked=[int(line.line.variant_id) for line in view.lines if not line.can_be_bought],
        chosen=_chosen(view.lines),
    )


def _chosen(lines: list[SeenLine]) -> Literal["all", "some", "none"]:
    ready = [line for line in lines if line.can_be_bought]
    counted = sum(line.counts for line in ready)
    if not counted:
        return "none"
    return "all" if counted == len(ready) else "some"


def _shop(seen: SeenShop, rules: CartRules) -> ShopPart:
    shop: ShopCard | None = seen.shop
    return ShopPart(
        name=shop.name if shop else say(N_("A shop that has closed")),
        href=f"/s/{shop.slug}" if shop else None,
        cloth=shop.cloth if shop else 9,
        avatar=shop.avatar_id if shop else None,
        lines=[_line(line, rules) for line in seen.lines],
        variant_ids=[int(line.line.variant_id) for line in seen.lines if line.can_be_bought],
        chosen=_chosen(list(seen.lines)),
        total=seen.total,
    )


def _line(seen: SeenLine, rules: CartRules) -> LinePart:
    line, offer = seen.line, seen.offer
    return LinePart(
        variant_id=int(line.variant_id),
        title=offer.title if offer else line.title,
        lang=offer.language if offer and offer.language != language() else None,
        href=f"/p/{int(offer.product_id)}" if offer else None,
        options=" · ".join(offer.options.values()) if offer else "",
        picture=offer.picture_id if offer else None,
        price=seen.price,
        total=seen.total,
        quantity=line.quantity,
        most=rules.quantity_most if seen.left is None else max(1, min(rules.quantity_most, seen.left)),
        selected=line.selected,
        problem=None if seen.problem is None else say(PROBLEM_WORDS[seen.problem], {"left": seen.left or 0}),
        countable=seen.problem in _COUNTABLE,
        change=_change(seen.price_change),
    )


def _change(change: Money | None) -> str | None:
    if change is None:
        return None
    if change.amount > 0:
        return say(N_("%(amount)s more than when you put it in"), {"amount": formats.money(change)})
    return say(N_("%(amount)s less than when you put it in"), {"amount": formats.money(-change)})
