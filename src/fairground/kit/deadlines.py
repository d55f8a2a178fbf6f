"""Deadlines of the market as rows with their reason: they can be shown, tested with a moved clock, simulated."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import msgspec
import structlog

from fairground.kit.actor import system
from fairground.kit.db import Database, Reader, Row, Tx
from fairground.kit.ids import Id

log = structlog.get_logger(__name__)
CHUNK: Final = 200
MAX_BACKOFF: Final = timedelta(hours=1)


class Deadline(msgspec.Struct, frozen=True):
    """What falls due, for whom, when and why. `kind` is "room.what_happens"."""

    kind: str
    subject: Id
    due_at: datetime
    reason: str
    attempts: int = 0


Handler: TypeAlias = Callable[[Tx, Any], Awaitable[None]]


class DeadlineHandler(msgspec.Struct, frozen=True):
    """What to do when a kind falls due: `handle(tx, deadline)`, or with `batch` `handle(tx, deadlines)`.

    The row is gone in the same transaction; a handler finds the world as it is now and may find nothing to do.
    """

    kind: str
    handle: Handler
    batch: bool = False


async def set_deadline(tx: Tx, kind: str, subject: Id, due_at: datetime, reason: str) -> None:
    """Set, or move, the one deadline of a kind for a subject."""
    await set_deadlines(tx, [Deadline(kind, subject, due_at, reason)])


async def set_deadlines(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    """Set many at once."""
    await tx.execute(
        """
        insert into kit.deadlines (bucket, kind, subject, due_at, reason)
        select b, k, s, d, r from unnest($1::smallint[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[])
               as t(b, k, s, d, r)
        on conflict (bucket, kind, subject) do update
           set due_at = excluded.due_at, reason = excluded.reason, attempts = 0, error = null
        """,
        [d.subject.bucket for d in deadlines],
        [d.kind for d in deadlines],
        [d.subject for d in deadlines],
        [d.due_at for d in deadlines],
        [d.reason for d in deadlines],
    )


async def clear_deadlines(tx: Tx, subjects: Sequence[Id], *kinds: str) -> None:
    """Take back deadlines of these kinds (all kinds where none is named) for the subjects."""
    await tx.execute(
        """
        delete from kit.deadlines d using unnest($1::smallint[], $2::bigint[]) as t(b, s)
         where d.bucket = t.b and d.subject = t.s and (cardinality($3::text[]) = 0 or d.kind = any($3))
        """,
        [s.bucket for s in subjects],
        list(subjects),
        list(kinds),
    )


async def list_deadlines(reader: Reader, subject: Id) -> list[Deadline]:
    """List what is due for a subject, the nearest first."""
    rows = await reader.rows(
        """
        select kind, subject, due_at, reason, attempts from kit.deadlines
         where bucket = $1 and subject = $2 order by due_at
        """,
        subject.bucket,
        subject,
    )
    return [deadline_from(row) for row in rows]


def deadline_from(row: Row) -> Deadline:
    """Build a deadline from its row."""
    return Deadline(row["kind"], Id(row["subject"]), row["due_at"], row["reason"], row["attempts"])


async def sweep(
    db: Database, handlers: Sequence[DeadlineHandler], buckets: tuple[int, int], *, limit: int = CHUNK
) -> int:
    """Carry out what is due in a range of buckets, at most `limit`; give how many were taken up."""
    due = await db.read(lambda reader: _due(reader, buckets, limit))
    by_kind: dict[str, list[Deadline]] = defaultdict(list)
    for deadline in due:
        by_kind[deadline.kind].append(deadline)
    known = {handler.kind: handler for handler in handlers}
    for kind, deadlines in by_kind.items():
        handler = known.get(kind)
        if handler is None:
            log.error("no handler for deadline", kind=kind)
            await _put_off(db, deadlines, LookupError(f"no handler for {kind}"))
            continue
        await _carry_out(db, handler, deadlines)
    return len(due)


async def _due(reader: Reader, buckets: tuple[int, int], limit: int) -> list[Deadline]:
    rows = await reader.rows(
        """
        select kind, subject, due_at, reason, attempts from kit.deadlines
         where bucket between $1 and $2 and due_at <= $3 order by due_at limit $4
        """,
        *buckets,
        reader.now,
        limit,
    )
    return [deadline_from(row) for row in rows]


async def _carry_out(db: Database, handler: DeadlineHandler, deadlines: list[Deadline]) -> None:
    """All in one transaction where the handler can; a failing one is found by trying them singly."""
    groups = [deadlines] if handler.batch else [[deadline] for deadline in deadlines]
    for group in groups:
        try:
            await db.write(system("deadlines"), lambda tx, group=group: _handle(tx, handler, group))  # type: ignore[misc]
        except Exception as trouble:
            if len(group) > 1:
                for deadline in group:
                    await _carry_out(db, handler, [deadline])
            else:
                log.exception("deadline failed", kind=handler.kind, subject=str(group[0].subject), exc_info=trouble)
                await _put_off(db, group, trouble)


async def _handle(tx: Tx, handler: DeadlineHandler, deadlines: list[Deadline]) -> None:
    # Deleted first, and only where still due: of two workers the second waits here and then finds nothing.
    rows = await tx.rows(
        """
        delete from kit.deadlines d using unnest($1::smallint[], $2::bigint[]) as t(b, s)
         where d.bucket = t.b and d.subject = t.s and d.kind = $3 and d.due_at <= $4 returning d.subject
        """,
        [d.subject.bucket for d in deadlines],
        [d.subject for d in deadlines],
        handler.kind,
        tx.now,
    )
    mine = {row["subject"] for row in rows}
    ready = [d for d in deadlines if d.subject in mine]
    if handler.batch:
        if ready:
            await handler.handle(tx, ready)
        return
    for deadline in ready:
        await handler.handle(tx, deadline)


async def _put_off(db: Database, deadlines: list[Deadline], trouble: Exception) -> None:
    async def put_off(tx: Tx) -> None:
        for deadline in deadlines:
            wait = min(MAX_BACKOFF, timedelta(seconds=5) * 2 ** min(deadline.attempts, 12))
            await tx.execute(
                """
                update kit.deadlines set attempts = attempts + 1, error = $4, due_at = $5
                 where bucket = $1 and kind = $2 and subject = $3
                """,
                deadline.subject.bucket,
                deadline.kind,
                deadline.subject,
                f"{type(trouble).__name__}: {trouble}"[:500],
                tx.now + wait,
            )

    await db.write(system("deadlines"), put_off)
