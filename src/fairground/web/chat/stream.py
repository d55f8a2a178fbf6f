"""Server-sent events: a page that stays open is sent what is new.

A stream ends by itself after some minutes, so that who was signed out or let go meanwhile is asked again; browsers come
back at once and say what they have seen last.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Final

from litestar import Request
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse, Stream
from litestar.types import Receive, Send

from fairground.market.service.live import Live, News, Page

BEAT: Final = 25.0  # seconds after which a silent stream says that it lives
AGAIN: Final = 2_000  # milliseconds after which a browser comes back
KIND: Final = "text/event-stream"
HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}


def event(name: str, data: str, number: int | None = None) -> bytes:
    """Write one event."""
    lines = [f"event: {name}"] if number is None else [f"event: {name}", f"id: {number}"]
    return "\n".join([*lines, *(f"data: {line}" for line in data.split("\n")), "", ""]).encode()


def seen_before(request: Request[Any, Any, Any], after: int) -> int:
    """Tell the last message that a browser has seen: it says so itself when it comes back."""
    told = request.headers.get("last-event-id", "")
    return max(after, int(told[:9])) if told.isascii() and told.isdigit() else max(0, after)


class EventStream(Stream):
    """The answer that stays open for a page."""

    def __init__(
        self,
        request: Request[Any, Any, Any],
        live: Live,
        page: Page,
        write: Callable[[News], Iterable[bytes]],
        minutes: float,
    ) -> None:
        # Who does not ask for a stream, as every browser's own does, is not kept waiting.
        seconds = minutes * 60 if KIND in request.headers.get("accept", "") else 0.0
        super().__init__(_frames(page, write, seconds), media_type=KIND, headers=HEADERS)
        self._live = live
        self._page = page

    def to_asgi_response(self, app: Any, request: Request[Any, Any, Any], **_: Any) -> ASGIResponse:
        """Give the answer that forgets its page when the browser has gone."""
        return _Answer(self._live, self._page, iterator=self.iterator, headers=HEADERS, media_type=self.media_type)


class _Answer(ASGIStreamingResponse):
    def __init__(self, live: Live, page: Page, **given: Any) -> None:
        super().__init__(status_code=200, **given)
        self._live = live
        self._page = page

    async def send_body(self, send: Send, receive: Receive) -> None:
        gone = asyncio.create_task(_wait_until_gone(receive, self._page))
        try:
            await self._stream(send)
        finally:
            gone.cancel()
            self._live.close(self._page)


async def _wait_until_gone(receive: Receive, page: Page) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    page.shut()


async def _frames(page: Page, write: Callable[[News], Iterable[bytes]], seconds: float) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    yield f"retry: {AGAIN}\n\n".encode()
    while page.is_open and (left := until - loop.time()) > 0:
        news = await page.wait(min(BEAT, left))
        if news:
            if written := b"".join(part for one in news for part in write(one)):
                yield written
        elif page.is_open:
            yield b":\n\n"
