"""Reads of reports: one pile, what waits for the desk, what somebody has reported."""

from datetime import datetime
from typing import Any

import msgspec

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id, to_text
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.accounts.model import PersonId
from fairground.market.justice.errors import ReportNotFound
from fairground.market.justice.model.reports import (
    Pile,
    PileId,
    Report,
    ReportOutcome,
    ReportWhy,
    Subject,
    SubjectKind,
)


async def get_pile(reader: Reader, pile_id: PileId) -> Pile:
    """Get all reports of one thing, for the desk.

    Raises:
        ReportNotFound
    """
    row = await reader.row("select * from justice.reported where bucket = $1 and id = $2", pile_id.bucket, pile_id)
    if row is None:
        raise ReportNotFound
    return pile_from(row)


async def list_open_piles(reader: Reader, *, after: str | None = None, limit: int | None = None) -> Page[Pile]:
    """List what was reported and waits for the desk, the longest waiting first."""
    size = page_size(limit)
    since, last = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from justice.reported
         where state = 'open' and ($1::timestamptz is null or (first_at, id) > ($1, $2::bigint))
         order by first_at, id limit $3
        """,
        since,
        last,
        size + 1,
    )
    found, more = cut([pile_from(row) for row in rows], size)
    return Page(found, write_cursor(found[-1].first_at, found[-1].id) if more else None)


async def list_reports(reader: Reader, pile_id: PileId, limit: int = 100) -> list[Report]:
    """List the reports of a pile, the first one first."""
    rows = await reader.rows(
        """
        select pile_id, person_id, why, words, made_at from justice.reports
         where bucket = $1 and pile_id = $2 order by made_at, person_id limit $3
        """,
        pile_id.bucket,
        pile_id,
        limit,
    )
    return [
        Report(PileId(row["pile_id"]), Id(row["person_id"]), ReportWhy(row["why"]), row["words"], row["made_at"])
        for row in rows
    ]


async def list_reports_of(
    reader: Reader, person_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[Pile]:
    """List what somebody has reported, the newest first."""
    size = page_size(limit)
    at, last = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select pile_id, made_at from justice.reporters
         where bucket = $1 and person_id = $2 and ($3::timestamptz is null or (made_at, pile_id) < ($3, $4::bigint))
         order by made_at desc, pile_id desc limit $5
        """,
        person_id.bucket,
        person_id,
        at,
        last,
        size + 1,
    )
    mine, more = cut([(PileId(row["pile_id"]), row["made_at"]) for row in rows], size)
    ids = [pile_id for pile_id, _ in mine]
    found = await reader.rows(
        """
        select r.* from justice.reported r
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on r.bucket = t.b and r.id = t.i
        """,
        [i.bucket for i in ids],
        ids,
    )
    piles = {PileId(row["id"]): pile_from(row) for row in found}
    return Page([piles[i] for i in ids], write_cursor(mine[-1][1], mine[-1][0]) if more else None)


async def measure_reports(reader: Reader, most: int = 1000) -> tuple[int, datetime | None]:
    """Tell how many things wait for the desk, up to a number, and since when the oldest does."""
    row = await reader.row(
        """
        select count(*) as n, min(first_at) as since
          from (select first_at from justice.reported where state = 'open' order by first_at limit $1) few
        """,
        most,
    )
    return (0, None) if row is None else (int(row["n"]), row["since"])


async def export_reports(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give what this room knows of a person's reports, for the export of personal data."""
    found = (await list_reports_of(reader, person_id, limit=100)).items
    kept = [msgspec.structs.replace(one, decided_by=None, person_id=None) for one in found]
    return {"reports": [msgspec.to_builtins(one, enc_hook=to_text) for one in kept]}


def pile_from(row: Row) -> Pile:
    """Build a pile from its row."""
    return Pile(
        PileId(row["id"]),
        Subject(SubjectKind(row["kind"]), Id(row["subject_id"])),
        None if row["shop_id"] is None else Id(row["shop_id"]),
        None if row["person_id"] is None else Id(row["person_id"]),
        row["title"],
        row["state"] == "open",
        row["reports"],
        row["first_at"],
        row["last_at"],
        None if row["outcome"] is None else ReportOutcome(row["outcome"]),
        row["reason"],
        None if row["decided_by"] is None else Id(row["decided_by"]),
        row["decided_at"],
    )
