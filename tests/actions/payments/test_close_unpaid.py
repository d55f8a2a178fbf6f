"""Closing what nobody paid: the gateway is asked first."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from fairground.kit.db import Database, Tx
from fairground.kit.errors import Unavailable
from fairground.market.payments.actions import take_notices
from fairground.market.payments.jobs import close_unpaid, forget_notices
from fairground.market.payments.model import GatewayNotice, NoticeKind, Payment, PaymentId, PaymentState
from tests.support.payments import assert_books_clean, make_paid, make_payment, paid_notice, read_payment, tell


class AskedGateway:
    """A gateway at the far end of the port that knows what was paid."""

    name = "sandbox"

    def __init__(self) -> None:
        self.knows: dict[PaymentId, GatewayNotice] = {}
        self.asked: list[PaymentId] = []
        self.is_away = False

    async def ask_many(self, payments: Sequence[Payment]) -> dict[PaymentId, GatewayNotice]:
        self.asked += [payment.id for payment in payments]
        if self.is_away:
            raise Unavailable
        return {payment.id: self.knows[payment.id] for payment in payments if payment.id in self.knows}


class Orders:
    """The room above, which closes its orders in the same transaction."""

    def __init__(self) -> None:
        self.closed: list[PaymentId] = []
        self.lots: list[Sequence[Payment]] = []
        self.stuck: PaymentId | None = None

    async def close(self, tx: Tx, payments: Sequence[Payment]) -> None:
        assert self.stuck not in [p.id for p in payments], "this order cannot be closed"
        assert all(p.state == PaymentState.EXPIRED for p in payments)
        self.closed += [p.id for p in payments]
        self.lots.append(payments)


async def sweep(db: Database, far: AskedGateway, orders: Orders) -> int:
    return await close_unpaid(db, {"sandbox": far}, take_notices, orders.close)  # type: ignore[dict-item]


async def test_nothing_is_closed_before_its_time(db: Database) -> None:
    payment = await make_payment(db)
    db.clock.move(timedelta(hours=23, minutes=59))
    assert await sweep(db, AskedGateway(), Orders()) == 0
    assert (await read_payment(db, payment)).state == PaymentState.PENDING


async def test_what_nobody_paid_is_closed_and_the_orders_are_told_once(db: Database) -> None:
    payments = [await make_payment(db) for _ in range(3)]
    await tell(db, paid_notice(db, payments[1], kind=NoticeKind.FAILED, reference="try"))
    paid = await make_paid(db, 1000)
    db.clock.move(timedelta(hours=24))
    far, orders = AskedGateway(), Orders()
    assert await sweep(db, far, orders) == 3
    assert await sweep(db, far, orders) == 0
    assert sorted(orders.closed) == sorted(far.asked) == sorted(p.id for p in payments)
    assert {(await read_payment(db, p)).state for p in payments} == {PaymentState.EXPIRED}
    assert await read_payment(db, paid) == paid


async def test_a_sweep_goes_on_until_nothing_is_due_a_bounded_lot_in_each_transaction(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairground.market.payments.jobs.LOT", 3)
    payments = [await make_payment(db) for _ in range(8)]
    db.clock.move(timedelta(hours=24))
    far, orders = AskedGateway(), Orders()
    assert await sweep(db, far, orders) == 8
    assert [len(lot) for lot in orders.lots] == [3, 3, 2]
    assert sorted(orders.closed) == sorted(p.id for p in payments)


async def test_a_lost_notice_is_found_by_asking_and_nothing_is_closed(db: Database) -> None:
    payment = await make_payment(db)
    db.clock.move(timedelta(hours=24))
    far, orders = AskedGateway(), Orders()
    far.knows[payment.id] = paid_notice(db, payment, event_id="asked")
    await sweep(db, far, orders)
    assert (await read_payment(db, payment)).state == PaymentState.PAID
    assert orders.closed == []
    assert await sweep(db, far, orders) == 0
    await assert_books_clean(db)


async def test_a_wrong_amount_does_not_keep_an_order_open_for_ever(db: Database) -> None:
    payment = await make_payment(db)
    db.clock.move(timedelta(hours=24))
    far, orders = AskedGateway(), Orders()
    far.knows[payment.id] = paid_notice(db, payment, amount=1)
    await sweep(db, far, orders)
    assert orders.closed == [payment.id]
    await assert_books_clean(db)


async def test_a_gateway_that_is_away_is_waited_for_six_hours(db: Database) -> None:
    payment = await make_payment(db)
    db.clock.move(timedelta(hours=24))
    far, orders = AskedGateway(), Orders()
    far.is_away = True
    assert await sweep(db, far, orders) == 1
    assert await sweep(db, far, orders) == 0
    db.clock.move(timedelta(minutes=5))
    assert await sweep(db, far, orders) == 1
    assert (await read_payment(db, payment)).state == PaymentState.PENDING
    db.clock.move(timedelta(hours=6))
    assert await sweep(db, far, orders) == 1
    assert orders.closed == [payment.id]
    late = await tell(db, paid_notice(db, payment))
    assert (await read_payment(db, payment)).state == PaymentState.REFUNDED, late
    await assert_books_clean(db)


async def test_one_order_that_cannot_be_closed_does_not_hold_up_the_others(db: Database) -> None:
    payments = [await make_payment(db) for _ in range(3)]
    db.clock.move(timedelta(hours=24))
    far, orders = AskedGateway(), Orders()
    orders.stuck = payments[1].id
    await sweep(db, far, orders)
    assert sorted(orders.closed) == [payments[0].id, payments[2].id]
    assert (await read_payment(db, payments[1])).state == PaymentState.PENDING
    orders.stuck = None
    db.clock.move(timedelta(minutes=5))
    await sweep(db, far, orders)
    assert len(orders.closed) == 3


async def test_old_notices_are_forgotten_and_their_charges_are_not(db: Database) -> None:
    payment = await make_payment(db)
    notice = paid_notice(db, payment)
    await tell(db, notice)
    db.clock.move(timedelta(days=89))
    assert await forget_notices(db) == 0
    db.clock.move(timedelta(days=2))
    assert await forget_notices(db) == 1
    await tell(db, notice)
    assert (await read_payment(db, payment)).parts[0].held == 1000
    await assert_books_clean(db)
