"""Payment: a notice of the gateway makes all orders of its checkout paid, once, however often it comes."""

import random
from datetime import timedelta

from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.deadlines import list_deadlines
from fairground.market.inventory.queries import map_reservations
from fairground.market.ledger.model import AccountKind, system_account
from fairground.market.ledger.queries import balance
from fairground.market.orders.model import SHIP, CloseReason, Deed, OrderState
from fairground.market.payments.model import AlreadyKnown, Captured, Late, PaymentState
from fairground.market.payments.queries import get_payment
from tests.support.catalog import make_product
from tests.support.inventory import stock_of
from tests.support.orders import (
    assert_all_clean,
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
)
from tests.support.shops import make_shop


async def test_all_orders_of_the_checkout_are_paid_and_their_money_is_held(db: Database) -> None:
    one, two = [await make_product(db, await make_shop(db), price=price) for price in (1_000, 500)]
    orders = await place_orders(db, await make_buyer(db), (one, 1), (two, 2))

    (outcome,) = await hear(db, await notice_for(db, orders[0]))

    assert isinstance(outcome, Captured)
    for order in orders:
        paid = await in_full(db, order)
        assert paid.order.state is OrderState.PAID
        assert paid.order.ship_by == db.clock.now() + timedelta(hours=48)
        assert [move.deed for move in paid.moves] == [Deed.PLACE, Deed.PAY]
        due = await db.read(lambda r, order=order: list_deadlines(r, order.id))
        assert [(d.kind, d.due_at) for d in due] == [(SHIP, paid.order.ship_by)]
    held = system_account(AccountKind.HELD, orders[0].id.bucket, "CNY")
    assert (await db.read(lambda r: balance(r, held))).amount == 2_000
    assert await db.read(lambda r: list_deadlines(r, orders[0].checkout_id)) == []
    taken = await db.read(lambda r: map_reservations(r, [(orders[0].checkout_id, one.variants[0].id)]))
    assert [str(t.state) for t in taken.values()] == ["sold"]
    await assert_all_clean(db)


async def test_a_replayed_webhook_changes_nothing_in_any_order_of_arrival(db: Database) -> None:
    """Peers, complaint 2: a replayed webhook deleted orders and refunded captured money (mercur#909)."""
    pot = await make_product(db, await make_shop(db), price=1_000)
    order = await place_order(db, await make_buyer(db), (pot, 1))
    notice = await notice_for(db, order)
    again = await notice_for(db, order, event_id="told anew")
    first = await hear(db, notice)
    before = await everything(db)
    batch = [notice, again] * 10
    random.Random(909).shuffle(batch)

    outcomes = [*await hear(db, *batch), *[(await hear(db, one))[0] for one in batch]]

    assert isinstance(first[0], Captured)
    assert {type(outcome) for outcome in outcomes} == {AlreadyKnown}
    assert await everything(db) == before
    assert (await order_now(db, order)).state is OrderState.PAID
    await assert_all_clean(db)


async def test_many_payments_are_confirmed_together(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), stock=None)
    orders = [await place_order(db, await make_buyer(db), (pot, 1)) for _ in range(5)]
    outcomes = await hear(db, *[await notice_for(db, order) for order in orders])
    assert {type(outcome) for outcome in outcomes} == {Captured}
    assert {(await order_now(db, order)).state for order in orders} == {OrderState.PAID}
    await assert_all_clean(db)


async def test_who_pays_a_second_too_late_gets_a_clear_answer_and_the_money_back(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), price=1_000, stock=1)
    order = await place_order(db, await make_buyer(db), (pot, 1))
    notice = await notice_for(db, order)
    db.clock.move(timedelta(hours=24, seconds=1))
    await expire(db, order.payment_id)

    (outcome,) = await hear(db, notice)

    assert isinstance(outcome, Late)
    closed = await order_now(db, order)
    assert (closed.state, closed.close_reason) == (OrderState.CLOSED, CloseReason.UNPAID)
    assert await stock_of(db, pot.variants[0].id) == 1
    payment = await db.read(lambda r: get_payment(r, order.payment_id))
    assert payment.state is PaymentState.REFUNDED
    owed = system_account(AccountKind.REFUND, order.id.bucket, "CNY")
    assert (await db.read(lambda r: balance(r, owed))).amount == 1_000
    await assert_all_clean(db)


async def test_a_second_too_late_is_too_late_even_where_nobody_has_closed_the_order_yet(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), price=1_000, stock=2)
    late, in_time = [await place_order(db, await make_buyer(db), (pot, 1)) for _ in range(2)]
    db.clock.move(timedelta(hours=24))
    paid_in_time = await notice_for(db, in_time)
    db.clock.move(timedelta(seconds=1))

    outcomes = await hear(db, await notice_for(db, late), paid_in_time)

    assert [type(outcome) for outcome in outcomes] == [Late, Captured]
    closed = await order_now(db, late)
    assert (closed.state, closed.close_reason) == (OrderState.CLOSED, CloseReason.UNPAID)
    assert (await order_now(db, in_time)).state is OrderState.PAID
    assert await stock_of(db, pot.variants[0].id) == 1
    payment = await db.read(lambda r: get_payment(r, late.payment_id))
    assert payment.state is PaymentState.REFUNDED
    await assert_all_clean(db)


async def test_an_order_is_not_paid_by_the_notice_of_another(db: Database) -> None:
    pot = await make_product(db, await make_shop(db))
    one, two = [await place_order(db, await make_buyer(db), (pot, 1)) for _ in range(2)]
    await pay(db, one)
    assert (await order_now(db, two)).state is OrderState.PLACED


async def test_the_actor_of_a_payment_is_the_market(db: Database) -> None:
    pot = await make_product(db, await make_shop(db))
    order = await pay(db, await place_order(db, await make_buyer(db), (pot, 1)))
    assert [(move.deed, move.actor) for move in (await in_full(db, order)).moves][-1] == (Deed.PAY, "market")
    assert system("gateway").person_id is None
