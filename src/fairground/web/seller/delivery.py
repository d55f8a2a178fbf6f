"""How a shop delivers: the ways, where to, for how much. A shop that says nothing ships free, in one way."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, Conflict, Findings, Invalid
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.formats import money_parts
from fairground.kit.i18n.words import gettext, language
from fairground.kit.money import Money
from fairground.kit.place import Place
from fairground.market.shipping.actions.templates import drop_template, save_template
from fairground.market.shipping.model import (
    DeliveryKind,
    Measure,
    ShippingTemplate,
    TemplateOption,
    Zone,
    place_key,
)
from fairground.market.shipping.model.regions import CHINA
from fairground.market.shipping.queries import find_template
from fairground.market.shops.policy import may_change_shop
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.seller.goods.amounts import read_price, write_price
from fairground.web.told import Told, tell_fields

KIND_NAMES: Final = {
    DeliveryKind.COURIER: N_("Courier"),
    DeliveryKind.MAIL: N_("Mail"),
    DeliveryKind.PICKUP: N_("Picked up by the buyer"),
    DeliveryKind.VIRTUAL: N_("Nothing to send"),
}
MEASURE_NAMES: Final = {Measure.PIECES: N_("by pieces"), Measure.WEIGHT: N_("by weight, in grams")}
_PARTING: Final = re.compile(r"[,，、;；\n]")


class DeliveryForm(msgspec.Struct):
    """The ways and their zones, as lists of one length each; `zone_way` is the number of a zone's way."""

    code: list[str]
    kind: list[str]
    name_zh: list[str]
    name_en: list[str]
    measure: list[str]
    handling_days: list[str]
    way_gone: list[str]
    zone_way: list[str]
    zone_places: list[str]
    zone_first: list[str]
    zone_first_price: list[str]
    zone_more: list[str]
    zone_more_price: list[str]
    zone_free_from: list[str]
    zone_days_least: list[str]
    zone_days_most: list[str]
    zone_gone: list[str]
    step: str = ""
    version: str = "0"


class ZoneRow(msgspec.Struct, frozen=True):
    """A zone as typed. `at` counts over all ways; `errors` by field."""

    at: int
    places: str
    first: str
    first_price: str
    more: str
    more_price: str
    free_from: str
    days_least: str
    days_most: str
    errors: dict[str, str] = {}


class WayRow(msgspec.Struct, frozen=True):
    """A way of delivery as typed."""

    at: int
    code: str
    kind: str
    name_zh: str
    name_en: str
    measure: str
    handling_days: str
    zones: list[ZoneRow]
    errors: dict[str, str] = {}


class DeliveryView(msgspec.Struct, frozen=True):
    """The form."""

    ways: list[WayRow]
    kinds: list[tuple[str, str]]
    measures: list[tuple[str, str]]
    sign: str
    version: str
    action: str
    has_template: bool
    errors: Told = Told()


_ZONE_CELLS: Final = ZoneRow.__struct_fields__[1:-1]
_WAY_CELLS: Final = WayRow.__struct_fields__[1:-2]
FRESH_ZONE: Final = ZoneRow(0, "", "1", "0", "1", "0", "", "2", "5")


def _fresh_way(at: int) -> WayRow:
    return WayRow(at, "", DeliveryKind.COURIER, "快递", "Courier", Measure.PIECES, "2", [FRESH_ZONE])


def ways_of_template(template: ShippingTemplate) -> list[WayRow]:
    """Give the rows of a template."""
    currency = template.currency

    def zone(found: Zone) -> ZoneRow:
        return ZoneRow(
            0,
            ", ".join(name_of_place(key) for key in found.places),
            str(found.first),
            write_price(Money(found.first_price, currency)),
            str(found.more),
            write_price(Money(found.more_price, currency)),
            write_price(None if found.free_from is None else Money(found.free_from, currency)),
            str(found.days[0]),
            str(found.days[1]),
        )

    return [
        WayRow(
            at,
            option.code,
            option.kind,
            option.name_zh,
            option.name_en,
            option.measure,
            str(option.handling_days),
            [zone(found) for found in option.zones],
        )
        for at, option in enumerate(template.options)
    ]


def name_of_place(key: str) -> str:
    """Write a place as people of this language know it: CN-GD as Guangdong."""
    country, _, code = key.partition("-")
    region = next((r for r in CHINA if country == "CN" and r.code == code), None)
    if region is None:
        return key
    return region.zh if language().startswith("zh") else region.en


def read_places(text: str, country: str) -> tuple[str, ...]:
    """Read places: regions of the shop's country by name, countries by two letters, others as CC-REGION."""
    keys = []
    for word in (" ".join(part.split()) for part in _PARTING.split(text)):
        if re.fullmatch(r"[A-Z]{2}", word):
            keys.append(place_key(word))
        elif re.fullmatch(r"[A-Z]{2}-.+", word):
            keys.append(place_key(*word.split("-", 1)))
        elif word:
            keys.append(place_key(country, word))
    return tuple(dict.fromkeys(keys))


def _cell(values: Sequence[str], at: int) -> str:
    return values[at].strip() if at < len(values) else ""


def _zone_row(form: DeliveryForm, at: int) -> ZoneRow:
    cells: dict[str, Any] = {name: _cell(getattr(form, f"zone_{name}"), at) for name in _ZONE_CELLS}
    return ZoneRow(at, **cells)


def ways_of_form(form: DeliveryForm) -> list[WayRow]:
    """Read the rows that were sent, without those taken away."""
    ways = []
    for at in range(min(len(form.code), 20)):
        if str(at) in form.way_gone:
            continue
        zones = [
            _zone_row(form, z)
            for z in range(min(len(form.zone_way), 400))
            if form.zone_way[z] == str(at) and str(z) not in form.zone_gone
        ]
        cells: dict[str, Any] = {name: _cell(getattr(form, name), at) for name in _WAY_CELLS}
        ways.append(WayRow(at, zones=zones or [FRESH_ZONE], **cells))
    return ways


def numbered(ways: Sequence[WayRow], told: Told | None = None) -> list[WayRow]:
    """Number ways and zones anew, and hang what is wrong at its row."""
    result, count = [], 0
    for at, way in enumerate(ways):
        zones = []
        for place, zone in enumerate(way.zones):
            zones.append(msgspec.structs.replace(zone, at=count, errors=_below(told, f"options-{at}-zones-{place}-")))
            count += 1
        errors = {k: v for k, v in _below(told, f"options-{at}-").items() if not k.startswith("zones-")}
        result.append(msgspec.structs.replace(way, at=at, zones=zones, errors=errors))
    return result


def _below(told: Told | None, prefix: str) -> dict[str, str]:
    return {
        field.removeprefix(prefix).split("-")[0] if "zones" in prefix else field.removeprefix(prefix): words
        for field, words in (told.all if told else [])
        if field.startswith(prefix)
    }


def read_options(ways: Sequence[WayRow], currency: str, country: str) -> tuple[TemplateOption, ...]:
    """Read the rows as ways of delivery.

    Raises:
        Invalid: numbers that are none.
    """
    findings = Findings()
    codes = {way.code for way in ways if way.code}
    options = []
    for at, way in enumerate(ways):
        pointer = f"/options/{at}"
        code = way.code or next(f"way-{n}" for n in range(1, 100) if f"way-{n}" not in codes)
        codes.add(code)
        options.append(
            TemplateOption(
                code=code,
                kind=DeliveryKind(way.kind) if way.kind in list(DeliveryKind) else DeliveryKind.COURIER,
                name_zh=way.name_zh,
                name_en=way.name_en,
                measure=Measure(way.measure) if way.measure in list(Measure) else Measure.PIECES,
                zones=tuple(
                    _zone(findings, zone, f"{pointer}/zones/{place}", currency, country)
                    for place, zone in enumerate(way.zones)
                ),
                handling_days=_whole(findings, way.handling_days, f"{pointer}/handling_days"),
            )
        )
    findings.raise_any()
    return tuple(options)


def _zone(findings: Findings, zone: ZoneRow, pointer: str, currency: str, country: str) -> Zone:
    def amount(text: str, field: str) -> int | None:
        try:
            found = read_price(text, f"{pointer}/{field}", currency)
        except Invalid as trouble:
            for error in trouble.errors:
                findings.add(error.pointer, error.code, error.message)
            return None
        return None if found is None else found.amount

    return Zone(
        places=read_places(zone.places, country),
        first=_whole(findings, zone.first, f"{pointer}/first"),
        first_price=amount(zone.first_price, "first_price") or 0,
        more=_whole(findings, zone.more, f"{pointer}/more"),
        more_price=amount(zone.more_price, "more_price") or 0,
        free_from=amount(zone.free_from, "free_from"),
        days=(
            _whole(findings, zone.days_least, f"{pointer}/days"),
            _whole(findings, zone.days_most, f"{pointer}/days"),
        ),
    )


def _whole(findings: Findings, text: str, pointer: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 9:
        return int(text)
    findings.add(pointer, "number", N_("A whole number, please."))
    return 1


@get("/seller/{slug:str}/delivery", include_in_schema=False)
async def show_delivery(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show how the shop delivers."""

    async def look(reader: Reader) -> tuple[Room, ShippingTemplate | None]:
        room = await enter_room(reader, caller, slug, may_change_shop)
        return room, await find_template(reader, room.shop.id)

    room, template = await db.read(look)
    ways = [] if template is None else ways_of_template(template)
    return _page(request, db, room, ways, "0" if template is None else str(template.version))


def _page(
    request: AnyRequest,
    db: Database,
    room: Room,
    ways: Sequence[WayRow],
    version: str,
    told: Told | None = None,
) -> Response[bytes]:
    view = DeliveryView(
        ways=numbered(ways, told),
        kinds=[(kind, gettext(name)) for kind, name in KIND_NAMES.items()],
        measures=[(measure, gettext(name)) for measure, name in MEASURE_NAMES.items()],
        sign=money_parts(Money(0, db.given(Place).currency)).symbol,
        version=version,
        action=f"{room.home}/delivery",
        has_template=version != "0",
        errors=told or Told(),
    )
    return seller_page(
        request, "shop/delivery", room, title=gettext("Ways of delivery"), status=422 if told else 200, view=view
    )


@post("/seller/{slug:str}/delivery", include_in_schema=False)
async def save_delivery(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Save the ways; or add a row and show them again. Without any way the shop ships free."""
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_change_shop))
    form = await read_form(request, DeliveryForm)
    ways = ways_of_form(form)
    if form.step == "way":
        return _page(request, db, room, [*ways, _fresh_way(len(ways))], form.version)
    if form.step.startswith("zone-"):
        number = form.step.removeprefix("zone-")
        ways = [
            msgspec.structs.replace(way, zones=[FRESH_ZONE, *way.zones]) if str(way.at) == number else way
            for way in ways
        ]
        return _page(request, db, room, ways, form.version)
    version = int(form.version) if form.version.isascii() and form.version.isdigit() else 0
    try:
        if not ways:
            await db.write(caller.actor, lambda tx: drop_template(tx, room.shop.id))
            return go(request, f"{room.home}/delivery", say=gettext("Saved. Your shop ships free."))
        options = read_options(ways, db.given(Place).currency, room.shop.country)
        await db.write(caller.actor, lambda tx: save_template(tx, room.shop.id, options, version=version))
    except (Invalid, Conflict) as trouble:
        return _page(request, db, room, ways, form.version, tell_fields(trouble))
    return go(request, f"{room.home}/delivery", say=gettext("Saved. Buyers see these ways at the checkout."))


HANDLERS: list[Any] = [show_delivery, save_delivery]
