"""Receipt: the shop gets the money less commission, once; silence counts as receipt."""

import asyncio
from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.events import publish
from fairground.market.ledger.model import AccountKind, owned_account, system_account
from fairground.market.ledger.queries import balance, list_entries
from fairground.market.orders.actions.move import MARKET
from fairground.market.orders.actions.receipt import confirm_receipt, receive_orders
from fairground.market.orders.actions.settle import settle_shops
from fairground.market.orders.errors import OrderInWrongState, OrderNotFound
from fairground.market.orders.events import OrderReceived
from fairground.market.orders.model import Order, OrderState
from fairground.market.orders.queries.orders import count_open_of_buyer, has_received, list_orders_of_buyer
from fairground.market.orders.queries.shop_orders import count_open_of_shop, list_orders_of_shop
from fairground.market.promotions.model import AmountOff
from tests.support.catalog import make_product
from tests.support.orders import (
    WEB,
    as_seller,
    assert_all_clean,
    buyer_of,
    everything,
    make_buyer,
    order_now,
    pay,
    place_order,
    receive,
    settle,
    ship,
)
from tests.support.promotions import draft, make_coupon
from tests.support.shops import make_owner, make_shop


async def _on_its_way(db: Database, price: int = 10_000) -> Order:
    pot = await make_product(db, await make_shop(db), price=price)
    return await ship(db, await pay(db, await place_order(db, await make_buyer(db), (pot, 1))))


async def _shop_has(db: Database, order: Order) -> int:
    account = owned_account(AccountKind.SHOP, order.shop_id, order.currency)
    return (await db.read(lambda r: balance(r, account))).amount


async def test_shop_gets_the_money_less_commission(db: Database) -> None:
    order = await _on_its_way(db)
    received = await receive(db, order)
    assert (received.state, received.received_at) == (OrderState.RECEIVED, db.clock.now())
    assert await _shop_has(db, order) == 0
    await assert_all_clean(db)
    await settle(db)
    assert await _shop_has(db, order) == 9_700
    account = owned_account(AccountKind.SHOP, order.shop_id, "CNY")
    entries = (await db.read(lambda r: list_entries(r, account))).items
    assert sorted(entry.amount for entry in entries) == [-300, 10_000]
    earned = system_account(AccountKind.COMMISSION, order.shop_id.bucket, "CNY")
    assert (await db.read(lambda r: balance(r, earned))).amount == 300
    clearing = [system_account(AccountKind.CLEARING, b, "CNY") for b in {order.id.bucket, order.shop_id.bucket}]
    assert sum([(await db.read(lambda r, ref=ref: balance(r, ref))).amount for ref in clearing]) == 0
    await assert_all_clean(db)


async def test_what_the_shop_gave_away_bears_no_commission(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop, price=10_000)
    await make_coupon(db, draft(db, AmountOff(5_000), code="HALF"), shop=shop.id)
    order = await place_order(db, await make_buyer(db), (pot, 1), coupons=("HALF",))
    await receive(db, await ship(db, await pay(db, order)))
    await settle(db)
    assert await _shop_has(db, order) == 5_000 - 150
    await assert_all_clean(db)


async def test_what_the_market_gave_away_is_paid_to_the_shop_by_the_market(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop, price=10_000)
    coupon = await make_coupon(db, draft(db, AmountOff(10_000), threshold=10_000, code="MARKET"), shop=shop.id)
    await db.write(
        WEB,
        lambda tx: tx.execute(
            "update promotions.coupons set borne_by_market = 6000 where bucket = $1 and id = $2",
            coupon.id.bucket,
            coupon.id,
        ),
    )
    order = await place_order(db, await make_buyer(db), (pot, 1), coupons=("MARKET",))
    assert (order.total, order.off_market, order.off_shop, order.commission) == (0, 6_000, 4_000, 180)
    await receive(db, await ship(db, order))
    await settle(db)
    assert await _shop_has(db, order) == 6_000 - 180
    paid = system_account(AccountKind.MARKET, order.id.bucket, "CNY")
    assert (await db.read(lambda r: balance(r, paid))).amount == -6_000
    await assert_all_clean(db)


async def test_settling_twice_pays_once(db: Database) -> None:
    order = await receive(db, await _on_its_way(db))
    await settle(db)
    event = OrderReceived(
        order_id=order.id,
        buyer_id=order.buyer_id,
        shop_id=order.shop_id,
        payment_id=order.payment_id,
        held=10_000,
        subsidy=0,
        shop=9_700,
        commission=300,
        currency="CNY",
        version=order.version,
    )
    await db.write(WEB, lambda tx: settle_shops(tx, [event, event]))
    await db.write(WEB, lambda tx: publish(tx, event))
    await settle(db)
    assert await _shop_has(db, order) == 9_700
    await assert_all_clean(db)


async def test_stranger_finds_nothing(db: Database) -> None:
    order = await _on_its_way(db)
    before = await everything(db)
    with pytest.raises(OrderNotFound):
        await db.write(person(await make_owner(db)), lambda tx: confirm_receipt(tx, order.id))
    with pytest.raises(OrderNotFound):
        await as_seller(db, order, lambda tx: confirm_receipt(tx, order.id))
    after = await everything(db)
    assert {k: v for k, v in after.items() if k != "news"} == {k: v for k, v in before.items() if k != "news"}


async def test_what_is_not_on_its_way_cannot_be_received(db: Database) -> None:
    pot = await make_product(db, await make_shop(db))
    order = await pay(db, await place_order(db, await make_buyer(db), (pot, 1)))
    before = await everything(db)
    with pytest.raises(OrderInWrongState):
        await receive(db, order)
    assert await everything(db) == before


async def test_two_tabs_confirm_once(db: Database) -> None:
    order = await _on_its_way(db)
    results = await asyncio.gather(*(receive(db, order) for _ in range(5)), return_exceptions=True)
    assert sorted(type(r).__name__ for r in results) == ["Order"] + ["OrderInWrongState"] * 4
    await settle(db)
    assert await _shop_has(db, order) == 9_700
    await assert_all_clean(db)


async def test_ten_days_of_silence_are_a_receipt(db: Database) -> None:
    orders = [await _on_its_way(db) for _ in range(3)]
    db.clock.move(timedelta(days=9, hours=23))
    await settle(db)
    assert {(await order_now(db, o)).state for o in orders} == {OrderState.SHIPPED}
    db.clock.move(timedelta(hours=1, seconds=1))
    await settle(db)
    assert {(await order_now(db, o)).state for o in orders} == {OrderState.RECEIVED}
    assert [await _shop_has(db, o) for o in orders] == [9_700] * 3
    await assert_all_clean(db)


async def test_many_are_received_together_and_others_are_passed_over(db: Database) -> None:
    mine = [await _on_its_way(db) for _ in range(2)]
    done = await receive(db, await _on_its_way(db))
    received = await db.write(WEB, lambda tx: receive_orders(tx, [*[o.id for o in mine], done.id], MARKET))
    assert {o.id for o in received} == {o.id for o in mine}
    await settle(db)
    await assert_all_clean(db)


class TestLists:
    async def test_a_shop_sees_its_orders_within_one_delivery_by_state_and_page(self, db: Database) -> None:
        shop = await make_shop(db)
        pot = await make_product(db, shop, stock=None)
        orders = [await place_order(db, await make_buyer(db), (pot, 1)) for _ in range(5)]
        foreign = await place_order(db, await make_buyer(db), (await make_product(db, await make_shop(db)), 1))
        await pay(db, orders[0])
        await pay(db, orders[1])
        await ship(db, orders[1])
        await settle(db)
        page = await db.read(lambda r: list_orders_of_shop(r, shop.id, limit=3))
        rest = await db.read(lambda r: list_orders_of_shop(r, shop.id, limit=3, after=page.next))
        assert [o.order_id for o in [*page.items, *rest.items]] == sorted((o.id for o in orders), reverse=True)
        assert rest.next is None
        assert foreign.id not in {o.order_id for o in [*page.items, *rest.items]}
        paid = await db.read(lambda r: list_orders_of_shop(r, shop.id, state=OrderState.PAID))
        assert [(o.order_id, o.recipient, o.lines[0]["title"], o.pieces) for o in paid.items] == [
            (orders[0].id, "Lin Ming", "Teapot", 1)
        ]
        counts = await db.read(lambda r: count_open_of_shop(r, shop.id))
        assert {str(state): n for state, n in counts.items()} == {"placed": 3, "paid": 1, "shipped": 1}

    async def test_a_buyer_sees_only_own_orders_by_state_and_page(self, db: Database) -> None:
        pot = await make_product(db, await make_shop(db), stock=None)
        buyer = await make_buyer(db)
        orders = [await place_order(db, buyer, (pot, 1)) for _ in range(4)]
        await place_order(db, await make_buyer(db), (pot, 1))
        await receive(db, await ship(db, await pay(db, orders[0])))
        await pay(db, orders[1])
        page = await db.read(lambda r: list_orders_of_buyer(r, buyer[0], limit=3))
        rest = await db.read(lambda r: list_orders_of_buyer(r, buyer[0], limit=3, after=page.next))
        assert [o.id for o in [*page.items, *rest.items]] == [o.id for o in reversed(orders)]
        for state, expected in ((OrderState.PLACED, orders[:1:-1]), (OrderState.RECEIVED, orders[:1])):
            found = await db.read(lambda r, state=state: list_orders_of_buyer(r, buyer[0], state=state))
            assert [o.id for o in found.items] == [o.id for o in expected]
        counts = await db.read(lambda r: count_open_of_buyer(r, buyer[0]))
        assert {str(state): n for state, n in counts.items()} == {"placed": 2, "paid": 1, "shipped": 0}
        assert await db.read(lambda r: has_received(r, buyer[0]))
        assert buyer_of(orders[0]).person_id == buyer[0]
