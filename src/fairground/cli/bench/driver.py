"""A small client for where `wrk` is not installed: raw requests over kept connections, on asyncio."""

import asyncio
import itertools
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol


class Raw(Protocol):
    """A request as it goes over the wire, in two parts with a fresh key between them."""

    @property
    def head(self) -> bytes:
        """What comes before the key."""
        ...

    @property
    def tail(self) -> bytes:
        """What comes after it; without it there is no key."""
        ...


async def drive(
    port: int,
    shots: Sequence[Raw],
    connections: int,
    until: float,
    rate: float,
    times: list[float],
    statuses: Counter[str],
    *,
    once: bool,
) -> int:
    """Send requests until a moment of `perf_counter`, or each once; fills times and statuses, gives bytes received."""
    order: Iterator[Raw] = iter(shots) if once else itertools.cycle(shots)
    slots = itertools.count()
    began = time.perf_counter()

    async def one_connection() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        size = 0
        for raw in order:
            if rate:
                await asyncio.sleep(max(0.0, began + next(slots) / rate - time.perf_counter()))
            started = time.perf_counter()
            if started > until:
                break
            key = secrets.token_hex(12).encode() if raw.tail else b""
            writer.write(raw.head + key + raw.tail)
            status, length = await _answer(reader)
            times.append(time.perf_counter() - started)
            statuses[status] += 1
            size += length
        writer.close()
        return size

    return sum(await asyncio.gather(*(one_connection() for _ in range(connections))))


async def _answer(reader: asyncio.StreamReader) -> tuple[str, int]:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    status = lines[0].split(" ")[1]
    length = next((int(line.partition(":")[2]) for line in lines if line.startswith("content-length:")), None)
    if length is not None:
        await reader.readexactly(length)
        return status, len(head) + length
    size = len(head)
    while True:  # chunked
        chunk = int((await reader.readline()).split(b";")[0], 16)
        await reader.readexactly(chunk + 2)
        size += chunk
        if not chunk:
            return status, size
