"""A gateway's day, and a bank's statement, against our books."""

from datetime import UTC, date, datetime, timedelta

import pytest

from fairground.adapters.gateways.bank_transfer import BankTransfer, BankTransferSettings
from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.money import Money
from fairground.market.payments.actions import expire_payment, explain_finding, refund, take_notices
from fairground.market.payments.errors import FindingGone, WebhookRefused
from fairground.market.payments.jobs import reconcile, settle_day
from fairground.market.payments.model import (
    BankAccount,
    Captured,
    Late,
    LineKind,
    Payment,
    PaymentState,
    Problem,
    RefundId,
    SettlementLine,
    Unknown,
    WrongAmount,
)
from fairground.market.payments.model.bank import notices_from, read_bank_statement
from fairground.market.payments.model.reference import write_reference
from fairground.market.payments.ports import StartOrder
from fairground.market.payments.queries import Verdict, is_settled, list_open_findings, propose_matches
from tests.support.ledger import held, standing
from tests.support.payments import (
    assert_books_clean,
    make_paid,
    make_payment,
    paid_notice,
    read_payment,
    tell,
)

DESK = system("desk")
DAY = date(2026, 6, 18)


class FiledGateway:
    """A gateway at the far end of the port with a file for each day."""

    name = "sandbox"

    def __init__(self) -> None:
        self.files: dict[date, list[SettlementLine]] = {}
        self.fetched: list[date] = []

    async def settlement(self, day: date) -> list[SettlementLine] | None:
        self.fetched.append(day)
        return self.files.get(day)


def charge_line(db: Database, payment: Payment, **changes: object) -> SettlementLine:
    given = {
        "kind": LineKind.CHARGE,
        "reference": f"charge/{payment.id}",
        "subject": payment.id,
        "money": payment.total,
        "at": db.clock.now(),
    }
    return SettlementLine(**(given | changes))  # type: ignore[arg-type]


async def settle(db: Database, far: FiledGateway, day: date = DAY) -> bool:
    return await settle_day(db, far, day, take_notices)  # type: ignore[arg-type]


async def test_a_day_that_agrees_leaves_no_finding(db: Database) -> None:
    payment, far = await make_paid(db, 1000), FiledGateway()
    far.files[DAY] = [charge_line(db, payment)]
    assert await settle(db, far)
    assert await db.read(list_open_findings) == []
    assert await db.read(lambda r: is_settled(r, "sandbox", DAY))


async def test_a_lost_notice_is_healed_by_the_file(db: Database) -> None:
    payment, closed, far = await make_payment(db), await make_payment(db), FiledGateway()
    await db.write(DESK, lambda tx: expire_payment(tx, closed.id))
    far.files[DAY] = [charge_line(db, payment), charge_line(db, closed)]
    await settle(db, far)
    assert (await read_payment(db, payment)).state == PaymentState.PAID
    assert (await read_payment(db, closed)).state == PaymentState.REFUNDED
    assert await db.read(list_open_findings) == []
    await tell(db, paid_notice(db, payment))
    assert await standing(db, held()) == 1000
    await assert_books_clean(db)


async def test_a_lost_refund_notice_is_healed_by_the_file(db: Database) -> None:
    payment, far = await make_paid(db, 1000), FiledGateway()
    order_id = payment.parts[0].order_id
    asked = await db.write(DESK, lambda tx: refund(tx, payment.id, order_id, 300, "k", "orders.cancelled"))
    line = SettlementLine(LineKind.REFUND, "re_1", RefundId(asked.id), Money(300, "CNY"), db.clock.now())
    far.files[DAY] = [charge_line(db, payment), line]
    await settle(db, far)
    assert await db.read(list_open_findings) == []
    await assert_books_clean(db)


async def test_differences_are_kept_until_explained_or_gone(db: Database) -> None:
    one, two, far = await make_paid(db, 1000), await make_paid(db, 500), FiledGateway()
    far.files[DAY] = [charge_line(db, one, money=Money(999, "CNY"))]
    await settle(db, far)
    found = {(f.reference, f.problem, f.ours, f.theirs) for f in await db.read(list_open_findings)}
    assert found == {
        (f"charge/{one.id}", Problem.AMOUNT_DIFFERS, 1000, 999),
        (f"charge/{two.id}", Problem.UNKNOWN_TO_GATEWAY, 500, None),
    }
    far.files[DAY] = [charge_line(db, one, money=Money(999, "CNY")), charge_line(db, two)]
    await settle(db, far)
    (left,) = await db.read(list_open_findings)
    assert left.problem == Problem.AMOUNT_DIFFERS
    await db.write(DESK, lambda tx: explain_finding(tx, left, "their fee"))
    with pytest.raises(FindingGone):
        await db.write(DESK, lambda tx: explain_finding(tx, left, "again"))
    await settle(db, far)
    assert await db.read(list_open_findings) == []


async def test_a_charge_nobody_knows_is_kept_as_a_stray_and_then_agrees(db: Database) -> None:
    payment, far = await make_payment(db), FiledGateway()
    far.files[DAY] = [charge_line(db, payment, subject=None)]
    await settle(db, far)
    assert await db.read(list_open_findings) == []
    await assert_books_clean(db)


async def test_missed_days_are_compared_later_and_each_once(db: Database) -> None:
    far = FiledGateway()
    db.clock.move(timedelta(days=10))
    today = db.clock.now().date()
    far.files = {today - timedelta(days=n): [] for n in (1, 3)}
    assert await reconcile(db, {"sandbox": far}, take_notices) == 2  # type: ignore[dict-item]
    assert far.fetched == [today - timedelta(days=n) for n in range(1, 8)]
    far.fetched.clear()
    assert await reconcile(db, {"sandbox": far}, take_notices) == 0  # type: ignore[dict-item]
    assert len(far.fetched) == 5


async def test_a_gateway_without_its_file_does_not_keep_the_others_from_theirs(db: Database) -> None:
    class Broken(FiledGateway):
        name = "broken"

        async def settlement(self, day: date) -> list[SettlementLine] | None:
            raise ValueError("line 2 of the settlement file cannot be read")

    far = FiledGateway()
    far.files = {DAY - timedelta(days=1): []}
    with pytest.raises(ValueError, match="line 2"):
        await reconcile(db, {"broken": Broken(), "sandbox": far}, take_notices)  # type: ignore[dict-item]
    assert await db.read(lambda r: is_settled(r, "sandbox", DAY - timedelta(days=1)))


def statement(*lines: tuple[str, str, str]) -> bytes:
    rows = "".join(f"2026-06-18,{number},{amount},{words}\n" for number, amount, words in lines)
    return f"date,reference,amount,text\n{rows}".encode()


async def test_a_clerk_sees_what_each_line_would_do_and_confirms(db: Database) -> None:
    fits, twice, wrong, late = [await make_payment(db, gateway="bank_transfer") for _ in range(4)]
    await db.write(DESK, lambda tx: expire_payment(tx, late.id))
    file = statement(
        ("T1", "10.00", f"{write_reference(fits.id).lower()} thanks"),
        ("T2", "10.00", write_reference(twice.id)),
        ("T3", "10.00", write_reference(twice.id)),
        ("T4", "9.99", write_reference(wrong.id)),
        ("T5", "10.00", write_reference(late.id)),
        ("T6", "10.00", "for the tea"),
        ("T1", "10.00", f"{write_reference(fits.id)} thanks"),
    )
    read = read_bank_statement(file, "CNY")
    assert read.doubled == (8,)
    proposals = await db.read(lambda r: propose_matches(r, read.lines))
    assert [p.verdict for p in proposals] == [
        Verdict.FITS,
        Verdict.FITS,
        Verdict.DOUBLE,
        Verdict.WRONG_AMOUNT,
        Verdict.LATE,
        Verdict.UNKNOWN,
    ]
    confirmed = [p.line for p in proposals if p.verdict != Verdict.DOUBLE]
    outcomes = await tell(db, *notices_from(confirmed))
    assert [type(o) for o in outcomes] == [Captured, Captured, WrongAmount, Late, Unknown]
    assert await standing(db, held()) == 2000
    again = await db.read(lambda r: propose_matches(r, read.lines))
    assert [p.verdict for p in again if p.line.number != "T3"] == [Verdict.KNOWN] * 5
    await tell(db, *notices_from(confirmed))
    assert await standing(db, held()) == 2000
    await assert_books_clean(db)


async def test_a_bank_transfer_is_instructed_and_everything_else_is_done_by_hand(db: Database) -> None:
    payment = await make_payment(db, gateway="bank_transfer")
    bank = BankTransfer(BankTransferSettings(BankAccount("Fairground", "6222000011112222", "ICBC")))
    started = await bank.start([StartOrder(payment.id, payment.total, "http://market.test/orders")])
    told = started[payment.id].instructions
    assert told is not None
    assert (told.reference, told.money) == (write_reference(payment.id), payment.total)
    assert await bank.ask(payment) is None
    assert await bank.settlement(datetime.now(UTC).date()) is None
    with pytest.raises(WebhookRefused):
        bank.read_webhook({}, b"{}")
