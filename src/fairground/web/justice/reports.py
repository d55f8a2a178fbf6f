"""Reporting something, and what came of it, as those who report see it."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.market.justice.actions.reports import report
from fairground.market.justice.errors import AlreadyReported, ReportNotFound, TooManyReports
from fairground.market.justice.model.reports import Pile, ReportRules, ReportWhy, Subject, SubjectKind
from fairground.market.justice.queries.reports import list_reports_of
from fairground.web.render import go, page
from fairground.web.report_words import KINDS, WHY, state_of, subject_of
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]


class ReportForm(msgspec.Struct):
    """What is wrong with what."""

    about: str = ""
    why: str = ""
    words: str = ""


class FormView(msgspec.Struct, frozen=True):
    """The form; `right_href` leads on where the thing is a listing that breaks somebody's right."""

    form: ReportForm
    kind: str
    reasons: list[tuple[str, str]]
    rules: ReportRules
    right_href: str | None
    errors: Told


class OwnView(msgspec.Struct, frozen=True):
    """What somebody has reported."""

    rows: list[tuple[Pile, str, tuple[str, str]]]  # with what it is, and where it stands
    next_href: str | None


@get("/report", include_in_schema=False)
async def show_form(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    about: FromQuery[str] = "",
) -> Response[bytes]:
    """Show the form for reporting something."""
    caller.need_person()
    return _page(request, db, _subject(about), ReportForm(about), Told())


def _subject(about: str) -> Subject:
    subject = subject_of(about)
    if subject is None:
        raise ReportNotFound
    return subject


def _page(request: AnyRequest, db: Database, subject: Subject, form: ReportForm, errors: Told) -> Response[bytes]:
    is_listing = subject.kind is SubjectKind.PRODUCT
    view = FormView(
        form,
        gettext(KINDS[subject.kind]),
        [(str(why), gettext(words)) for why, words in WHY.items()],
        db.given(ReportRules),
        f"/justice/complaints/new?listing={subject.id}" if is_listing else None,
        errors,
    )
    title, status = gettext("What is wrong?"), 422 if errors.all else 200
    return page(request, "justice/report.html", title=title, status=status, view=view)


@post("/report", include_in_schema=False)
async def send_report(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Take a report in."""
    caller.need_person()
    form = await read_form(request, ReportForm)
    subject = _subject(form.about)
    if form.why not in set(ReportWhy):
        return _page(request, db, subject, form, Told({"why": gettext("Please choose one.")}))
    try:
        await db.write(caller.actor, lambda tx: report(tx, subject, ReportWhy(form.why), form.words))
    except AlreadyReported as trouble:
        return go(request, "/account/reports", say=gettext(trouble.message), kind="mind")
    except (Invalid, TooManyReports) as trouble:
        return _page(request, db, subject, form, tell_fields(trouble, "words"))
    return go(request, "/account/reports", say=gettext("Thank you. We look at it and tell you what came of it."))


@get("/account/reports", include_in_schema=False)
async def show_own(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show what one has reported, and what came of it."""
    me = caller.need_person()

    async def look(reader: Reader) -> OwnView:
        found = await list_reports_of(reader, me, after=after)
        rows = [(pile, gettext(KINDS[pile.subject.kind]), state_of(pile)) for pile in found.items]
        return OwnView(rows, f"/account/reports?after={found.next}" if found.next else None)

    return page(request, "justice/own_reports.html", title=gettext("Your reports"), view=await db.read(look))


HANDLERS: Final[list[ControllerRouterHandler]] = [show_form, send_report, show_own]
