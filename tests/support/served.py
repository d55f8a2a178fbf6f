"""Web servers of the real program on one database, each at a port of its own, so that a test chooses who answers."""

import contextlib
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fairground.app.settings import Settings, load
from tests.support.program import environment, free_port

MANNERS = {
    "FAIRGROUND_SANDBOX": "true",
    "FAIRGROUND_GATEWAYS": "sandbox",
    "FAIRGROUND_RATE_LIMIT_SCALE": "100000",
    "FAIRGROUND_LOG_LEVEL": "warning",
}


def settings_of(dsn: str, data: Path, port: int) -> Settings:
    """Give the settings that a server at this port runs with."""
    return load(environment=environment(data, **MANNERS, DATABASE_URL=dsn, FAIRGROUND_PORT=str(port)))


@contextlib.contextmanager
def served(dsn: str, data: Path, count: int = 2, **more: str) -> Iterator[Sequence[int]]:
    """Start so many servers of one web process each; gives their ports."""
    ports = [free_port() for _ in range(count)]
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for port in ports:
            surroundings = environment(data, **MANNERS, DATABASE_URL=dsn, FAIRGROUND_PORT=str(port), **more)
            argv = [sys.executable, "-m", "fairground", "serve"]
            with (data / f"{port}.log").open("wb") as log:
                processes.append(subprocess.Popen(argv, env=surroundings, stdout=log, stderr=log))
        for port, process in zip(ports, processes, strict=True):
            _wait(port, process, data)
        yield ports
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            _end(process)


def _wait(port: int, process: subprocess.Popen[bytes], data: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        assert process.poll() is None, (data / f"{port}.log").read_text()
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5):
            return
        time.sleep(0.05)
    raise AssertionError((data / f"{port}.log").read_text())


def _end(process: subprocess.Popen[Any]) -> None:
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
