"""The sandbox bank as an ASGI application, mounted at `/sandbox`: an API for its merchant, a cashier for buyers."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import date
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs

import msgspec

from fairground.adapters.gateways.signature import HEADER, is_signed
from fairground.adapters.sandbox.bank import (
    ACTOR,
    NewIntent,
    NoSuchIntent,
    PayoutWish,
    RefundWish,
    decline,
    find_result,
    get_intent,
    give_payout,
    give_refund,
    list_results,
    open_intents,
    pay,
    write_day,
)
from fairground.adapters.sandbox.cashier import write_cashier_page, write_missing_page
from fairground.adapters.sandbox.config import SandboxConfig
from fairground.kit.errors import Unavailable
from fairground.kit.i18n.words import choose, known, speaking
from fairground.kit.i18n.words import language as spoken
from fairground.kit.ids import Id

MOUNT: Final = "/sandbox"
MOST_BYTES: Final = 2_000_000
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
SandboxApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_JSON: Final = "application/json"
_HTML: Final = "text/html; charset=utf-8"
_POLICY: Final = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"  # noqa: E501


class _Request(msgspec.Struct, frozen=True):
    method: str
    path: str  # below the mount
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


class _Answer(msgspec.Struct, frozen=True):
    status: int
    body: bytes = b""
    kind: str = _JSON
    location: str | None = None


_Handler: TypeAlias = Callable[[SandboxConfig, _Request, str], Awaitable[_Answer]]


def sandbox_app(config: SandboxConfig) -> SandboxApp:
    """Make the sandbox's ASGI application; `run_courier` must run beside it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"the sandbox speaks HTTP only, not {scope['type']}")
        request = await _read(scope, receive)
        answer = _Answer(413) if request is None else await _handle(config, request)
        await _send(send, answer)

    return app


async def _handle(config: SandboxConfig, request: _Request) -> _Answer:
    for method, pattern, is_signed_route, handler in _ROUTES:
        match = pattern.fullmatch(request.path)
        if match is None or method != request.method:
            continue
        if is_signed_route and not _from_merchant(config, request):
            return _problem(401, "this request is not signed by the merchant")
        try:
            return await handler(config, request, match[1] if match.groups() else "")
        except NoSuchIntent:
            return _problem(404, "no such payment")
        except (msgspec.MsgspecError, ValueError) as trouble:
            return _problem(400, str(trouble))
        except Unavailable:
            return _problem(503, "the sandbox's database is away")
    return _problem(404, "no such thing")


def _from_merchant(config: SandboxConfig, request: _Request) -> bool:
    purpose = f"{request.method} {request.path}"
    return is_signed(config.secret, purpose, request.body, request.headers.get(HEADER), config.db.clock.now())


async def _create_intents(config: SandboxConfig, request: _Request, _: str) -> _Answer:
    wishes = msgspec.json.decode(request.body, type=list[NewIntent])
    for wish in wishes:
        _number(wish.merchant_reference)
    await config.db.write(ACTOR, lambda tx: open_intents(tx, wishes))
    return _json(
        [{"merchant_reference": w.merchant_reference, "pay_url": f"/pay/{w.merchant_reference}"} for w in wishes]
    )


async def _show_intent(config: SandboxConfig, request: _Request, which: str) -> _Answer:
    number = _number(which)
    return _json(await config.db.read(lambda reader: find_result(reader, number)))


async def _show_results(config: SandboxConfig, request: _Request, _: str) -> _Answer:
    numbers = [_number(text) for text in msgspec.json.decode(request.body, type=list[str])]
    return _json(await config.db.read(lambda reader: list_results(reader, numbers)))


async def _create_refund(config: SandboxConfig, request: _Request, _: str) -> _Answer:
    wish = msgspec.json.decode(request.body, type=RefundWish)
    _number(wish.merchant_reference)
    return _json(await config.db.write(ACTOR, lambda tx: give_refund(tx, wish)))


async def _create_payout(config: SandboxConfig, request: _Request, _: str) -> _Answer:
    wish = msgspec.json.decode(request.body, type=PayoutWish)
    _number(wish.merchant_reference)
    return _json(await config.db.write(ACTOR, lambda tx: give_payout(tx, config, wish)))


async def _show_settlement(config: SandboxConfig, request: _Request, which: str) -> _Answer:
    day = date.fromisoformat(which)
    if day >= config.db.clock.now().date():
        return _problem(404, "that day is not over")
    text = await config.db.read(lambda reader: write_day(reader, day))
    return _Answer(200, text.encode(), "text/csv; charset=utf-8")


async def _decide(config: SandboxConfig, request: _Request, which: str) -> _Answer:
    """Answer the market's own contract: `POST /sandbox/payments/{id}` `{outcome}`, as JSON or from a form."""
    number = _number(which)
    state = await _carry_out(config, number, _outcome(request))
    return _json({"id": str(number), "state": state})


async def _show_cashier(config: SandboxConfig, request: _Request, which: str) -> _Answer:
    with speaking(_language(request)):
        try:
            number = _number(which)
            intent = await config.db.read(lambda reader: get_intent(reader, number))
        except (NoSuchIntent, ValueError):
            return _Answer(404, write_missing_page(config).encode(), _HTML)
        page = write_cashier_page(config, intent, f"{MOUNT}/pay/{number}?lang={spoken()}")
        return _Answer(200, page.encode(), _HTML)


async def _use_cashier(config: SandboxConfig, request: _Request, which: str) -> _Answer:
    number = _number(which)
    state = await _carry_out(config, number, _outcome(request))
    intent = await config.db.read(lambda reader: get_intent(reader, number))
    back = intent.return_url if state == "paid" else f"{MOUNT}/pay/{number}?lang={_language(request)}"
    return _Answer(303, location=back)


async def _carry_out(config: SandboxConfig, number: int, outcome: str) -> str:
    deed = pay if outcome == "paid" else decline
    return await config.db.write(ACTOR, lambda tx: deed(tx, config, number))


_ROUTES: Final[tuple[tuple[str, re.Pattern[str], bool, _Handler], ...]] = (
    ("POST", re.compile(r"/payments/([^/]+)"), False, _decide),
    ("GET", re.compile(r"/pay/([^/]+)"), False, _show_cashier),
    ("POST", re.compile(r"/pay/([^/]+)"), False, _use_cashier),
    ("POST", re.compile(r"/intents"), True, _create_intents),
    ("GET", re.compile(r"/intents/([^/]+)"), True, _show_intent),
    ("POST", re.compile(r"/results"), True, _show_results),
    ("POST", re.compile(r"/refunds"), True, _create_refund),
    ("POST", re.compile(r"/payouts"), True, _create_payout),
    ("GET", re.compile(r"/settlements/([^/]+)\.csv"), True, _show_settlement),
)


def _outcome(request: _Request) -> str:
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        outcome = parse_qs(request.body.decode("ascii", "replace")).get("outcome", [""])[0]
    else:
        outcome = str(msgspec.json.decode(request.body, type=dict[str, Any]).get("outcome"))
    if outcome not in ("paid", "failed"):
        raise ValueError("outcome is paid or failed")
    return outcome


def _language(request: _Request) -> Any:
    return known(request.query.get("lang", [""])[0]) or choose(request.headers.get("accept-language")) or "en"


def _number(text: str) -> int:
    number = Id.parse(text)
    if number is None:
        raise ValueError("that is not an id")
    return int(number)


def _json(body: Any) -> _Answer:
    return _Answer(200, msgspec.json.encode(body))


def _problem(status: int, detail: str) -> _Answer:
    return _Answer(status, msgspec.json.encode({"status": status, "detail": detail}), "application/problem+json")


async def _read(scope: Scope, receive: Receive) -> _Request | None:
    """Read a request; None where it is too large. The mount's own path is taken off wherever the server left it on."""
    path = str(scope["path"])
    path = path.removeprefix(str(scope.get("root_path") or "")).removeprefix(MOUNT) or "/"
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BYTES:
            return None
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qs(bytes(scope.get("query_string") or b"").decode("latin-1"))
    return _Request(scope["method"], path.rstrip("/") or "/", query, headers, body)


async def _send(send: Send, answer: _Answer) -> None:
    headers = [
        (b"content-type", answer.kind.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"content-security-policy", _POLICY.encode()),
    ]
    if answer.location is not None:
        headers.append((b"location", answer.location.encode("ascii", "ignore")))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
