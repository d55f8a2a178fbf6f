"""Tickets at the desk: the queues with their clocks, one ticket, and all that may be done with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import NotFound, Trouble
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.paging import Page
from fairground.kit.place import Place
from fairground.market.accounts.model import Person, PersonId
from fairground.market.accounts.queries import get_person, list_staff, map_people
from fairground.market.service.actions.macros import choose_skills
from fairground.market.service.actions.ticket_desk import (
    answer_ticket,
    hand_over,
    merge_tickets,
    note_in_ticket,
    take_ticket,
)
from fairground.market.service.model.tickets import (
    Macro,
    Queue,
    SmileCounts,
    Ticket,
    TicketDeed,
    TicketEntry,
    TicketId,
    may_do,
)
from fairground.market.service.queries.macros import list_macros, list_skills
from fairground.market.service.queries.tickets import (
    count_desk_tickets,
    count_smiles,
    get_ticket,
    list_desk_tickets,
    list_entries,
    list_held_tickets,
    list_late_tickets,
    list_live_of,
)
from fairground.web.desk.frame import AnyRequest, desk_page, note_look
from fairground.web.render import go, market_name
from fairground.web.ticket_words import desk_state, entry_label, queue_label, queues
from fairground.web.told import Told, tell_fields

HREF: Final = "/desk/tickets"


class TicketRow(msgspec.Struct, frozen=True):
    """One line of the list."""

    href: str
    subject: str
    badge: tuple[str, str]
    queue: str
    holder: str
    due_at: datetime


class TicketsView(msgspec.Struct, frozen=True):
    """A queue, what waits in the others, and how people felt lately."""

    rows: list[TicketRow]
    tabs: list[tuple[str, str, int | None, bool]]
    next_href: str | None
    queues: list[tuple[str, str]]
    skills: list[str]
    smiles: SmileCounts


class EntryRow(msgspec.Struct, frozen=True):
    """One entry as the desk sees it."""

    who: str
    text: str
    label: str
    at: datetime
    is_inside: bool
    is_ours: bool


class TicketView(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket with all that the desk may do."""

    href: str
    ticket: Ticket
    person: Person
    badge: tuple[str, str]
    queue: str
    holder: str
    entries: list[EntryRow]
    about_href: str
    macros: list[tuple[str, str]]
    queues: list[tuple[str, str]]
    staff: list[tuple[str, str]]
    others: list[tuple[str, str]]
    may_answer: bool
    is_own: bool
    is_mine: bool
    typed: str
    errors: Told


class DeedForm(msgspec.Struct):
    """Words, and what else a deed needs."""

    words: str = ""
    solved: str | None = None
    queue: str = ""
    to: str = ""
    into: str = ""


class SkillsForm(msgspec.Struct):
    """The queues that one sees to."""

    queues: list[str]


@get(HREF, include_in_schema=False)
async def show_queue(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    shows: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show what waits: of one's own skills, of one queue, all, the late ones, or what one holds."""
    me = caller.need_staff()
    view = await db.read(lambda reader: _queue(reader, me, shows, after))
    return desk_page(request, "ticket/list", title=gettext("Tickets"), view=view)


async def _queue(reader: Reader, me: Id, shows: str, after: str | None) -> TicketsView:
    skills, counts = await list_skills(reader, me), await count_desk_tickets(reader)
    found = await _list(reader, me, shows, skills, after)
    people = await map_people(reader, [t.holder_id for t in found.items if t.holder_id is not None])
    names = {int(key): card.name for key, card in people.items()}
    mine = sum(counts.by_queue.get(queue, 0) for queue in skills) if skills else counts.total
    tabs: list[tuple[str, str, int | None, bool]] = [
        (HREF, gettext("For me"), mine, shows == ""),
        (f"{HREF}?shows=held", gettext("I see to it"), None, shows == "held"),
        (f"{HREF}?shows=late", gettext("Late"), counts.late, shows == "late"),
        (f"{HREF}?shows=all", gettext("All"), counts.total, shows == "all"),
        *((f"{HREF}?shows={q}", queue_label(q), counts.by_queue[q], shows == q) for q in Queue if q in counts.by_queue),
    ]
    rows = [_row(ticket, names) for ticket in found.items]
    next_href = f"{HREF}?shows={shows}&after={found.next}" if found.next else None
    return TicketsView(rows, tabs, next_href, queues(), sorted(skills), await count_smiles(reader))


async def _list(reader: Reader, me: Id, shows: str, skills: set[Queue], after: str | None) -> Page[Ticket]:
    if shows == "late":
        return await list_late_tickets(reader, after=after)
    if shows == "held":
        return await list_held_tickets(reader, me, after=after)
    wanted = {Queue(shows)} if shows in set(Queue) else skills if shows == "" else set()
    return await list_desk_tickets(reader, queues=sorted(wanted), after=after)


def _row(ticket: Ticket, names: Mapping[int, str]) -> TicketRow:
    return TicketRow(
        f"{HREF}/{ticket.id}",
        ticket.subject,
        desk_state(ticket),
        queue_label(ticket.queue),
        "" if ticket.holder_id is None else names.get(int(ticket.holder_id), ""),
        ticket.due_at,
    )


@post(f"{HREF}/skills", include_in_schema=False)
async def do_skills(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Choose the queues that one sees to."""
    caller.need_staff()
    form = await read_form(request, SkillsForm)
    chosen = [Queue(name) for name in form.queues if name in set(Queue)]
    await db.write(caller.actor, lambda tx: choose_skills(tx, chosen))
    return go(request, HREF, say=gettext("Saved."))


@get(f"{HREF}/{{ticket_id:str}}", include_in_schema=False)
async def show_ticket(
    request: AnyRequest,
    ticket_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    macro: FromQuery[str] = "",
) -> Response[bytes]:
    """Show a ticket, with a ready answer filled in where one was chosen; logged."""
    caller.need_staff()
    return await _page(request, caller, db, an_id(TicketId, ticket_id), macro=macro)


async def _page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    wanted: TicketId,
    *,
    macro: str = "",
    typed: str = "",
    errors: Told | None = None,
) -> Response[bytes]:
    view = await db.read(lambda reader: _look(reader, caller, wanted, macro, typed, errors or Told()))
    if errors is None:
        await note_look(db, caller, "desk.look_at_ticket", wanted)
    title = view.ticket.subject or gettext("Ticket")
    return desk_page(request, "ticket/page", title=title, view=view, status=422 if errors else 200)


async def _look(reader: Reader, caller: Caller, wanted: TicketId, macro: str, typed: str, errors: Told) -> TicketView:
    ticket = await get_ticket(reader, wanted)
    person = await get_person(reader, PersonId(ticket.person_id))
    staff = [(card.id, card.name) for card, _ in await list_staff(reader) if card.id != ticket.person_id]
    macros = await list_macros(reader, ticket.queue)
    names = dict(staff)
    may_answer = may_do(ticket, TicketDeed.ASK_BACK)
    return TicketView(
        href=f"{HREF}/{wanted}",
        ticket=ticket,
        person=person,
        badge=desk_state(ticket),
        queue=queue_label(ticket.queue),
        holder="" if ticket.holder_id is None else names.get(PersonId(ticket.holder_id), ""),
        entries=[_entry(e, person, names) for e in await list_entries(reader, wanted, inside=True)],
        about_href=f"/desk/orders/{ticket.about.id}" if ticket.about.kind == "order" else "",
        macros=[(str(m.id), m.title) for m in macros],
        queues=queues(),
        staff=[(str(number), name) for number, name in staff],
        others=[(str(t.id), t.subject) for t in await list_live_of(reader, ticket)] if ticket.is_live else [],
        may_answer=may_answer,
        is_own=ticket.person_id == caller.person_id,
        is_mine=ticket.holder_id is not None and ticket.holder_id == caller.person_id,
        typed=typed or _ready(reader, macros, macro, ticket, person, caller.name),
        errors=errors,
    )


def _ready(reader: Reader, macros: list[Macro], chosen: str, ticket: Ticket, person: Person, clerk: str) -> str:
    found = next((m for m in macros if str(m.id) == chosen), None)
    if found is None:
        return ""
    values = {"name": person.name, "ticket": str(ticket.id), "market": market_name(reader.given(Place)), "clerk": clerk}
    return found.words(ticket.language, values)


def _entry(entry: TicketEntry, person: Person, names: Mapping[PersonId, str]) -> EntryRow:
    is_theirs = entry.by is not None and entry.by == person.id
    by = gettext("The market") if entry.by is None else names.get(PersonId(entry.by), gettext("A colleague"))
    who = person.name if is_theirs else by
    return EntryRow(who, entry.words, entry_label(entry.kind), entry.at, entry.is_inside, not is_theirs)


@post(f"{HREF}/{{ticket_id:str}}/{{deed:str}}", include_in_schema=False)
async def do_deed(
    request: AnyRequest,
    ticket_id: FromPath[str],
    deed: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Take, answer, note, hand over, merge."""
    caller.need_staff()
    wanted, form = an_id(TicketId, ticket_id), await read_form(request, DeedForm)
    if deed not in {"taking", "answer", "note", "handing", "merging"}:
        raise NotFound
    try:
        return go(request, *await _do(db, caller, wanted, deed, form))
    except NotFound:
        raise
    except Trouble as trouble:
        told = tell_fields(trouble, {"merging": "into", "taking": ""}.get(deed, "words"))
        return await _page(request, caller, db, wanted, typed=form.words if deed == "answer" else "", errors=told)


async def _do(db: Database, caller: Caller, wanted: TicketId, deed: str, form: DeedForm) -> tuple[str]:
    match deed:
        case "taking":
            await db.write(caller.actor, lambda tx: take_ticket(tx, wanted))
        case "answer":
            solved = form.solved is not None
            await db.write(caller.actor, lambda tx: answer_ticket(tx, wanted, form.words, solved=solved))
            return (HREF,)
        case "note":
            await db.write(caller.actor, lambda tx: note_in_ticket(tx, wanted, form.words))
        case "handing":
            queue = Queue(form.queue) if form.queue in set(Queue) else None
            to = an_id(PersonId, form.to) if form.to else None
            await db.write(caller.actor, lambda tx: hand_over(tx, wanted, form.words, queue=queue, to=to))
        case "merging":
            into = an_id(TicketId, form.into)
            await db.write(caller.actor, lambda tx: merge_tickets(tx, wanted, into))
            return (f"{HREF}/{into}",)
    return (f"{HREF}/{wanted}",)


HANDLERS: Final = (show_queue, do_skills, show_ticket, do_deed)
