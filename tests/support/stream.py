"""A page that stays open, without a network: the ASGI application is asked, and what it sends is read as it comes."""

import asyncio
from types import TracebackType
from typing import Any, Self

from tests.support.web import Market


class OpenPage:
    """An open stream of events: `async with OpenPage(market, path, token) as page: await page.next("message")`."""

    def __init__(self, market: Market, path: str, token: str | None, *, seen: int | None = None) -> None:
        address, _, query = path.partition("?")
        headers = [(b"host", b"market.test"), (b"accept-language", b"en"), (b"accept", b"text/event-stream")]
        if token:
            headers.append((b"cookie", f"fg_session={token}".encode()))
        if seen is not None:
            headers.append((b"last-event-id", str(seen).encode()))
        self._scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": address, "raw_path": address.encode(), "root_path": "", "query_string": query.encode(),
            "headers": headers, "client": ("127.0.0.1", 1), "server": ("market.test", 80),
        }  # fmt: skip
        self._app: Any = market._app
        self._events: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._asked = False
        self._left = ""
        self.status = 0
        self.ended = asyncio.Event()
        self._started = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        await asyncio.wait_for(self._started.wait(), 10)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gone.set()
        assert self._task is not None
        await asyncio.wait_for(self._task, 10)

    async def next(self, name: str, seconds: float = 10) -> tuple[str, str]:
        """Give id and data of the next event of a name; others are left out."""
        async with asyncio.timeout(seconds):
            while True:
                found, number, data = await self._events.get()
                if found == name:
                    return number, data

    @property
    def waiting(self) -> int:
        """How many events have come and were not read."""
        return self._events.qsize()

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
        finally:
            self._started.set()
            self.ended.set()

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        self._started.set()
        self._left += message.get("body", b"").decode()
        while "\n\n" in self._left:
            block, self._left = self._left.split("\n\n", 1)
            fields: dict[str, list[str]] = {}
            for line in block.split("\n"):
                name, _, value = line.partition(": ")
                fields.setdefault(name, []).append(value)
            if "event" in fields:
                told = (fields["event"][0], fields.get("id", [""])[0], "\n".join(fields.get("data", [])))
                self._events.put_nowait(told)
