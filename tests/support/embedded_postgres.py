"""Help for the tests of the embedded PostgreSQL: markets to kill, questions to ask, looks from outside."""

import asyncio
import contextlib
import os
import pwd
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

IS_ROOT = os.geteuid() == 0
DEBIAN = Path("/usr/lib/postgresql/15/bin")
as_root = pytest.mark.skipif(not IS_ROOT, reason="only root runs the server as somebody else")
with_debian = pytest.mark.skipif(not (DEBIAN / "postgres").exists(), reason="needs Debian's PostgreSQL 15")

# A market of its own: starts the server, says its number, and lives until it is killed or its input ends.
MARKET = """
import sys
from pathlib import Path
from fairground.adapters.postgres.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), fsync=False)
server.start()
print(server.pid, flush=True)
sys.stdin.read()
"""


def ask(dsn: str, question: str) -> Any:
    async def run() -> Any:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(run())


def note(dsn: str) -> str:
    """Write and commit words never seen before."""
    words = uuid.uuid4().hex
    ask(dsn, f"insert into notes values ('{words}')")
    return words


def keeps(dsn: str, *words: str) -> bool:
    return ask(dsn, f"select count(*) from notes where words = any('{{{','.join(words)}}}')") == len(words)


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def owner(path: Path) -> str:
    return pwd.getpwuid(path.lstat().st_uid).pw_name


@contextlib.contextmanager
def ordinary_user() -> Iterator[None]:
    """Act as nobody, where the tests run as root."""
    if not IS_ROOT:
        yield
        return
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


@contextlib.contextmanager
def market(data: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A market in a process of its own, and its server's number."""
    argv = [sys.executable, "-c", MARKET, str(data)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def runs(pid: int) -> bool:
    """Tell whether a process runs; one that is dead and not yet buried has no words."""
    said = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(said.strip()) and not said.startswith("Z")


def guards_of(server_pid: int) -> list[int]:
    said = subprocess.run(["ps", "-wweo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=1) for line in said.splitlines()]
    return [int(pid) for pid, args in rows if f"fairground-postgres-guard {server_pid} " in args]
