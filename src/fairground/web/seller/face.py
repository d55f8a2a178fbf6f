"""How a shop looks to others: its face, where goods come back to, holidays."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, UnsetType

from fairground.kit.db import Database, Tx
from fairground.kit.errors import Conflict, Invalid, invalid
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import read_files, read_form
from fairground.kit.i18n.words import gettext, language
from fairground.kit.ids import Id
from fairground.kit.images import PictureTrouble
from fairground.kit.postal import country_choices
from fairground.kit.storage import Storage
from fairground.market.media.actions import add_picture, store_picture
from fairground.market.media.model import StoredPicture
from fairground.market.orders.model import OrderRules
from fairground.market.shops.actions.face import change_shop
from fairground.market.shops.actions.state import come_back, go_on_holiday
from fairground.market.shops.model import ReturnAddress, Shop, ShopChange, ShopRules, ShopState
from fairground.market.shops.policy import may_change_shop
from fairground.web.days import end_of_day
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.seller.words import LANGUAGE_NAMES
from fairground.web.told import Told, tell_fields

CLOTHS = 10
PICTURES = ("avatar", "banner")


class FaceForm(msgspec.Struct, kw_only=True):
    """Name, words, cloth, and what is chosen of the pictures."""

    name: str = ""
    about: str = ""
    country: str = ""
    language: str = ""
    cloth: str = "0"
    asks_before_cancel: str | None = None
    avatar_gone: str | None = None
    banner_gone: str | None = None


class AddressForm(msgspec.Struct, kw_only=True):
    """Where goods come back to; the lines in one field."""

    name: str = ""
    phone: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    district: str = ""
    lines: str = ""
    postal_code: str = ""


class HolidayForm(msgspec.Struct, kw_only=True):
    """A note, and the last day of the holiday."""

    note: str = ""
    until: str = ""


class FaceView(msgspec.Struct, frozen=True):
    """The three forms of the page."""

    shop: Shop
    face: FaceForm
    address: AddressForm
    holiday: HolidayForm
    countries: list[tuple[str, str]]
    languages: list[tuple[str, str]]
    cloths: list[int]
    on_holiday: bool
    may_rest: bool
    name_most: int
    about_most: int
    cancel_hours: int
    errors: Told = Told()


@get("/seller/{slug:str}/face", include_in_schema=False)
async def show_face(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the shop's face to change it."""
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_change_shop))
    return _page(request, db, room)


def _page(
    request: AnyRequest,
    db: Database,
    room: Room,
    *,
    face: FaceForm | None = None,
    address: AddressForm | None = None,
    holiday: HolidayForm | None = None,
    errors: Told | None = None,
) -> Response[bytes]:
    shop, rules = room.shop, db.given(ShopRules)
    view = FaceView(
        shop=shop,
        face=face or _face_form(shop),
        address=address or _address_form(shop),
        holiday=holiday or HolidayForm(note=shop.holiday_note, until=_day(shop)),
        countries=country_choices(language()),
        languages=_languages(shop.language),
        cloths=list(range(CLOTHS)),
        on_holiday=shop.state is ShopState.HOLIDAY,
        may_rest=shop.state in {ShopState.OPEN, ShopState.HOLIDAY},
        name_most=rules.name_most,
        about_most=rules.about_most,
        cancel_hours=db.given(OrderRules).cancel_silence_hours,
        errors=errors or Told(),
    )
    return seller_page(request, "shop/face", room, title=gettext("Shop face"), status=422 if errors else 200, view=view)


def _face_form(shop: Shop) -> FaceForm:
    return FaceForm(
        name=shop.name,
        about=shop.about,
        country=shop.country,
        language=shop.language,
        cloth=str(shop.cloth),
        asks_before_cancel="1" if shop.asks_before_cancel else None,
    )


def _languages(own: str) -> list[tuple[str, str]]:
    return list((LANGUAGE_NAMES if own in LANGUAGE_NAMES else {own: own, **LANGUAGE_NAMES}).items())


def _address_form(shop: Shop) -> AddressForm:
    found = shop.return_address
    if found is None:
        return AddressForm(country=shop.country)
    return AddressForm(
        name=found.name,
        phone=found.phone,
        country=found.country,
        region=found.region,
        city=found.city,
        district=found.district,
        lines="\n".join(found.lines),
        postal_code=found.postal_code,
    )


def _day(shop: Shop) -> str:
    """Give the last day of the holiday: the shop is back at the first moment of the next one."""
    if shop.holiday_until is None:
        return ""
    return (shop.holiday_until.astimezone(ZoneInfo(shop.time_zone)) - timedelta(seconds=1)).date().isoformat()


@post("/seller/{slug:str}/face", include_in_schema=False)
async def save_face(
    request: AnyRequest,
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Change name, words, cloth and pictures."""
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_change_shop))
    form = await read_form(request, FaceForm)
    try:
        stored = {field: await _store(request, storage, db, room, field) for field in PICTURES}
        await db.write(caller.actor, lambda tx: _change(tx, room.shop, form, stored))
    except (Invalid, Conflict) as trouble:
        return _page(request, db, room, face=form, errors=tell_fields(trouble))
    return go(request, f"{room.home}/face", say=gettext("Saved. This is how others see your shop now."))


async def _store(request: AnyRequest, storage: Storage, db: Database, room: Room, field: str) -> StoredPicture | None:
    files = await read_files(request, field, at_most=1)
    if not files:
        return None
    try:
        return await store_picture(storage, room.shop.id, files[0][1], db.clock.now())
    except PictureTrouble as trouble:
        raise invalid(f"/{field}", trouble.code, trouble.message, **trouble.params) from trouble


async def _change(tx: Tx, shop: Shop, form: FaceForm, stored: dict[str, StoredPicture | None]) -> None:
    async def picture(field: str, gone: str | None) -> Id | UnsetType | None:
        new = stored[field]
        if new is not None:
            return await add_picture(tx, shop.id, new, is_public=True)
        return None if gone else UNSET

    change = ShopChange(
        name=form.name,
        about=form.about,
        country=form.country,
        language=form.language,
        cloth=int(form.cloth) if form.cloth.isascii() and form.cloth.isdigit() else -1,
        asks_before_cancel=form.asks_before_cancel is not None,
        avatar_id=await picture("avatar", form.avatar_gone),
        banner_id=await picture("banner", form.banner_gone),
    )
    await change_shop(tx, shop.id, change)


@post("/seller/{slug:str}/face/address", include_in_schema=False)
async def save_address(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Say where goods come back to; all fields empty: nowhere yet."""
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_change_shop))
    form = await read_form(request, AddressForm)
    typed = [getattr(form, f) for f in ("name", "phone", "region", "city", "district", "lines", "postal_code")]
    address = (
        ReturnAddress(
            name=form.name,
            phone=form.phone,
            country=form.country,
            region=form.region,
            city=form.city,
            district=form.district,
            lines=form.lines.splitlines(),
            postal_code=form.postal_code,
        )
        if any(text.strip() for text in typed)
        else None
    )
    try:
        await db.write(caller.actor, lambda tx: change_shop(tx, room.shop.id, ShopChange(return_address=address)))
    except (Invalid, Conflict) as trouble:
        return _page(request, db, room, address=form, errors=tell_fields(trouble))
    return go(request, f"{room.home}/face", say=gettext("Saved. Goods come back there."))


@post("/seller/{slug:str}/face/holiday", include_in_schema=False)
async def rest(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Go on holiday, or change its note and end."""
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_change_shop))
    form = await read_form(request, HolidayForm)
    try:
        until = end_of_day(form.until, room.shop.time_zone)
        await db.write(caller.actor, lambda tx: go_on_holiday(tx, room.shop.id, note=form.note, until=until))
    except (Invalid, Conflict) as trouble:
        return _page(request, db, room, holiday=form, errors=tell_fields(trouble, "note"))
    return go(request, f"{room.home}/face", say=gettext("Your shop rests. Nothing is sold until you are back."))


@post("/seller/{slug:str}/face/return", include_in_schema=False)
async def be_back(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Come back from a holiday."""
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_change_shop))
    try:
        await db.write(caller.actor, lambda tx: come_back(tx, room.shop.id))
    except Conflict as trouble:
        return go(request, f"{room.home}/face", say=tell_fields(trouble).at("") or "", kind="mind")
    return go(request, f"{room.home}/face", say=gettext("Welcome back. Your shop sells again."))


HANDLERS: list[Any] = [show_face, save_face, save_address, rest, be_back]
