"""The buyer does not want it any more; the shop cannot deliver. Before shipping only."""

from datetime import timedelta

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines, set_deadline
from fairground.kit.errors import N_, invalid
from fairground.kit.events import publish
from fairground.market.orders.actions.close import close_paid, close_unpaid
from fairground.market.orders.actions.move import (
    Moved,
    OrderParty,
    as_buyer,
    as_shop,
    record_moves,
    why_not,
)
from fairground.market.orders.errors import NotCancellable, RefundTooLarge
from fairground.market.orders.events import CancellationAsked, CancellationRefused, OrderRefunded
from fairground.market.orders.model import CANCEL, CloseReason, Deed, Order, OrderId, OrderState
from fairground.market.orders.queries.orders import get_order, order_from, rules_of
from fairground.market.payments.actions.refunds import refund
from fairground.market.shops.policy import may_see_money, may_ship
from fairground.market.shops.queries import get_shop

REASON_MOST = 500


async def cancel_order(tx: Tx, order_id: OrderId, reason: str = "") -> Order:
    """Cancel as the buyer: unpaid with all orders of its checkout; paid and wholly unshipped with its money back.

    Where the rules of the order, or the shop, ask for the shop's yes, a paid order only waits for it afterwards.

    Raises:
        OrderNotFound
        OrderInWrongState: it has ended, or the wish stands already.
        NotCancellable: a part of it was shipped.
    """
    party = as_buyer(tx)
    reason = check_reason(reason)
    order = await get_order(tx, order_id, buyer_id=party.buyer_id)
    if order.state is OrderState.PLACED:
        closed = await close_unpaid(tx, [order.payment_id], party, CloseReason.CANCELLED, reason)
        return _one(closed, order_id) or await _cancel_again(tx, order_id, party, reason)
    return await _cancel_paid(tx, order, party, reason)


async def _cancel_again(tx: Tx, order_id: OrderId, party: OrderParty, reason: str) -> Order:
    """The order moved between the look and the deed: it was paid or closed in another tab."""
    order = await get_order(tx, order_id, buyer_id=party.buyer_id)
    return await _cancel_paid(tx, order, party, reason)


async def _cancel_paid(tx: Tx, order: Order, party: OrderParty, reason: str) -> Order:
    if order.state in {OrderState.PAID, OrderState.SHIPPED} and order.parcels:
        raise NotCancellable
    rules = await rules_of(tx, order)
    if rules.cancel_needs_yes or (await get_shop(tx, order.shop_id)).asks_before_cancel:
        return await _ask_shop(tx, order, party, reason, timedelta(hours=rules.cancel_silence_hours))
    closed = _one(await close_paid(tx, [order.id], party, CloseReason.CANCELLED, reason), order.id)
    if closed is None:
        raise await why_not(tx, order.id, party)
    return await get_order(tx, order.id)


async def _ask_shop(tx: Tx, order: Order, party: OrderParty, reason: str, silence: timedelta) -> Order:
    row = await tx.row(
        """
        update orders.orders set cancel_asked_at = $4, cancel_reason = $5, version = version + 1, changed_at = $4
         where bucket = $1 and id = $2 and buyer_id = $3 and state = 'paid' and parcels = 0 and cancel_asked_at is null
        returning *
        """,
        order.id.bucket,
        order.id,
        party.buyer_id,
        tx.now,
        reason,
    )
    if row is None:
        raise await why_not(tx, order.id, party)
    asked, due_at = order_from(row), tx.now + silence
    await set_deadline(tx, CANCEL, order.id, due_at, N_("The shop has not answered."))
    await record_moves(tx, party, [Moved(asked, Deed.ASK_CANCEL, reason)])
    await publish(
        tx,
        CancellationAsked(
            order_id=asked.id, buyer_id=asked.buyer_id, shop_id=asked.shop_id, due_at=due_at, version=asked.version
        ),
    )
    return asked


async def agree_to_cancel(tx: Tx, order_id: OrderId) -> Order:
    """Say yes, as the shop, to the buyer's wish to cancel.

    Raises:
        OrderNotFound, NotYourDeed
        OrderInWrongState: nobody asks.
    """
    party = await as_shop(tx, order_id, may_ship)
    order = await get_order(tx, order_id)
    if order.cancel_asked_at is None:
        raise await why_not(tx, order_id, party)
    closed = await close_paid(tx, [order_id], party, CloseReason.CANCELLED, order.cancel_reason)
    if not closed:
        raise await why_not(tx, order_id, party)
    return await get_order(tx, order_id)


async def refuse_to_cancel(tx: Tx, order_id: OrderId, reason: str) -> Order:
    """Say no, as the shop, to the buyer's wish to cancel; the order goes on.

    Raises:
        OrderNotFound, NotYourDeed
        OrderInWrongState: nobody asks.
    """
    party = await as_shop(tx, order_id, may_ship)
    row = await tx.row(
        """
        update orders.orders set cancel_asked_at = null, version = version + 1, changed_at = $4
         where bucket = $1 and id = $2 and shop_id = $3 and state = 'paid' and cancel_asked_at is not null
        returning *
        """,
        order_id.bucket,
        order_id,
        party.shop_id,
        tx.now,
    )
    if row is None:
        raise await why_not(tx, order_id, party)
    order = order_from(row)
    await clear_deadlines(tx, [order_id], CANCEL)
    await record_moves(tx, party, [Moved(order, Deed.REFUSE_CANCEL, check_reason(reason))])
    await publish(
        tx,
        CancellationRefused(order_id=order.id, buyer_id=order.buyer_id, shop_id=order.shop_id, version=order.version),
    )
    return order


async def refund_by_shop(tx: Tx, order_id: OrderId, amount: int | None = None, reason: str = "") -> Order:
    """Give money back, as the shop, before anything was shipped: all of it (None) closes the order.

    Raises:
        OrderNotFound, NotYourDeed
        OrderInWrongState: it is not paid, or something was shipped.
        RefundTooLarge: more than is held (`/amount`).
    """
    party = await as_shop(tx, order_id, may_see_money)
    reason = check_reason(reason)
    order = await get_order(tx, order_id)
    if amount is not None and not 1 <= amount <= order.held:
        raise RefundTooLarge(most=order.held)
    if amount is None or amount == order.held:
        if not await close_paid(tx, [order_id], party, CloseReason.REFUNDED, reason):
            raise await why_not(tx, order_id, party)
        return await get_order(tx, order_id)
    return await _refund_part(tx, order, party, amount, reason)


async def _refund_part(tx: Tx, order: Order, party: OrderParty, amount: int, reason: str) -> Order:
    row = await tx.row(
        """
        update orders.orders set refunded = refunded + $4, version = version + 1, changed_at = $5
         where bucket = $1 and id = $2 and shop_id = $3 and state = 'paid' and parcels = 0 and total - refunded > $4
        returning *
        """,
        order.id.bucket,
        order.id,
        party.shop_id,
        amount,
        tx.now,
    )
    if row is None:
        raise await why_not(tx, order.id, party)
    changed = order_from(row)
    key = f"order/{order.id}/part/{changed.version}"
    await refund(tx, order.payment_id, order.id, amount, key, "orders.refunded")
    await record_moves(tx, party, [Moved(changed, Deed.REFUND_PART, reason, amount)])
    await publish(
        tx,
        OrderRefunded(
            order_id=changed.id,
            buyer_id=changed.buyer_id,
            shop_id=changed.shop_id,
            amount=amount,
            currency=changed.currency,
            version=changed.version,
        ),
    )
    return changed


def check_reason(reason: str) -> str:
    """Give the words back, trimmed.

    Raises:
        Invalid: they are too long (`/reason`).
    """
    reason = reason.strip()
    if len(reason) > REASON_MOST:
        raise invalid("/reason", "length", N_("At most %(most)d characters, please."), most=REASON_MOST)
    return reason


def _one(orders: list[Order], order_id: OrderId) -> Order | None:
    return next((order for order in orders if order.id == order_id), None)
