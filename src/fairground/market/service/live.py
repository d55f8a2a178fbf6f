"""Live conversations of one process: open pages are handed what was said, without each of them asking.

A call names threads and lists that have news (`kit.live`); those with open pages here are looked up together, some
statements for all, and each page gets what it has not seen. While calls do not arrive, everything open is looked at
every two seconds; while they do, every half minute.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import msgspec
import structlog

from fairground.kit.db import Database, Reader
from fairground.kit.errors import TooMany, Unavailable
from fairground.kit.ids import Id
from fairground.kit.live import Ear
from fairground.market.service.model.chat import ChatRules, Message, Side, Thread, ThreadId
from fairground.market.service.queries.chat import map_news, map_threads

log = structlog.get_logger(__name__)
GATHER: Final = 0.025  # news of so short a time are looked up together
LOOK: Final = 30.0  # seconds between looks while calls arrive
LOOK_DEAF: Final = 2.0  # and while they do not
AT_ONCE: Final = 500  # threads in one look
QUEUE_MOST: Final = 200  # a page that takes no more than this is let go; its browser comes back for the rest


class Reads(msgspec.Struct, frozen=True):
    """How far each side has read."""

    person: int
    house: int

    def of(self, side: Side) -> int:
        """How far a side has read."""
        return self.person if side is Side.PERSON else self.house


class Changed(msgspec.Struct, frozen=True):
    """A list of conversations is not what it was."""


News: TypeAlias = Message | Reads | Changed


class Page:
    """One open page: what waits to be sent to it. `number` is the last message it has been given."""

    __slots__ = ("_queue", "_woken", "is_open", "number", "person_id", "reads", "topic")

    def __init__(self, topic: Id, person_id: Id, number: int, reads: Reads | None) -> None:
        self.topic = topic
        self.person_id = person_id
        self.number = number
        self.reads = reads
        self.is_open = True
        self._queue: deque[News] = deque()
        self._woken = asyncio.Event()

    def give(self, news: News) -> None:
        """Hand over something new."""
        if len(self._queue) >= QUEUE_MOST:
            self.shut()
            return
        self._queue.append(news)
        self._woken.set()

    def shut(self) -> None:
        """Let the page go."""
        self.is_open = False
        self._woken.set()

    async def wait(self, seconds: float) -> list[News]:
        """Wait for news, at most so long; empty where there are none or the page was let go."""
        if not self._queue:
            try:
                async with asyncio.timeout(seconds):
                    await self._woken.wait()
            except TimeoutError:
                return []
        self._woken.clear()
        news = list(self._queue)
        self._queue.clear()
        return news


class Live:
    """All open pages of a process; `start`, `stop`. `listen_at` is the database's address, where not `db`'s own."""

    def __init__(self, db: Database, listen_at: str | None = None) -> None:
        self._db = db
        self._threads: dict[int, set[Page]] = defaultdict(set)
        self._lists: dict[int, set[Page]] = defaultdict(set)
        self._per_person: dict[int, int] = defaultdict(int)
        self._dirty: set[int] = set()
        self._woken = asyncio.Event()
        self._ear = Ear(listen_at or db.dsn, self._hear)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to listen and to hand out."""
        self._tasks = [
            asyncio.create_task(self._keep_listening(), name="live ear"),
            asyncio.create_task(self._hand_out(), name="live pages"),
        ]

    async def stop(self) -> None:
        """Let all pages go, and stop."""
        for pages in (*self._threads.values(), *self._lists.values()):
            for page in pages:
                page.shut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._ear.close()

    @property
    def hears(self) -> bool:
        """Whether calls arrive; else all is found by looking."""
        return self._ear.hears

    def __len__(self) -> int:
        return sum(map(len, self._threads.values())) + sum(map(len, self._lists.values()))

    def open_thread(self, thread: Thread, person_id: Id, after: int) -> Page:
        """Open a page on a thread for somebody who has seen it up to a number.

        Raises:
            TooMany: this person has many pages open here.
        """
        page = Page(thread.id, person_id, min(after, thread.last_number), None)
        self._enter(self._threads, page)
        self._hear([thread.id])  # what was said since, and how far both have read
        return page

    def open_list(self, owner_id: Id, person_id: Id) -> Page:
        """Open a page on the list of conversations of a person or a house.

        Raises:
            TooMany: this person has many pages open here.
        """
        page = Page(owner_id, person_id, 0, None)
        self._enter(self._lists, page)
        return page

    def close(self, page: Page) -> None:
        """Forget a page; one that was forgotten is no trouble."""
        page.shut()
        for places in (self._threads, self._lists):
            if page in places.get(page.topic, ()):
                places[page.topic].discard(page)
                self._per_person[page.person_id] -= 1
                if not places[page.topic]:
                    del places[page.topic]
        if not self._per_person[page.person_id]:
            del self._per_person[page.person_id]

    def _enter(self, places: dict[int, set[Page]], page: Page) -> None:
        if self._per_person[page.person_id] >= self._db.given(ChatRules).live_most_per_person:
            raise TooMany(retry_after=60)
        self._per_person[page.person_id] += 1
        places[page.topic].add(page)

    def _hear(self, topics: Iterable[int]) -> None:
        open_here = [topic for topic in topics if topic in self._threads or topic in self._lists]
        if open_here:
            self._dirty.update(open_here)
            self._woken.set()

    async def _keep_listening(self) -> None:
        while True:
            if await self._ear.listen():
                self._hear([*self._threads, *self._lists])  # what was called meanwhile was missed
            await asyncio.sleep(1)

    async def _hand_out(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK if self.hears else LOOK_DEAF):
                    await self._woken.wait()
            except TimeoutError:
                self._hear([*self._threads, *self._lists])
            await asyncio.sleep(GATHER)
            self._woken.clear()
            topics, self._dirty = self._dirty, set()
            try:
                await self._look_up(topics)
            except Unavailable:
                await asyncio.sleep(1)
                self._hear(topics)  # the next look tells
            except Exception:
                log.exception("live pages got no news")

    async def _look_up(self, topics: set[int]) -> None:
        for topic in topics & self._lists.keys():
            for page in list(self._lists[topic]):
                page.give(Changed())
        threads = [ThreadId(topic) for topic in topics & self._threads.keys()]
        for first in range(0, len(threads), AT_ONCE):
            some = threads[first : first + AT_ONCE]
            async with self._db.reader() as reader:
                heads, said = await self._read(reader, some)
            self._give(heads, said)

    async def _read(
        self, reader: Reader, threads: Sequence[ThreadId]
    ) -> tuple[dict[ThreadId, Thread], dict[ThreadId, list[Message]]]:
        heads = await map_threads(reader, threads)
        behind = [
            (thread.id, seen)
            for thread in heads.values()
            if (seen := min((page.number for page in self._threads.get(thread.id, ())), default=thread.last_number))
            < thread.last_number
        ]
        said: dict[ThreadId, list[Message]] = defaultdict(list)
        for message in await map_news(reader, behind) if behind else ():
            said[message.thread_id].append(message)
        return heads, said

    def _give(self, heads: dict[ThreadId, Thread], said: dict[ThreadId, list[Message]]) -> None:
        for thread in heads.values():
            reads = Reads(thread.person_read, thread.house_read)
            for page in list(self._threads.get(thread.id, ())):
                for message in said.get(thread.id, ()):
                    if message.number == page.number + 1:
                        page.number = message.number
                        page.give(message)
                if page.number < thread.last_number:
                    self._hear([thread.id])  # more than one look gives, or said while we looked
                if page.reads != reads:
                    page.reads = reads
                    page.give(reads)
