"""After-sale cases, by API: opened by buyers, answered by both sides, with what each adds to look at."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_files
from fairground.kit.idempotency import check_key, fingerprint, once
from fairground.kit.ids import Id
from fairground.kit.images import PictureTrouble
from fairground.kit.money import Money
from fairground.kit.storage import Storage
from fairground.market.accounts.model import PersonId
from fairground.market.aftersale.actions.answers import Said, add_evidence, answer_case
from fairground.market.aftersale.actions.cases import open_case
from fairground.market.aftersale.model import (
    ENDED,
    AftersaleRules,
    Answer,
    Bearer,
    Case,
    CaseDraft,
    CaseId,
    CaseKind,
    CaseReason,
    CaseState,
    Outcome,
    Revision,
    ShopCase,
    Side,
    TimelineEntry,
    answers_for,
)
from fairground.market.aftersale.policy import may_answer_cases, may_see_cases
from fairground.market.aftersale.queries.cases import CaseSeat, list_cases, list_shop_cases, look_at_case
from fairground.market.aftersale.queries.timeline import list_timeline
from fairground.market.media.actions import add_picture, store_picture
from fairground.market.media.model import MediaId
from fairground.market.orders.model import OrderId
from fairground.market.shops.model import Shop
from fairground.market.shops.queries import get_shop_for, list_memberships, map_shops

MOST_LINES: Final = 100


class AmountBody(msgspec.Struct):
    """Money in minor units."""

    amount: int
    currency: str


class NewCase(msgspec.Struct):
    """What a buyer claims. No line: the whole order. No `amount`: all that is left of it; a number is minor units.

    `reason` is one of the market's, or words of one's own, which count as `other`.
    """

    kind: CaseKind
    reason: str
    line_id: str | None = None
    line_ids: list[str] = []
    amount: int | AmountBody | None = None
    words: str = ""
    pictures: list[MediaId] = []


class AnswerBody(msgspec.Struct):
    """An answer, with what it needs: words for a no, a parcel for a return or a replacement, changes for `revise`."""

    answer: Answer
    words: str = ""
    pictures: list[MediaId] = []
    carrier: str | None = None
    tracking_number: str | None = None
    kind: CaseKind | None = None
    reason: str | None = None
    amount: int | AmountBody | None = None


class EvidenceBody(msgspec.Struct):
    """Words and pictures to look at."""

    words: str = ""
    pictures: list[MediaId] = []


class EntryView(msgspec.Struct):
    """One step of the timeline; `is_ahead`: it happens by itself then, if nobody answers."""

    at: datetime
    deed: str
    side: Side
    state: CaseState
    words: str
    pictures: list[Id]
    amount: Money | None
    is_ahead: bool


class CaseItem(msgspec.Struct):
    """A case in a list; a shop's list may be a second behind."""

    id: CaseId
    order_id: OrderId
    number: str
    shop: str
    kind: CaseKind
    reason: CaseReason
    state: CaseState
    amount: Money
    refunded: Money
    due_at: datetime | None
    opened_at: datetime
    ended_at: datetime | None


class Cases(msgspec.Struct):
    """A page of cases, the latest first."""

    items: list[CaseItem]
    next: str | None


class CaseView(CaseItem):
    """A case as one of its two sides sees it; `answers` are those that this side may give now."""

    line_ids: list[str]
    freight_paid_by: Bearer
    return_address: dict[str, Any] | None
    replacement: dict[str, str] | None
    outcome: Outcome | None
    answers: list[Answer]
    timeline: list[EntryView]


class Picture(msgspec.Struct):
    """An uploaded picture."""

    id: MediaId


AnyRequest = Request[Any, Any, Any]


@post("/api/v1/orders/{order_id:str}/cases", tags=["After-sale"])
async def create_case(
    order_id: FromPath[str],
    data: JSONBody[NewCase],
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[Any]:
    """Ask for a refund, a return or an exchange as the buyer. An `Idempotency-Key` makes it safe to send again."""
    caller.need_person()
    wanted = an_id(OrderId, order_id)

    async def deed(tx: Tx) -> tuple[int, Any]:
        case = await open_case(tx, wanted, _draft(data))
        return 201, await _view(tx, case.id, caller)

    return await _once(db, caller, request, fingerprint("cases", str(wanted), data), deed)


@post("/api/v1/cases/{case_id:str}/answers", tags=["After-sale"])
async def create_answer(
    case_id: FromPath[str],
    data: JSONBody[AnswerBody],
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[Any]:
    """Answer in a case, as its buyer or its shop. An `Idempotency-Key` makes it safe to send again."""
    caller.need_person()
    wanted = an_id(CaseId, case_id)

    async def deed(tx: Tx) -> tuple[int, Any]:
        said = Said(data.words, tuple(data.pictures), data.carrier, data.tracking_number)
        await answer_case(tx, wanted, data.answer, said, _revision(data))
        return 201, await _view(tx, wanted, caller)

    return await _once(db, caller, request, fingerprint("answers", str(wanted), data), deed)


@post("/api/v1/cases/{case_id:str}/evidence", tags=["After-sale"])
async def create_evidence(
    case_id: FromPath[str],
    data: JSONBody[EvidenceBody],
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[Any]:
    """Add words and pictures to an open case. An `Idempotency-Key` makes it safe to send again."""
    caller.need_person()
    wanted = an_id(CaseId, case_id)

    async def deed(tx: Tx) -> tuple[int, Any]:
        await add_evidence(tx, wanted, data.words, tuple(data.pictures))
        return 201, await _view(tx, wanted, caller)

    return await _once(db, caller, request, fingerprint("evidence", str(wanted), data), deed)


async def _once(
    db: Database, caller: Caller, request: AnyRequest, print_: bytes, deed: Callable[[Tx], Awaitable[tuple[int, Any]]]
) -> Response[Any]:
    """Do a deed; with a key once, however often it is sent."""
    person_id, raw = caller.need_person(), request.headers.get("idempotency-key")
    key = None if raw is None else check_key(raw)

    async def write(tx: Tx) -> tuple[int, Any]:
        if key is None:
            return await deed(tx)
        answer = await once(tx, person_id, key, print_, lambda: deed(tx))
        return answer.status, answer.body

    status, body = await db.write(caller.actor, write)
    return Response(body, status_code=status)


@get("/api/v1/cases", tags=["After-sale"])
async def show_cases(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    role: FromQuery[Literal["buyer", "seller"]] = "buyer",
    shop: FromQuery[str | None] = None,
    in_state: Annotated[CaseState | None, QueryParameter(name="state")] = None,
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> Cases:
    """List the cases one has opened, or (`role=seller`) those of one's shop, also by `state`; the latest first."""
    person_id = PersonId(caller.need_person())

    async def opened(reader: Reader) -> Cases:
        page = await list_cases(reader, person_id, after=after, limit=limit)
        shops = await map_shops(reader, {case.shop_id for case in page.items})
        return Cases([_item(case, shops[case.shop_id].slug) for case in page.items], page.next)

    async def of_shop(reader: Reader) -> Cases:
        mine = await _shop_of(reader, person_id, shop)
        page = await list_shop_cases(reader, mine.id, state=in_state, after=after, limit=limit)
        return Cases([_shop_item(case, mine.slug) for case in page.items], page.next)

    return await db.read(opened if role == "buyer" else of_shop)


async def _shop_of(reader: Reader, person_id: Id, slug: str | None) -> Shop:
    """Find the shop that is meant: the one named, or the only one the person works in."""
    if slug is None:
        joined = [m.slug for m in await list_memberships(reader, person_id) if m.joined_at is not None]
        if len(joined) != 1:
            raise invalid("/shop", "required", N_("Please name the shop."))
        slug = joined[0]
    return await get_shop_for(reader, slug, person_id, may_see_cases)


@get("/api/v1/cases/{case_id:str}", tags=["After-sale"])
async def show_case(case_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> CaseView:
    """Show a case to its buyer or to its shop, with its timeline and what is ahead."""
    caller.need_person()
    wanted = an_id(CaseId, case_id)
    return await db.read(lambda reader: _view(reader, wanted, caller))


@post("/api/v1/me/evidence", tags=["After-sale"])
async def upload_evidence(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Picture:
    """Upload a picture for a case (multipart, field `file`): only the two sides of the case and the market see it."""
    person_id = PersonId(caller.need_person())
    files = await read_files(request, "file", at_most=1)
    if not files:
        raise invalid("/file", "required", N_("This is needed."))
    try:
        stored = await store_picture(storage, person_id, files[0][1], db.clock.now())
    except PictureTrouble as trouble:
        raise invalid("/file", trouble.code, trouble.message, **trouble.params) from trouble
    return Picture(await db.write(caller.actor, lambda tx: add_picture(tx, person_id, stored, is_public=False)))


def _draft(data: NewCase) -> CaseDraft:
    known = next((one for one in CaseReason if one == data.reason), None)
    named = [*data.line_ids, *([] if data.line_id is None else [data.line_id])]
    return CaseDraft(
        kind=data.kind,
        reason=known or CaseReason.OTHER,
        positions=tuple(_position(line) for line in named[:MOST_LINES]),
        amount=_amount(data.amount),
        words=data.words if known else "\n".join(filter(None, (data.reason, data.words))),
        pictures=tuple(data.pictures),
    )


def _revision(data: AnswerBody) -> Revision | None:
    if data.answer is not Answer.REVISE:
        return None
    reason = next((one for one in CaseReason if one == data.reason), None)
    pictures = tuple(data.pictures)
    return Revision(kind=data.kind, reason=reason, amount=_amount(data.amount), words=data.words, pictures=pictures)


def _amount(amount: int | AmountBody | None) -> int | None:
    return amount.amount if isinstance(amount, AmountBody) else amount


def _position(line_id: str) -> int:
    return int(line_id) if line_id.isascii() and line_id.isdigit() and len(line_id) < 5 else 0


async def _view(reader: Reader, case_id: CaseId, caller: Caller) -> CaseView:
    seat = await look_at_case(reader, case_id, caller.need_person())
    case, shops = seat.case, await map_shops(reader, [seat.case.shop_id])
    return CaseView(
        **msgspec.structs.asdict(_item(case, shops[case.shop_id].slug)),
        line_ids=[str(position) for position in case.positions],
        freight_paid_by=case.bearer,
        return_address=case.return_address,
        replacement=case.replacement,
        outcome=case.outcome,
        answers=_answers(seat, reader.given(AftersaleRules)),
        timeline=[_entry(entry, case.currency) for entry in await list_timeline(reader, case_id)],
    )


def _answers(seat: CaseSeat, rules: AftersaleRules) -> list[Answer]:
    if seat.role is not None and not may_answer_cases(seat.role):
        return []
    return list(answers_for(seat.case, seat.side, rules))


def _item(case: Case, slug: str) -> CaseItem:
    return CaseItem(
        case.id,
        case.order_id,
        case.shown_number,
        slug,
        case.kind,
        case.reason,
        case.state,
        case.money,
        Money(case.refunded, case.currency),
        case.falls_due if case.is_open else None,
        case.opened_at,
        case.ended_at,
    )


def _shop_item(case: ShopCase, slug: str) -> CaseItem:
    return CaseItem(
        case.case_id,
        case.order_id,
        case.shown_number,
        slug,
        case.kind,
        case.reason,
        case.state,
        case.amount,
        case.refunded,
        None if case.state in ENDED else case.due_at,
        case.opened_at,
        case.ended_at,
    )


def _entry(entry: TimelineEntry, currency: str) -> EntryView:
    return EntryView(
        entry.at,
        entry.deed,
        entry.side,
        entry.state,
        entry.words,
        list(entry.pictures),
        None if entry.amount is None else Money(entry.amount, currency),
        entry.is_ahead,
    )


HANDLERS: Final = (create_case, show_cases, show_case, create_answer, create_evidence, upload_evidence)
