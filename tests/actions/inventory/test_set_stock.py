"""Counting stock."""

import pytest

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid
from fairground.market.inventory.actions import set_stock, set_stocks
from fairground.market.inventory.errors import StockNotFound
from fairground.market.inventory.queries import get_stock, list_low_stock, list_moves
from tests.support.inventory import SHOP, assert_books_agree, claim, ids, make_stock, return_now, stock_of, take_now


async def _news(db: Database) -> list[str]:
    async def look(reader: Reader) -> list[str]:
        return [r["name"] for r in await reader.rows("select name from kit.outbox order by id")]

    return await db.read(look)


async def test_a_count_is_a_move_of_the_difference(db: Database) -> None:
    (tea,) = await make_stock(db, 5)
    await db.write(SHOP, lambda tx: set_stock(tx, tea, 12))
    assert await stock_of(db, tea) == 12
    moves = (await db.read(lambda r: list_moves(r, tea))).items
    assert [(m.quantity, m.balance) for m in moves] == [(7, 12), (5, 5)]
    await assert_books_agree(db)


async def test_the_same_number_again_leaves_no_move(db: Database) -> None:
    (tea,) = await make_stock(db, 5)
    await db.write(SHOP, lambda tx: set_stock(tx, tea, 5))
    assert (await db.read(lambda r: get_stock(r, tea))).version == 1
    assert await _news(db) == []


async def test_a_shop_stops_counting_and_begins_again(db: Database) -> None:
    (tea,) = await make_stock(db, 5)
    await db.write(SHOP, lambda tx: set_stock(tx, tea, None))
    assert await stock_of(db, tea) is None
    await db.write(SHOP, lambda tx: set_stock(tx, tea, 0))
    assert await stock_of(db, tea) == 0
    await assert_books_agree(db)


@pytest.mark.parametrize("number", [-1, 10_000_001])
async def test_a_number_that_cannot_be_stock_is_refused(db: Database, number: int) -> None:
    (tea,) = await make_stock(db, 5)
    with pytest.raises(Invalid) as refusal:
        await db.write(SHOP, lambda tx: set_stock(tx, tea, number))
    assert refusal.value.errors[0].pointer == "/stock"
    assert await stock_of(db, tea) == 5


async def test_one_unknown_variant_refuses_the_whole_count(db: Database) -> None:
    (tea,) = await make_stock(db, 5)
    (stranger,) = ids(db, 7, 1)
    with pytest.raises(StockNotFound):
        await db.write(SHOP, lambda tx: set_stocks(tx, [(tea, 9), (stranger, 1)]))
    assert await stock_of(db, tea) == 5


async def test_marks_are_announced_when_they_are_crossed(db: Database) -> None:
    (tea,) = await make_stock(db, 7)
    first, last = claim(db, (tea, 2)), claim(db, (tea, 5))
    await take_now(db, first)
    await take_now(db, last)
    await return_now(db, [last])
    await db.write(SHOP, lambda tx: set_stock(tx, tea, 0))
    assert await _news(db) == [
        "inventory.StockRanLow",
        "inventory.SoldOut",
        "inventory.BackInStock",
        "inventory.SoldOut",
        "inventory.StockChanged",
    ]


async def test_low_stock_is_listed_scarcest_first_and_in_pages(db: Database) -> None:
    variants = await make_stock(db, 4, 0, 6, None, 4)
    owner = (await db.read(lambda r: get_stock(r, variants[0]))).owner_id
    await make_stock(db, 1, bucket=7)  # another shop in the same bucket
    page = await db.read(lambda r: list_low_stock(r, owner, limit=2))
    assert [s.variant_id for s in page.items] == [variants[1], variants[0]]
    rest = await db.read(lambda r: list_low_stock(r, owner, limit=2, after=page.next))
    assert ([s.variant_id for s in rest.items], rest.next) == ([variants[4]], None)
