"""Two hundred buyers, one piece (oversold by six code bases before us)."""

import asyncio

from fairground.kit.db import Database, Tx
from fairground.market.inventory.actions import set_stock
from fairground.market.inventory.model import Refused, Taken
from fairground.market.inventory.queries import map_held
from tests.support.inventory import SHOP, assert_books_agree, claim, make_stock, return_now, stock_of, take_now

BUYERS = 200


async def test_without_the_guard_one_piece_is_sold_many_times(wide_db: Database) -> None:
    (tea,) = await make_stock(wide_db, 1)

    everybody_has_looked = asyncio.Barrier(2)

    async def look_then_write(tx: Tx) -> bool:
        free = await tx.value(
            "select on_hand from inventory.stock where bucket = $1 and variant_id = $2", tea.bucket, tea
        )
        await everybody_has_looked.wait()
        if free < 1:
            return False
        await tx.execute(
            "update inventory.stock set on_hand = $3 where bucket = $1 and variant_id = $2", tea.bucket, tea, free - 1
        )
        return True

    sold = await asyncio.gather(*(wide_db.write(SHOP, look_then_write) for _ in range(2)))
    assert sum(sold) == 2


async def test_two_hundred_takers_get_one_piece(wide_db: Database) -> None:
    (tea,) = await make_stock(wide_db, 1)
    answers = await asyncio.gather(*(take_now(wide_db, claim(wide_db, (tea, 1))) for _ in range(BUYERS)))
    assert sum(isinstance(a, Taken) for (a,) in answers) == 1
    assert all(a.missing[0].left == 0 for (a,) in answers if isinstance(a, Refused))
    assert await stock_of(wide_db, tea) == 0
    assert await wide_db.read(lambda r: map_held(r, [tea])) == {tea: 1}
    await assert_books_agree(wide_db)


async def test_takers_of_the_same_goods_in_any_order_do_not_block_each_other(wide_db: Database) -> None:
    goods = await make_stock(wide_db, *[60] * 6) + await make_stock(wide_db, *[60] * 6, bucket=3)

    async def buy(turn: int) -> None:
        order = goods[turn % len(goods) :] + goods[: turn % len(goods)]
        wish = claim(wide_db, *[(v, 1) for v in order])
        await take_now(wide_db, wish)
        if turn % 2:
            await return_now(wide_db, [wish])

    await asyncio.gather(*(buy(turn) for turn in range(60)))
    assert [await stock_of(wide_db, v) for v in goods] == [30] * len(goods)
    await assert_books_agree(wide_db)


async def test_a_piece_given_back_by_two_hands_comes_back_once(wide_db: Database) -> None:
    (tea,) = await make_stock(wide_db, 1)
    wish = claim(wide_db, (tea, 1))
    await take_now(wide_db, wish)
    returned = await asyncio.gather(*(return_now(wide_db, [wish]) for _ in range(20)))
    assert (sum(returned), await stock_of(wide_db, tea)) == (1, 1)
    await assert_books_agree(wide_db)


async def test_stock_that_loses_its_number_while_a_taker_waits_is_still_sold(wide_db: Database) -> None:
    (tea,) = await make_stock(wide_db, 0)
    locked, go = asyncio.Event(), asyncio.Event()

    async def stop_counting(tx: Tx) -> None:
        await set_stock(tx, tea, None)
        locked.set()
        await go.wait()

    writer = asyncio.create_task(wide_db.write(SHOP, stop_counting))
    await locked.wait()
    taker = asyncio.create_task(take_now(wide_db, claim(wide_db, (tea, 1))))
    await _until_somebody_waits(wide_db)
    go.set()
    await writer
    assert isinstance((await taker)[0], Taken)
    await assert_books_agree(wide_db)


async def _until_somebody_waits(db: Database) -> None:
    while not await db.read(lambda r: r.value("select count(*) from pg_locks where not granted")):
        await asyncio.sleep(0.005)
