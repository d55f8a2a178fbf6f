"""Complaints at the desk: what waits with its clock, one with all that was said, the decision."""

from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.market.accounts.queries import map_people
from fairground.market.justice.actions.complaint_rulings import decide_complaint
from fairground.market.justice.errors import ComplaintInWrongState, OwnInterest
from fairground.market.justice.model.complaints import (
    REJECTABLE,
    UPHOLDABLE,
    Complaint,
    ComplaintId,
    ComplaintRules,
    Record,
)
from fairground.market.justice.model.ladder import Standing
from fairground.market.justice.queries.complaints import (
    get_complaint,
    get_record,
    list_desk_complaints,
    list_opened_complaints,
    list_proofs,
)
from fairground.market.justice.queries.ladder import get_standing
from fairground.market.shops.queries import map_shops
from fairground.web.complaint_words import ComplaintView, complaint_view
from fairground.web.desk.frame import AnyRequest, Queues, count_queues, desk_page, note_look
from fairground.web.render import go
from fairground.web.told import Told, tell_fields


class ComplaintsView(msgspec.Struct, frozen=True):
    """What waits for the desk, and what still waits for its shop."""

    waiting: list[ComplaintView]
    opened: list[ComplaintView]
    next_href: str | None


class OneView(msgspec.Struct, frozen=True):
    """One complaint with what there is to know of both sides."""

    one: ComplaintView
    complainant: str
    record: Record
    standing: Standing
    may_uphold: bool
    may_reject: bool


class DecisionForm(msgspec.Struct):
    """The decision and its reason."""

    answer: str = ""
    reason: str = ""


@get("/desk/complaints", include_in_schema=False)
async def show_complaints(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show the complaints that wait, what is due first in front."""
    caller.need_staff()

    async def look(reader: Reader) -> tuple[ComplaintsView, Queues]:
        found, opened = await list_desk_complaints(reader, after=after), await list_opened_complaints(reader)
        shops = await map_shops(reader, {one.shop_id for one in (*found.items, *opened)})

        def told(some: list[Complaint]) -> list[ComplaintView]:
            return [complaint_view(one, shops[one.shop_id], None, reader.now) for one in some]

        next_href = f"/desk/complaints?after={found.next}" if found.next else None
        return ComplaintsView(told(found.items), told(opened), next_href), await count_queues(reader)

    view, queues = await db.read(look)
    title = gettext("Complaints about rights")
    return desk_page(request, "complaint/list", title=title, queues=queues, view=view)


@get("/desk/complaints/{complaint_id:str}", include_in_schema=False)
async def show_complaint(
    request: AnyRequest, complaint_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show one complaint; that somebody looked is logged."""
    caller.need_staff()
    wanted = an_id(ComplaintId, complaint_id)
    await db.read(lambda reader: get_complaint(reader, wanted))
    await note_look(db, caller, "justice.look_complaint", wanted)
    return await _page(request, db, wanted, Told(), DecisionForm())


async def _page(
    request: AnyRequest, db: Database, complaint_id: ComplaintId, errors: Told, form: DecisionForm
) -> Response[bytes]:
    view = await db.read(lambda reader: _look(reader, complaint_id))
    return desk_page(
        request,
        "complaint/one",
        title=gettext("A complaint about a right"),
        status=422 if errors.all else 200,
        view=view,
        errors=errors,
        form=form,
    )


async def _look(reader: Reader, complaint_id: ComplaintId) -> OneView:
    complaint = await get_complaint(reader, complaint_id)
    shops = await map_shops(reader, [complaint.shop_id])
    people = await map_people(reader, [complaint.complainant_id])
    since = reader.now - reader.given(ComplaintRules).lane
    return OneView(
        complaint_view(complaint, shops[complaint.shop_id], None, reader.now, await list_proofs(reader, complaint_id)),
        people[complaint.complainant_id].name if complaint.complainant_id in people else "",
        await get_record(reader, complaint.complainant_id, since),
        await get_standing(reader, complaint.shop_id),
        complaint.state in UPHOLDABLE,
        complaint.state in REJECTABLE,
    )


@post("/desk/complaints/{complaint_id:str}/decision", include_in_schema=False)
async def decide(
    request: AnyRequest, complaint_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Uphold or reject, with a reason."""
    caller.need_staff()
    wanted, form = an_id(ComplaintId, complaint_id), await read_form(request, DecisionForm)
    if form.answer not in {"uphold", "reject"}:
        told = Told({"answer": gettext("Please choose one.")})
        return await _page(request, db, wanted, told, form)
    upheld = form.answer == "uphold"
    try:
        await db.write(caller.actor, lambda tx: decide_complaint(tx, wanted, upheld=upheld, reason=form.reason))
    except (Invalid, OwnInterest) as trouble:
        return await _page(request, db, wanted, tell_fields(trouble, "reason"), form)
    except ComplaintInWrongState:
        return go(request, "/desk/complaints", say=gettext("Somebody has decided this already."), kind="mind")
    return go(request, "/desk/complaints", say=gettext("Decided, and told to both sides."))


HANDLERS: Final[list[ControllerRouterHandler]] = [show_complaints, show_complaint, decide]
