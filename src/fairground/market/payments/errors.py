"""What can go wrong with payments."""

from fairground.kit.errors import N_, Conflict, Invalid, NotAllowed, NotFound, Trouble


class PaymentNotFound(NotFound):
    """There is no such payment for this person."""

    code = "payments.payment_not_found"
    message = N_("There is no such payment.")


class RefundNotFound(NotFound):
    """There is no such refund."""

    code = "payments.refund_not_found"
    message = N_("There is no such refund.")


class PayoutNotFound(NotFound):
    """There is no such payout for this shop."""

    code = "payments.payout_not_found"
    message = N_("There is no such payout.")


class StrayNotFound(NotFound):
    """There is no such unmatched money."""

    code = "payments.stray_not_found"
    message = N_("There is no such incoming money.")


class GatewayUnknown(NotFound):
    """No such gateway is switched on."""

    code = "payments.gateway_unknown"
    message = N_("This way of paying is not available.")


class PaymentNotOpen(Conflict):
    """The payment cannot be paid any more: it is paid, or closed."""

    code = "payments.not_open"
    message = N_("This payment is not open any more.")


class RefundTooHigh(Conflict):
    """A refund would exceed what is still held of the part. The transaction cannot go on."""

    code = "payments.refund_too_high"
    message = N_("That is more than is left to refund.")


class ReleaseTooHigh(Conflict):
    """Less is held (or released) of the part than is to be moved. The transaction cannot go on."""

    code = "payments.release_too_high"
    message = N_("That much money is not held for this order.")


class RefundInWrongState(Conflict):
    """The refund does not stand where this could be done."""

    code = "payments.refund_wrong_state"
    message = N_("The refund is not in a state for that.")


class StrayInWrongState(Conflict):
    """Somebody has dealt with it already."""

    code = "payments.stray_wrong_state"
    message = N_("Somebody has dealt with this money already.")


class StrayDoesNotFit(Conflict):
    """Its amount is not what the payment asks for."""

    code = "payments.stray_does_not_fit"
    message = N_("The amount is not what this payment asks for.")


class PayoutInWrongState(Conflict):
    """The payout does not stand where this could be done."""

    code = "payments.payout_wrong_state"
    message = N_("The payout is not in a state for that.")


class PayoutTooHigh(Conflict):
    """More than the shop's available balance."""

    code = "payments.payout_too_high"
    message = N_("That is more than the available balance.")


class PayoutTooLow(Invalid):
    """Less than a payout must be."""

    code = "payments.payout_too_low"
    message = N_("That is less than the smallest payout.")


class DestinationMissing(Conflict):
    """The shop has no bank account that can be used yet."""

    code = "payments.destination_missing"
    message = N_("There is no bank account to pay out to yet.")


class EmailUnverified(NotAllowed):
    """Payouts need a verified e-mail address."""

    code = "payments.email_unverified"
    message = N_("Please confirm your e-mail address first; payouts wait for it.")


class FindingGone(Conflict):
    """The difference is not open any more."""

    code = "payments.finding_gone"
    message = N_("Somebody has dealt with this difference already.")


class WebhookRefused(Trouble):
    """A notice that is not signed by the gateway, too old, or unreadable."""

    code = "payments.webhook_refused"
    message = N_("This notice was not signed by the gateway.")
