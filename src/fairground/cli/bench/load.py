"""The load: requests made beforehand and sent over many connections, by `wrk` where it is installed (compiled, on
Debian `apt install wrk`), else by a small client of our own, which takes more of the machine; the result says which.
"""

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from fairground.cli.bench.driver import drive
from fairground.cli.bench.frame import Figures

SCRIPT: Final = Path(__file__).with_name("load.lua")
THREADS: Final = 2


class Shot(msgspec.Struct, frozen=True):
    """A request as it goes over the wire; with a tail, a fresh idempotency key goes between head and tail."""

    head: bytes
    tail: bytes = b""


class Volley(msgspec.Struct, frozen=True):
    """What came of a load. Times in seconds; `seconds` from the first request to the last answer.

    `statuses` are counted only where every request is sent once; `refused` are answers of 400 and above.
    """

    client: str
    answered: int
    seconds: float
    p50: float
    p99: float
    refused: int
    broken: int
    bytes: int
    statuses: dict[str, int] = {}

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return round(self.answered / self.seconds, 1) if self.seconds else 0.0

    @property
    def good_per_second(self) -> float:
        """Answers below 400 in a second."""
        return round((self.answered - self.refused) / self.seconds, 1) if self.seconds else 0.0

    @property
    def times(self) -> Figures:
        """Median and 99th percentile in milliseconds."""
        return {"p50_ms": round(self.p50 * 1000, 2), "p99_ms": round(self.p99 * 1000, 2)}


def shot(
    method: str,
    port: int,
    path: str,
    *,
    token: str | None = None,
    body: bytes = b"",
    keyed: bool = False,
    more: str = "",
) -> Shot:
    """Make a request of a program: JSON, with a session's token, with a fresh idempotency key where `keyed`."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept: */*"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    text = "\r\n".join(lines) + "\r\n" + more
    if not keyed:
        return Shot(text.encode() + b"\r\n" + body)
    return Shot(text.encode() + b"Idempotency-Key: ", b"\r\n\r\n" + body)


def fire(
    port: int,
    shots: Sequence[Shot],
    *,
    connections: int,
    seconds: float = 120,
    rate: float = 0,
    once: bool = False,
) -> Volley:
    """Send requests: round and round for so many seconds, or each once; `rate` spaces them, 0 = as fast as it goes."""
    if shutil.which("wrk") is None:
        return asyncio.run(_own(port, shots, connections, seconds, rate, once=once))
    threads = 1 if once else min(THREADS, connections)
    with tempfile.NamedTemporaryFile() as file:
        for one in shots:
            file.write(b"%d %d\n" % (len(one.head), len(one.tail)) + one.head + one.tail)
        file.flush()
        command = ["wrk", "-t", threads, "-c", connections, "-d", f"{max(1, round(seconds))}s", "--timeout", "30s"]
        command += ["-s", SCRIPT, f"http://127.0.0.1:{port}/", "--"]
        command += [file.name, threads, "once" if once else "round", rate]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith("FAIRGROUND ")]
    if not found:
        raise RuntimeError(f"wrk failed: {done.stderr or done.stdout}")
    return _read(json.loads(found[0].removeprefix("FAIRGROUND ")), once=once)


def _read(told: dict[str, float], *, once: bool) -> Volley:
    statuses: dict[str, int] = told["statuses"]  # type: ignore[assignment]
    return Volley(
        client="wrk",
        answered=sum(statuses.values()) if once else int(told["requests"]),
        seconds=told["spread"] if once else told["seconds"],
        p50=told["p50"] / 1e6,
        p99=told["p99"] / 1e6,
        refused=int(told["refused"]),
        broken=int(told["broken"]),
        bytes=int(told["bytes"]),
        statuses=statuses,
    )


async def _own(
    port: int, shots: Sequence[Shot], connections: int, seconds: float, rate: float, *, once: bool
) -> Volley:
    times: list[float] = []
    statuses: Counter[str] = Counter()
    began = time.perf_counter()
    size = await drive(port, shots, connections, began + seconds, rate, times, statuses, once=once)
    took = time.perf_counter() - began
    ordered = sorted(times) or [0.0]
    return Volley(
        client="own, in Python",
        answered=len(times),
        seconds=took,
        p50=ordered[len(ordered) // 2],
        p99=ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
        refused=sum(count for status, count in statuses.items() if status >= "400"),
        broken=0,
        bytes=size,
        statuses=dict(statuses),
    )
