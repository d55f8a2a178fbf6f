"""Change how one signs in: the password, and the e-mail address with its confirmation."""

from fairground.kit.actor import GUEST, person
from fairground.kit.db import Database, Tx
from fairground.kit.errors import N_, Findings, invalid
from fairground.kit.events import publish
from fairground.kit.passwords import Passwords
from fairground.market.accounts.actions.links import make_link, use_link, void_links
from fairground.market.accounts.actions.registration import claim_email, free_email
from fairground.market.accounts.actions.sessions import end_sessions
from fairground.market.accounts.actions.sign_in import confirm_password
from fairground.market.accounts.actions.throttles import count_reset, forgive_tries
from fairground.market.accounts.errors import EmailTaken, LinkNotGood, PasswordWrong, PersonNotFound
from fairground.market.accounts.events import (
    EmailChangeAsked,
    EmailChanged,
    EmailVerificationAsked,
    EmailVerified,
    PasswordChanged,
    PasswordResetAsked,
)
from fairground.market.accounts.model import (
    Link,
    LinkPurpose,
    Person,
    PersonId,
    SessionId,
    check_password,
    email_key,
    read_email,
)
from fairground.market.accounts.queries import find_good_link, find_owner_of_email, get_person


async def ask_verification(tx: Tx, person_id: PersonId, network: str) -> None:
    """Send the letter that confirms the e-mail address once more; nothing for one confirmed already.

    Raises:
        TooManyTries, PersonNotFound
    """
    someone = await get_person(tx, person_id)
    if someone.is_closed or someone.is_verified:
        return
    await count_reset(tx, someone.email, network)
    link_id = await make_link(tx, person_id, LinkPurpose.VERIFY, someone.email)
    await publish(tx, EmailVerificationAsked(person_id=person_id, link_id=link_id))


async def verify_email(tx: Tx, token: str) -> PersonId:
    """Confirm the e-mail address that a link was sent to.

    Raises:
        LinkNotGood: also where the person's address is another one by now.
    """
    link = await use_link(tx, token, LinkPurpose.VERIFY)
    if not await _mark_verified(tx, link.person_id, link.email):
        raise LinkNotGood
    await publish(tx, EmailVerified(person_id=link.person_id))
    return link.person_id


async def _mark_verified(tx: Tx, person_id: PersonId, email: str) -> bool:
    return bool(
        await tx.execute(
            """
            update accounts.people set verified_at = coalesce(verified_at, $4)
             where bucket = $1 and id = $2 and email = $3
            """,
            person_id.bucket,
            person_id,
            email,
            tx.now,
        )
    )


async def ask_password_reset(tx: Tx, email: str, network: str) -> None:
    """Send the letter that lets somebody choose a new password. For an unknown address nothing is sent, or told.

    Raises:
        TooManyTries: for this e-mail, known or not, or from this network address.
    """
    await count_reset(tx, email, network)
    person_id = await find_owner_of_email(tx, email)
    if person_id is None:
        return
    someone = await get_person(tx, person_id)
    link_id = await make_link(tx, person_id, LinkPurpose.RESET, someone.email)
    await publish(tx, PasswordResetAsked(person_id=person_id, link_id=link_id))


async def reset_password(db: Database, token: str, password: str) -> PersonId:
    """Set a new password by a link, end all sessions, and let the person in again at once.

    Raises:
        Invalid: the password is too short, too long or too easy.
        LinkNotGood
    """
    link = await db.read(lambda reader: find_good_link(reader, token, LinkPurpose.RESET))
    if link is None:
        raise LinkNotGood
    _check(password, link.email, "/password")
    password_hash = await db.given(Passwords).hash(password)
    return await db.write(GUEST, lambda tx: _reset(tx, token, password_hash))


async def _reset(tx: Tx, token: str, password_hash: str) -> PersonId:
    link = await use_link(tx, token, LinkPurpose.RESET)
    # Whoever could read the letter owns the mailbox: that confirms the address as well.
    if not await _mark_verified(tx, link.person_id, link.email):
        raise LinkNotGood
    await _write_password(tx, link.person_id, password_hash)
    await end_sessions(tx, link.person_id)
    await forgive_tries(tx, link.email)
    await publish(tx, PasswordChanged(person_id=link.person_id))
    return link.person_id


async def change_password(
    db: Database, person_id: PersonId, old: str, new: str, *, session_id: SessionId | None, network: str = ""
) -> None:
    """Change the password and end all sessions but this one.

    Raises:
        PasswordWrong: at `/old_password`.
        Invalid: the new one is too short, too long or too easy, at `/new_password`.
        TooManyTries
    """
    someone = await db.read(lambda reader: get_person(reader, person_id))
    _check(new, someone.email, "/new_password")
    kept = await confirm_password(db, person_id, old, network=network, pointer="/old_password")
    password_hash = await db.given(Passwords).hash(new)

    async def change(tx: Tx) -> None:
        if not await _write_password(tx, person_id, password_hash, instead_of=kept):
            raise PasswordWrong("/old_password")
        await void_links(tx, person_id, LinkPurpose.RESET)
        await end_sessions(tx, person_id, but=session_id)
        await publish(tx, PasswordChanged(person_id=person_id))

    await db.write(person(person_id), change)


async def set_password(tx: Tx, person_id: PersonId, password_hash: str) -> None:
    """Set a password hashed before, by the operator's hand; ends all sessions.

    Raises:
        PersonNotFound
    """
    if not await _write_password(tx, person_id, password_hash):
        raise PersonNotFound
    await end_sessions(tx, person_id)
    await publish(tx, PasswordChanged(person_id=person_id))


async def _write_password(tx: Tx, person_id: PersonId, password_hash: str, instead_of: str | None = None) -> bool:
    return bool(
        await tx.execute(
            """
            update accounts.people set password_hash = $3, password_changed_at = $4
             where bucket = $1 and id = $2 and closed_at is null and ($5::text is null or password_hash = $5)
            """,
            person_id.bucket,
            person_id,
            password_hash,
            tx.now,
            instead_of,
        )
    )


def _check(password: str, email: str, pointer: str) -> None:
    findings = Findings()
    check_password(findings, password, email=email, pointer=pointer)
    findings.raise_any()


async def ask_email_change(tx: Tx, person_id: PersonId, email: str) -> None:
    """Send a link to a new e-mail address, and word of it to the old one; the change comes with the link.

    The entrance has had the password confirmed before.

    Raises:
        Invalid: it is no e-mail address, or the person's own.
        EmailTaken
    """
    someone = await get_person(tx, person_id)
    wanted = read_email(email)
    if wanted is None:
        raise invalid("/email", "accounts.email_wrong", N_("This is not an e-mail address."))
    if wanted == someone.email:
        raise invalid("/email", "accounts.email_same", N_("This is your e-mail address already."))
    owner = await find_owner_of_email(tx, wanted)
    if owner is not None and owner != person_id:
        raise EmailTaken
    link_id = await make_link(tx, person_id, LinkPurpose.CHANGE, wanted, someone.email)
    await publish(tx, EmailChangeAsked(person_id=person_id, link_id=link_id))


async def change_email(tx: Tx, token: str) -> Person:
    """Change the e-mail address by the link that was sent to the new one; that confirms it as well.

    Raises:
        LinkNotGood: also where the old address is another one by now.
        EmailTaken: somebody else was quicker.
    """
    link = await use_link(tx, token, LinkPurpose.CHANGE)
    assert link.old_email is not None
    if email_key(link.old_email) != email_key(link.email):
        await claim_email(tx, link.person_id, link.email)
        await free_email(tx, link.person_id, link.old_email)
    if not await _write_email(tx, link):
        raise LinkNotGood
    await void_links(tx, link.person_id)
    await publish(tx, EmailChanged(person_id=link.person_id, link_id=link.id))
    return await get_person(tx, link.person_id)


async def _write_email(tx: Tx, link: Link) -> bool:
    return bool(
        await tx.execute(
            "update accounts.people set email = $4, verified_at = $5 where bucket = $1 and id = $2 and email = $3",
            link.person_id.bucket,
            link.person_id,
            link.old_email,
            link.email,
            tx.now,
        )
    )
