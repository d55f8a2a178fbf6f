"""The worker: delivers events, carries out deadlines, rings timers, works off jobs. Any number may run side by side.

Events and deadlines are shared out by ranges of buckets under leases; timers by their row; jobs by the queue. A
wake-up makes it quick, polling behind it makes it sure.
"""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import asyncpg
import msgspec
import structlog
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job as QueuedJob
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries

from fairground.kit.actor import system
from fairground.kit.db import GONE, Database
from fairground.kit.deadlines import DeadlineHandler, sweep
from fairground.kit.errors import Unavailable
from fairground.kit.events import Subscriber, deliver
from fairground.kit.jobs import Job
from fairground.kit.leases import RANGES, give_back, open_ranges, range_of, take_ranges
from fairground.kit.timers import Timer, claim_run, note_run
from fairground.kit.wake import Listener

log = structlog.get_logger(__name__)
POLL: Final = 1.0
PACE: Final = 0.1  # between rounds of events that are no backlog: each has its price, and news may be a second late
PAUSES: Final = (1.0, 4.0)  # before a timer asks again what it could not reach
REST: Final = 2.0  # after trouble with the database


class Duties(msgspec.Struct, frozen=True):
    """What a worker does: who hears events, what deadlines mean, which timers and jobs there are."""

    subscribers: Sequence[Subscriber]
    deadlines: Sequence[DeadlineHandler]
    timers: Sequence[Timer]
    jobs: Sequence[Job]


class Worker:
    """One worker process; `run` until `stop` is set."""

    def __init__(self, db: Database, duties: Duties) -> None:
        self._db = db
        self._duties = duties
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._ranges: dict[str, list[int]] = {"events": [], "deadlines": []}
        self._ringing: dict[str, asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; trouble with the database is waited out."""
        loops: list[tuple[str, Callable[[], Awaitable[bool]], bool]] = [
            ("events", self._events, True),
            ("deadlines", self._deadlines, False),
            ("timers", self._timers, False),
        ]
        tasks = [asyncio.create_task(self._loop(*loop, stop), name=loop[0]) for loop in loops]
        tasks.append(asyncio.create_task(self._jobs(stop), name="jobs"))
        tasks.append(asyncio.create_task(self._leases(stop), name="leases"))
        await stop.wait()
        await asyncio.wait([*tasks, *self._ringing.values()], timeout=15)
        tasks += self._ringing.values()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(Unavailable, *GONE):
            await self._db.write(system("worker"), lambda tx: give_back(tx, self._holder))

    async def _loop(self, name: str, round_: Callable[[], Awaitable[bool]], woken: bool, stop: asyncio.Event) -> None:
        listener = Listener(self._db.dsn) if woken else None
        while not stop.is_set():
            try:
                busy = await round_()
            except Unavailable:
                await _rest(stop, REST)
                continue
            except Exception:
                log.exception("a round failed", loop=name)
                await _rest(stop, REST)
                continue
            if busy:
                await asyncio.sleep(0)
            elif listener is not None:
                await listener.wait(POLL)
            else:
                await _rest(stop, POLL)
        if listener is not None:
            await listener.close()

    async def _leases(self, stop: asyncio.Event) -> None:
        """Take and renew the ranges this worker sweeps; others take them over when it falls silent."""
        opened = False
        while not stop.is_set():
            try:
                for kind in self._ranges:
                    if not opened:
                        await self._db.write(system("worker"), lambda tx, kind=kind: open_ranges(tx, kind))  # type: ignore[misc]
                    self._ranges[kind] = await self._db.write(
                        system("worker"),
                        lambda tx, kind=kind: take_ranges(tx, kind, self._holder, RANGES),  # type: ignore[misc]
                    )
                opened = True
            except Unavailable:
                # Without the database nothing can be swept; the leases run out by themselves.
                self._ranges = {kind: [] for kind in self._ranges}
            await _rest(stop, 5 if opened else 0.5)

    async def _events(self) -> bool:
        busy = full = False
        for number in self._ranges["events"]:
            heard = await deliver(self._db, self._duties.subscribers, range_of(number))
            busy = busy or heard.delivered > 0
            full = full or heard.is_full
        if busy and not full:
            await asyncio.sleep(PACE)
        return busy

    async def _deadlines(self) -> bool:
        busy = False
        for number in self._ranges["deadlines"]:
            busy = await sweep(self._db, self._duties.deadlines, range_of(number)) > 0 or busy
        return busy

    async def _timers(self) -> bool:
        due = [timer for timer in self._duties.timers if timer.name not in self._ringing]
        for timer in due:
            if await claim_run(self._db, timer, self._holder):
                # Side by side: one that waits for a slow bank must not hold up the others.
                self._ringing[timer.name] = asyncio.create_task(self._ring(timer), name=f"timer {timer.name}")
        return False

    async def _ring(self, timer: Timer) -> None:
        try:
            try:
                done, error = await self._run(timer), None
            except Exception as trouble:
                log.exception("timer failed", timer=timer.name, exc_info=trouble)
                done, error = 0, f"{type(trouble).__name__}: {trouble}"[:500]
            with contextlib.suppress(Unavailable):
                await note_run(self._db, timer.name, done, error)
        finally:
            self._ringing.pop(timer.name, None)

    async def _run(self, timer: Timer) -> int:
        """Run a timer; what cannot be reached just now, as a bank at the market's own start, is asked again soon."""
        for pause in PAUSES:
            try:
                return await timer.run(self._db)
            except Unavailable:
                await asyncio.sleep(pause)
        return await timer.run(self._db)

    async def _jobs(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self._work_off(stop)
            except Exception as trouble:  # noqa: BLE001 - the queue library dies with its connection; begin anew
                log.warning("job queue interrupted", error=repr(trouble))
                await _rest(stop, REST)

    async def _work_off(self, stop: asyncio.Event) -> None:
        conn: Any = await asyncpg.connect(
            self._db.dsn, timeout=10, server_settings={"application_name": "fairground jobs", "jit": "off"}
        )
        try:
            manager = QueueManager(Queries(AsyncpgDriver(conn)))
            for job in self._duties.jobs:
                _register(manager, job)
            running = asyncio.create_task(manager.run(dequeue_timeout=timedelta(seconds=POLL), batch_size=4))
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            manager.shutdown.set()
            stopping.cancel()
            await asyncio.wait_for(running, timeout=15)
        finally:
            with contextlib.suppress(TimeoutError, *GONE):
                await conn.close(timeout=3)


def _register(manager: QueueManager, job: Job) -> None:
    async def run(queued: QueuedJob) -> None:
        await job.work(msgspec.json.decode(queued.payload or b"{}"))

    manager.entrypoint(
        job.name,
        concurrency_limit=job.at_once,
        accepts_context=False,
        on_failure="hold",
        executor_factory=lambda parameters: DatabaseRetryEntrypointExecutor(
            parameters, max_attempts=job.tries, initial_delay=timedelta(seconds=2), max_delay=timedelta(minutes=10)
        ),
    )(run)


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
