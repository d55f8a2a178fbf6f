"""What HTTP asks of every address: HEAD answers as GET does, without the body; OPTIONS and `Allow` tell what it takes.

Around everything else, so that no handler, no rule of the door and no page needs to know of HEAD.
"""

from functools import lru_cache
from typing import Any

from litestar import Litestar, Request, Response
from litestar.types import ASGIApp, Message, Receive, Send


class Methods:
    """ASGI middleware: turns HEAD into GET and keeps the body back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _allowing_head(send)
        if scope["method"] == "HEAD":
            # The scope itself, not a copy: routers write into it what the count of answers reads.
            scope["method"] = "GET"
            send = _without_body(send)
        await self._app(scope, receive, send)


def _without_body(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.body":
            if message.get("more_body", False):
                return
            message["body"] = b""
        await send(message)

    return sending


def _allowing_head(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [(name, _with_head(name, value)) for name, value in message["headers"]]
        await send(message)

    return sending


def _with_head(name: bytes, value: bytes) -> bytes:
    if name.lower() != b"allow":
        return value
    methods = {method.strip() for method in value.decode("latin-1").split(",") if method.strip()}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set()))).encode()


def answer_options(request: Request[Any, Any, Any]) -> Response[None]:
    """Tell what an address takes.

    The framework's own answer names the methods of one handler; an address may have several.
    """
    methods = _methods_of(request.app, request.scope["path_template"])
    return Response(None, status_code=204, headers={"allow": ", ".join(sorted(methods))})


@lru_cache(maxsize=1024)
def _methods_of(app: Litestar, path: str) -> set[str]:
    return {method for route in app.routes if route.path_format == path for method in getattr(route, "methods", ())}
