"""The arithmetic of postings."""

from datetime import UTC, datetime

import pytest

from fairground.kit.ids import Id
from fairground.market.ledger.model import (
    AccountKind,
    AccountRef,
    Posting,
    check_postings,
    gateway_account,
    movements,
    number_entries,
    owned_account,
    system_account,
)

HELD = system_account(AccountKind.HELD, 7, "CNY")
CLEARING = system_account(AccountKind.CLEARING, 7, "CNY")
GATEWAY = gateway_account("sandbox", 7, "CNY")
SHOP = owned_account(AccountKind.SHOP, Id(7 << 12 | 1), "CNY")
NOW = datetime(2026, 6, 18, tzinfo=UTC)


def posting(debit: AccountRef, credit: AccountRef, amount: int, key: str = "a") -> Posting:
    return Posting(key, debit, credit, amount, "test.moved", Id(1))


@pytest.mark.parametrize(
    "wrong",
    [
        posting(GATEWAY, HELD, 0),
        posting(GATEWAY, HELD, -5),
        posting(GATEWAY, HELD, 5, key=""),
        posting(HELD, HELD, 5),
        posting(GATEWAY, system_account(AccountKind.HELD, 8, "CNY"), 5),
        posting(GATEWAY, system_account(AccountKind.HELD, 7, "USD"), 5),
        posting(gateway_account("sandbox", 1024, "CNY"), system_account(AccountKind.HELD, 1024, "CNY"), 5),
    ],
)
def test_a_posting_that_cannot_be_is_our_own_mistake(wrong: Posting) -> None:
    with pytest.raises(AssertionError):
        check_postings([wrong])


def test_movements_add_up_each_account_and_come_in_the_order_of_locks() -> None:
    moves = movements([posting(SHOP, CLEARING, 5), posting(GATEWAY, HELD, 9), posting(HELD, CLEARING, 4)])
    assert [ref for ref, _ in moves] == sorted([GATEWAY, HELD, CLEARING, SHOP])
    assert {ref: (m.change, m.entries) for ref, m in moves} == {
        GATEWAY: (-9, 1),
        HELD: (5, 2),
        CLEARING: (9, 2),
        SHOP: (-5, 1),
    }
    assert sum(m.change for _, m in moves) == 0


def test_entries_are_numbered_up_to_where_the_accounts_stand_now() -> None:
    postings = [posting(GATEWAY, HELD, 10, "a"), posting(HELD, CLEARING, 4, "b")]
    first, second = number_entries(postings, {GATEWAY: (3, -110), HELD: (9, 56), CLEARING: (1, 4)}, NOW)
    assert (first.debit_entry, first.debit_balance, first.credit_entry, first.credit_balance) == (3, -110, 8, 60)
    assert (second.debit_entry, second.debit_balance, second.credit_entry, second.credit_balance) == (9, 56, 1, 4)


def test_each_gateway_has_its_own_account_and_never_an_owners() -> None:
    assert gateway_account("bank_transfer", 7, "CNY") != GATEWAY
    assert GATEWAY.owner < 0
    with pytest.raises(AssertionError):
        system_account(AccountKind.SHOP, 7, "CNY")
    with pytest.raises(AssertionError):
        owned_account(AccountKind.HELD, Id(5), "CNY")
