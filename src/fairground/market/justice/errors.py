"""What can go wrong in justice."""

from fairground.kit.errors import N_, Conflict, NotAllowed, NotFound, TooMany


class DisputeNotFound(NotFound):
    """There is no such dispute, or it is somebody else's."""

    code = "justice.dispute_not_found"
    message = N_("We could not find that dispute.")


class DisputeInWrongState(Conflict):
    """The dispute has moved on: what was asked for is not possible where it stands."""

    code = "justice.wrong_state"
    message = N_("That is not possible where the dispute stands now. Please look again.")


class OwnInterest(NotAllowed):
    """Who wants to decide is the buyer, works in the shop, or decided it before."""

    code = "justice.own_interest"
    message = N_("You are a party to this, or decided it before: somebody else has to decide it.")


class TooManyStatements(Conflict):
    """The side has said as much as a round has room for."""

    code = "justice.too_many_statements"
    message = N_("You have said as much as this round has room for: %(most)d statements.")


class SupervisorNeeded(NotAllowed):
    """Nobody decided in time: now a supervisor must."""

    code = "justice.supervisor_needed"
    message = N_("This has waited too long: now a supervisor has to decide it.")


class PrecedentNotFound(NotFound):
    """There is no such precedent, or nobody has looked at it yet."""

    code = "justice.precedent_not_found"
    message = N_("We could not find that precedent.")


class PrecedentDone(Conflict):
    """Somebody has looked at it already."""

    code = "justice.precedent_done"
    message = N_("Somebody has looked at this already.")


class RuleNotFound(NotFound):
    """There is no such rule, or no such public draft."""

    code = "justice.rule_not_found"
    message = N_("We could not find that rule.")


class RuleInWrongState(Conflict):
    """The version stands elsewhere: it was not asked about yet, was refused, dropped, or is in force already."""

    code = "justice.rule_wrong_state"
    message = N_("That is not possible where this draft stands now. Please look again.")


class ConsultationTooShort(Conflict):
    """People have had too few days to read a draft; `days` is the least."""

    code = "justice.consultation_too_short"
    message = N_("People have at least %(days)d days to read a draft. It cannot be closed before.")


class ConsultationOver(Conflict):
    """Nobody is asked about the draft any more, or not yet."""

    code = "justice.consultation_over"
    message = N_("The consultation about this draft is not open.")


class VerifiedOnly(NotAllowed):
    """Only verified people may: whose e-mail address is confirmed and who received an order."""

    code = "justice.verified_only"
    message = N_("This is for people who have confirmed their e-mail address and received an order.")


class TooManyComments(Conflict):
    """Somebody has said enough about a draft; `most` is the limit."""

    code = "justice.too_many_comments"
    message = N_("You have written %(most)d comments on this draft. Please leave room for others.")


class CommentNotFound(NotFound):
    """There is no such comment, or it is hidden already."""

    code = "justice.comment_not_found"
    message = N_("We could not find that comment.")


class ComplaintNotFound(NotFound):
    """There is no such complaint, or it is somebody else's."""

    code = "justice.complaint_not_found"
    message = N_("We could not find that complaint.")


class ComplaintInWrongState(Conflict):
    """The complaint has moved on, or the time for it is over."""

    code = "justice.complaint_wrong_state"
    message = N_("That is not possible where the complaint stands now. Please look again.")


class EmailUnconfirmed(NotAllowed):
    """Who wants to complain has not confirmed the e-mail address."""

    code = "justice.email_unconfirmed"
    message = N_("Please confirm your e-mail address first: a complaint takes things off sale, so we must know you.")


class TooManyComplaints(TooMany):
    """Somebody complains more often than anybody could look."""

    code = "justice.too_many_complaints"
    message = N_("At most %(open)d complaints may be open at once, and %(day)d may be made a day. Please wait a while.")


class CaseNotFound(NotFound):
    """There is no such case for this juror."""

    code = "justice.case_not_found"
    message = N_("We could not find that case.")


class JuryOver(Conflict):
    """The jury has decided, or its time is over."""

    code = "justice.jury_over"
    message = N_("This jury does not sit any more. Thank you all the same.")


class AlreadyVoted(Conflict):
    """The juror has voted before; a vote cannot be changed."""

    code = "justice.already_voted"
    message = N_("You have voted already, and a vote on a jury stands.")


class JurorResting(Conflict):
    """The juror rests after too many wrong answers, until `until`."""

    code = "justice.juror_resting"
    message = N_("You are resting from juries until %(until)s.")


class NoPractice(Conflict):
    """There is no such practice case for the juror now, or it was answered."""

    code = "justice.no_practice"
    message = N_("There is no such practice case for you now.")


class ReportNotFound(NotFound):
    """There is nothing of the kind that this person could report or decide."""

    code = "justice.report_not_found"
    message = N_("We could not find what you mean.")


class AlreadyReported(Conflict):
    """This person has reported the thing, and the desk has not decided yet."""

    code = "justice.already_reported"
    message = N_("You have reported this already. We look at it and tell you what came of it.")


class ReportDecided(Conflict):
    """Somebody else of the desk was quicker."""

    code = "justice.report_decided"
    message = N_("Somebody has decided this already.")


class TooManyReports(TooMany):
    """Somebody reports more often than anybody could look."""

    code = "justice.too_many_reports"
    message = N_("At most %(day)d reports may be made a day. Please wait a while.")


class CauseNotFound(NotFound):
    """There is no such cause."""

    code = "justice.cause_not_found"
    message = N_("We could not find that cause.")


class StillOpen(Conflict):
    """What is not over belongs to no cause yet."""

    code = "justice.still_open"
    message = N_("That is not over yet: only what is closed belongs to a cause.")
