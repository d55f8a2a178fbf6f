"""The first page of one's account, name and language, confirming the e-mail address."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, Invalid, TooMany
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import LANGUAGES, OWN_NAMES, gettext
from fairground.market.accounts.actions.credentials import ask_verification, verify_email
from fairground.market.accounts.actions.profile import change_profile
from fairground.market.accounts.errors import LinkNotGood
from fairground.market.accounts.model import Person, PersonId
from fairground.market.accounts.queries import get_person
from fairground.market.orders.model import OrderState
from fairground.market.orders.queries.orders import count_open_of_buyer
from fairground.web.render import go, page
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]
ORDERS_BY_STATE: Final = (
    (OrderState.PLACED, "wallet", N_("To pay")),
    (OrderState.PAID, "package-open", N_("Being packed")),
    (OrderState.SHIPPED, "truck", N_("On its way")),
    (OrderState.RECEIVED, "star", N_("Received")),
)


class ProfileForm(msgspec.Struct):
    """Name and language."""

    name: str = ""
    language: str = ""


class TokenForm(msgspec.Struct):
    """The token from a letter."""

    token: str = ""


class OverviewView(msgspec.Struct, frozen=True):
    """The first page of an account."""

    person: Person
    name: str
    languages: list[tuple[str, str]]
    shortcuts: list[tuple[str, str, str, int]]  # address, icon, label, how many
    errors: Told = Told()


class ConfirmView(msgspec.Struct, frozen=True):
    """A page of one button, so that a mail program that opens links in advance confirms nothing."""

    action: str
    title: str
    text: str
    button: str
    token: str


def person_of(caller: Caller) -> PersonId:
    """Give the caller's id.

    Raises:
        NotSignedIn: a guest calls.
    """
    return PersonId(caller.need_person())


def confirm_page(request: AnyRequest, view: ConfirmView) -> Response[bytes]:
    """Answer with a page of one button."""
    return page(
        request,
        "storefront/account/confirm.html",
        title=view.title,
        headers={"referrer-policy": "no-referrer"},
        view=view,
    )


@get("/account", include_in_schema=False)
async def show_overview(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the account."""
    view = await db.read(lambda reader: _look(reader, person_of(caller)))
    return _overview_page(request, view)


async def _look(
    reader: Reader, person_id: PersonId, typed: str | None = None, errors: Told | None = None
) -> OverviewView:
    person = await get_person(reader, person_id)
    counts = await count_open_of_buyer(reader, person_id)
    shortcuts = [
        (f"/orders?state={state.value}", icon, gettext(label), counts.get(state, 0))
        for state, icon, label in ORDERS_BY_STATE
    ]
    return OverviewView(person, person.name if typed is None else typed, _languages(), shortcuts, errors or Told())


def _overview_page(request: AnyRequest, view: OverviewView, status: int = 200) -> Response[bytes]:
    title = gettext("My account")
    return page(request, "storefront/account/overview.html", title=title, status=status, view=view)


def _languages() -> list[tuple[str, str]]:
    return [(code, OWN_NAMES[code]) for code in LANGUAGES]


@post("/account/profile", include_in_schema=False)
async def do_profile(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Change name and language."""
    person_id, form = person_of(caller), await read_form(request, ProfileForm)
    try:
        await db.write(caller.actor, lambda tx: change_profile(tx, person_id, name=form.name, language=form.language))
    except Invalid as trouble:
        told = tell_fields(trouble)
        view = await db.read(lambda reader: _look(reader, person_id, form.name, told))
        return _overview_page(request, view, 422)
    return go(request, "/account", say=gettext("Saved."))


@post("/account/verification", include_in_schema=False)
async def do_ask_verification(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Send the letter that confirms the e-mail address once more."""
    person_id = person_of(caller)
    try:
        await db.write(caller.actor, lambda tx: ask_verification(tx, person_id, caller.address))
    except TooMany as trouble:
        return go(request, "/account", say=tell_fields(trouble).all[0][1], kind="mind")
    return go(request, "/account", say=gettext("The letter is on its way."))


@get("/account/verify", include_in_schema=False)
async def show_verify(request: AnyRequest) -> Response[bytes]:
    """Ask for one press before the address is confirmed."""
    return confirm_page(
        request,
        ConfirmView(
            "/account/verify",
            gettext("Confirm your e-mail address"),
            gettext("One press, and we know that this address is yours."),
            gettext("Confirm my e-mail address"),
            request.query_params.get("token", ""),
        ),
    )


@post("/account/verify", include_in_schema=False)
async def do_verify(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Confirm the address a link was sent to; whoever opened the letter need not be signed in here."""
    form = await read_form(request, TokenForm)
    try:
        await db.write(caller.actor, lambda tx: verify_email(tx, form.token))
    except LinkNotGood as trouble:
        return go(request, "/account", say=gettext(trouble.message), kind="mind")
    target = "/account" if caller.person_id is not None else "/"
    return go(request, target, say=gettext("Thank you! Your e-mail address is confirmed."))


HANDLERS = (show_overview, do_profile, do_ask_verification, show_verify, do_verify)
