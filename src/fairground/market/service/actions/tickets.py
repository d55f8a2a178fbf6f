"""What a person does with a ticket: open it, go on in it, close it, say with a face how it was."""

from datetime import timedelta

from fairground.kit.db import Tx
from fairground.kit.errors import Findings, TooMany
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries import get_product
from fairground.market.orders.errors import OrderNotFound
from fairground.market.orders.model import OrderId
from fairground.market.orders.queries.orders import get_order
from fairground.market.service.actions.ticket_moves import insert_ticket, lock_ticket, save_ticket, write_entry
from fairground.market.service.errors import (
    SmileOver,
    ThreadNotFound,
    TicketInWrongState,
    TicketNotFound,
    TooManyTickets,
)
from fairground.market.service.events import TicketClosed, TicketSaid, TicketSmiled
from fairground.market.service.model.chat import Side, ThreadId
from fairground.market.service.model.tickets import (
    LIVE,
    About,
    AboutKind,
    EntryKind,
    Ticket,
    TicketDeed,
    TicketDraft,
    TicketId,
    TicketRules,
    TicketSide,
    TicketState,
    after_end,
    after_said,
    check_draft,
    check_said,
    check_smile,
    may_do,
    may_smile,
    queue_for,
)
from fairground.market.service.queries.chat import get_thread
from fairground.market.service.queries.tickets import read_smile_token
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import get_shop, role_in

HOUR = timedelta(hours=1)


async def open_ticket(tx: Tx, draft: TicketDraft, language: str) -> Ticket:
    """Ask the market's own people; the clocks begin to run.

    Raises:
        Invalid: a field is wrong.
        TooManyTickets, TooMany: there are many already, or many words were written lately.
        NotFound: what it is about is not there, or none of the actor's business.
    """
    person_id, rules = _person(tx), tx.given(TicketRules)
    draft = check_draft(draft, rules)
    await _need_room(tx, person_id, rules)
    await _need_patience(tx, person_id, rules)
    side = await side_of(tx, draft.about, person_id)
    ticket = Ticket(
        id=tx.new_id(TicketId, person_id.bucket),
        person_id=person_id,
        side=side,
        about=draft.about,
        queue=draft.queue or queue_for(draft.about, side),
        language=language,
        subject=draft.subject,
        state=TicketState.OPEN,
        holder_id=None,
        opened_at=tx.now,
        changed_at=tx.now,
        answer_by=tx.now + timedelta(hours=rules.first_answer_hours),
        answered_at=None,
        solve_by=tx.now + timedelta(hours=rules.solution_hours),
        solve_left=None,
        is_late=False,
        ended_at=None,
        smile=None,
        smile_words="",
        merged_into=None,
        version=1,
    )
    await insert_ticket(tx, ticket)
    await write_entry(tx, ticket.id, EntryKind.SAID, draft.words)
    return ticket


async def side_of(tx: Tx, about: About, person_id: Id) -> TicketSide:
    """Tell as whom somebody asks about something, and that it is their business.

    Raises:
        NotFound: it is not there, or somebody else's.
    """
    shop_id = None
    match about.kind:
        case AboutKind.ORDER:
            order = await get_order(tx, OrderId(about.id or 0))
            if order.buyer_id == person_id:
                return TicketSide.BUYER
            if await role_in(tx, order.shop_id, person_id) is None:
                raise OrderNotFound
            return TicketSide.SELLER
        case AboutKind.SHOP:
            shop_id = (await get_shop(tx, ShopId(about.id or 0))).id
        case AboutKind.PRODUCT:
            shop_id = (await get_product(tx, ProductId(about.id or 0))).shop_id
        case AboutKind.THREAD:
            return await _side_of_thread(tx, ThreadId(about.id or 0))
    works_there = shop_id is not None and await role_in(tx, shop_id, person_id) is not None
    return TicketSide.SELLER if works_there else TicketSide.BUYER


async def _side_of_thread(tx: Tx, thread_id: ThreadId) -> TicketSide:
    try:
        await get_thread(tx, thread_id, Side.PERSON, tx.actor)
    except ThreadNotFound:
        await get_thread(tx, thread_id, Side.HOUSE, tx.actor)
        return TicketSide.SELLER
    return TicketSide.BUYER


async def say_in_ticket(tx: Tx, ticket_id: TicketId, words: str) -> Ticket:
    """Go on in one's own ticket; a solved one is opened again.

    Raises:
        TicketNotFound, TicketInWrongState, TooMany, Invalid
    """
    person_id, rules, findings = _person(tx), tx.given(TicketRules), Findings()
    ticket = await lock_ticket(tx, ticket_id, person_id=person_id)
    if not may_do(ticket, TicketDeed.SAY):
        raise TicketInWrongState
    words = check_said(findings, words, rules)
    findings.raise_any()
    await _need_patience(tx, person_id, rules)
    await write_entry(tx, ticket_id, EntryKind.SAID, words)
    saved = await save_ticket(tx, after_said(ticket, rules, tx.now))
    await publish(tx, TicketSaid(ticket_id=saved.id, person_id=person_id, version=saved.version))
    return saved


async def close_ticket(tx: Tx, ticket_id: TicketId) -> Ticket:
    """End one's own ticket.

    Raises:
        TicketNotFound, TicketInWrongState
    """
    ticket = await lock_ticket(tx, ticket_id, person_id=_person(tx))
    if not may_do(ticket, TicketDeed.CLOSE):
        raise TicketInWrongState
    await write_entry(tx, ticket_id, EntryKind.CLOSED)
    return await _end(tx, ticket)


async def _end(tx: Tx, ticket: Ticket) -> Ticket:
    saved = await save_ticket(tx, after_end(ticket, tx.now))
    await publish(tx, TicketClosed(ticket_id=saved.id, person_id=saved.person_id, version=saved.version))
    return saved


async def close_silent(tx: Tx, ticket_id: TicketId) -> None:
    """Take silence after the solution, or after our question, for the end; by the market."""
    ticket = await lock_ticket(tx, ticket_id)
    if ticket.state in {TicketState.SOLVED, TicketState.WAITING}:
        await write_entry(tx, ticket_id, EntryKind.CLOSED)
        await _end(tx, ticket)


async def smile(tx: Tx, ticket_id: TicketId, face: int, words: str = "", *, token: str | None = None) -> Ticket:
    """Say with a face, 1 to 5, how the help was; a solved ticket is closed by it. Once.

    With `token`, by whoever has the signed link of the letter; else by the person who asked.

    Raises:
        TicketNotFound, SmileLinkNotGood, SmileOver, Invalid
    """
    if token is None:
        ticket = await lock_ticket(tx, ticket_id, person_id=_person(tx))
    else:
        if read_smile_token(tx, token) != ticket_id:
            raise TicketNotFound
        ticket = await lock_ticket(tx, ticket_id)
    words = check_smile(face, words, tx.given(TicketRules))
    if not may_smile(ticket, tx.given(TicketRules), tx.now):
        raise SmileOver
    if ticket.state is TicketState.SOLVED:
        await write_entry(tx, ticket_id, EntryKind.CLOSED)
        ticket = await _end(tx, ticket)
    await tx.execute(
        """
        update service.tickets set smile = $3, smile_words = $4, smiled_at = $5
         where bucket = $1 and id = $2 and smile is null
        """,
        ticket_id.bucket,
        ticket_id,
        face,
        words,
        tx.now,
    )
    await publish(tx, TicketSmiled(ticket_id=ticket_id, smile=face, version=ticket.version))
    return await lock_ticket(tx, ticket_id)


async def forget_asker(tx: Tx, person_id: Id) -> None:
    """Forget the words of somebody who left; what is still open is closed."""
    at = (person_id.bucket, person_id)
    live = await tx.rows(
        "select id from service.tickets where bucket = $1 and person_id = $2 and state = any($3)", *at, list(LIVE)
    )
    for row in live:
        await save_ticket(tx, after_end(await lock_ticket(tx, TicketId(row["id"])), tx.now))
    await tx.execute(
        """
        update service.ticket_entries set words = '' where bucket = $1 and ticket_id in (
          select id from service.tickets where bucket = $1 and person_id = $2)
        """,
        *at,
    )
    await tx.execute(
        "update service.tickets set subject = '', smile_words = '' where bucket = $1 and person_id = $2", *at
    )


def _person(tx: Tx) -> Id:
    if tx.actor.person_id is None:
        raise TicketNotFound
    return tx.actor.person_id


async def _need_room(tx: Tx, person_id: Id, rules: TicketRules) -> None:
    # Of two at the same moment both may come in; a limit against floods need not be sharper than that.
    live = await tx.value(
        "select count(*) from service.tickets where bucket = $1 and person_id = $2 and state in ('open', 'waiting')",
        person_id.bucket,
        person_id,
    )
    if live >= rules.open_most:
        raise TooManyTickets(most=rules.open_most)


async def _need_patience(tx: Tx, person_id: Id, rules: TicketRules) -> None:
    row = await tx.row(
        """
        select count(*) as n, min(at) as first from (
          select at from service.ticket_entries
           where bucket = $1 and by = $2 and kind = 'said' and at > $3 order by at desc limit $4) lately
        """,
        person_id.bucket,
        person_id,
        tx.now - HOUR,
        rules.words_an_hour,
    )
    assert row is not None, "a count gives a row"
    if row["n"] >= rules.words_an_hour:
        raise TooMany(retry_after=max(1, int((row["first"] + HOUR - tx.now).total_seconds())))
