"""Open pages of a process: what was said reaches them, by calls or by looking; slow and many ones are let go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from fairground.kit.db import Database, Given
from fairground.kit.errors import TooMany
from fairground.kit.ids import Id
from fairground.kit.live import Caller
from fairground.market.service import live as live_room
from fairground.market.service.live import Changed, Live, Page, Reads
from fairground.market.service.model.chat import ChatRules, Message, Side, Thread
from tests.support.chat import say, talk
from tests.support.given import test_given
from tests.support.shops import make_owner, make_shop

NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"


@asynccontextmanager
async def open_live(db: Database, listen_at: str | None = None) -> AsyncIterator[Live]:
    """Start the live pages of a process."""
    live = Live(db, listen_at)
    await live.start()
    try:
        yield live
    finally:
        await live.stop()


async def words(page: Page, count: int) -> list[str]:
    """Wait for so many messages."""
    said: list[str] = []
    async with asyncio.timeout(20):
        while len(said) < count:
            said += [news.words for news in await page.wait(20) if isinstance(news, Message)]
    return said


async def a_talk(db: Database) -> tuple[Id, Id, Thread]:
    """Open a conversation."""
    owner, buyer = await make_owner(db), await make_owner(db)
    return owner, buyer, await talk(db, buyer, (await make_shop(db, owner)).id)


async def test_without_any_call_everything_is_found_by_looking(db: Database) -> None:
    owner, buyer, thread = await a_talk(db)
    async with open_live(db, NOWHERE) as live:
        page = live.open_thread(thread, buyer, 0)
        mine = live.open_list(buyer, buyer)
        await page.wait(10)  # how far both have read
        await say(db, thread, owner, Side.HOUSE, "By looking")
        assert not live.hears
        assert await words(page, 1) == ["By looking"]
        assert Changed() in await mine.wait(10)


async def test_calls_of_another_process_arrive_long_before_a_look(dsn: str, db: Database) -> None:
    caller = Caller(dsn)
    given: Given = test_given(caller)
    other = Database(dsn, clock=db.clock, ids=db.ids, given=given)
    await other.open()
    caller.start()
    owner, buyer, thread = await a_talk(db)
    try:
        async with open_live(db) as live:
            page = live.open_thread(thread, buyer, 0)
            async with asyncio.timeout(10):
                while not live.hears:
                    await page.wait(0.05)
            for number in range(30):
                await say(
                    other,
                    thread,
                    owner if number % 2 else buyer,
                    Side.HOUSE if number % 2 else Side.PERSON,
                    f"W{number}",
                )
            started = asyncio.get_running_loop().time()
            assert await words(page, 30) == [f"W{number}" for number in range(30)]
            assert asyncio.get_running_loop().time() - started < live_room.LOOK_DEAF
    finally:
        await caller.stop()
        await other.close()


async def test_who_comes_back_gets_what_was_missed_and_nothing_twice(db: Database) -> None:
    owner, buyer, thread = await a_talk(db)
    async with open_live(db, NOWHERE) as live:
        for number in range(1, 6):
            await say(db, thread, owner, Side.HOUSE, f"W{number}")
        page = live.open_thread(thread_at(thread, 5), buyer, 3)
        other = live.open_thread(thread_at(thread, 5), owner, 0)
        assert await words(page, 2) == ["W4", "W5"]
        assert await words(other, 5) == ["W1", "W2", "W3", "W4", "W5"]
        live.close(page)
        live.close(page)
        assert len(live) == 1


def thread_at(thread: Thread, number: int) -> Thread:
    """Give the thread as it is after so many messages."""
    import msgspec

    return msgspec.structs.replace(thread, last_number=number)


async def test_a_page_that_takes_nothing_is_let_go(db: Database) -> None:
    buyer = await make_owner(db)
    async with open_live(db, NOWHERE) as live:
        page = live.open_list(buyer, buyer)
        for _ in range(live_room.QUEUE_MOST + 1):
            page.give(Reads(0, 0))
        assert not page.is_open


async def test_one_person_has_a_limit_and_others_have_their_own(db: Database) -> None:
    one, two = await make_owner(db), await make_owner(db)
    async with open_live(db, NOWHERE) as live:
        pages = [live.open_list(one, one) for _ in range(db.given(ChatRules).live_most_per_person)]
        with pytest.raises(TooMany):
            live.open_list(one, one)
        live.open_list(two, two)
        live.close(pages[0])
        live.open_list(one, one)
