"""Events are heard at least once, in order, by everybody; one that fails holds up only its own subject."""

import re
from datetime import timedelta

import pytest

from fairground.kit.actor import GUEST
from fairground.kit.db import Database, Reader, Tx
from fairground.kit.events import FILE_AWAY, Event, Subscriber, deliver, publish
from fairground.kit.ids import Id
from tests.support.statements import statements

ALL = (0, 1023)


class LampLit(Event, frozen=True, kw_only=True):
    """Something to hear of."""

    lamp_id: Id

    @property
    def subject(self) -> Id:
        return self.lamp_id


class Ear:
    """Hears, and fails where it is told to."""

    def __init__(self, name: str, *, batch: bool = False) -> None:
        self.heard: list[tuple[int, int]] = []
        self.fails_for: set[int] = set()
        self.subscriber = Subscriber(name, (LampLit,), self._batch if batch else self._one, batch)

    async def _one(self, tx: Tx, event: LampLit) -> None:
        await tx.execute("insert into kit.timers (name) values ($1) on conflict do nothing", f"heard {event.lamp_id}")
        if event.lamp_id in self.fails_for:
            raise RuntimeError("deaf on purpose")
        self.heard.append((int(event.lamp_id), event.version))

    async def _batch(self, tx: Tx, events: list[LampLit]) -> None:
        for event in events:
            await self._one(tx, event)


def lamp(bucket: int, n: int = 1) -> Id:
    return Id((n << 22) | (bucket << 12))


async def light(db: Database, *events: LampLit) -> None:
    await db.write(GUEST, lambda tx: publish(tx, *events))


async def count(db: Database, table: str) -> int:
    questions = {
        "outbox": "select count(*) from kit.outbox",
        "log": "select count(*) from kit.event_log",
        "heard": "select count(*) from kit.heard",
        "timers": "select count(*) from kit.timers",
    }

    async def look(reader: Reader) -> int:
        return int(await reader.value(questions[table]))

    return await db.read(look)


@pytest.mark.parametrize("batch", [False, True])
async def test_everybody_hears_and_the_event_is_filed_away(db: Database, batch: bool) -> None:
    one, two = Ear("tests.one", batch=batch), Ear("tests.two", batch=batch)
    await light(db, LampLit(lamp_id=lamp(1)), LampLit(lamp_id=lamp(900)))
    heard = await deliver(db, [one.subscriber, two.subscriber], ALL)
    assert sorted(one.heard) == sorted(two.heard) == sorted([(lamp(1), 0), (lamp(900), 0)])
    assert heard.delivered == 4
    assert (await count(db, "outbox"), await count(db, "log"), await count(db, "heard")) == (0, 2, 0)


async def test_an_event_of_a_deed_undone_is_never_told(db: Database) -> None:
    async def deed(tx: Tx) -> None:
        await publish(tx, LampLit(lamp_id=lamp(1)))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.write(GUEST, deed)
    assert await count(db, "outbox") == 0


async def test_versions_of_one_subject_come_in_order_whatever_order_they_were_written_in(db: Database) -> None:
    ear = Ear("tests.one")
    await light(db, *(LampLit(lamp_id=lamp(5), version=v) for v in (3, 1, 2)))
    await deliver(db, [ear.subscriber], ALL)
    assert [version for _, version in ear.heard] == [1, 2, 3]


async def test_one_that_fails_holds_up_its_subject_only_and_is_tried_again(db: Database) -> None:
    ear, other = Ear("tests.one", batch=True), Ear("tests.two", batch=True)
    ear.fails_for = {lamp(1)}
    await light(db, *(LampLit(lamp_id=lamp(b), version=v) for b in (1, 2) for v in (1, 2)))
    heard = await deliver(db, [ear.subscriber, other.subscriber], ALL)
    assert ear.heard == [(lamp(2), 1), (lamp(2), 2)]
    assert len(other.heard) == 4
    assert (heard.failed, heard.waiting) == (1, 2)
    await deliver(db, [ear.subscriber, other.subscriber], ALL)
    assert len(ear.heard) == 2, "it waits before the next try"
    ear.fails_for = set()
    db.clock.move(timedelta(minutes=1))
    await deliver(db, [ear.subscriber, other.subscriber], ALL)
    assert ear.heard[2:] == [(lamp(1), 1), (lamp(1), 2)]
    assert len(other.heard) == 4, "who has heard does not hear again"
    assert await count(db, "outbox") == 0


async def test_what_a_failing_subscriber_wrote_is_undone(db: Database) -> None:
    ear = Ear("tests.one")
    ear.fails_for = {lamp(1)}
    await light(db, LampLit(lamp_id=lamp(1)))
    await deliver(db, [ear.subscriber], ALL)
    assert await count(db, "timers") == 0


async def test_two_workers_at_once_hear_once(wide_db: Database) -> None:
    import asyncio

    ear = Ear("tests.one")
    await light(wide_db, *(LampLit(lamp_id=lamp(b)) for b in range(40)))
    await asyncio.gather(*(deliver(wide_db, [ear.subscriber], ALL) for _ in range(4)))
    assert len(set(ear.heard)) == 40
    assert await count(wide_db, "timers") == 40


async def test_only_the_range_asked_for_is_delivered(db: Database) -> None:
    ear = Ear("tests.one")
    await light(db, LampLit(lamp_id=lamp(1)), LampLit(lamp_id=lamp(900)))
    await deliver(db, [ear.subscriber], (512, 1023))
    assert ear.heard == [(lamp(900), 0)]


async def test_a_full_outbox_is_filed_away_event_by_event_though_statistics_took_it_for_empty(db: Database) -> None:
    """A join of each event with each was a quarter of a second of processor for 500 of them."""
    await db.write(GUEST, lambda tx: tx.execute("analyze kit.outbox"))
    await light(db, *[LampLit(lamp_id=lamp(n % 7, n)) for n in range(1, 401)])
    rows = await db.read(lambda r: r.rows("select bucket, id from kit.outbox"))
    at = ([row["bucket"] for row in rows], [row["id"] for row in rows])
    plan = await db.write(GUEST, lambda tx: tx.value(f"explain (analyze, format json) {FILE_AWAY}", *at))
    assert "Index Scan" in plan
    assert not re.search(r'"Rows Removed by[^"]*": [1-9]', plan)


async def test_a_lot_is_heard_without_a_mark_for_each_hearing(db: Database) -> None:
    ears = [Ear("tests.left", batch=True), Ear("tests.right", batch=True)]
    await light(db, *[LampLit(lamp_id=lamp(bucket)) for bucket in (1, 2, 3)])
    with statements() as seen:
        told = await deliver(db, [ear.subscriber for ear in ears], ALL)
    assert (told.delivered, told.waiting, await count(db, "outbox")) == (6, 0, 0)
    assert not any("insert into kit.heard" in sql for sql in seen)


async def test_what_one_fails_at_leaves_the_others_heard_once(db: Database) -> None:
    good, bad = Ear("tests.a_good", batch=True), Ear("tests.bad", batch=True)
    bad.fails_for.add(lamp(2))
    await light(db, *[LampLit(lamp_id=lamp(bucket)) for bucket in (1, 2, 3)])
    told = await deliver(db, [good.subscriber, bad.subscriber], ALL)
    assert (told.delivered, told.failed, told.waiting) == (5, 1, 1)
    assert await count(db, "heard") == 2, "of the one that waits: heard by the first, and the trouble of the second"
    assert await count(db, "log") == 2
