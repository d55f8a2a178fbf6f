"""Who works in a shop: invite, join, change roles, leave. The shop's rows and the person's copy move together."""

from datetime import datetime

from fairground.kit.db import Row, Tx
from fairground.kit.events import publish
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.queries import get_person
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.errors import LastOwner, StaffAlready, StaffNotFound, TooManyStaff
from fairground.market.shops.events import StaffInvited, StaffJoined, StaffLeft
from fairground.market.shops.model import Role, Shop, ShopId, ShopRules
from fairground.market.shops.policy import may_manage_staff
from fairground.market.shops.queries import get_shop


async def invite_staff(tx: Tx, shop_id: ShopId, person_id: PersonId, role: Role) -> None:
    """Ask somebody with an account to work in the shop; they have a role there once they join.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed, PersonNotFound
        StaffAlready: they work there, or were asked before.
        TooManyStaff: the shop is full.
    """
    shop = await enter(tx, shop_id, may_manage_staff)
    await get_person(tx, person_id)
    rules = tx.given(ShopRules)
    number = await tx.value(
        "select count(*) from shops.staff where bucket = $1 and shop_id = $2", shop_id.bucket, shop_id
    )
    if number >= rules.staff_most:
        raise TooManyStaff(most=rules.staff_most)
    invited = await tx.execute(
        """
        insert into shops.staff (bucket, shop_id, person_id, role, invited_by, invited_at)
        values ($1, $2, $3, $4, $5, $6) on conflict do nothing
        """,
        shop_id.bucket,
        shop_id,
        person_id,
        role,
        tx.actor.person_id,
        tx.now,
    )
    if not invited:
        raise StaffAlready
    await note_membership(tx, shop, person_id, role, joined_at=None)
    await publish(tx, StaffInvited(shop_id=shop_id, person_id=person_id, role=role))


async def join_shop(tx: Tx, shop_id: ShopId, person_id: PersonId) -> Role:
    """Take an invitation; gives the role.

    Raises:
        StaffNotFound: there is no invitation (any more).
    """
    row = await tx.row(
        """
        update shops.staff set joined_at = $4
         where bucket = $1 and shop_id = $2 and person_id = $3 and joined_at is null returning role
        """,
        shop_id.bucket,
        shop_id,
        person_id,
        tx.now,
    )
    if row is None:
        raise StaffNotFound
    role = Role(row["role"])
    await note_membership(tx, await get_shop(tx, shop_id), person_id, role, joined_at=tx.now)
    await publish(tx, StaffJoined(shop_id=shop_id, person_id=person_id, role=role))
    return role


async def change_role(tx: Tx, shop_id: ShopId, person_id: PersonId, role: Role) -> None:
    """Give one of the shop's people another role.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed, StaffNotFound
        LastOwner: the shop would have no owner.
    """
    shop = await enter(tx, shop_id, may_manage_staff)
    staff = await _lock_staff(tx, shop_id)
    mine = _find(staff, person_id)
    if role is not Role.OWNER:
        _refuse_last_owner(staff, mine)
    await tx.execute(
        "update shops.staff set role = $4 where bucket = $1 and shop_id = $2 and person_id = $3",
        shop_id.bucket,
        shop_id,
        person_id,
        role,
    )
    await note_membership(tx, shop, person_id, role, joined_at=mine["joined_at"])


async def remove_staff(tx: Tx, shop_id: ShopId, person_id: PersonId) -> None:
    """Let somebody go, leave, or take back or decline an invitation.

    Everybody may leave; only owners let others go.

    Raises:
        ShopNotFound, RoleTooSmall, StaffNotFound
        LastOwner: the shop would have no owner.
    """
    if tx.actor.person_id != person_id:
        await enter(tx, shop_id, may_manage_staff, even_closed=True)
    staff = await _lock_staff(tx, shop_id)
    _refuse_last_owner(staff, _find(staff, person_id))
    await _let_go(tx, shop_id, person_id)


async def _let_go(tx: Tx, shop_id: ShopId, person_id: PersonId) -> None:
    """Take a person off a shop's staff, whose rows are locked, and out of their own copy."""
    await tx.execute(
        "delete from shops.staff where bucket = $1 and shop_id = $2 and person_id = $3",
        shop_id.bucket,
        shop_id,
        person_id,
    )
    await tx.execute(
        "delete from shops.memberships where bucket = $1 and person_id = $2 and shop_id = $3",
        person_id.bucket,
        person_id,
        shop_id,
    )
    await publish(tx, StaffLeft(shop_id=shop_id, person_id=person_id))


async def note_membership(tx: Tx, shop: Shop, person_id: PersonId, role: Role, *, joined_at: datetime | None) -> None:
    """Keep the person's copy; safe to run twice."""
    await tx.execute(
        """
        insert into shops.memberships (bucket, person_id, shop_id, role, joined_at, slug, name, changed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (bucket, person_id, shop_id) do update
           set role = excluded.role, joined_at = excluded.joined_at, name = excluded.name,
               changed_at = excluded.changed_at
        """,
        person_id.bucket,
        person_id,
        shop.id,
        role,
        joined_at,
        shop.slug,
        shop.name,
        tx.now,
    )


async def rename_memberships(tx: Tx, shop: Shop) -> None:
    """Tell the copies of all its people that a shop has another name."""
    staff = await tx.rows(
        "select person_id from shops.staff where bucket = $1 and shop_id = $2", shop.id.bucket, shop.id
    )
    people = [PersonId(row["person_id"]) for row in staff]
    await tx.execute(
        """
        update shops.memberships m set name = $4, changed_at = $5
          from unnest($1::smallint[], $2::bigint[]) as t(b, p)
         where m.bucket = t.b and m.person_id = t.p and m.shop_id = $3
        """,
        [person.bucket for person in people],
        people,
        shop.id,
        shop.name,
        tx.now,
    )


async def _lock_staff(tx: Tx, shop_id: ShopId) -> list[Row]:
    # All of a shop's people, in one order: of two owners who leave at the same moment, one must stay.
    return await tx.rows(
        """
        select person_id, role, joined_at from shops.staff
         where bucket = $1 and shop_id = $2 order by person_id for update
        """,
        shop_id.bucket,
        shop_id,
    )


def _find(staff: list[Row], person_id: PersonId) -> Row:
    mine = next((row for row in staff if row["person_id"] == person_id), None)
    if mine is None:
        raise StaffNotFound
    return mine


def _refuse_last_owner(staff: list[Row], leaving: Row) -> None:
    owners = [row["person_id"] for row in staff if row["role"] == Role.OWNER and row["joined_at"] is not None]
    if owners == [leaving["person_id"]]:
        raise LastOwner


async def leave_all_shops(tx: Tx, person_id: PersonId) -> None:
    """Take a person out of every shop, when the account is closed; a shop whose last owner goes keeps them on its list.

    Safe to run twice.
    """
    rows = await tx.rows(
        "select shop_id from shops.memberships where bucket = $1 and person_id = $2 order by shop_id limit 500",
        person_id.bucket,
        person_id,
    )
    for row in rows:
        shop_id = ShopId(row["shop_id"])
        staff = await _lock_staff(tx, shop_id)
        try:
            _refuse_last_owner(staff, _find(staff, person_id))
        except (LastOwner, StaffNotFound):
            continue
        await _let_go(tx, shop_id, person_id)
