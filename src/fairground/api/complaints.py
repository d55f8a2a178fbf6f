"""Complaints about rights, by API: the notice, the shop's answer, appeals, the desk's decision."""

from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_files
from fairground.kit.i18n.words import gettext
from fairground.kit.images import PictureTrouble
from fairground.kit.storage import Storage
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import ProductId
from fairground.market.justice.actions.complaint_rulings import appeal_complaint, decide_complaint
from fairground.market.justice.actions.complaints import counter_notice, give_notice, withdraw_complaint
from fairground.market.justice.errors import ComplaintNotFound
from fairground.market.justice.model.complaints import (
    Complaint,
    ComplaintDraft,
    ComplaintId,
    ComplaintKind,
    ComplaintSide,
    ComplaintState,
)
from fairground.market.justice.queries.complaints import (
    get_complaint,
    list_complaints_of,
    list_complaints_of_shop,
    list_desk_complaints,
)
from fairground.market.media.actions import add_picture, store_picture
from fairground.market.media.model import MediaId
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_manage_goods
from fairground.market.shops.queries import get_shop_for, role_in


class Notice(msgspec.Struct):
    """Which listings of one shop break which right; `pictures` come from `POST /complaints/proofs`."""

    kind: ComplaintKind
    listings: list[ProductId]
    owner: str
    words: str
    registration: str = ""
    pictures: list[MediaId] = []


class CounterNotice(msgspec.Struct):
    """The shop's answer."""

    words: str
    pictures: list[MediaId] = []


class Appeal(msgspec.Struct):
    """What was overlooked."""

    words: str


class Decision(msgspec.Struct):
    """The desk's decision, with its reason."""

    decision: Literal["uphold", "reject"]
    reason: str


class ComplaintBody(msgspec.Struct):
    """A complaint, told the same to both sides."""

    id: ComplaintId
    shop_id: ShopId
    kind: ComplaintKind
    listings: list[ProductId]
    owner: str
    registration: str
    words: str
    state: ComplaintState
    is_fast: bool
    made_at: datetime
    counter_by: datetime
    counter_words: str
    countered_at: datetime | None
    decide_by: datetime | None
    decided_at: datetime | None
    reason: str
    appeal_by: datetime | None
    appealed_at: datetime | None
    appeal_words: str
    closed_at: datetime | None


class Complaints(msgspec.Struct):
    """Some complaints."""

    items: list[ComplaintBody]
    next: str | None


class Proof(msgspec.Struct):
    """An uploaded proof."""

    id: MediaId


@post("/api/v1/complaints/proofs", tags=["Justice"])
async def upload_proof(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Proof:
    """Upload a picture as a proof (multipart, field `file`); only both sides and the desk will see it."""
    me = PersonId(caller.need_person())
    files = await read_files(request, "file", at_most=1)
    if not files:
        raise invalid("/file", "required", N_("This is needed."))
    try:
        stored = await store_picture(storage, me, files[0][1], db.clock.now())
    except PictureTrouble as trouble:
        raise invalid("/file", trouble.code, trouble.message, **trouble.params) from trouble
    return Proof(await db.write(caller.actor, lambda tx: add_picture(tx, me, stored, is_public=False)))


@post("/api/v1/complaints", tags=["Justice"])
async def create_complaint(
    data: JSONBody[Notice], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> ComplaintBody:
    """Complain that listings break a right."""
    me = PersonId(caller.need_person())
    draft = ComplaintDraft(data.kind, tuple(data.listings), data.owner, data.registration, data.words)
    return body_of(await db.write(caller.actor, lambda tx: give_notice(tx, me, draft, data.pictures)))


@get("/api/v1/complaints", tags=["Justice"])
async def show_complaints(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    role: FromQuery[Literal["complainant", "desk"]] = "complainant",
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> Complaints:
    """List one's own complaints, the newest first; as `desk` what waits for it, what is due first in front."""
    me = caller.need_person()
    if role == "desk":
        caller.need_staff()
        found = await db.read(lambda reader: list_desk_complaints(reader, after=after, limit=limit))
    else:
        found = await db.read(lambda reader: list_complaints_of(reader, me, after=after, limit=limit))
    return Complaints([body_of(one) for one in found.items], found.next)


@get("/api/v1/shops/{slug:str}/complaints", tags=["Justice"])
async def show_shop_complaints(
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> Complaints:
    """List the complaints about one's shop, the newest first."""
    me = caller.need_person()

    async def look(reader: Reader) -> Complaints:
        shop = await get_shop_for(reader, slug, me, may_manage_goods)
        found = await list_complaints_of_shop(reader, shop.id, after=after, limit=limit)
        return Complaints([body_of(one) for one in found.items], found.next)

    return await db.read(look)


@get("/api/v1/complaints/{complaint_id:str}", tags=["Justice"])
async def show_complaint(
    complaint_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> ComplaintBody:
    """Show a complaint to its two sides and the desk."""
    wanted = an_id(ComplaintId, complaint_id)
    caller.need_person()

    async def look(reader: Reader) -> Complaint:
        complaint = await get_complaint(reader, wanted)
        if not caller.is_staff:
            await _side(reader, caller, complaint)
        return complaint

    return body_of(await db.read(look))


async def _side(reader: Reader, caller: Caller, complaint: Complaint) -> ComplaintSide:
    me = caller.need_person()
    if me == complaint.complainant_id:
        return ComplaintSide.COMPLAINANT
    role = await role_in(reader, complaint.shop_id, me)
    if role is None or not may_manage_goods(role):
        raise ComplaintNotFound
    return ComplaintSide.SHOP


@post("/api/v1/complaints/{complaint_id:str}/counter-notices", tags=["Justice"])
async def create_counter_notice(
    complaint_id: FromPath[str],
    data: JSONBody[CounterNotice],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> ComplaintBody:
    """Answer a complaint as the shop, once, before the deadline."""
    caller.need_person()
    wanted = an_id(ComplaintId, complaint_id)
    return body_of(await db.write(caller.actor, lambda tx: counter_notice(tx, wanted, data.words, data.pictures)))


@post("/api/v1/complaints/{complaint_id:str}/withdrawal", tags=["Justice"])
async def create_withdrawal(
    complaint_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> ComplaintBody:
    """Take one's complaint back before it is decided."""
    me, wanted = PersonId(caller.need_person()), an_id(ComplaintId, complaint_id)
    return body_of(await db.write(caller.actor, lambda tx: withdraw_complaint(tx, me, wanted)))


@post("/api/v1/complaints/{complaint_id:str}/appeals", tags=["Justice"])
async def create_appeal(
    complaint_id: FromPath[str],
    data: JSONBody[Appeal],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> ComplaintBody:
    """Appeal against the decision, as the side that lost; once, in time."""
    caller.need_person()
    wanted = an_id(ComplaintId, complaint_id)

    async def look(reader: Reader) -> ComplaintSide:
        return await _side(reader, caller, await get_complaint(reader, wanted))

    side = await db.read(look)
    return body_of(await db.write(caller.actor, lambda tx: appeal_complaint(tx, wanted, side, data.words)))


@post("/api/v1/complaints/{complaint_id:str}/decisions", tags=["Desk"])
async def create_decision(
    complaint_id: FromPath[str],
    data: JSONBody[Decision],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> ComplaintBody:
    """Decide a complaint, or the appeal against the first decision. For the desk."""
    caller.need_staff()
    wanted, upheld = an_id(ComplaintId, complaint_id), data.decision == "uphold"
    return body_of(
        await db.write(caller.actor, lambda tx: decide_complaint(tx, wanted, upheld=upheld, reason=data.reason))
    )


def body_of(complaint: Complaint) -> ComplaintBody:
    """Tell a complaint; who of the desk and of the shop wrote stays inside."""
    return ComplaintBody(
        complaint.id,
        complaint.shop_id,
        complaint.kind,
        list(complaint.product_ids),
        complaint.owner,
        complaint.registration,
        complaint.words,
        complaint.state,
        complaint.is_fast,
        complaint.made_at,
        complaint.counter_by,
        complaint.counter_words,
        complaint.countered_at,
        complaint.decide_by,
        complaint.decided_at,
        gettext(complaint.reason) if complaint.reason else "",
        complaint.appeal_by,
        complaint.appealed_at,
        complaint.appeal_words,
        complaint.closed_at,
    )


HANDLERS: Final = (
    upload_proof, create_complaint, show_complaints, show_shop_complaints, show_complaint, create_counter_notice,
    create_withdrawal, create_appeal, create_decision,
)  # fmt: skip
