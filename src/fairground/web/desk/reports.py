"""Reports at the desk: what waits, in piles; one pile with all that was said, and the decision."""

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
from fairground.market.justice.actions.reports import decide_reports
from fairground.market.justice.errors import OwnInterest, ReportDecided
from fairground.market.justice.model.reports import OUTCOMES, Pile, PileId, Report, ReportOutcome
from fairground.market.justice.queries.reports import get_pile, list_open_piles, list_reports
from fairground.market.reviews.model import Review, ReviewId
from fairground.market.reviews.queries import map_reviews
from fairground.web.desk.frame import AnyRequest, Queues, count_queues, desk_page, note_look
from fairground.web.render import go
from fairground.web.report_words import DID, KINDS, WHY, href_of, state_of
from fairground.web.told import Told, tell_fields


class ListView(msgspec.Struct, frozen=True):
    """What waits."""

    rows: list[tuple[Pile, str]]  # with what it is
    next_href: str | None


class PileView(msgspec.Struct, frozen=True):
    """One pile: what it is about, who said what, what may be done."""

    pile: Pile
    kind: str
    state: tuple[str, str]
    href: str | None
    review: Review | None
    reports: list[tuple[Report, str]]  # with the reason in words
    outcomes: list[tuple[str, str]]


class DecisionForm(msgspec.Struct):
    """The decision and its reason."""

    outcome: str = ""
    reason: str = ""


@get("/desk/reports", include_in_schema=False)
async def show_reports(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show what was reported, the longest waiting first."""
    caller.need_staff()

    async def look(reader: Reader) -> tuple[ListView, Queues]:
        found = await list_open_piles(reader, after=after)
        rows = [(pile, gettext(KINDS[pile.subject.kind])) for pile in found.items]
        next_href = f"/desk/reports?after={found.next}" if found.next else None
        return ListView(rows, next_href), await count_queues(reader)

    view, queues = await db.read(look)
    return desk_page(request, "report/list", title=gettext("Reports"), queues=queues, view=view)


@get("/desk/reports/{report_id:str}", include_in_schema=False)
async def show_pile(
    request: AnyRequest, report_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show all reports of one thing; that somebody looked is logged."""
    caller.need_staff()
    wanted = an_id(PileId, report_id)
    await db.read(lambda reader: get_pile(reader, wanted))
    await note_look(db, caller, "justice.look_reports", wanted)
    return await _page(request, db, wanted, Told(), DecisionForm())


async def _page(
    request: AnyRequest, db: Database, pile_id: PileId, errors: Told, form: DecisionForm
) -> Response[bytes]:
    view = await db.read(lambda reader: _look(reader, pile_id))
    status = 422 if errors.all else 200
    return desk_page(request, "report/one", title=view.pile.title, status=status, view=view, errors=errors, form=form)


async def _look(reader: Reader, pile_id: PileId) -> PileView:
    pile = await get_pile(reader, pile_id)
    reports = await list_reports(reader, pile_id)
    reviews = await map_reviews(reader, [ReviewId(pile.subject.id)]) if pile.subject.kind == "review" else {}
    return PileView(
        pile,
        gettext(KINDS[pile.subject.kind]),
        state_of(pile),
        href_of(pile),
        reviews.get(ReviewId(pile.subject.id)),
        [(one, gettext(WHY[one.why])) for one in reports],
        [(str(outcome), gettext(DID[outcome])) for outcome in OUTCOMES[pile.subject.kind]],
    )


@post("/desk/reports/{report_id:str}/decision", include_in_schema=False)
async def decide(
    request: AnyRequest, report_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Decide all reports of one thing."""
    caller.need_staff()
    wanted, form = an_id(PileId, report_id), await read_form(request, DecisionForm)
    if form.outcome not in set(ReportOutcome):
        return await _page(request, db, wanted, Told({"outcome": gettext("Please choose one.")}), form)
    outcome = ReportOutcome(form.outcome)
    try:
        await db.write(caller.actor, lambda tx: decide_reports(tx, wanted, outcome, form.reason))
    except (Invalid, OwnInterest) as trouble:
        return await _page(request, db, wanted, tell_fields(trouble, "reason"), form)
    except ReportDecided as trouble:
        return go(request, "/desk/reports", say=gettext(trouble.message), kind="mind")
    return go(request, "/desk/reports", say=gettext("Decided, and told to those who reported it."))


HANDLERS: Final[list[ControllerRouterHandler]] = [show_reports, show_pile, decide]
