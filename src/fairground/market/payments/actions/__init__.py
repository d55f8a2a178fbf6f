"""Deeds of payments, one file per subject."""

from fairground.market.payments.actions.capture import capture, capture_many, take_notices
from fairground.market.payments.actions.open import expire_payment, expire_payments, open_payment, open_payments
from fairground.market.payments.actions.payouts import (
    bounce_payout,
    change_destination,
    confirm_payout,
    keep_destination,
    mark_payout_sent,
    request_payout,
    settle_payout,
)
from fairground.market.payments.actions.reconcile import explain_finding, reconcile_day
from fairground.market.payments.actions.refunds import (
    confirm_refund,
    fail_refund,
    finish_refund,
    refund,
    refund_many,
    retry_refund,
)
from fairground.market.payments.actions.release import (
    release,
    release_from_held,
    release_to_shops,
    return_to_held,
    take_back,
    take_from_shops,
)
from fairground.market.payments.actions.strays import match_stray, refund_stray

__all__ = [
    "bounce_payout",
    "capture",
    "capture_many",
    "change_destination",
    "confirm_payout",
    "confirm_refund",
    "expire_payment",
    "expire_payments",
    "explain_finding",
    "fail_refund",
    "finish_refund",
    "keep_destination",
    "mark_payout_sent",
    "match_stray",
    "open_payment",
    "open_payments",
    "reconcile_day",
    "refund",
    "refund_many",
    "refund_stray",
    "release",
    "release_from_held",
    "release_to_shops",
    "request_payout",
    "retry_refund",
    "return_to_held",
    "settle_payout",
    "take_back",
    "take_from_shops",
    "take_notices",
]
