"""The address book. Each country has its own form; choosing another one changes the fields."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database
from fairground.kit.errors import Conflict, Invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext, language
from fairground.kit.place import Place
from fairground.kit.postal import (
    address_form,
    country_choices,
    is_country,
    regions,
    written_phone,
)
from fairground.market.accounts.actions.addresses import (
    AddressWish,
    add_address,
    change_address,
    choose_default,
    delete_address,
)
from fairground.market.accounts.model import AddressId
from fairground.market.accounts.queries import get_address, list_addresses
from fairground.web.render import go, own_path, page, part
from fairground.web.storefront.account.overview import person_of
from fairground.web.storefront.checkout.view import address_lines
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]
PAGE: Final = "/account/addresses"
_FILLED_BY: Final = {
    "name": "name",
    "phone": "tel",
    "region": "address-level1",
    "city": "address-level2",
    "district": "address-level3",
    "lines": "street-address",
    "postal_code": "postal-code",
}


class AddressForm(msgspec.Struct):
    """An address as its form sends it: the lines in one field."""

    name: str = ""
    phone: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    district: str = ""
    lines: str = ""
    postal_code: str = ""
    is_default: str | None = None
    next: str | None = None

    def as_wish(self) -> AddressWish:
        """Give the address that is wished."""
        return AddressWish(
            self.name,
            self.phone,
            self.country,
            self.region,
            self.city,
            self.district,
            self.lines.splitlines(),
            self.postal_code,
            self.is_default is not None,
        )


class AddressField(msgspec.Struct, frozen=True):
    """One field of a country's form; `options` where there is a list to choose from."""

    name: str
    label: str
    value: str
    required: bool
    autocomplete: str
    options: list[tuple[str, str]]
    error: str | None


class AddressCard(msgspec.Struct, frozen=True):
    """An address as it would stand on a parcel."""

    id: AddressId
    name: str
    lines: list[str]
    phone: str
    is_default: bool


class BookView(msgspec.Struct, frozen=True):
    """The whole address book."""

    addresses: list[AddressCard]


class FormView(msgspec.Struct, frozen=True):
    """The form of one address. `address_id` is None for a new one."""

    action: str
    countries: list[tuple[str, str]]
    country: str
    fields: list[AddressField]
    is_default: bool
    next: str
    address_id: AddressId | None = None
    errors: Told = Told()


def address_fields(country: str, values: AddressForm, told: Told) -> list[AddressField]:
    """List the fields of a country's form with what was typed and what is wrong."""
    return [
        AddressField(
            field.name,
            gettext(field.label),
            getattr(values, field.name),
            field.required,
            _FILLED_BY[field.name],
            regions(country) if field.name == "region" else [],
            told.at(field.name),
        )
        for field in address_form(country)
    ]


def _form_view(
    db: Database, values: AddressForm, action: str, address_id: AddressId | None = None, told: Told | None = None
) -> FormView:
    country = values.country.upper()
    country = country if is_country(country) else db.given(Place).country
    told = told or Told()
    return FormView(
        action,
        country_choices(language()),
        country,
        address_fields(country, values, told),
        values.is_default is not None,
        own_path(values.next, PAGE),
        address_id,
        told,
    )


def _form_page(request: AnyRequest, view: FormView, status: int = 200) -> Response[bytes]:
    title = gettext("New address") if view.address_id is None else gettext("Change address")
    return page(request, "storefront/account/address.html", title=title, status=status, view=view)


@get(PAGE, include_in_schema=False)
async def show_addresses(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the address book."""
    person_id = person_of(caller)
    book = await db.read(lambda reader: list_addresses(reader, person_id))
    view = BookView(
        [
            AddressCard(a.id, a.name, address_lines(a.as_frozen()), written_phone(a.phone, a.country), a.is_default)
            for a in book
        ]
    )
    return page(request, "storefront/account/addresses.html", title=gettext("Addresses"), view=view)


@get("/account/addresses/new", include_in_schema=False)
async def show_new_address(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the form for a new address, in a country's own order."""
    person_of(caller)
    values = AddressForm(
        name=caller.name, country=request.query_params.get("country", ""), next=request.query_params.get("next")
    )
    return _form_page(request, _form_view(db, values, "/account/addresses/new"))


@get("/account/addresses/fields", include_in_schema=False)
async def show_fields(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show only the fields of a country, with what has been typed so far."""
    person_of(caller)
    known = {name: request.query_params[name] for name in AddressForm.__struct_fields__ if name in request.query_params}
    return part(request, "storefront/account/_fields.html", view=_form_view(db, AddressForm(**known), ""))


@post("/account/addresses/new", include_in_schema=False)
async def do_add_address(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Add an address."""
    person_id, form = person_of(caller), await read_form(request, AddressForm)
    try:
        await db.write(caller.actor, lambda tx: add_address(tx, person_id, form.as_wish()))
    except (Invalid, Conflict) as trouble:
        told = tell_fields(trouble)
        return _form_page(request, _form_view(db, form, "/account/addresses/new", told=told), 422)
    return go(request, own_path(form.next, PAGE), say=gettext("The address is in your book."))


@get("/account/addresses/{address_id:str}", include_in_schema=False)
async def show_one_address(
    request: AnyRequest, address_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the form of an address."""
    person_id, wanted = person_of(caller), an_id(AddressId, address_id)
    address = await db.read(lambda reader: get_address(reader, person_id, wanted))
    country = request.query_params.get("country", address.country)
    values = AddressForm(
        **{**address.as_frozen(), "lines": "\n".join(address.lines), "country": country},
        is_default="1" if address.is_default else None,
        next=request.query_params.get("next"),
    )
    return _form_page(request, _form_view(db, values, f"{PAGE}/{wanted}", wanted))


@post("/account/addresses/{address_id:str}", include_in_schema=False)
async def do_change_address(
    request: AnyRequest, address_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Change an address."""
    person_id, wanted = person_of(caller), an_id(AddressId, address_id)
    form = await read_form(request, AddressForm)
    try:
        await db.write(caller.actor, lambda tx: change_address(tx, person_id, wanted, form.as_wish()))
    except Invalid as trouble:
        view = _form_view(db, form, f"{PAGE}/{wanted}", wanted, tell_fields(trouble))
        return _form_page(request, view, 422)
    return go(request, own_path(form.next, PAGE), say=gettext("Saved."))


@post("/account/addresses/{address_id:str}/default", include_in_schema=False)
async def do_choose_default(
    request: AnyRequest, address_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Make an address the one that is proposed first."""
    person_id, wanted = person_of(caller), an_id(AddressId, address_id)
    await db.write(caller.actor, lambda tx: choose_default(tx, person_id, wanted))
    return go(request, PAGE, say=gettext("This address is proposed first from now on."))


@post("/account/addresses/{address_id:str}/deletion", include_in_schema=False)
async def do_delete_address(
    request: AnyRequest, address_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Delete an address."""
    person_id, wanted = person_of(caller), an_id(AddressId, address_id)
    await db.write(caller.actor, lambda tx: delete_address(tx, person_id, wanted))
    return go(request, PAGE, say=gettext("The address is gone from your book."))


HANDLERS = (
    show_addresses, show_new_address, show_fields, do_add_address, show_one_address, do_change_address,
    do_choose_default, do_delete_address,
)  # fmt: skip
