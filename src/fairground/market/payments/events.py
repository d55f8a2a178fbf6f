"""What payments announce."""

from typing import Self

from fairground.kit.events import Event
from fairground.kit.ids import Id
from fairground.market.payments.model import (
    DestinationId,
    Payment,
    PaymentId,
    Payout,
    PayoutId,
    Refund,
    RefundId,
    StrayId,
)


class _OfPayment(Event, frozen=True, kw_only=True):
    payment_id: PaymentId
    checkout_id: Id
    order_ids: tuple[Id, ...]
    amount: int
    currency: str

    @property
    def subject(self) -> Id:
        return self.payment_id

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """Tell it of a payment."""
        return cls(
            payment_id=payment.id,
            checkout_id=payment.checkout_id,
            order_ids=tuple(dict.fromkeys(part.order_id for part in payment.parts)),
            amount=payment.total.amount,
            currency=payment.total.currency,
            version=payment.version,
        )


class PaymentCaptured(_OfPayment, frozen=True, kw_only=True):
    """The money is here and held."""


class PaymentExpired(_OfPayment, frozen=True, kw_only=True):
    """Nobody paid in time, or the checkout was cancelled."""


class PaymentCameLate(_OfPayment, frozen=True, kw_only=True):
    """Money came for a closed payment; it goes back."""


class PaymentDeclined(_OfPayment, frozen=True, kw_only=True):
    """A try to pay did not work."""


class StrayCame(Event, frozen=True, kw_only=True):
    """Money came that fits no open payment."""

    stray_id: StrayId
    reason: str
    amount: int
    currency: str

    @property
    def subject(self) -> Id:
        return self.stray_id


class _OfRefund(Event, frozen=True, kw_only=True):
    refund_id: RefundId
    payment_id: PaymentId | None
    order_id: Id | None
    amount: int
    currency: str

    @property
    def subject(self) -> Id:
        return self.refund_id

    @classmethod
    def of(cls, refund: Refund) -> Self:
        """Tell it of a refund."""
        return cls(
            refund_id=refund.id,
            payment_id=refund.payment_id,
            order_id=refund.order_id,
            amount=refund.money.amount,
            currency=refund.money.currency,
        )


class RefundDone(_OfRefund, frozen=True, kw_only=True):
    """The gateway has sent the money back."""


class RefundFailed(_OfRefund, frozen=True, kw_only=True):
    """The gateway would not send the money back; the desk must see to it."""


class _OfPayout(Event, frozen=True, kw_only=True):
    payout_id: PayoutId
    shop_id: Id
    amount: int
    currency: str

    @property
    def subject(self) -> Id:
        return self.payout_id

    @classmethod
    def of(cls, payout: Payout) -> Self:
        """Tell it of a payout."""
        return cls(
            payout_id=payout.id,
            shop_id=payout.shop_id,
            amount=payout.money.amount,
            currency=payout.money.currency,
            version=payout.version,
        )


class PayoutRequested(_OfPayout, frozen=True, kw_only=True):
    """A shop asked for its money."""


class PayoutPaid(_OfPayout, frozen=True, kw_only=True):
    """The money has reached the shop's bank."""


class PayoutBounced(_OfPayout, frozen=True, kw_only=True):
    """The bank sent the money back; it is in the shop's balance again."""


class DestinationChanged(Event, frozen=True, kw_only=True):
    """A shop's payouts will go to another bank account from a moment on (RFC 3339)."""

    destination_id: DestinationId
    shop_id: Id
    valid_from: str
    is_first: bool

    @property
    def subject(self) -> Id:
        return self.shop_id
