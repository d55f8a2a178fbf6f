"""Deadlines fall due by the clock, once, and wait after a failure."""

import asyncio
from datetime import timedelta

from fairground.kit.actor import GUEST
from fairground.kit.db import Database, Tx
from fairground.kit.deadlines import (
    Deadline,
    DeadlineHandler,
    clear_deadlines,
    list_deadlines,
    set_deadline,
    sweep,
)
from fairground.kit.ids import Id

ALL = (0, 1023)
LAMP = Id((1 << 22) | (7 << 12))


class Bell:
    """Rings, or breaks where it is told to."""

    def __init__(self, *, batch: bool = False) -> None:
        self.rung: list[int] = []
        self.breaks_for: set[int] = set()
        self.handler = DeadlineHandler("tests.ring", self._many if batch else self._one, batch)

    async def _one(self, tx: Tx, deadline: Deadline) -> None:
        if deadline.subject in self.breaks_for:
            raise RuntimeError("broken on purpose")
        self.rung.append(int(deadline.subject))

    async def _many(self, tx: Tx, deadlines: list[Deadline]) -> None:
        for deadline in deadlines:
            await self._one(tx, deadline)


async def in_an_hour(db: Database, *subjects: Id) -> None:
    async def deed(tx: Tx) -> None:
        for subject in subjects:
            await set_deadline(tx, "tests.ring", subject, tx.now + timedelta(hours=1), "because")

    await db.write(GUEST, deed)


async def test_it_rings_when_due_and_not_before(db: Database) -> None:
    bell = Bell()
    await in_an_hour(db, LAMP)
    assert await sweep(db, [bell.handler], ALL) == 0
    db.clock.move(timedelta(hours=1))
    assert await sweep(db, [bell.handler], ALL) == 1
    assert bell.rung == [LAMP]
    assert await sweep(db, [bell.handler], ALL) == 0


async def test_a_deadline_taken_back_or_moved_does_not_ring(db: Database) -> None:
    bell = Bell()
    await in_an_hour(db, LAMP)
    assert [d.reason for d in await db.read(lambda r: list_deadlines(r, LAMP))] == ["because"]
    await db.write(GUEST, lambda tx: clear_deadlines(tx, [LAMP], "tests.ring"))
    db.clock.move(timedelta(hours=1))
    assert await sweep(db, [bell.handler], ALL) == 0
    await in_an_hour(db, LAMP)
    db.clock.move(timedelta(minutes=30))
    await in_an_hour(db, LAMP)
    db.clock.move(timedelta(minutes=45))
    assert await sweep(db, [bell.handler], ALL) == 0


async def test_one_that_breaks_is_put_off_and_the_others_ring(db: Database) -> None:
    bell = Bell(batch=True)
    others = [Id((n << 22) | (n << 12)) for n in range(2, 5)]
    await in_an_hour(db, LAMP, *others)
    bell.breaks_for = {LAMP}
    db.clock.move(timedelta(hours=1))
    await sweep(db, [bell.handler], ALL)
    assert sorted(set(bell.rung)) == others
    waiting = await db.read(lambda r: list_deadlines(r, LAMP))
    assert [(d.attempts, d.due_at > db.clock.now()) for d in waiting] == [(1, True)]
    bell.breaks_for = set()
    db.clock.move(timedelta(minutes=1))
    await sweep(db, [bell.handler], ALL)
    assert LAMP in bell.rung


async def test_two_workers_ring_once(wide_db: Database) -> None:
    bell = Bell()
    await in_an_hour(wide_db, *(Id((n << 22) | (n << 12)) for n in range(1, 30)))
    wide_db.clock.move(timedelta(hours=1))
    await asyncio.gather(*(sweep(wide_db, [bell.handler], ALL) for _ in range(4)))
    assert len(bell.rung) == len(set(bell.rung)) == 29


async def test_a_kind_that_nobody_handles_is_kept(db: Database) -> None:
    await in_an_hour(db, LAMP)
    db.clock.move(timedelta(hours=1))
    await sweep(db, [], ALL)
    assert len(await db.read(lambda r: list_deadlines(r, LAMP))) == 1
