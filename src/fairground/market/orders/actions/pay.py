"""Payment: notices of gateways come in bulk; what they pay for is paid in the same transaction."""

from collections.abc import Sequence
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, clear_deadlines, set_deadlines
from fairground.kit.errors import N_
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.inventory.actions import mark_sold
from fairground.market.orders.actions.close import close_unpaid
from fairground.market.orders.actions.move import MARKET, Moved, columns, record_moves
from fairground.market.orders.events import OrderPaid
from fairground.market.orders.model import REMIND, SHIP, CloseReason, Deed, Order, OrderId
from fairground.market.orders.queries.orders import order_from
from fairground.market.payments.actions.capture import take_notices
from fairground.market.payments.model import Captured, GatewayNotice, Outcome, Purpose
from fairground.market.payments.queries import list_overdue

COMPLETING: Final = (Purpose.FULL, Purpose.BALANCE)  # a deposit or a milestone does not pay an order


async def confirm_payments(tx: Tx, notices: Sequence[GatewayNotice]) -> list[Outcome]:
    """Take notices of gateways, of any kind and any number at once; orders whose money came are paid.

    A second notice changes nothing. Money for orders that were closed by then comes out as `Late` and is on its way
    back already. So does money that was paid after its time, even if nobody has got round to closing the orders: a
    second too late is too late, however busy the market is.
    """
    overdue = await list_overdue(tx, notices)
    if overdue:
        await close_unpaid(tx, overdue, MARKET, CloseReason.UNPAID)
    outcomes = await take_notices(tx, notices)
    parts = [part for outcome in outcomes if isinstance(outcome, Captured) for part in outcome.parts]
    await pay_orders(tx, [OrderId(part.order_id) for part in parts if part.purpose in COMPLETING])
    return outcomes


async def pay_orders(tx: Tx, order_ids: Sequence[OrderId]) -> list[Order]:
    """Move placed orders to paid: the shop's promise to ship begins."""
    if not order_ids:
        return []
    rows = await tx.rows(
        """
        update orders.orders o
           set state = 'paid', version = o.version + 1, paid_at = $3, changed_at = $3,
               ship_by = $3::timestamptz + make_interval(hours => (r.body ->> 'ship_promise_hours')::int)
          from unnest($1::smallint[], $2::bigint[]) as t(b, i), orders.rules r
         where o.bucket = t.b and o.id = t.i and o.state = 'placed' and r.version = o.rules_version
        returning o.*
        """,
        *columns(order_ids),
        tx.now,
    )
    orders = [order_from(row) for row in rows]
    assert len(orders) == len(set(order_ids)), "an order was closed while its payment was open"
    await record_moves(tx, MARKET, [Moved(order, Deed.PAY, amount=order.total) for order in orders])
    await mark_sold(tx, await _holds(tx, orders))
    await clear_deadlines(tx, sorted({order.checkout_id for order in orders}), REMIND)
    await set_deadlines(
        tx,
        [
            Deadline(SHIP, o.id, o.ship_by, N_("The shop promised to ship by then."))
            for o in orders
            if o.ship_by is not None
        ],
    )
    await publish(tx, *[_paid(order) for order in orders])
    return orders


async def _holds(tx: Tx, orders: Sequence[Order]) -> list[tuple[Id, Id]]:
    """Name the pieces that were held for orders."""
    checkouts = {order.id: order.checkout_id for order in orders}
    rows = await tx.rows(
        """
        select l.order_id, l.variant_id from orders.lines l join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on l.bucket = t.b and l.order_id = t.i
        """,
        *columns(list(checkouts)),
    )
    return [(checkouts[OrderId(row["order_id"])], Id(row["variant_id"])) for row in rows]


def _paid(order: Order) -> OrderPaid:
    return OrderPaid(
        order_id=order.id,
        buyer_id=order.buyer_id,
        shop_id=order.shop_id,
        total=order.total,
        currency=order.currency,
        version=order.version,
    )
