"""Sending money back."""

from datetime import timedelta

import pytest

from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.errors import Unavailable
from fairground.market.ledger.model import AccountKind, system_account
from fairground.market.payments.actions import confirm_refund, refund, refund_many, release, retry_refund
from fairground.market.payments.errors import PaymentNotOpen, RefundInWrongState, RefundNotFound, RefundTooHigh
from fairground.market.payments.jobs import send_refunds
from fairground.market.payments.model import (
    AlreadyKnown,
    Heard,
    NoticeKind,
    Payment,
    PaymentState,
    Refund,
    RefundId,
    RefundOrder,
    RefundRequest,
    RefundState,
    Sent,
    SentState,
)
from fairground.market.payments.queries import get_refund, list_due_refunds, list_open_refunds, list_refunds_of_order
from tests.support.ledger import gateway, held, new_id, standing
from tests.support.payments import (
    BUYER,
    SHOP,
    assert_books_clean,
    cny,
    make_paid,
    make_payment,
    paid_notice,
    read_payment,
    release_of,
    tell,
)
from tests.support.statements import statements

DESK = system("desk")
OWED = system_account(AccountKind.REFUND, BUYER, "CNY")


class ToldGateway:
    """A gateway at the far end of the port: it answers what the test says, and remembers what it was sent."""

    name = "sandbox"

    def __init__(self, *answers: Sent | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[RefundOrder] = []

    async def refund(self, order: RefundOrder) -> Sent:
        self.sent.append(order)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def give_back(db: Database, payment: Payment, amount: int, key: str = "case/1", part: int = 0) -> Refund:
    order_id = payment.parts[part].order_id
    return await db.write(DESK, lambda tx: refund(tx, payment.id, order_id, amount, key, "orders.cancelled"))


async def send(db: Database, gateway_: ToldGateway) -> int:
    return await send_refunds(db, {"sandbox": gateway_})  # type: ignore[dict-item]


async def test_a_refund_takes_from_what_is_held_and_is_owed_until_sent(db: Database) -> None:
    payment = await make_paid(db, 1000, 500)
    asked = await give_back(db, payment, 300)
    assert (asked.state, asked.charge, asked.money) == (RefundState.PENDING, payment.charge, cny(300))
    after = await read_payment(db, payment)
    assert (after.state, after.parts[0].held, after.parts[0].refunded) == (PaymentState.PAID, 700, 300)
    assert (await standing(db, held()), await standing(db, OWED)) == (1200, 300)
    assert await db.read(lambda r: list_refunds_of_order(r, payment.parts[0].order_id)) == [asked]
    await assert_books_clean(db)


async def test_a_payment_refunded_in_full_says_so(db: Database) -> None:
    payment = await make_paid(db, 1000, 500)
    await give_back(db, payment, 1000)
    assert (await read_payment(db, payment)).state == PaymentState.PAID
    await give_back(db, payment, 500, "case/2", part=1)
    assert (await read_payment(db, payment)).state == PaymentState.REFUNDED
    await assert_books_clean(db)


async def test_a_refund_asked_twice_with_one_key_is_one_refund(db: Database) -> None:
    payment = await make_paid(db, 1000)
    first = await give_back(db, payment, 600)
    assert await give_back(db, payment, 600) == first
    request = RefundRequest(payment.id, payment.parts[0].order_id, 100, "case/2", "orders.cancelled")
    one, two = await db.write(DESK, lambda tx: refund_many(tx, [request, request]))
    assert one == two
    assert (await read_payment(db, payment)).parts[0].refunded == 700
    with pytest.raises(AssertionError):
        await give_back(db, payment, 601)
    await assert_books_clean(db)


@pytest.mark.parametrize("amounts", [(1001,), (600, 401), (1000, 1)])
async def test_refunds_never_exceed_what_was_paid(db: Database, amounts: tuple[int, ...]) -> None:
    payment = await make_paid(db, 1000, 9999)
    *fine, too_much = amounts
    for n, amount in enumerate(fine):
        await give_back(db, payment, amount, f"case/{n}")
    before = await read_payment(db, payment)
    with pytest.raises(RefundTooHigh):
        await give_back(db, payment, too_much, "case/last")
    assert await read_payment(db, payment) == before
    assert len(await db.read(lambda r: list_due_refunds(r, 10))) == len(fine)
    await assert_books_clean(db)


async def test_one_refund_too_high_undoes_its_whole_batch(db: Database) -> None:
    payment = await make_paid(db, 1000, 500)
    wishes = [
        RefundRequest(payment.id, p.order_id, amount, f"case/{n}", "orders.cancelled")
        for n, (p, amount) in enumerate(zip(payment.parts, (1000, 501), strict=True))
    ]
    with pytest.raises(RefundTooHigh):
        await db.write(DESK, lambda tx: refund_many(tx, wishes))
    assert await read_payment(db, payment) == payment


async def test_what_was_never_paid_cannot_be_refunded(db: Database) -> None:
    payment = await make_payment(db, 1000)
    with pytest.raises(PaymentNotOpen):
        await give_back(db, payment, 1)


async def test_money_that_went_to_the_shop_is_not_refunded_from_other_orders(db: Database) -> None:
    payment = await make_paid(db, 1000, 500)
    await db.write(DESK, lambda tx: release(tx, [release_of(payment, new_id(db, SHOP))]))
    with pytest.raises(RefundTooHigh):
        await give_back(db, payment, 1)
    assert await standing(db, held()) == 500
    await assert_books_clean(db)


async def test_many_refunds_take_few_statements(db: Database) -> None:
    payments = [await make_paid(db, 1000) for _ in range(30)]
    wishes = [RefundRequest(p.id, p.parts[0].order_id, 1000, f"case/{p.id}", "orders.cancelled") for p in payments]
    with statements() as seen:
        await db.write(DESK, lambda tx: refund_many(tx, wishes))
    assert len(seen) <= 8
    assert {(await read_payment(db, p)).state for p in payments} == {PaymentState.REFUNDED}
    await assert_books_clean(db)


async def test_a_refund_is_sent_once_and_leaves_the_gateways_account(db: Database) -> None:
    payment = await make_paid(db, 1000)
    asked = await give_back(db, payment, 300)
    far = ToldGateway(Sent(SentState.DONE, "re_1", db.clock.now()))
    assert await send(db, far) == 1
    assert await send(db, far) == 0
    assert far.sent == [RefundOrder(asked.id, payment.charge or "", cny(300))]
    done = await db.read(lambda r: get_refund(r, asked.id))
    assert (done.state, done.reference) == (RefundState.DONE, "re_1")
    assert (await standing(db, OWED), await standing(db, gateway())) == (0, -700)
    await assert_books_clean(db)


async def test_a_gateway_that_is_away_is_tried_again_later_and_later(db: Database) -> None:
    payment = await make_paid(db, 1000)
    asked = await give_back(db, payment, 300)
    far = ToldGateway(Unavailable(), Unavailable(), Sent(SentState.DONE, "re_1"))
    assert await send(db, far) == 1
    assert await send(db, far) == 0
    db.clock.move(timedelta(seconds=30))
    assert await send(db, far) == 1
    db.clock.move(timedelta(seconds=59))
    assert await send(db, far) == 0
    db.clock.move(timedelta(seconds=1))
    assert await send(db, far) == 1
    assert (await db.read(lambda r: get_refund(r, asked.id))).state == RefundState.DONE
    assert len({order.id for order in far.sent}) == 1
    await assert_books_clean(db)


async def test_after_too_many_tries_a_refund_waits_at_the_desk_and_can_be_sent_again(db: Database) -> None:
    payment = await make_paid(db, 1000)
    asked = await give_back(db, payment, 300)
    far = ToldGateway(*[Unavailable()] * 8, Sent(SentState.DONE, "re_1"))
    for _ in range(8):
        assert await send(db, far) == 1
        db.clock.move(timedelta(hours=1))
    assert await send(db, far) == 0
    (open_,) = await db.read(list_open_refunds)
    assert (open_.id, open_.state) == (asked.id, RefundState.FAILED)
    assert await standing(db, OWED) == 300
    await assert_books_clean(db)
    await db.write(DESK, lambda tx: retry_refund(tx, asked.id))
    assert await send(db, far) == 1
    with pytest.raises(RefundInWrongState):
        await db.write(DESK, lambda tx: retry_refund(tx, asked.id))
    assert await standing(db, OWED) == 0
    await assert_books_clean(db)


async def test_a_refusal_waits_at_the_desk_until_a_clerk_has_paid_by_hand(db: Database) -> None:
    payment = await make_paid(db, 1000)
    asked = await give_back(db, payment, 300)
    await send(db, ToldGateway(Sent(SentState.REFUSED, error="card closed")))
    (open_,) = await db.read(list_open_refunds)
    assert (open_.state, open_.error) == (RefundState.FAILED, "card closed")
    await db.write(DESK, lambda tx: confirm_refund(tx, asked.id))
    with pytest.raises(RefundInWrongState):
        await db.write(DESK, lambda tx: confirm_refund(tx, asked.id))
    with pytest.raises(RefundNotFound):
        await db.write(DESK, lambda tx: confirm_refund(tx, RefundId(3)))
    assert await standing(db, OWED) == 0
    await assert_books_clean(db)


async def test_a_gateway_that_cannot_refund_leaves_it_to_a_clerk(db: Database) -> None:
    payment = await make_paid(db, 1000)
    asked = await give_back(db, payment, 300)
    await send(db, ToldGateway(Sent(SentState.BY_HAND)))
    db.clock.move(timedelta(days=30))
    assert await send(db, ToldGateway()) == 0
    assert [r.id for r in await db.read(list_open_refunds)] == [asked.id]


async def test_a_notice_finishes_a_refund_under_way_once(db: Database) -> None:
    payment = await make_paid(db, 1000)
    asked = await give_back(db, payment, 300)
    await send(db, ToldGateway(Sent(SentState.UNDER_WAY)))
    notice = paid_notice(db, payment, kind=NoticeKind.REFUNDED, event_id="r", subject=asked.id, reference="re_1")
    other = paid_notice(db, payment, kind=NoticeKind.REFUNDED, event_id="r2", subject=asked.id, reference="re_1")
    assert [type(o) for o in await tell(db, notice, notice, other)] == [Heard, AlreadyKnown, AlreadyKnown]
    assert (await db.read(lambda r: get_refund(r, asked.id))).state == RefundState.DONE
    await assert_books_clean(db)


async def test_a_notice_that_a_refund_failed_brings_it_to_the_desk(db: Database) -> None:
    payment = await make_paid(db, 1000)
    asked = await give_back(db, payment, 300)
    notice = paid_notice(db, payment, kind=NoticeKind.REFUND_FAILED, event_id="r", subject=asked.id, words="closed")
    stranger = paid_notice(db, payment, kind=NoticeKind.REFUNDED, event_id="s", subject=None)
    assert [type(o) for o in await tell(db, notice, stranger)] == [Heard, AlreadyKnown]
    assert [r.error for r in await db.read(list_open_refunds)] == ["closed"]
    await assert_books_clean(db)
