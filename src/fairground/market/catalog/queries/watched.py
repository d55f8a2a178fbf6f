"""Shops that the market watches."""

from collections.abc import Iterable

from fairground.kit.db import Reader
from fairground.market.shops.model import ShopId


async def list_dimmed(reader: Reader, shop_ids: Iterable[ShopId]) -> set[ShopId]:
    """List those of the shops whose things stand further below in search."""
    wanted = sorted(set(shop_ids))
    if not wanted:
        return set()
    rows = await reader.rows(
        """
        select w.shop_id from catalog.watched_shops w
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on w.bucket = t.b and w.shop_id = t.i
         where w.is_dimmed
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {ShopId(row["shop_id"]) for row in rows}
