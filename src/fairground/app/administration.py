"""What the operator does from the command line: staff and passwords."""

from fairground.app.outfit import open_outfit
from fairground.app.settings import Settings
from fairground.kit.actor import system
from fairground.kit.db import Database, Tx
from fairground.kit.errors import N_, Findings, invalid
from fairground.kit.passwords import Passwords
from fairground.market.accounts.actions.credentials import set_password
from fairground.market.accounts.actions.registration import Registration, check_registration, register_person
from fairground.market.accounts.actions.staff import grant_staff_role
from fairground.market.accounts.errors import PersonNotFound
from fairground.market.accounts.model import AccountRules, Person, StaffRole, check_password
from fairground.market.accounts.queries import find_person_by_email

WORDS = "from the command line"


def read_role(text: str) -> StaffRole | None:
    """Read a role as the command line gives it; "none" is None.

    Raises:
        Invalid: there is no such role.
    """
    if text == "none":
        return None
    try:
        return StaffRole(text)
    except ValueError:
        known = ", ".join([*StaffRole, "none"])
        raise invalid(
            "/role", "unknown", N_("There is no role %(role)s; known: %(known)s"), role=text, known=known
        ) from None


async def grant_role(settings: Settings, email: str, role: str) -> None:
    """Give a person a role at the desk, or take it back.

    Raises:
        PersonNotFound, Invalid
    """
    wanted = read_role(role)
    async with open_outfit(settings, "admin") as outfit:
        person = await _find(outfit.db, email)
        await outfit.db.write(system("admin"), lambda tx: grant_staff_role(tx, person.id, wanted, words=WORDS))


async def create_staff(settings: Settings, email: str, name: str, password: str, role: str) -> None:
    """Register a person and give them a role.

    Raises:
        EmailTaken, Invalid
    """
    wanted = read_role(role)
    async with open_outfit(settings, "admin") as outfit:
        wish = check_registration(Registration(email, password, name), outfit.db.given(AccountRules))
        hashed = await outfit.db.given(Passwords).hash(wish.password)

        async def create(tx: Tx) -> None:
            person = await register_person(tx, wish, hashed)
            await grant_staff_role(tx, person.id, wanted, words=WORDS)

        await outfit.db.write(system("admin"), create)


async def give_password(settings: Settings, email: str, password: str) -> None:
    """Give a person a new password; all their sessions end.

    Raises:
        PersonNotFound, Invalid
    """
    findings = Findings()
    check_password(findings, password, email=email, pointer="/password")
    findings.raise_any()
    async with open_outfit(settings, "admin") as outfit:
        person = await _find(outfit.db, email)
        hashed = await outfit.db.given(Passwords).hash(password)
        await outfit.db.write(system("admin"), lambda tx: set_password(tx, person.id, hashed))


async def _find(db: Database, email: str) -> Person:
    person = await db.read(lambda reader: find_person_by_email(reader, email))
    if person is None:
        raise PersonNotFound
    return person
