"""Looking together: one look for many askers, nobody waits for company, trouble is everybody's own."""

import asyncio
from collections.abc import Sequence

import pytest

from fairground.kit.together import LANES, Together


async def test_a_lone_asker_is_answered_at_once() -> None:
    looks: list[list[int]] = []

    async def look(asked: Sequence[int]) -> list[int]:
        looks.append(list(asked))
        return [one * 10 for one in asked]

    together = Together(look)
    assert await together.ask(3) == 30
    assert looks == [[3]]


async def test_those_who_ask_while_a_look_is_under_way_share_the_next() -> None:
    gate, looks = asyncio.Event(), list[list[int]]()

    async def look(asked: Sequence[int]) -> list[int]:
        looks.append(list(asked))
        await gate.wait()
        return [one * 10 for one in asked]

    together = Together(look)
    asking = [asyncio.create_task(together.ask(n)) for n in range(20)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*asking) == [n * 10 for n in range(20)]
    assert looks == [*([n] for n in range(LANES)), list(range(LANES, 20))]


async def test_trouble_reaches_all_who_shared_the_look_and_nobody_after_them() -> None:
    broken = True

    async def look(asked: Sequence[int]) -> list[int]:
        if broken:
            raise LookupError("away")
        return list(asked)

    together = Together(look)
    answers = await asyncio.gather(*(together.ask(n) for n in range(5)), return_exceptions=True)
    assert all(isinstance(answer, LookupError) for answer in answers)
    broken = False
    assert await together.ask(1) == 1


async def test_one_who_hangs_up_does_not_disturb_the_others() -> None:
    gate = asyncio.Event()

    async def look(asked: Sequence[int]) -> list[int]:
        await gate.wait()
        return list(asked)

    together = Together(look)
    asking = [asyncio.create_task(together.ask(n)) for n in range(4)]
    await asyncio.sleep(0)
    asking[0].cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await asking[0]
    assert await asyncio.gather(*asking[1:]) == [1, 2, 3]
