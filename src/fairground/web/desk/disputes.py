"""Disputes at the desk: the queue without one's own, the page of one with its ruling, numbers by outcome."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, Conflict, Invalid, NotAllowed, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.money import Money, parse_major
from fairground.kit.paging import Page
from fairground.market.accounts.model import StaffRole
from fairground.market.aftersale.model import CaseId
from fairground.market.aftersale.queries.timeline import list_timeline
from fairground.market.justice.actions.rulings import rule
from fairground.market.justice.errors import OwnInterest
from fairground.market.justice.model.disputes import WAITS_FOR_STAFF, Decision, Dispute, DisputeId, Outcome
from fairground.market.justice.policy import has_interest, may_rule
from fairground.market.justice.queries.disputes import (
    DisputeFigures,
    count_disputes,
    get_dispute,
    list_desk_disputes,
    list_rulings,
    list_waiting_disputes,
    side_of,
)
from fairground.web.desk.frame import AnyRequest, Queues, count_queues, desk_page, note_look
from fairground.web.desk.precedents import rule_choices
from fairground.web.justice.dispute_view import DisputeView, badge_of, look_at_dispute
from fairground.web.justice.words import kind_label, outcome_label
from fairground.web.render import go
from fairground.web.told import Told, tell_fields

LIST: Final = "/desk/disputes"


class RulingForm(msgspec.Struct):
    """A ruling as it is typed: the amount in whole units."""

    refund: str = ""
    rule: str = ""
    reasons: str = ""
    to_return: str = ""


class DisputesView(msgspec.Struct, frozen=True):
    """A queue, with the numbers of the last days."""

    items: list[Dispute]
    tabs: list[tuple[str, str, int | None, bool]]
    figures: DisputeFigures
    outcomes: list[tuple[int, str]]
    next_href: str | None


class DeskDisputeView(msgspec.Struct, frozen=True):
    """A dispute at the desk: with what was said in the case, and whether this clerk may decide."""

    seen: DisputeView
    said: list[Any]
    rules: list[tuple[str, str]]
    may_rule: bool
    why_not: str


@get(LIST, include_in_schema=False)
async def show_queue(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    show: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show what waits for a ruling, all open disputes, or those that ended; never the clerk's own."""
    person_id = caller.need_staff()
    view, queues = await db.read(lambda reader: _queue(reader, person_id, show, after))
    labels = {"badge": badge_of, "kind": kind_label, "money": lambda d: Money(d.claimed, d.currency)}
    return desk_page(request, "disputes", title=gettext("Disputes"), queues=queues, view=view, labels=labels)


async def _queue(reader: Reader, person_id: Id, show: str, after: str | None) -> tuple[DisputesView, Queues]:
    found: Page[Dispute]
    if show in {"open", "over"}:
        found = await list_desk_disputes(reader, person_id, ended=show == "over", after=after)
    else:
        show, found = "", await list_waiting_disputes(reader, person_id, after=after)
    figures = await count_disputes(reader)
    waiting = sum(n for state, n in figures.by_state.items() if state in WAITS_FOR_STAFF)
    tabs: list[tuple[str, str, int | None, bool]] = [
        (LIST, gettext("To decide"), waiting, show == ""),
        (f"{LIST}?show=open", gettext("All open"), sum(figures.by_state.values()), show == "open"),
        (f"{LIST}?show=over", gettext("Over"), None, show == "over"),
    ]
    outcomes = [(figures.by_outcome.get(o, 0), outcome_label(o.value)) for o in Outcome]
    next_href = f"{LIST}?show={show}&after={found.next}" if found.next else None
    return DisputesView(found.items, tabs, figures, outcomes, next_href), await count_queues(reader)


@get(LIST + "/{dispute_id:str}", include_in_schema=False)
async def show_one(
    request: AnyRequest, dispute_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show a dispute to be decided; the look is logged."""
    person_id, wanted = caller.need_staff(), an_id(DisputeId, dispute_id)
    await db.read(lambda reader: _not_own(reader, wanted, person_id))
    await note_look(db, caller, "justice.look_at_dispute", wanted)
    return await _page(request, caller, db, wanted)


async def _not_own(reader: Reader, dispute_id: DisputeId, person_id: Id) -> None:
    """A clerk sees their own dispute as everybody does: from their side of the table."""
    if await side_of(reader, await get_dispute(reader, dispute_id), person_id) is not None:
        raise OwnInterest


async def _page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    dispute_id: DisputeId,
    errors: Told | None = None,
    filled: RulingForm | None = None,
) -> Response[bytes]:
    view, queues = await db.read(lambda reader: _look(reader, caller, dispute_id))
    number = view.seen.order.shown_number
    return desk_page(
        request,
        "dispute",
        title=gettext("Dispute about order %(number)s") % {"number": number},
        queues=queues,
        status=422 if errors else 200,
        view=view.seen,
        desk=view,
        errors=errors or Told(),
        filled=filled or RulingForm(),
    )


async def _look(reader: Reader, caller: Caller, dispute_id: DisputeId) -> tuple[DeskDisputeView, Queues]:
    dispute, person_id = await get_dispute(reader, dispute_id), caller.need_staff()
    seen = await look_at_dispute(reader, dispute, None)
    said = [entry for entry in await list_timeline(reader, CaseId(dispute.case_id)) if entry.words or entry.pictures]
    is_own = has_interest(dispute, await list_rulings(reader, dispute_id), person_id, None)
    role = StaffRole(caller.staff_role) if caller.staff_role else None
    may = may_rule(dispute, role) and not is_own
    why_not = ""
    if dispute.state in WAITS_FOR_STAFF and not may:
        decided = gettext("You decided this before: somebody else has to decide the appeal.")
        why_not = decided if is_own else gettext("This has waited too long: now a supervisor has to decide it.")
    rules = await rule_choices(reader) if may else []
    return DeskDisputeView(seen, said, rules, may, why_not), await count_queues(reader)


@post(LIST + "/{dispute_id:str}/ruling", include_in_schema=False)
async def decide(
    request: AnyRequest, dispute_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Rule: what the buyer gets back, by which rule, and why."""
    person_id, wanted = caller.need_staff(), an_id(DisputeId, dispute_id)
    form = await read_form(request, RulingForm)
    await db.read(lambda reader: _not_own(reader, wanted, person_id))
    try:
        dispute = await db.read(lambda reader: get_dispute(reader, wanted))
        decision = Decision(_amount(form.refund, dispute.currency), form.rule, form.reasons, bool(form.to_return))
        await db.write(caller.actor, lambda tx: rule(tx, wanted, decision))
    except Invalid as trouble:
        return await _page(request, caller, db, wanted, tell_fields(trouble), form)
    except (Conflict, NotAllowed) as trouble:
        return go(request, LIST, say=gettext(trouble.message), kind="mind")
    return go(request, LIST, say=gettext("Decided. Both sides have been told."))


def _amount(text: str, currency: str) -> int:
    found = parse_major(text, currency) if text.strip() else None
    if found is None:
        raise invalid("/refund", "required", N_("An amount, please; 0 for nothing."))
    return found.amount


HANDLERS = (show_queue, show_one, decide)
