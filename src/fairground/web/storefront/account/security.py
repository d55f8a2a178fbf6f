"""The safety of an account: password, e-mail address, devices."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid, TooMany, Trouble
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.market.accounts.actions.credentials import ask_email_change, change_email, change_password
from fairground.market.accounts.actions.sessions import end_session, end_sessions
from fairground.market.accounts.actions.sign_in import confirm_password
from fairground.market.accounts.errors import EmailTaken, LinkNotGood
from fairground.market.accounts.model import Person, Session, SessionId
from fairground.market.accounts.queries import get_person, list_sessions
from fairground.web.render import go, page
from fairground.web.storefront.account.overview import ConfirmView, TokenForm, confirm_page, person_of
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]
PAGE = "/account/security"


class PasswordForm(msgspec.Struct):
    """A new password, with the old one."""

    old_password: str = ""
    new_password: str = ""


class EmailForm(msgspec.Struct):
    """Another e-mail address, with the password."""

    email: str = ""
    password: str = ""


class SecurityView(msgspec.Struct, frozen=True):
    """What keeps an account safe. `email` is what was typed for a new address."""

    person: Person
    sessions: list[Session]
    current: SessionId | None
    email: str = ""
    errors: Told = Told()


@get(PAGE, include_in_schema=False)
async def show_security(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show password, e-mail address and devices."""
    return await _security_page(request, caller, db)


async def _security_page(
    request: AnyRequest, caller: Caller, db: Database, trouble: Trouble | None = None, field: str = "", email: str = ""
) -> Response[bytes]:
    person_id = person_of(caller)
    current = None if caller.session_id is None else SessionId(caller.session_id)

    async def look(reader: Reader) -> tuple[Person, list[Session]]:
        return await get_person(reader, person_id), await list_sessions(reader, person_id)

    person, sessions = await db.read(look)
    told = Told() if trouble is None else tell_fields(trouble, field)
    status = 200 if trouble is None else 429 if isinstance(trouble, TooMany) else 422
    view = SecurityView(person, sessions, current, email, told)
    return page(request, "storefront/account/security.html", title=gettext("Safety"), status=status, view=view)


@post("/account/password", include_in_schema=False)
async def do_password(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Change the password."""
    person_id, form = person_of(caller), await read_form(request, PasswordForm)
    kept = None if caller.session_id is None else SessionId(caller.session_id)
    try:
        await change_password(
            db, person_id, form.old_password, form.new_password, session_id=kept, network=caller.address
        )
    except (Invalid, TooMany) as trouble:
        return await _security_page(request, caller, db, trouble, "old_password")
    return go(request, PAGE, say=gettext("Your password is changed; your other devices are signed out."))


@post("/account/email-change", include_in_schema=False)
async def do_ask_email(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Ask for another e-mail address."""
    person_id, form = person_of(caller), await read_form(request, EmailForm)
    try:
        await confirm_password(db, person_id, form.password, network=caller.address)
        await db.write(caller.actor, lambda tx: ask_email_change(tx, person_id, form.email))
    except (Invalid, TooMany) as trouble:
        return await _security_page(request, caller, db, trouble, "password", form.email)
    except EmailTaken as trouble:
        return await _security_page(request, caller, db, trouble, "email", form.email)
    return go(request, PAGE, say=gettext("Please look into your new mailbox: a letter with a button waits there."))


@get("/account/email", include_in_schema=False)
async def show_email(request: AnyRequest) -> Response[bytes]:
    """Ask for one press before the address is changed."""
    return confirm_page(
        request,
        ConfirmView(
            "/account/email",
            gettext("Use this e-mail address"),
            gettext("One press, and your account uses this address from now on."),
            gettext("Use this address"),
            request.query_params.get("token", ""),
        ),
    )


@post("/account/email", include_in_schema=False)
async def do_email(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Change the e-mail address by the link."""
    form = await read_form(request, TokenForm)
    target = PAGE if caller.person_id is not None else "/"
    try:
        await db.write(caller.actor, lambda tx: change_email(tx, form.token))
    except (LinkNotGood, EmailTaken) as trouble:
        return go(request, target, say=gettext(trouble.message), kind="mind")
    return go(request, target, say=gettext("Your e-mail address is changed."))


@post("/account/sessions/{session_id:str}/end", include_in_schema=False)
async def do_end_session(
    request: AnyRequest, session_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Sign one device out."""
    person_id, ended = person_of(caller), an_id(SessionId, session_id)
    await db.write(caller.actor, lambda tx: end_session(tx, person_id, ended))
    return go(request, PAGE, say=gettext("That device is signed out."))


@post("/account/sessions/end-others", include_in_schema=False)
async def do_end_others(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Sign all other devices out."""
    person_id = person_of(caller)
    kept = None if caller.session_id is None else SessionId(caller.session_id)
    await db.write(caller.actor, lambda tx: end_sessions(tx, person_id, but=kept))
    return go(request, PAGE, say=gettext("All other devices are signed out."))


HANDLERS = (show_security, do_password, do_ask_email, show_email, do_email, do_end_session, do_end_others)
