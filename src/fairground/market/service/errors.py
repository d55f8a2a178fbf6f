"""What can go wrong with service."""

from fairground.kit.errors import N_, Conflict, NotAllowed, NotFound, TooMany


class TicketNotFound(NotFound):
    """There is no such ticket, or it is somebody else's."""

    code = "service.ticket_not_found"
    message = N_("We could not find that ticket.")


class TicketInWrongState(Conflict):
    """The ticket is over, or does not stand where this may be done."""

    code = "service.ticket_wrong_state"
    message = N_("This ticket is over. Please open a new one.")


class TicketTaken(Conflict):
    """Somebody else of the desk sees to the ticket."""

    code = "service.ticket_taken"
    message = N_("A colleague was quicker and sees to it.")


class TooManyTickets(Conflict):
    """The person has many open tickets."""

    code = "service.too_many_tickets"
    message = N_("You have %(most)d open tickets. Please go on in one of them.")


class OwnTicket(NotAllowed):
    """Nobody of the desk sees to a ticket of their own."""

    code = "service.own_ticket"
    message = N_("This is your own ticket: a colleague has to see to it.")


class StaffNotFound(NotFound):
    """Nobody such works at the desk, or it is their own ticket."""

    code = "service.staff_not_found"
    message = N_("No such colleague may see to this ticket.")


class CannotMerge(Conflict):
    """Only two live tickets of one person can be put together."""

    code = "service.cannot_merge"
    message = N_("Only two open tickets of one person can be put together.")


class MacroNotFound(NotFound):
    """There is no such ready answer."""

    code = "service.macro_not_found"
    message = N_("We could not find that ready answer.")


class SmileOver(Conflict):
    """A face was given already, the ticket is not over, or its time has passed."""

    code = "service.smile_over"
    message = N_("You have told us already how it was, or the time for it is over.")


class SmileLinkNotGood(NotFound):
    """The link of the letter is not ours, or its time is over."""

    code = "service.smile_link_not_good"
    message = N_("This link is not good any more.")


class ThreadNotFound(NotFound):
    """There is no such conversation, or it is other people's."""

    code = "service.thread_not_found"
    message = N_("We could not find that conversation.")


class OwnShop(NotAllowed):
    """Somebody of a shop would write to it as a buyer."""

    code = "service.own_shop"
    message = N_("This is your own shop. Write to your colleagues with a note instead.")


class ContactHint(Conflict):
    """The words hold a way round the market, before there is an order; sent again with `hint_seen` they go out."""

    code = "service.contact_hint"
    message = N_(
        "Your message seems to hold %(found)s. You have no order with each other yet, and what is agreed outside the "
        "market is not protected: no money is held, and nobody can help later. You may send it all the same."
    )


class TooManyMessages(TooMany):
    """One side writes faster than anybody reads."""

    code = "service.too_many_messages"
    message = N_("That were many messages at once. Yours was not sent; please go on in %(retry_after)d seconds.")


class AnswerAwaited(Conflict):
    """A person has written many messages to a house that has not answered yet."""

    code = "service.answer_awaited"
    message = N_(
        "You have written %(most)d messages without an answer. They have all arrived; please wait for a reply."
    )


class TooManyThreads(TooMany):
    """A person begins many conversations in a short time."""

    code = "service.too_many_threads"
    message = N_("You have begun many conversations in a short time. Please try again in %(retry_after)d seconds.")


class TooManyReplies(Conflict):
    """The shop keeps as many quick replies as it may."""

    code = "service.too_many_replies"
    message = N_("You have %(most)d quick replies, which is as many as fit. Please delete one first.")


class ColleagueNotFound(NotFound):
    """Nobody such answers for the house."""

    code = "service.colleague_not_found"
    message = N_("No such colleague answers messages here.")


class AnswerNotFound(NotFound):
    """There is no such answer of this shop."""

    code = "service.answer_not_found"
    message = N_("We could not find that answer.")


class QuestionNotFound(NotFound):
    """There is no such question (any more), or it waits for another shop."""

    code = "service.question_not_found"
    message = N_("We could not find that question; perhaps a colleague has answered it.")


class ProductElsewhere(Conflict):
    """The product belongs to another shop."""

    code = "service.product_elsewhere"
    message = N_("That product belongs to another shop.")


class TooManyAnswers(Conflict):
    """The shop has written very many answers."""

    code = "service.too_many_answers"
    message = N_("A shop keeps %(most)d answers at most. Please take away some that nobody needs.")


class OwnQuestion(Conflict):
    """Nobody leaves a question with their own shop."""

    code = "service.own_question"
    message = N_("You work in this shop: write the answer yourself.")
