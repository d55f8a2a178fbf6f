"""The shops' copies: what a seller's lists show of an order, in the shop's own bucket."""

from collections.abc import Sequence
from typing import Any

import msgspec

from fairground.kit.db import Tx
from fairground.market.orders.events import OrderEvent
from fairground.market.orders.model import HOLDING, Order, OrderLine, OrderState
from fairground.market.orders.queries.orders import map_lines, map_orders


async def copy_to_shops(tx: Tx, events: Sequence[OrderEvent]) -> None:
    """Copy the orders that something happened to, as they are now; an older state never covers a newer one."""
    ids = sorted({event.order_id for event in events})
    found = await map_orders(tx, ids)
    lines = await map_lines(tx, list(found))
    orders = sorted(found.values(), key=lambda order: (order.shop_id.bucket, order.shop_id, order.id))
    await _upsert(tx, orders, [lines[order.id] for order in orders])


async def _upsert(tx: Tx, orders: Sequence[Order], lines: Sequence[tuple[OrderLine, ...]]) -> None:
    await tx.execute(
        """
        insert into orders.shop_orders as c (bucket, shop_id, order_id, number, state, close_reason, version, total,
               currency, pieces, lines, recipient, note, cancel_asked_at, placed_at, paid_at, ship_by, confirm_by,
               changed_at, held, proceeds)
        select b, s, i, n, st, cr, v, t, cu, p, li::jsonb, re, no, ca, pl, pa, sb, cb, ch, h, pr
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::int[],
                      $8::bigint[], $9::text[], $10::int[], $11::text[], $12::text[], $13::text[], $14::timestamptz[],
                      $15::timestamptz[], $16::timestamptz[], $17::timestamptz[], $18::timestamptz[],
                      $19::timestamptz[], $20::bigint[], $21::bigint[])
               as x(b, s, i, n, st, cr, v, t, cu, p, li, re, no, ca, pl, pa, sb, cb, ch, h, pr)
        on conflict (bucket, shop_id, order_id) do update
           set state = excluded.state, close_reason = excluded.close_reason, version = excluded.version,
               cancel_asked_at = excluded.cancel_asked_at, paid_at = excluded.paid_at, ship_by = excluded.ship_by,
               confirm_by = excluded.confirm_by, changed_at = excluded.changed_at,
               held = excluded.held, proceeds = excluded.proceeds
         where c.version < excluded.version
        """,
        [order.shop_id.bucket for order in orders],
        [order.shop_id for order in orders],
        [order.id for order in orders],
        [order.number for order in orders],
        [order.state for order in orders],
        [order.close_reason for order in orders],
        [order.version for order in orders],
        [order.total for order in orders],
        [order.currency for order in orders],
        [sum(line.quantity for line in mine) for mine in lines],
        # As text: an array of lists would be taken for an array of two dimensions.
        [msgspec.json.encode([_short(line) for line in mine]).decode() for mine in lines],
        [str(order.address.get("name", "")) for order in orders],
        [order.note for order in orders],
        [order.cancel_asked_at for order in orders],
        [order.placed_at for order in orders],
        [order.paid_at for order in orders],
        [order.ship_by for order in orders],
        [order.confirm_by for order in orders],
        [order.changed_at for order in orders],
        [order.held if order.state in HOLDING else 0 for order in orders],
        [0 if order.state is OrderState.CLOSED else order.proceeds.shop for order in orders],
    )


def _short(line: OrderLine) -> dict[str, Any]:
    return {
        "position": line.position,
        "variant_id": str(int(line.variant_id)),
        "product_id": str(int(line.product_id)),
        "title": line.title,
        "options": line.options,
        "picture_id": None if line.picture_id is None else str(int(line.picture_id)),
        "sku": line.sku,
        "quantity": line.quantity,
    }
