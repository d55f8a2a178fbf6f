"""Pages: one Jinja environment for a process, and what every page is given.

A handler builds one view struct and calls `page`; the template sees that struct and what `docs/pages.md` lists.
"""

import base64
import binascii
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlencode

import msgspec
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.datastructures import Cookie
from markupsafe import Markup

from fairground.kit.http.caller import Caller, caller_of
from fairground.kit.i18n import formats, words
from fairground.kit.i18n.words import Language, gettext
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.place import Place
from fairground.web.assets import asset_url

HOUSE_NAMES: Final = frozenset({"Fairground", "市集"})
TEMPLATES: Final = Path(__file__).parent / "templates"
FLASH: Final = "fg_flash"
HTML: Final = "text/html; charset=utf-8"
# Whose days and hours a page tells where not the market's: a shop's own rooms keep the shop's.
_ZONE: ContextVar[tzinfo | None] = ContextVar("zone_of_the_page", default=None)
Section = tuple[str, str, str, int]  # address, icon, label, number of things that wait


class Signed(msgspec.Struct, frozen=True):
    """Who is signed in, as a page shows it."""

    name: str
    is_staff: bool


class Flash(msgspec.Struct, frozen=True):
    """A word about the last deed, shown once."""

    kind: Literal["ok", "mind", "bad"]
    text: str


class ShopFace(msgspec.Struct, frozen=True):
    """The shop whose rooms these are."""

    name: str
    href: str
    cloth: int


class Seen(msgspec.Struct, frozen=True):
    """What search engines and those who pass a link on are told of a public page; addresses are whole."""

    url: str
    alternates: list[tuple[str, str]]  # (language, address)
    image: str | None = None


class PageFrame(msgspec.Struct, frozen=True, kw_only=True):
    """What the layout needs to know."""

    title: str
    path: str
    csrf: str
    market_name: str
    nav_categories: list[tuple[str, str]]
    person: Signed | None = None
    flash: Flash | None = None
    here: str = "/"  # the path with its query, to come back to
    q: str = ""
    sections: Sequence[Section] = ()
    shop: ShopFace | None = None
    description: str = ""
    seen_as: Seen | None = None


class Pages:
    """Renders templates; knows the market's name and its categories for the head of a page."""

    def __init__(self, place: Place, *, cache: Path | None = None, secure_cookies: bool = False) -> None:
        self.place = place
        self.secure_cookies = secure_cookies
        self.categories: dict[Language, list[tuple[str, str]]] = {lang: [] for lang in words.LANGUAGES}
        self._zone = formats.zone(place.time_zone)
        self._now: Any = None
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=FileSystemBytecodeCache(str(cache)) if cache else None,
        )
        self._environment.globals.update(
            _=_say,
            ngettext=_say_many,
            asset_url=asset_url,
            media_url=media_url,
            money=formats.money,
            money_parts=_money_parts,
            number=formats.number,
            percent=formats.percent,
            date=self._date,
            datetime=self._date_time,
            short_datetime=self._short,
            relative=self._relative,
            span=formats.span,
        )

    def watch_clock(self, now: Any) -> None:
        """Tell where the present moment comes from, for "in 3 hours"."""
        self._now = now

    def _date(self, moment: datetime) -> str:
        return formats.date(moment, _ZONE.get() or self._zone)

    def _date_time(self, moment: datetime) -> str:
        return formats.date_time(moment, _ZONE.get() or self._zone)

    def _short(self, moment: datetime) -> str:
        return formats.short_date_time(moment, _ZONE.get() or self._zone)

    def _relative(self, moment: datetime) -> str:
        return formats.relative(moment, self._now())

    def render(self, template: str, **context: Any) -> str:
        """Render a template in the language of the current task."""
        return self._environment.get_template(template).render(lang=words.language(), **context)


def media_url(media_id: Id | int | str, size: int) -> str:
    """Give the address of a stored picture."""
    return f"/media/{media_id}/{size}.webp"


def _say(text: str, **values: Any) -> str | Markup:
    return words.say(text, values or None)


def _say_many(one: str, many: str, n: int, **values: Any) -> str:
    text = words.ngettext(one, many, n)
    return text % {"n": n, "count": n, **values} if "%" in text else text


def _money_parts(value: Money) -> tuple[str, str, str]:
    parts = formats.money_parts(value)
    return parts.sign + parts.symbol, parts.whole, parts.cents


def market_name(place: Place) -> str:
    """Give the market's name; that of the house itself is said in the reader's language."""
    return gettext("Fairground") if place.name in HOUSE_NAMES else place.name


def pages_of(request: Request[Any, Any, Any]) -> Pages:
    """Give the process's pages."""
    pages: Pages = request.app.state["pages"]
    return pages


def page(  # noqa: PLR0913 - the layout's frame, all by keyword
    request: Request[Any, Any, Any],
    template: str,
    *,
    title: str,
    status: int = 200,
    q: str = "",
    sections: Sequence[Section] = (),
    shop: ShopFace | None = None,
    description: str = "",
    public: bool = False,
    address: str | None = None,
    image: int | None = None,
    headers: dict[str, str] | None = None,
    zone: tzinfo | None = None,
    **views: Any,
) -> Response[bytes]:
    """Answer with a page. `views` (usually one, `view=`) is all the template sees beside the layout's frame.

    `public` pages are the same for every guest and may be kept for a minute by whoever stands between; `address` is
    the one path that search engines should know such a page by, `image` what stands for it where a link is passed on.
    Moments are told in `zone`, else in the market's.
    """
    pages, caller = pages_of(request), caller_of(request)
    flash = _read_flash(request)
    frame = PageFrame(
        title=title,
        path=request.url.path,
        here=_here(request),
        csrf=caller.csrf,
        market_name=market_name(pages.place),
        nav_categories=pages.categories[words.language()],
        person=Signed(caller.name, caller.is_staff) if caller.person_id else None,
        flash=flash,
        q=q,
        sections=sections,
        shop=shop,
        description=description,
        seen_as=None if address is None else _seen_as(request, pages.place, address, image),
    )
    before = _ZONE.set(zone)
    try:
        body = pages.render(template, page=frame, **views).encode()
    finally:
        _ZONE.reset(before)
    answer = Response(
        body, status_code=status, media_type=HTML, headers={**_caching(caller, public), **(headers or {})}
    )
    if flash:
        answer.delete_cookie(FLASH)
    return answer


def _here(request: Request[Any, Any, Any]) -> str:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path


def _seen_as(request: Request[Any, Any, Any], place: Place, address: str, image: int | None) -> Seen:
    """Each language has its own address; the plain one is that of the market's language."""
    plain = place.url + address
    others = [(str(lang), plain if lang == place.language else f"{plain}?lang={lang}") for lang in words.LANGUAGES]
    asked = dict(others).get(words.known(request.query_params.get("lang")) or "", plain)
    picture = None if image is None else place.url + media_url(image, 800)
    return Seen(asked, [*others, ("x-default", plain)], picture)


def _caching(caller: Caller, public: bool) -> dict[str, str]:
    if public and caller.person_id is None:
        return {"cache-control": "public, max-age=60", "vary": "accept-language, cookie"}
    return {"cache-control": "private, no-store"}


def part(request: Request[Any, Any, Any], template: str, *, status: int = 200, **views: Any) -> Response[bytes]:
    """Answer htmx with one part: the same file that the page includes."""
    body = pages_of(request).render(template, csrf=caller_of(request).csrf, **views).encode()
    return Response(body, status_code=status, media_type=HTML, headers={"cache-control": "no-store"})


def wants_part(request: Request[Any, Any, Any]) -> bool:
    """Tell whether htmx asks (for a part) rather than a browser (for a page)."""
    return request.headers.get("hx-request") == "true"


def go(
    request: Request[Any, Any, Any], path: str, *, say: str | None = None, kind: Literal["ok", "mind", "bad"] = "ok"
) -> Response[bytes]:
    """Send the person to a page after a deed, with a word about it; `path` is one of our own."""
    headers = {"cache-control": "no-store"}
    if wants_part(request):
        answer = Response(b"", status_code=200, media_type=HTML, headers={"hx-redirect": path, **headers})
    else:
        answer = Response(b"", status_code=303, media_type=HTML, headers={"location": path, **headers})
    if say:
        answer.set_cookie(
            Cookie(
                key=FLASH,
                value=_cookie_text(kind, say),
                max_age=60,
                path="/",
                httponly=True,
                samesite="lax",
                secure=pages_of(request).secure_cookies,
            )
        )
    return answer


def own_path(path: str | None, default: str = "/") -> str:
    """Give back an address of our own to return to; anything that could lead elsewhere becomes the default."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
        return default
    return path


def _cookie_text(kind: str, text: str) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([kind, text[:300]])).decode().rstrip("=")


def _read_flash(request: Request[Any, Any, Any]) -> Flash | None:
    raw = request.cookies.get(FLASH)
    if not raw:
        return None
    try:
        kind, text = msgspec.json.decode(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)), type=tuple[str, str])
    except (msgspec.MsgspecError, binascii.Error, ValueError):
        return None
    return Flash(kind, text) if kind in ("ok", "mind", "bad") else None  # type: ignore[arg-type]
