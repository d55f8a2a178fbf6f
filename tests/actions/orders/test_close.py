"""Closing what nobody paid, and cancelling what nobody has shipped: pieces, coupons and money go back."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database, Given
from fairground.market.ledger.model import AccountKind, owned_account, system_account
from fairground.market.ledger.queries import balance
from fairground.market.orders.actions.cancel import agree_to_cancel, cancel_order, refund_by_shop, refuse_to_cancel
from fairground.market.orders.actions.ship import PackedLine
from fairground.market.orders.errors import NotCancellable, OrderInWrongState, OrderNotFound, RefundTooLarge
from fairground.market.orders.events import PaymentReminderDue
from fairground.market.orders.model import CloseReason, Order, OrderRules, OrderState
from fairground.market.promotions.model import AmountOff
from fairground.market.shops.actions.face import change_shop
from fairground.market.shops.model import ShopChange
from tests.support.catalog import make_product
from tests.support.given import test_given
from tests.support.inventory import stock_of
from tests.support.orders import (
    as_seller,
    assert_all_clean,
    buyer_of,
    everything,
    expire,
    hear,
    in_full,
    make_buyer,
    notice_for,
    order_now,
    pay,
    place_order,
    place_orders,
    receive,
    settle,
    ship,
)
from tests.support.promotions import counters, draft, make_coupon
from tests.support.shops import make_owner, make_shop


class TestUnpaid:
    async def test_all_orders_of_an_unpaid_checkout_close_together_and_give_everything_back(self, db: Database) -> None:
        shop = await make_shop(db)
        pot = await make_product(db, shop, price=10_000, stock=5)
        cup = await make_product(db, await make_shop(db), stock=2)
        coupon = await make_coupon(db, draft(db, AmountOff(1_000), code="BACK"), shop=shop.id)
        orders = await place_orders(db, await make_buyer(db), (pot, 2), (cup, 2), coupons=("BACK",))
        assert await counters(db, coupon.id) == (1, 1)
        await expire(db, orders[0].payment_id)
        closed = [await order_now(db, order) for order in orders]
        assert {(o.state, o.close_reason) for o in closed} == {(OrderState.CLOSED, CloseReason.UNPAID)}
        assert [await stock_of(db, p.variants[0].id) for p in (pot, cup)] == [5, 2]
        assert await counters(db, coupon.id) == (1, 0)
        await assert_all_clean(db)
        before = await everything(db)
        await expire(db, orders[0].payment_id)
        assert await everything(db) == before

    async def test_the_buyer_is_reminded_an_hour_before(self, db: Database) -> None:
        pot = await make_product(db, await make_shop(db))
        order = await place_order(db, await make_buyer(db), (pot, 1))
        paid = await pay(db, await place_order(db, await make_buyer(db), (pot, 1)))
        db.clock.move(timedelta(hours=23, seconds=1))
        await settle(db)
        rows = await db.read(
            lambda r: r.rows("select name, body from kit.event_log union all select name, body from kit.outbox")
        )
        reminders = [row["body"] for row in rows if row["name"] == PaymentReminderDue.name()]
        assert [r["checkout_id"] for r in reminders] == [int(order.checkout_id)]
        assert paid.state is OrderState.PAID

    async def test_the_buyer_cancels_all_orders_of_the_checkout(self, db: Database) -> None:
        pots = [await make_product(db, await make_shop(db), stock=1) for _ in range(2)]
        orders = await place_orders(db, await make_buyer(db), (pots[0], 1), (pots[1], 1))
        await db.write(buyer_of(orders[0]), lambda tx: cancel_order(tx, orders[0].id, "Too blue"))
        assert {(await order_now(db, o)).close_reason for o in orders} == {CloseReason.CANCELLED}
        assert [await stock_of(db, p.variants[0].id) for p in pots] == [1, 1]
        assert (await in_full(db, orders[0])).moves[-1].reason == "Too blue"
        await assert_all_clean(db)

    async def test_money_that_comes_after_the_cancellation_goes_back(self, db: Database) -> None:
        pot = await make_product(db, await make_shop(db), price=700)
        order = await place_order(db, await make_buyer(db), (pot, 1))
        notice = await notice_for(db, order)
        await db.write(buyer_of(order), lambda tx: cancel_order(tx, order.id))
        await hear(db, notice)
        assert (await order_now(db, order)).state is OrderState.CLOSED
        owed = system_account(AccountKind.REFUND, order.id.bucket, "CNY")
        assert (await db.read(lambda r: balance(r, owed))).amount == 700
        await assert_all_clean(db)


class TestPaid:
    async def test_a_paid_unshipped_order_is_cancelled_and_refunded_its_neighbour_stays(self, db: Database) -> None:
        one, two = [await make_product(db, await make_shop(db), price=1_000, stock=4) for _ in range(2)]
        orders = await place_orders(db, await make_buyer(db), (one, 3), (two, 1))
        await pay(db, orders[0])
        await db.write(buyer_of(orders[0]), lambda tx: cancel_order(tx, orders[0].id))
        first, second = [await order_now(db, order) for order in orders]
        assert (first.state, first.close_reason, first.refunded) == (OrderState.CLOSED, CloseReason.CANCELLED, 3_000)
        assert second.state is OrderState.PAID
        assert [await stock_of(db, p.variants[0].id) for p in (one, two)] == [4, 3]
        await assert_all_clean(db)

    async def test_cancelling_twice_is_refused_and_changes_nothing(self, db: Database) -> None:
        pot = await make_product(db, await make_shop(db))
        order = await pay(db, await place_order(db, await make_buyer(db), (pot, 1)))
        await db.write(buyer_of(order), lambda tx: cancel_order(tx, order.id))
        before = await everything(db)
        with pytest.raises(OrderInWrongState):
            await db.write(buyer_of(order), lambda tx: cancel_order(tx, order.id))
        assert await everything(db) == before

    async def test_what_is_partly_shipped_cannot_be_cancelled(self, db: Database) -> None:
        pot = await make_product(db, await make_shop(db))
        order = await pay(db, await place_order(db, await make_buyer(db), (pot, 2)))
        await ship(db, order, [PackedLine(1, 1)])
        before = await everything(db)
        with pytest.raises(NotCancellable):
            await db.write(buyer_of(order), lambda tx: cancel_order(tx, order.id))
        assert await everything(db) == before

    async def test_a_stranger_finds_nothing(self, db: Database) -> None:
        pot = await make_product(db, await make_shop(db))
        order = await pay(db, await place_order(db, await make_buyer(db), (pot, 1)))
        stranger = person(await make_owner(db))
        before = await everything(db)
        for deed in (cancel_order, agree_to_cancel, refund_by_shop):
            with pytest.raises(OrderNotFound):
                await db.write(stranger, lambda tx, deed=deed: deed(tx, order.id))
        with pytest.raises(OrderNotFound):  # the shop's own people are no buyers either
            await as_seller(db, order, lambda tx: cancel_order(tx, order.id))
        assert await everything(db) == before


async def test_a_shop_that_wants_to_be_asked_is_asked(db: Database) -> None:
    shop = await make_shop(db)
    order = await pay(db, await place_order(db, await make_buyer(db), (await make_product(db, shop), 1)))
    await as_seller(db, order, lambda tx: change_shop(tx, shop.id, ShopChange(asks_before_cancel=True)))
    asked = await db.write(buyer_of(order), lambda tx: cancel_order(tx, order.id))
    assert (asked.state, asked.cancel_asked_at) == (OrderState.PAID, db.clock.now())
    await settle(db)
    db.clock.move(timedelta(hours=24))
    await settle(db)
    assert (await order_now(db, order)).close_reason is CloseReason.CANCELLED
    await assert_all_clean(db)


class TestWithTheShopsYes:
    @pytest.fixture
    def given(self) -> Given:
        return test_given(OrderRules(cancel_needs_yes=True))

    async def _asked(self, db: Database) -> Order:
        pot = await make_product(db, await make_shop(db), price=1_000)
        order = await pay(db, await place_order(db, await make_buyer(db), (pot, 1)))
        return await db.write(buyer_of(order), lambda tx: cancel_order(tx, order.id, "Found it in the attic"))

    async def test_the_order_waits_and_cannot_be_shipped(self, db: Database) -> None:
        order = await self._asked(db)
        assert (order.state, order.cancel_asked_at) == (OrderState.PAID, db.clock.now())
        with pytest.raises(OrderInWrongState):
            await ship(db, order)
        with pytest.raises(OrderInWrongState):
            await db.write(buyer_of(order), lambda tx: cancel_order(tx, order.id))

    async def test_yes_closes_it(self, db: Database) -> None:
        order = await self._asked(db)
        closed = await as_seller(db, order, lambda tx: agree_to_cancel(tx, order.id))
        assert (closed.state, closed.refunded) == (OrderState.CLOSED, 1_000)
        await assert_all_clean(db)

    async def test_no_lets_it_go_on(self, db: Database) -> None:
        order = await self._asked(db)
        await as_seller(db, order, lambda tx: refuse_to_cancel(tx, order.id, "It is packed"))
        await receive(db, await ship(db, order))
        db.clock.move(timedelta(days=2))
        await settle(db)
        assert (await order_now(db, order)).state is OrderState.RECEIVED
        await assert_all_clean(db)

    async def test_a_day_of_silence_is_a_yes(self, db: Database) -> None:
        order = await self._asked(db)
        db.clock.move(timedelta(hours=23))
        await settle(db)
        assert (await order_now(db, order)).state is OrderState.PAID
        db.clock.move(timedelta(hours=1, seconds=1))
        await settle(db)
        assert (await order_now(db, order)).close_reason is CloseReason.CANCELLED
        await assert_all_clean(db)


class TestRefundByTheShop:
    async def test_all_of_it_closes_the_order(self, db: Database) -> None:
        pot = await make_product(db, await make_shop(db), price=1_000, stock=1)
        order = await pay(db, await place_order(db, await make_buyer(db), (pot, 1)))
        closed = await as_seller(db, order, lambda tx: refund_by_shop(tx, order.id, None, "Broken in the kiln"))
        assert (closed.state, closed.close_reason) == (OrderState.CLOSED, CloseReason.REFUNDED)
        assert await stock_of(db, pot.variants[0].id) == 1
        await assert_all_clean(db)

    async def test_a_part_goes_back_and_the_commission_with_it(self, db: Database) -> None:
        """Peers, complaint 8: commission wrong after a partial refund (dc-woocommerce-multi-vendor#976)."""
        shop = await make_shop(db)
        pot = await make_product(db, shop, price=10_000)
        order = await pay(db, await place_order(db, await make_buyer(db), (pot, 1)))
        await as_seller(db, order, lambda tx: refund_by_shop(tx, order.id, 2_500))
        await as_seller(db, order, lambda tx: refund_by_shop(tx, order.id, 2_500))
        await assert_all_clean(db)
        await receive(db, await ship(db, order))
        await settle(db)
        earned = await db.read(lambda r: balance(r, owned_account(AccountKind.SHOP, shop.id, "CNY")))
        assert earned.amount == 5_000 - 150
        await assert_all_clean(db)

    async def test_more_than_was_paid_is_refused(self, db: Database) -> None:
        pot = await make_product(db, await make_shop(db), price=1_000)
        order = await pay(db, await place_order(db, await make_buyer(db), (pot, 1)))
        await as_seller(db, order, lambda tx: refund_by_shop(tx, order.id, 600))
        before = await everything(db)
        for amount in (401, 0, -1):
            with pytest.raises(RefundTooLarge):
                await as_seller(db, order, lambda tx, amount=amount: refund_by_shop(tx, order.id, amount))
        assert await everything(db) == before
