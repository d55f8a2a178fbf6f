"""The waiting room's page: what a place means, when its turn comes, and that it is kept."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database
from fairground.kit.errors import Conflict
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, language, ngettext, say
from fairground.kit.place import Place as Market
from fairground.kit.seal import Keyring
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.errors import DropOver, TicketInvalid
from fairground.market.promotions.line import Line
from fairground.market.promotions.line import Place as Standing
from fairground.market.promotions.model import DropFace, DropId
from fairground.web.render import go, market_name, page, part
from fairground.web.storefront.drops.pages import see
from fairground.web.storefront.drops.showcase import Showcase
from fairground.web.storefront.drops.tickets import COOKIE, keep_ticket, ticket_for
from fairground.web.storefront.drops.view import DropView, roughly

AnyRequest = Request[Any, Any, Any]
UNKNOWN: Final = 3  # seconds until the next look where nothing tells better


class PlaceView(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody stands in line, in words.

    `kind`: `none` without a ticket, `early` before the opening, `drawing` at it, `waiting`, `admitted`, `over`.
    """

    kind: str
    ahead: int = 0
    turn: datetime | None = None
    look_again: int = 0
    may_miss: bool = False  # fewer pieces left than people before
    said: str = ""  # what a screen reader is told, only when it changes
    lang: str = "en"

    @property
    def poll(self) -> bool:
        """Whether there is something to wait for."""
        return self.look_again > 0


@get("/drops/{drop_id:str}/line", include_in_schema=False)
async def show_line(
    drop_id: FromPath[str],
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    keyring: NamedDependency[Keyring],
    line: NamedDependency[Line],
) -> Response[bytes]:
    """Show somebody's place in line, or how to take one."""
    face = await db.given(Showcase).face(db, an_id(DropId, drop_id))
    if not face.drop.has_room:
        return go(request, f"/drops/{face.id}")
    person_id, view = caller.need_person(), await see(db, face)
    mine = ticket_for(request, keyring, face.id, person_id, db.clock.now())
    text = request.cookies[f"{COOKIE}{int(face.id)}"] if mine else None
    place = await _place(line, face, text, view)
    return page(request, "storefront/drops/line.html", title=_title(view, place), view=view, place=place)


@get("/drops/{drop_id:str}/line/place", include_in_schema=False)
async def show_place(
    drop_id: FromPath[str],
    request: AnyRequest,
    db: NamedDependency[Database],
    line: NamedDependency[Line],
    said: FromQuery[str] = "",
) -> Response[bytes]:
    """Answer htmx with the place anew, from the ticket, the board and the clock; without the database."""
    face = await db.given(Showcase).face(db, an_id(DropId, drop_id))
    view = await see(db, face)
    place = await _place(line, face, request.cookies.get(f"{COOKIE}{int(face.id)}"), view)
    answer = part(
        request,
        "storefront/drops/_poll.html",
        view=view,
        place=place,
        title=_title(view, place),
        market=market_name(db.given(Market)),
        is_new=said != place.said,
    )
    if place.kind in {"admitted", "over", "none"}:
        answer.headers["hx-refresh"] = "true"  # to the goods, or to what became of it
    return answer


@post("/drops/{drop_id:str}/line", include_in_schema=False)
async def join(
    drop_id: FromPath[str],
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    line: NamedDependency[Line],
) -> Response[bytes]:
    """Take a place in line; who has one gets it again."""
    person_id, wanted = PersonId(caller.need_person()), an_id(DropId, drop_id)
    face = await db.given(Showcase).face(db, wanted)
    if not face.drop.has_room:
        return go(request, f"/drops/{wanted}")
    try:
        place = await line.join(wanted, person_id, caller.address)
    except Conflict as trouble:
        return go(request, f"/drops/{wanted}", say=say(trouble.message, trouble.params), kind="mind")
    answer = go(request, f"/drops/{wanted}/line")
    keep_ticket(request, answer, face.drop, place.ticket, db.clock.now())
    return answer


async def _place(line: Line, face: DropFace, text: str | None, view: DropView) -> PlaceView:
    """Tell where a ticket stands."""
    if view.is_over:
        return _spoken(PlaceView(kind="over"), view)
    if text is None:
        return _spoken(PlaceView(kind="none"), view)
    try:
        found = await line.look(face.id, text)
    except DropOver:
        return _spoken(PlaceView(kind="over"), view)
    except TicketInvalid:
        return _spoken(PlaceView(kind="none"), view)
    return _spoken(_of(found, view), view)


def _of(found: Standing, view: DropView) -> PlaceView:
    where = found.standing
    if where.admitted:
        return PlaceView(kind="admitted")
    look_again = max(1, where.poll_after_seconds or UNKNOWN)
    if where.position is None:
        return PlaceView(kind="early" if view.is_coming else "drawing", look_again=look_again)
    return PlaceView(
        kind="waiting",
        ahead=where.position,
        turn=where.admitted_at,
        look_again=look_again,
        may_miss=where.position >= view.left,
    )


def _spoken(place: PlaceView, view: DropView) -> PlaceView:
    """Add what is read out: of a long line only round numbers, so that nobody is talked at all the time."""
    if place.kind == "waiting" and place.ahead:
        count = roughly(place.ahead)
        words = ngettext("About %(count)s person is before you.", "About %(count)s people are before you.", count)
        said = words % {"count": formats.number(count)}
    else:
        said = {
            "early": gettext("You are in. It has not begun yet."),
            "drawing": gettext("The places are being drawn."),
            "waiting": gettext("You are next."),
            "admitted": gettext("It is your turn."),
            "over": gettext("This drop is over."),
        }.get(place.kind, "")
    return msgspec.structs.replace(place, said=said, lang=language())


def _title(view: DropView, place: PlaceView) -> str:
    """Say it in the title too, for those who look at something else meanwhile."""
    if place.kind == "waiting" and place.ahead:
        words = ngettext("%(count)s person before you", "%(count)s people before you", place.ahead)
        return f"{words % {'count': formats.number(place.ahead)}} · {view.title}"
    words = {
        "early": gettext("You are in"),
        "drawing": gettext("The places are being drawn"),
        "waiting": gettext("You are next"),
        "admitted": gettext("It is your turn"),
        "over": gettext("This drop is over"),
    }.get(place.kind, "")
    return f"{words} · {view.title}" if words else view.title


HANDLERS: Final[list[ControllerRouterHandler]] = [show_line, show_place, join]
