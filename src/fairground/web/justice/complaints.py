"""Complaints as those who complain see them: the notice, what became of it, taking it back, an appeal."""

import re
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import Invalid, NotFound
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.place import Place
from fairground.kit.storage import Storage
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import ProductId
from fairground.market.justice.actions.complaint_rulings import appeal_complaint
from fairground.market.justice.actions.complaints import give_notice, withdraw_complaint
from fairground.market.justice.errors import EmailUnconfirmed, TooManyComplaints
from fairground.market.justice.model.complaints import (
    Complaint,
    ComplaintDraft,
    ComplaintId,
    ComplaintKind,
    ComplaintRules,
    ComplaintSide,
)
from fairground.market.justice.queries.complaints import (
    get_complaint,
    has_fast_lane,
    list_complaints_of,
    list_proofs,
)
from fairground.market.media.actions import add_picture
from fairground.market.shops.queries import map_shops
from fairground.web.complaint_words import KINDS, ComplaintView, complaint_view, store_proofs
from fairground.web.render import go, page
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]
_LISTING: Final = re.compile(r"(?:^|/p/)(\d{1,19})(?:[?#]\S*)?$")
NOBODY: Final = ProductId(1)  # a line that names no listing is refused as an unknown one is


class NoticeForm(msgspec.Struct):
    """The notice; `listings` is one address a line."""

    kind: str = ""
    listings: str = ""
    owner: str = ""
    registration: str = ""
    words: str = ""


class WordsForm(msgspec.Struct):
    """Words alone."""

    words: str = ""


class NewView(msgspec.Struct, frozen=True):
    """The empty or half-filled notice."""

    form: NoticeForm
    kinds: list[tuple[str, str]]
    rules: ComplaintRules
    is_fast: bool
    errors: Told


class ListView(msgspec.Struct, frozen=True):
    """Somebody's complaints."""

    complaints: list[ComplaintView]
    next_href: str | None


@get("/justice/complaints", include_in_schema=False)
async def show_complaints(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show one's own complaints."""
    person_id = caller.need_person()

    async def look(reader: Reader) -> ListView:
        found = await list_complaints_of(reader, person_id, after=after)
        shops = await map_shops(reader, {one.shop_id for one in found.items})
        side, now = ComplaintSide.COMPLAINANT, reader.now
        views = [complaint_view(one, shops[one.shop_id], side, now) for one in found.items]
        return ListView(views, f"/justice/complaints?after={found.next}" if found.next else None)

    return page(request, "justice/complaints.html", title=gettext("Your complaints"), view=await db.read(look))


@get("/justice/complaints/new", include_in_schema=False)
async def show_notice(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    listing: FromQuery[str] = "",
) -> Response[bytes]:
    """Show the empty notice, with the listing one comes from."""
    caller.need_person()
    known = ProductId.parse(listing)
    address = "" if known is None else f"{db.given(Place).url}/p/{known}"
    return await _notice_page(request, caller, db, NoticeForm(listings=address), Told())


async def _notice_page(
    request: AnyRequest, caller: Caller, db: Database, form: NoticeForm, errors: Told
) -> Response[bytes]:
    person_id = caller.need_person()
    view = NewView(
        form,
        [(str(kind), gettext(words)) for kind, words in KINDS.items()],
        db.given(ComplaintRules),
        await db.read(lambda reader: has_fast_lane(reader, person_id)),
        errors,
    )
    status = 422 if errors.all else 200
    title = gettext("Somebody sells what is not theirs to sell")
    return page(request, "justice/complaint_new.html", title=title, status=status, view=view)


@post("/justice/complaints", include_in_schema=False)
async def send_notice(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Take a notice in."""
    me, form = PersonId(caller.need_person()), await read_form(request, NoticeForm)
    try:
        stored = await store_proofs(request, db, storage, me)
        draft = ComplaintDraft(_kind(form.kind), listings_of(form.listings), form.owner, form.registration, form.words)

        async def write(tx: Tx) -> Complaint:
            proofs = [await add_picture(tx, me, picture, is_public=False) for picture in stored]
            return await give_notice(tx, me, draft, proofs)

        complaint = await db.write(caller.actor, write)
    except (Invalid, EmailUnconfirmed, TooManyComplaints) as trouble:
        return await _notice_page(request, caller, db, form, tell_fields(trouble, "listings"))
    return go(request, f"/justice/complaints/{complaint.id}", say=gettext("Your complaint is with the shop now."))


def _kind(text: str) -> ComplaintKind:
    return ComplaintKind(text) if text in set(ComplaintKind) else ComplaintKind.COUNTERFEIT


def listings_of(text: str) -> tuple[ProductId, ...]:
    """Read addresses or numbers of listings, one a line."""
    found = [_LISTING.search(line.strip()) for line in text.splitlines() if line.strip()]
    return tuple((match and ProductId.parse(match[1])) or NOBODY for match in found)


@get("/justice/complaints/{complaint_id:str}", include_in_schema=False)
async def show_complaint(
    request: AnyRequest, complaint_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show one's complaint: what happened, what happens next and when."""
    return await _page(request, caller, db, an_id(ComplaintId, complaint_id), Told())


async def _page(
    request: AnyRequest, caller: Caller, db: Database, complaint_id: ComplaintId, errors: Told
) -> Response[bytes]:
    me = caller.need_person()

    async def look(reader: Reader) -> ComplaintView:
        complaint = await get_complaint(reader, complaint_id, complainant_id=me)
        shops = await map_shops(reader, [complaint.shop_id])
        proofs = await list_proofs(reader, complaint_id)
        return complaint_view(complaint, shops[complaint.shop_id], ComplaintSide.COMPLAINANT, reader.now, proofs)

    view = await db.read(look)
    status = 422 if errors.all else 200
    title = gettext("Your complaint")
    return page(request, "justice/complaint.html", title=title, status=status, view=view, errors=errors)


@post("/justice/complaints/{complaint_id:str}/{deed:str}", include_in_schema=False)
async def move_complaint(
    request: AnyRequest,
    complaint_id: FromPath[str],
    deed: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Take a complaint back (`withdrawal`), or appeal against the decision (`appeal`)."""
    me, wanted, form = (
        PersonId(caller.need_person()),
        an_id(ComplaintId, complaint_id),
        await read_form(request, WordsForm),
    )
    said = {
        "withdrawal": gettext("Taken back. The listings are as they were."),
        "appeal": gettext("Your appeal is with somebody who did not decide it before."),
    }
    if deed not in said:
        await db.read(lambda reader: get_complaint(reader, wanted, complainant_id=me))
        raise NotFound
    try:
        if deed == "withdrawal":
            await db.write(caller.actor, lambda tx: withdraw_complaint(tx, me, wanted))
        else:
            side = ComplaintSide.COMPLAINANT
            await db.write(caller.actor, lambda tx: appeal_complaint(tx, wanted, side, form.words))
    except Invalid as trouble:
        return await _page(request, caller, db, wanted, tell_fields(trouble))
    return go(request, f"/justice/complaints/{wanted}", say=said[deed])


HANDLERS: Final[list[ControllerRouterHandler]] = [
    show_complaints,
    show_notice,
    send_notice,
    show_complaint,
    move_complaint,
]
