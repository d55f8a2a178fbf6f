"""The sandbox bank on a real socket's other side: a small HTTP listener that is the market's webhook address."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from fairground.adapters.gateways.sandbox import SandboxGateway
from fairground.adapters.sandbox.app import sandbox_app
from fairground.adapters.sandbox.config import SandboxConfig, SandboxMischief
from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.market.payments.actions import take_notices
from fairground.market.payments.errors import WebhookRefused
from fairground.market.payments.model import Outcome

SECRET = "a secret of both"


class Market:
    """The market as the sandbox sees it: an address for webhooks, and a client for the sandbox's API."""

    def __init__(self, db: Database, config: SandboxConfig, gateway: SandboxGateway) -> None:
        self.db = db
        self.config = config
        self.gateway = gateway
        self.outcomes: list[Outcome] = []
        self.calls = 0
        self.answer: Callable[[int], int] = lambda call: 204  # the status of the nth call, from 1
        self.browser = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=sandbox_app(config)), base_url="http://market.test"
        )

    async def hear(self, headers: dict[str, str], body: bytes) -> int:
        """Take a webhook as the endpoint does: verify, do, and only then answer."""
        self.calls += 1
        status = self.answer(self.calls)
        if status >= 300:
            return status
        try:
            notices = self.gateway.read_webhook(headers, body)
        except WebhookRefused:
            return 400
        self.outcomes += await self.db.write(system("webhook"), lambda tx: take_notices(tx, notices))
        return status


@asynccontextmanager
async def open_market(db: Database, mischief: SandboxMischief | None = None) -> AsyncIterator[Market]:
    """Open a market with a sandbox; webhooks come over a real socket."""
    config = SandboxConfig(
        db, SECRET, "http://unknown", stylesheets=("/static/fair.css",), mischief=mischief or SandboxMischief()
    )
    gateway = SandboxGateway(
        "http://market.test/sandbox", SECRET, db.clock, transport=httpx.ASGITransport(app=sandbox_app(config))
    )
    market = Market(db, config, gateway)
    server = await asyncio.start_server(lambda r, w: _serve(market, r, w), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    config.webhook_url = f"http://127.0.0.1:{port}/webhooks/payments/sandbox"
    try:
        yield market
    finally:
        server.close()
        await gateway.close()
        await market.browser.aclose()


async def _serve(market: Market, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:] if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        status = await market.hear(headers, body)
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()
