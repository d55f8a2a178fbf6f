"""Since when people have been verified: their e-mail address confirmed."""

from collections.abc import Iterable
from datetime import datetime

from fairground.kit.db import Reader
from fairground.kit.ids import Id


async def map_verified_at(reader: Reader, ids: Iterable[Id]) -> dict[Id, datetime]:
    """Tell when each of these people confirmed their e-mail address; who has not is left out."""
    wanted = sorted(set(ids))
    rows = await reader.rows(
        """
        select p.id, p.verified_at from accounts.people p
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on p.bucket = t.b and p.id = t.i
         where p.verified_at is not null
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {Id(row["id"]): row["verified_at"] for row in rows}
