"""What can go wrong in justice."""

from fairground.kit.errors import N_, Conflict, NotAllowed, NotFound


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
