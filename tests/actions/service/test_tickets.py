"""Tickets from both sides: opening, answering, clocks to the second, faces, merging, floods, strangers, roles."""

from datetime import timedelta

import pytest

from fairground.kit.actor import GUEST, system
from fairground.kit.actor import person as acting
from fairground.kit.db import Database, Given
from fairground.kit.deadlines import list_deadlines
from fairground.kit.errors import Conflict, Invalid, NotFound, TooMany
from fairground.kit.seal import Keyring
from fairground.market.accounts.actions.staff import grant_staff_role
from fairground.market.notifications.queries import list_letters
from fairground.market.orders.errors import OrderNotFound
from fairground.market.service.actions.macros import choose_skills, drop_macro, put_macro
from fairground.market.service.actions.ticket_desk import hand_over, merge_tickets, note_in_ticket, take_ticket
from fairground.market.service.actions.tickets import close_ticket, forget_asker, open_ticket, say_in_ticket, smile
from fairground.market.service.errors import (
    CannotMerge,
    MacroNotFound,
    OwnTicket,
    SmileLinkNotGood,
    SmileOver,
    StaffNotFound,
    TicketInWrongState,
    TicketNotFound,
    TicketTaken,
    TooManyTickets,
)
from fairground.market.service.model.tickets import (
    About,
    AboutKind,
    EntryKind,
    MacroId,
    Queue,
    TicketDraft,
    TicketId,
    TicketRules,
    TicketSide,
    TicketState,
)
from fairground.market.service.queries.macros import list_macros, list_skills
from fairground.market.service.queries.tickets import (
    SMILE,
    count_desk_tickets,
    count_smiles,
    export_tickets,
    get_ticket,
    list_desk_tickets,
    list_entries,
    list_held_tickets,
    list_late_tickets,
    list_tickets_of,
    write_smile_token,
)
from fairground.market.shops.errors import StaffOnly
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.orders import make_buyer, place_order
from tests.support.shops import make_shop
from tests.support.tickets import answer, ask, make_clerk, rows_of_tickets, ticket_now
from tests.support.world import pump

SECOND = timedelta(seconds=1)


async def test_somebody_asks_and_the_desk_solves_it(db: Database) -> None:
    person, (_, clerk) = await make_person(db), await make_clerk(db)
    ticket = await ask(db, person, queue=Queue.MONEY)
    assert ticket.id.bucket == person.id.bucket
    waiting = (await db.read(lambda r: list_desk_tickets(r, queues=[Queue.MONEY]))).items
    assert [t.id for t in waiting] == [ticket.id]
    assert (await db.read(lambda r: list_desk_tickets(r, queues=[Queue.GOODS]))).items == []
    solved = await answer(db, clerk, ticket, "Sent <b>today</b>.", solved=True)
    assert (solved.state, solved.holder_id) == (TicketState.SOLVED, clerk.person_id)
    entries = await db.read(lambda r: list_entries(r, ticket.id))
    assert [(e.kind, e.words) for e in entries] == [
        (EntryKind.SAID, "It has not come."), (EntryKind.ANSWERED, "Sent <b>today</b>."), (EntryKind.SOLVED, ""),
    ]  # fmt: skip
    assert (await db.read(count_desk_tickets)).total == 0


async def test_the_person_gets_a_letter_whose_link_takes_a_face(db: Database, given: Given) -> None:
    person, (_, clerk) = await make_person(db), await make_clerk(db)
    ticket = await ask(db, person, "Where is my <pot>?")
    await answer(db, clerk, ticket, solved=True)
    await pump(db)
    letter = (await db.read(lambda r: list_letters(r, person.id))).items[0]
    assert letter.kind == "tickets.solved"
    token = (letter.link or "").partition("token=")[2]
    smiled = await db.write(GUEST, lambda tx: smile(tx, ticket.id, 5, "Quick!", token=token))
    assert (smiled.smile, smiled.smile_words, smiled.state) == (5, "Quick!", TicketState.CLOSED)
    assert (await db.read(count_smiles)).counts == (0, 0, 0, 0, 1)
    with pytest.raises(SmileOver):
        await db.write(GUEST, lambda tx: smile(tx, ticket.id, 1, token=token))
    assert (await ticket_now(db, ticket.id)).smile == 5


async def test_a_forged_a_foreign_and_an_old_smile_link_change_nothing(db: Database, given: Given) -> None:
    person, (_, clerk) = await make_person(db), await make_clerk(db)
    mine = await answer(db, clerk, await ask(db, person), solved=True)
    other = await answer(db, clerk, await ask(db, await make_person(db)), solved=True)
    token = await db.read(lambda r: _token(r, mine))
    before = await rows_of_tickets(db)
    keyring = given(Keyring)
    elsewhere = keyring.sign("accounts.verify", str(other.id), db.clock.now() + timedelta(days=1))
    swapped = token.replace(token.split(".")[2], keyring.sign(SMILE, str(other.id), db.clock.now()).split(".")[2])
    for forged in ("", "x", token[:-1] + ("A" if token[-1] != "A" else "B"), elsewhere, swapped):
        with pytest.raises(SmileLinkNotGood):
            await db.write(GUEST, lambda tx, forged=forged: smile(tx, other.id, 5, token=forged))  # type: ignore[misc]
    with pytest.raises(TicketNotFound):
        await db.write(GUEST, lambda tx: smile(tx, other.id, 5, token=token))
    db.clock.move(timedelta(days=14))
    with pytest.raises(SmileLinkNotGood):
        await db.write(GUEST, lambda tx: smile(tx, mine.id, 5, token=token))
    assert await rows_of_tickets(db) == before


async def _token(reader: object, ticket: object) -> str:
    return write_smile_token(reader, ticket)  # type: ignore[arg-type]


async def test_a_face_without_a_link_is_the_persons_own_and_comes_after_the_end(db: Database) -> None:
    person, (_, clerk) = await make_person(db), await make_clerk(db)
    ticket = await ask(db, person)
    with pytest.raises(SmileOver):
        await db.write(acting(person.id), lambda tx: smile(tx, ticket.id, 3))
    await answer(db, clerk, ticket, solved=True)
    for stranger in (GUEST, acting((await make_person(db)).id), clerk):
        with pytest.raises(TicketNotFound):
            await db.write(stranger, lambda tx: smile(tx, ticket.id, 5))
    await db.write(acting(person.id), lambda tx: smile(tx, ticket.id, 2))
    assert (await ticket_now(db, ticket.id)).smile == 2


async def test_a_stranger_finds_no_ticket(db: Database) -> None:
    ticket, stranger = await ask(db, await make_person(db)), await make_person(db, "Stranger")
    before = await rows_of_tickets(db)
    with pytest.raises(TicketNotFound):
        await db.read(lambda r: get_ticket(r, ticket.id, person_id=stranger.id))
    for deed in (lambda tx: say_in_ticket(tx, ticket.id, "Mine!"), lambda tx: close_ticket(tx, ticket.id)):
        for actor in (acting(stranger.id), GUEST):
            with pytest.raises(TicketNotFound):
                await db.write(actor, deed)
    with pytest.raises(TicketNotFound):
        await db.read(lambda r: get_ticket(r, TicketId(1)))
    assert await rows_of_tickets(db) == before


async def test_only_the_desk_does_the_desks_work_and_nobody_on_their_own_ticket(db: Database) -> None:
    person, (clerk_person, clerk) = await make_person(db), await make_clerk(db)
    ticket, own = await ask(db, person), await ask(db, clerk_person)
    before = await rows_of_tickets(db)
    deeds = (
        take_ticket,
        lambda tx, i: note_in_ticket(tx, i, "Hm"),
        lambda tx, i: hand_over(tx, i, "Yours"),
        lambda tx, i: merge_tickets(tx, i, TicketId(i + (1 << 22))),
    )
    for deed in deeds:
        with pytest.raises(StaffOnly):
            await db.write(acting(person.id), lambda tx, deed=deed: deed(tx, ticket.id))
    for deed in deeds[:3]:
        with pytest.raises(OwnTicket):
            await db.write(clerk, lambda tx, deed=deed: deed(tx, own.id))
    with pytest.raises(StaffOnly):
        await answer(db, acting(person.id), ticket, solved=True)
    with pytest.raises(OwnTicket):
        await answer(db, clerk, own, solved=True)
    assert await rows_of_tickets(db) == before


async def test_the_first_clock_runs_out_to_the_second(db: Database) -> None:
    ticket = await ask(db, await make_person(db))
    db.clock.move(timedelta(hours=12) - SECOND)
    await pump(db)
    assert not (await ticket_now(db, ticket.id)).is_late
    db.clock.move(SECOND)
    await pump(db)
    assert (await ticket_now(db, ticket.id)).is_late
    assert [t.id for t in (await db.read(list_late_tickets)).items] == [ticket.id]
    assert (await db.read(count_desk_tickets)).late == 1
    inside = await db.read(lambda r: list_entries(r, ticket.id, inside=True))
    assert [e.kind for e in inside] == [EntryKind.SAID, EntryKind.LATE]
    assert [e.kind for e in await db.read(lambda r: list_entries(r, ticket.id))] == [EntryKind.SAID]


async def test_the_second_clock_stands_while_the_person_thinks(db: Database) -> None:
    person, (_, clerk) = await make_person(db), await make_clerk(db)
    ticket = await ask(db, person)
    db.clock.move(timedelta(hours=2))
    await answer(db, clerk, ticket, solved=False)
    db.clock.move(timedelta(days=6))
    await pump(db)
    assert (await ticket_now(db, ticket.id)).state is TicketState.WAITING
    await db.write(acting(person.id), lambda tx: say_in_ticket(tx, ticket.id, "Still nothing."))
    db.clock.move(timedelta(hours=70) - SECOND)
    await pump(db)
    assert not (await ticket_now(db, ticket.id)).is_late
    db.clock.move(SECOND)
    await pump(db)
    assert (await ticket_now(db, ticket.id)).is_late


async def test_silence_ends_a_solved_and_a_waiting_ticket_to_the_second(db: Database) -> None:
    person, (_, clerk) = await make_person(db), await make_clerk(db)
    solved = await answer(db, clerk, await ask(db, person), solved=True)
    waiting = await answer(db, clerk, await ask(db, person), solved=False)
    db.clock.move(timedelta(days=3) - SECOND)
    await pump(db)
    assert (await ticket_now(db, solved.id)).state is TicketState.SOLVED
    db.clock.move(SECOND)
    await pump(db)
    assert (await ticket_now(db, solved.id)).state is TicketState.CLOSED
    db.clock.move(timedelta(days=4) - SECOND)
    await pump(db)
    assert (await ticket_now(db, waiting.id)).state is TicketState.WAITING
    db.clock.move(SECOND)
    await pump(db)
    assert (await ticket_now(db, waiting.id)).state is TicketState.CLOSED
    with pytest.raises(TicketInWrongState):
        await db.write(acting(person.id), lambda tx: say_in_ticket(tx, waiting.id, "Hello?"))
    assert await db.read(lambda r: list_deadlines(r, waiting.id)) == []


async def test_a_person_may_write_again_after_the_solution(db: Database) -> None:
    person, (_, clerk) = await make_person(db), await make_clerk(db)
    ticket = await answer(db, clerk, await ask(db, person), solved=True)
    back = await db.write(acting(person.id), lambda tx: say_in_ticket(tx, ticket.id, "Not yet."))
    assert back.state is TicketState.OPEN
    closed = await db.write(acting(person.id), lambda tx: close_ticket(tx, ticket.id))
    assert closed.state is TicketState.CLOSED
    with pytest.raises(TicketInWrongState):
        await answer(db, clerk, ticket, solved=True)


async def test_a_ticket_about_an_order_is_for_its_buyer_and_its_shop(db: Database) -> None:
    owner, stranger = await make_person(db, "Owner"), await make_person(db, "Stranger")
    shop = await make_shop(db, owner=owner.id)
    buyer, address = await make_buyer(db)
    order = await place_order(db, (buyer, address), (await make_product(db, shop), 1))
    draft = TicketDraft("Where", "is it", about=About(AboutKind.ORDER, order.id))
    of_buyer = await db.write(acting(buyer), lambda tx: open_ticket(tx, draft, "en"))
    assert (of_buyer.side, of_buyer.queue) == (TicketSide.BUYER, Queue.ORDERS)
    of_shop = await db.write(acting(owner.id), lambda tx: open_ticket(tx, draft, "en"))
    assert (of_shop.side, of_shop.queue) == (TicketSide.SELLER, Queue.SHOPS)
    with pytest.raises(OrderNotFound):
        await db.write(acting(stranger.id), lambda tx: open_ticket(tx, draft, "en"))
    nowhere = TicketDraft("Where", "is it", about=About(AboutKind.SHOP, TicketId(77)))
    with pytest.raises(NotFound):
        await db.write(acting(stranger.id), lambda tx: open_ticket(tx, nowhere, "en"))


async def test_floods_are_refused_with_clear_words(db: Database) -> None:
    person, rules = await make_person(db), TicketRules()
    tickets = [await ask(db, person) for _ in range(rules.open_most)]
    with pytest.raises(TooManyTickets) as many:
        await ask(db, person)
    assert "10" in str(many.value)
    for _ in range(rules.words_an_hour - rules.open_most):
        await db.write(acting(person.id), lambda tx: say_in_ticket(tx, tickets[0].id, "Hello?"))
    before = await rows_of_tickets(db)
    with pytest.raises(TooMany) as quick:
        await db.write(acting(person.id), lambda tx: say_in_ticket(tx, tickets[0].id, "Hello?"))
    assert quick.value.retry_after == 3600
    assert await rows_of_tickets(db) == before
    db.clock.move(timedelta(hours=1))
    await db.write(acting(person.id), lambda tx: say_in_ticket(tx, tickets[0].id, "Hello again."))


async def test_a_ticket_is_taken_once_and_handed_over_with_words(db: Database) -> None:
    ticket = await ask(db, await make_person(db))
    (one, first), (two, second) = await make_clerk(db), await make_clerk(db)
    await db.write(first, lambda tx: take_ticket(tx, ticket.id))
    with pytest.raises(TicketTaken):
        await db.write(second, lambda tx: take_ticket(tx, ticket.id))
    with pytest.raises(Invalid):
        await db.write(first, lambda tx: hand_over(tx, ticket.id, " ", to=two.id))
    with pytest.raises(StaffNotFound):
        await db.write(first, lambda tx: hand_over(tx, ticket.id, "Yours", to=ticket.person_id))
    await db.write(first, lambda tx: hand_over(tx, ticket.id, "About money", queue=Queue.MONEY, to=two.id))
    moved = await ticket_now(db, ticket.id)
    assert (moved.queue, moved.holder_id) == (Queue.MONEY, two.id)
    assert [t.id for t in (await db.read(lambda r: list_held_tickets(r, two.id))).items] == [ticket.id]
    assert [e.kind for e in await db.read(lambda r: list_entries(r, ticket.id))] == [EntryKind.SAID]
    assert one.id != two.id


async def test_notes_stay_inside(db: Database) -> None:
    person, (_, clerk) = await make_person(db), await make_clerk(db)
    ticket = await ask(db, person)
    await db.write(clerk, lambda tx: note_in_ticket(tx, ticket.id, "Wrote three times before."))
    assert "three times" not in str(await db.read(lambda r: list_entries(r, ticket.id)))
    assert "three times" not in str(await db.read(lambda r: export_tickets(r, person.id)))
    assert (await ticket_now(db, ticket.id)).answered_at is None, "a note is no answer"


async def test_two_tickets_of_one_person_become_one(db: Database) -> None:
    person, (_, clerk) = await make_person(db), await make_clerk(db)
    one, two = await ask(db, person, words="First"), await ask(db, person, words="Second")
    foreign = await ask(db, await make_person(db))
    for wrong in (foreign.id, one.id):
        with pytest.raises(CannotMerge):
            await db.write(clerk, lambda tx, wrong=wrong: merge_tickets(tx, one.id, wrong))  # type: ignore[misc]
    await db.write(clerk, lambda tx: merge_tickets(tx, one.id, two.id))
    gone = await ticket_now(db, one.id)
    assert (gone.state, gone.merged_into) == (TicketState.MERGED, two.id)
    assert [e.words for e in await db.read(lambda r: list_entries(r, two.id))] == ["First", "Second"]
    assert await db.read(lambda r: list_deadlines(r, one.id)) == []
    with pytest.raises(Conflict):
        await db.write(clerk, lambda tx: merge_tickets(tx, one.id, two.id))


async def test_ready_answers_are_the_desks(db: Database) -> None:
    _, clerk = await make_clerk(db)
    with pytest.raises(StaffOnly):
        await db.write(acting((await make_person(db)).id), lambda tx: put_macro(tx, "Hi", "Hello", "您好"))
    hello = await db.write(clerk, lambda tx: put_macro(tx, "Hi", "Hello {name}", "{name}，您好"))
    money = await db.write(clerk, lambda tx: put_macro(tx, "Bank", "Days", "几天", Queue.MONEY))
    with pytest.raises(Invalid):
        await db.write(clerk, lambda tx: put_macro(tx, "Hi", "Hello", "您好"))
    with pytest.raises(Invalid):
        await db.write(clerk, lambda tx: put_macro(tx, "Other", "{who}", ""))
    await db.write(clerk, lambda tx: put_macro(tx, "Hi", "Dear {name}", "{name}，您好", macro_id=hello.id))
    assert [m.title for m in await db.read(lambda r: list_macros(r, Queue.MONEY))] == ["Bank", "Hi"]
    assert [m.words_en for m in await db.read(lambda r: list_macros(r, Queue.GOODS))] == ["Dear {name}"]
    await db.write(clerk, lambda tx: drop_macro(tx, money.id))
    with pytest.raises(MacroNotFound):
        await db.write(clerk, lambda tx: put_macro(tx, "Bank", "Days", "几天", macro_id=MacroId(money.id)))
    await db.write(clerk, lambda tx: choose_skills(tx, [Queue.MONEY, Queue.MONEY]))
    assert await db.read(lambda r: list_skills(r, clerk.person_id)) == {Queue.MONEY}  # type: ignore[arg-type]


async def test_who_leaves_takes_their_words_along(db: Database) -> None:
    person = await make_person(db)
    ticket = await ask(db, person, "My secret", "My address is here")
    exported = await db.read(lambda r: export_tickets(r, person.id))
    assert "My address is here" in str(exported)
    await db.write(system("tests"), lambda tx: forget_asker(tx, person.id))
    await db.write(system("tests"), lambda tx: forget_asker(tx, person.id))
    assert "secret" not in str(await rows_of_tickets(db))
    assert "address" not in str(await rows_of_tickets(db))
    assert (await ticket_now(db, ticket.id)).state is TicketState.CLOSED
    assert await db.read(lambda r: list_deadlines(r, ticket.id)) == []


async def test_lists_go_on_where_they_stopped(db: Database) -> None:
    person = await make_person(db)
    tickets = []
    for number in range(5):
        tickets.append(await ask(db, person, str(number)))
        db.clock.move(SECOND)
    first = await db.read(lambda r: list_tickets_of(r, person.id, limit=3))
    rest = await db.read(lambda r: list_tickets_of(r, person.id, limit=3, after=first.next))
    assert [t.subject for t in (*first.items, *rest.items)] == ["4", "3", "2", "1", "0"]
    desk = await db.read(lambda r: list_desk_tickets(r, limit=2))
    more = await db.read(lambda r: list_desk_tickets(r, limit=4, after=desk.next))
    assert [t.subject for t in (*desk.items, *more.items)] == ["0", "1", "2", "3", "4"]


async def test_nothing_is_handed_to_a_clerk_who_was_let_go(db: Database) -> None:
    ticket, (gone, _), (_, clerk) = await ask(db, await make_person(db)), await make_clerk(db), await make_clerk(db)
    await db.write(system("tests"), lambda tx: grant_staff_role(tx, gone.id, None))
    with pytest.raises(StaffNotFound):
        await db.write(clerk, lambda tx: hand_over(tx, ticket.id, "Yours", to=gone.id))
