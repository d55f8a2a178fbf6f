"""The quick counter: checkouts of programs and gateways' webhooks, beside the framework and with the same manners.

The door has let the caller in (session, limits, language); here the body is read as strictly as everywhere, and the
intake or the till decides. What anybody sees is what the handlers of `api/orders.py` and `api/webhooks.py` would
answer; whatever does not look plain (a cookie, another content type, an unknown gateway, a trouble found at the door)
goes there.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import msgspec
import structlog
from litestar.types import ASGIApp, Receive, Send

from fairground.app.troubles import PROBLEM, Broken, problem_answer
from fairground.kit.errors import Trouble
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import Malformed, convert, from_text
from fairground.kit.idempotency import check_key, fingerprint
from fairground.market.accounts.model import PersonId
from fairground.market.orders.intake.gather import Intake, Till
from fairground.market.orders.intake.prepared import Arrival
from fairground.market.orders.model.quote import CheckoutRequest
from fairground.market.payments.jobs import Gateways
from fairground.market.payments.ports import Gateway

CHECKOUTS: Final = "/api/v1/checkouts"
WEBHOOKS: Final = "/webhooks/payments/"
JSON: Final = b"application/json"
# A body without escapes and without long numbers has no text and no number that cannot be kept (`check_plain`).
_ODD: Final = re.compile(rb"[\\\x80-\xff]|[0-9]{19}(?!\")")
_CHECKOUT: Final = msgspec.json.Decoder(CheckoutRequest, dec_hook=from_text)
Headers: TypeAlias = dict[bytes, bytes]
Work: TypeAlias = Callable[[bytes], Awaitable[tuple[int, Any]]]
log = structlog.get_logger(__name__)


class CallerLeft(Exception):
    """The connection was closed before the body was there."""


class Counter:
    """An ASGI application before another one; what it does not serve itself goes on to that."""

    def __init__(self, app: ASGIApp, intake: Intake, till: Till, gateways: Gateways) -> None:
        self._app = app
        self._intake = intake
        self._till = till
        self._gateways = gateways

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Serve a checkout or a webhook, or hand the request on."""
        work = self._work(scope) if scope["type"] == "http" and scope["method"] == "POST" else None
        if work is None:
            await self._app(scope, receive, send)
            return
        with contextlib.suppress(CallerLeft):
            await _answer(await _told(work, receive, scope["path"]), send)

    def _work(self, scope: Any) -> Work | None:
        path: str = scope["path"]
        if "trouble" in scope["state"]:
            return None
        headers = dict(scope["headers"])
        if path == CHECKOUTS:
            caller: Caller = scope["state"].get("caller") or Caller()
            if caller.by_token and caller.person_id is not None and headers.get(b"content-type", JSON) == JSON:
                scope["path_template"] = path  # as the framework's router says, for who counts answers
                return lambda body: self._check_out(caller, headers, body)
        elif path.startswith(WEBHOOKS):
            gateway = self._gateways.get(path.removeprefix(WEBHOOKS))
            if gateway is not None:
                scope["path_template"] = WEBHOOKS + "{gateway:str}"
                return lambda body: self._hear(gateway, headers, body)
        return None

    async def _check_out(self, caller: Caller, headers: Headers, body: bytes) -> tuple[int, Any]:
        placed = await self._intake.ask(_arrival(caller, headers, body))
        return 201, placed.answer

    async def _hear(self, gateway: Gateway, headers: Headers, body: bytes) -> tuple[int, Any]:
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers.items()}
        notices = gateway.read_webhook(told, body)
        await asyncio.gather(*(self._till.ask(notice) for notice in notices))
        return 200, {"taken": len(notices)}


async def _told(work: Work, receive: Receive, path: str) -> tuple[int, dict[str, str], bytes]:
    """Do the work and put what came of it, or the trouble, into status, headers and body."""
    try:
        status, answer = await work(await _body(receive))
        return status, {"content-type": JSON.decode()}, msgspec.json.encode(answer)
    except CallerLeft:
        raise
    except Trouble as trouble:
        status, headers, body = problem_answer(trouble)
    except Exception as broken:
        log.error("broken", path=path, method="POST", exc_info=broken)
        status, headers, body = problem_answer(Broken())
    return status, {"content-type": PROBLEM, **headers}, body


async def _answer(told: tuple[int, dict[str, str], bytes], send: Send) -> None:
    status, headers, body = told
    names = [(name.encode(), value.encode()) for name, value in headers.items()]
    names.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": names})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def read_checkout(body: bytes) -> CheckoutRequest:
    """Read a checkout as `convert` does: a plain body in one go, anything odd or wrong the long way, which tells why.

    Raises:
        Invalid: it is not JSON, or a field is wrong.
    """
    if not _ODD.search(body):
        with contextlib.suppress(msgspec.MsgspecError, ValueError, RecursionError):
            return _CHECKOUT.decode(body)
    try:
        data = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as trouble:
        raise Malformed from trouble
    return convert(data, CheckoutRequest)


def _arrival(caller: Caller, headers: Headers, body: bytes) -> Arrival:
    request = read_checkout(body)
    person_id = PersonId(caller.need_person())
    key = headers.get(b"idempotency-key")
    checked = check_key(None if key is None else key.decode("latin-1"))
    print_ = fingerprint("checkouts", request)
    return Arrival(person_id, caller.language, request, checked, print_, caller.address)


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise CallerLeft
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)
