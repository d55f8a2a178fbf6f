"""Gather what arrives one by one and commit it together: many small deeds for the price of one transaction.

Nobody waits for company: an idle gatherer takes a single arrival at once. While its batch is being committed the next
arrivals gather, so batches grow by themselves as far as the load asks for, up to a limit.
One batch is under way at a time, and after a crowd a moment is waited for as many again (docs/decisions/0011).
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Generic, TypeAlias, TypeVar

import asyncpg
import msgspec
import structlog

from fairground.kit.errors import Trouble, Unavailable

log = structlog.get_logger(__name__)
Asked = TypeVar("Asked")
Ready = TypeVar("Ready")
Result = TypeVar("Result")

Prepare: TypeAlias = Callable[[Sequence[Asked]], Awaitable[Sequence[Ready | Trouble]]]
Commit: TypeAlias = Callable[[Sequence[Ready]], Awaitable[Sequence[Result | Trouble]]]
After: TypeAlias = Callable[[Sequence[Result]], Awaitable[None]]
Shortcut: TypeAlias = Callable[[Asked], Awaitable[Result] | None]
# In each other's way too often: the same things may well go through later.
BUSY: Final = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)


class GatherLimits(msgspec.Struct, frozen=True):
    """How much one gatherer takes on."""

    batch_most: int = 256
    queue_most: int = 2_000  # arrivals waiting
    linger_most_seconds: float = 0.02  # for company, and never longer than a quarter of what a batch takes
    wait_most_seconds: float = 10.0  # nobody is kept waiting longer than this, as far as can be foreseen


class _Waiting(msgspec.Struct):
    asked: Any
    answer: asyncio.Future[Any]


class Gatherer(Generic[Asked, Ready, Result]):
    """Takes things one by one and answers each when it is durable; `start`, `ask`, `stop`.

    `prepare` looks, `commit` writes one transaction; each answers in order, with a result or a trouble for each.
    `after` (optional) works on the results of a commit before they are answered, and holds up no other batch.
    `shortcut` (optional) gives what answers one without the queue, None where it has to wait its turn.
    """

    def __init__(
        self,
        prepare: Prepare[Asked, Ready],
        commit: Commit[Ready, Result],
        *,
        after: After[Result] | None = None,
        shortcut: Shortcut[Asked, Result] | None = None,
        limits: GatherLimits | None = None,
        full: type[Unavailable] = Unavailable,
    ) -> None:
        self._prepare = prepare
        self._commit = commit
        self._after = after
        self._shortcut = shortcut
        self._limits = limits or GatherLimits()
        self._full = full
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._enough = asyncio.Event()
        self._expected = 1  # how many the batch before had: a lone arrival is never kept waiting
        self._lane: asyncio.Task[None] | None = None
        self._answering: set[asyncio.Task[None]] = set()
        self._seconds_batch = 0.02  # what a batch took lately, of whatever size
        self._stopping = False
        self.batches = 0
        self.done = 0

    async def start(self) -> None:
        """Begin to take things up."""
        self._stopping = False
        self._lane = asyncio.create_task(self._run(), name="gatherer")

    async def stop(self) -> None:
        """Commit what is waiting, then stop."""
        self._stopping = True
        self._arrived.set()
        self._enough.set()
        if self._lane is not None:
            await self._lane
            self._lane = None
        await asyncio.gather(*self._answering)

    @property
    def waiting(self) -> int:
        """How many wait to be taken up."""
        return len(self._queue)

    async def ask(self, asked: Asked) -> Result:
        """Have something done; returns when it is durable.

        Whoever stops waiting does not stop it: it will happen, and they may ask again.

        Raises:
            Unavailable: too many are waiting.
            Trouble: whatever stands against it; nothing was written.
        """
        known = None if self._shortcut is None else self._shortcut(asked)
        if known is not None:
            return await known
        wait = len(self._queue) / self._limits.batch_most * self._seconds_batch
        if self._stopping or len(self._queue) >= self._limits.queue_most or wait > self._limits.wait_most_seconds:
            raise self._full(retry_after=max(1, min(30, round(wait))))
        waiting = _Waiting(asked, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._arrived.set()
        if len(self._queue) >= self._expected:
            self._enough.set()
        result: Result = await waiting.answer
        return result

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            await self._company()
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), self._limits.batch_most))]
            if not batch:
                if self._stopping:
                    return
                self._arrived.clear()
                self._expected = 1  # the crowd has gone: whoever comes next comes alone
                continue
            self._expected = min(len(batch), self._limits.batch_most)
            await self._carry(batch)

    async def _company(self) -> None:
        """Where the batch before was a crowd, wait a moment for as many again: they have just been answered and come
        back one by one, and a batch of the first few would keep all others waiting for the price of a large one.
        Where half as many wait already, others keep coming by themselves, and waiting would only make all of them late.
        """
        most = min(self._limits.linger_most_seconds, self._seconds_batch / 4)
        if self._stopping or len(self._queue) * 2 >= self._expected:
            return
        self._enough.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._enough.wait(), most)

    async def _carry(self, batch: list[_Waiting]) -> None:
        """Prepare and commit a batch."""
        try:
            began = time.perf_counter()
            ready = await self._look(batch)
            await self._write(ready)
            self.batches += 1
            self._seconds_batch += (time.perf_counter() - began - self._seconds_batch) / 8
        except Exception as trouble:
            log.exception("a batch failed", size=len(batch), exc_info=trouble)
            for waiting in batch:
                _fail(waiting, trouble)

    async def _look(self, batch: Sequence[_Waiting]) -> list[tuple[_Waiting, Ready]]:
        """Prepare all together; if that breaks, halves, until the one that breaks it is alone."""
        try:
            prepared = await self._prepare([waiting.asked for waiting in batch])
        except Exception as trouble:  # noqa: BLE001 - whatever breaks is told to those it concerns
            if isinstance(trouble, Unavailable) or len(batch) == 1:
                _fail_all(batch, trouble)
                return []
            middle = len(batch) // 2
            return [*await self._look(batch[:middle]), *await self._look(batch[middle:])]
        ready = []
        for waiting, one in zip(batch, prepared, strict=True):
            if isinstance(one, Trouble):
                _fail(waiting, one)
            else:
                ready.append((waiting, one))
        return ready

    async def _write(self, ready: Sequence[tuple[_Waiting, Ready]]) -> None:
        """Commit all together; if that breaks, halves: a poisoned batch is split, not tried for ever."""
        if not ready:
            return
        try:
            results = await self._commit([one for _, one in ready])
        except Exception as trouble:  # noqa: BLE001 - whatever breaks is told to those it concerns
            if isinstance(trouble, Unavailable) or len(ready) == 1:
                _fail_all([waiting for waiting, _ in ready], trouble)
                return
            middle = len(ready) // 2
            await self._write(ready[:middle])
            await self._write(ready[middle:])
            return
        done = []
        for (waiting, _), result in zip(ready, results, strict=True):
            if isinstance(result, Trouble):
                _fail(waiting, result)
            else:
                done.append((waiting, result))
        self.done += len(done)
        await self._answer(done)

    async def _answer(self, done: Sequence[tuple[_Waiting, Result]]) -> None:
        if self._after is None or not done:
            _tell(done)
            return
        task = asyncio.create_task(self._answer_after(done))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer_after(self, done: Sequence[tuple[_Waiting, Result]]) -> None:
        assert self._after is not None, "or nobody would call this"
        try:
            await self._after([result for _, result in done])
        except Exception as trouble:
            # What was committed stands, whatever comes after it.
            log.exception("after a batch", size=len(done), exc_info=trouble)
        _tell(done)


def _tell(done: Sequence[tuple[_Waiting, Any]]) -> None:
    for waiting, result in done:
        if not waiting.answer.done():
            waiting.answer.set_result(result)


def _fail_all(batch: Sequence[_Waiting], trouble: Exception) -> None:
    if not isinstance(trouble, Unavailable):
        log.exception("could not be done", size=len(batch), exc_info=trouble)
    for waiting in batch:
        _fail(waiting, Unavailable(retry_after=1) if isinstance(trouble, BUSY) else trouble)


def _fail(waiting: _Waiting, trouble: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(trouble)
