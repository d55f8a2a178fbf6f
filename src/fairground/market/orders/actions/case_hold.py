"""An open after-sale case holds its order: nothing is shipped before the shop answers, silence is not receipt."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, set_deadlines
from fairground.kit.events import publish
from fairground.market.orders.actions.extend import SILENCE, extended_event, pause_receipt
from fairground.market.orders.actions.move import columns
from fairground.market.orders.model import CONFIRM, CaseHold, Order, OrderId, OrderState
from fairground.market.orders.queries.orders import order_from, rules_of


class LetGo(msgspec.Struct, frozen=True):
    """An order whose case has ended; its clock had `left` (None: it never ran), and is given this at `least`."""

    order_id: OrderId
    left: timedelta | None
    least: timedelta


async def hold_order(tx: Tx, order: Order) -> timedelta | None:
    """Hold an order for a case that waits for the shop; gives the time that was left of its clock, if it ran."""
    left = await pause_receipt(tx, order.id) if order.confirm_by is not None else None
    await change_holds(tx, [(order.id, CaseHold.WAITING)])
    return left


async def change_holds(tx: Tx, holds: Sequence[tuple[OrderId, CaseHold]]) -> None:
    """Say what open cases keep their orders from now; orders that have closed are passed over."""
    wanted = dict(holds)
    buckets, ids = columns(list(wanted))
    await tx.execute(
        """
        update orders.orders o set case_hold = t.h
          from unnest($1::smallint[], $2::bigint[], $3::text[]) as t(b, i, h)
         where o.bucket = t.b and o.id = t.i and o.state in ('paid', 'shipped', 'received')
           and o.case_hold is distinct from t.h
        """,
        buckets,
        ids,
        [wanted[i] for i in ids],
    )


async def let_go(tx: Tx, gone: Sequence[LetGo]) -> None:
    """Let orders go on whose cases have ended; the clock of silent receipt runs again with the time that was left."""
    by_id = {one.order_id: one for one in gone}
    rows = await tx.rows(
        """
        update orders.orders o set case_hold = null
          from unnest($1::smallint[], $2::bigint[]) as t(b, i)
         where o.bucket = t.b and o.id = t.i and o.case_hold is not null returning o.*
        """,
        *columns(list(by_id)),
    )
    waiting = [order_from(row) for row in rows]
    waiting = [o for o in waiting if o.state is OrderState.SHIPPED and o.confirm_by is None]
    left = {order.id: await _time_left(tx, order, by_id[order.id]) for order in waiting}
    if left:
        await _resume(tx, left)


async def _time_left(tx: Tx, order: Order, gone: LetGo) -> timedelta:
    if gone.left is not None:
        return max(gone.left, gone.least)
    return max((await rules_of(tx, order)).confirm_after(order.delivery.kind), gone.least)


async def _resume(tx: Tx, left: dict[OrderId, timedelta]) -> None:
    buckets, ids = columns(list(left))
    rows = await tx.rows(
        """
        update orders.orders o set confirm_by = $4::timestamptz + t.l, version = o.version + 1, changed_at = $4
          from unnest($1::smallint[], $2::bigint[], $3::interval[]) as t(b, i, l)
         where o.bucket = t.b and o.id = t.i and o.state = 'shipped' and o.confirm_by is null returning o.*
        """,
        buckets,
        ids,
        [left[i] for i in ids],
        tx.now,
    )
    orders = [order_from(row) for row in rows]
    await set_deadlines(tx, [Deadline(CONFIRM, o.id, o.confirm_by or tx.now, SILENCE) for o in orders])
    await publish(tx, *[extended_event(o, o.confirm_by or tx.now) for o in orders])
