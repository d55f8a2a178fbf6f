"""People, by API: register, sign in, addresses, what one may know and change about oneself."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from fairground.kit.db import Database
from fairground.kit.http.caller import Caller, an_id
from fairground.market.accounts.actions import addresses, credentials
from fairground.market.accounts.actions.addresses import AddressWish
from fairground.market.accounts.actions.closing import Leaving, close_account, export_personal_data
from fairground.market.accounts.actions.profile import change_profile
from fairground.market.accounts.actions.registration import Registration, register
from fairground.market.accounts.actions.sessions import end_session, end_sessions
from fairground.market.accounts.actions.sign_in import Credentials, confirm_password, sign_in
from fairground.market.accounts.model import Address, AddressId, Person, PersonId, Session, SessionId, StaffRole
from fairground.market.accounts.queries import get_address, get_person, list_addresses, list_sessions


class NewAccount(msgspec.Struct):
    """Who registers."""

    email: str
    password: str
    name: str
    language: str | None = None


class SignIn(msgspec.Struct):
    """Who signs in."""

    email: str
    password: str


class Me(msgspec.Struct):
    """What a person sees of themselves."""

    id: PersonId
    email: str
    name: str
    language: str
    is_verified: bool
    staff_role: StaffRole | None
    created_at: datetime


class Token(msgspec.Struct):
    """A sign-in; send the token as `Authorization: Bearer`."""

    token: str
    expires_at: datetime


class SessionView(msgspec.Struct):
    """One open sign-in. `is_current`: the one that asks."""

    id: SessionId
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_current: bool


class AddressView(msgspec.Struct):
    """Where a parcel may go; parts a country does not use are empty."""

    id: AddressId
    name: str
    phone: str
    country: str
    region: str
    city: str
    district: str
    lines: list[str]
    postal_code: str
    is_default: bool


class Sessions(msgspec.Struct):
    """Open sign-ins, the last seen first."""

    items: list[SessionView]
    next: None = None


class Addresses(msgspec.Struct):
    """A whole address book, the default first."""

    items: list[AddressView]
    next: None = None


class ProfileChange(msgspec.Struct):
    """What to change about oneself; what is left out stays."""

    name: str | None = None
    language: str | None = None


class PasswordChange(msgspec.Struct):
    """A new password, with the old one."""

    old_password: str
    new_password: str


class EmailChange(msgspec.Struct):
    """A wish for another e-mail address, with the password."""

    email: str
    password: str


class LinkUse(msgspec.Struct):
    """The token from a letter's link."""

    token: str


class ResetWish(msgspec.Struct):
    """Whose password is forgotten."""

    email: str


class Reset(msgspec.Struct):
    """A new password, by the token from the letter."""

    token: str
    password: str


class Password(msgspec.Struct):
    """The password, told again."""

    password: str


def person_of(caller: Caller) -> PersonId:
    """Give the caller's id.

    Raises:
        NotSignedIn: a guest calls.
    """
    return PersonId(caller.need_person())


def _me(person: Person) -> Me:
    return Me(
        person.id,
        person.email,
        person.name,
        person.language,
        person.is_verified,
        person.staff_role,
        person.created_at,
    )


def _address(address: Address) -> AddressView:
    return AddressView(address.id, **address.as_frozen(), is_default=address.is_default)


def _session(session: Session, caller: Caller) -> SessionView:
    return SessionView(
        session.id,
        session.device,
        session.created_at,
        session.seen_at,
        session.expires_at,
        session.id == caller.session_id,
    )


@post("/api/v1/accounts", tags=["People"])
async def create_account(
    data: JSONBody[NewAccount], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Me:
    """Register somebody and send the letter that confirms the e-mail address."""
    wish = Registration(data.email, data.password, data.name, data.language or caller.language)
    return _me(await register(db, wish))


@post("/api/v1/sessions", tags=["People"])
async def create_session(
    data: JSONBody[SignIn],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Token:
    """Sign in; too many tries answer 429 with `Retry-After`."""
    agent = request.headers.get("user-agent")
    session = await sign_in(db, Credentials(data.email, data.password, caller.address, agent))
    return Token(session.token, session.expires_at)


@delete("/api/v1/sessions/current", tags=["People"])
async def end_current_session(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> None:
    """Sign out."""
    person_id, session_id = person_of(caller), SessionId(caller.session_id or 0)
    await db.write(caller.actor, lambda tx: end_session(tx, person_id, session_id))


@get("/api/v1/me", tags=["People"])
async def show_me(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Me:
    """Show the person who is signed in."""
    person_id = person_of(caller)
    return _me(await db.read(lambda reader: get_person(reader, person_id)))


@patch("/api/v1/me", tags=["People"])
async def change_me(
    data: JSONBody[ProfileChange], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Me:
    """Change name or language."""
    person_id = person_of(caller)
    return _me(
        await db.write(caller.actor, lambda tx: change_profile(tx, person_id, name=data.name, language=data.language))
    )


@get("/api/v1/me/sessions", tags=["People"])
async def show_sessions(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Sessions:
    """List the open sign-ins."""
    person_id = person_of(caller)
    return Sessions([_session(s, caller) for s in await db.read(lambda reader: list_sessions(reader, person_id))])


@delete("/api/v1/me/sessions/{session_id:str}", tags=["People"])
async def end_one_session(
    session_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> None:
    """Sign one device out."""
    person_id, ended = person_of(caller), an_id(SessionId, session_id)
    await db.write(caller.actor, lambda tx: end_session(tx, person_id, ended))


@delete("/api/v1/me/sessions", tags=["People"])
async def end_other_sessions(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> None:
    """Sign all other devices out."""
    person_id, kept = person_of(caller), SessionId(caller.session_id or 0)
    await db.write(caller.actor, lambda tx: end_sessions(tx, person_id, but=kept))


@put("/api/v1/me/password", status_code=204, tags=["People"])
async def replace_password(
    data: JSONBody[PasswordChange], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> None:
    """Change the password; all other devices are signed out."""
    session_id = SessionId(caller.session_id or 0)
    await credentials.change_password(
        db, person_of(caller), data.old_password, data.new_password, session_id=session_id, network=caller.address
    )


@post("/api/v1/me/email", status_code=204, tags=["People"])
async def ask_for_email(
    data: JSONBody[EmailChange], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> None:
    """Ask for another e-mail address; a link is sent there, and word of it to the old one."""
    person_id = person_of(caller)
    await confirm_password(db, person_id, data.password, network=caller.address)
    await db.write(caller.actor, lambda tx: credentials.ask_email_change(tx, person_id, data.email))


@post("/api/v1/email-changes", tags=["People"])
async def use_email_link(data: JSONBody[LinkUse], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Me:
    """Change the e-mail address by the token from the letter."""
    return _me(await db.write(caller.actor, lambda tx: credentials.change_email(tx, data.token)))


@post("/api/v1/me/verifications", status_code=204, tags=["People"])
async def ask_for_verification(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> None:
    """Send the letter that confirms the e-mail address once more."""
    person_id = person_of(caller)
    await db.write(caller.actor, lambda tx: credentials.ask_verification(tx, person_id, caller.address))


@post("/api/v1/verifications", status_code=204, tags=["People"])
async def use_verification(
    data: JSONBody[LinkUse], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> None:
    """Confirm an e-mail address by the token from the letter."""
    await db.write(caller.actor, lambda tx: credentials.verify_email(tx, data.token))


@post("/api/v1/password-resets", status_code=204, tags=["People"])
async def ask_for_reset(
    data: JSONBody[ResetWish], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> None:
    """Send the letter that lets somebody choose a new password; answers the same for an unknown address."""
    await db.write(caller.actor, lambda tx: credentials.ask_password_reset(tx, data.email, caller.address))


@put("/api/v1/password-resets", status_code=204, tags=["People"])
async def use_reset(data: JSONBody[Reset], db: NamedDependency[Database]) -> None:
    """Choose a new password by the token from the letter; all devices are signed out."""
    await credentials.reset_password(db, data.token, data.password)


@get("/api/v1/me/addresses", tags=["People"])
async def show_addresses(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Addresses:
    """List the address book."""
    person_id = person_of(caller)
    return Addresses([_address(a) for a in await db.read(lambda reader: list_addresses(reader, person_id))])


@post("/api/v1/me/addresses", tags=["People"])
async def create_address(
    data: JSONBody[AddressWish], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> AddressView:
    """Add an address; the first one is the default."""
    person_id = person_of(caller)
    return _address(await db.write(caller.actor, lambda tx: addresses.add_address(tx, person_id, data)))


@get("/api/v1/me/addresses/{address_id:str}", tags=["People"])
async def show_address(
    address_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> AddressView:
    """Show one address."""
    person_id, wanted = person_of(caller), an_id(AddressId, address_id)
    return _address(await db.read(lambda reader: get_address(reader, person_id, wanted)))


@put("/api/v1/me/addresses/{address_id:str}", tags=["People"])
async def replace_address(
    address_id: FromPath[str],
    data: JSONBody[AddressWish],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> AddressView:
    """Change an address; orders keep their own copy."""
    person_id, wanted = person_of(caller), an_id(AddressId, address_id)
    return _address(await db.write(caller.actor, lambda tx: addresses.change_address(tx, person_id, wanted, data)))


@delete("/api/v1/me/addresses/{address_id:str}", tags=["People"])
async def remove_address(
    address_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> None:
    """Delete an address."""
    person_id, wanted = person_of(caller), an_id(AddressId, address_id)
    await db.write(caller.actor, lambda tx: addresses.delete_address(tx, person_id, wanted))


@get("/api/v1/me/data", tags=["People"])
async def export_me(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> dict[str, Any]:
    """Give all that is known about the person, by room."""
    person_id, exporters = person_of(caller), db.given(Leaving).exporters
    return await db.read(lambda reader: export_personal_data(reader, person_id, exporters))


@post("/api/v1/me/closure", status_code=204, tags=["People"])
async def close_me(data: JSONBody[Password], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> None:
    """Close the account: name, addresses and sign-ins go, the books stay."""
    person_id, hindrances = person_of(caller), db.given(Leaving).hindrances
    await confirm_password(db, person_id, data.password, network=caller.address)
    await db.write(caller.actor, lambda tx: close_account(tx, person_id, hindrances))


HANDLERS = (
    create_account, create_session, end_current_session, show_me, change_me, show_sessions, end_one_session,
    end_other_sessions, replace_password, ask_for_email, use_email_link, ask_for_verification, use_verification,
    ask_for_reset, use_reset, show_addresses, create_address, show_address, replace_address, remove_address,
    export_me, close_me,
)  # fmt: skip
