"""`fairground up`: the whole market in one go, each part started again when it dies, all stopped together.

This process stays small: it starts the embedded database, then the web server and the worker as children.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from fairground.adapters.postgres.embedded import EmbeddedPostgres
from fairground.adapters.postgres.errors import PostgresTrouble
from fairground.adapters.postgres.folder import default_data_dir
from fairground.app.reach import NotReady, wait_for_database
from fairground.app.schema import MIGRATIONS
from fairground.app.server import PortTaken, check_port, environment_of
from fairground.app.settings import Settings
from fairground.kit.migrations import NewerDatabase, pending

LOOK_EVERY: Final = 0.5
RESTART_AFTER: Final = 1.0
STOP_WITHIN: Final = 25.0
# For glibc: a heap for each thread that ever held a picture would keep a third of the worker's memory for nothing.
SPARING: Final = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "262144"}


class CannotOpen(Exception):
    """The market cannot open; one clear line."""


class Part:
    """One child process of the market, started again when it dies."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self._name = name
        self._command = [sys.executable, "-m", "fairground", *command]
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._start_at = 0.0

    def look_after(self) -> None:
        """Start it if it does not run; after a death it rests a moment."""
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None:
            sys.stderr.write(f"fairground: {self._name} ended with {self._process.returncode}; starting it again\n")
            self._start_at = time.monotonic() + RESTART_AFTER
            self._process = None
        if time.monotonic() >= self._start_at:
            # A session of its own: a Ctrl-C meant for the market reaches the supervisor, who stops all in order.
            self._process = subprocess.Popen(
                [*self._command, "--leash"], env=self._environment, stdin=subprocess.PIPE, start_new_session=True
            )

    def has_ended(self) -> bool:
        """Tell whether it was started and runs no longer."""
        return self._process is not None and self._process.poll() is not None

    def ask_to_stop(self) -> None:
        """Ask it to stop."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, seconds: float) -> None:
        """Wait for its end; kill what does not listen."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.1, seconds))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def open_market(settings: Settings, tell: Callable[[str], None]) -> None:
    """Open the market and keep it open until SIGINT or SIGTERM.

    Raises:
        CannotOpen: one clear line.
    """
    stop = threading.Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, lambda *_: stop.set())
    try:
        check_port(settings.host, settings.port)
        with _database(settings) as (dsn, look_after_database):
            environment = environment_of(settings)
            environment["DATABASE_URL"] = dsn
            environment.setdefault("FAIRGROUND_SANDBOX", "true" if _play_bank(settings) else "false")
            for name, value in SPARING.items():
                environment.setdefault(name, value)
            _prepare(settings, dsn, environment)
            if not stop.is_set():
                _keep_open(settings, environment, look_after_database, stop, tell)
    except (PortTaken, PostgresTrouble, NotReady, NewerDatabase) as trouble:
        raise CannotOpen(str(trouble)) from None


def _play_bank(settings: Settings) -> bool:
    """The play bank is on in an `up` without other gateways, and elsewhere only where it is asked for."""
    return settings.sandbox if settings.sandbox is not None else settings.gateways in ("", "sandbox")


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator[tuple[str, Callable[[], None]]]:
    if settings.database_url:
        yield settings.database_url, lambda: None
        return
    folder = Path(settings.data) if settings.data else default_data_dir()
    server = EmbeddedPostgres(
        folder, bin_dir=Path(settings.pg_bin) if settings.pg_bin else None, run_as=settings.pg_user
    )
    server.start()
    try:
        yield server.dsn, lambda: _revive(server)
    finally:
        server.stop()


def _revive(server: EmbeddedPostgres) -> None:
    if not server.is_alive():
        sys.stderr.write("fairground: the database is gone; starting it again\n")
        try:
            server.start()
        except PostgresTrouble as trouble:
            sys.stderr.write(f"fairground: {trouble}\n")


def _prepare(settings: Settings, dsn: str, environment: dict[str, str]) -> None:
    if asyncio.run(_waiting_migrations(settings, dsn)):
        _run(["migrate"], environment)
    if settings.demo:
        _run(["demo", "--if-empty"], environment)


async def _waiting_migrations(settings: Settings, dsn: str) -> list[str]:
    await wait_for_database(dsn, settings.database_wait)
    return await pending(dsn, MIGRATIONS)


def _run(command: list[str], environment: dict[str, str]) -> None:
    result = subprocess.run([sys.executable, "-m", "fairground", *command], env=environment, check=False)
    if result.returncode:
        raise CannotOpen(f"`fairground {command[0]}` failed")


def _keep_open(
    settings: Settings,
    environment: dict[str, str],
    look_after_database: Callable[[], None],
    stop: threading.Event,
    tell: Callable[[str], None],
) -> None:
    parts = [Part("web", ["serve"], environment), Part("worker", ["work"], environment)]
    told = False
    try:
        while not stop.wait(0.1 if not told else LOOK_EVERY):
            look_after_database()
            if not told and parts[0].has_ended():
                raise CannotOpen("the web server does not start: see above")
            # The worker comes after the first answer: what it does at once may need the web server (the play bank).
            for part in parts if told else parts[:1]:
                part.look_after()
            if not told and _answers(settings):
                tell(f"Fairground is open at {settings.public_url}  (Ctrl-C closes it)")
                told = True
    finally:
        for part in parts:
            part.ask_to_stop()
        until = time.monotonic() + STOP_WITHIN
        for part in parts:
            part.wait(until - time.monotonic())


def _answers(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    try:
        with urllib.request.urlopen(f"http://{host}:{settings.port}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
