"""Accounts, postings, transfers and the sign of a balance.

A balance is what was credited less what was debited: **positive is what the market owes** to whoever the account
stands for. A posting takes `amount` from `debit` and gives it to `credit`. The gateway's account is therefore
negative while the gateway keeps money for us, and all balances of a currency add up to zero.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.ids import BUCKETS, Id
from fairground.kit.money import MAX_AMOUNT


class AccountKind(StrEnum):
    """What an account stands for."""

    GATEWAY = "gateway"  # money that a payment gateway keeps for us (negative); its owner is the gateway's number
    HELD = "held"  # paid by buyers, kept until receipt
    REFUND = "refund"  # owed to buyers, on its way back through the gateway
    STRAY = "stray"  # came in and fits no open payment
    CLEARING = "clearing"  # between two buckets
    COMMISSION = "commission"  # earned by the market
    MARKET = "market"  # the market's own money: vouchers, compensations
    ADJUSTMENT = "adjustment"  # corrections by hand
    SHOP = "shop"  # a shop's available money
    PAYOUT = "payout"  # a shop's money on its way to the bank
    BUYER_CREDIT = "buyer_credit"  # store credit of a person


OWNED: Final = frozenset({AccountKind.SHOP, AccountKind.PAYOUT, AccountKind.BUYER_CREDIT})
# These may be on either side of zero; all others have a floor, zero unless a shop was allowed a lower one.
FLOORLESS: Final = frozenset(
    {AccountKind.GATEWAY, AccountKind.CLEARING, AccountKind.COMMISSION, AccountKind.MARKET, AccountKind.ADJUSTMENT}
)


class AccountRef(msgspec.Struct, frozen=True, order=True):
    """Names an account; ordered as its locks are taken. `owner` is an id, 0, or a gateway's (negative) number."""

    bucket: int
    owner: int
    kind: AccountKind
    currency: str


class Posting(msgspec.Struct, frozen=True):
    """One movement to be made: `amount` minor units from `debit` to `credit`, once per key and bucket."""

    key: str
    debit: AccountRef
    credit: AccountRef
    amount: int
    reason: str  # "room.what_happened"
    subject: Id  # the order, refund or payout it is about


class Transfer(msgspec.Struct, frozen=True):
    """A movement that was made, with the number of the entry and the balance it left on each side."""

    posting: Posting
    debit_entry: int
    debit_balance: int
    credit_entry: int
    credit_balance: int
    at: datetime
    is_new: bool = False  # made by this very post, not by an earlier one with the same key


class Entry(msgspec.Struct, frozen=True):
    """One line of a statement. `amount` is signed as the balance is; `entry` counts from 1 without a gap."""

    entry: int
    amount: int
    balance: int
    currency: str
    reason: str
    subject: Id
    other: AccountKind
    key: str
    at: datetime


class Discrepancy(msgspec.Struct, frozen=True):
    """Something the books promise and do not keep."""

    check: str
    where: str
    expected: int
    found: int


def owned_account(kind: AccountKind, owner: Id, currency: str) -> AccountRef:
    """Name the account of a shop or a person; it lives in its owner's bucket."""
    assert kind in OWNED, f"{kind} has no owner"
    return AccountRef(owner.bucket, owner, kind, currency)


def system_account(kind: AccountKind, bucket: int, currency: str) -> AccountRef:
    """Name the market's own account of a kind in a bucket."""
    assert kind not in OWNED | {AccountKind.GATEWAY}, f"{kind} is not the market's own"
    return AccountRef(bucket, 0, kind, currency)


def gateway_account(name: str, bucket: int, currency: str) -> AccountRef:
    """Name the account of a gateway in a bucket."""
    return AccountRef(bucket, -1 - zlib.crc32(name.encode()), AccountKind.GATEWAY, currency)


def check_postings(postings: Iterable[Posting]) -> None:
    """Assert what every posting must be; a broken one is our own mistake, never a person's."""
    for posting in postings:
        debit, credit = posting.debit, posting.credit
        assert posting.key, "a posting needs a key"
        assert 0 < posting.amount <= MAX_AMOUNT, f"{posting.key}: amount {posting.amount}"
        assert debit.bucket == credit.bucket, f"{posting.key}: a transfer lies in one bucket"
        assert 0 <= debit.bucket < BUCKETS, f"{posting.key}: bucket {debit.bucket}"
        assert debit.currency == credit.currency, f"{posting.key}: two currencies"
        assert debit != credit, f"{posting.key}: one account on both sides"


class Movement(msgspec.Struct):
    """What a post does to one account: the sum of its changes, and how many there are."""

    change: int = 0
    entries: int = 0


def movements(postings: Iterable[Posting]) -> list[tuple[AccountRef, Movement]]:
    """Add up what postings do to each account, in the order of locks."""
    result: dict[AccountRef, Movement] = defaultdict(Movement)
    for posting in postings:
        for ref, change in ((posting.debit, -posting.amount), (posting.credit, posting.amount)):
            result[ref].change += change
            result[ref].entries += 1
    return sorted(result.items())


def number_entries(
    postings: Sequence[Posting], after: dict[AccountRef, tuple[int, int]], at: datetime
) -> list[Transfer]:
    """Give each posting its entry numbers and balances, from where its accounts stood (entries, balance) after all."""
    standing = {
        ref: [after[ref][0] - movement.entries, after[ref][1] - movement.change]
        for ref, movement in movements(postings)
    }
    transfers = []
    for posting in postings:
        debit, credit = standing[posting.debit], standing[posting.credit]
        debit[0] += 1
        debit[1] -= posting.amount
        credit[0] += 1
        credit[1] += posting.amount
        transfers.append(Transfer(posting, debit[0], debit[1], credit[0], credit[1], at, is_new=True))
    return transfers
