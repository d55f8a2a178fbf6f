"""What was sold is counted on the thing when it is paid, and taken back with the money; finding hears of it."""

from pathlib import Path

from fairground.kit.db import Database
from fairground.market.orders.actions.cancel import cancel_order
from fairground.market.search.feed import IndexFeeder
from fairground.market.search.model import Sort
from tests.support.catalog import make_product, product_now
from tests.support.orders import buyer_of, expire, make_buyer, pay, place_order
from tests.support.search import find
from tests.support.shops import make_shop
from tests.support.world import pump


async def test_paid_pieces_count_as_sold_and_refunded_ones_do_not(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop, stock=20)
    kept = await pay(db, await place_order(db, await make_buyer(db), (pot, 3)))
    back = await pay(db, await place_order(db, await make_buyer(db), (pot, 4)))
    await pump(db)
    assert (await product_now(db, pot.id)).sold == 7
    await db.write(buyer_of(back), lambda tx: cancel_order(tx, back.id))
    await pump(db)
    assert (await product_now(db, pot.id)).sold == 3
    assert kept.id != back.id


async def test_what_was_never_paid_does_not_count(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), stock=20)
    order = await place_order(db, await make_buyer(db), (pot, 3))
    await expire(db, order.payment_id)
    await pump(db)
    assert (await product_now(db, pot.id)).sold == 0


async def test_the_index_orders_by_what_was_sold(db: Database, tmp_path: Path) -> None:
    shop = await make_shop(db)
    first, second = await make_product(db, shop, stock=20), await make_product(db, shop, stock=20)
    feeder = IndexFeeder(tmp_path / "index")
    await pump(db)
    await feeder.feed(db)
    for pot in (first, second):
        await pay(db, await place_order(db, await make_buyer(db), (pot, 1 if pot is first else 5)))
        await pump(db)
        await feeder.feed(db)
    found = await find(db, tmp_path / "index", sort=Sort.SALES)
    assert found.ids == [second.id, first.id]
    feeder.close()
