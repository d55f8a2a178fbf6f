"""How the money of an order is shared."""

from hypothesis import given
from hypothesis import strategies as st

from fairground.kit.ids import Id
from fairground.market.orders.model import OrderRules, proceeds_of
from fairground.market.orders.model.commission import CommissionRates
from fairground.market.orders.model.drawing import contained_tax

amounts = st.integers(0, 10_000_000)


@given(amounts, amounts, st.integers(0, 10_000), st.integers(0, 100))
def test_whatever_was_refunded_all_money_is_shared_and_nobody_owes(
    total: int, off_market: int, points: int, percent: int
) -> None:
    commission = (total + off_market) * points // 10_000
    refunded = total * percent // 100
    proceeds = proceeds_of(total, off_market, commission, refunded)
    assert proceeds.held == total - refunded
    assert proceeds.held + proceeds.subsidy == proceeds.shop + proceeds.commission
    assert min(proceeds.held, proceeds.subsidy, proceeds.shop, proceeds.commission) >= 0


def test_a_refund_gives_commission_back_in_proportion() -> None:
    assert proceeds_of(10_000, 0, 300, 5_000).commission == 150
    assert proceeds_of(10_000, 0, 300, 10_000).commission == 0


def test_the_most_specific_rate_wins() -> None:
    rates = CommissionRates(
        {Id(1): 50}, {"toys": 200, "lego": 250}, {"lego": ["toys", "lego"], "dolls": ["toys", "dolls"]}, 300
    )
    assert rates.rate(Id(1), 100, "lego") == 50
    assert rates.rate(Id(2), 100, "lego") == 100
    assert rates.rate(Id(2), None, "lego") == 250
    assert rates.rate(Id(2), None, "dolls") == 200
    assert rates.rate(Id(2), None, None) == 300


def test_tax_is_contained_in_the_price() -> None:
    assert contained_tax(11_300, 1_300) == 1_300
    assert contained_tax(100, 1_300) == 12
    assert contained_tax(10_000, 0) == 0


def test_a_late_voucher_stays_between_its_bounds() -> None:
    rules = OrderRules()
    assert rules.late_voucher(100, "CNY") == 100  # one yuan at least
    assert rules.late_voucher(20_000, "CNY") == 1_000
    assert rules.late_voucher(10_000_000, "CNY") == 5_000  # fifty at most
    assert rules.late_voucher(10_000, "JPY") == 50
