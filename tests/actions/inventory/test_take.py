"""Taking pieces out of stock and giving them back."""

from datetime import timedelta

import pytest

from fairground.kit.db import Database
from fairground.market.inventory.actions import mark_sold, set_stock, take
from fairground.market.inventory.model import Missing, MoveReason, Refused, Taken
from fairground.market.inventory.queries import audit_stock, list_held_since, list_moves, map_held
from tests.support.inventory import SHOP, assert_books_agree, claim, make_stock, return_now, stock_of, take_now
from tests.support.statements import StatementFailed, fail_at, statements


async def test_a_claim_takes_its_pieces(db: Database) -> None:
    tea, cup = await make_stock(db, 5, 3)
    wish = claim(db, (tea, 2), (cup, 3))
    assert await take_now(db, wish) == [Taken(wish.claim_id)]
    assert (await stock_of(db, tea), await stock_of(db, cup)) == (3, 0)
    assert await db.read(lambda r: map_held(r, [tea, cup])) == {tea: 2, cup: 3}
    moves = (await db.read(lambda r: list_moves(r, tea))).items
    assert [(m.number, m.quantity, m.balance, m.reason) for m in moves] == [
        (2, -2, 3, MoveReason.TAKEN),
        (1, 5, 5, MoveReason.OPENED),
    ]
    await assert_books_agree(db)


async def test_a_refused_claim_changes_nothing(db: Database) -> None:
    tea, cup = await make_stock(db, 5, 1)
    wish = claim(db, (tea, 2), (cup, 2))
    assert await take_now(db, wish) == [Refused(wish.claim_id, (Missing(cup, 2, 1),))]
    assert (await stock_of(db, tea), await stock_of(db, cup)) == (5, 1)
    assert await db.read(lambda r: map_held(r, [tea, cup])) == {tea: 0, cup: 0}
    assert len((await db.read(lambda r: list_moves(r, tea))).items) == 1


async def test_claims_of_one_batch_are_served_in_order(db: Database) -> None:
    (tea,) = await make_stock(db, 3)
    wishes = [claim(db, (tea, 2)), claim(db, (tea, 2)), claim(db, (tea, 1))]
    answers = await take_now(db, *wishes)
    assert [isinstance(a, Taken) for a in answers] == [True, False, True]
    assert await stock_of(db, tea) == 0
    await assert_books_agree(db)


async def test_any_number_of_claims_costs_the_same_statements(db: Database) -> None:
    variants = await make_stock(db, *[100] * 10)
    wishes = [claim(db, *[(v, 1) for v in variants]) for _ in range(64)]
    with statements() as seen:
        await take_now(db, *wishes)
    # lock, hold, update, moves: nothing ran low, so nothing is announced
    assert len(seen) == 4
    assert {await stock_of(db, v) for v in variants} == {36}
    await assert_books_agree(db)


async def test_what_is_not_counted_is_neither_locked_nor_written(db: Database) -> None:
    (tea,) = await make_stock(db, None)
    other, wish = claim(db, (tea, 1)), claim(db, (tea, 10**6))

    async def while_another_waits(tx: object) -> None:
        await take(tx, [other])  # type: ignore[arg-type]
        # A lock held by this transaction would make the other one wait for ever.
        assert await take_now(db, wish) == [Taken(wish.claim_id)]

    await db.write(SHOP, while_another_waits)
    assert await stock_of(db, tea) is None
    assert len((await db.read(lambda r: list_moves(r, tea))).items) == 1
    assert await return_now(db, [wish]) == 0
    await assert_books_agree(db)


async def test_pieces_are_given_back_once(db: Database) -> None:
    (tea,) = await make_stock(db, 5)
    wish = claim(db, (tea, 2))
    await take_now(db, wish)
    assert await return_now(db, [wish]) == 1
    assert await return_now(db, [wish]) == 0
    assert await stock_of(db, tea) == 5
    await assert_books_agree(db)


async def test_sold_pieces_can_come_back_too(db: Database) -> None:
    (tea,) = await make_stock(db, 5)
    wish = claim(db, (tea, 2))
    await take_now(db, wish)
    assert await db.write(SHOP, lambda tx: mark_sold(tx, [(wish.claim_id, tea)])) == 1
    assert await db.read(lambda r: map_held(r, [tea])) == {tea: 0}
    assert await return_now(db, [wish]) == 1
    assert await db.write(SHOP, lambda tx: mark_sold(tx, [(wish.claim_id, tea)])) == 0
    assert await stock_of(db, tea) == 5
    await assert_books_agree(db)


async def test_pieces_return_to_a_shop_that_stopped_counting(db: Database) -> None:
    (tea,) = await make_stock(db, 5)
    wish = claim(db, (tea, 2))
    await take_now(db, wish)
    await db.write(SHOP, lambda tx: set_stock(tx, tea, None))
    assert await return_now(db, [wish]) == 1
    assert await stock_of(db, tea) is None
    await assert_books_agree(db)


async def test_the_sweep_finds_what_is_held_for_long(db: Database) -> None:
    (tea,) = await make_stock(db, 5)
    wish, sold = claim(db, (tea, 1)), claim(db, (tea, 1))
    await take_now(db, wish, sold)
    await db.write(SHOP, lambda tx: mark_sold(tx, [(sold.claim_id, tea)]))
    before = db.clock.now()
    assert await db.read(lambda r: list_held_since(r, (0, 1023), before)) == []
    db.clock.move(timedelta(hours=1))
    found = await db.read(lambda r: list_held_since(r, (0, 1023), r.now))
    assert [(x.claim_id, x.variant_id, x.quantity) for x in found] == [(wish.claim_id, tea, 1)]
    assert await db.read(lambda r: list_held_since(r, (8, 1023), r.now)) == []


async def test_it_fails_at_each_statement_and_changes_nothing(db: Database) -> None:
    tea, bulk = await make_stock(db, 1, None)
    for n in range(6):
        with pytest.raises(StatementFailed), fail_at(n):
            await take_now(db, claim(db, (tea, 1), (bulk, 1)))
        assert await stock_of(db, tea) == 1
    with fail_at(6) as seen:
        await take_now(db, claim(db, (tea, 1), (bulk, 1)))
    assert len(seen) == 6
    await assert_books_agree(db)


async def test_the_audit_finds_a_number_that_was_tampered_with(db: Database) -> None:
    (tea,) = await make_stock(db, 5)
    wish = claim(db, (tea, 2))
    await take_now(db, wish)
    await db.write(SHOP, lambda tx: tx.execute("update inventory.stock set on_hand = 4"))
    await db.write(SHOP, lambda tx: tx.execute("update inventory.reservations set quantity = 1"))
    faults = await db.read(audit_stock)
    assert {(f.variant_id, f.what) for f in faults} == {
        (tea, "stock is the sum of its moves"),
        (tea, "a reservation has its moves"),
    }
