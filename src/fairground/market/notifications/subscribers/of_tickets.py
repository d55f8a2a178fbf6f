"""What the desk answers is told to the person who asked."""

from typing import Final

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.accounts.model import PersonId
from fairground.market.notifications.actions import notify
from fairground.market.service.events import TicketAnswered
from fairground.market.service.model.tickets import TicketState
from fairground.market.service.queries.tickets import get_ticket, write_smile_token


async def tell_answered(tx: Tx, event: TicketAnswered) -> None:
    """Tell that there is an answer; with the solution comes the link to the five faces, good without signing in."""
    ticket = await get_ticket(tx, event.ticket_id)
    to, subject = PersonId(ticket.person_id), {"subject": ticket.subject}
    if event.solved and ticket.state in {TicketState.SOLVED, TicketState.CLOSED}:
        await notify(tx, to, "tickets.solved", subject, f"/help/smile?token={write_smile_token(tx, ticket)}")
    else:
        await notify(tx, to, "tickets.answered", subject, f"/help/tickets/{ticket.id}")


OF_TICKETS: Final = (Subscriber("notifications.tell_ticket_answered", (TicketAnswered,), tell_answered),)
