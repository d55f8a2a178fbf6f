"""Settlement files, waiting, bank accounts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from fairground.kit.errors import Invalid
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.payments.model import (
    BankAccount,
    LineKind,
    PaymentRules,
    Problem,
    SettlementLine,
    backoff,
    compare,
    read_settlement,
    write_settlement,
)
from fairground.market.payments.model.payout import clean_account

AT = datetime(2026, 6, 17, 23, 59, 59, tzinfo=UTC)
DAY = date(2026, 6, 17)


def line(reference: str, amount: int, kind: LineKind = LineKind.CHARGE, currency: str = "CNY") -> SettlementLine:
    return SettlementLine(kind, reference, Id(5), Money(amount, currency), AT)


def test_a_settlement_file_is_read_as_it_was_written() -> None:
    lines = [line("a", 1999), line("b", 5, LineKind.REFUND), line("c", 700, LineKind.PAYOUT, "JPY")]
    assert read_settlement(write_settlement(lines)) == lines


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kind,reference\n",
        write_settlement([line("a", 1999)]).replace("19.99", "19.999"),
        write_settlement([line("a", 1999)]).replace("charge", "gift"),
        write_settlement([line("a", 1999)]).replace("+00:00", ""),
    ],
)
def test_a_settlement_file_that_cannot_be_read_is_not_believed(text: str) -> None:
    with pytest.raises(ValueError, match=r"settlement file|LineKind"):
        read_settlement(text)


def test_comparing_names_each_difference_once() -> None:
    theirs = [line("same", 10), line("differs", 11), line("theirs", 12), line("same", 10, LineKind.REFUND)]
    ours = [line("same", 10), line("differs", 10), line("ours", 13), line("same", 10, LineKind.REFUND)]
    found = {(f.reference, f.problem, f.ours, f.theirs) for f in compare("sandbox", DAY, theirs, ours)}
    assert found == {
        ("differs", Problem.AMOUNT_DIFFERS, 10, 11),
        ("theirs", Problem.UNKNOWN_TO_US, None, 12),
        ("ours", Problem.UNKNOWN_TO_GATEWAY, 13, None),
    }


def test_tries_wait_longer_each_time_up_to_a_bound() -> None:
    rules = PaymentRules(retry_first_seconds=30, retry_longest_minutes=60)
    assert [backoff(rules, n).total_seconds() for n in (1, 2, 3, 50)] == [30, 60, 120, 3600]
    assert backoff(rules, 0) == timedelta(seconds=30)


def test_an_account_number_is_brought_into_one_spelling() -> None:
    account = clean_account(BankAccount("  Lin   Lanting ", "de89 3704-0044 0532 0130 00"))
    assert (account.holder, account.number, account.hint) == ("Lin Lanting", "DE89370400440532013000", "•••• 3000")


def test_every_wrong_field_of_a_bank_account_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        clean_account(BankAccount(" ", "12ab!", "x" * 141))
    assert [(e.pointer, e.code) for e in refused.value.errors] == [
        ("/holder", "length"),
        ("/number", "format"),
        ("/bank", "length"),
    ]
