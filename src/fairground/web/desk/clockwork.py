"""Timers, deadlines, events and jobs: whether the clockwork of the market turns; the audit; the log; the patterns."""

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.audits import Audit, ask_for_audit, list_audits
from fairground.kit.db import Database, Reader, Tx
from fairground.kit.health import FailingEvent, LateDeadline, list_failing_events, list_late_deadlines
from fairground.kit.http.caller import Caller
from fairground.kit.i18n.words import gettext, ngettext
from fairground.kit.jobs import Queued, count_jobs, retry_jobs
from fairground.kit.timers import LastRun, list_timers
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.accounts.model import PersonCard, PersonId, StaffDeed
from fairground.market.accounts.queries import list_deeds, map_people
from fairground.web.desk.frame import SENIOR, AnyRequest, Queues, count_queues, desk_page
from fairground.web.desk.words import deed_href, deed_words, timer_words
from fairground.web.patterns import sample_view
from fairground.web.render import go


class ClockworkView(msgspec.Struct, frozen=True):
    """What turns and what sticks."""

    timers: list[LastRun]
    deadlines: list[LateDeadline]
    events: list[FailingEvent]
    jobs: list[Queued]
    may_retry: bool


class LogView(msgspec.Struct, frozen=True):
    """Deeds of the staff, with who did them."""

    deeds: list[StaffDeed]
    people: dict[PersonId, PersonCard]
    next_href: str | None


@get("/desk/timers", include_in_schema=False)
async def show_clockwork(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show when each timer last ran, overdue deadlines, events not heard, jobs that failed."""
    caller.need_staff()

    async def look(reader: Reader) -> tuple[ClockworkView, Queues]:
        view = ClockworkView(
            await list_timers(reader),
            await list_late_deadlines(reader),
            await list_failing_events(reader),
            await count_jobs(reader),
            caller.staff_role in SENIOR,
        )
        return view, await count_queues(reader)

    view, queues = await db.read(look)
    return desk_page(request, "timers", title=gettext("Clockwork"), queues=queues, view=view, words=timer_words)


@post("/desk/timers/jobs/{name:str}/retry", include_in_schema=False)
async def retry(
    request: AnyRequest, name: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Put the failed jobs of a kind on the queue again; for supervisors."""
    caller.need_staff(*SENIOR)

    async def write(tx: Tx) -> int:
        again = await retry_jobs(tx, name)
        await log_deed(tx, "desk.retry_jobs", None, f"{name}: {again}")
        return again

    again = await db.write(caller.actor, write)
    said = ngettext("One job is tried again.", "%(count)s jobs are tried again.", again) % {"count": again}
    return go(request, "/desk/timers", say=said)


@get("/desk/audit", include_in_schema=False)
async def show_audit(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show what the last audits found."""
    caller.need_staff()

    async def look(reader: Reader) -> tuple[list[Audit], Queues]:
        return await list_audits(reader), await count_queues(reader)

    audits, queues = await db.read(look)
    return desk_page(request, "audit", title=gettext("Audit"), queues=queues, view=audits)


@post("/desk/audit", include_in_schema=False)
async def ask(request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Response[bytes]:
    """Ask for an audit now; for supervisors."""
    caller.need_staff(*SENIOR)

    async def write(tx: Tx) -> None:
        await ask_for_audit(tx)
        await log_deed(tx, "desk.audit", None)

    await db.write(caller.actor, write)
    return go(request, "/desk/audit", say=gettext("The audit is on its way. Look again in a moment."))


@get("/desk/log", include_in_schema=False)
async def show_log(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show what the staff did, the newest first."""
    caller.need_staff()

    async def look(reader: Reader) -> tuple[LogView, Queues]:
        found = await list_deeds(reader, after=after)
        people = await map_people(reader, [deed.person_id for deed in found.items if deed.person_id is not None])
        next_href = f"/desk/log?after={found.next}" if found.next else None
        return LogView(found.items, people, next_href), await count_queues(reader)

    view, queues = await db.read(look)
    words = {"deed": deed_words, "href": deed_href}
    return desk_page(request, "log", title=gettext("Log"), queues=queues, view=view, words=words)


@get("/desk/patterns", include_in_schema=False)
async def show_patterns(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show every piece of the pages with sample data."""
    caller.need_staff()
    queues = await db.read(count_queues)
    return desk_page(request, "patterns", title=gettext("Patterns"), queues=queues, view=sample_view())


HANDLERS = (show_clockwork, retry, show_audit, ask, show_log, show_patterns)
