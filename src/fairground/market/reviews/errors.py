"""What can go wrong with reviews."""

from fairground.kit.errors import N_, Conflict, NotAllowed, NotFound, TooMany


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


class BuyerRated(Conflict):
    """The shop has said what it thinks of the buyer before."""

    code = "reviews.buyer_rated"
    message = N_("Your shop has rated the buyer of this order already.")


class NotVerified(NotAllowed):
    """Only verified people vote: their e-mail address is confirmed, and they have received an order."""

    code = "reviews.not_verified"
    message = N_("This is for people with a confirmed e-mail address who have received an order here.")


class OwnReview(NotAllowed):
    """It is one's own review, or one about one's own shop."""

    code = "reviews.own"
    message = N_("This is for others: the review is yours, or about your own shop.")


class ReviewRemoved(Conflict):
    """The market has taken the review away before."""

    code = "reviews.removed"
    message = N_("This review has been taken away already.")


class FlagNotFound(NotFound):
    """There is no such flag."""

    code = "reviews.flag_not_found"
    message = N_("There is nothing of this kind before the desk.")


class FlagDecided(Conflict):
    """Somebody else has decided."""

    code = "reviews.flag_decided"
    message = N_("Somebody has decided this already.")


class QuestionNotFound(NotFound):
    """There is no such question, or one was not asked."""

    code = "reviews.question_not_found"
    message = N_("We could not find that question.")


class AlreadyAnswered(Conflict):
    """The question was answered, or declined, before."""

    code = "reviews.already_answered"
    message = N_("You have answered or declined this already.")


class TooManyQuestions(TooMany):
    """Somebody asks more than a few times a day."""

    code = "reviews.too_many_questions"
    message = N_("You have asked %(most)d questions today, which is as many as we pass on. Please come back tomorrow.")
