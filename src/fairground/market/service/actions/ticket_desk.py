"""What the desk does with tickets: take, answer, note, hand over, merge; and what happens when a clock runs out."""

import msgspec

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline
from fairground.kit.errors import Findings
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.accounts.queries import list_staff
from fairground.market.service.actions.ticket_moves import lock_ticket, save_ticket, write_entry
from fairground.market.service.actions.tickets import close_silent
from fairground.market.service.errors import CannotMerge, OwnTicket, StaffNotFound, TicketInWrongState, TicketTaken
from fairground.market.service.events import TicketAnswered, TicketLate
from fairground.market.service.model.tickets import (
    EntryKind,
    Queue,
    Ticket,
    TicketDeed,
    TicketId,
    TicketRules,
    TicketState,
    after_answer,
    after_end,
    after_merge,
    check_said,
    may_do,
)
from fairground.market.shops.errors import StaffOnly


async def take_ticket(tx: Tx, ticket_id: TicketId) -> Ticket:
    """See to a ticket oneself.

    Raises:
        TicketNotFound, StaffOnly, OwnTicket
        TicketTaken: somebody else was quicker.
        TicketInWrongState: it is over.
    """
    ticket = await _ticket(tx, ticket_id)
    if ticket.holder_id == tx.actor.person_id:
        return ticket
    if ticket.holder_id is not None:
        raise TicketTaken
    if not ticket.is_live:
        raise TicketInWrongState
    return await save_ticket(tx, msgspec.structs.replace(ticket, holder_id=tx.actor.person_id))


async def answer_ticket(tx: Tx, ticket_id: TicketId, words: str, *, solved: bool) -> Ticket:
    """Answer: wait for the person, or call it solved; whoever answers a free ticket holds it.

    Raises:
        TicketNotFound, StaffOnly, OwnTicket, TicketInWrongState, Invalid
    """
    ticket, findings = await _ticket(tx, ticket_id), Findings()
    if not may_do(ticket, TicketDeed.SOLVE if solved else TicketDeed.ASK_BACK):
        raise TicketInWrongState
    words = check_said(findings, words, tx.given(TicketRules), required=True)
    findings.raise_any()
    await write_entry(tx, ticket_id, EntryKind.ANSWERED, words)
    if solved:
        await write_entry(tx, ticket_id, EntryKind.SOLVED)
    moved = after_answer(ticket, tx.now, solved=solved)
    if moved.holder_id is None:
        moved = msgspec.structs.replace(moved, holder_id=tx.actor.person_id)
    saved = await save_ticket(tx, moved)
    await log_deed(tx, "service.answer_ticket", ticket_id)
    await publish(
        tx, TicketAnswered(ticket_id=saved.id, person_id=saved.person_id, solved=solved, version=saved.version)
    )
    return saved


async def note_in_ticket(tx: Tx, ticket_id: TicketId, words: str) -> None:
    """Note something for colleagues; the person never sees it.

    Raises:
        TicketNotFound, StaffOnly, OwnTicket, Invalid
    """
    await _ticket(tx, ticket_id)
    findings = Findings()
    words = check_said(findings, words, tx.given(TicketRules))
    findings.raise_any()
    await write_entry(tx, ticket_id, EntryKind.NOTED, words)


async def hand_over(
    tx: Tx, ticket_id: TicketId, words: str, *, queue: Queue | None = None, to: Id | None = None
) -> Ticket:
    """Hand a ticket to another queue, to a colleague, or back to whoever is free; with words for them.

    Raises:
        TicketNotFound, StaffOnly, OwnTicket, TicketInWrongState, Invalid
        StaffNotFound: nobody such works at the desk, or it is their own ticket.
    """
    ticket, findings = await _ticket(tx, ticket_id), Findings()
    if not ticket.is_live:
        raise TicketInWrongState
    words = check_said(findings, words, tx.given(TicketRules))
    findings.raise_any()
    if to is not None and (to == ticket.person_id or to not in {card.id for card, _ in await list_staff(tx)}):
        raise StaffNotFound
    await write_entry(tx, ticket_id, EntryKind.HANDED, words)
    return await save_ticket(tx, msgspec.structs.replace(ticket, queue=queue or ticket.queue, holder_id=to))


async def merge_tickets(tx: Tx, ticket_id: TicketId, into: TicketId) -> Ticket:
    """Put what a person asked twice together: the one ends, its words go into the other, which is our turn.

    Of two merges crosswise at the same moment one happens: both lock in the order of ids.

    Raises:
        TicketNotFound, StaffOnly, OwnTicket
        CannotMerge: it is the same, somebody else's, or over.
    """
    if ticket_id == into or ticket_id.bucket != into.bucket:
        raise CannotMerge
    found = {wanted: await _ticket(tx, wanted) for wanted in sorted([ticket_id, into])}
    one, other = found[ticket_id], found[into]
    if one.person_id != other.person_id or not (one.is_live and other.is_live):
        raise CannotMerge
    await tx.execute(
        "update service.ticket_entries set ticket_id = $3 where bucket = $1 and ticket_id = $2",
        ticket_id.bucket,
        ticket_id,
        into,
    )
    await write_entry(tx, ticket_id, EntryKind.MERGED)
    await save_ticket(tx, after_end(one, tx.now, into=into))
    kept = await save_ticket(tx, after_merge(other, one, tx.now))
    await log_deed(tx, "service.merge_tickets", ticket_id, f"into {into}")
    return kept


async def see_clocks(tx: Tx, deadline: Deadline) -> None:
    """Note that a clock ran out: the ticket goes to the supervisors' list."""
    ticket = await lock_ticket(tx, TicketId(deadline.subject))
    if ticket.state is not TicketState.OPEN or ticket.is_late or tx.now < ticket.due_at:
        return
    await write_entry(tx, ticket.id, EntryKind.LATE)
    saved = await save_ticket(tx, msgspec.structs.replace(ticket, is_late=True))
    await publish(tx, TicketLate(ticket_id=saved.id, queue=saved.queue, version=saved.version))


async def see_silence(tx: Tx, deadline: Deadline) -> None:
    """Take silence for the end."""
    await close_silent(tx, TicketId(deadline.subject))


async def _ticket(tx: Tx, ticket_id: TicketId) -> Ticket:
    if not tx.actor.is_staff:
        raise StaffOnly
    ticket = await lock_ticket(tx, ticket_id)
    if ticket.person_id == tx.actor.person_id:
        raise OwnTicket
    return ticket
