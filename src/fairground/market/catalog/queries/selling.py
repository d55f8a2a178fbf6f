"""Which shops sell goods of a kind."""

from collections.abc import Iterable

from fairground.kit.db import Reader
from fairground.kit.ids import Id


async def list_selling(reader: Reader, shop_ids: Iterable[Id], categories: Iterable[str]) -> set[Id]:
    """List which of these shops have products of one of these categories, drafts left out."""
    wanted = sorted(set(shop_ids))
    rows = await reader.rows(
        """
        select distinct p.shop_id from catalog.products p
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on p.bucket = t.b and p.shop_id = t.i
         where p.category = any($3::text[]) and p.state <> 'draft'
        """,
        [i.bucket for i in wanted],
        wanted,
        sorted(set(categories)),
    )
    return {Id(row["shop_id"]) for row in rows}
