"""Gathering: nobody waits for company, a busy gatherer's batches grow, and what is known needs no batch."""

import asyncio
from collections.abc import Awaitable, Sequence

import pytest

from fairground.kit.errors import Conflict
from fairground.kit.gather import Gatherer, GatherLimits


class Writing:
    """Writes numbers, each batch only when it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Event()

    async def look(self, asked: Sequence[int]) -> Sequence[int]:
        return asked

    async def write(self, ready: Sequence[int]) -> list[int]:
        self.batches.append(list(ready))
        await self.go.wait()
        return [one * 10 for one in ready]


async def test_what_arrives_during_a_commit_goes_together_afterwards() -> None:
    writing = Writing()
    gatherer = Gatherer(writing.look, writing.write)
    await gatherer.start()
    asking = []
    for number in range(6):
        asking.append(asyncio.create_task(gatherer.ask(number)))
        for _ in range(5):
            await asyncio.sleep(0)
    writing.go.set()
    assert await asyncio.gather(*asking) == [n * 10 for n in range(6)]
    await gatherer.stop()
    assert writing.batches == [[0], [1, 2, 3, 4, 5]]


async def test_what_is_known_is_answered_while_the_queue_stands_still() -> None:
    writing = Writing()

    async def say(asked: int) -> int:
        if asked < 0:
            raise Conflict
        return asked

    def shortcut(asked: int) -> Awaitable[int] | None:
        return say(asked) if asked in {7, -1} else None

    gatherer = Gatherer(writing.look, writing.write, shortcut=shortcut)
    await gatherer.start()
    waiting = asyncio.create_task(gatherer.ask(1))
    assert await gatherer.ask(7) == 7
    with pytest.raises(Conflict):
        await gatherer.ask(-1)
    assert not waiting.done()
    writing.go.set()
    assert await waiting == 10
    await gatherer.stop()
    assert (writing.batches, gatherer.done) == ([[1]], 1)


async def turn(times: int = 5) -> None:
    """Let the others go on."""
    for _ in range(times):
        await asyncio.sleep(0)


async def test_after_a_crowd_a_moment_is_waited_for_as_many_again() -> None:
    writing = Writing()
    gatherer = Gatherer(writing.look, writing.write, limits=GatherLimits(linger_most_seconds=60))
    gatherer._seconds_batch = 240.0  # a quarter of it is more than this test takes
    await gatherer.start()
    first = asyncio.create_task(gatherer.ask(0))
    await turn()
    crowd = [asyncio.create_task(gatherer.ask(n)) for n in (1, 2, 3)]
    await turn()
    writing.go.set()
    await asyncio.gather(first, *crowd)
    back = [asyncio.create_task(gatherer.ask(n)) for n in (4, 5)]
    await turn()
    assert writing.batches == [[0], [1, 2, 3]], "two of three have come back"
    back.append(asyncio.create_task(gatherer.ask(6)))
    await asyncio.gather(*back)
    assert writing.batches == [[0], [1, 2, 3], [4, 5, 6]]
    await gatherer.stop()


async def test_when_the_crowd_has_gone_nobody_is_kept_waiting_for_it() -> None:
    writing = Writing()
    writing.go.set()
    gatherer = Gatherer(writing.look, writing.write, limits=GatherLimits(linger_most_seconds=60))
    await gatherer.start()
    await asyncio.gather(*(gatherer.ask(n) for n in range(20)))
    gatherer._seconds_batch = 0.0
    while gatherer._arrived.is_set():
        await asyncio.sleep(0)
    gatherer._seconds_batch = 240.0
    assert await asyncio.wait_for(gatherer.ask(7), 30) == 70
    await gatherer.stop()
