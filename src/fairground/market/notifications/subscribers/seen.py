"""Orders and shops as letters speak of them."""

from collections.abc import Iterable, Mapping

import msgspec

from fairground.kit.db import Tx
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.accounts.model import PersonId
from fairground.market.notifications.actions import Note, notify_many
from fairground.market.notifications.model import Param
from fairground.market.orders.model import Order, OrderId
from fairground.market.orders.queries.orders import map_orders
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.policy import May
from fairground.market.shops.queries import map_shops, map_staff


class Seen(msgspec.Struct, frozen=True):
    """An order with its shop."""

    order: Order
    shop: ShopCard

    @property
    def names(self) -> dict[str, Param]:
        """What most letters say of it."""
        return {"number": self.order.shown_number, "shop": self.shop.name}

    def money(self, amount: int) -> Money:
        """An amount of the order, in minor units, as money."""
        return Money(amount, self.order.currency)

    def note(self, kind: str, **params: Param) -> Note:
        """Write to the buyer; the letter leads to the order."""
        return Note(PersonId(self.order.buyer_id), kind, {**self.names, **params}, f"/orders/{self.order.id}")


async def look(tx: Tx, order_ids: Iterable[Id]) -> dict[Id, Seen]:
    """Read orders with their shops."""
    orders = await map_orders(tx, [OrderId(order_id) for order_id in order_ids])
    shops = await map_shops(tx, {order.shop_id for order in orders.values()})
    return {order_id: Seen(order, shops[order.shop_id]) for order_id, order in orders.items()}


class Word(msgspec.Struct, frozen=True):
    """What is to be told to those of a shop whose role asks for it; `path` is a page of the shop's rooms."""

    shop_id: ShopId
    may: May
    kind: str
    params: Mapping[str, Param] = {}
    path: str = ""


async def tell_shops(tx: Tx, words: Iterable[Word]) -> None:
    """Write to the people of shops, in few statements however many shops there are."""
    said = list(words)
    shop_ids = {word.shop_id for word in said}
    if not shop_ids:
        return
    shops, staff = await map_shops(tx, shop_ids), await map_staff(tx, shop_ids)
    await notify_many(
        tx,
        [
            Note(
                member.person_id,
                word.kind,
                {"shop": shops[word.shop_id].name, **word.params},
                f"/seller/{shops[word.shop_id].slug}{word.path}",
            )
            for word in said
            if word.shop_id in shops
            for member in staff[word.shop_id]
            if member.joined_at is not None and word.may(member.role)
        ],
    )
