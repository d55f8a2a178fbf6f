"""In and out: register, sign in, sign out, a forgotten password."""

import contextlib
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from fairground.kit.db import Database
from fairground.kit.errors import Invalid, TooMany
from fairground.kit.http.caller import Caller
from fairground.kit.http.cookies import no_session, session_cookie
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext, say
from fairground.market.accounts.actions.credentials import ask_password_reset, reset_password
from fairground.market.accounts.actions.registration import Registration, register
from fairground.market.accounts.actions.sessions import end_session
from fairground.market.accounts.actions.sign_in import Credentials, sign_in
from fairground.market.accounts.errors import (
    AccountSuspended,
    EmailTaken,
    LinkNotGood,
    SessionNotFound,
    SignInRefused,
)
from fairground.market.accounts.model import LinkPurpose, NewSession, PersonId, SessionId
from fairground.market.accounts.queries import find_good_link, get_person
from fairground.web.render import go, own_path, page, pages_of
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]


class RegisterForm(msgspec.Struct):
    """The form to register with."""

    email: str = ""
    password: str = ""
    name: str = ""
    next: str | None = None


class SignInForm(msgspec.Struct):
    """The form to sign in with."""

    email: str = ""
    password: str = ""
    next: str | None = None


class ForgotForm(msgspec.Struct):
    """The form for a forgotten password."""

    email: str = ""


class ResetForm(msgspec.Struct):
    """The form for a new password."""

    token: str = ""
    password: str = ""


class EnterView(msgspec.Struct, frozen=True):
    """What the pages of coming in show again; never a password."""

    email: str = ""
    name: str = ""
    next: str = "/"
    token: str = ""
    errors: Told = Told()
    suspended: str | None = None  # why somebody whose password was right may not come in


def signed_in(request: AnyRequest, db: Database, session: NewSession, path: str, say: str | None) -> Response[bytes]:
    """Send somebody on with the cookie of a session just opened."""
    answer = go(request, path, say=say)
    secure = pages_of(request).secure_cookies
    answer.set_cookie(session_cookie(session.token, session.expires_at, db.clock.now(), secure=secure))
    return answer


@get("/register", include_in_schema=False)
async def show_register(request: AnyRequest, caller: NamedDependency[Caller]) -> Response[bytes]:
    """Show the form to register."""
    target = own_path(request.query_params.get("next"))
    if caller.person_id is not None:
        return go(request, target)
    return _register_page(request, EnterView(next=target))


def _register_page(request: AnyRequest, view: EnterView, status: int = 200) -> Response[bytes]:
    return page(request, "storefront/account/register.html", title=gettext("Join the fair"), status=status, view=view)


@post("/register", include_in_schema=False)
async def do_register(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Register somebody and sign them in at once."""
    form = await read_form(request, RegisterForm)
    try:
        person = await register(db, Registration(form.email, form.password, form.name, caller.language))
    except (Invalid, EmailTaken) as trouble:
        told = tell_fields(trouble, "email")
        return _register_page(request, EnterView(form.email, form.name, own_path(form.next), errors=told), 422)
    session = await sign_in(db, Credentials(person.email, form.password, caller.address, caller.agent))
    words = gettext("Welcome! We have sent you a letter; please confirm your e-mail address when you find it.")
    return signed_in(request, db, session, own_path(form.next), words)


@get("/sign-in", include_in_schema=False)
async def show_sign_in(request: AnyRequest, caller: NamedDependency[Caller]) -> Response[bytes]:
    """Show the form to sign in."""
    target = own_path(request.query_params.get("next"))
    if caller.person_id is not None:
        return go(request, target)
    return _sign_in_page(request, EnterView(next=target))


def _sign_in_page(
    request: AnyRequest, view: EnterView, status: int = 200, retry_after: int | None = None
) -> Response[bytes]:
    return page(
        request,
        "storefront/account/sign_in.html",
        title=gettext("Sign in"),
        status=status,
        headers={"retry-after": str(retry_after)} if retry_after else None,
        view=view,
    )


def _suspended_page(request: AnyRequest, view: EnterView, trouble: AccountSuspended) -> Response[bytes]:
    words = say(trouble.message, trouble.params)
    return _sign_in_page(request, msgspec.structs.replace(view, suspended=words), 403)


@post("/sign-in", include_in_schema=False)
async def do_sign_in(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Sign somebody in."""
    form = await read_form(request, SignInForm)
    view = EnterView(form.email, next=own_path(form.next))
    try:
        session = await sign_in(db, Credentials(form.email, form.password, caller.address, caller.agent))
    except AccountSuspended as trouble:
        return _suspended_page(request, view, trouble)
    except SignInRefused as trouble:
        return _sign_in_page(request, msgspec.structs.replace(view, errors=tell_fields(trouble, "password")), 422)
    except TooMany as trouble:
        told = msgspec.structs.replace(view, errors=tell_fields(trouble))
        return _sign_in_page(request, told, 429, trouble.retry_after)
    return signed_in(request, db, session, view.next, None)


@post("/sign-out", include_in_schema=False)
async def do_sign_out(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Sign out; one who is out already is sent the same way."""
    if caller.person_id is not None and caller.session_id is not None:
        person_id, session_id = PersonId(caller.person_id), SessionId(caller.session_id)
        with contextlib.suppress(SessionNotFound):  # ended in another window a moment ago
            await db.write(caller.actor, lambda tx: end_session(tx, person_id, session_id))
    answer = go(request, "/", say=gettext("You are signed out. See you soon!"))
    answer.set_cookie(no_session(secure=pages_of(request).secure_cookies))
    return answer


@get("/forgot", include_in_schema=False)
async def show_forgot(request: AnyRequest) -> Response[bytes]:
    """Show the form for a forgotten password."""
    return _forgot_page(request, EnterView())


def _forgot_page(request: AnyRequest, view: EnterView, status: int = 200) -> Response[bytes]:
    return page(
        request, "storefront/account/forgot.html", title=gettext("Forgotten password"), status=status, view=view
    )


@post("/forgot", include_in_schema=False)
async def do_forgot(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Send the letter for a new password, and say the same whether or not there is such an account."""
    form = await read_form(request, ForgotForm)
    try:
        await db.write(caller.actor, lambda tx: ask_password_reset(tx, form.email, caller.address))
    except TooMany as trouble:
        return _forgot_page(request, EnterView(form.email, errors=tell_fields(trouble)), 429)
    words = gettext("If there is an account with this address, a letter is on its way to it.")
    return go(request, "/sign-in", say=words)


@get("/reset", include_in_schema=False)
async def show_reset(request: AnyRequest, db: NamedDependency[Database]) -> Response[bytes]:
    """Show the form for a new password, if the link is still good."""
    token = request.query_params.get("token", "")
    if await db.read(lambda reader: find_good_link(reader, token, LinkPurpose.RESET)) is None:
        return go(request, "/forgot", say=gettext(LinkNotGood.message), kind="mind")
    return _reset_page(request, EnterView(token=token))


def _reset_page(request: AnyRequest, view: EnterView, status: int = 200) -> Response[bytes]:
    return page(
        request,
        "storefront/account/reset.html",
        title=gettext("Choose a new password"),
        status=status,
        headers={"referrer-policy": "no-referrer"},
        view=view,
    )


@post("/reset", include_in_schema=False)
async def do_reset(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Set the new password and sign the person in."""
    form = await read_form(request, ResetForm)
    try:
        person_id = await reset_password(db, form.token, form.password)
    except LinkNotGood as trouble:
        return go(request, "/forgot", say=gettext(trouble.message), kind="mind")
    except Invalid as trouble:
        return _reset_page(request, EnterView(token=form.token, errors=tell_fields(trouble)), 422)
    person = await db.read(lambda reader: get_person(reader, person_id))
    try:
        session = await sign_in(db, Credentials(person.email, form.password, caller.address, caller.agent))
    except AccountSuspended as trouble:
        return _suspended_page(request, EnterView(person.email), trouble)
    return signed_in(request, db, session, "/account", gettext("You have a new password, and you are signed in."))


HANDLERS = (
    show_register, do_register, show_sign_in, do_sign_in, do_sign_out, show_forgot, do_forgot, show_reset, do_reset,
)  # fmt: skip
