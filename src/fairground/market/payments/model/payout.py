"""Payouts and the bank accounts they go to."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.ids import Id
from fairground.kit.money import Money

_NUMBER: Final = re.compile(r"[0-9A-Z]{6,34}")  # 34: the longest IBAN (ISO 13616)


class PayoutId(Id):
    """The id of a payout; it lives in the shop's bucket."""


class DestinationId(Id):
    """The id of a bank account of a shop."""


class PayoutState(StrEnum):
    """`requested → sent → paid | bounced`; a bank may send back even what was paid."""

    REQUESTED = "requested"
    SENT = "sent"
    PAID = "paid"
    BOUNCED = "bounced"


class BankAccount(msgspec.Struct, frozen=True):
    """A bank account in the clear: only between a form and the seal, or the seal and a gateway."""

    holder: str
    number: str
    bank: str = ""

    @property
    def hint(self) -> str:
        """What may be shown: the last four."""
        return f"•••• {self.number[-4:]}"


class Destination(msgspec.Struct, frozen=True):
    """A bank account of a shop, sealed; used from `valid_from` on."""

    id: DestinationId
    shop_id: Id
    sealed: str
    hint: str
    valid_from: datetime
    created_at: datetime

    @property
    def aad(self) -> bytes:
        """Where the seal belongs."""
        return destination_aad(self.id, self.shop_id)


class Payout(msgspec.Struct, frozen=True):
    """A shop's money on its way to its bank; it pays the entries first…last of the shop's account."""

    id: PayoutId
    shop_id: Id
    destination_id: DestinationId
    gateway: str
    money: Money
    state: PayoutState
    version: int
    first_entry: int
    last_entry: int
    requested_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    attempts: int
    next_try_at: datetime | None
    reference: str | None
    error: str | None


class PayoutOrder(msgspec.Struct, frozen=True):
    """What a gateway needs for a payout; the id is the key that makes a second sending harmless."""

    id: PayoutId
    account: BankAccount
    money: Money


class PayoutFigures(msgspec.Struct, frozen=True):
    """A shop's money by where it is (what is held is known by its orders)."""

    available: Money
    under_way: Money
    paid_out: Money


def destination_aad(destination_id: DestinationId, shop_id: Id) -> bytes:
    """Tell where a sealed bank account belongs, so that it opens nowhere else."""
    return f"payments.destinations:{shop_id}:{destination_id}".encode()


def clean_account(account: BankAccount) -> BankAccount:
    """Bring a bank account into one spelling.

    Raises:
        Invalid: no holder, or a number that cannot be one.
    """
    findings = Findings()
    holder, bank = " ".join(account.holder.split()), " ".join(account.bank.split())
    number = re.sub(r"[\s.-]", "", account.number).upper()
    findings.check(
        0 < len(holder) <= 140, "/holder", "length", N_("Please give the account holder, at most 140 characters.")
    )
    findings.check(
        bool(_NUMBER.fullmatch(number)), "/number", "format", N_("An account number has 6 to 34 digits or letters.")
    )
    findings.check(len(bank) <= 140, "/bank", "length", N_("At most 140 characters, please."))
    findings.raise_any()
    return BankAccount(holder, number, bank)


def read_account(text: str) -> BankAccount:
    """Read a bank account back from what was sealed."""
    return msgspec.json.decode(text, type=BankAccount)
