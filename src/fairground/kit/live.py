"""Live pages: a process that wrote something calls out what it is about, the processes with open pages listen.

Like `kit.wake`, but with words: topics of one process are gathered for some milliseconds and called out with one
NOTIFY, on a connection of its own, after the commit. A call that is lost costs nothing but a moment: whoever listens
also looks by itself, seldom while it hears, often while it does not.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Any, Final

import asyncpg
import structlog

log = structlog.get_logger(__name__)
CHANNEL: Final = "fairground_live"
GATHER: Final = 0.005
MOST: Final = 300  # topics in one call: a payload has room for 8,000 bytes
WAITING_MOST: Final = 100_000  # topics kept while the database is away; those after are found by looking
TROUBLE: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)


class Caller:
    """Calls out topics for one process; `call` is quick and never fails. One without an address is silent."""

    def __init__(self, dsn: str | None = None) -> None:
        self._dsn = dsn
        self._topics: dict[int, None] = {}
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def call(self, topics: Iterable[int]) -> None:
        """Ask that topics be called out."""
        if self._task is None or len(self._topics) > WAITING_MOST:
            return
        self._topics.update(dict.fromkeys(topics))
        self._wanted.set()

    def start(self) -> None:
        """Start calling."""
        if self._dsn is not None:
            self._task = asyncio.create_task(self._run(), name="live caller")

    async def stop(self) -> None:
        """Stop calling."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        conn: Any = None
        while True:
            await self._wanted.wait()
            await asyncio.sleep(GATHER)
            self._wanted.clear()
            topics, self._topics = list(self._topics), {}
            try:
                if conn is None or conn.is_closed():
                    conn = await asyncpg.connect(self._dsn, timeout=5, server_settings={"application_name": "caller"})
                for first in range(0, len(topics), MOST):
                    words = " ".join(str(int(topic)) for topic in topics[first : first + MOST])
                    await conn.fetchval("select pg_notify($1, $2)", CHANNEL, words)
            except TROUBLE:
                conn = None  # whoever listens also looks; the next call tries again


class Ear:
    """Listens for topics on a connection of its own; `hears` tells whether that connection stands."""

    def __init__(self, dsn: str, heard: Callable[[Iterable[int]], None]) -> None:
        self._dsn = dsn
        self._heard = heard
        self._conn: Any = None

    @property
    def hears(self) -> bool:
        """Whether calls arrive just now."""
        return self._conn is not None and not self._conn.is_closed()

    async def listen(self) -> bool:
        """Connect where that is needed; tells whether it was, for then something may have been missed."""
        if self.hears:
            return False
        try:
            self._conn = await asyncpg.connect(self._dsn, timeout=5, server_settings={"application_name": "live ear"})
            await self._conn.add_listener(CHANNEL, self._take)
        except TROUBLE as trouble:
            log.debug("cannot listen", error=str(trouble))
            self._conn = None
            return False
        return True

    async def close(self) -> None:
        """Stop listening."""
        if self.hears:
            with contextlib.suppress(*TROUBLE):
                await self._conn.close(timeout=2)
        self._conn = None

    def _take(self, _conn: Any, _pid: int, _channel: str, payload: str) -> None:
        self._heard([int(word) for word in payload.split()])
