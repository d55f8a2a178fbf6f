"""A market in this process, and browsers without a window."""

import os
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar

from fairground.app.asgi import make_app, market_app
from fairground.app.inwards import Inwards
from fairground.app.outfit import Outfit, opened
from fairground.app.settings import Settings
from fairground.kit.clock import Clock

HOST = "http://market.test"
# Applications whose market is closed: making the routes takes longer than most tests.
_IDLE: list[Litestar] = []
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
    _share_templates(Path(chosen.data))
    routes = _IDLE.pop() if _IDLE else make_app(chosen.max_upload_mib)
    async with opened(outfit, "test"), market_app(outfit, routes) as app:
        to_sandbox.app = app
        yield Market(outfit, app)
    _IDLE.append(routes)


def _share_templates(data: Path) -> None:
    """Let markets of this run find the templates compiled that others compiled."""
    data.mkdir(parents=True, exist_ok=True)
    shared = Path(tempfile.gettempdir()) / f"fairground-test-templates-{os.getuid()}"
    shared.mkdir(mode=0o700, exist_ok=True)
    if not (data / "templates").exists():
        (data / "templates").symlink_to(shared)


def token_of(page: str) -> str:
    """Find the token against forged requests in a page."""
    found = _CSRF.search(page)
    return found[1] if found else ""
