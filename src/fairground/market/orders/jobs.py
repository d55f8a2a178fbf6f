"""What happens by itself when time is over, in bulk: one transaction for many orders."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, DeadlineHandler, set_deadlines
from fairground.kit.errors import N_
from fairground.kit.events import publish
from fairground.market.orders.actions.close import close_paid
from fairground.market.orders.actions.extend import SILENCE
from fairground.market.orders.actions.late import compensate_late
from fairground.market.orders.actions.move import MARKET
from fairground.market.orders.actions.receipt import receive_orders
from fairground.market.orders.events import PaymentReminderDue
from fairground.market.orders.model import CANCEL, CONFIRM, REMIND, SHIP, CheckoutId, CloseReason, OrderId
from fairground.market.orders.queries.orders import map_orders, map_unpaid_checkouts

SHOP_SILENCE = N_("The shop has not answered.")


def deadline_handlers() -> list[DeadlineHandler]:
    """List what this room does when a deadline falls due."""
    return [
        DeadlineHandler(REMIND, remind_unpaid, batch=True),
        DeadlineHandler(SHIP, note_late, batch=True),
        DeadlineHandler(CONFIRM, confirm_silently, batch=True),
        DeadlineHandler(CANCEL, cancel_silently, batch=True),
    ]


async def remind_unpaid(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    """Tell that checkouts will close soon because nobody paid."""
    unpaid = await map_unpaid_checkouts(tx, [CheckoutId(d.subject) for d in deadlines])
    await publish(
        tx,
        *[
            PaymentReminderDue(checkout_id=checkout_id, buyer_id=buyer_id, pay_by=pay_by)
            for checkout_id, (buyer_id, pay_by) in unpaid.items()
        ],
    )


async def note_late(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    """Note which shops broke their promise to ship, and what their buyers get for it."""
    await compensate_late(tx, [OrderId(d.subject) for d in deadlines])


async def confirm_silently(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    """Take silence for receipt. Where the time was prolonged meanwhile, the deadline is set again."""
    ids = [OrderId(d.subject) for d in deadlines]
    orders = await map_orders(tx, ids)
    due = [i for i, order in orders.items() if order.confirm_by is not None and order.confirm_by <= tx.now]
    later = [o for o in orders.values() if o.confirm_by is not None and o.confirm_by > tx.now]
    if later:
        await set_deadlines(tx, [Deadline(CONFIRM, o.id, o.confirm_by or tx.now, SILENCE) for o in later])
    if due:
        await receive_orders(tx, due, MARKET, SILENCE)


async def cancel_silently(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    """Take a shop's silence for a yes to the wish to cancel; one that has been refused stays refused."""
    orders = await map_orders(tx, [OrderId(d.subject) for d in deadlines])
    asked = [order.id for order in orders.values() if order.cancel_asked_at is not None]
    if asked:
        await close_paid(tx, asked, MARKET, CloseReason.CANCELLED, SHOP_SILENCE)
