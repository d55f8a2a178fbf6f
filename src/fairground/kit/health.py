"""How the ground floor does: events not heard, deadlines overdue, jobs that failed. For the desk and for figures."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from fairground.kit.db import Reader
from fairground.kit.ids import Id

LATE: Final = timedelta(minutes=5)


class Health(msgspec.Struct, frozen=True):
    """Counts of what waits too long or fails; `waiting_events` is all that somebody has not heard yet."""

    waiting_events: int
    late_events: int
    failing_events: int
    late_deadlines: int
    failing_deadlines: int
    failed_jobs: int
    failing_timers: int

    @property
    def troubles(self) -> int:
        """How many things somebody should look at."""
        return (
            self.late_events
            + self.failing_events
            + self.late_deadlines
            + self.failing_deadlines
            + self.failed_jobs
            + self.failing_timers
        )


class FailingEvent(msgspec.Struct, frozen=True):
    """An event that a consumer fails at; it is tried again at `retry_at`."""

    name: str
    consumer: str
    subject: Id
    attempts: int
    retry_at: datetime
    error: str


class LateDeadline(msgspec.Struct, frozen=True):
    """A kind of deadlines of which some are overdue or fail; `error` is one of theirs."""

    kind: str
    overdue: int
    failing: int
    oldest: datetime
    error: str | None


async def get_health(reader: Reader) -> Health:
    """Count what waits too long or fails."""
    row = await reader.row(
        """
        select (select count(*) from kit.outbox) as waiting_events,
               (select count(*) from kit.outbox where at < $1) as late_events,
               (select count(*) from kit.heard where retry_at is not null) as failing_events,
               (select count(*) from kit.deadlines where due_at < $1 and error is null) as late_deadlines,
               (select count(*) from kit.deadlines where due_at < $2 and error is not null) as failing_deadlines,
               (select count(*) from pgqueuer where status = 'failed') as failed_jobs,
               (select count(*) from kit.timers where error is not null) as failing_timers
        """,
        reader.now - LATE,
        reader.now + timedelta(hours=2),  # a failing one is put off by an hour at most
    )
    assert row is not None
    return Health(*row.values())


async def list_failing_events(reader: Reader, limit: int = 50) -> list[FailingEvent]:
    """List events that somebody fails at, those tried most first."""
    rows = await reader.rows(
        """
        select o.name, h.consumer, o.subject, h.attempts, h.retry_at, coalesce(h.error, '') as error
          from kit.heard h join kit.outbox o on o.bucket = h.bucket and o.id = h.event_id
         where h.retry_at is not null order by h.attempts desc, h.retry_at limit $1
        """,
        limit,
    )
    return [
        FailingEvent(r["name"], r["consumer"], Id(r["subject"]), r["attempts"], r["retry_at"], r["error"]) for r in rows
    ]


async def list_late_deadlines(reader: Reader) -> list[LateDeadline]:
    """List kinds of deadlines of which some are overdue or fail, the oldest first."""
    rows = await reader.rows(
        """
        select kind, count(*) filter (where due_at < $1) as overdue, count(error) as failing, min(due_at) as oldest,
               max(error) as error
          from kit.deadlines where due_at < $1 or (due_at < $2 and error is not null)
         group by kind order by min(due_at)
        """,
        reader.now - LATE,
        reader.now + timedelta(hours=2),
    )
    return [LateDeadline(r["kind"], r["overdue"], r["failing"], r["oldest"], r["error"]) for r in rows]
