"""Events: what happened, told in the same transaction and heard at least once.

`publish` writes to the outbox. `deliver` (run by the worker for a leased range of buckets) hands each event to its
subscribers, in order of version for one subject, and moves what all have heard to the log: all in one transaction. If
one of them fails, each hears in a transaction of its own, and it is marked row by row who has heard what; there is no
high-water mark, since ids are taken before the commit and a cursor would skip late ones.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import msgspec
import structlog

from fairground.kit.actor import system
from fairground.kit.db import Database, Row, Tx
from fairground.kit.ids import Id, from_plain, to_plain

log = structlog.get_logger(__name__)
CHUNK: Final = 500
MAX_BACKOFF: Final = timedelta(minutes=10)
# The table is empty whenever statistics are taken, and a plain join would then look at each pair: so each event is
# looked up by its key, which `offset 0` keeps the planner from turning round.
FILE_AWAY: Final = """
    with gone as (
      delete from kit.outbox where ctid = any(array(
        select f.ctid from unnest($1::smallint[], $2::bigint[]) as t(b, i) cross join lateral (
          select o.ctid from kit.outbox o where o.bucket = t.b and o.id = t.i offset 0) f))
      returning bucket, id, name, subject, version, body, at)
    insert into kit.event_log (bucket, id, name, subject, version, body, at)
    select bucket, id, name, subject, version, body, at from gone returning id
    """


class EventId(Id):
    """The id of an event; its bucket is its subject's."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What an event class derives from: past tense, ids and amounts, never names or addresses.

    Each gives its `subject`. Events of one subject are heard in the order of `version`, raised by the guarded
    UPDATE that caused them (0 where order does not matter).
    """

    version: int = 0

    @property
    def subject(self) -> Id:
        """The id of the thing it happened to."""
        raise AssertionError(f"{type(self).__name__} names no subject")

    @classmethod
    def name(cls) -> str:
        """The public name, `room.EventName`."""
        return f"{cls.__module__.split('.')[-2]}.{cls.__name__}"


Handler: TypeAlias = Callable[[Tx, Any], Awaitable[None]]


class Subscriber(msgspec.Struct, frozen=True):
    """Who hears what. `handle(tx, event)`, or with `batch` `handle(tx, events)`; safe to run twice."""

    consumer: str  # "room.what_it_does", stable: the marks are kept under it
    events: tuple[type[Event], ...]
    handle: Handler
    batch: bool = False


class Heard(msgspec.Struct):
    """What one round of delivery did."""

    delivered: int = 0
    failed: int = 0
    waiting: int = 0
    is_full: bool = False  # as many as one round takes: there may be more


class _Letter(msgspec.Struct, frozen=True):
    id: EventId
    name: str
    subject: Id
    version: int
    body: dict[str, Any]
    at: datetime


async def publish(tx: Tx, *events: Event) -> None:
    """Tell what happened, in this transaction."""
    if not events:
        return
    rows = [
        (
            e.subject.bucket,
            tx.new_id(EventId, e.subject.bucket),
            e.name(),
            e.subject,
            e.version,
            msgspec.to_builtins(e, enc_hook=to_plain),
        )
        for e in events
    ]
    columns = list(zip(*rows, strict=True))
    await tx.execute(
        """
        insert into kit.outbox (bucket, id, name, subject, version, body, at)
        select b, i, n, s, v, d, $7 from unnest($1::smallint[], $2::bigint[], $3::text[], $4::bigint[], $5::int[],
                                                $6::jsonb[]) as t(b, i, n, s, v, d)
        """,
        *(list(column) for column in columns),
        tx.now,
    )
    tx.wake()


async def deliver(
    db: Database, subscribers: Sequence[Subscriber], buckets: tuple[int, int], *, limit: int = CHUNK
) -> Heard:
    """Hand out the waiting events of a range of buckets, once."""
    heard = Heard()
    letters, marks, trouble = await db.read(lambda reader: _waiting(reader, buckets, limit))
    if not letters:
        return heard
    heard.is_full = len(letters) == limit
    marked = {event_id for event_id, _ in (*marks, *trouble)}
    behind = {x.subject for x in letters if x.id in marked}
    fresh = [x for x in letters if x.subject not in behind]
    if fresh and await _at_once(db, subscribers, fresh, heard):
        letters = [x for x in letters if x.subject in behind]
    await _one_by_one(db, subscribers, letters, (set(marks), trouble), heard)
    return heard


async def _at_once(db: Database, subscribers: Sequence[Subscriber], letters: list[_Letter], heard: Heard) -> bool:
    """Let all hear everything and file it away in one transaction; tells whether that went well."""
    told = 0

    async def hear(tx: Tx) -> None:
        nonlocal told
        told = 0
        taken = await _file_away(tx, letters)  # first: whoever else takes them up waits here, and finds them gone
        mine = [x for x in letters if x.id in taken]
        for subscriber in _in_order(subscribers):
            wanted = {event.name() for event in subscriber.events}
            events = [x for x in mine if x.name in wanted]
            tx.actor = system(subscriber.consumer)
            await _handle(tx, subscriber, events)
            told += len(events)

    try:
        await db.write(system("events"), hear)
    except Exception as trouble:  # noqa: BLE001 - whatever a subscriber raises: the slow way finds whose it is
        log.warning("events are heard one by one", error=repr(trouble))
        return False
    heard.delivered += told
    return True


def _in_order(subscribers: Sequence[Subscriber]) -> list[Subscriber]:
    return sorted({s.consumer: s for s in subscribers}.values(), key=lambda s: s.consumer)


async def _one_by_one(
    db: Database,
    subscribers: Sequence[Subscriber],
    letters: list[_Letter],
    marks: tuple[set[tuple[EventId, str]], Mapping[tuple[int, str], datetime]],
    heard: Heard,
) -> None:
    """Let each hear by itself what it has not heard; what failed waits, and all of its subject behind it."""
    if not letters:
        return
    done, trouble = marks
    by_name = _by_name(subscribers)
    for consumer in _in_order(subscribers):
        mine = [x for x in letters if consumer in by_name.get(x.name, ()) and (x.id, consumer.consumer) not in done]
        await _hand_out(db, consumer, _not_blocked(mine, consumer.consumer, trouble, db.clock.now()), done, heard)
    finished = [x for x in letters if all((x.id, s.consumer) in done for s in by_name.get(x.name, ()))]
    if finished:
        await db.write(system("events"), lambda tx: _forget_marks(tx, finished))
    heard.waiting = len(letters) - len(finished)


def _by_name(subscribers: Sequence[Subscriber]) -> Mapping[str, list[Subscriber]]:
    result: dict[str, list[Subscriber]] = defaultdict(list)
    for subscriber in subscribers:
        for event in subscriber.events:
            result[event.name()].append(subscriber)
    return result


async def _waiting(
    reader: Any, buckets: tuple[int, int], limit: int
) -> tuple[list[_Letter], list[tuple[EventId, str]], dict[tuple[int, str], datetime]]:
    rows = await reader.rows(
        """
        select id, name, subject, version, body, at from kit.outbox
         where bucket between $1 and $2 order by at, subject, version, id limit $3
        """,
        *buckets,
        limit,
    )
    letters = [letter_from(row) for row in rows]
    marks = await reader.rows(
        "select event_id, consumer, retry_at from kit.heard where bucket between $1 and $2 and event_id = any($3)",
        *buckets,
        [x.id for x in letters],
    )
    done = [(EventId(m["event_id"]), m["consumer"]) for m in marks if m["retry_at"] is None]
    trouble = {(m["event_id"], m["consumer"]): m["retry_at"] for m in marks if m["retry_at"] is not None}
    return letters, done, trouble


def letter_from(row: Row) -> _Letter:
    """Build a letter from its outbox row."""
    return _Letter(EventId(row["id"]), row["name"], Id(row["subject"]), row["version"], row["body"], row["at"])


def _not_blocked(
    letters: list[_Letter], consumer: str, trouble: Mapping[tuple[int, str], datetime], now: datetime
) -> list[_Letter]:
    """Leave out what waits for its next try, and everything behind it of the same subject."""
    blocked: set[int] = set()
    ready = []
    for letter in sorted(letters, key=lambda x: (x.at, x.subject, x.version, x.id)):
        retry_at = trouble.get((letter.id, consumer))
        if letter.subject in blocked or (retry_at is not None and retry_at > now):
            blocked.add(letter.subject)
        else:
            ready.append(letter)
    return ready


async def _hand_out(
    db: Database, subscriber: Subscriber, letters: list[_Letter], done: set[tuple[EventId, str]], heard: Heard
) -> None:
    """Try all in one transaction; if that fails, one by one, so that one bad event does not hold up the others."""
    if not letters:
        return
    try:
        await db.write(system(subscriber.consumer), lambda tx: _hear(tx, subscriber, letters))
        done.update((x.id, subscriber.consumer) for x in letters)
        heard.delivered += len(letters)
        return
    except Exception as trouble:  # noqa: BLE001 - whatever a subscriber raises is kept with its event
        if len(letters) == 1:
            await _note_failure(db, subscriber, letters[0], trouble)
            heard.failed += 1
            return
    failed: set[int] = set()
    for letter in letters:
        if letter.subject in failed:
            continue
        before = heard.failed
        await _hand_out(db, subscriber, [letter], done, heard)
        if heard.failed > before:
            failed.add(letter.subject)


async def _hear(tx: Tx, subscriber: Subscriber, letters: list[_Letter]) -> None:
    fresh = await tx.rows(
        """
        insert into kit.heard (bucket, event_id, consumer, at)
        select b, i, $3, $4 from unnest($1::smallint[], $2::bigint[]) as t(b, i)
        on conflict (bucket, event_id, consumer) do update set retry_at = null, at = excluded.at
         where kit.heard.retry_at is not null
        returning event_id
        """,
        [x.id.bucket for x in letters],
        [x.id for x in letters],
        subscriber.consumer,
        tx.now,
    )
    new = {row["event_id"] for row in fresh}
    await _handle(tx, subscriber, [x for x in letters if x.id in new])


async def _handle(tx: Tx, subscriber: Subscriber, letters: Sequence[_Letter]) -> None:
    kinds = {event.name(): event for event in subscriber.events}
    events = [msgspec.convert(x.body, kinds[x.name], dec_hook=from_plain, strict=False) for x in letters]
    if subscriber.batch:
        if events:
            await subscriber.handle(tx, events)
        return
    for event in events:
        await subscriber.handle(tx, event)


async def _note_failure(db: Database, subscriber: Subscriber, letter: _Letter, trouble: Exception) -> None:
    log.exception("event not heard", consumer=subscriber.consumer, event_name=letter.name, exc_info=trouble)

    async def note(tx: Tx) -> None:
        await tx.execute(
            """
            insert into kit.heard (bucket, event_id, consumer, at, attempts, retry_at, error)
            values ($1, $2, $3, $4::timestamptz, 1, $4::timestamptz + interval '2 seconds', $5)
            on conflict (bucket, event_id, consumer) do update
               set attempts = kit.heard.attempts + 1, error = excluded.error,
                   retry_at = $4::timestamptz
                            + least($6::interval, interval '2 seconds' * (2 ^ least(kit.heard.attempts, 12)))
             where kit.heard.retry_at is not null
            """,
            letter.id.bucket,
            letter.id,
            subscriber.consumer,
            tx.now,
            f"{type(trouble).__name__}: {trouble}"[:500],
            MAX_BACKOFF,
        )

    await db.write(system("events"), note)


async def _file_away(tx: Tx, letters: list[_Letter]) -> set[int]:
    """Move events from the outbox to the log; gives the ids of those that were there."""
    rows = await tx.rows(FILE_AWAY, [x.id.bucket for x in letters], [x.id for x in letters])
    return {row["id"] for row in rows}


async def _forget_marks(tx: Tx, letters: list[_Letter]) -> None:
    """File away what was heard one by one, with the marks of it."""
    await _file_away(tx, letters)
    await tx.execute(
        """
        delete from kit.heard where ctid = any(array(
          select f.ctid from unnest($1::smallint[], $2::bigint[]) as t(b, i) cross join lateral (
            select h.ctid from kit.heard h where h.bucket = t.b and h.event_id = t.i offset 0) f))
        """,
        [x.id.bucket for x in letters],
        [x.id for x in letters],
    )
