"""Reads of complaints: one, a person's, a shop's, the desk's; the record behind the fast lane; who sees proofs."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from fairground.kit.actor import Actor
from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id, to_text
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import ProductId
from fairground.market.justice.errors import ComplaintNotFound
from fairground.market.justice.model.complaints import (
    Complaint,
    ComplaintId,
    ComplaintKind,
    ComplaintRules,
    ComplaintSide,
    ComplaintState,
    Record,
    deserves_lane,
)
from fairground.market.media.model import MediaId
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_manage_goods
from fairground.market.shops.queries import role_in


async def get_complaint(
    reader: Reader, complaint_id: ComplaintId, *, complainant_id: Id | None = None, shop_id: Id | None = None
) -> Complaint:
    """Get a complaint; as its complainant or its shop where one is named.

    Raises:
        ComplaintNotFound: there is none, or it is somebody else's.
    """
    row = await reader.row(
        """
        select * from justice.complaints
         where bucket = $1 and id = $2 and ($3::bigint is null or complainant_id = $3)
           and ($4::bigint is null or shop_id = $4)
        """,
        complaint_id.bucket,
        complaint_id,
        complainant_id,
        shop_id,
    )
    if row is None:
        raise ComplaintNotFound
    return complaint_from(row)


async def list_complaints_of(
    reader: Reader, person_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[Complaint]:
    """List somebody's complaints, the newest first."""
    size = page_size(limit)
    (before,) = read_cursor(after, int) or (None,)
    rows = await reader.rows(
        """
        select complaint_id from justice.complaint_records
         where bucket = $1 and person_id = $2 and ($3::bigint is null or complaint_id < $3)
         order by complaint_id desc limit $4
        """,
        person_id.bucket,
        person_id,
        before,
        size + 1,
    )
    ids, more = cut([ComplaintId(row["complaint_id"]) for row in rows], size)
    found = await reader.rows(
        """
        select c.* from justice.complaints c
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on c.bucket = t.b and c.id = t.i order by c.id desc
        """,
        [i.bucket for i in ids],
        ids,
    )
    return Page([complaint_from(row) for row in found], write_cursor(ids[-1]) if more else None)


async def list_complaints_of_shop(
    reader: Reader, shop_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[Complaint]:
    """List the complaints about a shop, the newest first."""
    size = page_size(limit)
    (before,) = read_cursor(after, int) or (None,)
    rows = await reader.rows(
        """
        select * from justice.complaints
         where bucket = $1 and shop_id = $2 and ($3::bigint is null or id < $3) order by id desc limit $4
        """,
        shop_id.bucket,
        shop_id,
        before,
        size + 1,
    )
    found, more = cut([complaint_from(row) for row in rows], size)
    return Page(found, write_cursor(found[-1].id) if more else None)


async def count_to_answer(reader: Reader, shop_id: Id) -> int:
    """Count the complaints that wait for a shop's answer."""
    return int(
        await reader.value(
            """
            select count(*) from justice.complaints
             where bucket = $1 and shop_id = $2 and state = 'opened' and counter_by > $3
            """,
            shop_id.bucket,
            shop_id,
            reader.now,
        )
    )


async def list_desk_complaints(
    reader: Reader, *, after: str | None = None, limit: int | None = None
) -> Page[Complaint]:
    """List what waits for the desk, what is due first in front."""
    size = page_size(limit)
    due, last = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from justice.complaints
         where state in ('checking', 'appealed') and ($1::timestamptz is null or (decide_by, id) > ($1, $2::bigint))
         order by decide_by, id limit $3
        """,
        due,
        last,
        size + 1,
    )
    found, more = cut([complaint_from(row) for row in rows], size)
    return Page(found, write_cursor(found[-1].decide_by, found[-1].id) if more else None)


async def list_opened_complaints(reader: Reader, limit: int = 50) -> list[Complaint]:
    """List what waits for its shop, what is due first in front; the desk may say no at once."""
    rows = await reader.rows(
        "select * from justice.complaints where state = 'opened' order by counter_by, id limit $1", limit
    )
    return [complaint_from(row) for row in rows]


async def measure_complaints(reader: Reader, most: int = 1000) -> tuple[int, datetime | None]:
    """Tell how many complaints wait for the desk, up to a number, and since when the oldest does."""
    row = await reader.row(
        """
        select count(*) as n, min(since) as since from (
          select coalesce(appealed_at, countered_at) as since from justice.complaints
           where state in ('checking', 'appealed') order by decide_by limit $1) few
        """,
        most,
    )
    return (0, None) if row is None else (int(row["n"]), row["since"])


async def count_complaints_of(reader: Reader, person_id: Id, since: datetime) -> tuple[int, int]:
    """Count somebody's complaints that are open, and those made since a moment."""
    row = await reader.row(
        """
        select count(*) filter (where closed_at is null) as open, count(*) filter (where made_at > $3) as recent
          from justice.complaint_records where bucket = $1 and person_id = $2
        """,
        person_id.bucket,
        person_id,
        since,
    )
    return (0, 0) if row is None else (int(row["open"]), int(row["recent"]))


async def get_record(reader: Reader, person_id: Id, since: datetime) -> Record:
    """Tell what came of somebody's complaints that were decided since a moment."""
    row = await reader.row(
        """
        select count(*) as decided, count(*) filter (where upheld) as upheld, count(*) filter (where countered) as lost
          from justice.complaint_records
         where bucket = $1 and person_id = $2 and upheld is not null and closed_at > $3
        """,
        person_id.bucket,
        person_id,
        since,
    )
    return Record(0, 0, 0) if row is None else Record(row["decided"], row["upheld"], row["lost"])


async def has_fast_lane(reader: Reader, person_id: Id) -> bool:
    """Tell whether somebody's complaints take listings off sale at once: by the record as it is at this moment.

    The record alone does not do: who lost the lane waits, however good the record has become.
    """
    row = await reader.row(
        "select is_fast, lost_until from justice.complainants where bucket = $1 and person_id = $2",
        person_id.bucket,
        person_id,
    )
    if row is None or (row["lost_until"] is not None and reader.now < row["lost_until"]):
        return False
    rules = reader.given(ComplaintRules)
    return deserves_lane(await get_record(reader, person_id, reader.now - timedelta(days=rules.lane_days)), rules)


async def list_proofs(reader: Reader, complaint_id: ComplaintId) -> list[tuple[MediaId, ComplaintSide]]:
    """List the pictures in a complaint's file, with who brought them."""
    rows = await reader.rows(
        "select media_id, side from justice.proofs where complaint_id = $1 order by media_id", complaint_id
    )
    return [(MediaId(row["media_id"]), ComplaintSide(row["side"])) for row in rows]


async def may_see_proof(reader: Reader, media_id: MediaId, viewer: Actor) -> bool:
    """Tell whether somebody may see a private picture because it is in a complaint's file: both sides and the desk."""
    row = await reader.row(
        "select shop_id, complainant_id from justice.proofs where bucket = $1 and media_id = $2",
        media_id.bucket,
        media_id,
    )
    if row is None or viewer.person_id is None:
        return False
    if viewer.is_staff or viewer.person_id == row["complainant_id"]:
        return True
    role = await role_in(reader, ShopId(row["shop_id"]), viewer.person_id)
    return role is not None and may_manage_goods(role)


async def export_complaints(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give what this room knows of a person's complaints, for the export of personal data."""
    found = (await list_complaints_of(reader, person_id, limit=100)).items
    # What the desk's people are called is not the complainant's to take along.
    kept = [msgspec.structs.replace(one, decided_by=None, first_decided_by=None) for one in found]
    return {"complaints": [msgspec.to_builtins(one, enc_hook=to_text) for one in kept]}


def complaint_from(row: Row) -> Complaint:
    """Build a complaint from its row."""
    return Complaint(
        ComplaintId(row["id"]),
        ShopId(row["shop_id"]),
        PersonId(row["complainant_id"]),
        ComplaintKind(row["kind"]),
        row["owner"],
        row["registration"],
        row["words"],
        tuple(ProductId(i) for i in row["product_ids"]),
        tuple(row["titles"]),
        ComplaintState(row["state"]),
        row["is_fast"],
        row["made_at"],
        row["counter_by"],
        row["counter_words"],
        row["countered_at"],
        row["decide_by"],
        row["decided_at"],
        None if row["decided_by"] is None else PersonId(row["decided_by"]),
        row["reason"],
        row["appeal_by"],
        row["appealed_at"],
        row["appeal_words"],
        row["first_upheld"],
        None if row["first_decided_by"] is None else PersonId(row["first_decided_by"]),
        row["closed_at"],
        row["version"],
    )
