"""What after-sale hears: its own news, for the shops' copies; and orders that end another way."""

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.aftersale.actions.copy import copy_to_shops
from fairground.market.aftersale.actions.silence import end_with_orders
from fairground.market.aftersale.events import OF_CASES, CaseEvent
from fairground.market.orders.events import OrderClosed


async def _copy(tx: Tx, events: list[CaseEvent]) -> None:
    await copy_to_shops(tx, events)


async def _end(tx: Tx, events: list[OrderClosed]) -> None:
    await end_with_orders(tx, [event.order_id for event in events])


def subscribers() -> list[Subscriber]:
    """List who of this room hears what."""
    return [
        Subscriber("aftersale.copy_to_shops", OF_CASES, _copy, batch=True),
        Subscriber("aftersale.end_with_orders", (OrderClosed,), _end, batch=True),
    ]
