"""People at the desk: found by e-mail, seen as little as needed, each look logged; roles for operators."""

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Conflict, Invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.place import Place
from fairground.market.accounts.actions.staff import grant_staff_role
from fairground.market.accounts.actions.suspension import lift_suspension, suspend_person
from fairground.market.accounts.model import Person, PersonCard, PersonId, StaffDeed, StaffRole
from fairground.market.accounts.queries import find_owner_of_email, get_person, list_deeds, list_staff
from fairground.market.shops.model import Membership, Role
from fairground.market.shops.queries import list_memberships
from fairground.web.days import end_of_day
from fairground.web.desk.frame import OPERATOR, SENIOR, AnyRequest, Queues, count_queues, desk_page, note_look
from fairground.web.desk.words import deed_words, language_words
from fairground.web.render import go
from fairground.web.told import Told, tell_fields


class PeopleView(msgspec.Struct, frozen=True):
    """Who works for the market."""

    staff: list[tuple[PersonCard, StaffRole]]


class PersonView(msgspec.Struct, frozen=True):
    """A person with their shops, and what the staff did about them."""

    person: Person
    shops: list[Membership]
    deeds: list[StaffDeed]
    may_grant: bool
    may_suspend: bool


class RoleForm(msgspec.Struct):
    """A role at the desk, "" for none, and why."""

    role: str = ""
    words: str = ""


class SuspensionForm(msgspec.Struct):
    """Why somebody is kept out or let in again, and the last day of it, as 2026-02-28; "" = until lifted."""

    reason: str = ""
    until: str = ""


def role_label(role: StaffRole | None) -> str:
    """Name a role at the desk."""
    names = {
        StaffRole.CLERK: gettext("Desk clerk"),
        StaffRole.SUPERVISOR: gettext("Supervisor"),
        StaffRole.OPERATOR: gettext("Operator"),
    }
    return gettext("No role") if role is None else names[role]


def shop_role_label(role: Role) -> str:
    """Name a role in a shop."""
    return {
        Role.OWNER: gettext("Owner"),
        Role.MANAGER: gettext("Manager"),
        Role.CLERK: gettext("Clerk"),
        Role.ACCOUNTANT: gettext("Accountant"),
    }[role]


@get("/desk/people", include_in_schema=False)
async def show_people(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database], email: FromQuery[str] = ""
) -> Response[bytes]:
    """Find a person by e-mail; logged. Without one, show who works for the market."""
    caller.need_staff()
    email = email.strip()[:200]
    if email:
        await note_look(db, caller, "desk.look_up_person", None, email)
        found = await db.read(lambda reader: find_owner_of_email(reader, email))
        if found is not None:
            return go(request, f"/desk/people/{found}")
        return go(request, "/desk/people", say=gettext("Nobody has this address."), kind="mind")

    async def look(reader: Reader) -> tuple[PeopleView, Queues]:
        return PeopleView(await list_staff(reader)), await count_queues(reader)

    view, queues = await db.read(look)
    return desk_page(request, "people", title=gettext("People"), queues=queues, view=view, label=role_label)


@get("/desk/people/{person_id:str}", include_in_schema=False)
async def show_person(
    request: AnyRequest, person_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show a person's account; logged."""
    caller.need_staff()
    return await _person_page(request, caller, db, an_id(PersonId, person_id))


async def _person_page(
    request: AnyRequest, caller: Caller, db: Database, wanted: PersonId, errors: Told | None = None
) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[PersonView, Queues]:
        view = PersonView(
            await get_person(reader, wanted),
            await list_memberships(reader, wanted),
            (await list_deeds(reader, about=wanted, limit=20)).items,
            caller.staff_role in OPERATOR,
            caller.staff_role in SENIOR,
        )
        return view, await count_queues(reader)

    view, queues = await db.read(look)
    await note_look(db, caller, "desk.look_at_person", wanted)
    return desk_page(
        request,
        "person",
        title=view.person.name,
        queues=queues,
        status=422 if errors else 200,
        view=view,
        labels={"staff": role_label, "shop": shop_role_label, "deed": deed_words, "language": language_words},
        roles=[("", role_label(None)), *((role.value, role_label(role)) for role in StaffRole)],
        errors=errors or Told(),
    )


@post("/desk/people/{person_id:str}/suspension", include_in_schema=False)
async def suspend(
    request: AnyRequest, person_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Keep a person out, with a reason and perhaps a last day; for supervisors."""
    caller.need_staff(*SENIOR)
    wanted, form = an_id(PersonId, person_id), await read_form(request, SuspensionForm)
    try:
        until = end_of_day(form.until, db.given(Place).time_zone)
        await db.write(caller.actor, lambda tx: suspend_person(tx, wanted, form.reason, until))
    except (Invalid, Conflict) as trouble:
        return await _person_page(request, caller, db, wanted, tell_fields(trouble, "reason"))
    return go(request, f"/desk/people/{wanted}", say=gettext("Done, and written down."))


@post("/desk/people/{person_id:str}/lifting", include_in_schema=False)
async def lift(
    request: AnyRequest, person_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Let a suspended person in again; for supervisors."""
    caller.need_staff(*SENIOR)
    wanted, form = an_id(PersonId, person_id), await read_form(request, SuspensionForm)
    try:
        await db.write(caller.actor, lambda tx: lift_suspension(tx, wanted, form.reason))
    except Conflict as trouble:
        return go(request, f"/desk/people/{wanted}", say=gettext(trouble.message), kind="mind")
    return go(request, f"/desk/people/{wanted}", say=gettext("Done, and written down."))


@post("/desk/people/{person_id:str}/role", include_in_schema=False)
async def grant(
    request: AnyRequest, person_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Give a role at the desk, or take it; for operators."""
    caller.need_staff(*OPERATOR)
    wanted, form = an_id(PersonId, person_id), await read_form(request, RoleForm)
    role = next((r for r in StaffRole if r == form.role), None)
    await db.write(caller.actor, lambda tx: grant_staff_role(tx, wanted, role, words=form.words.strip()))
    return go(request, f"/desk/people/{wanted}", say=gettext("Done, and written down."))


HANDLERS = (show_people, show_person, suspend, lift, grant)
