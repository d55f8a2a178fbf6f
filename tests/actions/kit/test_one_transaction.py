"""The spike the house stands on: rows, outbox and job queue in one transaction, and a worker that does the rest."""

import asyncio
import json
from datetime import timedelta

import pytest

from fairground.app.worker import Duties, Worker
from fairground.kit.actor import GUEST
from fairground.kit.db import Database, Reader, Tx
from fairground.kit.deadlines import DeadlineHandler, set_deadline
from fairground.kit.events import Subscriber, publish
from fairground.kit.ids import Id
from fairground.kit.jobs import Job, enqueue
from fairground.kit.timers import Timer, list_timers
from tests.actions.kit.test_events import LampLit

LAMP = Id((1 << 22) | (7 << 12))


async def do_everything(tx: Tx) -> None:
    await tx.execute("insert into kit.timers (name) values ('row')")
    await publish(tx, LampLit(lamp_id=LAMP))
    await enqueue(tx, "tests.job", {"lamp": LAMP})
    await set_deadline(tx, "tests.ring", LAMP, tx.now, "now")


async def counts(reader: Reader) -> tuple[int, ...]:
    row = await reader.row(
        """
        select (select count(*) from kit.timers), (select count(*) from kit.outbox),
               (select count(*) from pgqueuer), (select count(*) from kit.deadlines)
        """
    )
    assert row is not None
    return tuple(row)


async def test_all_of_it_or_nothing(db: Database) -> None:
    async def fail(tx: Tx) -> None:
        await do_everything(tx)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.write(GUEST, fail)
    assert await db.read(counts) == (0, 0, 0, 0)
    await db.write(GUEST, do_everything)
    assert await db.read(counts) == (1, 1, 1, 1)


async def test_a_job_wanted_once_waits_once(db: Database) -> None:
    for _ in range(3):
        await db.write(GUEST, lambda tx: enqueue(tx, "tests.job", {}, once_as="same"))
    assert (await db.read(counts))[2] == 1


async def test_a_worker_does_all_of_it_and_tries_a_failing_job_again(db: Database) -> None:
    db.clock.freeze(None)
    stop, done, tries = asyncio.Event(), [], []  # type: ignore[var-annotated]

    async def hear(tx: Tx, event: LampLit) -> None:
        done.append("event")

    async def ring(tx: Tx, deadline: object) -> None:
        done.append("deadline")

    async def job(payload: dict[str, object]) -> None:
        tries.append(payload)
        if len(tries) == 1:
            raise RuntimeError("the first try fails on purpose")
        done.append("job")

    async def tick(database: Database) -> int:
        done.append("timer")
        return 3

    duties = Duties(
        [Subscriber("tests.hear", (LampLit,), hear)],
        [DeadlineHandler("tests.ring", ring)],
        [Timer("tests.tick", timedelta(hours=1), tick)],
        [Job("tests.job", job)],
    )
    await db.write(GUEST, do_everything)
    running = asyncio.create_task(Worker(db, duties).run(stop))
    async with asyncio.timeout(30):
        while len(done) < 4:
            await asyncio.sleep(0.05)
    stop.set()
    await running
    assert sorted(done) == ["deadline", "event", "job", "timer"]
    assert tries[0] == {"lamp": int(LAMP)}
    ticks = [t for t in await db.read(list_timers) if t.name == "tests.tick"]
    assert [(t.done, t.error) for t in ticks] == [(3, None)]
    assert json.dumps(tries)
