"""One PostgreSQL for the whole run, one migrated template, one fresh copy for each test."""

import asyncio
import contextlib
import hashlib
import os
import tempfile
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from fairground.adapters.postgres.embedded import EmbeddedPostgres
from fairground.app.schema import MIGRATIONS
from fairground.kit.migrations import migrate

DSN = "FAIRGROUND_TEST_DSN"
VACUUMS = 50  # tries, a fifth of a second each
MEMORY = "/dev/shm"
MEMORY_LEAST = 3 * 1024**3  # bytes


class Server:
    """The server of this run: the one given by the environment, or one of our own in a temporary folder."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._own: EmbeddedPostgres | None = None

    def start(self) -> None:
        """Start it and tell the workers, through the environment, where it is."""
        if os.environ.get(DSN):
            return
        # Root's server runs as `nobody`, who must be able to reach the folder.
        self._folder = tempfile.TemporaryDirectory(
            prefix="fairground-test-", dir=_quick_folder(), ignore_cleanup_errors=True
        )
        os.chmod(self._folder.name, 0o711)
        data = Path(self._folder.name) / "data"
        data.mkdir(mode=0o700)
        # Nothing lives long enough to need it, and a vacuum that is under way keeps a database from being dropped.
        (data / "postgres-local.conf").write_text("autovacuum = off\n")
        self._own = EmbeddedPostgres(data, fsync=False)
        self._own.start()
        os.environ[DSN] = self._own.dsn

    def stop(self) -> None:
        """Stop it, if it is ours."""
        if self._own is not None and self._folder is not None:
            self._own.stop()
            self._folder.cleanup()
            os.environ.pop(DSN, None)


def _quick_folder() -> str | None:
    """Prefer memory: a disk's file system takes longer to make and remove a database's files than a test takes."""
    try:
        room = os.statvfs(MEMORY)
    except OSError:
        return None
    is_roomy = room.f_bavail * room.f_frsize >= MEMORY_LEAST
    return MEMORY if is_roomy and os.access(MEMORY, os.W_OK | os.X_OK) else None


def on_database(dsn: str, name: str) -> str:
    """Point a DSN at another database of the same server."""
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(path=f"/{name}"))


async def template() -> str:
    """Give the name of the migrated template; made once for each state of the migrations."""
    print_ = hashlib.sha256()
    for path in sorted(MIGRATIONS.glob("*.sql")):
        print_.update(path.name.encode() + path.read_bytes())
    name = f"fg_template_{print_.hexdigest()[:12]}"
    conn = await asyncpg.connect(os.environ[DSN])
    try:
        await conn.execute("select pg_advisory_lock(77)")
        if await conn.fetchval("select 1 from pg_database where datname = $1 and not datallowconn", name):
            return name
        await conn.execute(f'drop database if exists "{name}" with (force)')
        await conn.execute(f'create database "{name}"')
        await migrate(on_database(os.environ[DSN], name), MIGRATIONS)
        # Nobody may sit on a template, or it cannot be copied.
        await conn.execute(f'alter database "{name}" with allow_connections false')
    finally:
        await conn.close()
    return name


async def fresh_database(template_name: str) -> str:
    """Copy the template; give the DSN of the copy."""
    name = f"fg_{uuid.uuid4().hex[:16]}"
    conn = await asyncpg.connect(os.environ[DSN])
    try:
        await conn.execute(f'create database "{name}" template "{template_name}" strategy file_copy')
    finally:
        await conn.close()
    return on_database(os.environ[DSN], name)


async def drop_database(dsn: str) -> None:
    """Drop a copy, with whoever still sits on it."""
    name = urlsplit(dsn).path.lstrip("/")
    conn = await asyncpg.connect(os.environ[DSN])
    try:
        for _ in range(VACUUMS):
            # The server's own vacuum may sit on it as well: nobody may send it away, and it does not stay.
            with contextlib.suppress(asyncpg.InsufficientPrivilegeError):
                await conn.execute(f'drop database if exists "{name}" with (force)')
                return
            await conn.execute("select pg_sleep(0.2)")
        raise TimeoutError(f"{name} is still in use")
    finally:
        await conn.close()


def template_now() -> str:
    """Give the template from code that is not asynchronous."""
    return asyncio.run(template())
