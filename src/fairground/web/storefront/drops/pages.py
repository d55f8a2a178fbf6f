"""The pages of drops: today's, and each with what is left of it. For visitors they are made from memory."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database
from fairground.kit.errors import N_, Conflict, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext, language, say
from fairground.kit.seal import Keyring
from fairground.market.cart.actions import set_line
from fairground.market.catalog.model import VariantId
from fairground.market.promotions.model import DropFace, DropId, DropRoom, standing
from fairground.web.render import FLASH, HTML, go, page, part
from fairground.web.storefront.cart.owner import visit_cart
from fairground.web.storefront.drops.showcase import Showcase
from fairground.web.storefront.drops.tickets import ticket_for
from fairground.web.storefront.drops.view import DropView, drop_view, drop_views

AnyRequest = Request[Any, Any, Any]
SHOWN: Final = 60
# Whoever stands between may keep what a visitor sees for a second: long enough to carry a crowd.
BRIEFLY: Final = {"cache-control": "public, max-age=1", "vary": "accept-language, cookie, hx-request"}


class DropsView(msgspec.Struct, frozen=True):
    """Today's drops, those that are open first."""

    drops: list[DropView]


class BuyForm(msgspec.Struct):
    """How many pieces of what."""

    variant_id: str
    quantity: int = 1


@get("/drops", include_in_schema=False)
async def show_drops(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """List the drops that are open, and those that are announced."""
    showcase = db.given(Showcase)
    faces = (await showcase.live(db))[:SHOWN]
    view = DropsView(drop_views(faces, await showcase.dress(db, faces), db.clock.now()))
    return page(
        request,
        "storefront/drops/list.html",
        title=gettext("Drops"),
        description=say(
            "Limited sales of the makers: few pieces, a price for a short time, and nobody can jump the line."
        ),
        public=True,
        address="/drops",
        headers=_kept(caller),
        view=view,
    )


@get("/drops/{drop_id:str}", include_in_schema=False)
async def show_drop(
    drop_id: FromPath[str],
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    keyring: NamedDependency[Keyring],
) -> Response[bytes]:
    """Show a drop with its things, what is left of them, and the way to them."""
    showcase, now = db.given(Showcase), db.clock.now()
    face = await showcase.face(db, an_id(DropId, drop_id))
    shared = caller.person_id is None and FLASH not in request.cookies and not request.scope["query_string"]
    path = request.scope["path"]
    if shared and (body := showcase.page(path, language(), face, now)) is not None:
        return Response(body, media_type=HTML, headers=BRIEFLY)
    view = await see(db, face)
    first = view.first
    answer = page(
        request,
        "storefront/drops/page.html",
        title=view.title,
        description=view.words[:200],
        public=True,
        address=view.href,
        image=first.picture if first else None,
        headers=_kept(caller),
        view=view,
        way=_way(request, caller, keyring, face, db),
    )
    if shared:
        showcase.keep_page(path, language(), face, now, answer.content)
    return answer


@get("/drops/{drop_id:str}/left", include_in_schema=False)
async def show_left(
    drop_id: FromPath[str], request: AnyRequest, db: NamedDependency[Database], mark: FromQuery[str] = ""
) -> Response[bytes]:
    """Answer htmx with what is left; where more than that has changed, ask for the whole page."""
    view = await see(db, await db.given(Showcase).face(db, an_id(DropId, drop_id)))
    answer = part(request, "storefront/drops/_left.html", view=view)
    if mark != view.mark:
        answer.headers["hx-refresh"] = "true"
    return answer


@post("/drops/{drop_id:str}/goods", include_in_schema=False)
async def buy(
    drop_id: FromPath[str],
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    keyring: NamedDependency[Keyring],
) -> Response[bytes]:
    """Take something of a drop to the checkout; what is sold out, and whose turn it is, is told from memory."""
    form = await read_form(request, BuyForm)
    face = await db.given(Showcase).face(db, an_id(DropId, drop_id))
    here, variant_id = f"/drops/{face.id}", VariantId.parse(form.variant_id)
    goods = None if variant_id is None else face.goods_of(variant_id)
    if variant_id is None or goods is None:
        raise invalid("/variant_id", "unknown", N_("Please choose one of the things in this drop."))
    way = _way(request, caller, keyring, face, db)
    if way in {"line", "place"}:
        return go(request, f"{here}/line")
    if way == "none":
        return go(request, here, say=gettext("This drop is not open now."), kind="mind")
    if goods.left == 0:
        return go(request, here, say=gettext("The last piece of this is gone for the moment."), kind="mind")
    quantity = max(1, min(form.quantity, goods.per_person))
    visit = await visit_cart(request, caller, db, keyring)

    async def deed(tx: Any) -> Any:
        owner = visit.owner_for(tx)
        await set_line(tx, owner, variant_id, quantity)
        return owner

    try:
        owner = await db.write(caller.actor, deed)
    except Conflict as trouble:
        return visit.sign(go(request, here, say=say(trouble.message, trouble.params), kind="mind"))
    return visit.sign(go(request, "/checkout"), owner)


async def see(db: Database, face: DropFace) -> DropView:
    """Make one drop ready to be shown now."""
    return drop_view(face, await db.given(Showcase).dress(db, [face]), db.clock.now())


def _way(request: AnyRequest, caller: Caller, keyring: Keyring, face: DropFace, db: Database) -> str:
    """Tell which way leads to the goods.

    `buy` at once, `line` first, to one's `place` in line; `none` while it is not open and there is nothing to wait in.
    """
    now = db.clock.now()
    if not face.drop.has_room or not face.drop.can_be_joined_at(now):
        return "buy" if face.drop.is_open_at(now) and not face.drop.has_room else "none"
    if caller.person_id is None:
        return "line"
    ticket = ticket_for(request, keyring, face.id, caller.person_id, now)
    if ticket is None:
        return "line"
    return "buy" if standing(ticket, face.room or DropRoom(), face.drop, now).admitted else "place"


def _kept(caller: Caller) -> dict[str, str] | None:
    return BRIEFLY if caller.person_id is None else None


HANDLERS: Final[list[ControllerRouterHandler]] = [show_drops, show_drop, show_left, buy]
