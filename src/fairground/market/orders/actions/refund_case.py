"""Refunds by after-sale, any number at once: from what is held with an open order, or after receipt by way of clearing.

After receipt the buyer is paid in this transaction, in the buyer's bucket; the shop's half follows by event with the
same key (`settle.take_back_from_shop`), and clearing shows what is between the two.
"""

from collections.abc import Mapping, Sequence

import msgspec

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines
from fairground.kit.events import Event, publish
from fairground.market.inventory.actions import give_back
from fairground.market.orders.actions.close import closed_event
from fairground.market.orders.actions.move import MARKET, Moved, columns, record_moves
from fairground.market.orders.actions.receipt import receive_orders
from fairground.market.orders.events import OrderRefunded, OrderShipped, RefundedAfterReceipt
from fairground.market.orders.model import (
    CANCEL,
    CONFIRM,
    HOLDING,
    SHIP,
    CaseRefund,
    Deed,
    Division,
    Order,
    OrderId,
    OrderLine,
    OrderState,
    divide,
    owed_pieces,
    proceeds_of,
)
from fairground.market.orders.queries.orders import map_lines, order_from, rules_of
from fairground.market.payments.actions.refunds import refund_many
from fairground.market.payments.actions.release import return_to_held
from fairground.market.payments.model import RefundRequest, TakeBack
from fairground.market.promotions.actions.drop_use import return_drops
from fairground.market.promotions.actions.use import return_coupons
from fairground.market.shipping.queries import map_packed_of

REASON = "orders.after_sale"
PAYABLE = (*HOLDING, OrderState.RECEIVED)


class _Done(msgspec.Struct, frozen=True):
    """One refund with its order before and after."""

    wish: CaseRefund
    part: Division
    before: Order
    after: Order


async def refund_for_case(
    tx: Tx,
    order_id: OrderId,
    positions: Sequence[int],
    amount: int,
    key: str,
    *,
    reason: str = "",
    is_back: bool = False,
    by_market: bool = False,
) -> int:
    """Give money back for lines of an order; gives how much it was (see `refund_for_cases`)."""
    wish = CaseRefund(order_id, tuple(positions), amount, key, reason, is_back, by_market)
    return (await refund_for_cases(tx, [wish])).get(order_id, 0)


async def refund_for_cases(tx: Tx, wishes: Sequence[CaseRefund]) -> dict[OrderId, int]:
    """Give money back for cases of as many orders; gives what each order's buyer got, at most what was left.

    An order that is paid back in full before its receipt closes. Pieces go back to stock if they were never shipped,
    or came back sound. Orders that are unpaid or closed are passed over.
    """
    assert len({wish.order_id for wish in wishes}) == len(wishes), "one refund for an order at a time"
    await _receive_first(tx, wishes)
    orders = await _lock(tx, [wish.order_id for wish in wishes])
    lines = await map_lines(tx, list(orders))
    packed = await map_packed_of(tx, list(orders))
    parts = {
        wish.order_id: (wish, divide(order, lines[order.id], packed[order.id], wish))
        for wish in wishes
        if (order := orders.get(wish.order_id)) is not None
    }
    parts = {order_id: found for order_id, found in parts.items() if found[1].amount}
    after = await _write_orders(tx, orders, parts)
    await _write_lines(tx, {order_id: part for order_id, (_, part) in parts.items()})
    done = [_Done(wish, part, orders[i], after[i]) for i, (wish, part) in parts.items()]
    await record_moves(tx, MARKET, [_moved(one) for one in done])
    await _give_back(tx, done, lines)
    await _pay(tx, done)
    await publish(tx, *[event for one in done for event in _news(one)])
    await _finish_shipping(tx, [one.after for one in done if not one.part.closes])
    return {one.after.id: one.part.amount for one in done}


async def _receive_first(tx: Tx, wishes: Sequence[CaseRefund]) -> None:
    """Where the market bears it, the shop keeps its proceeds: it gets them before the market pays the buyer."""
    ids = [wish.order_id for wish in wishes if wish.by_market]
    if ids:
        await receive_orders(tx, ids, MARKET)
        await clear_deadlines(tx, ids, CONFIRM)


async def _lock(tx: Tx, order_ids: Sequence[OrderId]) -> dict[OrderId, Order]:
    rows = await tx.rows(
        """
        select o.* from orders.orders o join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on o.bucket = t.b and o.id = t.i
         where o.state = any($3) order by o.bucket, o.id for no key update of o
        """,
        *columns(order_ids),
        list(PAYABLE),
    )
    return {OrderId(row["id"]): order_from(row) for row in rows}


async def _write_orders(
    tx: Tx, orders: Mapping[OrderId, Order], parts: Mapping[OrderId, tuple[CaseRefund, Division]]
) -> dict[OrderId, Order]:
    buckets, ids = columns(list(parts))
    rows = await tx.rows(
        """
        update orders.orders o
           set refunded = o.refunded + t.a, market_refunded = o.market_refunded + t.m, version = o.version + 1,
               changed_at = $6, state = case when t.c then 'closed' else o.state end,
               close_reason = case when t.c then 'refunded' end, closed_at = case when t.c then $6::timestamptz end,
               confirm_by = case when t.c then null else o.confirm_by end,
               cancel_asked_at = case when t.c then null else o.cancel_asked_at end,
               case_hold = case when t.c then null else o.case_hold end
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[]) as t(b, i, a, m, c)
         where o.bucket = t.b and o.id = t.i returning o.*
        """,
        buckets,
        ids,
        [parts[i][1].amount for i in ids],
        [parts[i][1].amount if _is_markets(orders[i], parts[i][0]) else 0 for i in ids],
        [parts[i][1].closes for i in ids],
        tx.now,
    )
    return {OrderId(row["id"]): order_from(row) for row in rows}


def _is_markets(order: Order, wish: CaseRefund) -> bool:
    """What the shop never sent it is not paid for either: then there is nothing to bear."""
    return wish.by_market and order.state is OrderState.RECEIVED


async def _write_lines(tx: Tx, parts: Mapping[OrderId, Division]) -> None:
    changed = [
        (order_id, position, part.by_line.get(position, 0), position in part.returned)
        for order_id, part in parts.items()
        for position in sorted(part.by_line.keys() | set(part.returned))
    ]
    await tx.execute(
        """
        update orders.lines l set refunded = l.refunded + t.a, returned = l.returned or t.r
          from unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::boolean[]) as t(b, i, p, a, r)
         where l.bucket = t.b and l.order_id = t.i and l.position = t.p
        """,
        [order_id.bucket for order_id, _, _, _ in changed],
        [order_id for order_id, _, _, _ in changed],
        [position for _, position, _, _ in changed],
        [amount for _, _, amount, _ in changed],
        [returned for _, _, _, returned in changed],
    )


def _moved(one: _Done) -> Moved:
    deed = Deed.CLOSE if one.part.closes else Deed.REFUND_PART
    return Moved(one.after, deed, one.wish.reason, one.part.amount)


async def _give_back(tx: Tx, done: Sequence[_Done], lines: Mapping[OrderId, tuple[OrderLine, ...]]) -> None:
    """Give pieces back to stock, and coupons and quotas where nothing is left of the order."""
    closed = [one for one in done if one.part.closes]
    await clear_deadlines(tx, [one.after.id for one in closed], SHIP, CONFIRM, CANCEL)
    await return_coupons(tx, [one.after.id for one in closed])
    # A quota comes back only with the pieces; the books of a drop know whole orders.
    await return_drops(tx, [one.after.id for one in closed if not one.after.parcels])
    await give_back(
        tx,
        [
            (one.after.checkout_id, line.variant_id)
            for one in done
            for line in lines[one.after.id]
            if line.position in one.part.returned
        ],
    )


async def _pay(tx: Tx, done: Sequence[_Done]) -> None:
    """After receipt the money comes back to be held first; then all of it goes back the way it came."""
    await return_to_held(tx, [_take_back(one) for one in done if one.before.state is OrderState.RECEIVED])
    await refund_many(
        tx,
        [RefundRequest(one.after.payment_id, one.after.id, one.part.amount, one.wish.key, REASON) for one in done],
    )


def _take_back(one: _Done) -> TakeBack:
    # For the buyer's half only the sum counts; whose it is the shop's half decides.
    order, amount = one.after, one.part.amount
    return TakeBack(one.wish.key, order.payment_id, order.id, order.shop_id, amount, 0, order.currency)


def _news(one: _Done) -> list[Event]:
    order = one.after
    if one.part.closes:
        return [closed_event(order)]
    told: list[Event] = [
        OrderRefunded(
            order_id=order.id,
            buyer_id=order.buyer_id,
            shop_id=order.shop_id,
            amount=one.part.amount,
            currency=order.currency,
            version=order.version,
        )
    ]
    return [*told, _after_receipt(one)] if one.before.state is OrderState.RECEIVED else told


def _after_receipt(one: _Done) -> RefundedAfterReceipt:
    """Share what went back: commission and the market's part of promotions come back in proportion."""
    order, before = one.after, one.before.proceeds
    now = proceeds_of(order.total, order.off_market, order.commission, order.refunded - order.market_refunded)
    is_markets = order.market_refunded > one.before.market_refunded
    commission, subsidy = before.commission - now.commission, before.subsidy - now.subsidy
    return RefundedAfterReceipt(
        order_id=order.id,
        buyer_id=order.buyer_id,
        shop_id=order.shop_id,
        key=one.wish.key,
        payment_id=order.payment_id,
        held=one.part.amount,
        from_shop=0 if is_markets else before.shop - now.shop,
        from_commission=0 if is_markets else commission,
        from_market=one.part.amount if is_markets else 0,
        subsidy=0 if is_markets else subsidy,
        currency=order.currency,
        version=order.version,
    )


async def _finish_shipping(tx: Tx, orders: Sequence[Order]) -> None:
    """What is not owed any more may have been all that kept an order from being shipped as a whole."""
    partly = [order for order in orders if order.state is OrderState.PAID and order.parcels]
    if not partly:
        return
    lines = await map_lines(tx, [order.id for order in partly])
    packed = await map_packed_of(tx, [order.id for order in partly])
    for order in partly:
        if not any(owed_pieces(order, lines[order.id], packed[order.id]).values()):
            await _mark_shipped(tx, order)


async def _mark_shipped(tx: Tx, order: Order) -> None:
    confirm_by = tx.now + (await rules_of(tx, order)).confirm_after(order.delivery.kind)
    row = await tx.row(
        """
        update orders.orders set state = 'shipped', shipped_at = $3, version = version + 1, changed_at = $3
         where bucket = $1 and id = $2 and state = 'paid' returning *
        """,
        order.id.bucket,
        order.id,
        tx.now,
    )
    assert row is not None, "the row is locked"
    shipped = order_from(row)
    await clear_deadlines(tx, [order.id], SHIP)
    await record_moves(tx, MARKET, [Moved(shipped, Deed.SHIP)])
    await publish(
        tx,
        OrderShipped(
            order_id=shipped.id,
            buyer_id=shipped.buyer_id,
            shop_id=shipped.shop_id,
            confirm_by=confirm_by,
            version=shipped.version,
        ),
    )
