"""Two tabs, ten webhooks, one payment."""

import asyncio
import random
from datetime import timedelta

import pytest

from fairground.kit.db import Database, Tx
from fairground.market.payments.actions import expire_payment, refund, release, request_payout
from fairground.market.payments.errors import PayoutTooHigh, RefundTooHigh, ReleaseTooHigh
from fairground.market.payments.jobs import send_refunds
from fairground.market.payments.model import Captured, Late, NoticeKind, PaymentState, RefundOrder, Sent, SentState
from fairground.market.payments.queries import list_due_refunds, list_payouts
from tests.support.ledger import BOOKS, held, new_id, shop_account, standing
from tests.support.payments import (
    SHOP,
    assert_books_clean,
    cny,
    make_paid,
    make_payment,
    make_shop_with,
    paid_notice,
    read_payment,
    release_of,
    tell,
)


async def test_without_the_guard_a_payment_is_captured_many_times(wide_db: Database) -> None:
    payment, both_have_looked = await make_payment(wide_db), asyncio.Barrier(2)

    async def look_then_write(tx: Tx) -> bool:
        state = await tx.value("select state from payments.payments where bucket = $1 and id = $2", 7, payment.id)
        if state != "pending":
            return False
        await both_have_looked.wait()
        await tx.execute(
            "update payments.payments set state = 'paid', paid_at = $3, charge = 'x' where bucket = $1 and id = $2",
            7,
            payment.id,
            tx.now,
        )
        return True

    assert sum(await asyncio.gather(*(wide_db.write(BOOKS, look_then_write) for _ in range(2)))) == 2


@pytest.mark.parametrize("seed", range(5))
async def test_peers_2_ten_webhooks_in_any_order_charge_once(wide_db: Database, seed: int) -> None:
    one, two = await make_payment(wide_db, 1000, 500), await make_payment(wide_db, 700)
    notices = [
        paid_notice(wide_db, payment, event_id=f"{payment.id}/{n % 5}") for payment in (one, two) for n in range(10)
    ]
    notices += [
        paid_notice(wide_db, one, kind=NoticeKind.FAILED, event_id=f"failed/{n}", reference=f"try/{n}")
        for n in range(4)
    ]
    random.Random(seed).shuffle(notices)
    batches = [notices[i : i + 3] for i in range(0, len(notices), 3)]
    answers = await asyncio.gather(*(tell(wide_db, *batch) for batch in batches))
    assert sum(isinstance(o, Captured) for outcomes in answers for o in outcomes) == 2
    assert await standing(wide_db, held()) == 2200
    assert {(await read_payment(wide_db, p)).state for p in (one, two)} == {PaymentState.PAID}
    assert await wide_db.read(lambda r: r.value("select count(*) from kit.outbox where name like '%Captured'")) == 2
    await assert_books_clean(wide_db)


async def test_two_tabs_do_not_refund_more_than_was_paid(wide_db: Database) -> None:
    payment = await make_paid(wide_db, 1000)
    order_id = payment.parts[0].order_id

    async def tab(n: int) -> bool:
        try:
            await wide_db.write(BOOKS, lambda tx: refund(tx, payment.id, order_id, 300, f"tab/{n}", "orders.cancelled"))
        except RefundTooHigh:
            return False
        return True

    assert sum(await asyncio.gather(*(tab(n) for n in range(12)))) == 3
    part = (await read_payment(wide_db, payment)).parts[0]
    assert (part.held, part.refunded) == (100, 900)
    await assert_books_clean(wide_db)


async def test_two_tabs_with_one_key_refund_once(wide_db: Database) -> None:
    payment = await make_paid(wide_db, 1000)
    order_id = payment.parts[0].order_id
    answers = await asyncio.gather(
        *(
            wide_db.write(BOOKS, lambda tx: refund(tx, payment.id, order_id, 300, "one", "orders.cancelled"))
            for _ in range(8)
        )
    )
    assert len({r.id for r in answers}) == 1
    assert (await read_payment(wide_db, payment)).parts[0].refunded == 300
    await assert_books_clean(wide_db)


async def test_money_is_refunded_or_released_never_both(wide_db: Database) -> None:
    shop_id = new_id(wide_db, SHOP)
    payments = [await make_paid(wide_db, 1000) for _ in range(10)]

    async def refunded(n: int) -> int:
        p = payments[n]
        try:
            await wide_db.write(
                BOOKS, lambda tx: refund(tx, p.id, p.parts[0].order_id, 1000, f"r/{n}", "orders.cancelled")
            )
        except RefundTooHigh:
            return 0
        return 1000

    async def released(n: int) -> int:
        try:
            await wide_db.write(BOOKS, lambda tx: release(tx, [release_of(payments[n], shop_id)]))
        except ReleaseTooHigh:
            return 0
        return 1000

    moved = await asyncio.gather(*(deed(n) for n in range(10) for deed in (refunded, released)))
    assert [a + b for a, b in zip(moved[::2], moved[1::2], strict=True)] == [1000] * 10
    assert await standing(wide_db, held()) == 0
    assert await standing(wide_db, shop_account(shop_id)) == sum(moved[1::2])
    await assert_books_clean(wide_db)


async def test_a_payment_is_paid_or_closed_and_late_money_goes_back(wide_db: Database) -> None:
    payments = [await make_payment(wide_db) for _ in range(12)]
    closed, told = await asyncio.gather(
        asyncio.gather(*(wide_db.write(BOOKS, lambda tx, p=p: expire_payment(tx, p.id)) for p in payments)),  # type: ignore[misc]
        asyncio.gather(*(tell(wide_db, paid_notice(wide_db, p)) for p in payments)),
    )
    for was_closed, (outcome,) in zip(closed, told, strict=True):
        assert isinstance(outcome, Late if was_closed else Captured)
    await assert_books_clean(wide_db)


async def test_a_balance_is_paid_out_once(wide_db: Database) -> None:
    shop_id = await make_shop_with(wide_db, 1000)

    async def ask() -> bool:
        try:
            await wide_db.write(
                BOOKS, lambda tx: request_payout(tx, shop_id, cny(400), gateway="sandbox", is_verified=True)
            )
        except PayoutTooHigh:
            return False
        return True

    assert sum(await asyncio.gather(*(ask() for _ in range(10)))) == 2
    payouts = (await wide_db.read(lambda r: list_payouts(r, shop_id))).items
    assert sorted((p.first_entry, p.last_entry) for p in payouts) == [(1, 2), (3, 3)]
    assert await standing(wide_db, shop_account(shop_id)) == 200
    await assert_books_clean(wide_db)


async def test_two_workers_send_a_refund_once(wide_db: Database) -> None:
    payment = await make_paid(wide_db, 1000)
    order_id = payment.parts[0].order_id
    await wide_db.write(BOOKS, lambda tx: refund(tx, payment.id, order_id, 300, "k", "orders.cancelled"))
    sent: list[RefundOrder] = []

    class Slow:
        """A gateway at the far end of the port that takes its time."""

        async def refund(self, order: RefundOrder) -> Sent:
            sent.append(order)
            await asyncio.sleep(0.05)
            return Sent(SentState.DONE, "re_1")

    await asyncio.gather(*(send_refunds(wide_db, {"sandbox": Slow()}) for _ in range(4)))  # type: ignore[dict-item]
    assert len(sent) == 1
    wide_db.clock.move(timedelta(hours=1))
    assert await wide_db.read(lambda r: list_due_refunds(r, 10)) == []
    await assert_books_clean(wide_db)
