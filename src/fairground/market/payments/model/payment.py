"""A payment and its parts: what is paid for, and where that money is now."""

from datetime import datetime
from enum import StrEnum

import msgspec

from fairground.kit.ids import Id
from fairground.kit.money import Money


class PaymentId(Id):
    """The id of a payment; it lives in the buyer's bucket."""


class PaymentState(StrEnum):
    """Where a payment stands. `failed` is a try that did not work: the buyer may try again until it expires."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    REFUNDED = "refunded"  # all of it


class Purpose(StrEnum):
    """What a part pays: all of an order, or one stage of it."""

    FULL = "full"
    DEPOSIT = "deposit"
    BALANCE = "balance"
    MILESTONE = "milestone"


class NewPart(msgspec.Struct, frozen=True):
    """One part to open, in minor units of the payment's currency."""

    order_id: Id
    amount: int
    purpose: Purpose = Purpose.FULL


class NewPayment(msgspec.Struct, frozen=True):
    """A payment to open; it lives in the checkout's bucket. One of amount 0 is paid at once."""

    checkout_id: Id
    payer_id: Id
    gateway: str
    currency: str
    expires_at: datetime
    parts: tuple[NewPart, ...]
    id: PaymentId | None = None  # made by a caller who must tell it before the payment is written

    @property
    def amount(self) -> int:
        """What all parts come to."""
        return sum(part.amount for part in self.parts)


class Part(msgspec.Struct, frozen=True):
    """A part; once captured, held + released + refunded = amount."""

    payment_id: PaymentId
    order_id: Id
    purpose: Purpose
    amount: int
    held: int = 0
    released: int = 0
    refunded: int = 0


class Payment(msgspec.Struct, frozen=True):
    """A payment with its parts."""

    id: PaymentId
    checkout_id: Id
    payer_id: Id
    gateway: str
    total: Money
    state: PaymentState
    version: int
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    charge: str | None  # the gateway's own number
    parts: tuple[Part, ...] = ()


class PaymentRules(msgspec.Struct, frozen=True):
    """Numbers of this room."""

    refund_tries: int = 8  # then it waits at the desk
    retry_first_seconds: int = 30  # doubled each time
    retry_longest_minutes: int = 60
    ask_again_minutes: int = 5  # a gateway that cannot be asked before a payment is closed is asked again…
    ask_patience_hours: int = 6  # …for so long; then the payment is closed, and money that comes late goes back
    payout_least_amount: int = 100  # minor units
    destination_wait_hours: int = 72  # a changed bank account is used only after this
    inbox_kept_days: int = 90
    clearing_days: int = 7  # settlement files are fetched for so many past days, if they were missed
