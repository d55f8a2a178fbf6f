"""Late shipping: the promise is broken, and the buyer gets a voucher of the shop for it without asking."""

from collections.abc import Sequence
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.errors import N_
from fairground.kit.events import publish
from fairground.kit.i18n.words import DEFAULT, gettext, known, speaking
from fairground.market.orders.actions.move import MARKET, Moved, columns, record_moves
from fairground.market.orders.events import OrderShipsLate
from fairground.market.orders.model import Deed, Order, OrderId, OrderState
from fairground.market.orders.queries.orders import get_order, map_orders, order_from, rules_of
from fairground.market.promotions.actions.granting import Voucher, grant_voucher

TITLE: Final = N_("Sorry that we are late")


async def compensate_late(tx: Tx, order_ids: Sequence[OrderId]) -> list[Order]:
    """Note what the buyers of orders get that should be on their way by now; once for each order.

    The worth is written on the order and announced; the voucher follows by event, in the shop's bucket.
    """
    found = await map_orders(tx, order_ids)
    late = [
        o
        for o in found.values()
        if o.state is OrderState.PAID and o.cancel_asked_at is None and o.case_hold is None and not o.compensation
    ]
    if not late:
        return []
    rules = {o.rules_version: await rules_of(tx, o) for o in {o.rules_version: o for o in late}.values()}
    worth = {o.id: rules[o.rules_version].late_voucher(o.total, o.currency) for o in late}
    buckets, ids = columns(list(worth))
    rows = await tx.rows(
        """
        update orders.orders o set compensation = t.c, version = o.version + 1, changed_at = $4
          from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, i, c)
         where o.bucket = t.b and o.id = t.i and o.state = 'paid' and o.compensation = 0
        returning o.*
        """,
        buckets,
        ids,
        [worth[i] for i in ids],
        tx.now,
    )
    orders = [order_from(row) for row in rows]
    await record_moves(tx, MARKET, [Moved(o, Deed.COMPENSATE, amount=o.compensation) for o in orders])
    await publish(
        tx,
        *[
            OrderShipsLate(
                order_id=o.id,
                buyer_id=o.buyer_id,
                shop_id=o.shop_id,
                compensation=o.compensation,
                currency=o.currency,
                version=o.version,
            )
            for o in orders
        ],
    )
    return orders


async def grant_late_voucher(tx: Tx, event: OrderShipsLate) -> None:
    """Put the voucher for a late order into its buyer's wallet, in the order's language; once for each order."""
    order = await get_order(tx, event.order_id)
    language = known(order.language) or DEFAULT
    with speaking(language):
        title = gettext(TITLE)
    code = f"LATE{order.number:012d}"
    days = (await rules_of(tx, order)).late_voucher_days
    voucher = Voucher(code, title, event.compensation, event.currency, days)
    await grant_voucher(tx, order.shop_id, order.buyer_id, voucher)
