"""Become a person of the market."""

import msgspec

from fairground.kit.actor import GUEST
from fairground.kit.db import Database, Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.events import publish
from fairground.kit.i18n.words import known
from fairground.kit.ids import any_bucket
from fairground.kit.passwords import Passwords
from fairground.kit.place import Place
from fairground.market.accounts.actions.links import make_link
from fairground.market.accounts.errors import EmailTaken
from fairground.market.accounts.events import PersonRegistered
from fairground.market.accounts.model import (
    AccountRules,
    LinkPurpose,
    Person,
    PersonId,
    bucket_of,
    check_password,
    email_key,
    read_email,
    read_name,
)
from fairground.market.accounts.queries import find_owner_of_email, get_person


class Registration(msgspec.Struct, frozen=True):
    """What somebody tells to register."""

    email: str
    password: str
    name: str
    language: str | None = None


async def register(db: Database, wish: Registration) -> Person:
    """Register somebody and send the letter that confirms the e-mail address.

    Raises:
        Invalid: names each wrong field.
        EmailTaken: the e-mail address belongs to somebody already.
    """
    wish = check_registration(wish, db.given(AccountRules))
    if await db.read(lambda reader: find_owner_of_email(reader, wish.email)) is not None:
        raise EmailTaken  # before the hashing, which costs
    password_hash = await db.given(Passwords).hash(wish.password)
    return await db.write(GUEST, lambda tx: register_person(tx, wish, password_hash))


def check_registration(wish: Registration, rules: AccountRules) -> Registration:
    """Give the wish back in good form.

    Raises:
        Invalid: names each wrong field.
    """
    findings = Findings()
    email = read_email(wish.email)
    findings.check(email is not None, "/email", "accounts.email_wrong", N_("This is not an e-mail address."))
    name = read_name(wish.name, rules.name_most)
    findings.check(
        name is not None, "/name", "accounts.name_wrong", N_("A name has 1 to %(most)d characters, in one line."),
        most=rules.name_most,
    )  # fmt: skip
    findings.check(
        wish.language is None or known(wish.language) is not None,
        "/language",
        "accounts.language_unknown",
        N_("We do not speak this language yet."),
    )
    check_password(findings, wish.password, email=wish.email, pointer="/password")
    findings.raise_any()
    return Registration(email or "", wish.password, name or "", wish.language)


async def register_person(tx: Tx, wish: Registration, password_hash: str) -> Person:
    """Write a checked registration.

    Raises:
        EmailTaken: the e-mail address belongs to somebody already.
    """
    person_id = tx.new_id(PersonId, any_bucket())
    await claim_email(tx, person_id, wish.email)
    await tx.execute(
        """
        insert into accounts.people (bucket, id, email, name, language, password_hash, password_changed_at, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $7)
        """,
        person_id.bucket,
        person_id,
        wish.email,
        wish.name,
        wish.language or tx.given(Place).language,
        password_hash,
        tx.now,
    )
    link_id = await make_link(tx, person_id, LinkPurpose.VERIFY, wish.email)
    await publish(tx, PersonRegistered(person_id=person_id, link_id=link_id))
    return await get_person(tx, person_id)


async def claim_email(tx: Tx, person_id: PersonId, email: str) -> None:
    """Make an e-mail address a person's own; of two at the same moment the second waits here and finds it taken.

    Raises:
        EmailTaken
    """
    key = email_key(email)
    claimed = await tx.execute(
        """
        insert into accounts.emails (bucket, email, person_id) values ($1, $2, $3)
        on conflict (bucket, email) do nothing
        """,
        bucket_of(key),
        key,
        person_id,
    )
    if not claimed:
        raise EmailTaken


async def free_email(tx: Tx, person_id: PersonId, email: str) -> None:
    """Give a person's e-mail address free for others."""
    key = email_key(email)
    await tx.execute(
        "delete from accounts.emails where bucket = $1 and email = $2 and person_id = $3",
        bucket_of(key),
        key,
        person_id,
    )
