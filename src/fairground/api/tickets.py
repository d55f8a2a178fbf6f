"""Tickets, by API: ask the market's people, go on, close, say with a face how it was; and for the desk, answer."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.i18n.words import language
from fairground.market.service.actions.ticket_desk import answer_ticket
from fairground.market.service.actions.tickets import close_ticket, open_ticket, say_in_ticket, smile
from fairground.market.service.model.tickets import (
    EntryKind,
    Queue,
    Ticket,
    TicketDraft,
    TicketEntry,
    TicketId,
    TicketState,
    read_about,
)
from fairground.market.service.queries.tickets import get_ticket, list_desk_tickets, list_entries, list_tickets_of

AnyRequest = Request[Any, Any, Any]
PATH: Final = "/api/v1/tickets"


class NewTicket(msgspec.Struct):
    """What somebody asks; `about` is `order:ID`, `product:ID`, `shop:ID` or `thread:ID`."""

    subject: str
    words: str
    queue: Queue | None = None
    about: str = ""


class Words(msgspec.Struct):
    """Words in a ticket."""

    words: str


class DeskWords(msgspec.Struct):
    """What the desk answers; `solved` where it thinks that this is the end."""

    words: str
    solved: bool = False


class Face(msgspec.Struct):
    """A face, 1 (very bad) to 5 (very good), and words where wished."""

    smile: int
    words: str = ""


class EntryView(msgspec.Struct):
    """What was said or done; `by` is `person` or `market`."""

    kind: EntryKind
    by: str
    words: str
    at: datetime


class TicketView(msgspec.Struct):
    """A ticket; `answer_by` and `solve_by` are its clocks."""

    id: TicketId
    subject: str
    queue: Queue
    about: str
    state: TicketState
    opened_at: datetime
    changed_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    solve_by: datetime
    smile: int | None
    merged_into: TicketId | None


class TicketInFull(TicketView):
    """A ticket with what was said."""

    entries: list[EntryView]


class Tickets(msgspec.Struct):
    """Tickets, a page of them."""

    items: list[TicketView]
    next: str | None


@post(PATH, tags=["Tickets"])
async def create_ticket(
    data: JSONBody[NewTicket], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> TicketView:
    """Ask the market's own people."""
    caller.need_person()
    draft = TicketDraft(data.subject, data.words, data.queue, read_about(data.about))
    return ticket_view(await db.write(caller.actor, lambda tx: open_ticket(tx, draft, language())))


@get(PATH, tags=["Tickets"])
async def show_tickets(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Tickets:
    """List one's own tickets, those that moved last first."""
    person_id = caller.need_person()
    found = await db.read(lambda reader: list_tickets_of(reader, person_id, after=after, limit=limit))
    return Tickets([ticket_view(ticket) for ticket in found.items], found.next)


@get("/api/v1/desk/tickets", tags=["Desk"])
async def show_desk_tickets(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    queue: FromQuery[Queue | None] = None,
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Tickets:
    """List the tickets that wait for the desk, those whose clock runs out first in front. For the staff."""
    caller.need_staff()
    queues = [] if queue is None else [queue]
    found = await db.read(lambda reader: list_desk_tickets(reader, queues=queues, after=after, limit=limit))
    return Tickets([ticket_view(ticket) for ticket in found.items], found.next)


@get(f"{PATH}/{{ticket_id:str}}", tags=["Tickets"])
async def show_ticket(
    ticket_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> TicketInFull:
    """Get one's own ticket with what was said."""
    person_id, wanted = caller.need_person(), an_id(TicketId, ticket_id)

    async def look(reader: Reader) -> TicketInFull:
        ticket = await get_ticket(reader, wanted, person_id=person_id)
        entries = [entry_view(entry, ticket) for entry in await list_entries(reader, wanted)]
        return TicketInFull(**msgspec.structs.asdict(ticket_view(ticket)), entries=entries)

    return await db.read(look)


@post(f"{PATH}/{{ticket_id:str}}/words", tags=["Tickets"])
async def add_words(
    ticket_id: FromPath[str], data: JSONBody[Words], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> TicketView:
    """Go on in one's own ticket; a solved one is opened again."""
    caller.need_person()
    wanted = an_id(TicketId, ticket_id)
    return ticket_view(await db.write(caller.actor, lambda tx: say_in_ticket(tx, wanted, data.words)))


@post(f"{PATH}/{{ticket_id:str}}/closing", tags=["Tickets"])
async def end_ticket(
    ticket_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> TicketView:
    """End one's own ticket."""
    caller.need_person()
    wanted = an_id(TicketId, ticket_id)
    return ticket_view(await db.write(caller.actor, lambda tx: close_ticket(tx, wanted)))


@post(f"{PATH}/{{ticket_id:str}}/smile", tags=["Tickets"])
async def add_smile(
    ticket_id: FromPath[str], data: JSONBody[Face], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> TicketView:
    """Say with a face how the help was; once, after the end. A solved ticket is closed by it."""
    caller.need_person()
    wanted = an_id(TicketId, ticket_id)
    return ticket_view(await db.write(caller.actor, lambda tx: smile(tx, wanted, data.smile, data.words)))


@post(f"{PATH}/{{ticket_id:str}}/answers", tags=["Desk"])
async def add_answer(
    ticket_id: FromPath[str], data: JSONBody[DeskWords], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> TicketView:
    """Answer a ticket. For the staff."""
    caller.need_staff()
    wanted = an_id(TicketId, ticket_id)
    return ticket_view(
        await db.write(caller.actor, lambda tx: answer_ticket(tx, wanted, data.words, solved=data.solved))
    )


def ticket_view(ticket: Ticket) -> TicketView:
    """Show a ticket."""
    return TicketView(
        ticket.id,
        ticket.subject,
        ticket.queue,
        str(ticket.about),
        ticket.state,
        ticket.opened_at,
        ticket.changed_at,
        ticket.answer_by,
        ticket.answered_at,
        ticket.solve_by,
        ticket.smile,
        ticket.merged_into,
    )


def entry_view(entry: TicketEntry, ticket: Ticket) -> EntryView:
    """Show an entry."""
    by = "person" if entry.by is not None and entry.by == ticket.person_id else "market"
    return EntryView(entry.kind, by, entry.words, entry.at)


HANDLERS: Final = (
    create_ticket, show_tickets, show_desk_tickets, show_ticket, add_words, end_ticket, add_smile, add_answer,
)  # fmt: skip
