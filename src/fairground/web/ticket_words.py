"""How tickets are called on pages: states, queues, entries."""

from fairground.kit.i18n.words import gettext
from fairground.market.service.model.tickets import EntryKind, Queue, Ticket, TicketState


def ticket_state(state: TicketState) -> tuple[str, str]:
    """Say where a ticket stands, and how it is marked."""
    return {
        TicketState.OPEN: ("mind", gettext("Waits for us")),
        TicketState.WAITING: ("new", gettext("Waits for you")),
        TicketState.SOLVED: ("ok", gettext("Solved")),
        TicketState.CLOSED: ("", gettext("Closed")),
        TicketState.MERGED: ("", gettext("Put together with another")),
    }[state]


def desk_state(ticket: Ticket) -> tuple[str, str]:
    """Say where a ticket stands as the desk sees it."""
    if ticket.state is TicketState.OPEN and ticket.is_late:
        return "bad", gettext("Late")
    if ticket.state is TicketState.WAITING:
        return "", gettext("Waits for the person")
    return ticket_state(ticket.state)


def queue_label(queue: Queue) -> str:
    """Call a queue by its name."""
    return {
        Queue.ORDERS: gettext("Orders and parcels"),
        Queue.MONEY: gettext("Payment and refunds"),
        Queue.GOODS: gettext("Products"),
        Queue.ACCOUNT: gettext("My account"),
        Queue.SHOPS: gettext("Running a shop"),
        Queue.OTHER: gettext("Something else"),
    }[queue]


def entry_label(kind: EntryKind) -> str:
    """Say what happened where nobody said words."""
    return {
        EntryKind.SAID: "",
        EntryKind.ANSWERED: "",
        EntryKind.NOTED: gettext("Note for colleagues"),
        EntryKind.HANDED: gettext("Handed over"),
        EntryKind.SOLVED: gettext("We think this is solved."),
        EntryKind.CLOSED: gettext("Closed"),
        EntryKind.MERGED: gettext("Put together with another ticket."),
        EntryKind.LATE: gettext("A clock ran out: supervisors see to it."),
    }[kind]


def queues() -> list[tuple[str, str]]:
    """List the queues to choose from."""
    return [(queue.value, queue_label(queue)) for queue in Queue]
