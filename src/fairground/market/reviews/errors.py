"""What can go wrong with reviews."""

from fairground.kit.errors import N_, Conflict, NotFound


class ReviewNotFound(NotFound):
    """There is no such review, or it is somebody else's."""

    code = "reviews.not_found"
    message = N_("We could not find that review.")


class ReviewWindowOver(Conflict):
    """The time for reviewing the order is over."""

    code = "reviews.window_over"
    message = N_("The time for reviewing this order is over: it ended %(days)d days after receipt.")


class AlreadyReviewed(Conflict):
    """The line was reviewed before."""

    code = "reviews.already_written"
    message = N_("You have reviewed this already.")


class ChangeOver(Conflict):
    """The review was changed before, was a good one, or is too old to change."""

    code = "reviews.change_over"
    message = N_("This review cannot be changed any more.")


class FollowUpOver(Conflict):
    """Something was added before, or the review is too old."""

    code = "reviews.follow_up_over"
    message = N_("Nothing more can be added to this review.")


class AnswerOver(Conflict):
    """The shop's answer stands, and the time for changing it is over."""

    code = "reviews.answer_over"
    message = N_("The answer cannot be changed any more.")
