"""How long from the command to the first answered page, fresh and again; memory at rest and after load."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from fairground.app.reach import find_dsn
from fairground.app.settings import Settings
from fairground.cli.bench.frame import Result, result

GIVE_UP = 180.0
REST = 25.0  # seconds until connections that nobody uses are closed
WORK_MOST = 600  # seconds
LOAD = 300
MIB = 1024 * 1024


def measure(*, demo: bool = True) -> Result:
    """Start a market in a new folder, twice; the second start finds everything there."""
    # Below /var/tmp, so that root's database, which runs as another user, reaches it.
    with tempfile.TemporaryDirectory(prefix="fairground-bench-", dir="/var/tmp", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)  # noqa: S103
        data = Path(folder) / "data"
        with _market(data, demo=demo) as (fresh, _, _):
            fresh_seconds = fresh
        with _market(data, demo=demo) as (again, pid, port):
            asyncio.run(_wait_for_rest(data))
            time.sleep(REST)
            at_rest = _memory(pid)
            for _ in range(LOAD):
                _get(port, "/")
            after_load = _memory(pid)
    figures = {
        "fresh_seconds": round(fresh_seconds, 2),
        "again_seconds": round(again, 2),
        "memory_at_rest_mib": round(at_rest / MIB),
        "memory_after_load_mib": round(after_load / MIB),
    }
    checks = {
        "fresh_within_60_s": fresh_seconds <= 60,
        "again_within_5_s": again <= 5,
        "at_rest_within_400_mib": at_rest <= 400 * MIB,
    }
    return result("start", figures, checks=checks)


async def _wait_for_rest(data: Path) -> None:
    """Wait until nothing is to be done any more: the demo's pictures are painted beside the open market."""
    conn = await asyncpg.connect(find_dsn(Settings(data=str(data))))
    try:
        for _ in range(WORK_MOST):
            # What waits for its hour (mails that gather) is no work yet.
            if not await conn.fetchval(
                "select count(*) from pgqueuer where status in ('queued', 'picked') and execute_after <= now()"
            ):
                return
            await asyncio.sleep(1)
    finally:
        await conn.close()
    raise RuntimeError("the work of a new market does not end")


@contextmanager
def _market(data: Path, *, demo: bool) -> Iterator[tuple[float, int, int]]:
    port = _free_port()
    command = [sys.executable, "-m", "fairground", "up", "--data", str(data), "--port", str(port)]
    environment = {**os.environ, "FAIRGROUND_RATE_LIMIT_SCALE": "1000"}
    environment.pop("DATABASE_URL", None)
    started = time.monotonic()
    process = subprocess.Popen(command + (["--demo"] if demo else []), env=environment, stdout=subprocess.DEVNULL)
    try:
        while not _get(port, "/"):
            if time.monotonic() - started > GIVE_UP or process.poll() is not None:
                raise RuntimeError("the market did not open")
            time.sleep(0.05)
        yield time.monotonic() - started, process.pid, port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _get(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return bool(answer.status == 200 and answer.read())
    except OSError:
        return False


def _memory(pid: int) -> int:
    """Add up what a process and all below it hold for themselves (PSS: shared pages counted once), in bytes."""
    return sum(_pss(member) for member in _family(pid))


def _family(pid: int) -> list[int]:
    family, found = [pid], [pid]
    while found:
        parent = found.pop()
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                children = [int(child) for child in task.read_text().split()]
            except OSError:
                continue
            family += children
            found += children
    return family


def _pss(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0
