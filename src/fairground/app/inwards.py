"""HTTP to an application in the same process, without a socket."""

from typing import Any

import httpx


class Inwards(httpx.AsyncBaseTransport):
    """Leads a client to an ASGI application; it may be given later than the client is made."""

    def __init__(self, app: Any = None) -> None:
        self.app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer from the application."""
        assert self.app is not None, "asked before there was an application"
        return await httpx.ASGITransport(app=self.app).handle_async_request(request)
