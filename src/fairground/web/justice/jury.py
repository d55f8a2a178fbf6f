"""Juries as their people see them: join, practise, read a case without persons, vote with a reason."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, Conflict, Invalid, NotAllowed, Trouble, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.justice.actions.jurors import join_juries, judge_practice, leave_juries
from fairground.market.justice.actions.jury import cast_vote
from fairground.market.justice.model.disputes import DisputeId
from fairground.market.justice.model.jury import Juror, JurorStanding, JuryRules, JuryState, Verdict
from fairground.market.justice.model.practice import PracticeCase, cases_of
from fairground.market.justice.queries.jury import Summons, find_juror, get_summons, list_answers, list_summons
from fairground.web.render import go, page
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]
NEW: Final = "new"


class PracticeRow(msgspec.Struct, frozen=True):
    """A practice case; `verdict` is the juror's own, once given."""

    key: str
    title: str
    buyer: str
    shop: str
    why: str
    verdict: Verdict | None
    was_right: bool


class JuryView(msgspec.Struct, frozen=True):
    """A juror's page."""

    standing: str
    rests_until: datetime | None
    rules: JuryRules
    answered: list[PracticeRow]
    following: PracticeRow | None
    left: int
    cases: list[Summons]


class CaseView(msgspec.Struct, frozen=True):
    """A case as one of its jurors reads it."""

    summons: Summons
    may_vote: bool
    reason: str
    verdict: str
    rules: JuryRules


class VoteForm(msgspec.Struct):
    """A verdict and its reason."""

    verdict: str = ""
    reason: str = ""


def kind_label(kind: str) -> str:
    """Say what a case is about."""
    return {
        "refund": gettext("A refund was claimed"),
        "return": gettext("A return was claimed"),
        "exchange": gettext("An exchange was claimed"),
    }.get(kind, kind)


@get("/justice/jury", include_in_schema=False)
async def show_jury(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show a juror's page: how to join, what to practise, which cases wait."""
    return await _jury_page(request, caller, db)


async def _jury_page(request: AnyRequest, caller: Caller, db: Database, errors: Told | None = None) -> Response[bytes]:
    person_id = caller.need_person()
    view = await db.read(lambda reader: _look(reader, person_id))
    status, labels = 422 if errors else 200, {"kind": kind_label}
    title = gettext("The jury")
    return page(
        request, "justice/jury.html", title=title, status=status, view=view, labels=labels, errors=errors or Told()
    )


async def _look(reader: Reader, person_id: Id) -> JuryView:
    rules, juror = reader.given(JuryRules), await find_juror(reader, person_id)
    standing = NEW if juror is None else juror.standing(reader.now)
    rows = [] if juror is None else await _practice(reader, juror, rules)
    waiting = [row for row in rows if row.verdict is None]
    is_practising = standing == JurorStanding.PRACTISING
    return JuryView(
        str(standing),
        None if juror is None else juror.rests_until,
        rules,
        [row for row in rows if row.verdict is not None] if is_practising else [],
        waiting[0] if is_practising and waiting else None,
        len(waiting),
        await list_summons(reader, person_id),
    )


async def _practice(reader: Reader, juror: Juror, rules: JuryRules) -> list[PracticeRow]:
    answers = await list_answers(reader, juror.person_id, juror.attempt)
    return [_row(case, *answers.get(case.key, (None, False))) for case in cases_of(juror.attempt, rules)]


def _row(case: PracticeCase, verdict: Verdict | None, was_right: bool) -> PracticeRow:
    return PracticeRow(
        case.key,
        gettext(case.title),
        gettext(case.buyer),
        gettext(case.shop),
        gettext(case.why),
        verdict,
        was_right,
    )


@post("/justice/jury/joining", include_in_schema=False)
async def join(request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Response[bytes]:
    """Ask to sit on juries."""
    person_id = PersonId(caller.need_person())
    try:
        await db.write(caller.actor, lambda tx: join_juries(tx, person_id))
    except NotAllowed as trouble:
        return go(request, "/justice/jury", say=gettext(trouble.message), kind="mind")
    return go(request, "/justice/jury", say=gettext("Welcome. Practice comes first."))


@post("/justice/jury/leaving", include_in_schema=False)
async def leave(request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Response[bytes]:
    """Stop sitting on juries."""
    person_id = PersonId(caller.need_person())
    await db.write(caller.actor, lambda tx: leave_juries(tx, person_id))
    return go(request, "/justice/jury", say=gettext("You will not be drawn any more. Thank you."))


@post("/justice/jury/practice/{key:str}", include_in_schema=False)
async def practise(
    request: AnyRequest, key: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Judge a practice case."""
    person_id, form = PersonId(caller.need_person()), await read_form(request, VoteForm)
    try:
        verdict = _verdict(form)
        was_right = await db.write(caller.actor, lambda tx: judge_practice(tx, person_id, key, verdict))
    except Invalid as trouble:
        return await _jury_page(request, caller, db, tell_fields(trouble))
    except Conflict as trouble:
        return go(request, "/justice/jury", say=_said(trouble), kind="mind")
    if was_right:
        return go(request, "/justice/jury", say=gettext("It was decided so."))
    return go(request, "/justice/jury", say=gettext("It was decided otherwise; read below why."), kind="mind")


def _verdict(form: VoteForm) -> Verdict:
    found = next((verdict for verdict in Verdict if verdict == form.verdict), None)
    if found is None:
        raise invalid("/verdict", "required", N_("Please choose one."))
    return found


def _said(trouble: Trouble) -> str:
    return gettext(trouble.message) % trouble.params


@get("/justice/jury/{dispute_id:str}", include_in_schema=False)
async def show_case(
    request: AnyRequest, dispute_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show a case to one of its jurors."""
    return await _case_page(request, caller, db, an_id(DisputeId, dispute_id), VoteForm())


async def _case_page(
    request: AnyRequest, caller: Caller, db: Database, wanted: DisputeId, form: VoteForm, errors: Told | None = None
) -> Response[bytes]:
    person_id = caller.need_person()

    async def look(reader: Reader) -> CaseView:
        summons = await get_summons(reader, wanted, person_id)
        jury = summons.jury
        open_ = jury.state is JuryState.OPEN and reader.now < jury.closes_at and summons.verdict is None
        return CaseView(summons, open_, form.reason, form.verdict, reader.given(JuryRules))

    view = await db.read(look)
    return page(
        request,
        "justice/jury_case.html",
        title=kind_label(view.summons.jury.file.kind),
        status=422 if errors else 200,
        view=view,
        errors=errors or Told(),
    )


@post("/justice/jury/{dispute_id:str}/vote", include_in_schema=False)
async def vote(
    request: AnyRequest, dispute_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Vote in a case, once, with a reason."""
    person_id, wanted = caller.need_person(), an_id(DisputeId, dispute_id)
    form = await read_form(request, VoteForm)
    await db.read(lambda reader: get_summons(reader, wanted, person_id))  # whose it is not hears nothing of its fields
    try:
        verdict = _verdict(form)
        await db.write(caller.actor, lambda tx: cast_vote(tx, person_id, wanted, verdict, form.reason))
    except Invalid as trouble:
        return await _case_page(request, caller, db, wanted, form, tell_fields(trouble))
    except Conflict as trouble:
        return go(request, f"/justice/jury/{wanted}", say=_said(trouble), kind="mind")
    return go(request, "/justice/jury", say=gettext("Your vote is in. Thank you for judging."))


HANDLERS: Final[list[ControllerRouterHandler]] = [show_jury, join, leave, practise, show_case, vote]
