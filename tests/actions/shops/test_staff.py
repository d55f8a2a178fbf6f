"""The people of a shop."""

import asyncio

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.market.accounts.errors import PersonNotFound
from fairground.market.accounts.model import PersonId
from fairground.market.shops.actions.staff import (
    change_role,
    invite_staff,
    join_shop,
    leave_all_shops,
    remove_staff,
)
from fairground.market.shops.errors import LastOwner, RoleTooSmall, ShopNotFound, StaffAlready, StaffNotFound
from fairground.market.shops.model import Role
from fairground.market.shops.queries import list_memberships, list_staff, role_in
from tests.support.inventory import ids
from tests.support.shops import MARKET, make_owner, make_shop, make_staff


async def test_somebody_invited_has_a_role_once_they_join(db: Database) -> None:
    owner, clerk = await make_owner(db), await make_owner(db)
    shop = await make_shop(db, owner)
    await db.write(person(owner), lambda tx: invite_staff(tx, shop.id, clerk, Role.CLERK))
    assert await db.read(lambda r: role_in(r, shop.id, clerk)) is None
    (invitation,) = await db.read(lambda r: list_memberships(r, clerk))
    assert (invitation.slug, invitation.role, invitation.joined_at) == (shop.slug, Role.CLERK, None)
    assert await db.write(person(clerk), lambda tx: join_shop(tx, shop.id, clerk)) is Role.CLERK
    assert await db.read(lambda r: role_in(r, shop.id, clerk)) is Role.CLERK
    assert {(m.person_id, m.role) for m in await db.read(lambda r: list_staff(r, shop.id))} == {
        (owner, Role.OWNER),
        (clerk, Role.CLERK),
    }


async def test_nobody_joins_without_an_invitation(db: Database) -> None:
    shop, stranger = await make_shop(db), await make_owner(db)
    with pytest.raises(StaffNotFound):
        await db.write(person(stranger), lambda tx: join_shop(tx, shop.id, stranger))
    assert await db.read(lambda r: list_memberships(r, stranger)) == []


async def test_nobody_is_invited_twice_and_no_ghosts(db: Database) -> None:
    shop = await make_shop(db)
    clerk = await make_staff(db, shop, Role.CLERK)
    with pytest.raises(StaffAlready):
        await db.write(MARKET, lambda tx: invite_staff(tx, shop.id, clerk, Role.OWNER))
    assert await db.read(lambda r: role_in(r, shop.id, clerk)) is Role.CLERK
    ghost = PersonId(ids(db, 1, 1)[0])
    with pytest.raises(PersonNotFound):
        await db.write(MARKET, lambda tx: invite_staff(tx, shop.id, ghost, Role.CLERK))


@pytest.mark.parametrize(
    ("role", "refusal"), [(Role.MANAGER, RoleTooSmall), (Role.CLERK, RoleTooSmall), (None, ShopNotFound)]
)
async def test_only_owners_manage_staff(db: Database, role: Role | None, refusal: type[Exception]) -> None:
    shop, friend = await make_shop(db), await make_owner(db)
    who = await make_owner(db) if role is None else await make_staff(db, shop, role)
    with pytest.raises(refusal):
        await db.write(person(who), lambda tx: invite_staff(tx, shop.id, friend, Role.OWNER))
    assert await db.read(lambda r: list_memberships(r, friend)) == []


async def test_the_last_owner_stays(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    invited = await make_owner(db)
    await db.write(MARKET, lambda tx: invite_staff(tx, shop.id, invited, Role.OWNER))
    for deed in (lambda tx: remove_staff(tx, shop.id, owner), lambda tx: change_role(tx, shop.id, owner, Role.CLERK)):
        with pytest.raises(LastOwner):
            await db.write(person(owner), deed)
    await db.write(person(invited), lambda tx: join_shop(tx, shop.id, invited))
    await db.write(person(owner), lambda tx: remove_staff(tx, shop.id, owner))
    assert await db.read(lambda r: list_memberships(r, owner)) == []


async def test_of_two_owners_who_leave_at_once_one_stays(db: Database) -> None:
    one = await make_owner(db)
    shop = await make_shop(db, one)
    two = await make_staff(db, shop, Role.OWNER)
    done = await asyncio.gather(
        *(db.write(person(who), lambda tx, w=who: remove_staff(tx, shop.id, w)) for who in (one, two)),
        return_exceptions=True,
    )
    assert sorted(type(d).__name__ for d in done) == ["LastOwner", "NoneType"]
    assert len(await db.read(lambda r: list_staff(r, shop.id))) == 1


async def test_a_role_changes_in_both_places(db: Database) -> None:
    shop = await make_shop(db)
    clerk = await make_staff(db, shop, Role.CLERK)
    await db.write(MARKET, lambda tx: change_role(tx, shop.id, clerk, Role.ACCOUNTANT))
    assert await db.read(lambda r: role_in(r, shop.id, clerk)) is Role.ACCOUNTANT
    assert [m.role for m in await db.read(lambda r: list_memberships(r, clerk))] == [Role.ACCOUNTANT]


async def test_an_invitation_can_be_declined(db: Database) -> None:
    shop, clerk = await make_shop(db), await make_owner(db)
    await db.write(MARKET, lambda tx: invite_staff(tx, shop.id, clerk, Role.CLERK))
    await db.write(person(clerk), lambda tx: remove_staff(tx, shop.id, clerk))
    assert await db.read(lambda r: list_memberships(r, clerk)) == []


async def test_a_closed_account_leaves_every_shop_but_its_own(db: Database) -> None:
    owner = await make_owner(db)
    own, other = await make_shop(db, owner), await make_shop(db)
    await db.write(MARKET, lambda tx: invite_staff(tx, other.id, owner, Role.CLERK))
    for _ in range(2):
        await db.write(MARKET, lambda tx: leave_all_shops(tx, owner))
    assert [m.shop_id for m in await db.read(lambda r: list_memberships(r, owner))] == [own.id]
