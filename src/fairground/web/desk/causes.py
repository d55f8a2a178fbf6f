"""Causes at the desk: name them, say what belongs to them, decide what the market does."""

from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, Invalid, NotFound
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.market.justice.actions.causes import decide_cause, link_cause, name_cause
from fairground.market.justice.errors import StillOpen
from fairground.market.justice.model.causes import CauseDecision, CauseId, Closed, ClosedKind, Unlinked
from fairground.market.justice.queries.causes import list_causes, list_unlinked
from fairground.web.desk.frame import AnyRequest, Queues, count_queues, desk_page
from fairground.web.justice.causes import DECISIONS, CauseView, cause_view
from fairground.web.render import go
from fairground.web.told import Told, tell_fields

KINDS: Final = {
    ClosedKind.COMPLAINT: N_("Complaint"),
    ClosedKind.REPORT: N_("Report"),
    ClosedKind.TICKET: N_("Ticket"),
    ClosedKind.DISPUTE: N_("Dispute"),
}


class CausesView(msgspec.Struct, frozen=True):
    """All causes, and what belongs to none."""

    causes: list[CauseView]
    choices: list[tuple[str, str]]
    unlinked: list[tuple[Unlinked, str]]  # with what it is
    kinds: list[tuple[str, str]]
    decisions: list[tuple[str, str]]


class NameForm(msgspec.Struct):
    """A new cause."""

    title: str = ""
    title_zh: str = ""


class DecisionForm(msgspec.Struct):
    """What the market does."""

    decision: str = ""
    words: str = ""
    words_zh: str = ""
    link: str = ""


class LinkForm(msgspec.Struct):
    """What belongs to which cause."""

    kind: str = ""
    number: str = ""
    cause: str = ""


@get("/desk/causes", include_in_schema=False)
async def show_causes(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show causes with their decisions, and what belongs to none yet."""
    caller.need_staff()
    return await _page(request, db, Told())


async def _page(request: AnyRequest, db: Database, errors: Told) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[CausesView, Queues]:
        causes = [cause_view(cause) for cause in await list_causes(reader)]
        unlinked = [(one, gettext(KINDS[one.closed.kind])) for one in await list_unlinked(reader)]
        view = CausesView(
            causes,
            [(str(one.cause.id), one.title) for one in causes],
            unlinked,
            [(str(kind), gettext(words)) for kind, words in KINDS.items()],
            [(str(decision), gettext(words)) for decision, (_, words) in DECISIONS.items()],
        )
        return view, await count_queues(reader)

    view, queues = await db.read(look)
    title, status = gettext("Causes and changes"), 422 if errors.all else 200
    return desk_page(request, "causes", title=title, status=status, queues=queues, view=view, errors=errors)


@post("/desk/causes", include_in_schema=False)
async def add_cause(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Name a cause."""
    caller.need_staff()
    form = await read_form(request, NameForm)
    try:
        await db.write(caller.actor, lambda tx: name_cause(tx, form.title, form.title_zh))
    except Invalid as trouble:
        return await _page(request, db, tell_fields(trouble))
    return go(request, "/desk/causes", say=gettext("The cause has its name."))


@post("/desk/causes/links", include_in_schema=False)
async def add_link(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Say what a closed thing belongs to."""
    caller.need_staff()
    form = await read_form(request, LinkForm)
    number, cause = Id.parse(form.number), CauseId.parse(form.cause)
    if form.kind not in set(ClosedKind) or number is None or cause is None:
        return await _page(request, db, Told({"number": gettext("Please give a number and choose a cause.")}))
    closed = Closed(ClosedKind(form.kind), number)
    try:
        await db.write(caller.actor, lambda tx: link_cause(tx, closed, cause))
    except (NotFound, StillOpen) as trouble:
        return await _page(request, db, Told({"number": gettext(trouble.message)}))
    return go(request, "/desk/causes", say=gettext("It belongs to the cause now."))


@post("/desk/causes/{cause_id:str}/decision", include_in_schema=False)
async def decide(
    request: AnyRequest, cause_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Say what the market does about a cause."""
    caller.need_staff()
    wanted, form = an_id(CauseId, cause_id), await read_form(request, DecisionForm)
    if form.decision not in set(CauseDecision):
        return await _page(request, db, Told({f"decision-{wanted}": gettext("Please choose one.")}))
    decision = CauseDecision(form.decision)
    try:
        await db.write(
            caller.actor,
            lambda tx: decide_cause(tx, wanted, decision, form.words, words_zh=form.words_zh, link=form.link),
        )
    except Invalid as trouble:
        return await _page(request, db, Told({f"{name}-{wanted}": text for name, text in tell_fields(trouble).all}))
    return go(request, "/desk/causes", say=gettext("Decided: everybody reads it."))


HANDLERS: Final[list[ControllerRouterHandler]] = [show_causes, add_cause, add_link, decide]
