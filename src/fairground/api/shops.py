"""Shops, by API: open one, visit it, change its face, rest, close."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import UNSET, UnsetType

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, invalid
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import read_files
from fairground.kit.ids import Id
from fairground.kit.images import PictureTrouble
from fairground.kit.safe_text import render
from fairground.kit.storage import Storage
from fairground.market.accounts.model import PersonId
from fairground.market.media.actions import add_picture, store_picture
from fairground.market.media.model import MediaId
from fairground.market.media.queries import map_pictures
from fairground.market.shops.actions.face import change_shop
from fairground.market.shops.actions.opening import open_shop
from fairground.market.shops.actions.state import close_shop, come_back, go_on_holiday
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import (
    ReturnAddress,
    Role,
    Shop,
    ShopCard,
    ShopChange,
    ShopDraft,
    ShopState,
    Tier,
)
from fairground.market.shops.policy import may_change_shop, may_close_shop, may_manage_goods
from fairground.market.shops.queries import find_shop_by_slug, get_shop_for, list_shops, role_in


class NewShop(msgspec.Struct):
    """The short form. Left out: an address from the name, country and language of the market."""

    name: str
    slug: str | None = None
    about: str = ""
    country: str | None = None
    language: str | None = None


class ShopPatch(msgspec.Struct):
    """What to change; what is left out stays. Pictures are those uploaded for this shop."""

    name: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    cloth: int | UnsetType = UNSET
    avatar_id: MediaId | UnsetType | None = UNSET
    banner_id: MediaId | UnsetType | None = UNSET
    return_address: ReturnAddress | UnsetType | None = UNSET
    asks_before_cancel: bool | UnsetType = UNSET


class Holiday(msgspec.Struct):
    """A note for visitors, and when the shop comes back by itself."""

    note: str = ""
    until: datetime | None = None


class ShopView(msgspec.Struct):
    """A shop. `role`, `return_address` and `state_reason` are shown to its people only."""

    id: Id
    slug: str
    name: str
    about: str
    about_html: str
    country: str
    language: str
    time_zone: str
    cloth: int
    avatar_id: Id | None
    banner_id: Id | None
    tier: Tier
    state: ShopState
    holiday_note: str
    holiday_until: datetime | None
    opened_at: datetime
    role: Role | None = None
    return_address: ReturnAddress | None = None
    state_reason: str = ""
    asks_before_cancel: bool = False


class ShopLine(msgspec.Struct):
    """A shop in a list."""

    id: Id
    slug: str
    name: str
    cloth: int
    avatar_id: Id | None
    tier: Tier
    state: ShopState
    country: str
    language: str
    opened_at: datetime


class Shops(msgspec.Struct):
    """A page of shops."""

    items: list[ShopLine]
    next: str | None = None


class PictureView(msgspec.Struct):
    """An uploaded picture; sizes are at `/media/{id}/{size}.webp`."""

    id: Id


def shop_view(shop: Shop, role: Role | None) -> ShopView:
    """Show a shop to one of its people, or to a stranger with None."""
    return ShopView(
        id=shop.id,
        slug=shop.slug,
        name=shop.name,
        about=shop.about,
        about_html=render(shop.about, "markdown"),
        country=shop.country,
        language=shop.language,
        time_zone=shop.time_zone,
        cloth=shop.cloth,
        avatar_id=shop.avatar_id,
        banner_id=shop.banner_id,
        tier=shop.tier,
        state=shop.state,
        holiday_note=shop.holiday_note,
        holiday_until=shop.holiday_until,
        opened_at=shop.opened_at,
        role=role,
        return_address=shop.return_address if role else None,
        state_reason=shop.state_reason if role else "",
        asks_before_cancel=shop.asks_before_cancel,
    )


def shop_line(card: ShopCard) -> ShopLine:
    """Show a shop in a list."""
    return ShopLine(
        card.id,
        card.slug,
        card.name,
        card.cloth,
        card.avatar_id,
        card.tier,
        card.state,
        card.country,
        card.language,
        card.opened_at,
    )


async def visit(reader: Reader, slug: str, person_id: Id | None) -> tuple[Shop, Role | None]:
    """Find a shop that the caller may see, and their role there.

    Raises:
        ShopNotFound: there is none, or it is shut and the caller does not work there.
    """
    shop = await find_shop_by_slug(reader, slug)
    if shop is None:
        raise ShopNotFound
    role = None if person_id is None else await role_in(reader, shop.id, person_id)
    if role is None and not shop.is_seen:
        raise ShopNotFound
    return shop, role


@post("/api/v1/shops", tags=["Shops"])
async def create_shop(
    data: JSONBody[NewShop], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> ShopView:
    """Open a shop; it may sell at once, unless the operator approves stalls first (then it is `pending`)."""
    owner_id = PersonId(caller.need_person())
    draft = ShopDraft(name=data.name, slug=data.slug, about=data.about, country=data.country, language=data.language)
    return shop_view(await db.write(caller.actor, lambda tx: open_shop(tx, owner_id, draft)), Role.OWNER)


@get("/api/v1/shops", tags=["Shops"])
async def show_shops(
    db: NamedDependency[Database], limit: FromQuery[int | None] = None, after: FromQuery[str | None] = None
) -> Shops:
    """List the shops of the market, the newest first."""
    page = await db.read(lambda reader: list_shops(reader, after=after, limit=limit))
    return Shops([shop_line(card) for card in page.items], page.next)


@get("/api/v1/shops/{slug:str}", tags=["Shops"])
async def show_shop(slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> ShopView:
    """Show a shop; its people see it in any state, others while it is open or on holiday."""
    shop, role = await db.read(lambda reader: visit(reader, slug, caller.person_id))
    return shop_view(shop, role)


@patch("/api/v1/shops/{slug:str}", tags=["Shops"])
async def patch_shop(
    slug: FromPath[str], data: JSONBody[ShopPatch], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> ShopView:
    """Change a shop's face, language, time zone or return address."""
    person_id = caller.need_person()

    async def check(reader: Reader) -> tuple[Shop, Role | None]:
        shop = await get_shop_for(reader, slug, person_id, may_change_shop)
        await _check_pictures(reader, shop, data)
        return shop, await role_in(reader, shop.id, person_id)

    shop, role = await db.read(check)
    change = ShopChange(**{field: getattr(data, field) for field in data.__struct_fields__})
    return shop_view(await db.write(caller.actor, lambda tx: change_shop(tx, shop.id, change)), role)


async def _check_pictures(reader: Reader, shop: Shop, data: ShopPatch) -> None:
    for field in ("avatar_id", "banner_id"):
        media_id = getattr(data, field)
        if isinstance(media_id, MediaId):
            found = (await map_pictures(reader, [media_id])).get(media_id)
            if found is None or found.owner_id != shop.id:
                raise invalid(f"/{field}", "unknown", N_("There is no such picture of this shop."))


@put("/api/v1/shops/{slug:str}/holiday", tags=["Shops"])
async def start_holiday(
    slug: FromPath[str], data: JSONBody[Holiday], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> ShopView:
    """Sell nothing for a while; with `until` the shop comes back by itself."""
    person_id = caller.need_person()
    shop = await db.read(lambda reader: get_shop_for(reader, slug, person_id, may_change_shop))
    if data.until is not None and data.until.tzinfo is None:
        raise invalid("/until", "time", N_("Please give the time with its zone, as in 2026-02-01T08:00:00+08:00."))
    moved = await db.write(caller.actor, lambda tx: go_on_holiday(tx, shop.id, note=data.note, until=data.until))
    return shop_view(moved, Role.OWNER)


@delete("/api/v1/shops/{slug:str}/holiday", status_code=200, tags=["Shops"])
async def end_holiday(slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> ShopView:
    """Come back from a holiday."""
    person_id = caller.need_person()
    shop = await db.read(lambda reader: get_shop_for(reader, slug, person_id, may_change_shop))
    return shop_view(await db.write(caller.actor, lambda tx: come_back(tx, shop.id)), Role.OWNER)


@post("/api/v1/shops/{slug:str}/closure", status_code=200, tags=["Shops"])
async def close(slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> ShopView:
    """Close a shop for good; open orders go their way, the address stays taken."""
    person_id = caller.need_person()
    shop = await db.read(lambda reader: get_shop_for(reader, slug, person_id, may_close_shop))
    return shop_view(await db.write(caller.actor, lambda tx: close_shop(tx, shop.id)), Role.OWNER)


@post("/api/v1/shops/{slug:str}/pictures", tags=["Shops"])
async def upload_picture(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> PictureView:
    """Upload a picture for a shop's face or goods (multipart, field `file`)."""
    person_id = caller.need_person()
    shop = await db.read(lambda reader: get_shop_for(reader, slug, person_id, may_manage_goods))
    files = await read_files(request, "file", at_most=1)
    if not files:
        raise invalid("/file", "required", N_("This is needed."))
    try:
        stored = await store_picture(storage, shop.id, files[0][1], db.clock.now())
    except PictureTrouble as trouble:
        raise invalid("/file", trouble.code, trouble.message, **trouble.params) from trouble
    media_id = await db.write(caller.actor, lambda tx: add_picture(tx, shop.id, stored, is_public=True))
    return PictureView(media_id)


HANDLERS = (
    create_shop, show_shops, show_shop, patch_shop, start_holiday, end_holiday, close, upload_picture,
)  # fmt: skip
