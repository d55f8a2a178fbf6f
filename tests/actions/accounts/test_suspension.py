"""The desk keeps somebody out: at once, with a reason, and lets them in again."""

from datetime import timedelta

import pytest

from fairground.kit.actor import Actor
from fairground.kit.actor import person as acting
from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.kit.i18n.words import say, speaking
from fairground.market.accounts.actions.suspension import lift_suspension, suspend_person
from fairground.market.accounts.errors import (
    AccountSuspended,
    NotSuspended,
    PersonNotFound,
    SignInRefused,
    StaffFirst,
    StaffOnly,
    SuspendedAlready,
)
from fairground.market.accounts.model import Person, PersonId, StaffRole, Suspension
from fairground.market.accounts.queries import find_session, get_person, list_deeds
from fairground.market.shops.actions.state import go_on_holiday, reopen_shop, suspend_shop
from fairground.market.shops.model import Role, ShopState
from tests.support.accounts import make_person, sign_in_as
from tests.support.letters import kinds_told, told
from tests.support.shops import make_owner, make_shop, make_staff, shop_now
from tests.support.statements import StatementFailed, fail_at, statements
from tests.support.world import pump

WHY = "Three parcels were empty."


async def _desk(db: Database, role: StaffRole = StaffRole.SUPERVISOR) -> Actor:
    return acting((await make_person(db, "Desk", staff=role)).id, is_staff=True)


async def _suspended(db: Database, days: float | None = None) -> tuple[Person, Actor]:
    person, desk = await make_person(db), await _desk(db)
    until = None if days is None else db.clock.now() + timedelta(days=days)
    await db.write(desk, lambda tx: suspend_person(tx, person.id, WHY, until))
    return person, desk


async def test_sessions_end_and_the_reason_is_told_at_the_door(db: Database) -> None:
    person, desk = await make_person(db), await _desk(db)
    session = await sign_in_as(db, person)
    now = await db.write(desk, lambda tx: suspend_person(tx, person.id, f"  {WHY} ", None))
    assert now.suspension == Suspension(WHY, db.clock.now(), None)
    assert await db.read(lambda r: find_session(r, session.token)) is None
    with pytest.raises(AccountSuspended) as refusal:
        await sign_in_as(db, person)
    assert refusal.value.params == {"how_long": "until our people lift it", "reason": WHY}
    with speaking("zh-CN"):
        assert WHY in say(refusal.value.message, refusal.value.params)
    deed = (await db.read(lambda r: list_deeds(r, about=person.id))).items[0]
    assert (deed.deed, deed.words) == ("accounts.suspend", WHY)


async def test_with_a_wrong_password_nobody_learns_of_it(db: Database) -> None:
    person, _ = await _suspended(db)
    with pytest.raises(SignInRefused):
        await sign_in_as(db, person, "not the password")


async def test_it_ends_by_itself_at_the_named_moment(db: Database) -> None:
    person, _ = await _suspended(db, days=3)
    with pytest.raises(AccountSuspended) as refusal:
        await sign_in_as(db, person)
    assert "2026" in refusal.value.params["how_long"]
    db.clock.move(timedelta(days=2))
    await pump(db)
    assert (await db.read(lambda r: get_person(r, person.id))).suspension is not None
    db.clock.move(timedelta(days=1, seconds=1))
    await pump(db)
    assert (await db.read(lambda r: get_person(r, person.id))).suspension is None
    assert (await sign_in_as(db, person)).person_id == person.id


async def test_the_desk_lifts_it_and_the_named_end_is_forgotten(db: Database) -> None:
    person, desk = await _suspended(db, days=3)
    await db.write(desk, lambda tx: lift_suspension(tx, person.id, "a mix-up"))
    await sign_in_as(db, person)
    assert await db.read(lambda r: r.value("select count(*) from kit.deadlines where subject = $1", person.id)) == 0
    with pytest.raises(NotSuspended):
        await db.write(desk, lambda tx: lift_suspension(tx, person.id))
    assert (await kinds_told(db, person.id))[-1] == "accounts.suspension_lifted"


async def test_letters_say_why_and_until_when(db: Database) -> None:
    person, desk = await _suspended(db, days=3)
    letter = (await told(db, person.id))[0]
    assert letter.kind == "accounts.suspended_until"
    assert WHY in letter.text
    assert "2026" in letter.text
    await db.write(desk, lambda tx: lift_suspension(tx, person.id))
    await db.write(desk, lambda tx: suspend_person(tx, person.id, WHY))
    await pump(db)
    await db.write(desk, lambda tx: lift_suspension(tx, person.id))
    kinds = await kinds_told(db, person.id)
    assert kinds[-1] == "accounts.suspension_lifted"
    assert "accounts.suspended" in kinds


async def test_who_may_not_and_what_cannot_be(db: Database) -> None:
    person, desk, clerk = await make_person(db), await _desk(db), await _desk(db, StaffRole.CLERK)
    stranger = acting((await make_person(db)).id)
    for actor in (clerk, stranger, acting(person.id)):
        with pytest.raises(StaffOnly):
            await db.write(actor, lambda tx: suspend_person(tx, person.id, WHY))
        with pytest.raises(StaffOnly):
            await db.write(actor, lambda tx: lift_suspension(tx, person.id))
    for other in (clerk, desk):
        staff_id = PersonId(other.person_id or 0)
        with pytest.raises(StaffFirst):
            await db.write(desk, lambda tx, i=staff_id: suspend_person(tx, i, WHY))
    with pytest.raises(PersonNotFound):
        await db.write(desk, lambda tx: suspend_person(tx, PersonId(7), WHY))
    bad = [("", None, "/reason"), ("x" * 1001, None, "/reason"), (WHY, -1, "/until"), (WHY, 5000, "/until")]
    for reason, days, pointer in bad:
        until = None if days is None else db.clock.now() + timedelta(days=days)
        with pytest.raises(Invalid) as refusal:
            await db.write(desk, lambda tx, r=reason, u=until: suspend_person(tx, person.id, r, u))
        assert [e.pointer for e in refusal.value.errors] == [pointer]
    assert (await db.read(lambda r: get_person(r, person.id))).suspension is None
    await db.write(desk, lambda tx: suspend_person(tx, person.id, WHY))
    with pytest.raises(SuspendedAlready):
        await db.write(desk, lambda tx: suspend_person(tx, person.id, "again"))


async def test_fails_at_each_statement_and_changes_nothing(db: Database) -> None:
    person, desk = await make_person(db), await _desk(db)
    session = await sign_in_as(db, person)
    other = await make_person(db)
    with statements() as seen:
        await db.write(desk, lambda tx: suspend_person(tx, other.id, WHY, tx.now + timedelta(days=1)))
    for n in range(len(seen)):
        with pytest.raises(StatementFailed), fail_at(n):
            await db.write(desk, lambda tx: suspend_person(tx, person.id, WHY, tx.now + timedelta(days=1)))
        assert await db.read(lambda r: find_session(r, session.token)) is not None
        assert (await db.read(lambda r: get_person(r, person.id))).suspension is None


async def test_the_shops_of_an_owner_stop_and_sell_again(db: Database) -> None:
    owner, desk = await make_owner(db), await _desk(db)
    shop, resting, stopped = [await make_shop(db, owner, name=name) for name in ("One", "Two", "Three")]
    helping = await make_shop(db, name="Another's")
    await db.write(acting(owner), lambda tx: go_on_holiday(tx, resting.id, until=tx.now + timedelta(days=2)))
    await db.write(desk, lambda tx: suspend_shop(tx, stopped.id, "its goods are forged"))
    await db.write(desk, lambda tx: suspend_person(tx, owner, WHY))
    await pump(db)
    assert [(await shop_now(db, s.id)).state for s in (shop, resting, stopped)] == [ShopState.SUSPENDED] * 3
    assert WHY not in (await shop_now(db, shop.id)).state_reason, "the shop's people need not know why"
    assert (await shop_now(db, helping.id)).state is ShopState.OPEN
    await db.write(desk, lambda tx: lift_suspension(tx, owner))
    await pump(db)
    assert [(await shop_now(db, s.id)).state for s in (shop, resting)] == [ShopState.OPEN] * 2
    assert (await shop_now(db, stopped.id)).state is ShopState.SUSPENDED, "that one had its own reason"


async def test_a_shop_goes_on_whose_clerk_is_out_and_one_the_desk_reopened(db: Database) -> None:
    owner, desk = await make_owner(db), await _desk(db)
    shop = await make_shop(db, owner)
    clerk = await make_staff(db, shop, Role.CLERK)
    await db.write(desk, lambda tx: suspend_person(tx, clerk, WHY))
    await pump(db)
    assert (await shop_now(db, shop.id)).state is ShopState.OPEN
    await db.write(desk, lambda tx: suspend_person(tx, owner, WHY))
    await pump(db)
    await db.write(desk, lambda tx: reopen_shop(tx, shop.id, "another owner has taken over"))
    await db.write(desk, lambda tx: suspend_shop(tx, shop.id, "and this is something else"))
    await db.write(desk, lambda tx: lift_suspension(tx, owner))
    await pump(db)
    assert (await shop_now(db, shop.id)).state is ShopState.SUSPENDED
