"""Who works in a shop: invite by e-mail address, give roles, let go."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, Conflict, Invalid, NotFound, Trouble, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.market.accounts.model import PersonCard, PersonId
from fairground.market.accounts.queries import find_person_by_email, map_people
from fairground.market.shops.actions.staff import change_role, invite_staff, remove_staff
from fairground.market.shops.model import Role, StaffMember
from fairground.market.shops.policy import may_manage_staff
from fairground.market.shops.queries import list_staff, role_in
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.seller.words import ROLE_NAMES, ROLE_NOTES
from fairground.web.told import Told, tell_fields


class InviteForm(msgspec.Struct):
    """Whom to ask."""

    email: str = ""
    role: str = Role.CLERK


class RoleForm(msgspec.Struct):
    """Another role."""

    role: str = ""


class StaffRow(msgspec.Struct, frozen=True):
    """One of the shop's people."""

    person_id: PersonId
    name: str
    role: Role
    role_name: str
    since: datetime
    invited: bool
    is_me: bool


class StaffView(msgspec.Struct, frozen=True):
    """All of them, and the form."""

    rows: list[StaffRow]
    roles: list[tuple[str, str]]
    roles_with_notes: list[tuple[str, str, str]]
    form: InviteForm
    action: str
    errors: Told = Told()


@get("/seller/{slug:str}/staff", include_in_schema=False)
async def show_staff(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show who works in the shop."""
    return await _page(request, caller, db, slug, InviteForm())


async def _page(
    request: AnyRequest, caller: Caller, db: Database, slug: str, form: InviteForm, errors: Told | None = None
) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[Room, list[StaffMember], dict[PersonId, PersonCard]]:
        room = await enter_room(reader, caller, slug, may_manage_staff)
        staff = await list_staff(reader, room.shop.id)
        return room, staff, await map_people(reader, [member.person_id for member in staff])

    room, staff, people = await db.read(look)
    view = StaffView(
        rows=[_row(member, people, caller) for member in staff],
        roles=[(role, gettext(name)) for role, name in ROLE_NAMES.items()],
        roles_with_notes=[(role, gettext(name), gettext(ROLE_NOTES[role])) for role, name in ROLE_NAMES.items()],
        form=form,
        action=f"{room.home}/staff",
        errors=errors or Told(),
    )
    return seller_page(request, "shop/staff", room, title=gettext("Staff"), status=422 if errors else 200, view=view)


def _row(member: StaffMember, people: dict[PersonId, PersonCard], caller: Caller) -> StaffRow:
    card = people.get(member.person_id)
    return StaffRow(
        member.person_id,
        card.name if card is not None and card.name else gettext("Somebody who left the market"),
        member.role,
        gettext(ROLE_NAMES[member.role]),
        member.joined_at or member.invited_at,
        invited=member.joined_at is None,
        is_me=member.person_id == caller.person_id,
    )


@post("/seller/{slug:str}/staff", include_in_schema=False)
async def invite(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Ask somebody with an account here to work in the shop."""
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_manage_staff))
    form = await read_form(request, InviteForm)
    try:
        role = _role(form.role)
        person = await db.read(lambda reader: find_person_by_email(reader, form.email.strip().lower()))
        if person is None:
            raise invalid("/email", "unknown", N_("Nobody has an account with this e-mail address."))
        person_id = person.id
        await db.write(caller.actor, lambda tx: invite_staff(tx, room.shop.id, person_id, role))
    except (Invalid, Conflict, NotFound) as trouble:
        return await _page(request, caller, db, slug, form, tell_fields(trouble, "email"))
    say = gettext("%(name)s is asked. The invitation waits under “My shop”.") % {"name": person.name}
    return go(request, f"{room.home}/staff", say=say)


def _role(text: str) -> Role:
    if text not in list(Role):
        raise invalid("/role", "unknown", N_("Please choose a role."))
    return Role(text)


@post("/seller/{slug:str}/staff/{person_id:str}/role", include_in_schema=False)
async def give_role(
    request: AnyRequest,
    slug: FromPath[str],
    person_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Give somebody another role."""
    who, form = an_id(PersonId, person_id), await read_form(request, RoleForm)

    def deed(room: Room) -> Callable[[Tx], Awaitable[None]]:
        return lambda tx: change_role(tx, room.shop.id, who, _role(form.role))

    return await _do(request, caller, db, slug, deed)


@post("/seller/{slug:str}/staff/{person_id:str}/removal", include_in_schema=False)
async def let_go(
    request: AnyRequest,
    slug: FromPath[str],
    person_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Let somebody go, or take back an invitation."""
    who = an_id(PersonId, person_id)
    return await _do(request, caller, db, slug, lambda room: lambda tx: remove_staff(tx, room.shop.id, who))


async def _do(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    slug: str,
    deed: Callable[[Room], Callable[[Tx], Awaitable[None]]],
) -> Response[bytes]:
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_manage_staff))
    try:
        await db.write(caller.actor, deed(room))
    except (Conflict, NotFound, Invalid) as trouble:
        return go(request, f"{room.home}/staff", say=_words(trouble), kind="mind")
    # Whoever let themselves go does not find the page any more.
    still = await db.read(lambda reader: _still_in(reader, caller, room))
    return go(request, f"{room.home}/staff" if still else "/seller", say=gettext("Done."))


def _words(trouble: Trouble) -> str:
    return ". ".join(words for _, words in tell_fields(trouble).all)


async def _still_in(reader: Reader, caller: Caller, room: Room) -> bool:
    role = await role_in(reader, room.shop.id, caller.need_person())
    return role is not None and may_manage_staff(role)


HANDLERS: list[Any] = [show_staff, invite, give_role, let_go]
