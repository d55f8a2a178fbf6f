"""A shop's people and its applications to the desk, by API."""

from datetime import datetime

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.queries import find_owner_of_email, map_people
from fairground.market.shops.actions.applications import apply_for_mall, withdraw_application
from fairground.market.shops.actions.staff import change_role, invite_staff, join_shop, remove_staff
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import (
    Application,
    ApplicationId,
    ApplicationKind,
    ApplicationState,
    Role,
    ShopId,
)
from fairground.market.shops.policy import May, may_close_shop, may_enter, may_manage_staff
from fairground.market.shops.queries import (
    find_shop_id,
    get_shop_for,
    list_applications_of_shop,
    list_memberships,
    list_staff,
)


class MembershipView(msgspec.Struct):
    """A person's place in a shop; without `joined_at` it is an invitation."""

    shop: str
    name: str
    role: Role
    joined_at: datetime | None


class Memberships(msgspec.Struct):
    """Where a person works."""

    items: list[MembershipView]
    next: None = None


class Invitation(msgspec.Struct):
    """Whom to invite (by the e-mail address of their account), as what."""

    email: str
    role: Role


class RoleChange(msgspec.Struct):
    """Another role."""

    role: Role


class StaffView(msgspec.Struct):
    """One of a shop's people."""

    person_id: Id
    name: str
    role: Role
    invited_at: datetime
    joined_at: datetime | None


class Staff(msgspec.Struct):
    """A shop's people."""

    items: list[StaffView]
    next: None = None


class MallApplication(msgspec.Struct):
    """The registered name, country and number of the business; the number is kept sealed."""

    company: str
    country: str
    number: str


class ApplicationView(msgspec.Struct):
    """What a shop asked of the desk, and the answer."""

    id: Id
    kind: ApplicationKind
    state: ApplicationState
    company: str
    country: str
    number_kind: str
    number_tail: str
    reason: str
    applied_at: datetime
    decided_at: datetime | None


class Applications(msgspec.Struct):
    """What a shop asked of the desk, the latest first."""

    items: list[ApplicationView]
    next: None = None


async def _shop_of(db: Database, caller: Caller, slug: str, may: May) -> ShopId:
    person_id = caller.need_person()
    return (await db.read(lambda reader: get_shop_for(reader, slug, person_id, may))).id


async def _any_shop(db: Database, slug: str) -> ShopId:
    """Find a shop that somebody invited does not see from inside yet."""
    shop_id = await db.read(lambda reader: find_shop_id(reader, slug))
    if shop_id is None:
        raise ShopNotFound
    return shop_id


@get("/api/v1/me/shops", tags=["Shops"])
async def show_my_shops(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Memberships:
    """List the shops where the caller works or is invited."""
    return await _memberships(db, caller.need_person())


async def _memberships(db: Database, person_id: Id) -> Memberships:
    found = await db.read(lambda reader: list_memberships(reader, person_id))
    return Memberships([MembershipView(m.slug, m.name, m.role, m.joined_at) for m in found])


@get("/api/v1/shops/{slug:str}/staff", tags=["Shops"])
async def show_staff(slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Staff:
    """List a shop's people."""
    shop_id = await _shop_of(db, caller, slug, may_enter)
    return await db.read(lambda reader: _staff(reader, shop_id))


async def _staff(reader: Reader, shop_id: ShopId) -> Staff:
    members = await list_staff(reader, shop_id)
    names = await map_people(reader, [m.person_id for m in members])
    return Staff(
        [
            StaffView(
                m.person_id,
                names[m.person_id].name if m.person_id in names else "",
                m.role,
                m.invited_at,
                m.joined_at,
            )
            for m in members
        ]
    )


@post("/api/v1/shops/{slug:str}/staff", tags=["Shops"])
async def invite(
    slug: FromPath[str], data: JSONBody[Invitation], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Staff:
    """Invite somebody to work in the shop; they join by `POST …/membership`."""
    shop_id = await _shop_of(db, caller, slug, may_manage_staff)
    person_id = await db.read(lambda reader: find_owner_of_email(reader, data.email))
    if person_id is None:
        raise invalid("/email", "unknown", N_("Nobody has an account with this e-mail address."))
    await db.write(caller.actor, lambda tx: invite_staff(tx, shop_id, person_id, data.role))
    return await db.read(lambda reader: _staff(reader, shop_id))


@post("/api/v1/shops/{slug:str}/membership", status_code=200, tags=["Shops"])
async def join(slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Memberships:
    """Take an invitation."""
    person_id = PersonId(caller.need_person())
    shop_id = await _any_shop(db, slug)
    await db.write(caller.actor, lambda tx: join_shop(tx, shop_id, person_id))
    return await _memberships(db, person_id)


@delete("/api/v1/shops/{slug:str}/membership", tags=["Shops"])
async def leave(slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> None:
    """Leave a shop, or decline its invitation."""
    person_id = PersonId(caller.need_person())
    shop_id = await _any_shop(db, slug)
    await db.write(caller.actor, lambda tx: remove_staff(tx, shop_id, person_id))


@put("/api/v1/shops/{slug:str}/staff/{person_id:str}", status_code=200, tags=["Shops"])
async def put_role(
    slug: FromPath[str],
    person_id: FromPath[str],
    data: JSONBody[RoleChange],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Staff:
    """Give one of the shop's people another role."""
    shop_id, member = await _shop_of(db, caller, slug, may_manage_staff), an_id(PersonId, person_id)
    await db.write(caller.actor, lambda tx: change_role(tx, shop_id, member, data.role))
    return await db.read(lambda reader: _staff(reader, shop_id))


@delete("/api/v1/shops/{slug:str}/staff/{person_id:str}", tags=["Shops"])
async def let_go(
    slug: FromPath[str],
    person_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> None:
    """Let one of the shop's people go, or take an invitation back."""
    shop_id, member = await _shop_of(db, caller, slug, may_manage_staff), an_id(PersonId, person_id)
    await db.write(caller.actor, lambda tx: remove_staff(tx, shop_id, member))


@get("/api/v1/shops/{slug:str}/applications", tags=["Shops"])
async def show_applications(
    slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Applications:
    """List what the shop asked of the desk."""
    shop_id = await _shop_of(db, caller, slug, may_close_shop)
    found = await db.read(lambda reader: list_applications_of_shop(reader, shop_id))
    return Applications([_application(a) for a in found])


@post("/api/v1/shops/{slug:str}/applications", tags=["Shops"])
async def apply(
    slug: FromPath[str],
    data: JSONBody[MallApplication],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> ApplicationView:
    """Ask for the mall badge."""
    shop_id = await _shop_of(db, caller, slug, may_close_shop)
    made = await db.write(
        caller.actor,
        lambda tx: apply_for_mall(tx, shop_id, company=data.company, country=data.country, number=data.number),
    )
    return _application(made)


@delete("/api/v1/shops/{slug:str}/applications/{application_id:str}", tags=["Shops"])
async def withdraw(
    slug: FromPath[str],
    application_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> None:
    """Take an application back."""
    shop_id, wanted = await _shop_of(db, caller, slug, may_close_shop), an_id(ApplicationId, application_id)
    await db.write(caller.actor, lambda tx: withdraw_application(tx, shop_id, wanted))


def _application(a: Application) -> ApplicationView:
    return ApplicationView(
        a.id,
        a.kind,
        a.state,
        a.company,
        a.country,
        a.number_kind,
        a.number_tail,
        a.reason,
        a.applied_at,
        a.decided_at,
    )


HANDLERS = (
    show_my_shops, show_staff, invite, join, leave, put_role, let_go, show_applications, apply, withdraw,
)  # fmt: skip
