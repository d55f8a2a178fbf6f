"""An order as a page or an API answer shows it: stitched from orders, shops, shipping and payments."""

import msgspec

from fairground.kit.db import Reader
from fairground.kit.ids import Id
from fairground.market.orders.errors import OrderNotFound
from fairground.market.orders.model import Order, OrderId, OrderLine, OrderMove
from fairground.market.orders.queries.orders import get_order, get_order_in_full
from fairground.market.payments.model import Payment
from fairground.market.payments.queries import find_payment
from fairground.market.shipping.model import Parcel
from fairground.market.shipping.queries import list_parcels
from fairground.market.shops.model import Role, ShopCard, ShopId
from fairground.market.shops.queries import map_shops, role_in


class OrderLook(msgspec.Struct, frozen=True):
    """What one who may see an order sees of it; `role` None = the buyer, who alone sees the payment."""

    order: Order
    lines: tuple[OrderLine, ...]
    moves: tuple[OrderMove, ...]
    shop: ShopCard
    parcels: list[Parcel]
    payment: Payment | None
    role: Role | None


async def look_at_order(reader: Reader, order_id: OrderId, person_id: Id) -> OrderLook:
    """See an order as its buyer or as one of its shop's people.

    Raises:
        OrderNotFound: there is none, or it is none of this person's business.
    """
    full = await get_order_in_full(reader, order_id)
    order = full.order
    role = None if order.buyer_id == person_id else await role_in(reader, order.shop_id, person_id)
    if role is None and order.buyer_id != person_id:
        raise OrderNotFound
    shops = await map_shops(reader, [order.shop_id])
    parcels = await list_parcels(reader, order_id)
    payment = await find_payment(reader, order.payment_id) if role is None else None
    return OrderLook(order, full.lines, full.moves, shops[order.shop_id], parcels, payment, role)


async def seat_of(reader: Reader, order_id: OrderId, person_id: Id) -> tuple[ShopId, Role]:
    """Tell the shop of an order and somebody's role there.

    Raises:
        OrderNotFound: there is no such order, or the person has no role in its shop.
    """
    order = await get_order(reader, order_id)
    role = await role_in(reader, order.shop_id, person_id)
    if role is None:
        raise OrderNotFound
    return order.shop_id, role
