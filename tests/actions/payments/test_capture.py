"""Taking in what gateways tell (peers' complaints 2 and 19)."""

import pytest

from fairground.kit.actor import person, system
from fairground.kit.db import Database
from fairground.kit.errors import Trouble
from fairground.market.ledger.model import AccountKind, gateway_account, system_account
from fairground.market.payments.actions import expire_payment, match_stray, refund_stray
from fairground.market.payments.errors import (
    PaymentNotFound,
    PaymentNotOpen,
    StrayDoesNotFit,
    StrayInWrongState,
    StrayNotFound,
)
from fairground.market.payments.model import (
    AlreadyKnown,
    Captured,
    Declined,
    Double,
    Late,
    NoticeKind,
    PaymentState,
    Purpose,
    StrayId,
    StrayReason,
    Unknown,
    WrongAmount,
)
from fairground.market.payments.queries import (
    get_payment,
    list_due_refunds,
    list_open_strays,
    list_parts_of_order,
    list_payments_of_checkout,
)
from tests.support.ledger import gateway, held, standing
from tests.support.payments import (
    BUYER,
    an_id,
    assert_books_clean,
    cny,
    make_paid,
    make_payment,
    paid_notice,
    read_payment,
    tell,
)
from tests.support.statements import statements

CLERK = system("clerk")


async def events_of(db: Database, subject: int) -> list[str]:
    rows = await db.read(
        lambda r: r.rows("select name from kit.outbox where subject = $1 order by version, id", subject)
    )
    return [row["name"].removeprefix("payments.") for row in rows]


async def test_opening_a_payment_moves_no_money(db: Database) -> None:
    payment = await make_payment(db, 1000, 500)
    assert (payment.state, payment.total.amount) == (PaymentState.PENDING, 1500)
    assert await read_payment(db, payment) == payment
    assert await standing(db, held()) == 0
    assert await db.read(lambda r: list_payments_of_checkout(r, payment.checkout_id)) == [payment]


async def test_a_payment_of_nothing_is_paid_at_once(db: Database) -> None:
    payment = await make_payment(db, 0)
    assert (await read_payment(db, payment)).state == PaymentState.PAID
    await assert_books_clean(db)


async def test_a_capture_holds_the_money_of_each_order(db: Database) -> None:
    payment = await make_payment(db, 1000, 500, 0)
    (outcome,) = await tell(db, paid_notice(db, payment))
    assert isinstance(outcome, Captured)
    assert [(p.amount, p.held) for p in outcome.parts] == [(1000, 1000), (500, 500), (0, 0)]
    assert outcome.payment == await read_payment(db, payment)
    assert (await standing(db, held()), await standing(db, gateway())) == (1500, -1500)
    assert await events_of(db, payment.id) == ["PaymentCaptured"]
    (part,) = await db.read(lambda r: list_parts_of_order(r, payment.parts[0].order_id))
    assert part.held == 1000
    await assert_books_clean(db)


async def test_a_deposit_and_a_balance_are_parts_of_one_order(db: Database) -> None:
    deposit = await make_paid(db, 300, purposes=[Purpose.DEPOSIT])
    assert deposit.parts[0].purpose == Purpose.DEPOSIT
    await assert_books_clean(db)


async def test_a_stranger_finds_no_payment(db: Database) -> None:
    payment = await make_payment(db)
    with pytest.raises(PaymentNotFound):
        await db.read(lambda r: get_payment(r, payment.id, an_id(db)))
    assert (await db.read(lambda r: get_payment(r, payment.id, payment.payer_id))).id == payment.id


async def test_many_captures_take_as_many_statements_as_one(db: Database) -> None:
    one = await make_payment(db, 10)
    with statements() as few:
        await tell(db, paid_notice(db, one))
    payments = [await make_payment(db, 10, 20, bucket=n % 9) for n in range(40)]
    with statements() as many:
        outcomes = await tell(db, *(paid_notice(db, p) for p in payments))
    assert all(isinstance(o, Captured) for o in outcomes)
    assert len(many) == len(few) <= 9
    await assert_books_clean(db)


async def test_peers_2_a_replayed_notice_charges_once_and_deletes_nothing(db: Database) -> None:
    payment = await make_payment(db)
    notice = paid_notice(db, payment)
    outcomes = await tell(db, *[notice] * 3)
    for _ in range(7):
        outcomes += await tell(db, notice)
    assert [type(o) for o in outcomes] == [Captured] + [AlreadyKnown] * 9
    assert await standing(db, held()) == 1000
    assert await db.read(list_open_strays) == []
    assert await events_of(db, payment.id) == ["PaymentCaptured"]


async def test_one_charge_told_in_two_events_counts_once(db: Database) -> None:
    payment = await make_payment(db)
    first = paid_notice(db, payment)
    second = paid_notice(db, payment, event_id="another")
    third = paid_notice(db, payment, event_id="a third")
    assert [type(o) for o in await tell(db, first, second)] == [Captured, AlreadyKnown]
    assert [type(o) for o in await tell(db, third)] == [AlreadyKnown]
    assert await standing(db, held()) == 1000
    await assert_books_clean(db)


async def test_a_failed_try_leaves_the_payment_open(db: Database) -> None:
    payment = await make_payment(db)
    failed = paid_notice(db, payment, kind=NoticeKind.FAILED, event_id="failed", reference="try")
    assert [type(o) for o in await tell(db, failed)] == [Declined]
    assert (await read_payment(db, payment)).state == PaymentState.FAILED
    assert [type(o) for o in await tell(db, paid_notice(db, payment))] == [Captured]
    assert await events_of(db, payment.id) == ["PaymentDeclined", "PaymentCaptured"]


async def test_a_failed_try_heard_after_the_money_changes_nothing(db: Database) -> None:
    payment = await make_paid(db, 1000)
    failed = paid_notice(db, payment, kind=NoticeKind.FAILED, event_id="failed", reference="try")
    assert [type(o) for o in await tell(db, failed)] == [AlreadyKnown]
    assert (await read_payment(db, payment)).state == PaymentState.PAID


async def test_money_for_a_closed_payment_is_taken_in_and_sent_back(db: Database) -> None:
    payment = await make_payment(db, 1000, 500)
    assert await db.write(CLERK, lambda tx: expire_payment(tx, payment.id))
    (outcome,) = await tell(db, paid_notice(db, payment))
    assert isinstance(outcome, Late)
    after = await read_payment(db, payment)
    assert after.state == PaymentState.REFUNDED
    assert [(p.held, p.refunded) for p in after.parts] == [(0, 1000), (0, 500)]
    assert sorted(r.money.amount for r in await db.read(lambda r: list_due_refunds(r, 10))) == [500, 1000]
    assert await standing(db, system_account(AccountKind.REFUND, BUYER, "CNY")) == 1500
    assert await events_of(db, payment.id) == ["PaymentExpired", "PaymentCameLate"]
    assert [type(o) for o in await tell(db, paid_notice(db, payment))] == [AlreadyKnown]
    await assert_books_clean(db)


async def test_closing_does_nothing_to_a_paid_payment(db: Database) -> None:
    payment = await make_paid(db, 1000)
    assert not await db.write(CLERK, lambda tx: expire_payment(tx, payment.id))
    assert await read_payment(db, payment) == payment


async def test_a_second_charge_goes_back_by_itself(db: Database) -> None:
    payment = await make_paid(db, 1000)
    second = paid_notice(db, payment, event_id="second", reference="second charge")
    (outcome,) = await tell(db, second)
    assert isinstance(outcome, Double)
    (refund,) = await db.read(lambda r: list_due_refunds(r, 10))
    assert (refund.charge, refund.money, refund.stray_id) == ("second charge", cny(1000), outcome.stray_id)
    assert await standing(db, held()) == 1000
    assert await read_payment(db, payment) == payment
    await assert_books_clean(db)


async def test_two_charges_of_one_payment_in_one_batch_are_one_capture_and_one_double(db: Database) -> None:
    payment = await make_payment(db)
    second = paid_notice(db, payment, event_id="second", reference="second charge")
    assert [type(o) for o in await tell(db, paid_notice(db, payment), second)] == [Captured, Double]
    await assert_books_clean(db)


@pytest.mark.parametrize("change", [{"amount": 999}, {"amount": 1001}, {"currency": "USD"}])
async def test_a_wrong_amount_waits_at_the_desk_and_the_payment_stays_open(
    db: Database, change: dict[str, object]
) -> None:
    payment = await make_payment(db)
    (outcome,) = await tell(db, paid_notice(db, payment, **change))
    assert isinstance(outcome, WrongAmount)
    assert (await read_payment(db, payment)).state == PaymentState.PENDING
    (stray,) = await db.read(list_open_strays)
    assert (stray.id, stray.reason, stray.payment_id) == (outcome.stray_id, StrayReason.WRONG_AMOUNT, payment.id)
    assert await standing(db, held()) == 0
    await assert_books_clean(db)


@pytest.mark.parametrize("subject", [None, 12345])
async def test_money_for_no_payment_of_ours_is_kept_not_lost(db: Database, subject: int | None) -> None:
    payment = await make_payment(db)
    (outcome,) = await tell(db, paid_notice(db, payment, subject=None if subject is None else an_id(db)))
    assert isinstance(outcome, Unknown)
    (stray,) = await db.read(list_open_strays)
    assert (stray.money, stray.reason, stray.payment_id) == (cny(1000), StrayReason.UNKNOWN, None)
    assert await standing(db, gateway_account("sandbox", stray.id.bucket, "CNY")) == -1000
    await assert_books_clean(db)


async def test_nobodys_wrong_notice_fails_anothers(db: Database) -> None:
    good, wrong, closed, twice = [await make_payment(db, bucket=n) for n in range(4)]
    await db.write(CLERK, lambda tx: expire_payment(tx, closed.id))
    outcomes = await tell(
        db,
        paid_notice(db, wrong, amount=1),
        paid_notice(db, good),
        paid_notice(db, closed),
        paid_notice(db, twice),
        paid_notice(db, twice, event_id="x", reference="x"),
        paid_notice(db, twice, event_id="y", reference="y", subject=None),
    )
    assert [type(o) for o in outcomes] == [WrongAmount, Captured, Late, Captured, Double, Unknown]
    await assert_books_clean(db)


async def test_money_by_another_gateway_than_chosen_pays_all_the_same(db: Database) -> None:
    payment = await make_payment(db)
    (outcome,) = await tell(db, paid_notice(db, payment, gateway="bank_transfer"))
    assert isinstance(outcome, Captured)
    assert outcome.payment.gateway == "bank_transfer"
    assert await standing(db, gateway_account("bank_transfer", BUYER, "CNY")) == -1000
    await assert_books_clean(db)


async def test_a_clerk_matches_unknown_money_to_its_payment(db: Database) -> None:
    payment, other = await make_payment(db, 600, 400), await make_payment(db, 999)
    (outcome,) = await tell(db, paid_notice(db, payment, subject=None))
    assert isinstance(outcome, Unknown)
    clerk = person(an_id(db), is_staff=True)
    with pytest.raises(StrayDoesNotFit):
        await db.write(clerk, lambda tx: match_stray(tx, outcome.stray_id, other.id))
    matched = await db.write(clerk, lambda tx: match_stray(tx, outcome.stray_id, payment.id))
    assert matched == await read_payment(db, payment)
    assert (matched.state, [p.held for p in matched.parts]) == (PaymentState.PAID, [600, 400])
    with pytest.raises(StrayInWrongState):
        await db.write(clerk, lambda tx: refund_stray(tx, outcome.stray_id))
    assert await events_of(db, payment.id) == ["PaymentCaptured"]
    await assert_books_clean(db)


async def test_unknown_money_does_not_match_a_payment_that_is_closed(db: Database) -> None:
    payment = await make_payment(db)
    (outcome,) = await tell(db, paid_notice(db, payment, subject=None))
    assert isinstance(outcome, Unknown)
    await db.write(CLERK, lambda tx: expire_payment(tx, payment.id))
    with pytest.raises(PaymentNotOpen):
        await db.write(CLERK, lambda tx: match_stray(tx, outcome.stray_id, payment.id))
    assert [s.id for s in await db.read(list_open_strays)] == [outcome.stray_id]
    await assert_books_clean(db)


async def test_a_clerk_sends_unknown_money_back_once(db: Database) -> None:
    payment = await make_payment(db)
    (outcome,) = await tell(db, paid_notice(db, payment, subject=None))
    assert isinstance(outcome, Unknown)
    await db.write(CLERK, lambda tx: refund_stray(tx, outcome.stray_id))
    for stray_id, error in ((outcome.stray_id, StrayInWrongState), (StrayId(5), StrayNotFound)):
        error_class: type[Trouble] = error
        with pytest.raises(error_class):
            await db.write(CLERK, lambda tx, s=stray_id: refund_stray(tx, s))  # type: ignore[misc]
    assert len(await db.read(lambda r: list_due_refunds(r, 10))) == 1
    await assert_books_clean(db)
