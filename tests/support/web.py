"""A market in this process, and browsers without a window."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from fairground.app.asgi import market_app
from fairground.app.inwards import Inwards
from fairground.app.outfit import Outfit, opened
from fairground.app.settings import Settings
from fairground.kit.clock import Clock

HOST = "http://market.test"
_CSRF = re.compile(r'name="csrf" (?:content|value)="([^"]*)"')


class Market:
    """A running market without a server: its outfit, and visitors."""

    def __init__(self, outfit: Outfit, app: Any) -> None:
        self.outfit = outfit
        self.db = outfit.db
        self._app = app

    def visitor(self, language: str = "en") -> httpx.AsyncClient:
        """Give a browser of its own: cookies, language, requests that come from our own pages."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self._app),
            base_url=HOST,
            headers={"accept-language": language, "origin": HOST},
        )

    def program(self, token: str | None = None) -> httpx.AsyncClient:
        """Give a client of the API."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self._app), base_url=HOST, headers={"accept-language": "en", **headers}
        )


@asynccontextmanager
async def open_test_market(
    dsn: str, folder: Path, clock: Clock, more: tuple[object, ...] = (), **settings: Any
) -> AsyncIterator[Market]:
    """Open a market on a database, with everything but the network."""
    chosen = Settings(
        **{
            "data": str(folder),
            "url": HOST,
            "rate_limit_scale": 100.0,
            "language": "en",
            "name": "Fairground",
            "sandbox": True,
            **settings,
        }
    )
    to_sandbox = Inwards()
    outfit = Outfit(chosen, dsn, clock=clock, more=more, to_sandbox=to_sandbox)
    async with opened(outfit, "test"), market_app(outfit) as app:
        to_sandbox.app = app
        yield Market(outfit, app)


def token_of(page: str) -> str:
    """Find the token against forged requests in a page."""
    found = _CSRF.search(page)
    return found[1] if found else ""
