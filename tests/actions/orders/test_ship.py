"""Shipping: parcels of an order, the clock of silence, late shops, lists of many orders."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.deadlines import list_deadlines
from fairground.kit.errors import Invalid
from fairground.market.accounts.queries import list_addresses
from fairground.market.orders.actions.case_hold import LetGo, hold_order, let_go
from fairground.market.orders.actions.extend import (
    extend_receipt,
    extend_receipt_by_shop,
)
from fairground.market.orders.actions.ship import PackedLine, Shipment, ship_order, ship_rows
from fairground.market.orders.errors import (
    NoMoreExtensions,
    NothingLeftToShip,
    NotYourDeed,
    OrderInWrongState,
    OrderNotFound,
)
from fairground.market.orders.model import CONFIRM, SHIP, Deed, OrderState, show_number
from fairground.market.promotions.model import AmountOff
from fairground.market.promotions.queries.coupons import list_wallet
from fairground.market.shipping.bulk import read_shipments
from fairground.market.shipping.model import ShippingRules
from fairground.market.shipping.queries import list_parcels
from fairground.market.shops.model import Role
from fairground.market.shops.queries import get_shop
from tests.support.catalog import make_product
from tests.support.orders import (
    WEB,
    as_seller,
    assert_all_clean,
    buyer_of,
    everything,
    in_full,
    make_buyer,
    order_now,
    pay,
    place_order,
    receive,
    seller_of,
    settle,
    ship,
)
from tests.support.shops import make_owner, make_shop, make_staff


async def test_the_order_is_shipped_when_every_piece_is_in_a_parcel(db: Database) -> None:
    """Peers, complaint 5: several parcels per order; delivery is charged once (shopware#18265)."""
    shop = await make_shop(db)
    pot, cup = await make_product(db, shop), await make_product(db, shop)
    order = await pay(db, await place_order(db, await make_buyer(db), (pot, 2), (cup, 1)))
    total = order.total

    first = await ship(db, order, [PackedLine(1, 1)])
    assert (first.state, first.parcels, first.confirm_by) == (OrderState.PAID, 1, None)
    db.clock.move(timedelta(hours=5))
    second = await ship(db, order, [PackedLine(1, 1), PackedLine(2, 1)])

    assert (second.state, second.parcels) == (OrderState.SHIPPED, 2)
    assert second.confirm_by == db.clock.now() + timedelta(days=10)
    assert second.total == total
    assert len(await db.read(lambda r: list_parcels(r, order.id))) == 2
    assert [move.deed for move in (await in_full(db, order)).moves] == [Deed.PLACE, Deed.PAY, Deed.SHIP_PART, Deed.SHIP]
    due = await db.read(lambda r: list_deadlines(r, order.id))
    assert [(d.kind, d.due_at) for d in due] == [(CONFIRM, second.confirm_by)]
    await assert_all_clean(db)


async def test_no_piece_is_packed_twice(db: Database) -> None:
    pot = await make_product(db, await make_shop(db))
    order = await pay(db, await place_order(db, await make_buyer(db), (pot, 2)))
    await ship(db, order, [PackedLine(1, 1)])
    before = await everything(db)
    with pytest.raises(NothingLeftToShip):
        await ship(db, order, [PackedLine(1, 2)])
    with pytest.raises(Invalid) as refusal:
        await ship(db, order, [PackedLine(7, 1), PackedLine(1, 0)])
    assert [e.pointer for e in refusal.value.errors] == ["/lines/0/line_id", "/lines/1/quantity"]
    assert await everything(db) == before


async def test_what_is_not_paid_is_not_shipped(db: Database) -> None:
    pot = await make_product(db, await make_shop(db))
    order = await place_order(db, await make_buyer(db), (pot, 1))
    before = await everything(db)
    with pytest.raises(OrderInWrongState) as refusal:
        await ship(db, order)
    assert refusal.value.params == {"state": "placed"}
    assert await everything(db) == before


async def test_strangers_and_other_shops_find_nothing_and_an_accountant_does_not_pack(db: Database) -> None:
    """Peers, complaint 10: a shop's route reached another shop's things by id (mercur#700)."""
    shop = await make_shop(db)
    pot = await make_product(db, shop)
    order = await pay(db, await place_order(db, await make_buyer(db), (pot, 1)))
    other = await make_shop(db)
    other_seller = await seller_of(db, await place_order(db, await make_buyer(db), (await make_product(db, other), 1)))
    parcel = Shipment("sandbox", "SB0000000001")
    for who in (person(await make_owner(db)), other_seller, buyer_of(order)):
        with pytest.raises(OrderNotFound):
            await db.write(who, lambda tx: ship_order(tx, order.id, parcel))
    accountant = person(await make_staff(db, shop, Role.ACCOUNTANT))
    with pytest.raises(NotYourDeed):
        await db.write(accountant, lambda tx: ship_order(tx, order.id, parcel))
    clerk = person(await make_staff(db, shop, Role.CLERK))
    assert (await db.write(clerk, lambda tx: ship_order(tx, order.id, parcel))).state is OrderState.SHIPPED


async def test_a_list_ships_what_it_can_and_says_why_not_the_rest(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop)
    orders = [await place_order(db, await make_buyer(db), (pot, 1)) for _ in range(3)]
    for order in orders[:2]:
        await pay(db, order)
    foreign = await pay(
        db, await place_order(db, await make_buyer(db), (await make_product(db, await make_shop(db)), 1))
    )
    text = "order_number,carrier,tracking_number\n"
    text += f"{orders[0].number:012d},sandbox,SB0000000001\n"
    text += f"{int(orders[1].id)},sandbox,SB0000000002\n"
    text += f"{int(orders[2].id)},sandbox,SB0000000003\n"
    text += f"{int(foreign.id)},sandbox,SB0000000004\n"
    rows = read_shipments(text.encode(), ShippingRules()).rows

    results = await as_seller(db, orders[0], lambda tx: ship_rows(tx, rows))

    assert [r.trouble and type(r.trouble) for r in results] == [None, None, OrderInWrongState, OrderNotFound]
    states = [(await order_now(db, order)).state for order in (*orders, foreign)]
    assert states == [OrderState.SHIPPED, OrderState.SHIPPED, OrderState.PLACED, OrderState.PAID]
    assert show_number(orders[0].number).replace(" ", "") == f"{orders[0].number:012d}"
    await assert_all_clean(db)


async def test_a_broken_promise_to_ship_is_compensated_once(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), price=20_000)
    late, quick = [await pay(db, await place_order(db, await make_buyer(db), (pot, 1))) for _ in range(2)]
    await ship(db, quick)
    db.clock.move(timedelta(hours=48, seconds=1))
    await settle(db)
    assert (await order_now(db, late)).compensation == 1_000
    assert (await order_now(db, quick)).compensation == 0
    wallet = (await db.read(lambda r: list_wallet(r, late.buyer_id))).items
    assert [(h.coupon.shop_id, h.coupon.effect, h.left) for h in wallet] == [(late.shop_id, AmountOff(1_000), 1)]
    assert (await db.read(lambda r: list_wallet(r, quick.buyer_id))).items == []
    db.clock.move(timedelta(hours=48))
    await settle(db)
    assert [move.deed for move in (await in_full(db, late)).moves] == [Deed.PLACE, Deed.PAY, Deed.COMPENSATE]
    assert await db.read(lambda r: list_deadlines(r, late.id)) == []
    assert SHIP.startswith("orders.")
    await receive(db, await ship(db, late))
    who = (late.buyer_id, (await db.read(lambda r: list_addresses(r, late.buyer_id)))[0])
    again = await place_order(db, who, (pot, 1), coupons=(str(int(wallet[0].coupon.id)),))
    assert again.total == 19_000
    await assert_all_clean(db)


class TestMoreTime:
    async def test_the_buyer_extends_once_by_three_days(self, db: Database) -> None:
        pot = await make_product(db, await make_shop(db))
        order = await ship(db, await pay(db, await place_order(db, await make_buyer(db), (pot, 1))))
        assert order.confirm_by is not None
        extended = await db.write(buyer_of(order), lambda tx: extend_receipt(tx, order.id))
        assert extended.confirm_by == order.confirm_by + timedelta(days=3)
        before = await everything(db)
        with pytest.raises(NoMoreExtensions):
            await db.write(buyer_of(order), lambda tx: extend_receipt(tx, order.id))
        assert await everything(db) == before
        db.clock.move(timedelta(days=10, seconds=1))
        await settle(db)
        assert (await order_now(db, order)).state is OrderState.SHIPPED
        db.clock.move(timedelta(days=3))
        await settle(db)
        assert (await order_now(db, order)).state is OrderState.RECEIVED
        await assert_all_clean(db)

    async def test_the_shop_extends_as_it_likes_within_bounds(self, db: Database) -> None:
        pot = await make_product(db, await make_shop(db))
        order = await ship(db, await pay(db, await place_order(db, await make_buyer(db), (pot, 1))))
        for days in (5, 30):
            await as_seller(db, order, lambda tx, days=days: extend_receipt_by_shop(tx, order.id, days))
        assert order.confirm_by is not None
        assert (await order_now(db, order)).confirm_by == order.confirm_by + timedelta(days=35)
        for days in (0, 31):
            with pytest.raises(Invalid):
                await as_seller(db, order, lambda tx, days=days: extend_receipt_by_shop(tx, order.id, days))

    async def test_while_the_clock_is_paused_silence_is_no_receipt(self, db: Database) -> None:
        pot = await make_product(db, await make_shop(db))
        order = await ship(db, await pay(db, await place_order(db, await make_buyer(db), (pot, 1))))
        db.clock.move(timedelta(days=4))
        left = await db.write(WEB, lambda tx: hold_order(tx, order))
        assert left == timedelta(days=6)
        db.clock.move(timedelta(days=40))
        await settle(db)
        assert (await order_now(db, order)).state is OrderState.SHIPPED
        await db.write(WEB, lambda tx: let_go(tx, [LetGo(order.id, left, timedelta())]))
        db.clock.move(timedelta(days=6, seconds=1))
        await settle(db)
        assert (await order_now(db, order)).state is OrderState.RECEIVED
        assert await db.read(lambda r: get_shop(r, order.shop_id))
