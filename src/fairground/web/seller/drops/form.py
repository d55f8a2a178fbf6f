"""Planning a drop: one form, where goods are found, put in and taken out without anything being saved."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec.structs import replace

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import Conflict, Findings, Invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.http.problems import status_of
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, say
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.place import Place
from fairground.market.catalog.model import Offer, VariantId
from fairground.market.catalog.queries.goods import Goods, VariantLine, list_goods, map_variant_lines
from fairground.market.catalog.queries.products import map_offers
from fairground.market.inventory.queries import map_stock
from fairground.market.promotions.actions.drops import change_drop, plan_drop
from fairground.market.promotions.model import DropDraft, DropFace, DropId, DropRules, GoodsWish
from fairground.market.shops.policy import may_manage_goods
from fairground.web.render import go
from fairground.web.seller.drops.pages import drop_of_shop
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.seller.typed import LOCAL, read_amount, read_count, read_moment
from fairground.web.told import Told, tell_fields

FOUND: Final = 6  # products that a look for goods shows
PUT, TAKE = "put:", "take:"


class DropForm(msgspec.Struct):
    """What the form sends: a line for each of the goods, and the step that was pressed."""

    variant: list[str]
    price: list[str]
    quota: list[str]
    per_person: list[str]
    title: str = ""
    words: str = ""
    starts_at: str = ""
    ends_at: str = ""
    has_room: str = ""
    per_minute: str = ""
    burst: str = ""
    find: str = ""
    step: str = "save"


class FormLine(msgspec.Struct, frozen=True, kw_only=True):
    """One of the goods in the form."""

    id: str
    name: str
    options: str
    picture: Id | None
    usual: Money | None
    stock: int | None
    price: str
    quota: str
    per_person: str


class Choice(msgspec.Struct, frozen=True):
    """A variant that can be put in."""

    id: str
    name: str
    options: str
    sku: str
    picture: Id | None


class FormView(msgspec.Struct, frozen=True, kw_only=True):
    """The form."""

    form: DropForm
    action: str
    back: str
    lines: list[FormLine]
    found: list[Choice]
    symbol: str
    rules: DropRules
    errors: Told


@get("/seller/{slug:str}/drops/new", include_in_schema=False)
async def show_new(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show an empty form."""
    return await _form_page(request, caller, db, slug, None)


@get("/seller/{slug:str}/drops/{drop_id:str}/edit", include_in_schema=False)
async def show_edit(
    request: AnyRequest,
    slug: FromPath[str],
    drop_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Show the form of a planned drop."""
    return await _form_page(request, caller, db, slug, None, drop_id=an_id(DropId, drop_id))


@post("/seller/{slug:str}/drops", include_in_schema=False)
async def plan(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Plan a drop, or take a step in its form."""
    return await _save(request, caller, db, slug, None)


@post("/seller/{slug:str}/drops/{drop_id:str}", include_in_schema=False)
async def change(
    request: AnyRequest,
    slug: FromPath[str],
    drop_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Change a planned drop, or take a step in its form."""
    return await _save(request, caller, db, slug, an_id(DropId, drop_id))


async def _save(
    request: AnyRequest, caller: Caller, db: Database, slug: str, drop_id: DropId | None
) -> Response[bytes]:
    form = _even(await read_form(request, DropForm))
    if form.step != "save":
        return await _form_page(request, caller, db, slug, _stepped(form), drop_id=drop_id)
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_manage_goods))

    async def deed(tx: Tx) -> DropFace:
        draft = draft_of(form, tx.given(Place), tx.given(DropRules), room.shop.language, tx.now)
        if drop_id is None:
            return await plan_drop(tx, room.shop.id, draft)
        await drop_of_shop(tx, room.shop.id, drop_id)
        return await change_drop(tx, drop_id, draft)

    try:
        face = await db.write(caller.actor, deed)
    except (Invalid, Conflict) as trouble:
        return await _form_page(request, caller, db, slug, form, drop_id=drop_id, trouble=trouble)
    said = say("“%(title)s” is planned. Nobody sees it until you announce it.", {"title": face.drop.title})
    return go(request, f"{room.home}/drops/{face.id}", say=said)


async def _form_page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    slug: str,
    form: DropForm | None,
    *,
    drop_id: DropId | None = None,
    trouble: Invalid | Conflict | None = None,
) -> Response[bytes]:
    """Show the form as it was sent, or, where nothing was, as the drop is planned."""
    told = Told() if trouble is None else tell_fields(trouble)

    async def look(reader: Reader) -> tuple[Room, FormView]:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        face = None if drop_id is None else await drop_of_shop(reader, room.shop.id, drop_id)
        shown = form or (_written(face, reader.given(Place)) if face else _empty(reader))
        return room, await _view(reader, room, shown, drop_id, told)

    room, view = await db.read(look)
    title = gettext("A new drop") if drop_id is None else gettext("Change the drop")
    status = 200 if trouble is None else status_of(trouble)
    return seller_page(request, "drops/form", room, title=title, status=status, view=view)


async def _view(reader: Reader, room: Room, form: DropForm, drop_id: DropId | None, told: Told) -> FormView:
    chosen = {text: VariantId.parse(text) for text in form.variant}
    ids = [i for i in chosen.values() if i is not None]
    offers = {i: offer for i, offer in (await map_offers(reader, ids)).items() if offer.shop_id == room.shop.id}
    stock = await map_stock(reader, list(offers))
    place = reader.given(Place)
    base = f"{room.home}/drops"
    return FormView(
        form=form,
        action=base if drop_id is None else f"{base}/{drop_id}",
        back=base if drop_id is None else f"{base}/{drop_id}",
        lines=_lines(form, offers, stock),
        found=await _find(reader, room, form),
        symbol=formats.money_parts(Money(0, place.currency)).symbol,
        rules=reader.given(DropRules),
        errors=told,
    )


def _lines(form: DropForm, offers: Mapping[VariantId, Offer], stock: Mapping[Id, int | None]) -> list[FormLine]:
    lines = []
    for text, price, quota, each in zip(form.variant, form.price, form.quota, form.per_person, strict=True):
        variant_id = VariantId.parse(text)
        offer = None if variant_id is None else offers.get(variant_id)
        lines.append(
            FormLine(
                id=text,
                name=offer.title if offer else gettext("No longer in your shop"),
                options=" · ".join(offer.options.values()) if offer else "",
                picture=offer.picture_id if offer else None,
                usual=offer.price if offer else None,
                stock=stock.get(offer.variant_id, 0) if offer else 0,
                price=price,
                quota=quota,
                per_person=each,
            )
        )
    return lines


async def _find(reader: Reader, room: Room, form: DropForm) -> list[Choice]:
    """Find goods to put in: by what was typed, else those that were changed last."""
    found = await list_goods(reader, room.shop.id, words=form.find, limit=FOUND)
    lines = await map_variant_lines(reader, room.shop.id, [goods.card.id for goods in found.items])
    return [
        _choice(goods, line)
        for goods in found.items
        for line in lines[goods.card.id]
        if str(int(line.id)) not in form.variant
    ]


def _choice(goods: Goods, line: VariantLine) -> Choice:
    return Choice(str(int(line.id)), goods.card.title, " · ".join(line.values), line.sku, goods.card.picture_id)


def _empty(reader: Reader) -> DropForm:
    """Begin with tomorrow at about this hour, for two hours."""
    here = reader.now.astimezone(formats.zone(reader.given(Place).time_zone)).replace(minute=0)
    starts = here + timedelta(days=1, hours=1)
    ends = starts + timedelta(hours=2)
    return DropForm([], [], [], [], starts_at=starts.strftime(LOCAL), ends_at=ends.strftime(LOCAL))


def _written(face: DropFace, place: Place) -> DropForm:
    """Write a planned drop into the form."""
    drop, zone = face.drop, formats.zone(place.time_zone)
    return DropForm(
        variant=[str(int(goods.variant_id)) for goods in face.goods],
        price=[f"{Money(goods.price, goods.currency).major:f}" for goods in face.goods],
        quota=[str(goods.quota) for goods in face.goods],
        per_person=[str(goods.per_person) for goods in face.goods],
        title=drop.title,
        words=drop.words,
        starts_at=drop.starts_at.astimezone(zone).strftime(LOCAL),
        ends_at=drop.ends_at.astimezone(zone).strftime(LOCAL),
        has_room="1" if drop.has_room else "",
        per_minute=str(drop.per_minute) if drop.has_room else "",
        burst=str(drop.burst) if drop.has_room else "",
    )


def _even(form: DropForm) -> DropForm:
    """Give each line all its fields, whatever a browser sent."""
    size = len(form.variant)

    def filled(values: Sequence[str], usual: str) -> list[str]:
        return [*values[:size], *[usual] * (size - len(values))]

    return replace(
        form, price=filled(form.price, ""), quota=filled(form.quota, ""), per_person=filled(form.per_person, "1")
    )


def _stepped(form: DropForm) -> DropForm:
    """Put a line in, or take one out."""
    if form.step.startswith(PUT) and (wanted := form.step.removeprefix(PUT)) not in form.variant:
        return _even(replace(form, variant=[*form.variant, wanted]))
    if form.step.startswith(TAKE) and (gone := form.step.removeprefix(TAKE)) in form.variant:
        at = form.variant.index(gone)
        kept = [[*values[:at], *values[at + 1 :]] for values in (form.variant, form.price, form.quota, form.per_person)]
        return replace(form, variant=kept[0], price=kept[1], quota=kept[2], per_person=kept[3])
    return form


def draft_of(form: DropForm, place: Place, rules: DropRules, tongue: str, now: datetime) -> DropDraft:
    """Read the form into a draft.

    Raises:
        Invalid: what is no amount, no number or no moment, each at its field.
    """
    findings, zone = Findings(), formats.zone(place.time_zone)
    starts = read_moment(findings, "starts_at", form.starts_at, zone)
    ends = read_moment(findings, "ends_at", form.ends_at, zone)
    goods = [
        GoodsWish(
            VariantId.parse(text) or Id(0),
            read_amount(findings, f"goods/{at}/price", form.price[at], place.currency),
            read_count(findings, f"goods/{at}/quota", form.quota[at]),
            read_count(findings, f"goods/{at}/per_person", form.per_person[at]),
        )
        for at, text in enumerate(form.variant)
    ]
    room = bool(form.has_room)
    draft = DropDraft(
        title=form.title,
        words=form.words,
        language=tongue,
        starts_at=starts or now,
        ends_at=ends or now,
        goods=tuple(goods),
        has_room=room,
        per_minute=read_count(findings, "per_minute", form.per_minute) if room and form.per_minute else None,
        burst=read_count(findings, "burst", form.burst) if room and form.burst else None,
    )
    findings.raise_any()
    return draft


HANDLERS: Final[list[Any]] = [show_new, show_edit, plan, change]
