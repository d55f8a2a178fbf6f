"""What can go wrong with after-sale cases."""

from fairground.kit.errors import N_, Conflict, Invalid, NotAllowed, NotFound


class CaseNotFound(NotFound):
    """There is no such case, or it is somebody else's."""

    code = "aftersale.not_found"
    message = N_("We could not find that after-sale case.")


class CaseInWrongState(Conflict):
    """The answer does not fit where the case stands; `state` says where that is."""

    code = "aftersale.wrong_state"
    message = N_("This case has moved on in the meantime, so this answer is not possible any more.")


class NotYourAnswer(NotAllowed):
    """The other side answers that, or the person's role in the shop does not allow it."""

    code = "aftersale.not_your_answer"
    message = N_("You may not give that answer in this case.")


class AnswerTooLate(Conflict):
    """The time for an answer is over; what silence means is on its way."""

    code = "aftersale.too_late"
    message = N_("The time for this answer is over. The case goes on as the rules say about silence.")


class CaseOpenAlready(Conflict):
    """Another case of the order is open; `case_id` says which."""

    code = "aftersale.open_already"
    message = N_("There is an open case for this order already. Please go on there.")


class NothingToClaim(Conflict):
    """The order is unpaid or closed, or all of it was refunded."""

    code = "aftersale.nothing_to_claim"
    message = N_("There is nothing to refund or return for this order.")


class NothingSent(Conflict):
    """Goods cannot come back that were not sent."""

    code = "aftersale.nothing_sent"
    message = N_("Nothing of this has been sent yet: you can only ask for a refund.")


class WindowOver(Conflict):
    """The order was received too long ago."""

    code = "aftersale.window_over"
    message = N_("The time for after-sale help with this order is over: it ended %(days)d days after receipt.")


class NoReasonOver(Conflict):
    """The days for a return without a reason are over."""

    code = "aftersale.no_reason_over"
    message = N_("Returning without a reason was possible for %(days)d days after receipt. Please choose a reason.")


class NoReasonExcluded(Conflict):
    """Some of the goods cannot come back without a reason; `lines` is a list of `{line_id, why}`."""

    code = "aftersale.no_reason_excluded"
    message = N_("Some of these goods cannot be returned without a reason. Please choose a reason.")


class ClaimTooHigh(Invalid):
    """More than was paid for the lines and is left of it; `most` in minor units."""

    code = "aftersale.too_high"
    message = N_("That is more than can be refunded for these goods.")


class NoMoreRevisions(Conflict):
    """The buyer has changed the claim as often as the rules allow."""

    code = "aftersale.no_more_revisions"
    message = N_("You have changed this claim %(most)d times already. You can ask the market to decide.")


class NoReturnAddress(Conflict):
    """The shop has told nowhere to send goods back to."""

    code = "aftersale.no_return_address"
    message = N_("Please set your shop's return address first: the buyer has to know where to send the goods.")


class TooManyCases(Conflict):
    """More cases than one person, or one order, may have; `most` says how many."""

    code = "aftersale.too_many"
    message = N_("You have opened many cases lately. Please finish the open ones first, or ask our service.")


class TooMuchEvidence(Conflict):
    """One side has added as much as the rules allow; `most` says how much."""

    code = "aftersale.too_much_evidence"
    message = N_("You have added %(most)d pieces of evidence already. That is all we can look at.")
