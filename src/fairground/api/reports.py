"""Reports, by API: report something, see what came of it; decide, for the desk."""

from datetime import datetime
from typing import Final, Literal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairground.kit.db import Database
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.ids import Id
from fairground.market.justice.actions.reports import decide_reports, report
from fairground.market.justice.model.reports import Pile, PileId, ReportOutcome, ReportWhy, Subject, SubjectKind
from fairground.market.justice.queries.reports import list_open_piles, list_reports_of


class NewReport(msgspec.Struct):
    """What is wrong with what; a message is named by its conversation."""

    kind: SubjectKind
    subject_id: Id
    why: ReportWhy
    words: str = ""


class ReportDecision(msgspec.Struct):
    """What the desk does, with its reason."""

    outcome: ReportOutcome
    reason: str


class ReportBody(msgspec.Struct):
    """A report as it stands; `outcome` is null until the desk has decided."""

    id: PileId
    kind: SubjectKind
    subject_id: Id
    title: str
    outcome: ReportOutcome | None
    reason: str
    decided_at: datetime | None


class Reports(msgspec.Struct):
    """Some reports."""

    items: list[ReportBody]
    next: str | None


@post("/api/v1/reports", tags=["Justice"])
async def create_report(
    data: JSONBody[NewReport], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> ReportBody:
    """Report a listing, a shop, a review or a conversation of one's own."""
    caller.need_person()
    subject = Subject(data.kind, data.subject_id)
    return body_of(await db.write(caller.actor, lambda tx: report(tx, subject, data.why, data.words)))


@get("/api/v1/reports", tags=["Justice"])
async def show_reports(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    role: FromQuery[Literal["reporter", "desk"]] = "reporter",
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> Reports:
    """List one's own reports, the newest first; as `desk` what waits for it, the longest waiting first."""
    me = caller.need_person()
    if role == "desk":
        caller.need_staff()
        found = await db.read(lambda reader: list_open_piles(reader, after=after, limit=limit))
    else:
        found = await db.read(lambda reader: list_reports_of(reader, me, after=after, limit=limit))
    return Reports([body_of(one) for one in found.items], found.next)


@post("/api/v1/reports/{report_id:str}/decisions", tags=["Desk"])
async def create_report_decision(
    report_id: FromPath[str],
    data: JSONBody[ReportDecision],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> ReportBody:
    """Decide all reports of one thing. For the desk."""
    caller.need_staff()
    wanted = an_id(PileId, report_id)
    return body_of(await db.write(caller.actor, lambda tx: decide_reports(tx, wanted, data.outcome, data.reason)))


def body_of(pile: Pile) -> ReportBody:
    """Tell a pile of reports; who else reported stays inside."""
    return ReportBody(
        pile.id, pile.subject.kind, pile.subject.id, pile.title, pile.outcome, pile.reason, pile.decided_at
    )


HANDLERS: Final = (create_report, show_reports, create_report_decision)
