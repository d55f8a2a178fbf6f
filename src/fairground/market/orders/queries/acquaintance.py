"""Who has bought where, and since when: for those who must not judge friends."""

from collections.abc import Iterable
from datetime import datetime

from fairground.kit.db import Reader
from fairground.kit.ids import Id


async def map_first_received(reader: Reader, buyer_ids: Iterable[Id]) -> dict[Id, datetime]:
    """Tell when each of these people received their first order; who received none is left out."""
    wanted = sorted(set(buyer_ids))
    rows = await reader.rows(
        """
        select o.buyer_id, min(o.received_at) as first from orders.orders o
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on o.bucket = t.b and o.buyer_id = t.i
         where o.received_at is not null group by o.buyer_id
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {Id(row["buyer_id"]): row["first"] for row in rows}


async def list_who_ordered(reader: Reader, buyer_ids: Iterable[Id], shop_ids: Iterable[Id]) -> set[tuple[Id, Id]]:
    """List which of these people ever ordered in which of these shops, as (buyer, shop)."""
    wanted = sorted(set(buyer_ids))
    rows = await reader.rows(
        """
        select distinct o.buyer_id, o.shop_id from orders.orders o
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on o.bucket = t.b and o.buyer_id = t.i
         where o.shop_id = any($3::bigint[])
        """,
        [i.bucket for i in wanted],
        wanted,
        sorted(set(shop_ids)),
    )
    return {(Id(row["buyer_id"]), Id(row["shop_id"])) for row in rows}
