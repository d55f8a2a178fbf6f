"""HTTP by hand over a plain socket: what a well-behaved client library would never send, and when it would not."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec


class Heard(msgspec.Struct, frozen=True):
    """An answer as it came over the wire."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return msgspec.json.decode(self.body)


class Line:
    """One connection to a web server of this machine."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def say(self, raw: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(raw)
        await self._writer.drain()

    async def hear(self) -> Heard:
        """Hear one answer; raises `ConnectionError` where the line is dead."""
        try:
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
            sizes = [int(line.partition(":")[2]) for line in head if line.startswith("content-length:")]
            body = await self._reader.readexactly(sizes[0]) if sizes else await self._chunks()
        except asyncio.IncompleteReadError as cut:
            raise ConnectionResetError("the server hung up") from cut
        return Heard(int(head[0].split(" ")[1]), body)

    async def _chunks(self) -> bytes:
        body = b""
        while size := int((await self._reader.readline()).split(b";")[0], 16):
            body += await self._reader.readexactly(size)
            await self._reader.readexactly(2)
        await self._reader.readexactly(2)
        return body

    def hang_up(self) -> None:
        """Cut the line without a word: the other side gets a reset, not a farewell."""
        self._writer.transport.abort()


@asynccontextmanager
async def line_to(port: int) -> AsyncIterator[Line]:
    """Open a line; it is cut at the end."""
    line = Line(*await asyncio.open_connection("127.0.0.1", port))
    try:
        yield line
    finally:
        with contextlib.suppress(OSError):
            line.hang_up()


def post(port: int, path: str, body: Any, *, token: str | None = None, key: str | None = None) -> bytes:
    """Write a POST of JSON as it goes over the wire."""
    content = msgspec.json.encode(body)
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Accept: application/json",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    ]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    if key is not None:
        lines.append(f"Idempotency-Key: {key}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content
