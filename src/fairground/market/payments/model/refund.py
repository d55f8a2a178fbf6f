"""Refunds, strays, and the release of held money."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.payments.model.payment import PaymentId, PaymentRules, Purpose


class RefundId(Id):
    """The id of a refund; it lives in the buyer's bucket."""


class StrayId(Id):
    """The id of money that came in and fits no open payment."""


LATE: Final = "payments.late"  # why money goes back that came for a closed payment


class RefundState(StrEnum):
    """`failed` is no end: the desk sends it again, or confirms that it was paid by hand."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class StrayReason(StrEnum):
    """Why money does not fit."""

    UNKNOWN = "unknown"
    WRONG_AMOUNT = "wrong_amount"
    DOUBLE = "double"


class StrayState(StrEnum):
    """What became of it."""

    OPEN = "open"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    MATCHED = "matched"


class RefundRequest(msgspec.Struct, frozen=True):
    """A refund of held money to be made, once per key."""

    payment_id: PaymentId
    order_id: Id
    amount: int
    key: str
    reason: str  # "room.why"
    purpose: Purpose = Purpose.FULL


class Refund(msgspec.Struct, frozen=True):
    """Money on its way back: for a part of a payment, or a stray."""

    id: RefundId
    key: str
    payment_id: PaymentId | None
    order_id: Id | None
    purpose: Purpose | None
    stray_id: StrayId | None
    gateway: str
    charge: str
    money: Money
    reason: str
    state: RefundState
    attempts: int
    next_try_at: datetime | None  # None: not by itself; somebody pays it by hand
    requested_at: datetime
    settled_at: datetime | None
    reference: str | None
    error: str | None

    @property
    def order(self) -> "RefundOrder":
        """What the gateway is told."""
        return RefundOrder(self.id, self.charge, self.money)


class RefundOrder(msgspec.Struct, frozen=True):
    """What a gateway needs for a refund; the id is the key that makes a second sending harmless."""

    id: RefundId
    charge: str
    money: Money


class SentState(StrEnum):
    """What a gateway answers to a refund or a payout."""

    DONE = "done"
    UNDER_WAY = "under_way"  # a notice will follow
    REFUSED = "refused"  # and will not work later either
    BY_HAND = "by_hand"  # this gateway cannot: a clerk does it and confirms


class Sent(msgspec.Struct, frozen=True):
    """A gateway's answer, with its own number and moment where it has them."""

    state: SentState
    reference: str | None = None
    at: datetime | None = None
    error: str | None = None


class Stray(msgspec.Struct, frozen=True):
    """Money that came in and fits no open payment."""

    id: StrayId
    gateway: str
    charge: str
    payment_id: PaymentId | None
    money: Money
    reason: StrayReason
    words: str
    state: StrayState
    at: datetime


class Release(msgspec.Struct, frozen=True):
    """Held money of a part that goes to its shop, less commission; once per key. Amounts in minor units."""

    key: str
    payment_id: PaymentId
    order_id: Id
    shop_id: Id
    amount: int
    commission: int
    currency: str
    purpose: Purpose = Purpose.FULL


class TakeBack(msgspec.Struct, frozen=True):
    """Released money of a part that comes back to be held; once per key. The three sources add up to the amount."""

    key: str
    payment_id: PaymentId
    order_id: Id
    shop_id: Id
    from_shop: int
    from_commission: int
    currency: str
    from_market: int = 0
    purpose: Purpose = Purpose.FULL

    @property
    def amount(self) -> int:
        """What comes back."""
        return self.from_shop + self.from_commission + self.from_market


def backoff(rules: PaymentRules, attempts: int) -> timedelta:
    """Tell how long to wait after so many tries."""
    seconds: int = rules.retry_first_seconds << min(max(attempts - 1, 0), 16)
    return timedelta(seconds=min(seconds, rules.retry_longest_minutes * 60))
