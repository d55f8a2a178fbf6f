"""How a ticket is locked, written and its deadlines set: shared by both sides' deeds."""

from datetime import timedelta
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, clear_deadlines, set_deadlines
from fairground.kit.errors import N_
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.service.errors import TicketNotFound
from fairground.market.service.events import TicketOpened
from fairground.market.service.model.tickets import (
    EntryId,
    EntryKind,
    Ticket,
    TicketId,
    TicketRules,
    TicketState,
)
from fairground.market.service.queries.tickets import ticket_from

ANSWER: Final = "service.ticket_answer"
SOLVE: Final = "service.ticket_solve"
CLOSE: Final = "service.ticket_close"
WHY: Final = {
    ANSWER: N_("Somebody waits for a first answer."),
    SOLVE: N_("Somebody waits for a solution."),
    CLOSE: N_("Nobody has written anything more."),
}


async def lock_ticket(tx: Tx, ticket_id: TicketId, *, person_id: Id | None = None) -> Ticket:
    """Get a ticket and keep others from moving it until the commit.

    Raises:
        TicketNotFound: there is none, or it is somebody else's.
    """
    row = await tx.row(
        """
        select * from service.tickets
         where bucket = $1 and id = $2 and ($3::bigint is null or person_id = $3) for update
        """,
        ticket_id.bucket,
        ticket_id,
        person_id,
    )
    if row is None:
        raise TicketNotFound
    return ticket_from(row)


async def insert_ticket(tx: Tx, ticket: Ticket) -> None:
    """Write a new ticket down, start its clocks, announce it."""
    await tx.execute(
        """
        insert into service.tickets (bucket, id, person_id, side, about_kind, about_id, queue, language, subject, state,
                                     opened_at, changed_at, answer_by, solve_by, due_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $12)
        """,
        ticket.id.bucket,
        ticket.id,
        ticket.person_id,
        ticket.side,
        ticket.about.kind,
        ticket.about.id,
        ticket.queue,
        ticket.language,
        ticket.subject,
        ticket.state,
        ticket.opened_at,
        ticket.answer_by,
        ticket.solve_by,
    )
    await set_clocks(tx, ticket)
    await publish(tx, TicketOpened(ticket_id=ticket.id, person_id=ticket.person_id, version=1))


async def save_ticket(tx: Tx, ticket: Ticket) -> Ticket:
    """Write a moved ticket down and set its clocks anew; the row is locked, and its version tells."""
    row = await tx.row(
        """
        update service.tickets
           set queue = $4, state = $5, holder_id = $6, changed_at = $7, answer_by = $8, answered_at = $9,
               solve_by = $10, solve_left = $11, due_at = $12, is_late = $13, ended_at = $14,
               merged_into = $15, version = version + 1
         where bucket = $1 and id = $2 and version = $3 returning *
        """,
        ticket.id.bucket,
        ticket.id,
        ticket.version,
        ticket.queue,
        ticket.state,
        ticket.holder_id,
        ticket.changed_at,
        ticket.answer_by,
        ticket.answered_at,
        ticket.solve_by,
        ticket.solve_left,
        ticket.due_at,
        ticket.is_late,
        ticket.ended_at,
        ticket.merged_into,
    )
    assert row is not None, "a locked ticket stays as it was read"
    saved = ticket_from(row)
    await set_clocks(tx, saved)
    return saved


async def set_clocks(tx: Tx, ticket: Ticket) -> None:
    """Set the deadlines that fit where a ticket stands; one that has run out is not set again."""
    await clear_deadlines(tx, [ticket.id], ANSWER, SOLVE, CLOSE)
    rules, due = tx.given(TicketRules), {}
    match ticket.state:
        case TicketState.OPEN:
            due = {SOLVE: ticket.solve_by}
            if ticket.answered_at is None:
                due[ANSWER] = ticket.answer_by
        case TicketState.WAITING:
            due = {CLOSE: ticket.changed_at + timedelta(days=rules.wait_days)}
        case TicketState.SOLVED:
            due = {CLOSE: (ticket.ended_at or tx.now) + timedelta(days=rules.close_days)}
    deadlines = [Deadline(kind, ticket.id, at, WHY[kind]) for kind, at in due.items() if at > tx.now]
    if deadlines:
        await set_deadlines(tx, deadlines)


async def write_entry(tx: Tx, ticket_id: TicketId, kind: EntryKind, words: str = "") -> EntryId:
    """Write an entry of a ticket, by the actor."""
    entry_id = tx.new_id(EntryId, ticket_id.bucket)
    await tx.execute(
        """
        insert into service.ticket_entries (bucket, id, ticket_id, kind, by, words, at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        ticket_id.bucket,
        entry_id,
        ticket_id,
        kind,
        tx.actor.person_id,
        words,
        tx.now,
    )
    return entry_id
