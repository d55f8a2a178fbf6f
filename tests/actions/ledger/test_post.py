"""Moving money."""

from datetime import timedelta
from itertools import pairwise

import pytest

from fairground.kit.db import Database, Tx
from fairground.market.ledger.actions import allow_overdraft, post
from fairground.market.ledger.errors import InsufficientFunds
from fairground.market.ledger.model import AccountKind, owned_account
from fairground.market.ledger.queries import (
    audit_ledger,
    list_balances,
    list_entries,
    list_entries_between,
    list_transfers,
    map_balances,
    sum_balances,
)
from tests.support.ledger import (
    BOOKS,
    CNY,
    assert_ledger_clean,
    clearing,
    gateway,
    held,
    move,
    new_id,
    post_now,
    shop_account,
    standing,
)
from tests.support.statements import statements


async def test_a_posting_moves_money_from_debit_to_credit(db: Database) -> None:
    (transfer,) = await post_now(db, move("a", gateway(), held(), 1999))
    assert transfer.is_new
    assert await standing(db, gateway()) == -1999
    assert await standing(db, held()) == 1999
    await assert_ledger_clean(db)


async def test_any_number_of_postings_takes_three_statements(db: Database) -> None:
    postings = [move(f"k{n}", gateway(n % 50), held(n % 50), n + 1) for n in range(500)]
    with statements() as seen:
        transfers = await post_now(db, *postings)
    assert len(seen) == 3
    assert [t.posting.key for t in transfers] == [p.key for p in postings]
    assert sum(m.amount for _, m in await db.read(lambda r: list_balances(r, AccountKind.HELD))) == sum(range(1, 501))
    await assert_ledger_clean(db)


async def test_a_replayed_key_moves_nothing(db: Database) -> None:
    first = await post_now(db, move("a", gateway(), held(), 100))
    again = await post_now(db, move("a", gateway(), held(), 100), move("b", gateway(), held(), 5))
    assert [t.is_new for t in again] == [False, True]
    assert (again[0].credit_entry, again[0].at) == (first[0].credit_entry, first[0].at)
    assert await standing(db, held()) == 105
    await assert_ledger_clean(db)


async def test_a_key_twice_in_one_post_moves_once(db: Database) -> None:
    one, two = await post_now(db, move("a", gateway(), held(), 100), move("a", gateway(), held(), 100))
    assert one == two
    assert await standing(db, held()) == 100


@pytest.mark.parametrize("together", [False, True])
async def test_a_key_with_other_content_is_a_broken_promise(db: Database, together: bool) -> None:
    right, wrong = move("a", gateway(), held(), 100), move("a", gateway(), held(), 101)
    if not together:
        await post_now(db, right)
    with pytest.raises(AssertionError, match="posted before"):
        await post_now(db, *([right, wrong] if together else [wrong]))
    assert await standing(db, held()) == (0 if together else 100)


async def test_the_same_key_in_two_buckets_is_two_deeds(db: Database) -> None:
    await post_now(db, move("a", gateway(1), held(1), 100), move("a", gateway(2), held(2), 30))
    assert (await standing(db, held(1)), await standing(db, held(2))) == (100, 30)


async def test_held_money_and_a_shops_balance_never_fall_below_zero(db: Database) -> None:
    shop = shop_account(new_id(db))
    await post_now(db, move("a", gateway(), held(), 100), move("b", clearing(), shop, 40))
    for key, debit, amount in (("c", held(), 101), ("d", shop, 41)):
        with pytest.raises(InsufficientFunds):
            await post_now(db, move(key, debit, clearing(), amount))
    assert (await standing(db, held()), await standing(db, shop)) == (100, 40)
    await assert_ledger_clean(db)


async def test_an_account_cannot_begin_with_a_debt_even_if_the_refusal_is_caught(db: Database) -> None:
    shop = shop_account(new_id(db))

    async def careless(tx: Tx) -> None:
        with pytest.raises(InsufficientFunds):
            await post(tx, [move("a", shop, clearing(), 5)])

    await db.write(BOOKS, careless)
    assert (await standing(db, shop), await standing(db, clearing())) == (0, 0)
    assert await db.read(lambda r: list_transfers(r, 7, move("a", shop, clearing(), 5).subject)) == []


async def test_a_shop_may_be_allowed_a_floor_below_zero(db: Database) -> None:
    shop = shop_account(new_id(db))
    await post_now(db, move("a", clearing(), shop, 40))
    await db.write(BOOKS, lambda tx: allow_overdraft(tx, shop, -10))
    await post_now(db, move("b", shop, clearing(), 50))
    assert await standing(db, shop) == -10
    with pytest.raises(InsufficientFunds):
        await post_now(db, move("c", shop, clearing(), 1))
    with pytest.raises(InsufficientFunds):
        await db.write(BOOKS, lambda tx: allow_overdraft(tx, shop, 0))
    assert await standing(db, shop) == -10


async def test_money_may_pass_through_an_account_in_one_post(db: Database) -> None:
    shop = shop_account(new_id(db))
    await post_now(db, move("out", shop, clearing(), 40), move("in", clearing(), shop, 40))
    assert await standing(db, shop) == 0
    await assert_ledger_clean(db)


async def test_a_statement_counts_its_lines_and_carries_the_balance(db: Database) -> None:
    shop = shop_account(new_id(db))
    other = shop_account(new_id(db))
    for n in range(1, 6):
        await post_now(
            db,
            move(f"in{n}", clearing(), shop, 10 * n),
            move(f"out{n}", shop, clearing(), n),
            move(f"o{n}", clearing(), other, 7),
        )
    first = await db.read(lambda r: list_entries(r, shop, limit=4))
    rest = await db.read(lambda r: list_entries(r, shop, first.next, limit=100))
    lines = first.items + rest.items
    assert [e.entry for e in lines] == list(range(10, 0, -1))
    assert [(e.amount, e.balance) for e in lines][:3] == [(-5, 135), (50, 140), (-4, 90)]
    assert all(a.balance - a.amount == b.balance for a, b in pairwise(lines))
    assert rest.next is None
    assert [e.entry for e in await db.read(lambda r: list_entries_between(r, shop, 3, 5, 10))] == [5, 4, 3]


async def test_transfers_are_found_by_what_they_are_about(db: Database) -> None:
    order = new_id(db)
    await post_now(db, move("a", gateway(), held(), 100, order), move("b", gateway(), held(), 100))
    assert [t.posting.key for t in await db.read(lambda r: list_transfers(r, 7, order))] == ["a"]


async def test_many_balances_are_read_at_once_and_summed(db: Database) -> None:
    person = new_id(db)
    await post_now(db, move("a", gateway(1), held(1), 100), move("b", gateway(2), held(2), 11))
    refs = [held(1), held(2), held(3), owned_account(AccountKind.BUYER_CREDIT, person, CNY)]
    assert [m.amount for m in (await db.read(lambda r: map_balances(r, refs))).values()] == [100, 11, 0, 0]
    sums = {kind: money.amount for kind, money in await db.read(sum_balances)}
    assert sums == {AccountKind.GATEWAY: -111, AccountKind.HELD: 111}


async def test_the_audit_explains_money_under_way_between_buckets_for_a_while(db: Database) -> None:
    order = new_id(db)
    await post_now(db, move("a", gateway(1), held(1), 100, order), move("b", held(1), clearing(1), 100, order))
    assert await db.read(audit_ledger) == []
    db.clock.move(timedelta(minutes=16))
    (finding,) = await db.read(audit_ledger)
    assert (finding.check, finding.found) == ("ledger.clearing_is_empty", 100)
    await post_now(db, move("c", clearing(2), shop_account(new_id(db, 2)), 100, order))
    await assert_ledger_clean(db)


@pytest.mark.parametrize(
    ("damage", "checks"),
    [
        (
            "update ledger.accounts set balance = balance + 1 where kind = 'held'",
            {"ledger.sum_is_zero", "ledger.balance_is_sum_of_entries"},
        ),
        ("delete from ledger.transfers", {"ledger.balance_is_sum_of_entries", "ledger.entries_are_counted"}),
        (
            "delete from ledger.accounts where kind = 'held'",
            {"ledger.sum_is_zero", "ledger.balance_is_sum_of_entries", "ledger.entries_are_counted"},
        ),
        ("update ledger.transfers set amount = 99", {"ledger.balance_is_sum_of_entries"}),
    ],
)
async def test_the_audit_sees_what_somebody_changed_by_hand(db: Database, damage: str, checks: set[str]) -> None:
    await post_now(db, move("a", gateway(), held(), 100))
    await db.write(BOOKS, lambda tx: tx.execute(damage))
    assert {f.check for f in await db.read(audit_ledger)} == checks
