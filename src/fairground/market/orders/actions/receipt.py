"""Receipt: the buyer has the goods, the shop gets the money. By hand or, in bulk, by silence."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines
from fairground.kit.events import publish
from fairground.market.ledger.actions import post
from fairground.market.orders.actions.move import Moved, OrderParty, as_buyer, columns, record_moves, why_not
from fairground.market.orders.actions.settle import release_of, subsidy_out
from fairground.market.orders.events import OrderReceived
from fairground.market.orders.model import CONFIRM, Deed, Order, OrderId
from fairground.market.orders.queries.orders import order_from
from fairground.market.payments.actions.release import release_from_held


async def confirm_receipt(tx: Tx, order_id: OrderId) -> Order:
    """Close the deal: the buyer has the goods, the shop gets the money.

    Raises:
        OrderNotFound: there is no such order for this buyer.
        OrderInWrongState: the order is not on its way.
    """
    party = as_buyer(tx)
    received = await receive_orders(tx, [order_id], party)
    if not received:
        raise await why_not(tx, order_id, party)
    await clear_deadlines(tx, [order_id], CONFIRM)
    return received[0]


async def receive_orders(tx: Tx, order_ids: Sequence[OrderId], party: OrderParty, reason: str = "") -> list[Order]:
    """Receive any number of orders at once; those not on their way are passed over."""
    # The state is tested by the UPDATE itself: of two tabs that confirm the same order, the second waits for the
    # first and then finds no row.
    rows = await tx.rows(
        """
        update orders.orders o
           set state = 'received', version = o.version + 1, received_at = $3, changed_at = $3, confirm_by = null
          from unnest($1::smallint[], $2::bigint[]) as t(b, i)
         where o.bucket = t.b and o.id = t.i and o.state = 'shipped' and ($4::bigint is null or o.buyer_id = $4)
        returning o.*
        """,
        *columns(order_ids),
        tx.now,
        party.buyer_id,
    )
    orders = [order_from(row) for row in rows]
    await record_moves(tx, party, [Moved(order, Deed.RECEIVE, reason) for order in orders])
    await release_held_funds(tx, orders)
    await publish(tx, *[_received(order) for order in orders])
    return orders


async def release_held_funds(tx: Tx, orders: Sequence[Order]) -> None:
    """Move what is held with the orders, and what the market adds, into clearing: out of the buyers' buckets."""
    events = [_received(order) for order in orders]
    await release_from_held(tx, [release_of(event) for event in events if event.held])
    await post(tx, [posting for event in events for posting in subsidy_out(event)])


def _received(order: Order) -> OrderReceived:
    proceeds = order.proceeds
    return OrderReceived(
        order_id=order.id,
        buyer_id=order.buyer_id,
        shop_id=order.shop_id,
        payment_id=order.payment_id,
        held=proceeds.held,
        subsidy=proceeds.subsidy,
        shop=proceeds.shop,
        commission=proceeds.commission,
        currency=order.currency,
        version=order.version,
    )
