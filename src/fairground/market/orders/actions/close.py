"""Closing: an order ends without receipt; its pieces and coupons go back, and its money if there was any."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines
from fairground.kit.events import publish
from fairground.market.inventory.actions import give_back
from fairground.market.orders.actions.move import MARKET, Moved, OrderParty, columns, record_moves
from fairground.market.orders.events import OrderClosed
from fairground.market.orders.model import (
    CANCEL,
    CONFIRM,
    REMIND,
    SHIP,
    CloseReason,
    Deed,
    Order,
    OrderId,
)
from fairground.market.orders.queries.orders import map_lines, order_from
from fairground.market.payments.actions.open import expire_payments
from fairground.market.payments.actions.refunds import refund_many
from fairground.market.payments.model import Payment, PaymentId, RefundRequest
from fairground.market.promotions.actions.drop_use import return_drops
from fairground.market.promotions.actions.use import return_coupons


async def close_unpaid(
    tx: Tx, payment_ids: Sequence[PaymentId], party: OrderParty, close_reason: CloseReason, reason: str = ""
) -> list[Order]:
    """Close the orders of payments that nobody made, those of one checkout together; gives the orders that were closed.

    A payment that was made in the meantime is passed over: of a webhook and this, the one that changes the payment's
    row first wins, and the other finds it changed.
    """
    ended = await expire_payments(tx, payment_ids)
    order_ids = [OrderId(part.order_id) for payment in ended for part in payment.parts]
    return await close_placed(tx, order_ids, party, close_reason, reason)


async def close_expired(tx: Tx, payments: Sequence[Payment]) -> None:
    """Close what hung on payments that have just expired (payments asks the gateway before it lets one expire)."""
    order_ids = [OrderId(part.order_id) for payment in payments for part in payment.parts]
    await close_placed(tx, order_ids, MARKET, CloseReason.UNPAID)


async def close_placed(
    tx: Tx, order_ids: Sequence[OrderId], party: OrderParty, close_reason: CloseReason, reason: str = ""
) -> list[Order]:
    """Close orders whose payment has ended; those closed before are passed over."""
    placed = await _lock(tx, order_ids, ["placed"])
    orders = await _close(tx, list(placed), close_reason)
    await clear_deadlines(tx, sorted({order.checkout_id for order in orders}), REMIND)
    await _undo(tx, orders, party, reason)
    return orders


async def close_paid(
    tx: Tx, order_ids: Sequence[OrderId], party: OrderParty, close_reason: CloseReason, reason: str = ""
) -> list[Order]:
    """Close paid orders of which nothing was shipped, and give all their money back; others are passed over."""
    before = await _lock(tx, order_ids, ["paid"])
    orders = await _close(tx, list(before), close_reason)
    await _undo(tx, orders, party, reason)
    await refund_many(
        tx,
        [
            RefundRequest(order.payment_id, order.id, left, f"order/{order.id}/close", f"orders.{close_reason}")
            for order in orders
            if (left := order.total - before[order.id])
        ],
    )
    return orders


async def _lock(tx: Tx, order_ids: Sequence[OrderId], states: Sequence[str]) -> dict[OrderId, int]:
    """Lock what stands in one of the states and of which nothing was shipped; gives what was refunded of each."""
    rows = await tx.rows(
        """
        select o.id, o.refunded from orders.orders o join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on o.bucket = t.b and o.id = t.i
         where o.state = any($3) and o.parcels = 0 order by o.bucket, o.id for no key update of o
        """,
        *columns(order_ids),
        list(states),
    )
    return {OrderId(row["id"]): row["refunded"] for row in rows}


async def _close(tx: Tx, order_ids: Sequence[OrderId], close_reason: CloseReason) -> list[Order]:
    """Close locked orders; what was paid counts as refunded from here on."""
    rows = await tx.rows(
        """
        update orders.orders o
           set state = 'closed', close_reason = $3, version = o.version + 1, closed_at = $4, changed_at = $4,
               cancel_asked_at = null, case_hold = null, refunded = case when o.paid_at is null then 0 else o.total end
          from unnest($1::smallint[], $2::bigint[]) as t(b, i)
         where o.bucket = t.b and o.id = t.i and o.state in ('placed', 'paid') and o.parcels = 0
        returning o.*
        """,
        *columns(order_ids),
        close_reason,
        tx.now,
    )
    return [order_from(row) for row in rows]


async def _undo(tx: Tx, orders: Sequence[Order], party: OrderParty, reason: str) -> None:
    """Give pieces, coupons and quotas back, and tell."""
    if not orders:
        return
    ids = [order.id for order in orders]
    await record_moves(tx, party, [Moved(order, Deed.CLOSE, reason) for order in orders])
    await clear_deadlines(tx, ids, SHIP, CONFIRM, CANCEL)
    await return_coupons(tx, ids)
    await return_drops(tx, ids)
    lines = await map_lines(tx, ids)
    await give_back(tx, [(order.checkout_id, line.variant_id) for order in orders for line in lines[order.id]])
    await publish(tx, *[closed_event(order) for order in orders])


def closed_event(order: Order) -> OrderClosed:
    """Tell that an order ended without receipt."""
    assert order.close_reason is not None, "it is closed"
    return OrderClosed(
        order_id=order.id,
        buyer_id=order.buyer_id,
        shop_id=order.shop_id,
        reason=order.close_reason,
        refunded=order.refunded,
        currency=order.currency,
        version=order.version,
    )
