"""Sign in, and show again that one is who one is. The slow hashing happens between short transactions."""

from typing import Final

import msgspec

from fairground.kit.actor import GUEST, person
from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, say
from fairground.kit.passwords import Passwords
from fairground.kit.place import Place
from fairground.market.accounts.actions.sessions import open_session
from fairground.market.accounts.actions.throttles import count_sign_in, forgive_tries
from fairground.market.accounts.errors import AccountSuspended, PasswordWrong, SignInRefused
from fairground.market.accounts.model import NewSession, PersonId
from fairground.market.accounts.queries import find_owner_of_email, find_password_hash, get_person

UNTIL: Final = N_("until %(end)s")
UNTIL_LIFTED: Final = N_("until our people lift it")


class Credentials(msgspec.Struct, frozen=True):
    """What somebody tells to sign in, and from where: the network address and the browser's own words."""

    email: str
    password: str
    network: str = ""
    user_agent: str | None = None


async def sign_in(db: Database, told: Credentials) -> NewSession:
    """Open a session for e-mail address and password. An unknown address takes as long as a wrong password.

    Raises:
        TooManyTries: for this e-mail or from this network address.
        SignInRefused: they do not belong together.
        AccountSuspended: they do, and the desk keeps the person out.
    """
    await db.write(GUEST, lambda tx: count_sign_in(tx, told.email, told.network))
    found = await db.read(lambda reader: _find_credentials(reader, told.email))
    passwords = db.given(Passwords)
    right = await passwords.verify(found[1] if found else None, told.password)
    if found is None or not right:
        raise SignInRefused
    person_id, kept = found
    await db.read(lambda reader: check_welcome(reader, person_id))
    fresh = await passwords.hash(told.password) if passwords.needs_rehash(kept) else None
    return await db.write(person(person_id), lambda tx: _let_in(tx, person_id, told, kept, fresh))


async def _find_credentials(reader: Reader, email: str) -> tuple[PersonId, str] | None:
    person_id = await find_owner_of_email(reader, email)
    kept = None if person_id is None else await find_password_hash(reader, person_id)
    return None if person_id is None or kept is None else (person_id, kept)


async def check_welcome(reader: Reader, person_id: PersonId) -> None:
    """Make sure that the desk does not keep a person out.

    Raises:
        AccountSuspended: with the reason, in the reader's language.
    """
    suspension = (await get_person(reader, person_id)).suspension
    if suspension is None:
        return
    how_long = gettext(UNTIL_LIFTED)
    if suspension.until is not None:
        end = formats.date_time(suspension.until, formats.zone(reader.given(Place).time_zone))
        how_long = say(UNTIL, {"end": end})
    raise AccountSuspended(how_long=how_long, reason=suspension.reason)


async def _let_in(tx: Tx, person_id: PersonId, told: Credentials, kept: str, fresh: str | None) -> NewSession:
    # The password may have been changed while the old one was being checked: then it opens nothing any more.
    unchanged = await tx.execute(
        """
        update accounts.people set password_hash = coalesce($4, password_hash)
         where bucket = $1 and id = $2 and password_hash = $3 and suspended_at is null
        """,
        person_id.bucket,
        person_id,
        kept,
        fresh,
    )
    if not unchanged:
        raise SignInRefused
    await forgive_tries(tx, told.email, told.network)
    return await open_session(tx, person_id, told.user_agent)


async def confirm_password(
    db: Database, person_id: PersonId, password: str, *, network: str = "", pointer: str = "/password"
) -> str:
    """Have the password told again before a deed that matters (payout details, closing); counted like sign-ins.

    Gives the kept hash, so that the deed can make sure that it has not changed since. `pointer` is where the
    password stood in the body.

    Raises:
        TooManyTries, PasswordWrong, PersonNotFound
    """
    known = await db.read(lambda reader: get_person(reader, person_id))
    await db.write(person(person_id), lambda tx: count_sign_in(tx, known.email, network))
    kept = await db.read(lambda reader: find_password_hash(reader, person_id))
    if kept is None or not await db.given(Passwords).verify(kept, password):
        raise PasswordWrong(pointer)
    await db.write(person(person_id), lambda tx: forgive_tries(tx, known.email, network))
    return kept
