"""Guests' carts: they move in at sign-in, and are forgotten after a month."""

from datetime import timedelta

import pytest

from fairground.kit.actor import GUEST
from fairground.kit.db import Database, Given
from fairground.kit.events import publish
from fairground.market.accounts.events import PersonClosed
from fairground.market.cart.actions import merge_carts, select_lines
from fairground.market.cart.jobs import forget_guests
from fairground.market.cart.model import CartRules, Merged
from fairground.market.cart.queries import get_cart
from fairground.market.cart.subscribers import subscribers
from tests.support.cart import contents, guest_cart, person_cart, put_in
from tests.support.catalog import make_shirt
from tests.support.given import test_given
from tests.support.shops import MARKET, make_shop
from tests.support.statements import StatementFailed, fail_at, statements
from tests.support.world import pump


@pytest.fixture
def given() -> Given:
    return test_given(CartRules(lines_most=3))


async def test_a_guests_cart_moves_in_once(db: Database) -> None:
    shirt = await make_shirt(db, await make_shop(db))
    ids, guest, person = [v.id for v in shirt.variants], await guest_cart(db), person_cart(db)
    await put_in(db, guest, ids[0], ids[1], quantity=2)
    await put_in(db, person, ids[1])
    merged = [await db.write(GUEST, lambda tx: merge_carts(tx, guest, person)) for _ in range(3)]
    assert merged == [Merged(2), Merged(0), Merged(0)]
    assert await contents(db, person) == {ids[0]: 2, ids[1]: 2}
    assert await contents(db, guest) == {}


async def test_of_two_numbers_the_larger_stays(db: Database) -> None:
    shirt = await make_shirt(db, await make_shop(db))
    ids, guest, person = [v.id for v in shirt.variants], await guest_cart(db), person_cart(db)
    await put_in(db, guest, ids[0], quantity=2)
    await put_in(db, person, ids[0], quantity=5)
    await db.write(GUEST, lambda tx: merge_carts(tx, guest, person))
    assert await contents(db, person) == {ids[0]: 5}


async def test_what_has_no_room_is_told_and_the_latest_goes_first(db: Database) -> None:
    shirt = await make_shirt(db, await make_shop(db))
    ids, guest, person = [v.id for v in shirt.variants], await guest_cart(db), person_cart(db)
    await put_in(db, person, ids[0], ids[1])
    for variant_id in ids[1:]:
        await put_in(db, guest, variant_id, quantity=4)
        db.clock.move(timedelta(minutes=1))
    assert await db.write(GUEST, lambda tx: merge_carts(tx, guest, person)) == Merged(2, (ids[2],))
    assert await contents(db, person) == {ids[0]: 1, ids[1]: 4, ids[3]: 4}


async def test_what_the_guest_chose_stays_chosen(db: Database) -> None:
    shirt = await make_shirt(db, await make_shop(db))
    ids, guest, person = [v.id for v in shirt.variants], await guest_cart(db), person_cart(db)
    await put_in(db, guest, ids[0], ids[1])
    await db.write(GUEST, lambda tx: select_lines(tx, guest, False, [ids[0]]))
    await db.write(GUEST, lambda tx: merge_carts(tx, guest, person))
    chosen = {line.variant_id: line.selected for line in await db.read(lambda r: get_cart(r, person))}
    assert chosen == {ids[0]: False, ids[1]: True}


async def test_a_failure_at_any_statement_moves_nothing(db: Database) -> None:
    shirt = await make_shirt(db, await make_shop(db))
    ids, guest, person = [v.id for v in shirt.variants], await guest_cart(db), person_cart(db)
    trial, target = await guest_cart(db), person_cart(db)
    await put_in(db, trial, ids[0])
    with statements() as seen:
        await db.write(GUEST, lambda tx: merge_carts(tx, trial, target))
    await put_in(db, guest, ids[0], ids[1])
    await put_in(db, person, ids[1])
    for n in range(len(seen)):
        with fail_at(n), pytest.raises(StatementFailed):
            await db.write(GUEST, lambda tx: merge_carts(tx, guest, person))
        assert (len(await contents(db, guest)), await contents(db, person)) == (2, {ids[1]: 1})


async def test_guests_are_forgotten_after_a_month_and_people_are_not(db: Database) -> None:
    shirt = await make_shirt(db, await make_shop(db))
    variant_id, person = shirt.variants[0].id, person_cart(db)
    old, back = await guest_cart(db), await guest_cart(db)
    for owner in (old, back, person):
        await put_in(db, owner, variant_id)
    db.clock.move(timedelta(days=29))
    await put_in(db, back, variant_id)
    assert await forget_guests(db) == 0
    db.clock.move(timedelta(days=2))
    assert await forget_guests(db) == 1
    assert [len(await contents(db, owner)) for owner in (old, back, person)] == [0, 1, 1]
    assert await forget_guests(db) == 0


async def test_the_cart_of_somebody_who_left_is_forgotten(db: Database) -> None:
    shirt = await make_shirt(db, await make_shop(db))
    gone, stays = person_cart(db), person_cart(db)
    for owner in (gone, stays):
        await put_in(db, owner, shirt.variants[0].id)
    await db.write(MARKET, lambda tx: publish(tx, PersonClosed(person_id=gone.id)))  # type: ignore[arg-type]
    await pump(db, subscribers())
    assert [len(await contents(db, owner)) for owner in (gone, stays)] == [0, 1]
