"""Several processes on one database: one key is one order, whoever crashes; hot goods sell out without a deadlock."""

import random
from collections import Counter
from typing import Any, Final

import asyncpg
import msgspec
import pytest

from fairground.kit.db import Database
from fairground.market.accounts.model import Address, PersonId
from fairground.market.catalog.model import Product
from tests.support.catalog import make_product
from tests.support.inventory import stock_of
from tests.support.orders import assert_all_clean, make_buyer
from tests.support.shopper import AFTER_COMMIT, Ask, all_told, shoppers
from tests.support.shops import make_shop

pytestmark = pytest.mark.long
KEYS: Final = 60
CARTS: Final = 40  # of each process
STOCK: Final = 60


def _ask(buyer: tuple[PersonId, Address], key: str, *lines: tuple[Product, int]) -> Ask:
    who, address = buyer
    return Ask(int(who), int(address.id), key, [(int(product.variants[0].id), pieces) for product, pieces in lines])


async def _count(db: Database) -> tuple[int, int, int]:
    row = await db.read(
        lambda r: r.row(
            """
            select (select count(*) from orders.checkouts), (select count(*) from payments.payments),
                   (select count(*) from kit.idempotency)
            """
        )
    )
    assert row is not None
    return tuple(row)


async def _deadlocks(db: Database) -> int:
    conn: Any = await asyncpg.connect(db.dsn)
    try:
        return int(await conn.fetchval("select deadlocks from pg_stat_database where datname = current_database()"))
    finally:
        await conn.close()


async def test_the_same_keys_at_the_same_moment_in_two_processes_order_once_each(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), stock=KEYS)
    buyers = [await make_buyer(db) for _ in range(4)]
    asks = [_ask(buyers[n % 4], f"key {n}", (pot, 1)) for n in range(KEYS)]
    with shoppers(db, 2) as two:
        for shopper, order in zip(two, (asks, asks[::-1]), strict=True):
            shopper.say(order)
        told = all_told(two)
    assert [one.trouble for one in told] == [None] * 2 * KEYS
    assert sum(not one.is_replayed for one in told) == KEYS
    assert set(Counter(one.id for one in told).values()) == {2}
    assert await _count(db) == (KEYS, KEYS, KEYS)
    assert await stock_of(db, pot.variants[0].id) == 0
    await assert_all_clean(db)


async def test_a_key_whose_process_was_killed_after_the_commit_gets_its_answer_from_another(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), stock=5)
    ask = _ask(await make_buyer(db), "the key", (pot, 1))
    with shoppers(db, dies_at=AFTER_COMMIT) as (dying,):
        dying.say([ask])
        assert dying.hear() is None, "it died before it could answer"
        assert dying.how_it_ended() == -9
    assert await _count(db) == (1, 1, 1)
    with shoppers(db) as (other,):
        other.say([ask])
        (told,) = other.hear() or []
        other.say([msgspec.structs.replace(ask, lines=[(ask.lines[0][0], 2)])])
        (refused,) = other.hear() or []
    assert told.is_replayed
    assert told.id is not None
    assert refused.trouble == "idempotency.key_reused"
    assert await _count(db) == (1, 1, 1)
    assert await stock_of(db, pot.variants[0].id) == 4
    await assert_all_clean(db)


@pytest.mark.parametrize("statement", [1, 2, 4])
async def test_a_key_whose_process_was_killed_before_the_commit_is_free_for_another(
    db: Database, statement: int
) -> None:
    pot = await make_product(db, await make_shop(db), stock=5)
    ask = _ask(await make_buyer(db), "the key", (pot, 1))
    with shoppers(db, dies_at=statement) as (dying,):
        dying.say([ask])
        assert dying.hear() is None
        assert dying.how_it_ended() == -9
    assert await _count(db) == (0, 0, 0)
    assert await stock_of(db, pot.variants[0].id) == 5
    with shoppers(db) as (other,):
        other.say([ask])
        (told,) = other.hear() or []
    assert told.id is not None
    assert not told.is_replayed
    assert await _count(db) == (1, 1, 1)
    await assert_all_clean(db)


async def test_hot_goods_in_carts_of_opposite_orders_sell_out_without_a_deadlock(db: Database) -> None:
    shop, other = await make_shop(db), await make_shop(db)
    goods = [await make_product(db, shop if n % 2 else other, stock=STOCK) for n in range(4)]
    buyers = [await make_buyer(db) for _ in range(6)]
    dice = random.Random(20261122)
    before = await _deadlocks(db)
    with shoppers(db, 3) as three:
        for number, shopper in enumerate(three):
            carts = [dice.sample(goods, 3) for _ in range(CARTS)]
            carts = carts if number % 2 else [cart[::-1] for cart in carts]
            shopper.say(
                [
                    _ask(dice.choice(buyers), f"{number}/{n}", *((product, 1) for product in cart))
                    for n, cart in enumerate(carts)
                ]
            )
        told = all_told(three)
    placed = [one for one in told if one.id is not None]
    assert {one.trouble for one in told} <= {None, "orders.out_of_stock"}
    left = [await stock_of(db, product.variants[0].id) for product in goods]
    assert sum(STOCK - (pieces or 0) for pieces in left) == 3 * len(placed)
    assert min(pieces or 0 for pieces in left) == 0
    assert await _deadlocks(db) == before
    await assert_all_clean(db)
