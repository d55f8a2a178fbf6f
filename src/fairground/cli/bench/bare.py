"""The yardsticks of HTTP: a constant from the bare server, and a route of the framework that only decodes a body.

Run by the measures as `python -m fairground.cli.bench.bare KIND PORT PROCESSES BYTES`, with the market's own server
settings.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from litestar import Litestar, Response, post
from litestar.params import JSONBody

from fairground.app.server import server_options
from fairground.cli.bench.stage import free_port, wait_for
from fairground.kit.http.forms import from_text
from fairground.kit.ids import Id
from fairground.market.orders.model.quote import CheckoutRequest

SIZE: Final = "FAIRGROUND_BENCH_BYTES"


def constant() -> Any:
    """Make an ASGI application that answers everything with the same bytes."""
    body = b"x" * int(os.environ[SIZE])
    head = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for step in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{step}.complete"})
            return
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})

    return answer


def framework() -> Any:
    """Make a Litestar application with one route, which decodes a checkout and answers the same bytes."""
    body = b"x" * int(os.environ[SIZE])

    @post("/api/v1/checkouts")
    async def take(data: JSONBody[CheckoutRequest]) -> Response[bytes]:
        return Response(body, status_code=200 if data.lines else 400, media_type="application/json")

    decoders = [(lambda kind: isinstance(kind, type) and issubclass(kind, Id), from_text)]
    return Litestar(route_handlers=[take], type_decoders=decoders, openapi_config=None, logging_config=None)


@contextmanager
def serving(kind: str, *, processes: int, size: int) -> Iterator[int]:
    """Serve `constant` or `framework` beside the market; gives the port."""
    port = free_port()
    command = [sys.executable, "-m", "fairground.cli.bench.bare", kind, str(port), str(processes)]
    server = subprocess.Popen(command, env={**os.environ, SIZE: str(size)})
    try:
        wait_for(port, "/") if kind == "constant" else _wait_for_socket(port)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _wait_for_socket(port: int) -> None:
    import socket
    import time

    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the yardstick does not start")


if __name__ == "__main__":
    from granian.server import Server

    options = server_options("127.0.0.1", int(sys.argv[2]), int(sys.argv[3]))
    Server(f"fairground.cli.bench.bare:{sys.argv[1]}", **options).serve()
