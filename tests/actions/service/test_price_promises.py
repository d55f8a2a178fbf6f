"""The promise that a price holds: kept at the sale, made good at once when it falls, once for each fall."""

import asyncio
from datetime import timedelta

import pytest

from fairground.kit.actor import person as acting
from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.actions.change import set_price
from fairground.market.catalog.model import Product
from fairground.market.notifications.queries import list_letters
from fairground.market.orders.model import Order
from fairground.market.promotions.model import AmountOff
from fairground.market.promotions.queries.coupons import list_wallet
from fairground.market.service import jobs
from fairground.market.service.actions.promises import check_prices, forget_promises_to
from fairground.market.service.model.promises import PromiseRules
from fairground.market.shops.actions.promises import promise_prices
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import Shop
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.orders import assert_all_clean, make_buyer, pay, place_order
from tests.support.payments import cny
from tests.support.shops import make_shop
from tests.support.world import pump


async def sold(db: Database, days: int = 7, quantity: int = 2) -> tuple[Shop, Product, Order]:
    """Sell pieces for 100.00 each under a promise."""
    shop = await make_shop(db)
    await db.write(system("tests"), lambda tx: promise_prices(tx, shop.id, days, most=30))
    product = await make_product(db, shop, price=10_000, stock=50)
    order = await pay(db, await place_order(db, await make_buyer(db), (product, quantity)))
    await pump(db)
    return shop, product, order


async def cost(db: Database, product: Product, amount: int) -> None:
    """Change the price, and let the news travel."""
    await db.write(system("tests"), lambda tx: set_price(tx, product.variants[0].id, cny(amount)))
    await pump(db)


async def vouchers(db: Database, buyer_id: PersonId) -> list[int]:
    """List what the vouchers in a wallet are worth."""
    held = (await db.read(lambda r: list_wallet(r, buyer_id))).items
    fallen = [one.coupon for one in held if (one.coupon.code or "").startswith("PRICE")]
    return sorted(one.effect.amount for one in fallen if isinstance(one.effect, AmountOff))


async def test_a_fall_is_made_good_at_once_and_a_further_fall_by_what_it_fell_further(db: Database) -> None:
    _, product, order = await sold(db)
    await cost(db, product, 9_000)
    assert await vouchers(db, order.buyer_id) == [2_000]
    letter = (await db.read(lambda r: list_letters(r, order.buyer_id))).items[0]
    assert letter.kind == "buyers.price_fell"
    await cost(db, product, 9_500)
    await cost(db, product, 9_000)
    assert await vouchers(db, order.buyer_id) == [2_000], "up and down again is no new fall"
    await cost(db, product, 8_500)
    assert await vouchers(db, order.buyer_id) == [1_000, 2_000]
    await assert_all_clean(db)


async def test_after_the_days_nothing_is_owed_and_to_the_second(db: Database) -> None:
    _, product, order = await sold(db)
    db.clock.move(timedelta(days=7, seconds=-1))
    await cost(db, product, 9_900)
    assert await vouchers(db, order.buyer_id) == [200]
    db.clock.move(timedelta(seconds=1))
    await cost(db, product, 5_000)
    assert await vouchers(db, order.buyer_id) == [200]
    (forget,) = [timer for timer in jobs.timers() if timer.name == "service.forget_price_promises"]
    db.clock.move(timedelta(seconds=1))
    assert await forget.run(db) == 1


async def test_without_a_promise_nothing_is_owed_and_a_taken_back_one_holds_for_what_was_sold(db: Database) -> None:
    shop, product, order = await sold(db)
    await db.write(system("tests"), lambda tx: promise_prices(tx, shop.id, 0, most=30))
    later = await pay(db, await place_order(db, await make_buyer(db), (product, 1)))
    await pump(db)
    await cost(db, product, 9_000)
    assert await vouchers(db, order.buyer_id) == [2_000]
    assert await vouchers(db, later.buyer_id) == []


async def test_checking_many_times_at_once_gives_one_voucher(wide_db: Database) -> None:
    _, product, order = await sold(wide_db)
    await wide_db.write(system("tests"), lambda tx: set_price(tx, product.variants[0].id, cny(9_000)))
    made = await asyncio.gather(
        *(wide_db.write(system("tests"), lambda tx: check_prices(tx, [product.id])) for _ in range(6))
    )
    assert sum(made) == 1
    await pump(wide_db)
    assert await vouchers(wide_db, order.buyer_id) == [2_000]


async def test_only_the_shops_people_promise_and_within_the_limit(db: Database) -> None:
    shop, stranger, most = await make_shop(db), await make_person(db), PromiseRules().price_days_most
    with pytest.raises(ShopNotFound):
        await db.write(acting(stranger.id), lambda tx: promise_prices(tx, shop.id, 7, most=most))
    for days in (-1, 31):
        with pytest.raises(Invalid):
            await db.write(system("tests"), lambda tx, n=days: promise_prices(tx, shop.id, n, most=most))  # type: ignore[misc]


async def test_who_left_is_promised_nothing(db: Database) -> None:
    _, product, order = await sold(db)
    await db.write(system("tests"), lambda tx: forget_promises_to(tx, order.buyer_id))
    await cost(db, product, 1_000)
    assert await vouchers(db, order.buyer_id) == []
