"""What drops do to the pages of things: the running price on cards and product pages, from the board."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Protocol

from msgspec.structs import replace

from fairground.kit.http.caller import Caller
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.catalog.model import ProductId
from fairground.market.promotions.board import Board
from fairground.market.promotions.model import DropGoods, DropOffer
from fairground.web.cards import ProductCard

KEPT_MOST: Final = 60  # seconds that a page is kept by whoever stands between
KEPT_OPEN: Final = 5
SECOND: Final = timedelta(seconds=1)


class Window(Protocol):
    """When a drop runs, and the moment it is looked at."""

    @property
    def is_open(self) -> bool: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def now(self) -> datetime: ...


def drop_of(board: Board, variant_id: Id, now: datetime) -> DropOffer | None:
    """Find the drop that sells a variant now, or the next one that is announced to."""
    if not board.knows(now):
        return None
    found = board.price_of(variant_id, now)
    if found is not None:
        return found
    for face in board.faces():
        goods = face.goods_of(variant_id)
        if goods is not None and face.drop.starts_at > now:
            return DropOffer(face.drop, goods, face.room)
    return None


def kept_until_change(caller: Caller, window: Window | None) -> dict[str, str]:
    """Let nobody between keep a visitor's page past the beginning or the end of a drop."""
    if window is None or caller.person_id is not None:
        return {}
    change = window.ends_at if window.is_open else window.starts_at
    left = max(0, (change - window.now) // SECOND)
    return {"cache-control": f"public, max-age={min(left, KEPT_OPEN if window.is_open else KEPT_MOST)}"}


def running_prices(board: Board, now: datetime) -> dict[ProductId, DropGoods]:
    """Map products to their cheapest variant in an open drop that is not sold out; nothing where nothing is known."""
    found: dict[ProductId, DropGoods] = {}
    for face in board.faces() if board.knows(now) else ():
        for goods in face.goods if face.drop.is_open_at(now) else ():
            product_id = ProductId(goods.product_id)
            if goods.left and (product_id not in found or goods.price < found[product_id].price):
                found[product_id] = goods
    return found


def with_drop_prices(shown: Iterable[ProductCard], running: dict[ProductId, DropGoods]) -> list[ProductCard]:
    """Show the price of the running drop on cards, with what is left at it."""
    if not running:
        return list(shown)
    by_href = {f"/p/{product_id}": goods for product_id, goods in running.items()}
    return [_in_drop(card, by_href.get(card.href)) for card in shown]


def _in_drop(card: ProductCard, goods: DropGoods | None) -> ProductCard:
    if goods is None or goods.price >= card.price.amount:
        return card
    return replace(
        card,
        href=f"{card.href}?v={goods.variant_id}",
        price=Money(goods.price, goods.currency),
        before=card.price,
        badge=("new", gettext("Drop")),
        left=(goods.left, goods.quota),
    )
