"""Where shops take goods back, for many at once."""

from collections.abc import Iterable

import msgspec

from fairground.kit.db import Reader
from fairground.market.shops.model import ReturnAddress, ShopId


async def map_return_addresses(reader: Reader, ids: Iterable[ShopId]) -> dict[ShopId, ReturnAddress]:
    """Map shops to where they take goods back; shops that have not told are left out."""
    wanted = sorted(set(ids))
    rows = await reader.rows(
        """
        select s.id, s.return_address from shops.shops s
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on s.bucket = t.b and s.id = t.i
         where s.return_address is not null
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {ShopId(row["id"]): msgspec.convert(row["return_address"], ReturnAddress) for row in rows}
