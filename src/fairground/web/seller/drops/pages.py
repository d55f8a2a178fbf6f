"""The list of a shop's drops, one drop with its figures, and the deeds: announce it, call it off."""

from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import Conflict
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.i18n.words import gettext, say
from fairground.kit.place import Place
from fairground.market.catalog.model import VariantId
from fairground.market.catalog.queries.products import map_offers
from fairground.market.promotions.actions.drops import announce_drop, cancel_drop
from fairground.market.promotions.errors import DropNotFound
from fairground.market.promotions.model import DropFace, DropId, DropRules
from fairground.market.promotions.queries.drops import get_drop, list_shop_drops
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_manage_goods
from fairground.market.shops.queries import get_shop_for
from fairground.web.render import go
from fairground.web.seller.drops.view import DropRow, OneDrop, drop_row, one_drop
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page

SHOWN: Final = 24


class DropsView(msgspec.Struct, frozen=True):
    """The list."""

    rows: list[DropRow]
    next_href: str | None


@get("/seller/{slug:str}/drops", include_in_schema=False)
async def show_drops(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """List a shop's drops, the newest first."""
    after = request.query_params.get("after")

    async def look(reader: Reader) -> tuple[Room, DropsView]:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        found = await list_shop_drops(reader, room.shop.id, after, SHOWN)
        following = f"{room.home}/drops?{urlencode({'after': found.next})}" if found.next else None
        return room, DropsView([drop_row(face, room.home, reader.now) for face in found.items], following)

    room, view = await db.read(look)
    return seller_page(request, "drops/list", room, title=gettext("Drops"), view=view)


@get("/seller/{slug:str}/drops/{drop_id:str}", include_in_schema=False)
async def show_drop(
    request: AnyRequest,
    slug: FromPath[str],
    drop_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Show one drop: its terms, what was sold, who waits, and what can be done with it."""
    wanted = an_id(DropId, drop_id)

    async def look(reader: Reader) -> tuple[Room, OneDrop]:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        face = await drop_of_shop(reader, room.shop.id, wanted)
        offers = await map_offers(reader, [VariantId(goods.variant_id) for goods in face.goods])
        lead, currency = reader.given(DropRules).lead_seconds, reader.given(Place).currency
        return room, one_drop(face, offers, room.home, reader.now, currency=currency, lead_seconds=lead)

    room, view = await db.read(look)
    return seller_page(request, "drops/one", room, title=view.row.title, view=view)


@post("/seller/{slug:str}/drops/{drop_id:str}/announcement", include_in_schema=False)
async def announce(
    request: AnyRequest,
    slug: FromPath[str],
    drop_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Tell everybody; from here on its terms stand."""
    person_id, wanted = caller.need_person(), an_id(DropId, drop_id)

    async def deed(tx: Tx) -> DropFace:
        shop = await get_shop_for(tx, slug, person_id, may_manage_goods)
        await drop_of_shop(tx, shop.id, wanted)
        return await announce_drop(tx, wanted)

    here = f"/seller/{slug}/drops/{wanted}"
    try:
        face = await db.write(caller.actor, deed)
    except Conflict as trouble:
        return go(request, here, say=say(trouble.message, trouble.params), kind="mind")
    return go(request, here, say=say("“%(title)s” is announced. Its terms stand now.", {"title": face.drop.title}))


@post("/seller/{slug:str}/drops/{drop_id:str}/cancellation", include_in_schema=False)
async def call_off(
    request: AnyRequest,
    slug: FromPath[str],
    drop_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Call a drop off, or stop it while it is open: what was ordered stands."""
    person_id, wanted = caller.need_person(), an_id(DropId, drop_id)

    async def deed(tx: Tx) -> None:
        shop = await get_shop_for(tx, slug, person_id, may_manage_goods)
        await drop_of_shop(tx, shop.id, wanted)
        await cancel_drop(tx, wanted)

    here = f"/seller/{slug}/drops/{wanted}"
    try:
        await db.write(caller.actor, deed)
    except Conflict as trouble:
        return go(request, here, say=say(trouble.message, trouble.params), kind="mind")
    return go(request, here, say=gettext("Called off. Nothing more is sold in it; what was ordered stands."))


async def drop_of_shop(reader: Reader, shop_id: ShopId, drop_id: DropId) -> DropFace:
    """Get a drop of a shop.

    Raises:
        DropNotFound: there is none, or it is another shop's.
    """
    face = await get_drop(reader, drop_id)
    if face.drop.shop_id != shop_id:
        raise DropNotFound
    return face


HANDLERS: Final[list[Any]] = [show_drops, show_drop, announce, call_off]
