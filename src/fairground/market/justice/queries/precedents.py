"""Reading precedents: the public ones by rule, and those that wait for somebody to look."""

from datetime import datetime
from typing import Any

from fairground.kit.db import Reader, Row
from fairground.kit.i18n.words import DEFAULT, known
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.justice.errors import PrecedentNotFound
from fairground.market.justice.model.precedents import (
    Precedent,
    PrecedentId,
    PrecedentState,
    PrecedentTexts,
    Source,
)


async def list_precedents(
    reader: Reader,
    *,
    rule_key: str | None = None,
    outcome: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page[Precedent]:
    """List the public precedents, the latest first; those of a rule or an outcome where named."""
    size, cursor = page_size(limit), read_cursor(after, datetime, int)
    rows = await reader.rows(
        """
        select * from justice.precedents
         where state = 'published' and ($1::text is null or rule_key = $1) and ($2::text is null or outcome = $2)
           and ($3::timestamptz is null or (checked_at, id) < ($3, $4))
         order by checked_at desc, id desc limit $5
        """,
        rule_key,
        outcome,
        *(cursor or (None, None)),
        size + 1,
    )
    found, more = cut(rows, size)
    following = write_cursor(found[-1]["checked_at"], found[-1]["id"]) if more else None
    return Page([precedent_from(row) for row in found], following)


async def list_cited_rules(reader: Reader) -> list[tuple[str, int]]:
    """List the rules that public precedents rest on, with how many do, the most cited first."""
    rows = await reader.rows(
        """
        select rule_key, count(*) as n from justice.precedents where state = 'published' and rule_key <> ''
         group by rule_key order by n desc, rule_key limit 200
        """
    )
    return [(row["rule_key"], row["n"]) for row in rows]


async def get_precedent(reader: Reader, precedent_id: PrecedentId) -> Precedent:
    """Get a public precedent.

    Raises:
        PrecedentNotFound: also for one that nobody has looked at yet, or that was withheld.
    """
    found = await find_precedent(reader, precedent_id)
    if found is None or found.state is not PrecedentState.PUBLISHED:
        raise PrecedentNotFound
    return found


async def find_precedent(reader: Reader, precedent_id: PrecedentId) -> Precedent | None:
    """Find a precedent in any state, for the desk."""
    row = await reader.row(
        "select * from justice.precedents where bucket = $1 and id = $2", precedent_id.bucket, precedent_id
    )
    return None if row is None else precedent_from(row)


async def find_precedent_of(reader: Reader, source_id: Id) -> Precedent | None:
    """Find what became of a dispute or a case as a precedent."""
    row = await reader.row(
        "select * from justice.precedents where bucket = $1 and source_id = $2", source_id.bucket, source_id
    )
    return None if row is None else precedent_from(row)


async def list_unchecked_precedents(
    reader: Reader, *, after: str | None = None, limit: int | None = None
) -> Page[Precedent]:
    """List the precedents that nobody has looked at yet, the oldest first."""
    size, cursor = page_size(limit), read_cursor(after, datetime, int)
    rows = await reader.rows(
        """
        select * from justice.precedents
         where state = 'draft' and ($1::timestamptz is null or (made_at, id) > ($1, $2))
         order by made_at, id limit $3
        """,
        *(cursor or (None, None)),
        size + 1,
    )
    found, more = cut(rows, size)
    following = write_cursor(found[-1]["made_at"], found[-1]["id"]) if more else None
    return Page([precedent_from(row) for row in found], following)


async def count_unchecked_precedents(reader: Reader, most: int = 1000) -> int:
    """Count what waits for somebody to look, up to `most`."""
    n: int = await reader.value(
        "select count(*) from (select 1 from justice.precedents where state = 'draft' limit $1) t", most
    )
    return n


def precedent_from(row: Row) -> Precedent:
    """Build a precedent from its row."""
    data: dict[str, Any] = dict(row)
    return Precedent(
        PrecedentId(data["id"]),
        Source(data["source"]),
        Id(data["source_id"]),
        data["kind"],
        PrecedentState(data["state"]),
        data["outcome"],
        data["decider"],
        known(data["language"]) or DEFAULT,
        PrecedentTexts(data["title"], data["story"], data["reasons"], data["rule_key"]),
        Money(data["claimed"], data["currency"]),
        Money(data["refund"], data["currency"]),
        data["happened_on"],
        data["made_at"],
        data["checked_at"],
        data["withheld_because"],
    )
