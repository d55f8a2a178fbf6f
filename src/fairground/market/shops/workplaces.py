"""Where people work, for many at once."""

from collections import defaultdict
from collections.abc import Iterable

from fairground.kit.db import Reader
from fairground.kit.ids import Id
from fairground.market.shops.model import ShopId


async def map_workplaces(reader: Reader, person_ids: Iterable[Id]) -> dict[Id, list[ShopId]]:
    """Tell in which shops each of these people works; who works in none is left out."""
    wanted, found = sorted(set(person_ids)), defaultdict[Id, list[ShopId]](list)
    rows = await reader.rows(
        """
        select m.person_id, m.shop_id from shops.memberships m
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on m.bucket = t.b and m.person_id = t.i
         where m.joined_at is not null order by m.shop_id
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    for row in rows:
        found[Id(row["person_id"])].append(ShopId(row["shop_id"]))
    return dict(found)
