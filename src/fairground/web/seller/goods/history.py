"""Who changed what of a product, and what stood there before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.i18n.formats import money
from fairground.kit.i18n.words import gettext
from fairground.kit.money import Money
from fairground.kit.safe_text import to_plain
from fairground.market.accounts.model import PersonCard, PersonId
from fairground.market.accounts.queries import map_people
from fairground.market.catalog.errors import ProductNotFound
from fairground.market.catalog.model import ProductId, ProductState, ProductVersion
from fairground.market.catalog.queries.products import get_product, list_product_versions
from fairground.market.shops.policy import may_manage_goods
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.seller.words import STATE_NAMES

FIELDS: Final = {
    "title": N_("Title"),
    "description": N_("Description"),
    "description_format": N_("Written as"),
    "language": N_("Language"),
    "category": N_("Category"),
    "attributes": N_("Details"),
    "options": N_("Choices"),
    "variants": N_("Variants and prices"),
    "pictures": N_("Pictures"),
    "translations": N_("Translation"),
    "handle": N_("Code"),
    "state": N_("State"),
}
CUT: Final = 160


class Change(msgspec.Struct, frozen=True):
    """One change: when, by whom, and each field with what stood there before ("" where that says nothing)."""

    at: datetime
    who: str
    fields: list[tuple[str, str]]


class HistoryView(msgspec.Struct, frozen=True):
    """The changes of a product, the latest first."""

    changes: list[Change]
    created_at: datetime
    back: str
    next_href: str | None


@get("/seller/{slug:str}/goods/{product_id:str}/history", include_in_schema=False)
async def show_history(
    request: AnyRequest,
    slug: FromPath[str],
    product_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show what was changed of a product."""
    wanted = an_id(ProductId, product_id)

    async def look(reader: Reader) -> tuple[Room, str, HistoryView]:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        product = await get_product(reader, wanted)
        if product.shop_id != room.shop.id:
            raise ProductNotFound
        found = await list_product_versions(reader, wanted, after=after)
        people = await map_people(reader, [PersonId(v.actor_id) for v in found.items if v.actor_id is not None])
        here = f"{room.home}/goods/{wanted}"
        next_href = f"{here}/history?after={found.next}" if found.next else None
        changes = [change_of(version, people) for version in found.items]
        return room, product.title, HistoryView(changes, product.created_at, here, next_href)

    room, title, view = await db.read(look)
    words = gettext("History of “%(title)s”") % {"title": title}
    return seller_page(request, "goods/history", room, title=words, view=view)


def change_of(version: ProductVersion, people: Mapping[PersonId, PersonCard]) -> Change:
    """Tell one change in words."""
    person = None if version.actor_id is None else people.get(PersonId(version.actor_id))
    who = person.name if person is not None else _part_of_market(version.actor)
    fields = [(gettext(FIELDS[f]) if f in FIELDS else f, _before(f, version.before)) for f in version.changed]
    return Change(version.at, who, fields)


def _part_of_market(actor: str) -> str:
    if actor in {"system:import", "system:catalog.place_pictures"}:
        return gettext("A file that was imported")
    return gettext("The market")


def _before(field: str, before: Mapping[str, Any]) -> str:
    """Write what stood there; long things are cut, and those that only programs understand left out."""
    value = before.get(field)
    if value in (None, "", [], {}):
        return gettext("nothing")
    if field == "description":
        return to_plain(str(value), "markdown", CUT)
    if field == "state":
        return gettext(STATE_NAMES[ProductState(value)]) if value in list(ProductState) else str(value)
    if field == "options":
        return "; ".join(f"{option['name']}: {', '.join(option['values'])}" for option in value)[:CUT]
    if field == "variants":
        return "; ".join(_variant(variant) for variant in value)[: CUT * 2]
    if field == "pictures":
        return str(len(value))
    if field == "translations":
        return "; ".join(f"{language}: {words['title']}" for language, words in value.items())[:CUT]
    if field == "attributes":
        return ", ".join(f"{key}: {v}" for key, v in value.items())[:CUT]
    return str(value)[:CUT]


def _variant(variant: Mapping[str, Any]) -> str:
    price = money(Money(variant["price"]["amount"], variant["price"]["currency"]))
    name = " · ".join(variant["options"].values())
    return f"{name} {price}".strip()


HANDLERS: list[Any] = [show_history]
