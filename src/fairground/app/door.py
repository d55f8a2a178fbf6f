"""The door: what happens to every request before a handler sees it, and to every answer on its way out.

It finds out who calls and in which language, refuses strangers' hosts, floods and forged requests, and sends the
headers that keep a browser careful.
"""

import contextlib
import ipaddress
import re
import time
from collections.abc import Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

import structlog
from litestar import Request, Response
from litestar.types import ASGIApp, Message, Receive, Send

from fairground.app.methods import answer_options
from fairground.app.outfit import Outfit
from fairground.app.session_memory import SessionMemory
from fairground.app.troubles import TooLarge
from fairground.kit.actor import person
from fairground.kit.errors import NotFound, TooMany, Trouble, Unavailable
from fairground.kit.http import csrf
from fairground.kit.http.bodies import check_body
from fairground.kit.http.caller import Caller, caller_of
from fairground.kit.http.cookies import SESSION
from fairground.kit.http.forms import check_text, form_of
from fairground.kit.i18n import words
from fairground.kit.i18n.words import Language
from fairground.kit.rate_limit import RateLimit, RateLimiter, address_key, whole_seconds
from fairground.market.accounts.actions.sessions import is_visit_due, note_visit
from fairground.market.accounts.model import AccountRules, SignedIn
from fairground.market.accounts.queries import find_sessions
from fairground.web.public.metrics import Figures

# Looks at one's place in a waiting room carry a signed ticket, which says enough: nobody is looked up for them.
BY_TICKET: Final = re.compile(r"(/api/v1)?/drops/[0-9]+/(tickets/current|line/place)")
LANGUAGE: Final = "fg_language"
MIB: Final = 1024 * 1024
# Where a session that was looked up a moment ago is believed (see the setting `session_memory`).
CROWDED: Final = "/api/v1/checkouts"
UNTOUCHED: Final = ("/static/", "/media/", "/health/", "/metrics", "/sandbox/", "/webhooks/")
READS: Final = RateLimit("reads", 1200, 60)
WRITES: Final = RateLimit("writes", 240, 60)
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SECURITY: Final = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), interest-cohort=()"),
]
Headers: TypeAlias = Mapping[str, str]
log = structlog.get_logger(__name__)


class Door:
    """ASGI middleware around the whole market."""

    def __init__(self, app: ASGIApp, outfit: Outfit, figures: Figures) -> None:
        self._app = app
        self._figures = figures
        self._outfit = outfit
        self._hosts = {h.strip().lower() for h in outfit.settings.allowed_hosts.split(",") if h.strip()}
        self._proxies = [
            ipaddress.ip_network(p.strip(), strict=False)
            for p in outfit.settings.trusted_proxies.split(",")
            if p.strip()
        ]
        scale = outfit.settings.rate_limit_scale
        self._limiter = RateLimiter(scale=scale)
        self._sessions = SessionMemory(
            lambda tokens: outfit.db.read(lambda reader: find_sessions(reader, tokens)),
            outfit.clock,
            seconds=outfit.settings.session_memory,
        )

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Let a request in, or turn it away."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        careful = _careful(self._counted(scope, send), secure=self._outfit.secure)
        scope.setdefault("state", {})
        receive = self._bounded(scope, headers, receive)
        if "*" not in self._hosts and _host(headers) not in self._hosts:
            await _plain(careful, 400, b"unknown host\n")
            return
        try:
            await self._admit(scope, headers)
            _check_address(scope)
        except Trouble as trouble:
            # Raised again inside Litestar, where troubles are given their form.
            scope["state"].setdefault("trouble", trouble)
        await self._app(scope, receive, careful)

    def _counted(self, scope: Any, send: Send) -> Send:
        """Count the answer, under the pattern of its address: one with ids would be a figure for each order."""
        started = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = scope.get("path_template") or "none"
                self._figures.note(scope["method"], route, message["status"], time.perf_counter() - started)
            await send(message)

        return sending

    def _bounded(self, scope: Any, headers: Headers, receive: Receive) -> Receive:
        """Take no more of a body than its kind may have: only uploads are large."""
        is_upload = headers.get("content-type", "").strip().lower().startswith("multipart/")
        most = self._outfit.settings.max_upload_mib * MIB if is_upload else MIB
        announced = headers.get("content-length", "0")
        if not announced.isascii() or not announced.isdigit() or int(announced[:20]) > most:
            scope["state"]["trouble"] = TooLarge()  # it is not even read
        taken = 0

        async def receiving() -> Any:
            nonlocal taken
            message: Any = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise TooLarge
            return message

        return receiving

    async def _admit(self, scope: Any, headers: Headers) -> None:
        path: str = scope["path"]
        cookies = _cookies(headers)
        address = self._address(scope, headers)
        language = words.choose(headers.get("accept-language")) or _market_language(self._outfit)
        asked = _asked_language(scope)
        chosen = asked or words.known(cookies.get(LANGUAGE))
        scope["state"]["caller"] = Caller(language=chosen or language, address=address)
        words.set_language(chosen or language)
        if path.startswith(UNTOUCHED) or (scope["method"] in csrf.SAFE and BY_TICKET.fullmatch(path)):
            return
        caller = await self._recognise(path, headers, cookies, address, chosen or language)
        scope["state"]["caller"] = caller
        words.set_language(asked or caller.language)
        self._count(scope["method"], caller)
        deed_of_a_page = scope["method"] not in csrf.SAFE and not caller.by_token and not path.startswith("/api/")
        if deed_of_a_page and csrf.comes_from_elsewhere(headers, headers.get("host", "")):
            raise csrf.ForgedRequest

    def _count(self, method: str, caller: Caller) -> None:
        limit = READS if method in csrf.SAFE else WRITES
        key = f"p{caller.person_id}" if caller.person_id else address_key(caller.address)
        wait = self._limiter.take(limit, key)
        if wait:
            raise TooMany(retry_after=whole_seconds(wait))

    async def _recognise(
        self, path: str, headers: Headers, cookies: Headers, address: str, language: Language
    ) -> Caller:
        authorization = headers.get("authorization", "")
        bearer = authorization[7:].strip() if authorization[:7].lower() == "bearer " else None
        token = bearer or cookies.get(SESSION)
        agent = headers.get("user-agent", "")[:300]
        if not token:
            return Caller(language=language, address=address, agent=agent)
        try:
            sessions = self._sessions
            found = await (sessions.ask_lately(token) if bearer and path == CROWDED else sessions.ask(token))
        except Unavailable:
            if bearer:
                raise
            found = None  # a page without its person is better than no page
        if found is None:
            return Caller(language=language, address=address, agent=agent, by_token=bearer is not None)
        await self._note_visit(found)
        return _known_caller(found, self._outfit.secret, address, agent, by_token=bearer is not None)

    async def _note_visit(self, found: SignedIn) -> None:
        db = self._outfit.db
        if is_visit_due(found, db.given(AccountRules), db.clock.now()):
            with contextlib.suppress(Unavailable):  # a visit not written is no reason to answer nothing
                await db.write(person(found.person_id), lambda tx: note_visit(tx, found))

    def _address(self, scope: Any, headers: Headers) -> str:
        client = scope.get("client")
        address = client[0] if client else ""
        if not self._proxies or not self._trusted(address):
            return address
        for hop in reversed([h.strip() for h in headers.get("x-forwarded-for", "").split(",") if h.strip()]):
            address = hop
            if not self._trusted(hop):
                break
        return address

    def _trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._proxies)


def _check_address(scope: Any) -> None:
    """Refuse what cannot be kept or looked for, before any handler asks the database for it."""
    if "\0" in scope["path"]:
        raise NotFound
    if b"%00" in scope["query_string"] or b"\0" in scope["query_string"]:
        for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
            check_text(value, f"/{name}")
            check_text(name, f"/{name}")


def _market_language(outfit: Outfit) -> Language:
    return words.known(outfit.settings.language) or words.DEFAULT


def _asked_language(scope: Any) -> Language | None:
    """Each language of a page has an address of its own, for search engines: `?lang=en`."""
    if b"lang=" not in scope["query_string"] or scope["path"].startswith("/api/"):
        return None
    return words.known(dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("lang"))


def _known_caller(found: SignedIn, secret: bytes, address: str, agent: str, *, by_token: bool) -> Caller:
    return Caller(
        language=words.known(found.language) or words.DEFAULT,
        address=address,
        person_id=found.person_id,
        session_id=found.session_id,
        name=found.name,
        staff_role=found.staff_role,
        is_verified=found.is_verified,
        by_token=by_token,
        csrf="" if by_token else csrf.make_token(secret, found.session_id),  # no form of a program carries it
        agent=agent,
    )


def _host(headers: Headers) -> str:
    host = headers.get("host", "").lower()
    return host.rsplit(":", 1)[0] if not host.endswith("]") else host


def _cookies(headers: Headers) -> dict[str, str]:
    told = headers.get("cookie")
    if told is None:
        return {}
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(told).items()}
    except CookieError:
        return {}


def _careful(send: Send, *, secure: bool) -> Send:
    more = [*SECURITY, (b"strict-transport-security", b"max-age=31536000")] if secure else SECURITY
    names = {name for name, _ in more}

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message["headers"])
            present = {name.lower() for name, _ in headers}
            headers += more if present.isdisjoint(names) else [(n, v) for n, v in more if n not in present]
            message["headers"] = headers
        await send(message)

    return sending


async def _plain(send: Send, status: int, body: bytes) -> None:
    head: MutableMapping[str, Any] = {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())],
    }
    await send(head)  # type: ignore[arg-type]
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def before_request(request: Request[Any, Any, Any]) -> Response[None] | None:
    """Raise what the door found, hold JSON bodies against their struct, and ask forms for their token.

    Only OPTIONS is answered here; everything else goes on to its handler.

    Raises:
        Trouble: of any kind.
    """
    started = time.perf_counter()
    request.scope["state"]["started"] = started
    trouble = request.scope["state"].get("trouble")
    if trouble is not None:
        raise trouble
    if request.method == "OPTIONS":
        return answer_options(request)
    path = request.scope["path"]
    if path.startswith("/api/"):
        await check_body(request)
        if not caller_of(request).by_token and caller_of(request).session_id and request.method not in csrf.SAFE:
            await _check_token(request)  # a page's script may use the API with its cookie, with the token
        return None
    if request.method in csrf.SAFE or path.startswith(UNTOUCHED):
        return None
    if caller_of(request).session_id is not None:
        await _check_token(request)
    return None


async def _check_token(request: Request[Any, Any, Any]) -> None:
    token = request.headers.get(csrf.HEADER)
    if token is None and "form" in request.headers.get("content-type", ""):
        found = (await form_of(request)).get(csrf.FIELD)
        token = found if isinstance(found, str) else None
    if not csrf.good_token(token, caller_of(request).csrf):
        raise csrf.ForgedRequest
