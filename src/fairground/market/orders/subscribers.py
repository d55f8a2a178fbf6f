"""What orders hear: their own news, for the shops' copies and money, late vouchers, and what was sold of each thing."""

from collections import Counter

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.catalog.actions.signals import note_sales
from fairground.market.catalog.model import ProductId
from fairground.market.orders.actions.copy import copy_to_shops
from fairground.market.orders.actions.debts import collect_debts
from fairground.market.orders.actions.late import grant_late_voucher
from fairground.market.orders.actions.settle import settle_shops, take_back_from_shop
from fairground.market.orders.events import (
    OF_ORDERS,
    OrderClosed,
    OrderEvent,
    OrderPaid,
    OrderReceived,
    OrderShipsLate,
    RefundedAfterReceipt,
)
from fairground.market.orders.queries.orders import map_lines
from fairground.market.payments.events import PayoutBounced
from fairground.market.shops.model import ShopId


async def _copy(tx: Tx, events: list[OrderEvent]) -> None:
    await copy_to_shops(tx, events)


async def _settle(tx: Tx, events: list[OrderReceived | RefundedAfterReceipt]) -> None:
    """What a shop earned comes before what it gives back of it."""
    await settle_shops(tx, [event for event in events if isinstance(event, OrderReceived)])
    for event in events:
        if isinstance(event, RefundedAfterReceipt):
            await take_back_from_shop(tx, event)


async def _collect(tx: Tx, event: PayoutBounced) -> None:
    await collect_debts(tx, [ShopId(event.shop_id)])


async def _count_sales(tx: Tx, events: list[OrderPaid | OrderClosed]) -> None:
    """Count pieces as sold once they are paid, and take them back when the whole order is paid back."""
    counted = [(e, 1 if isinstance(e, OrderPaid) else -1) for e in events if isinstance(e, OrderPaid) or e.refunded]
    lines = await map_lines(tx, [event.order_id for event, _ in counted])
    sold: Counter[ProductId] = Counter()
    for event, sign in counted:
        for line in lines[event.order_id]:
            sold[ProductId(line.product_id)] += sign * line.quantity
    await note_sales(tx, sold)


def subscribers() -> list[Subscriber]:
    """List who of this room hears what."""
    return [
        Subscriber("orders.copy_to_shops", OF_ORDERS, _copy, batch=True),
        Subscriber("orders.grant_late_voucher", (OrderShipsLate,), grant_late_voucher),
        Subscriber("orders.count_sales", (OrderPaid, OrderClosed), _count_sales, batch=True),
        Subscriber("orders.settle_shops", (OrderReceived, RefundedAfterReceipt), _settle, batch=True),
        Subscriber("orders.collect_debts", (PayoutBounced,), _collect),
    ]
