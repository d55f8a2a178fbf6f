"""People for tests, made by the real actions."""

import itertools

from fairground.kit.actor import GUEST, system
from fairground.kit.db import Database, Reader
from fairground.market.accounts.actions.credentials import verify_email
from fairground.market.accounts.actions.registration import Registration, register
from fairground.market.accounts.actions.sign_in import Credentials, sign_in
from fairground.market.accounts.actions.staff import grant_staff_role
from fairground.market.accounts.model import LinkId, LinkPurpose, NewSession, Person, PersonId, StaffRole
from fairground.market.accounts.queries import find_link, get_person, write_link_token

PASSWORD = "a bird on the awning"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1"
_numbers = itertools.count(1)


async def make_person(
    db: Database,
    name: str = "Ming",
    *,
    email: str | None = None,
    verified: bool = True,
    language: str = "en",
    staff: StaffRole | None = None,
) -> Person:
    """Register somebody; with their e-mail address confirmed, and a role at the desk, where wished."""
    email = email or f"person{next(_numbers)}@example.org"
    person = await register(db, Registration(email, PASSWORD, name, language))
    if verified:
        token = await db.read(lambda reader: link_token(reader, person.id, LinkPurpose.VERIFY))
        await db.write(GUEST, lambda tx: verify_email(tx, token))
    if staff is not None:
        await db.write(system("tests"), lambda tx: grant_staff_role(tx, person.id, staff))
    return await db.read(lambda reader: get_person(reader, person.id))


async def link_token(reader: Reader, person_id: PersonId, purpose: LinkPurpose) -> str:
    """Give the token that the letter with the open link of a person carries."""
    found = await reader.value(
        "select id from accounts.links where bucket = $1 and person_id = $2 and purpose = $3 and used_at is null",
        person_id.bucket,
        person_id,
        purpose,
    )
    link = await find_link(reader, LinkId(found))
    assert link is not None
    return write_link_token(reader, link)


async def sign_in_as(
    db: Database, person: Person, password: str = PASSWORD, *, agent: str = FIREFOX, network: str = "192.0.2.7"
) -> NewSession:
    """Sign somebody in with the password they registered with."""
    return await sign_in(db, Credentials(person.email, password, network, agent))
