"""Jobs: slow work that can be made again from rows (mail, pictures, imports), on PgQueuer's table.

`enqueue` writes in our own transaction; the worker is woken after the commit (a NOTIFY inside would serialise
commits). A job is run at least once, so it is written to be run twice.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeAlias

import msgspec

from fairground.kit.db import Reader, Tx
from fairground.kit.ids import to_plain

Work: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]


class Job(msgspec.Struct, frozen=True):
    """A kind of job: `work(payload)`; what else it needs (database, storage) is bound where it is wired."""

    name: str  # "room.what_it_does"
    work: Work
    tries: int = 5
    at_once: int = 2  # how many of this kind one worker runs side by side


class Queued(msgspec.Struct, frozen=True):
    """How many jobs of a kind wait, run, and failed for good."""

    name: str
    waiting: int
    running: int
    failed: int


async def enqueue(
    tx: Tx, name: str, payload: dict[str, Any], *, delay: timedelta | None = None, once_as: str | None = None
) -> None:
    """Put a job on the queue in this transaction; with `once_as`, only if no such job is waiting already."""
    # Written here and not by the library: it would hand its JSON as text to our connection, which takes plain data.
    # The queue lives in the database's own time, which no setting moves.
    await tx.execute(
        """
        with job as (
          insert into pgqueuer (priority, entrypoint, payload, execute_after, dedupe_key, status)
          values (0, $1, $2, now() + $3::interval, $4, 'queued')
          on conflict (dedupe_key) where status in ('queued', 'picked') and dedupe_key is not null do nothing
          returning id)
        insert into pgqueuer_log (job_id, status, entrypoint, priority) select id, 'queued', $1, 0 from job
        """,
        name,
        msgspec.json.encode(payload, enc_hook=to_plain),
        delay or timedelta(),
        once_as,
    )
    tx.wake()


async def count_jobs(reader: Reader) -> list[Queued]:
    """Count what is on the queue, kind by kind; done jobs have left it."""
    rows = await reader.rows(
        """
        select entrypoint, count(*) filter (where status = 'queued') as waiting,
               count(*) filter (where status = 'picked') as running,
               count(*) filter (where status in ('failed', 'exception')) as failed
          from pgqueuer group by entrypoint order by entrypoint
        """
    )
    return [Queued(row["entrypoint"], row["waiting"], row["running"], row["failed"]) for row in rows]


async def retry_jobs(tx: Tx, name: str) -> int:
    """Put the failed jobs of a kind on the queue again; gives how many."""
    # Of several with one `once_as`, one is enough; and none where such a job is waiting already.
    await tx.execute(
        """
        delete from pgqueuer j where j.entrypoint = $1 and j.status = 'failed' and j.dedupe_key is not null
           and exists (select 1 from pgqueuer o where o.dedupe_key = j.dedupe_key and o.id <> j.id
                          and (o.status in ('queued', 'picked') or (o.status = 'failed' and o.id > j.id)))
        """,
        name,
    )
    again = await tx.execute(
        """
        update pgqueuer set status = 'queued', attempts = 0, execute_after = now(), updated = now(),
               queue_manager_id = null, slot = null
         where entrypoint = $1 and status = 'failed'
        """,
        name,
    )
    tx.wake()
    return again
