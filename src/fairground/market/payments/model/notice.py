"""What a gateway tells us, and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from fairground.kit.ids import Id
from fairground.market.payments.model.payment import Part, Payment, PaymentId
from fairground.market.payments.model.refund import StrayId


class NoticeKind(StrEnum):
    """What happened at the gateway."""

    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    PAID_OUT = "paid_out"
    BOUNCED = "bounced"


class GatewayNotice(msgspec.Struct, frozen=True):
    """One notice, verified and read by its adapter.

    `subject` is our own id (of the payment, refund or payout) as the gateway has it, None where it names none of ours;
    `reference` is the gateway's own number of the charge, refund or payout; `at` is the gateway's moment.
    """

    gateway: str
    event_id: str
    kind: NoticeKind
    subject: Id | None
    reference: str
    amount: int
    currency: str
    at: datetime
    words: str = ""


class Captured(msgspec.Struct, frozen=True):
    """The payment is paid now; its money is held for each part."""

    payment: Payment

    @property
    def parts(self) -> tuple[Part, ...]:
        """What was paid for."""
        return self.payment.parts


class AlreadyKnown(msgspec.Struct, frozen=True):
    """This was heard before; nothing changed."""


class Late(msgspec.Struct, frozen=True):
    """The payment was closed before its money came: it was taken in and is on its way back."""

    payment: Payment


class Double(msgspec.Struct, frozen=True):
    """The payment was paid already: this second charge is on its way back."""

    payment_id: PaymentId
    stray_id: StrayId


class WrongAmount(msgspec.Struct, frozen=True):
    """Another amount or currency than asked for came in: it waits at the desk."""

    payment_id: PaymentId
    stray_id: StrayId


class Unknown(msgspec.Struct, frozen=True):
    """Money came in for no payment of ours: it waits at the desk."""

    stray_id: StrayId


class Declined(msgspec.Struct, frozen=True):
    """A try to pay did not work; the payment stays open."""

    payment_id: PaymentId


class Heard(msgspec.Struct, frozen=True):
    """A refund or a payout moved on."""

    subject: Id


Outcome: TypeAlias = Captured | AlreadyKnown | Late | Double | WrongAmount | Unknown | Declined | Heard
