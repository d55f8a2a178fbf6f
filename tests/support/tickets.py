"""Makers of tickets: somebody asks, the desk answers."""

from typing import Any

from fairground.kit.actor import Actor
from fairground.kit.actor import person as acting
from fairground.kit.db import Database
from fairground.market.accounts.model import Person, StaffRole
from fairground.market.service.actions.ticket_desk import answer_ticket
from fairground.market.service.actions.tickets import open_ticket
from fairground.market.service.model.tickets import Ticket, TicketDraft, TicketId
from fairground.market.service.queries.tickets import get_ticket
from tests.support.accounts import make_person


async def make_clerk(db: Database, role: StaffRole = StaffRole.CLERK) -> tuple[Person, Actor]:
    """Make somebody of the desk, and the actor they act as."""
    clerk = await make_person(db, "Desk", staff=role)
    return clerk, acting(clerk.id, is_staff=True)


async def ask(
    db: Database, person: Person, subject: str = "Where is it?", words: str = "It has not come.", **more: Any
) -> Ticket:
    """Open a ticket as somebody."""
    draft = TicketDraft(subject, words, **more)
    return await db.write(acting(person.id), lambda tx: open_ticket(tx, draft, person.language))


async def answer(db: Database, clerk: Actor, ticket: Ticket, words: str = "Here it is.", *, solved: bool) -> Ticket:
    """Answer as one of the desk."""
    return await db.write(clerk, lambda tx: answer_ticket(tx, ticket.id, words, solved=solved))


async def ticket_now(db: Database, ticket_id: TicketId) -> Ticket:
    """Read a ticket again."""
    return await db.read(lambda reader: get_ticket(reader, ticket_id))


async def rows_of_tickets(db: Database) -> list[tuple[Any, ...]]:
    """Read all that tickets leave behind, to show that nothing changed."""
    async with db.reader() as reader:
        found = [tuple(r) for r in await reader.rows("select * from service.tickets order by 1, 2")]
        found += [tuple(r) for r in await reader.rows("select * from service.ticket_entries order by 1, 2")]
    return found
