"""Tickets on the road, and whose turn it is: from the ticket, the room's row and the clock, never the database."""

from datetime import datetime, timedelta
from typing import Final

from fairground.kit.ids import Id
from fairground.kit.seal import Keyring, TokenExpired, TokenInvalid
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.errors import NotYourTurn, TicketInvalid
from fairground.market.promotions.model import Drop, DropId, DropRoom, Standing, Ticket, standing

PURPOSE: Final = "promotions.drop_ticket"
KEPT: Final = timedelta(days=1)  # after the end of a drop, so that who looks late is told what happened


def sign_ticket(keyring: Keyring, ticket: Ticket, drop: Drop) -> str:
    """Write a ticket down so that only we can have written it."""
    payload = f"{int(ticket.drop_id)}.{int(ticket.person_id)}.{ticket.number}.{int(ticket.early)}"
    return keyring.sign(PURPOSE, payload, drop.ends_at + KEPT)


def read_ticket(keyring: Keyring, text: str, drop_id: DropId, now: datetime) -> Ticket:
    """Read a ticket of a drop.

    Raises:
        TicketInvalid: it is no ticket of ours, or one of another drop.
    """
    try:
        drop, person, number, early = (int(part) for part in keyring.verify(PURPOSE, text, now).split("."))
    except (TokenInvalid, TokenExpired) as trouble:
        raise TicketInvalid from trouble
    if drop != drop_id:
        raise TicketInvalid
    return Ticket(drop_id, PersonId(person), number, bool(early))


def check_turn(
    keyring: Keyring, drop: Drop, room: DropRoom | None, person_id: Id, text: str | None, now: datetime
) -> None:
    """Let only those on whose turn it is go on.

    Raises:
        NotYourTurn: no ticket, or not yet.
        TicketInvalid: not a ticket of this person for this drop.
    """
    if not drop.has_room:
        return
    if text is None:
        raise NotYourTurn(drop_id=str(int(drop.id)), position=None, admitted_at=None, poll_after=None)
    ticket = read_ticket(keyring, text, drop.id, now)
    if ticket.person_id != person_id:
        raise TicketInvalid
    found = standing(ticket, room or DropRoom(), drop, now)
    if not found.admitted:
        raise NotYourTurn(drop_id=str(int(drop.id)), **told(found))


def told(found: Standing) -> dict[str, object]:
    """Tell a standing to programs."""
    return {
        "position": found.position,
        "admitted_at": None if found.admitted_at is None else found.admitted_at.isoformat(),
        "poll_after": found.poll_after_seconds,
    }
