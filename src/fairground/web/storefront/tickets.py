"""Tickets as the person who asks sees them: the list, a new one, one of them, and the five faces."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Trouble
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext, language, say
from fairground.market.service.actions.tickets import close_ticket, open_ticket, say_in_ticket, smile
from fairground.market.service.errors import SmileOver
from fairground.market.service.model.tickets import (
    AboutKind,
    EntryKind,
    Queue,
    Ticket,
    TicketDeed,
    TicketDraft,
    TicketId,
    TicketRules,
    TicketState,
    may_do,
    may_smile,
    read_about,
)
from fairground.market.service.queries.tickets import get_ticket, list_entries, list_tickets_of, read_smile_token
from fairground.web.cards import Message
from fairground.web.render import go, page
from fairground.web.ticket_words import entry_label, queues, ticket_state
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]
HREF: Final = "/help/tickets"


class TicketRow(msgspec.Struct, frozen=True):
    """One ticket of the list."""

    href: str
    subject: str
    badge: tuple[str, str]
    at: datetime


class TicketsView(msgspec.Struct, frozen=True):
    """Somebody's tickets."""

    rows: list[TicketRow]
    next_href: str | None


class NewTicketView(msgspec.Struct, frozen=True, kw_only=True):
    """The form for a new ticket, with what was typed."""

    about: str
    about_words: str
    subject: str
    words: str
    queue: str
    queues: list[tuple[str, str]]
    rules: TicketRules
    errors: Told = Told()


class TicketView(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket with what was said."""

    href: str
    ticket: Ticket
    badge: tuple[str, str]
    messages: list[Message]
    about: tuple[str, str] | None
    promise: datetime | None
    may_say: bool
    may_close: bool
    may_smile: bool
    merged_href: str | None
    rules: TicketRules
    typed: str = ""
    errors: Told = Told()


class NewTicketForm(msgspec.Struct):
    """What somebody asks."""

    subject: str = ""
    words: str = ""
    queue: str = ""
    about: str = ""


class WordsForm(msgspec.Struct):
    """Words of a ticket."""

    words: str = ""


class SmileForm(msgspec.Struct):
    """A face, and the signed link where there is one."""

    smile: int = 0
    token: str = ""


@get(HREF, include_in_schema=False)
async def show_tickets(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show one's tickets."""
    person_id = caller.need_person()
    found = await db.read(lambda reader: list_tickets_of(reader, person_id, after=after))
    rows = [TicketRow(f"{HREF}/{t.id}", t.subject, ticket_state(t.state), t.changed_at) for t in found.items]
    view = TicketsView(rows, f"{HREF}?after={found.next}" if found.next else None)
    return page(request, "storefront/ticket/list.html", title=gettext("Your tickets"), view=view)


@get(f"{HREF}/new", include_in_schema=False)
async def show_new(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    about: FromQuery[str] = "",
    words: FromQuery[str] = "",
) -> Response[bytes]:
    """Show the form for a new ticket; `about` is what it is about, `words` what was asked already."""
    caller.need_person()
    return _new_page(request, db, NewTicketForm(words=words[:4000], about=about))


def _new_page(request: AnyRequest, db: Database, form: NewTicketForm, errors: Told | None = None) -> Response[bytes]:
    about = read_about(form.about)
    view = NewTicketView(
        about=str(about),
        about_words=_about_words(about.kind),
        subject=form.subject,
        words=form.words,
        queue=form.queue,
        queues=queues(),
        rules=db.given(TicketRules),
        errors=errors or Told(),
    )
    title = gettext("Ask our people")
    return page(request, "storefront/ticket/new.html", title=title, view=view, status=422 if errors else 200)


def _about_words(kind: AboutKind) -> str:
    return {
        AboutKind.NOTHING: "",
        AboutKind.ORDER: gettext("About an order of yours"),
        AboutKind.PRODUCT: gettext("About a product"),
        AboutKind.SHOP: gettext("About a shop"),
        AboutKind.THREAD: gettext("About a conversation"),
    }[kind]


@post(HREF, include_in_schema=False)
async def do_open(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Open a ticket."""
    caller.need_person()
    form = await read_form(request, NewTicketForm)
    queue = Queue(form.queue) if form.queue in set(Queue) else None
    draft = TicketDraft(form.subject, form.words, queue, read_about(form.about))
    try:
        ticket = await db.write(caller.actor, lambda tx: open_ticket(tx, draft, language()))
    except Trouble as trouble:
        return _new_page(request, db, form, tell_fields(trouble, "words"))
    return go(request, f"{HREF}/{ticket.id}", say=gettext("We have your question. Here you see what we answer."))


@get(f"{HREF}/{{ticket_id:str}}", include_in_schema=False)
async def show_ticket(
    request: AnyRequest, ticket_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show one's ticket."""
    return await _page(request, caller, db, ticket_id)


async def _page(
    request: AnyRequest, caller: Caller, db: Database, ticket_id: str, *, typed: str = "", errors: Told | None = None
) -> Response[bytes]:
    person_id, wanted = caller.need_person(), an_id(TicketId, ticket_id)

    async def look(reader: Reader) -> TicketView:
        ticket = await get_ticket(reader, wanted, person_id=person_id)
        return await _view(reader, ticket, caller.name, typed, errors or Told())

    view = await db.read(look)
    title = view.ticket.subject or gettext("Your ticket")
    return page(request, "storefront/ticket/page.html", title=title, view=view, status=422 if errors else 200)


async def _view(reader: Reader, ticket: Ticket, name: str, typed: str, errors: Told) -> TicketView:
    rules, entries = reader.given(TicketRules), await list_entries(reader, ticket.id)
    messages = [
        Message(
            text=entry.words or entry_label(entry.kind),
            at=entry.at,
            mine=entry.kind is EntryKind.SAID,
            name=name if entry.kind is EntryKind.SAID else gettext("The market"),
        )
        for entry in entries
    ]
    about = _about_words(ticket.about.kind)
    return TicketView(
        href=f"{HREF}/{ticket.id}",
        ticket=ticket,
        badge=ticket_state(ticket.state),
        messages=messages,
        about=(_about_href(ticket), about) if about else None,
        promise=ticket.due_at if ticket.state is TicketState.OPEN and ticket.due_at > reader.now else None,
        may_say=may_do(ticket, TicketDeed.SAY),
        may_close=may_do(ticket, TicketDeed.CLOSE),
        may_smile=may_smile(ticket, rules, reader.now),
        merged_href=f"{HREF}/{ticket.merged_into}" if ticket.merged_into else None,
        rules=rules,
        typed=typed,
        errors=errors,
    )


def _about_href(ticket: Ticket) -> str:
    number = ticket.about.id
    return {
        AboutKind.NOTHING: "",
        AboutKind.ORDER: f"/orders/{number}",
        AboutKind.PRODUCT: f"/p/{number}",
        AboutKind.SHOP: f"/attendant?about=shop:{number}",
        AboutKind.THREAD: f"/messages/{number}",
    }[ticket.about.kind]


@post(f"{HREF}/{{ticket_id:str}}/words", include_in_schema=False)
async def do_say(
    request: AnyRequest, ticket_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Go on in one's ticket."""
    caller.need_person()
    wanted, form = an_id(TicketId, ticket_id), await read_form(request, WordsForm)
    await db.read(lambda reader: get_ticket(reader, wanted, person_id=caller.person_id))
    try:
        await db.write(caller.actor, lambda tx: say_in_ticket(tx, wanted, form.words))
    except Trouble as trouble:
        return await _page(request, caller, db, ticket_id, typed=form.words, errors=tell_fields(trouble, "words"))
    return go(request, f"{HREF}/{wanted}", say=gettext("Sent."))


@post(f"{HREF}/{{ticket_id:str}}/closing", include_in_schema=False)
async def do_close(
    request: AnyRequest, ticket_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """End one's ticket."""
    caller.need_person()
    wanted = an_id(TicketId, ticket_id)
    await db.write(caller.actor, lambda tx: close_ticket(tx, wanted))
    return go(request, f"{HREF}/{wanted}", say=gettext("Closed. How was our help?"))


@post(f"{HREF}/{{ticket_id:str}}/smile", include_in_schema=False)
async def do_smile(
    request: AnyRequest, ticket_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Give a face, with one press."""
    caller.need_person()
    wanted, form = an_id(TicketId, ticket_id), await read_form(request, SmileForm)
    await db.write(caller.actor, lambda tx: smile(tx, wanted, form.smile))
    return go(request, f"{HREF}/{wanted}", say=gettext("Thank you!"))


class SmilePageView(msgspec.Struct, frozen=True):
    """The five faces behind a signed link; without a token, thanks or what is wrong."""

    token: str
    subject: str
    trouble: str = ""
    given: int | None = None


@get("/help/smile", include_in_schema=False)
async def show_smile(request: AnyRequest, db: NamedDependency[Database], token: FromQuery[str] = "") -> Response[bytes]:
    """Show the five faces to whoever has the link of the letter. Mail programs open links: only a press counts."""

    async def look(reader: Reader) -> SmilePageView:
        ticket = await get_ticket(reader, read_smile_token(reader, token))
        if may_smile(ticket, reader.given(TicketRules), reader.now):
            return SmilePageView(token, ticket.subject)
        return SmilePageView("", ticket.subject, say(SmileOver.message), ticket.smile)

    return _smile_page(request, await db.read(look))


def _smile_page(request: AnyRequest, view: SmilePageView, status: int = 200) -> Response[bytes]:
    title = gettext("How was our help?")
    return page(request, "storefront/ticket/smile.html", title=title, view=view, status=status)


@post("/help/smile", include_in_schema=False)
async def do_smile_by_link(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Give a face by the link of the letter, without signing in."""
    form = await read_form(request, SmileForm)
    wanted = await db.read(lambda reader: _named(reader, form.token))
    ticket = await db.write(caller.actor, lambda tx: smile(tx, wanted, form.smile, token=form.token))
    return _smile_page(request, SmilePageView("", ticket.subject, given=ticket.smile))


async def _named(reader: Reader, token: str) -> TicketId:
    return read_smile_token(reader, token)


HANDLERS: Final = (
    show_tickets, show_new, do_open, show_ticket, do_say, do_close, do_smile, show_smile, do_smile_by_link,
)  # fmt: skip
