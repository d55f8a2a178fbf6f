"""Reading disputes: for the two sides, for the desk, and as numbers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from fairground.kit.actor import Actor
from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.accounts.model import PersonId
from fairground.market.justice.errors import DisputeNotFound
from fairground.market.justice.model.disputes import (
    Decider,
    Dispute,
    DisputeFault,
    DisputeId,
    DisputeInFull,
    DisputeState,
    Outcome,
    Ruling,
    Side,
    Statement,
)
from fairground.market.media.model import MediaId
from fairground.market.shops.model import Role, ShopId
from fairground.market.shops.queries import list_memberships, role_in

LATE = timedelta(days=1)


class DisputeFigures(msgspec.Struct, frozen=True):
    """Numbers for the desk: open disputes by state, ended ones by outcome (over a span), how many wait too long."""

    by_state: dict[DisputeState, int]
    by_outcome: dict[Outcome, int]
    senior: int


async def get_dispute(reader: Reader, dispute_id: DisputeId) -> Dispute:
    """Get a dispute, for the market's own work.

    Raises:
        DisputeNotFound
    """
    row = await reader.row(
        "select * from justice.disputes where bucket = $1 and id = $2", dispute_id.bucket, dispute_id
    )
    if row is None:
        raise DisputeNotFound
    return dispute_from(row)


async def get_dispute_for(reader: Reader, dispute_id: DisputeId, person_id: Id) -> tuple[Dispute, Side]:
    """Get a dispute for one of its two sides, with the side.

    Raises:
        DisputeNotFound: also for strangers.
    """
    dispute = await get_dispute(reader, dispute_id)
    side = await side_of(reader, dispute, person_id)
    if side is None:
        raise DisputeNotFound
    return dispute, side


async def side_of(reader: Reader, dispute: Dispute, person_id: Id) -> Side | None:
    """Tell on which side somebody stands; None for strangers."""
    if person_id == dispute.buyer_id:
        return Side.BUYER
    return None if await role_in_shop(reader, dispute, person_id) is None else Side.SHOP


async def role_in_shop(reader: Reader, dispute: Dispute, person_id: Id) -> Role | None:
    """Tell somebody's role in the shop that a dispute is with."""
    return await role_in(reader, ShopId(dispute.shop_id), person_id)


async def get_dispute_in_full(reader: Reader, dispute: Dispute) -> DisputeInFull:
    """Add what was said and ruled."""
    return DisputeInFull(
        dispute, tuple(await list_statements(reader, dispute.id)), tuple(await list_rulings(reader, dispute.id))
    )


async def find_dispute_of_case(reader: Reader, case_id: Id) -> Dispute | None:
    """Find the dispute that a case became, the latest where a return was disputed once more."""
    row = await reader.row(
        "select * from justice.disputes where bucket = $1 and case_id = $2 order by id desc limit 1",
        case_id.bucket,
        case_id,
    )
    return None if row is None else dispute_from(row)


async def list_statements(reader: Reader, dispute_id: DisputeId) -> list[Statement]:
    """List what both sides said, the earliest first."""
    rows = await reader.rows(
        "select * from justice.statements where bucket = $1 and dispute_id = $2 order by number",
        dispute_id.bucket,
        dispute_id,
    )
    return [statement_from(row) for row in rows]


async def list_rulings(reader: Reader, dispute_id: DisputeId) -> list[Ruling]:
    """List what was decided, the first ruling first."""
    rows = await reader.rows(
        "select * from justice.rulings where bucket = $1 and dispute_id = $2 order by stage",
        dispute_id.bucket,
        dispute_id,
    )
    return [ruling_from(row) for row in rows]


async def list_disputes(
    reader: Reader, buyer_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[Dispute]:
    """List a buyer's disputes, the latest first."""
    size, cursor = page_size(limit), read_cursor(after, int)
    rows = await reader.rows(
        """
        select * from justice.disputes
         where bucket = $1 and buyer_id = $2 and ($3::bigint is null or id < $3) order by id desc limit $4
        """,
        buyer_id.bucket,
        buyer_id,
        cursor[0] if cursor else None,
        size + 1,
    )
    return _page(rows, size)


async def list_disputes_of_shop(
    reader: Reader, shop_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[Dispute]:
    """List the disputes with a shop, the latest first."""
    size, cursor = page_size(limit), read_cursor(after, int)
    rows = await reader.rows(
        """
        select * from justice.disputes where shop_id = $1 and ($2::bigint is null or id < $2)
         order by id desc limit $3
        """,
        shop_id,
        cursor[0] if cursor else None,
        size + 1,
    )
    return _page(rows, size)


async def list_waiting_disputes(
    reader: Reader, person_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[Dispute]:
    """List what waits for the staff, the most pressing first, without what is none of this clerk's business.

    Left out are disputes of their own as a buyer, with a shop they work in, and those they decided before.
    """
    size, cursor = page_size(limit), read_cursor(after, datetime, int)
    rows = await reader.rows(
        """
        select d.* from justice.disputes d
         where d.state in ('deciding', 'appealed') and d.buyer_id <> $1 and d.shop_id <> all($2::bigint[])
           and not exists (select 1 from justice.rulings r where r.bucket = d.bucket and r.dispute_id = d.id
                                                             and r.decided_by = $1)
           and ($3::timestamptz is null or (d.staff_by, d.id) > ($3, $4))
         order by d.staff_by, d.id limit $5
        """,
        person_id,
        await _shops_of(reader, person_id),
        *(cursor or (None, None)),
        size + 1,
    )
    found, more = cut(rows, size)
    following = write_cursor(found[-1]["staff_by"], found[-1]["id"]) if more else None
    return Page([dispute_from(row) for row in found], following)


async def list_desk_disputes(
    reader: Reader, person_id: Id, *, ended: bool = False, after: str | None = None, limit: int | None = None
) -> Page[Dispute]:
    """List all open disputes, the oldest first, or (`ended`) those that ended; without the clerk's own."""
    size, cursor = page_size(limit), read_cursor(after, datetime, int)
    look = _ended if ended else _open
    rows = await look(reader, [person_id, await _shops_of(reader, person_id), *(cursor or (None, None)), size + 1])
    found, more = cut(rows, size)
    column = "final_at" if ended else "opened_at"
    following = write_cursor(found[-1][column], found[-1]["id"]) if more else None
    return Page([dispute_from(row) for row in found], following)


async def _open(reader: Reader, args: Sequence[Any]) -> list[Row]:
    return await reader.rows(
        """
        select * from justice.disputes
         where state <> 'final' and buyer_id <> $1 and shop_id <> all($2::bigint[])
           and ($3::timestamptz is null or (opened_at, id) > ($3, $4))
         order by opened_at, id limit $5
        """,
        *args,
    )


async def _ended(reader: Reader, args: Sequence[Any]) -> list[Row]:
    return await reader.rows(
        """
        select * from justice.disputes
         where state = 'final' and buyer_id <> $1 and shop_id <> all($2::bigint[])
           and ($3::timestamptz is null or (final_at, id) < ($3, $4))
         order by final_at desc, id desc limit $5
        """,
        *args,
    )


async def _shops_of(reader: Reader, person_id: Id) -> list[Id]:
    return [membership.shop_id for membership in await list_memberships(reader, person_id)]


async def count_disputes(reader: Reader, days: int = 30) -> DisputeFigures:
    """Count open disputes by state, and those that ended in the last days by outcome."""
    rows = await reader.rows(
        """
        select state, null as outcome, count(*) as n,
               count(*) filter (where is_senior and staff_by is not null) as senior
          from justice.disputes where state <> 'final' group by state
        union all
        select null, outcome, count(*), 0 from justice.disputes
         where state = 'final' and final_at > $1 group by outcome
        """,
        reader.now - timedelta(days=days),
    )
    return DisputeFigures(
        {DisputeState(row["state"]): row["n"] for row in rows if row["state"]},
        {Outcome(row["outcome"]): row["n"] for row in rows if row["outcome"]},
        sum(row["senior"] for row in rows),
    )


async def may_see_statement(reader: Reader, media_id: MediaId, actor: Actor) -> bool:
    """Tell whether somebody may see a picture because it was shown in a dispute: both sides, and the staff."""
    if actor.person_id is None:
        return False
    rows = await reader.rows(
        """
        select d.* from justice.disputes d
          join justice.statements s on s.bucket = d.bucket and s.dispute_id = d.id
         where s.pictures @> array[$1::bigint] limit 5
        """,
        media_id,
    )
    if rows and actor.is_staff:
        return True
    return any([await side_of(reader, dispute_from(row), actor.person_id) is not None for row in rows])


async def export_disputes(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give a buyer's disputes and what a person said in any, for the export of personal data."""
    mine = await reader.rows(
        """
        select case_id, kind, claimed, refund, currency, state, outcome, opened_at, final_at, appeal_words
          from justice.disputes where bucket = $1 and buyer_id = $2 order by id
        """,
        person_id.bucket,
        person_id,
    )
    said = await reader.rows(
        "select dispute_id, side, words, at from justice.statements where person_id = $1 order by at", person_id
    )
    return {
        "disputes": [{**row, "case_id": str(row["case_id"])} for row in mine],
        "statements": [{**row, "dispute_id": str(row["dispute_id"])} for row in said],
    }


async def audit_disputes(reader: Reader) -> list[DisputeFault]:
    """Prove that no dispute is forgotten, and that each ended as its last ruling says."""
    rows = await reader.rows(
        """
        select d.id, 'every open dispute has a clock' as what, 'a deadline' as expected, d.state as found
          from justice.disputes d
         where d.state <> 'final' and not exists (
               select 1 from kit.deadlines t
                where t.bucket = d.bucket and t.subject = d.id and t.kind like 'justice.%' and t.due_at > $1)
        union all
        select d.id, 'the refund is what was ruled', coalesce(r.refund, 0)::text, d.refund::text
          from justice.disputes d
          left join lateral (select refund from justice.rulings r where r.bucket = d.bucket and r.dispute_id = d.id
                              order by stage desc limit 1) r on true
         where d.refund <> coalesce(r.refund, 0)
         limit 1000
        """,
        reader.now - LATE,
    )
    return [DisputeFault(row["what"], str(row["id"]), row["expected"], row["found"]) for row in rows]


def _page(rows: list[Row], size: int) -> Page[Dispute]:
    found, more = cut(rows, size)
    return Page([dispute_from(row) for row in found], write_cursor(found[-1]["id"]) if more else None)


def dispute_from(row: Row) -> Dispute:
    """Build a dispute from its row."""
    data: dict[str, Any] = dict(row)
    del data["bucket"]
    ids = {name: Id(data[name]) for name in ("case_id", "order_id", "buyer_id", "shop_id")}
    return Dispute(
        **{
            **data,
            **ids,
            "id": DisputeId(data["id"]),
            "state": DisputeState(data["state"]),
            "appealed_by": None if data["appealed_by"] is None else Side(data["appealed_by"]),
            "outcome": None if data["outcome"] is None else Outcome(data["outcome"]),
        }
    )


def statement_from(row: Row) -> Statement:
    """Build a statement from its row."""
    return Statement(
        row["number"],
        Side(row["side"]),
        Id(row["person_id"]),
        row["round"],
        row["words"],
        tuple(MediaId(i) for i in row["pictures"]),
        row["at"],
    )


def ruling_from(row: Row) -> Ruling:
    """Build a ruling from its row."""
    return Ruling(
        row["stage"],
        Decider(row["decider"]),
        None if row["decided_by"] is None else Id(row["decided_by"]),
        row["refund"],
        row["to_return"],
        row["rule_key"],
        row["reasons"],
        row["at"],
    )
