"""The way in: one's shops, invitations to work in one, and the short form that opens a new one."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Conflict, Invalid
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext, language
from fairground.kit.postal import country_choices
from fairground.market.accounts.model import PersonId
from fairground.market.shops.actions.opening import open_shop
from fairground.market.shops.actions.staff import join_shop, remove_staff
from fairground.market.shops.errors import ShopNotFound, SlugTaken
from fairground.market.shops.model import Membership, Role, ShopCard, ShopDraft, ShopId, ShopRules
from fairground.market.shops.queries import find_shop_by_slug, list_memberships, map_shops
from fairground.web.render import go, page, pages_of
from fairground.web.seller.frame import AnyRequest, enter_room, first_room
from fairground.web.seller.words import LANGUAGE_NAMES, ROLE_NAMES
from fairground.web.told import Told, tell_fields


class Place(msgspec.Struct, frozen=True):
    """A shop where somebody works, or is invited to."""

    card: ShopCard
    role: str
    href: str | None  # None while only invited


class ShopsView(msgspec.Struct, frozen=True):
    """Where somebody works."""

    places: list[Place]
    invitations: list[Place]


class OpenForm(msgspec.Struct):
    """The short form."""

    name: str = ""
    slug: str = ""
    about: str = ""
    country: str = ""
    language: str = ""


class OpenView(msgspec.Struct, frozen=True):
    """The short form as the page shows it."""

    form: OpenForm
    countries: list[tuple[str, str]]
    languages: list[tuple[str, str]]
    name_most: int
    about_most: int
    address: str
    errors: Told = Told()


@get("/seller", include_in_schema=False)
async def show_shops(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Lead to one's shop, let choose among several, or show how to open one."""
    person_id = caller.need_person()

    async def look(reader: Reader) -> tuple[list[Membership], dict[ShopId, ShopCard]]:
        memberships = await list_memberships(reader, person_id)
        return memberships, await map_shops(reader, [m.shop_id for m in memberships])

    memberships, cards = await db.read(look)
    if not memberships:
        return go(request, "/seller/open")
    if len(memberships) == 1 and memberships[0].joined_at is not None:
        return go(request, f"/seller/{memberships[0].slug}/rooms")
    places = [_place(m, cards[m.shop_id]) for m in memberships if m.shop_id in cards]
    view = ShopsView([p for p in places if p.href], [p for p in places if not p.href])
    return page(request, "seller/shop/shops.html", title=gettext("Your shops"), view=view)


def _place(membership: Membership, card: ShopCard) -> Place:
    # The shop's own address leads on to the first room that the role may enter.
    href = f"/seller/{card.slug}/rooms" if membership.joined_at is not None else None
    return Place(card, gettext(ROLE_NAMES[membership.role]), href)


@get("/seller/{slug:str}/rooms", include_in_schema=False)
async def show_rooms(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Lead into a shop, to the first room of one's role."""
    room = await db.read(lambda reader: enter_room(reader, caller, slug))
    return go(request, first_room(request, room))


@get("/seller/open", include_in_schema=False)
async def show_open(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the short form."""
    caller.need_person()
    place = pages_of(request).place
    form = OpenForm(country=place.country, language=caller.language)
    return _open_page(request, db, form)


@post("/seller/open", include_in_schema=False)
async def open_it(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Open a shop, and go straight to its first product."""
    owner_id = PersonId(caller.need_person())
    form = await read_form(request, OpenForm)
    draft = ShopDraft(
        name=form.name,
        slug=form.slug or None,
        about=form.about,
        country=form.country or None,
        language=form.language or None,
    )
    try:
        shop = await db.write(caller.actor, lambda tx: open_shop(tx, owner_id, draft))
    except SlugTaken as trouble:
        return _open_page(request, db, form, tell_fields(trouble, "slug"), 409)
    except (Invalid, Conflict) as trouble:
        return _open_page(request, db, form, tell_fields(trouble, "name"), 422)
    say = gettext("Your shop is open. Now set something out.")
    return go(request, f"/seller/{shop.slug}/goods/new", say=say)


def _open_page(
    request: AnyRequest, db: Database, form: OpenForm, errors: Told | None = None, status: int = 200
) -> Response[bytes]:
    rules = db.given(ShopRules)
    view = OpenView(
        form,
        country_choices(language()),
        list(LANGUAGE_NAMES.items()),
        rules.name_most,
        rules.about_most,
        pages_of(request).place.url + "/s/",
        errors or Told(),
    )
    return page(request, "seller/shop/open.html", title=gettext("Open a shop"), status=status, view=view)


async def _invited(db: Database, caller: Caller, slug: str) -> tuple[ShopId, PersonId]:
    person_id = PersonId(caller.need_person())
    shop = await db.read(lambda reader: find_shop_by_slug(reader, slug))
    if shop is None:
        raise ShopNotFound
    return shop.id, person_id


@post("/seller/{slug:str}/invitation/yes", include_in_schema=False)
async def join(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Take an invitation."""
    shop_id, person_id = await _invited(db, caller, slug)
    role: Role = await db.write(caller.actor, lambda tx: join_shop(tx, shop_id, person_id))
    say = gettext("Welcome. You work here as %(role)s.") % {"role": gettext(ROLE_NAMES[role])}
    return go(request, f"/seller/{slug}/rooms", say=say)


@post("/seller/{slug:str}/invitation/no", include_in_schema=False)
async def decline(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Decline an invitation, or leave."""
    shop_id, person_id = await _invited(db, caller, slug)
    await db.write(caller.actor, lambda tx: remove_staff(tx, shop_id, person_id))
    return go(request, "/seller", say=gettext("Done. You do not work there."))


HANDLERS: list[Any] = [show_shops, show_rooms, show_open, open_it, join, decline]
