"""Many hands on the same accounts."""

import asyncio

from fairground.kit.db import Database, Tx
from fairground.market.ledger.errors import InsufficientFunds
from tests.support.ledger import (
    BOOKS,
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


async def test_without_the_key_money_looked_up_first_is_moved_many_times(wide_db: Database) -> None:
    both_have_looked = asyncio.Barrier(2)

    async def look_then_move(tx: Tx) -> None:
        if not await tx.value("select count(*) from ledger.transfers where subject = 1"):
            await both_have_looked.wait()
            key = str(new_id(wide_db))
            await tx.execute(
                """
                insert into ledger.transfers values (7, $1, -1, 'gateway', 1, -100, 0, 'held', 1, 100, 100, 'CNY',
                                                     'test.moved', 1, $2)
                """,
                key,
                tx.now,
            )

    await asyncio.gather(*(wide_db.write(BOOKS, look_then_move) for _ in range(2)))
    assert await wide_db.read(lambda r: r.value("select count(*) from ledger.transfers where subject = 1")) == 2


async def test_one_key_posted_by_many_at_once_moves_once(wide_db: Database) -> None:
    answers = await asyncio.gather(*(post_now(wide_db, move("a", gateway(), held(), 100)) for _ in range(16)))
    assert sum(t.is_new for (t,) in answers) == 1
    assert await standing(wide_db, held()) == 100
    await assert_ledger_clean(wide_db)


async def test_a_balance_is_spent_once_by_many(wide_db: Database) -> None:
    shop = shop_account(new_id(wide_db))
    await post_now(wide_db, move("in", clearing(), shop, 100))

    async def spend(n: int) -> bool:
        try:
            await post_now(wide_db, move(f"out{n}", shop, clearing(), 30))
        except InsufficientFunds:
            return False
        return True

    assert sum(await asyncio.gather(*(spend(n) for n in range(16)))) == 3
    assert await standing(wide_db, shop) == 10
    await assert_ledger_clean(wide_db)


async def test_posts_over_the_same_accounts_in_any_order_all_arrive(wide_db: Database) -> None:
    shops = [shop_account(new_id(wide_db, n % 3)) for n in range(6)]
    await post_now(wide_db, *(move(f"open{n}", clearing(s.bucket), s, 1000) for n, s in enumerate(shops)))

    async def turn(n: int) -> None:
        order = shops[n % 6 :] + shops[: n % 6]
        await post_now(
            wide_db, *(move(f"{n}/{s.owner}", clearing(s.bucket), s, 5) if i % 2 else
                       move(f"{n}/{s.owner}", s, clearing(s.bucket), 5) for i, s in enumerate(order))
        )  # fmt: skip

    await asyncio.gather(*(turn(n) for n in range(60)))
    assert [await standing(wide_db, s) for s in shops] == [1000] * 6
    await assert_ledger_clean(wide_db)
