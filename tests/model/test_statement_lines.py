"""Entries of the books become lines that people read; orders that were settled together are told apart."""

from datetime import UTC, datetime, timedelta

from fairground.kit.ids import Id
from fairground.market.ledger.model import AccountKind, Entry
from fairground.web.seller.money.statement import group

AT = datetime(2026, 6, 18, tzinfo=UTC)


def entry(
    number: int, amount: int, balance: int, subject: int, reason: str, other: AccountKind, late: int = 0
) -> Entry:
    at = AT + timedelta(seconds=late)
    return Entry(number, amount, balance, "CNY", reason, Id(subject), other, f"k{number}", at)


def test_orders_settled_together_are_told_apart_and_the_balance_walks_down() -> None:
    # As `settle_shops` writes two orders: both sales with their commission, then what the market adds.
    entries = [
        entry(1, 1_000, 1_000, 7, "payments.sale", AccountKind.CLEARING),
        entry(2, -30, 970, 7, "payments.commission", AccountKind.COMMISSION),
        entry(3, 500, 1_470, 8, "payments.sale", AccountKind.CLEARING),
        entry(4, -15, 1_455, 8, "payments.commission", AccountKind.COMMISSION),
        entry(5, 100, 1_555, 7, "orders.subsidy", AccountKind.CLEARING),
        entry(6, -9, 1_546, 7, "orders.subsidy", AccountKind.COMMISSION),
        entry(7, -1_000, 546, 9, "payments.payout_requested", AccountKind.PAYOUT, late=1),
    ]
    lines = group(entries[::-1], {}, "/seller/lantern")
    told = [(line.gross.amount, line.promotions.amount, line.commission.amount, line.other.amount) for line in lines]
    assert told == [(0, 0, 0, -1_000), (1_000, 100, -39, 0), (500, 0, -15, 0)]
    assert [line.net.amount for line in lines] == [-1_000, 1_061, 485]
    assert [line.balance.amount for line in lines] == [546, 1_546, 485]
    assert lines[0].href == "/seller/lantern/money/payouts/9"


def test_a_payout_that_came_back_is_a_line_of_its_own() -> None:
    lines = group(
        [
            entry(2, 400, 400, 9, "payments.payout_bounced", AccountKind.GATEWAY, late=5),
            entry(1, -400, 0, 9, "payments.payout_requested", AccountKind.PAYOUT),
        ],
        {},
        "/seller/lantern",
    )
    assert [(line.other.amount, line.balance.amount) for line in lines] == [(400, 400), (-400, 0)]
    assert lines[0].what != lines[1].what
