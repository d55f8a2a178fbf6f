"""Cases as their buyer, their shop and the desk see them."""

from collections.abc import Iterable
from typing import Any

import msgspec

from fairground.kit.actor import Actor
from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.accounts.model import PersonId
from fairground.market.aftersale.errors import CaseNotFound
from fairground.market.aftersale.model import (
    OPEN,
    Bearer,
    Case,
    CaseId,
    CaseKind,
    CaseReason,
    CaseState,
    Outcome,
    ShopCase,
    Side,
    Stage,
)
from fairground.market.media.model import MediaId
from fairground.market.orders.model import OrderId
from fairground.market.shops.model import Role, ShopId
from fairground.market.shops.queries import role_in


class CaseSeat(msgspec.Struct, frozen=True):
    """A case as one who belongs to it sees it; `role` None = the buyer."""

    case: Case
    side: Side
    role: Role | None


async def get_case(reader: Reader, case_id: CaseId, *, buyer_id: Id | None = None, shop_id: Id | None = None) -> Case:
    """Get one case, seen by its buyer, by its shop, or (with neither) by the market.

    Raises:
        CaseNotFound: there is none, or it belongs to somebody else.
    """
    row = await reader.row(
        """
        select * from aftersale.cases
         where bucket = $1 and id = $2
           and ($3::bigint is null or buyer_id = $3) and ($4::bigint is null or shop_id = $4)
        """,
        case_id.bucket,
        case_id,
        buyer_id,
        shop_id,
    )
    if row is None:
        raise CaseNotFound
    return case_from(row)


async def look_at_case(reader: Reader, case_id: CaseId, person_id: Id) -> CaseSeat:
    """See a case as its buyer or as one of its shop's people.

    Raises:
        CaseNotFound: there is none, or it is none of this person's business.
    """
    case = await get_case(reader, case_id)
    if case.buyer_id == person_id:
        return CaseSeat(case, Side.BUYER, None)
    role = await role_in(reader, case.shop_id, person_id)
    if role is None:
        raise CaseNotFound
    return CaseSeat(case, Side.SHOP, role)


async def map_cases(reader: Reader, case_ids: Iterable[CaseId]) -> dict[CaseId, Case]:
    """Map ids to cases; for pages that stitch rooms and for the market's own work, without asking who looks."""
    ids = sorted(set(case_ids))
    rows = await reader.rows(
        """
        select c.* from aftersale.cases c join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on c.bucket = t.b and c.id = t.i
        """,
        [i.bucket for i in ids],
        ids,
    )
    return {CaseId(row["id"]): case_from(row) for row in rows}


async def find_open_case(reader: Reader, order_id: OrderId) -> Case | None:
    """Find the case of an order that is open; there is one at most."""
    row = await reader.row(
        "select * from aftersale.cases where bucket = $1 and order_id = $2 and ended_at is null",
        order_id.bucket,
        order_id,
    )
    return None if row is None else case_from(row)


async def list_cases_of_order(reader: Reader, order_id: OrderId) -> list[Case]:
    """List the cases of an order, the latest first; at most one of them is open."""
    rows = await reader.rows(
        "select * from aftersale.cases where bucket = $1 and order_id = $2 order by id desc limit 100",
        order_id.bucket,
        order_id,
    )
    return [case_from(row) for row in rows]


async def list_cases(reader: Reader, buyer_id: Id, *, after: str | None = None, limit: int | None = None) -> Page[Case]:
    """List a buyer's cases, the latest first."""
    size = page_size(limit)
    (before,) = read_cursor(after, int) or (None,)
    rows = await reader.rows(
        """
        select * from aftersale.cases
         where bucket = $1 and buyer_id = $2 and ($3::bigint is null or id < $3) order by id desc limit $4
        """,
        buyer_id.bucket,
        buyer_id,
        before,
        size + 1,
    )
    found, more = cut(rows, size)
    return Page([case_from(row) for row in found], write_cursor(found[-1]["id"]) if more else None)


async def list_shop_cases(
    reader: Reader,
    shop_id: ShopId,
    *,
    state: CaseState | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page[ShopCase]:
    """List a shop's cases, the latest first."""
    size = page_size(limit)
    (before,) = read_cursor(after, int) or (2**62,)
    if state is None:
        rows = await reader.rows(
            """
            select * from aftersale.shop_cases
             where bucket = $1 and shop_id = $2 and case_id < $3 order by case_id desc limit $4
            """,
            shop_id.bucket,
            shop_id,
            before,
            size + 1,
        )
    else:
        rows = await reader.rows(
            """
            select * from aftersale.shop_cases
             where bucket = $1 and shop_id = $2 and state = $3 and case_id < $4 order by case_id desc limit $5
            """,
            shop_id.bucket,
            shop_id,
            state,
            before,
            size + 1,
        )
    found, more = cut(rows, size)
    return Page([shop_case_from(row) for row in found], write_cursor(found[-1]["case_id"]) if more else None)


async def list_waiting_of_shop(
    reader: Reader, shop_id: ShopId, *, after: str | None = None, limit: int | None = None
) -> Page[ShopCase]:
    """List what waits for a shop's answer, the most urgent first."""
    size = page_size(limit)
    due, last = read_cursor(after, str, int) or ("-infinity", 0)
    rows = await reader.rows(
        """
        select * from aftersale.shop_cases
         where bucket = $1 and shop_id = $2 and waits and (due_at, case_id) > ($3::text::timestamptz, $4)
         order by due_at, case_id limit $5
        """,
        shop_id.bucket,
        shop_id,
        due,
        last,
        size + 1,
    )
    found, more = cut(rows, size)
    end = found[-1] if more else None
    return Page([shop_case_from(row) for row in found], end and write_cursor(end["due_at"].isoformat(), end["case_id"]))


async def count_cases_of_shop(reader: Reader, shop_id: ShopId) -> dict[CaseState, int]:
    """Count a shop's open cases by state."""
    rows = await reader.rows(
        """
        select state, count(*)::int as n from aftersale.shop_cases
         where bucket = $1 and shop_id = $2 and state = any($3) group by state
        """,
        shop_id.bucket,
        shop_id,
        sorted(OPEN),
    )
    return {CaseState(row["state"]): row["n"] for row in rows}


async def list_desk_cases(
    reader: Reader, *, state: CaseState | None = None, after: str | None = None, limit: int | None = None
) -> Page[Case]:
    """List all cases, or those in one state, the latest first (over all buckets: for the desk only)."""
    size = page_size(limit)
    (before,) = read_cursor(after, int) or (2**63 - 1,)
    if state is None:
        rows = await reader.rows(
            "select * from aftersale.cases where id < $1 order by id desc limit $2", before, size + 1
        )
    else:
        rows = await reader.rows(
            "select * from aftersale.cases where state = $1 and id < $2 order by id desc limit $3",
            state,
            before,
            size + 1,
        )
    found, more = cut(rows, size)
    return Page([case_from(row) for row in found], write_cursor(found[-1]["id"]) if more else None)


async def count_states(reader: Reader) -> dict[CaseState, int]:
    """Count the open cases by state, for the desk."""
    rows = await reader.rows(
        "select state, count(*)::int as n from aftersale.cases where state = any($1) group by state", sorted(OPEN)
    )
    counts = {CaseState(row["state"]): row["n"] for row in rows}
    return {state: counts.get(state, 0) for state in CaseState if state in OPEN}


async def count_outcomes(reader: Reader) -> dict[tuple[CaseKind, Outcome], int]:
    """Count how cases ended, by kind and outcome, for the desk."""
    rows = await reader.rows(
        """
        select kind, outcome, count(*)::int as n from aftersale.cases where ended_at is not null
         group by kind, outcome order by kind, outcome
        """
    )
    return {(CaseKind(row["kind"]), Outcome(row["outcome"])): row["n"] for row in rows}


async def count_evidence(reader: Reader, case_id: CaseId, side: Side) -> int:
    """Count what a side has added to a case."""
    return int(
        await reader.value(
            """
            select count(*) from aftersale.entries
             where bucket = $1 and case_id = $2 and side = $3 and deed = 'evidence'
            """,
            case_id.bucket,
            case_id,
            side,
        )
    )


async def may_see_evidence(reader: Reader, media_id: MediaId, viewer: Actor) -> bool:
    """Tell whether a private picture is evidence in a case that somebody belongs to; the staff judges them all."""
    rows = await reader.rows(
        "select case_id from aftersale.pictures where bucket = $1 and media_id = $2", media_id.bucket, media_id
    )
    if not rows or viewer.person_id is None:
        return False
    if viewer.is_staff:
        return True
    for case in (await map_cases(reader, [CaseId(row["case_id"]) for row in rows])).values():
        if case.buyer_id == viewer.person_id or await role_in(reader, case.shop_id, viewer.person_id):
            return True
    return False


async def export_cases(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give all cases of a buyer with what they said in them."""
    rows = await reader.rows(
        """
        select c.id, c.number, c.kind, c.reason, c.state, c.amount, c.refunded, c.currency, c.outcome, c.opened_at,
               c.ended_at, (select coalesce(jsonb_agg(e.words order by e.id), '[]') from aftersale.entries e
                             where e.bucket = c.bucket and e.case_id = c.id and e.person_id = $2 and e.words <> '')
               as words
          from aftersale.cases c where c.bucket = $1 and c.buyer_id = $2 order by c.id
        """,
        person_id.bucket,
        person_id,
    )
    return {"cases": [{**dict(row), "id": str(row["id"])} for row in rows]}


def case_from(row: Row) -> Case:
    """Build a case from its row."""
    data: dict[str, Any] = dict(row)
    del data["bucket"]
    return Case(
        **{
            **data,
            "id": CaseId(data["id"]),
            "order_id": OrderId(data["order_id"]),
            "buyer_id": PersonId(data["buyer_id"]),
            "shop_id": ShopId(data["shop_id"]),
            "kind": CaseKind(data["kind"]),
            "reason": CaseReason(data["reason"]),
            "state": CaseState(data["state"]),
            "positions": tuple(data["positions"]),
            "stage": Stage(data["stage"]),
            "bearer": Bearer(data["bearer"]),
            "parcel_id": None if data["parcel_id"] is None else Id(data["parcel_id"]),
            "outcome": None if data["outcome"] is None else Outcome(data["outcome"]),
        }
    )


def shop_case_from(row: Row) -> ShopCase:
    """Build a shop's copy from its row."""
    return ShopCase(
        case_id=CaseId(row["case_id"]),
        order_id=OrderId(row["order_id"]),
        shop_id=ShopId(row["shop_id"]),
        number=row["number"],
        kind=CaseKind(row["kind"]),
        reason=CaseReason(row["reason"]),
        state=CaseState(row["state"]),
        amount=Money(row["amount"], row["currency"]),
        refunded=Money(row["refunded"], row["currency"]),
        waits=row["waits"],
        due_at=row["due_at"],
        opened_at=row["opened_at"],
        ended_at=row["ended_at"],
        changed_at=row["changed_at"],
    )
