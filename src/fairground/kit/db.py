"""The database: `Reader` for looking, `Tx` for deeds, `Database` that opens both.

A read runs on connections that PostgreSQL itself keeps read-only. A write is one transaction with one moment
(`tx.now`) and one actor; on deadlock or serialization failure the function is run again, at most three times,
so it holds nothing but database work. What must happen after the commit is handed to `tx.after_commit`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

import asyncpg
import msgspec
import structlog

from fairground.kit.actor import Actor
from fairground.kit.clock import Clock
from fairground.kit.errors import Unavailable
from fairground.kit.ids import AnyId, IdMaker, to_plain

T = TypeVar("T")
Row: TypeAlias = asyncpg.Record
log = structlog.get_logger(__name__)

ATTEMPTS: Final = 4  # the first and three more
RETRIED: Final = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
GONE: Final = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the driver lost its place when the server went away in the middle
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    OSError,
    asyncio.TimeoutError,
)
# The server answers, but has no room (disk, memory) or somebody holds a row for too long: nothing was written.
BUSY: Final = (asyncpg.InsufficientResourcesError, asyncpg.LockNotAvailableError)
# Tests look at each statement before it runs: to count it, or to fail it.
_watcher: ContextVar[Callable[[str], None] | None] = ContextVar("statement_watcher", default=None)


@contextmanager
def watching(watcher: Callable[[str], None]) -> Iterator[None]:
    """Call the watcher with every statement of this task before it is sent."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


class Given:
    """What the market was given at its start, by type: rules of the rooms, keys; `tx.given(OrderRules)`."""

    def __init__(self, *things: object) -> None:
        self._things: dict[type, object] = {type(thing): thing for thing in things}

    def __call__(self, kind: type[T]) -> T:
        """Give the thing of a type; rules that nobody set are made with their defaults."""
        thing = self._things.get(kind)
        if thing is None:
            thing = self._things[kind] = kind()
        return thing  # type: ignore[return-value]


class Reader:
    """Looks at the database at one moment; cannot change it."""

    def __init__(self, conn: Any, now: datetime, given: "Given") -> None:
        self._conn = conn
        self.now = now
        self.given = given

    async def rows(self, sql: str, *args: Any) -> list[Row]:
        """Fetch all rows."""
        self._watch(sql)
        return list(await self._conn.fetch(sql, *args))

    async def row(self, sql: str, *args: Any) -> Row | None:
        """Fetch the first row, if there is one."""
        self._watch(sql)
        return await self._conn.fetchrow(sql, *args)

    async def value(self, sql: str, *args: Any) -> Any:
        """Fetch the first column of the first row, or None."""
        self._watch(sql)
        return await self._conn.fetchval(sql, *args)

    def _watch(self, sql: str) -> None:
        watcher = _watcher.get()
        if watcher is not None:
            watcher(sql)


class Tx(Reader):
    """One transaction: one moment, one actor, all or nothing."""

    def __init__(self, conn: Any, now: datetime, given: "Given", actor: Actor, ids: IdMaker) -> None:
        super().__init__(conn, now, given)
        self.actor = actor
        self._ids = ids
        self._after: list[Callable[[], None]] = []
        self.woken = False  # set by `wake`: after the commit the worker is told that there is something to do

    def wake(self) -> None:
        """Ask that the worker be woken after the commit."""
        self.woken = True

    @property
    def connection(self) -> Any:
        """The raw connection, for libraries that write in our transaction (the job queue) and for COPY."""
        return self._conn

    def new_id(self, kind: type[AnyId], bucket: int) -> AnyId:
        """Make an id of a kind in a bucket."""
        return self._ids.make(kind, bucket, self.now)

    async def execute(self, sql: str, *args: Any) -> int:
        """Run a statement; give the number of rows it touched."""
        self._watch(sql)
        tag: str = await self._conn.execute(sql, *args)
        last = tag.rsplit(" ", 1)[-1]
        return int(last) if last.isdigit() else 0

    async def many(self, sql: str, args: Sequence[Sequence[Any]]) -> None:
        """Run a statement once for each tuple of arguments, in one round trip."""
        self._watch(sql)
        await self._conn.executemany(sql, args)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo what happens inside if it raises, and keep the transaction usable."""
        async with self._conn.transaction():
            yield

    def after_commit(self, deed: Callable[[], None]) -> None:
        """Remember something quick and not to be relied upon (a wake-up) for after the commit."""
        self._after.append(deed)


class Database:
    """Opens readers and transactions; owns the connections."""

    def __init__(
        self,
        dsn: str,
        *,
        clock: Clock,
        ids: IdMaker,
        given: Given | None = None,
        connections: int = 8,
        name: str = "fairground",
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self.wake = wake
        self.given = given or Given()
        self.dsn = dsn
        self.clock = clock
        self.ids = ids
        self._name = name
        self._size = connections
        self._reads: Any = None
        self._writes: Any = None

    async def open(self) -> None:
        """Open the connections; raises `Unavailable` where the database cannot be reached."""
        try:
            self._reads = await self._pool(read_only=True)
            self._writes = await self._pool(read_only=False)
        except GONE as trouble:
            log.warning("database unreachable", error=str(trouble))
            raise Unavailable(retry_after=2) from trouble

    async def _pool(self, *, read_only: bool) -> Any:
        return await asyncpg.create_pool(
            self.dsn,
            min_size=1,
            max_size=self._size,
            init=prepare_connection,
            connection_class=_Connection,
            command_timeout=30,
            timeout=10,
            max_inactive_connection_lifetime=20,
            server_settings={
                "application_name": self._name,
                "jit": "off",
                "timezone": "UTC",
                "default_transaction_read_only": "on" if read_only else "off",
                "lock_timeout": "10s",
                "idle_in_transaction_session_timeout": "60s",
            },
        )

    async def close(self) -> None:
        """Close the connections; one that does not answer is dropped after some seconds."""
        for pool in (self._reads, self._writes):
            if pool is None:
                continue
            try:
                await asyncio.wait_for(pool.close(), timeout=5)
            except (TimeoutError, *GONE):
                pool.terminate()
        self._reads = self._writes = None

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[Reader]:
        """Lend a reader for one request or one look."""
        async with _lend(self._reads) as conn:
            yield Reader(conn, self.clock.now(), self.given)

    async def read(self, look: Callable[[Reader], Awaitable[T]]) -> T:
        """Look with a fresh reader. A connection lost while looking is tried once more: reading twice harms nobody."""
        try:
            async with self.reader() as reader:
                return await look(reader)
        except Unavailable:
            async with self.reader() as reader:
                return await look(reader)

    async def write(self, actor: Actor, deed: Callable[[Tx], Awaitable[T]]) -> T:
        """Do a deed in one transaction; after a deadlock or serialization failure it is done anew.

        Raises:
            Unavailable: the connection was lost; where it was lost during the commit, the deed may have happened
                (an idempotency key tells at the next try).
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._write_once(actor, deed)
            except RETRIED:
                if attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(0.005 * attempt)
        raise AssertionError("unreachable")

    async def _write_once(self, actor: Actor, deed: Callable[[Tx], Awaitable[T]]) -> T:
        async with _lend(self._writes) as conn:
            tx = Tx(conn, self.clock.now(), self.given, actor, self.ids)
            async with conn.transaction():
                result = await deed(tx)
        for after in tx._after:
            after()
        if tx.woken:
            self.wake()
        return result


class _Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection that goes back to the pool without a round trip: we leave no session state behind."""

    def get_reset_query(self) -> str:
        return ""


@asynccontextmanager
async def _lend(pool: Any) -> AsyncIterator[Any]:
    if pool is None:
        raise Unavailable(retry_after=2)
    try:
        async with pool.acquire(timeout=10) as conn:
            try:
                yield conn
            except asyncpg.InternalClientError:
                conn.terminate()  # never to be used again
                raise
    except (*BUSY, *GONE) as trouble:
        if isinstance(trouble, asyncpg.DataError):  # a wrong argument of ours, filed by asyncpg under its interface
            raise
        log.warning("database unavailable", error=repr(trouble))
        raise Unavailable(retry_after=2) from trouble


async def prepare_connection(conn: Any) -> None:
    """Teach a new connection our types: jsonb comes and goes as plain Python data."""
    await conn.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value, enc_hook=to_plain),
        decoder=lambda data: msgspec.json.decode(data[1:]),
        format="binary",
    )
