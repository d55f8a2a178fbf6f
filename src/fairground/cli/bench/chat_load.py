"""The load of the measure `chat`, in a process of its own: pages that stay open, and people who write.

Run as `python -m fairground.cli.bench.chat_load`, the plan as JSON on its standard input, the outcome as JSON on its
standard output. A page is a bare protocol without a task: its bytes are searched for what was said, when, and in which
order; a moment goes along within the words, in letters, so that no rule of the chat takes it for a number.
"""

import asyncio
import re
import resource
import sys
import time
from collections import Counter
from typing import Any, Final

import msgspec
import uvloop

LETTERS: Final = str.maketrans("0123456789", "abcdefghij")
DIGITS: Final = str.maketrans("abcdefghij", "0123456789")
SAID: Final = re.compile(rb"id: (\d+)\n(?:data: [^\n]*\n)*?data: [^\n]*at-([a-j]+)-(person|house)")
OPENED_AT_ONCE: Final = 40
LOOK_EVERY: Final = 0.05
WAIT: Final = 20.0  # for what is still on the way at the end
FILES_MORE: Final = 200


class Talk(msgspec.Struct, frozen=True):
    """A thread with the addresses of its two pages, and the tokens of those who have them open."""

    id: str
    person_path: str
    house_path: str
    person_token: str
    house_token: str


class Plan(msgspec.Struct, frozen=True):
    """What to do: open both pages of each talk, then write so many messages a second for so many seconds."""

    port: int
    talks: list[Talk]
    per_second: float
    seconds: float
    writers: int


class Outcome(msgspec.Struct, frozen=True):
    """What came of it; times in seconds."""

    opened: int
    open_seconds: float
    sent: int
    delivered: int
    expected: int
    out_of_order: int
    lost_pages: int
    statuses: dict[str, int]
    times: list[float]
    sending: list[float]
    seconds: float


class OpenPage(asyncio.Protocol):
    """One page that stays open."""

    def __init__(self, request: bytes, times: list[float], side: bytes) -> None:
        self._request = request
        self._times = times
        self._side = side
        self._left = b""
        self.started: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.last = 0
        self.taken = 0
        self.out_of_order = 0
        self.is_lost = False
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Ask for the page."""
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Take what has come; the moment it came is the moment it counts."""
        now = time.monotonic_ns()
        self._left += data
        if not self.started.done():
            if b"retry: " not in self._left:
                return
            self.started.set_result(self._left.startswith(b"HTTP/1.1 200"))
        end = self._left.rfind(b"\n\n")
        if end < 0:
            return
        whole, self._left = self._left[: end + 2], self._left[end + 2 :]
        for found in SAID.finditer(whole):
            number = int(found[1])
            self.out_of_order += self.last > 0 and number != self.last + 1
            self.last = number
            self.taken += 1
            if found[3] != self._side:  # from the other side: what counts as delivered
                self._times.append((now - int(found[2].decode().translate(DIGITS))) / 1e9)

    def connection_lost(self, _: Exception | None) -> None:
        """Note that the server has closed the page."""
        self.is_lost = True
        if not self.started.done():
            self.started.set_result(False)

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.abort()


def head(method: str, path: str, token: str, more: str = "") -> bytes:
    """Write the head of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}", *more.split("\n")]
    return "\r\n".join([*(line for line in lines if line), "", ""]).encode()


async def open_pages(plan: Plan, times: list[float]) -> list[OpenPage]:
    """Open both pages of each talk, some at the same time."""
    loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(OPENED_AT_ONCE)
    pages: list[OpenPage] = []

    async def one(path: str, token: str, side: bytes) -> None:
        request = head("GET", path, token, "Accept: text/event-stream")
        async with gate:
            _, page = await loop.create_connection(lambda: OpenPage(request, times, side), "127.0.0.1", plan.port)
            if await page.started:
                pages.append(page)

    await asyncio.gather(
        *(one(talk.person_path, talk.person_token, b"person") for talk in plan.talks),
        *(one(talk.house_path, talk.house_token, b"house") for talk in plan.talks),
    )
    return pages


async def write_messages(plan: Plan, statuses: Counter[str], sending: list[float]) -> int:
    """Write at the rate of the plan: talks by turns, the two sides of each by turns."""
    began, total = time.perf_counter(), round(plan.per_second * plan.seconds)
    slots = iter(range(total))

    async def writer() -> None:
        reader, out = await asyncio.open_connection("127.0.0.1", plan.port)
        for slot in slots:
            await asyncio.sleep(max(0.0, began + slot / plan.per_second - time.perf_counter()))
            talk, is_house = plan.talks[slot % len(plan.talks)], slot // len(plan.talks) % 2 == 1
            side, token = ("house", talk.house_token) if is_house else ("person", talk.person_token)
            at = str(time.monotonic_ns()).translate(LETTERS)
            body = b'{"words":"at-%s-%s"}' % (at.encode(), side.encode())
            more = f"Content-Type: application/json\nContent-Length: {len(body)}"
            started = time.perf_counter()
            out.write(head("POST", f"/api/v1/messages/{talk.id}", token, more) + body)
            statuses[await _answer(reader)] += 1
            sending.append(time.perf_counter() - started)
        out.close()

    await asyncio.gather(*(writer() for _ in range(plan.writers)))
    return total


async def _answer(reader: asyncio.StreamReader) -> str:
    told = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = re.search(r"content-length: (\d+)", told)
    await reader.readexactly(int(length[1]) if length else 0)
    return told.split(" ", 2)[1]


async def carry_out(plan: Plan) -> Outcome:
    """Carry the plan out."""
    times: list[float] = []
    sending: list[float] = []
    statuses: Counter[str] = Counter()
    began = time.perf_counter()
    pages = await open_pages(plan, times)
    open_seconds = time.perf_counter() - began
    sys.stdout.buffer.write(b"opened\n")
    sys.stdout.buffer.flush()
    await asyncio.to_thread(sys.stdin.buffer.readline)  # whoever watches us looks at the memory now
    began = time.perf_counter()
    await write_messages(plan, statuses, sending)
    seconds = time.perf_counter() - began
    good = sum(count for status, count in statuses.items() if status < "300")
    for _ in range(round(WAIT / LOOK_EVERY)):
        if sum(page.taken for page in pages) >= 2 * good:
            break
        await asyncio.sleep(LOOK_EVERY)
    outcome = Outcome(
        opened=len(pages), open_seconds=open_seconds, sent=good, delivered=sum(page.taken for page in pages),
        expected=2 * good, out_of_order=sum(page.out_of_order for page in pages),
        lost_pages=sum(page.is_lost for page in pages), statuses=dict(statuses), times=times, sending=sending,
        seconds=seconds,
    )  # fmt: skip
    for page in pages:
        page.close()
    return outcome


def raise_file_limit(needed: int) -> None:
    """Raise the limit of open files as far as it must and may.

    Raises:
        SystemExit: the machine does not allow it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise SystemExit(f"this measure needs {needed} open files, and the machine allows {hard} (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def main() -> None:
    """Read the plan, carry it out, tell what came of it."""
    plan = msgspec.json.decode(sys.stdin.buffer.readline(), type=Plan)
    raise_file_limit(2 * len(plan.talks) + FILES_MORE)
    outcome = uvloop.run(carry_out(plan))
    sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
