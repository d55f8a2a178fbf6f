"""Disputes, by API: what both sides say, the jury, rulings, appeals."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.idempotency import check_key, fingerprint, once
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.accounts.model import PersonId
from fairground.market.justice.actions.disputes import add_statement, choose_jury, finish_speaking
from fairground.market.justice.actions.rulings import appeal, rule
from fairground.market.justice.errors import DisputeNotFound
from fairground.market.justice.model.disputes import (
    Decider,
    Decision,
    Dispute,
    DisputeId,
    DisputeInFull,
    DisputeState,
    Outcome,
    Side,
    StatementDraft,
)
from fairground.market.justice.queries.disputes import (
    get_dispute,
    get_dispute_in_full,
    list_disputes,
    list_disputes_of_shop,
    list_waiting_disputes,
    side_of,
)
from fairground.market.media.model import MediaId
from fairground.market.shops.queries import get_shop_for


class StatementBody(msgspec.Struct):
    """What a side says, with pictures of its own; `is_done`: and that was all."""

    words: str
    pictures: list[MediaId] = []
    is_done: bool = False


class AppealBody(msgspec.Struct):
    """Why the ruling is wrong."""

    words: str


class RulingBody(msgspec.Struct):
    """What the buyer gets back (minor units), by which rule of the book, and why."""

    refund: int
    rule: str
    reasons: str
    to_return: bool = False


class StatementView(msgspec.Struct):
    """What a side said."""

    side: Side
    round: int
    words: str
    pictures: list[MediaId]
    at: datetime


class RulingView(msgspec.Struct):
    """What was decided; `stage` 2 after an appeal."""

    stage: int
    decided_by: Decider
    refund: Money
    to_return: bool
    rule: str
    reasons: str
    at: datetime


class DisputeItem(msgspec.Struct):
    """A dispute in a list; `side` is null for the staff."""

    id: DisputeId
    case_id: Id
    order_id: Id
    kind: str
    state: DisputeState
    side: Side | None
    claimed: Money
    refund: Money
    outcome: Outcome | None
    opened_at: datetime
    round: int
    round_ends_at: datetime
    rule_by: datetime
    appeal_by: datetime | None
    final_at: datetime | None


class DisputeView(msgspec.Struct):
    """A dispute with all that was said and ruled."""

    dispute: DisputeItem
    statements: list[StatementView]
    rulings: list[RulingView]
    appealed_by: Side | None
    appeal_words: str
    jury_chosen_by: list[Side]


class Disputes(msgspec.Struct):
    """Disputes, the latest first; for the staff what waits, the most pressing first."""

    items: list[DisputeItem]
    next: str | None


@get("/api/v1/disputes", tags=["Justice"])
async def show_disputes(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    shop: FromQuery[str | None] = None,
    waiting: FromQuery[bool] = False,
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Disputes:
    """List one's own disputes, those with a `shop` one works in, or (staff, `waiting`) what is to be decided."""
    person_id = caller.need_staff() if waiting else caller.need_person()

    async def look(reader: Reader) -> Disputes:
        side: Side | None = None
        if waiting:
            found = await list_waiting_disputes(reader, person_id, after=after, limit=limit)
        elif shop is not None:
            wanted = await get_shop_for(reader, shop, person_id)
            side, found = Side.SHOP, await list_disputes_of_shop(reader, wanted.id, after=after, limit=limit)
        else:
            side, found = Side.BUYER, await list_disputes(reader, person_id, after=after, limit=limit)
        return Disputes([dispute_item(d, side) for d in found.items], found.next)

    return await db.read(look)


@get("/api/v1/disputes/{dispute_id:str}", tags=["Justice"])
async def show_dispute(
    dispute_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> DisputeView:
    """Show a dispute to one of its sides, or to the staff."""
    caller.need_person()
    wanted = an_id(DisputeId, dispute_id)
    return await db.read(lambda reader: _view(reader, wanted, caller))


@post("/api/v1/disputes/{dispute_id:str}/statements", tags=["Justice"])
async def create_statement(
    dispute_id: FromPath[str],
    data: JSONBody[StatementBody],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> DisputeView:
    """Say something for one's side while the round is open."""
    caller.need_person()
    wanted = an_id(DisputeId, dispute_id)

    async def deed(tx: Tx) -> DisputeView:
        await add_statement(tx, wanted, StatementDraft(data.words, tuple(data.pictures), data.is_done))
        return await _view(tx, wanted, caller)

    return await db.write(caller.actor, deed)


@post("/api/v1/disputes/{dispute_id:str}/silence", tags=["Justice"])
async def create_silence(
    dispute_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> DisputeView:
    """Say that one's side has nothing more to say."""
    caller.need_person()
    wanted = an_id(DisputeId, dispute_id)

    async def deed(tx: Tx) -> DisputeView:
        await finish_speaking(tx, wanted)
        return await _view(tx, wanted, caller)

    return await db.write(caller.actor, deed)


@post("/api/v1/disputes/{dispute_id:str}/jury", tags=["Justice"])
async def create_jury_wish(
    dispute_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> DisputeView:
    """Choose the jury; it decides where both sides choose it."""
    caller.need_person()
    wanted = an_id(DisputeId, dispute_id)

    async def deed(tx: Tx) -> DisputeView:
        await choose_jury(tx, wanted)
        return await _view(tx, wanted, caller)

    return await db.write(caller.actor, deed)


@post("/api/v1/disputes/{dispute_id:str}/appeal", tags=["Justice"])
async def create_appeal(
    dispute_id: FromPath[str],
    data: JSONBody[AppealBody],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> DisputeView:
    """Ask that somebody else decide once more: once, and in time."""
    caller.need_person()
    wanted = an_id(DisputeId, dispute_id)

    async def deed(tx: Tx) -> DisputeView:
        await appeal(tx, wanted, data.words)
        return await _view(tx, wanted, caller)

    return await db.write(caller.actor, deed)


@post("/api/v1/disputes/{dispute_id:str}/ruling", tags=["Justice"])
async def create_ruling(
    dispute_id: FromPath[str],
    data: JSONBody[RulingBody],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[Any]:
    """Rule, as the staff, with reasons and a rule. Needs `Idempotency-Key`: a last ruling moves money."""
    person_id, wanted = caller.need_staff(), an_id(DisputeId, dispute_id)
    key = check_key(request.headers.get("idempotency-key"))

    async def deed(tx: Tx) -> Response[Any]:
        async def decide() -> tuple[int, Any]:
            await rule(tx, wanted, Decision(data.refund, data.rule, data.reasons, data.to_return))
            return 201, await _view(tx, wanted, caller)

        answer = await once(tx, person_id, key, fingerprint("rulings", str(wanted), data), decide)
        return Response(answer.body, status_code=answer.status)

    return await db.write(caller.actor, deed)


async def _view(reader: Reader, dispute_id: DisputeId, caller: Caller) -> DisputeView:
    dispute, person_id = await get_dispute(reader, dispute_id), PersonId(caller.need_person())
    side = await side_of(reader, dispute, person_id)
    if side is None and not caller.is_staff:
        raise DisputeNotFound
    return dispute_view(await get_dispute_in_full(reader, dispute), side)


def dispute_item(found: Dispute, side: Side | None) -> DisputeItem:
    """Show a dispute in a list."""
    return DisputeItem(
        found.id,
        found.case_id,
        found.order_id,
        found.kind,
        found.state,
        side,
        Money(found.claimed, found.currency),
        Money(found.refund, found.currency),
        found.outcome,
        found.opened_at,
        found.round,
        found.round_ends_at,
        found.rule_by,
        found.appeal_by,
        found.final_at,
    )


def dispute_view(full: DisputeInFull, side: Side | None) -> DisputeView:
    """Show a dispute in full."""
    found = full.dispute
    return DisputeView(
        dispute_item(found, side),
        [StatementView(s.side, s.round, s.words, list(s.pictures), s.at) for s in full.statements],
        [
            RulingView(r.stage, r.decider, Money(r.refund, found.currency), r.to_return, r.rule_key, r.reasons, r.at)
            for r in full.rulings
        ],
        found.appealed_by,
        found.appeal_words,
        [s for s in Side if found.wants_jury(s)],
    )


HANDLERS: Final = (
    show_disputes,
    show_dispute,
    create_statement,
    create_silence,
    create_jury_wish,
    create_appeal,
    create_ruling,
)
