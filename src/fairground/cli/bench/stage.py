"""The stage of a measure: a market of its own, in a new folder, served by the program's own processes.

The database is the embedded one with the settings of `up` (fsync on, default durability), or, where DATABASE_URL names
a server, a new database on it that is dropped afterwards.
"""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from fairground.adapters.postgres.embedded import EmbeddedPostgres
from fairground.app.outfit import Outfit, open_outfit
from fairground.app.schema import MIGRATIONS
from fairground.app.settings import Settings, load
from fairground.kit.migrations import migrate

T = TypeVar("T")
GIVE_UP: Final = 120.0
TICKS: Final = os.sysconf("SC_CLK_TCK")
# Words of the environment that would change what is measured.
CLEARED: Final = ("DATABASE_URL", "FAIRGROUND_DATA", "FAIRGROUND_PORT", "FAIRGROUND_HOST", "FAIRGROUND_URL")


class Stage:
    """A market on which something is measured."""

    def __init__(self, folder: Path, dsn: str, server: EmbeddedPostgres | None, web_processes: int) -> None:
        self.folder = folder
        self.dsn = dsn
        self.port = free_port()
        self.web_processes = web_processes
        self._server = server
        self._parts: list[subprocess.Popen[bytes]] = []
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in CLEARED},
            "DATABASE_URL": dsn,
            "FAIRGROUND_DATA": str(folder / "market"),
            "FAIRGROUND_PORT": str(self.port),
            "FAIRGROUND_SANDBOX": "true",
            "FAIRGROUND_GATEWAYS": "sandbox",
            "FAIRGROUND_WEB_PROCESSES": str(web_processes),
            "FAIRGROUND_RATE_LIMIT_SCALE": "100000",
            "FAIRGROUND_LOG_LEVEL": "warning",
        }

    @property
    def settings(self) -> Settings:
        """The settings its processes run with."""
        return load(environment=self.environment, file=self.folder / "fairground.toml")

    def with_outfit(self, work: Callable[[Outfit], Coroutine[Any, Any, T]]) -> T:
        """Do something on this market in this process, as its commands do."""

        async def run() -> T:
            async with open_outfit(self.settings, "bench") as outfit:
                return await work(outfit)

        return asyncio.run(run())

    def start(self, *commands: str) -> None:
        """Start processes of the program, `serve` and `work`; returns when pages are served."""
        for command in commands:
            with (self.folder / f"{command}.log").open("ab") as log:
                argv = [sys.executable, "-m", "fairground", command]
                self._parts.append(subprocess.Popen(argv, env=self.environment, stdout=log, stderr=log))
        if "serve" in commands:
            wait_for(self.port, "/health/ready")

    def stop(self) -> None:
        """Stop its processes; the database stays."""
        for part in self._parts:
            part.send_signal(signal.SIGTERM)
        for part in self._parts:
            try:
                part.wait(30)
            except subprocess.TimeoutExpired:
                part.kill()
                part.wait()
        self._parts = []

    @property
    def web_pid(self) -> int:
        """The process of the web server; its web processes are below it."""
        return self._parts[0].pid

    def cpu_seconds(self) -> dict[str, float]:
        """Give the processor time used so far by web processes, worker and database (0 where it is elsewhere)."""
        names = ("web", "worker")
        used = {name: cpu_of(part.pid) for name, part in zip(names, self._parts, strict=False)}
        pid = None if self._server is None else self._server.pid
        return used | {"database": cpu_of(pid) if pid else 0.0}

    def restart_database(self) -> None:
        """Start the embedded server anew, as an owner does whose market has grown; a server elsewhere is left alone."""
        if self._server is not None:
            self._server.stop()
            self._server.start()
            self.dsn = self.environment["DATABASE_URL"] = self._server.dsn


def free_port() -> int:
    """Find a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, path: str) -> None:
    """Wait until an address answers with 200."""
    until = time.monotonic() + GIVE_UP
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing answers at port {port}")


def cpu_of(pid: int) -> float:
    """Give the processor time of a process and all below it, also of those that have ended, in seconds."""
    total, waiting = 0, [pid]
    while waiting:
        member = waiting.pop()
        try:
            # After the name, which may hold anything: utime, stime and those of children waited for are 14th to 17th.
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(field) for field in fields[11:15])
            for task in Path(f"/proc/{member}/task").glob("*/children"):
                waiting += [int(child) for child in task.read_text().split()]
        except (OSError, ValueError):
            continue
    return total / TICKS


@contextmanager
def open_stage(*, web_processes: int = 2) -> Iterator[Stage]:
    """Open a stage with an empty, migrated database; nothing is served yet."""
    # Below /var/tmp, so that root's database, which runs as another user, reaches it.
    with tempfile.TemporaryDirectory(prefix="fairground-bench-", dir="/var/tmp", ignore_cleanup_errors=True) as name:
        os.chmod(name, 0o711)  # noqa: S103
        folder = Path(name)
        (folder / "market").mkdir()
        with _database(folder) as (dsn, server):
            asyncio.run(migrate(dsn, MIGRATIONS))
            stage = Stage(folder, dsn, server, web_processes)
            try:
                yield stage
            finally:
                stage.stop()


@contextmanager
def _database(folder: Path) -> Iterator[tuple[str, EmbeddedPostgres | None]]:
    given = os.environ.get("DATABASE_URL")
    if given:
        with _new_database(given) as dsn:
            yield dsn, None
        return
    server = EmbeddedPostgres(folder / "data")
    server.start()
    try:
        yield server.dsn, server
    finally:
        server.stop()


@contextmanager
def _new_database(server: str) -> Iterator[str]:
    name = f"fairground_bench_{secrets.token_hex(4)}"

    async def say(sql: str) -> None:
        conn: Any = await asyncpg.connect(server)
        try:
            await conn.execute(sql)
        finally:
            await conn.close()

    asyncio.run(say(f"create database {name}"))
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        asyncio.run(say(f"drop database {name} with (force)"))
