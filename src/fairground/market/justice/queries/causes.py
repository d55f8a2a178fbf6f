"""Reads of causes: the public ten, all of them for the desk, what belongs to none yet."""

from datetime import timedelta

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.market.justice.errors import CauseNotFound
from fairground.market.justice.model.causes import (
    Cause,
    CauseDecision,
    CauseId,
    CauseRules,
    Closed,
    ClosedKind,
    Unlinked,
)


async def get_cause(reader: Reader, cause_id: CauseId) -> Cause:
    """Get a cause.

    Raises:
        CauseNotFound
    """
    row = await reader.row(
        """
        select c.*, (select count(*) from justice.cause_links l where l.cause_id = c.id and l.linked_at > $2) as n
          from justice.causes c where c.id = $1
        """,
        cause_id,
        reader.now - timedelta(days=reader.given(CauseRules).days),
    )
    if row is None:
        raise CauseNotFound
    return cause_from(row)


async def list_causes(reader: Reader, limit: int = 200) -> list[Cause]:
    """List causes, those with most behind them first; also those that nothing belongs to yet."""
    rows = await reader.rows(
        """
        select c.*, coalesce(l.n, 0) as n
          from justice.causes c
          left join (select cause_id, count(*) as n from justice.cause_links where linked_at > $1 group by cause_id) l
                 on l.cause_id = c.id
         order by coalesce(l.n, 0) desc, c.id limit $2
        """,
        reader.now - timedelta(days=reader.given(CauseRules).days),
        limit,
    )
    return [cause_from(row) for row in rows]


async def list_top_causes(reader: Reader) -> list[Cause]:
    """List what everybody reads: the causes with most behind them, if anything is."""
    return [cause for cause in await list_causes(reader, reader.given(CauseRules).top) if cause.count]


async def list_unlinked(reader: Reader, limit: int = 20) -> list[Unlinked]:
    """List complaints and reports closed of late that belong to no cause yet, the newest first."""
    rows = await reader.rows(
        """
        select * from (
          (select 'complaint' as kind, c.id, c.titles[1] as title, c.closed_at from justice.complaints c
            where c.closed_at is not null and not exists (
                  select 1 from justice.cause_links l
                   where l.bucket = c.bucket and l.kind = 'complaint' and l.subject_id = c.id)
            order by c.closed_at desc, c.id desc limit $1)
          union all
          (select 'report', r.id, r.title, r.decided_at from justice.reported r
            where r.state = 'closed' and not exists (
                  select 1 from justice.cause_links l
                   where l.bucket = r.bucket and l.kind = 'report' and l.subject_id = r.id)
            order by r.decided_at desc, r.id desc limit $1)) both_kinds
         order by closed_at desc, id desc limit $1
        """,
        limit,
    )
    return [Unlinked(Closed(ClosedKind(r["kind"]), Id(r["id"])), r["title"], r["closed_at"]) for r in rows]


def cause_from(row: Row) -> Cause:
    """Build a cause from its row."""
    return Cause(
        CauseId(row["id"]),
        row["title"],
        row["title_zh"],
        None if row["decision"] is None else CauseDecision(row["decision"]),
        row["words"],
        row["words_zh"],
        row["link"],
        row["decided_at"],
        row["n"],
    )
