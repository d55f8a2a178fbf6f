"""Wake-ups: a process that wrote something tells the workers, on its own connection, after the commit, coalesced.

A NOTIFY inside the writing transaction would serialise commits. A lost wake-up costs nothing but a second: everybody
who listens also polls.
"""

import asyncio
import contextlib
from typing import Any, Final

import asyncpg
import structlog

log = structlog.get_logger(__name__)
CHANNEL: Final = "fairground"
GATHER: Final = 0.005  # so many wake-ups of one process within 5 ms are one


class Waker:
    """Sends wake-ups for one process; `wake` is quick and never fails."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Ask for a wake-up."""
        self._wanted.set()

    def start(self) -> None:
        """Start sending."""
        self._task = asyncio.create_task(self._send(), name="waker")

    async def stop(self) -> None:
        """Stop sending."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _send(self) -> None:
        conn: Any = None
        while True:
            await self._wanted.wait()
            await asyncio.sleep(GATHER)
            self._wanted.clear()
            try:
                if conn is None or conn.is_closed():
                    conn = await asyncpg.connect(self._dsn, timeout=5, server_settings={"application_name": "waker"})
                await conn.execute("notify fairground")  # CHANNEL: the name of a channel cannot be a parameter
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                conn = None  # the workers poll; try again with the next wake-up


class Listener:
    """Waits for wake-ups, or for the polling interval, whichever comes first."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._conn: Any = None
        self._heard = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Wait for a wake-up, at most so long."""
        await self._listen()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._heard.wait(), seconds)
        self._heard.clear()

    async def close(self) -> None:
        """Stop listening."""
        if self._conn is not None and not self._conn.is_closed():
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await self._conn.close(timeout=2)

    async def _listen(self) -> None:
        if self._conn is not None and not self._conn.is_closed():
            return
        try:
            self._conn = await asyncpg.connect(self._dsn, timeout=5, server_settings={"application_name": "listener"})
            await self._conn.add_listener(CHANNEL, lambda *_: self._heard.set())
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as trouble:
            log.debug("cannot listen", error=str(trouble))
            self._conn = None
