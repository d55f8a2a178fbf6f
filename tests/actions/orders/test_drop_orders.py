"""Orders of drop goods: what becomes of the quota when they are not paid, cancelled, or paid too late."""

from datetime import timedelta

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.market.orders.actions.cancel import cancel_order
from fairground.market.orders.errors import CouponGone, DropLimit, NotForSale, OutOfStock, PriceChanged, TotalChanged
from fairground.market.orders.intake.commit import commit
from fairground.market.orders.intake.prepare import prepare
from fairground.market.orders.intake.prepared import Placed, PreparedCheckout
from fairground.market.orders.model import OrderState
from fairground.market.orders.model.quote import CheckoutRequest
from fairground.market.payments.model import Late
from fairground.market.promotions.actions.drops import cancel_drop
from fairground.market.promotions.board import Board
from tests.support.catalog import make_product
from tests.support.drops import MARKET, drop_draft, drop_now, open_drop
from tests.support.inventory import stock_of
from tests.support.orders import (
    WEB,
    arrival,
    assert_all_clean,
    buyer_of,
    check_out,
    everything,
    expire,
    hear,
    in_full,
    lines_of,
    make_buyer,
    notice_for,
    order_now,
    pay,
    place_order,
    refusal,
)
from tests.support.promotions import draft, make_coupon, take_now
from tests.support.shops import make_shop
from tests.support.statements import statements

QUARTER = timedelta(minutes=15)


async def test_the_line_freezes_the_drops_price_and_its_payment_is_open_a_quarter_of_an_hour(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop, price=19_900)
    face = await open_drop(db, shop.id, drop_draft(db, pot, price=5_000, quota=3, each=2))
    order = await place_order(db, await make_buyer(db), (pot, 2))
    line = (await in_full(db, order)).lines[0]
    assert (line.unit_price, line.paid, line.off_shop) == (19_900, 10_000, 29_800)
    assert [(s.kind, s.code, s.title) for s in line.shares] == [("limited_price", str(face.id), "Noon drop")]
    assert order.pay_by - order.placed_at == QUARTER
    assert (await drop_now(db, face)).goods[0].left == 1
    await assert_all_clean(db)


async def test_what_nobody_pays_or_is_cancelled_goes_back_to_quota_and_stock(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop, stock=10)
    face = await open_drop(db, shop.id, drop_draft(db, pot, quota=3))
    buyers = [await make_buyer(db, f"Ming {n}") for n in range(3)]
    unpaid, cancelled, paid = [await place_order(db, buyer, (pot, 1)) for buyer in buyers]
    await pay(db, paid)
    assert (await drop_now(db, face)).left == 0
    db.clock.move(QUARTER)
    await expire(db, unpaid.payment_id)
    await db.write(buyer_of(cancelled), lambda tx: cancel_order(tx, cancelled.id))
    assert (await drop_now(db, face)).left == 2
    await db.write(buyer_of(paid), lambda tx: cancel_order(tx, paid.id))
    assert (await drop_now(db, face)).left == 3
    assert await stock_of(db, pot.variants[0].id) == 10
    again = await place_order(db, buyers[0], (pot, 1))
    assert again.state is OrderState.PLACED
    await assert_all_clean(db)


async def test_money_that_comes_after_the_close_goes_back_and_buys_nothing(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop)
    face = await open_drop(db, shop.id, drop_draft(db, pot, quota=1))
    order = await place_order(db, await make_buyer(db), (pot, 1))
    notice = await notice_for(db, order)
    db.clock.move(QUARTER + timedelta(seconds=1))
    await expire(db, order.payment_id)
    (outcome,) = await hear(db, notice)
    assert isinstance(outcome, Late)
    assert (await order_now(db, order)).state is OrderState.CLOSED
    assert (await drop_now(db, face)).left == 1
    await assert_all_clean(db)


async def test_a_refused_checkout_of_a_drop_leaves_nothing(db: Database) -> None:
    shop = await make_shop(db)
    pot, jug = await make_product(db, shop), await make_product(db, shop)
    await open_drop(db, shop.id, drop_draft(db, pot, jug, quota=3, each=2))
    who, address = await make_buyer(db)
    other, home = await make_buyer(db, "Hua")
    first = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 2)))
    (one,) = await check_out(db, arrival(who, first))
    assert isinstance(one, Placed)
    before = await everything(db)
    for asker, where, lines, kind in (
        (who, address, lines_of((jug, 1), (pot, 1)), DropLimit),  # counted when it is written
        (who, address, lines_of((jug, 3)), DropLimit),  # seen when it is priced
        (other, home, lines_of((jug, 1), (pot, 2)), OutOfStock),
    ):
        request = CheckoutRequest(address_id=where.id, lines=lines)
        (outcome,) = await check_out(db, arrival(asker, request))
        assert isinstance(refusal(outcome), kind)
    after = await everything(db)
    assert {name for name in before if before[name] != after[name]} == set()
    await assert_all_clean(db)


async def test_who_is_past_the_limit_hears_how_many_they_could_have(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop)
    await open_drop(db, shop.id, drop_draft(db, pot, each=3))
    who, address = await make_buyer(db)
    await place_order(db, (who, address), (pot, 2))
    request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 2)))
    (outcome,) = await check_out(db, arrival(who, request))
    trouble = refusal(outcome)
    assert isinstance(trouble, DropLimit)
    assert trouble.params["variants"] == [{"variant_id": str(pot.variants[0].id), "left": 1}]


async def test_what_was_priced_in_a_drop_that_was_stopped_since_is_looked_at_again(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop)
    face = await open_drop(db, shop.id, drop_draft(db, pot))
    who, address = await make_buyer(db)
    request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)))
    (ready,) = await db.read(lambda r: prepare(r, [arrival(who, request)]))
    assert isinstance(ready, PreparedCheckout)
    await db.write(MARKET, lambda tx: cancel_drop(tx, face.id))
    (outcome,) = await db.write(WEB, lambda tx: commit(tx, [ready]))
    assert isinstance(outcome, PriceChanged)
    order = await place_order(db, (who, address), (pot, 1))
    assert order.off_shop == 0
    assert not isinstance(outcome, NotForSale | TotalChanged)
    await assert_all_clean(db)


async def test_where_stock_is_shorter_than_the_quota_the_first_still_get_it(db: Database) -> None:
    shop = await make_shop(db)
    pot, jug = await make_product(db, shop, stock=9), await make_product(db, shop, stock=1)
    face = await open_drop(db, shop.id, drop_draft(db, pot, quota=2))
    buyers = [await make_buyer(db, f"Ming {n}") for n in range(4)]
    wishes = [lines_of((jug, 1)), lines_of((pot, 1), (jug, 1)), lines_of((pot, 1)), lines_of((pot, 1))]
    arrivals = [
        arrival(who, CheckoutRequest(address_id=address.id, lines=lines))
        for (who, address), lines in zip(buyers, wishes, strict=True)
    ]
    outcomes = await check_out(db, *arrivals)
    # The second found no jug: its part of the quota went to the fourth.
    assert [type(outcome) for outcome in outcomes] == [Placed, OutOfStock, Placed, Placed]
    assert (await drop_now(db, face)).left == 0
    await assert_all_clean(db)


async def test_a_coupon_is_not_used_up_by_a_checkout_that_a_drop_refuses(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop, price=19_900)
    await open_drop(db, shop.id, drop_draft(db, pot, price=9_000, quota=1))
    coupon = await make_coupon(db, draft(db, total=1), shop=shop.id)
    first, second = await make_buyer(db), await make_buyer(db, "Hua")
    jug = await make_product(db, shop)
    third = await make_buyer(db, "Lan")
    wishes = [(first, pot, ()), (second, pot, (str(coupon.id),)), (third, jug, (str(coupon.id),))]
    outcomes = await check_out(
        db,
        *(
            arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((what, 1)), coupons=coupons))
            for (who, address), what, coupons in wishes
        ),
    )
    assert [type(outcome) for outcome in outcomes] == [Placed, OutOfStock, Placed]
    assert not isinstance(outcomes[2], CouponGone)
    await assert_all_clean(db)


async def test_a_shops_coupon_counts_on_top_of_a_drops_price(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop, price=19_900)
    await open_drop(db, shop.id, drop_draft(db, pot, price=9_000))
    coupon = await make_coupon(db, shop=shop.id)
    buyer = await make_buyer(db)
    await take_now(db, buyer[0], coupon)
    order = await place_order(db, buyer, (pot, 1), coupons=(str(coupon.id),))
    line = (await in_full(db, order)).lines[0]
    assert line.paid == 8_000
    assert [share.kind for share in line.shares] == ["limited_price", "shop_coupon"]
    await db.write(person(buyer[0]), lambda tx: cancel_order(tx, order.id))
    await assert_all_clean(db)


async def test_a_checkout_without_drop_goods_asks_nothing_more_and_one_with_some_a_fixed_few(db: Database) -> None:
    shop = await make_shop(db)
    pot, jug = await make_product(db, shop, stock=50), await make_product(db, shop, stock=50)
    buyers = [await make_buyer(db, f"Ming {n}") for n in range(4)]

    async def count(*wanted: object) -> int:
        await db.given(Board).refresh(db)
        with statements() as seen:
            outcomes = await check_out(
                db,
                *(
                    arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((what, 1))))  # type: ignore[arg-type]
                    for (who, address), what in zip(buyers, wanted, strict=False)
                ),
            )
        assert all(isinstance(outcome, Placed) for outcome in outcomes)
        return len(seen)

    before = await count(pot)
    await open_drop(db, shop.id, drop_draft(db, jug, each=50, quota=50))
    assert await count(pot) == before
    assert await count(jug) == await count(jug, pot, jug, jug) == before + 6
