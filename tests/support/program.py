"""The program `fairground` in processes of its own, as an operator runs it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

QUIET = 60.0


class Said(msgspec.Struct, frozen=True):
    """What a command said and how it ended."""

    code: int
    out: str
    trouble: list[str]  # lines on stderr, without the log's


def environment(data: Path, **more: str) -> dict[str, str]:
    """Give an environment without settings of whoever runs the tests."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("FAIRGROUND_", "DATABASE_URL"))}
    return {**plain, "FAIRGROUND_DATA": str(data), "FAIRGROUND_CONFIG": "/nowhere/fairground.toml", **more}


def run(data: Path, *command: str, **more: str) -> Said:
    """Run a command to its end."""
    argv = [sys.executable, "-m", "fairground", *command]
    done = subprocess.run(
        argv, env=environment(data, **more), capture_output=True, text=True, timeout=QUIET, check=False
    )
    trouble = [line for line in done.stderr.splitlines() if line and not line.startswith("{")]
    return Said(done.returncode, done.stdout, trouble)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Opened(msgspec.Struct, frozen=True):
    """A market that is open: its process, its address, what it says on stderr."""

    process: Any
    url: str
    log: Path

    def get(self, path: str) -> tuple[int, str]:
        """Look at a page; 0 where nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return 0, ""


@contextlib.contextmanager
def opened(data: Path, *flags: str, **more: str) -> Iterator[Opened]:
    """Open a market with `up` and close it as Ctrl-C does."""
    port = free_port()
    argv = [sys.executable, "-m", "fairground", "up", "--port", str(port), *flags]
    log = data.parent / "up.log"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            argv, env=environment(data, **more), stdout=subprocess.PIPE, stderr=file, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            said = ""
            while "is open at" not in said:
                said = process.stdout.readline()
                assert said, log.read_text()
            yield Opened(process, f"http://127.0.0.1:{port}", log)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()


def until(condition: Any, seconds: float = 60) -> bool:
    """Wait for what another process does."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
