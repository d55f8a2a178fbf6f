"""More time before silence counts as receipt; and the pause while an after-sale case is open."""

from datetime import datetime, timedelta
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines, set_deadline
from fairground.kit.errors import N_, invalid
from fairground.kit.events import publish
from fairground.market.orders.actions.move import Moved, OrderParty, as_buyer, as_shop, record_moves, why_not
from fairground.market.orders.errors import NoMoreExtensions, OrderInWrongState
from fairground.market.orders.events import OrderExtended
from fairground.market.orders.model import CONFIRM, Deed, Order, OrderId, OrderRules, OrderState
from fairground.market.orders.queries.orders import get_order, order_from, rules_of
from fairground.market.shops.policy import may_ship

SILENCE: Final = N_("The buyer has said nothing since the last parcel.")


async def extend_receipt(tx: Tx, order_id: OrderId) -> Order:
    """Give the buyer more time, as often as the rules of the order allow.

    Raises:
        OrderNotFound, OrderInWrongState
        NoMoreExtensions: the buyer has had it already.
    """
    party = as_buyer(tx)
    order = await get_order(tx, order_id, buyer_id=party.buyer_id)
    rules = await rules_of(tx, order)
    if order.state is OrderState.SHIPPED and order.extensions >= rules.buyer_extends_times:
        raise NoMoreExtensions
    days = timedelta(days=rules.buyer_extends_days)
    return await _extend(tx, order, party, days, most=rules.buyer_extends_times)


async def extend_receipt_by_shop(tx: Tx, order_id: OrderId, days: int) -> Order:
    """Give the buyer more time out of the shop's kindness.

    Raises:
        OrderNotFound, NotYourDeed, OrderInWrongState
        Invalid: the number of days (`/days`).
    """
    party = await as_shop(tx, order_id, may_ship)
    most = tx.given(OrderRules).seller_extends_most_days
    if not 1 <= days <= most:
        raise invalid("/days", "range", N_("Between 1 and %(most)d, please."), most=most)
    return await _extend(tx, await get_order(tx, order_id), party, timedelta(days=days), most=None)


async def _extend(tx: Tx, order: Order, party: OrderParty, by: timedelta, *, most: int | None) -> Order:
    """`most` counts the buyer's extensions; the shop's are not counted."""
    row = await tx.row(
        """
        update orders.orders
           set version = version + 1, changed_at = $5, confirm_by = confirm_by + $6::interval,
               extensions = extensions + case when $7::int is null then 0 else 1 end
         where bucket = $1 and id = $2 and state = 'shipped' and confirm_by is not null
           and ($3::bigint is null or buyer_id = $3) and ($4::bigint is null or shop_id = $4)
           and ($7::int is null or extensions < $7)
        returning *
        """,
        order.id.bucket,
        order.id,
        party.buyer_id,
        party.shop_id,
        tx.now,
        by,
        most,
    )
    if row is None:
        raise await why_not(tx, order.id, party)
    changed = order_from(row)
    assert changed.confirm_by is not None, "guarded above"
    await set_confirm_by(tx, order.id, changed.confirm_by)
    await record_moves(tx, party, [Moved(changed, Deed.EXTEND)])
    await publish(tx, extended_event(changed, changed.confirm_by))
    return changed


async def set_confirm_by(tx: Tx, order_id: OrderId, due_at: datetime) -> None:
    """Set when silence counts as receipt."""
    await set_deadline(tx, CONFIRM, order_id, due_at, SILENCE)


async def pause_receipt(tx: Tx, order_id: OrderId) -> timedelta:
    """Stop the clock of silent receipt, for an after-sale case (`let_go` starts it again); gives what was left.

    Raises:
        OrderNotFound
        OrderInWrongState: the order is not on its way, or its clock stands already.
    """
    order = await get_order(tx, order_id)
    touched = await tx.execute(
        """
        update orders.orders set confirm_by = null, version = version + 1, changed_at = $3
         where bucket = $1 and id = $2 and state = 'shipped' and confirm_by is not null
        """,
        order_id.bucket,
        order_id,
        tx.now,
    )
    if not touched or order.confirm_by is None:
        raise OrderInWrongState(state=str(order.state))
    await clear_deadlines(tx, [order_id], CONFIRM)
    return max(order.confirm_by - tx.now, timedelta())


def extended_event(order: Order, confirm_by: datetime) -> OrderExtended:
    """Tell that silence counts as receipt at another moment."""
    return OrderExtended(
        order_id=order.id,
        buyer_id=order.buyer_id,
        shop_id=order.shop_id,
        confirm_by=confirm_by,
        version=order.version,
    )
