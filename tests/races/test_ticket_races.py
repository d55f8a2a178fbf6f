"""Two clerks, two merges crosswise, two faces at the same moment: one of each happens."""

import asyncio

from fairground.kit.actor import person as acting
from fairground.kit.db import Database
from fairground.market.service.actions.ticket_desk import merge_tickets, take_ticket
from fairground.market.service.actions.tickets import say_in_ticket, smile
from fairground.market.service.errors import CannotMerge, SmileOver, TicketTaken
from fairground.market.service.model.tickets import TicketState
from fairground.market.service.queries.tickets import list_entries
from tests.support.accounts import make_person
from tests.support.statements import StatementFailed, fail_at
from tests.support.tickets import answer, ask, make_clerk, rows_of_tickets, ticket_now


async def test_of_many_clerks_one_takes_a_ticket(wide_db: Database) -> None:
    ticket = await ask(wide_db, await make_person(wide_db))
    clerks = [(await make_clerk(wide_db))[1] for _ in range(8)]
    outcomes = await asyncio.gather(
        *(wide_db.write(clerk, lambda tx: take_ticket(tx, ticket.id)) for clerk in clerks), return_exceptions=True
    )
    assert sum(isinstance(o, TicketTaken) for o in outcomes) == 7
    assert (await ticket_now(wide_db, ticket.id)).holder_id in {clerk.person_id for clerk in clerks}


async def test_of_merges_crosswise_one_happens_and_no_word_is_lost(wide_db: Database) -> None:
    person, (_, clerk) = await make_person(wide_db), await make_clerk(wide_db)
    one, two = await ask(wide_db, person, words="First"), await ask(wide_db, person, words="Second")
    ways = [(one.id, two.id), (two.id, one.id)] * 4
    outcomes = await asyncio.gather(
        *(wide_db.write(clerk, lambda tx, way=way: merge_tickets(tx, *way)) for way in ways), return_exceptions=True
    )
    assert sum(isinstance(o, CannotMerge) for o in outcomes) == 7, outcomes
    states = {(await ticket_now(wide_db, t.id)).state: t.id for t in (one, two)}
    assert set(states) == {TicketState.MERGED, TicketState.OPEN}
    kept = await wide_db.read(lambda r: list_entries(r, states[TicketState.OPEN]))
    assert sorted(e.words for e in kept) == ["First", "Second"]


async def test_words_written_while_it_is_merged_are_not_lost(wide_db: Database) -> None:
    person, (_, clerk) = await make_person(wide_db), await make_clerk(wide_db)
    one, two = await ask(wide_db, person), await ask(wide_db, person)
    said, merged = await asyncio.gather(
        wide_db.write(acting(person.id), lambda tx: say_in_ticket(tx, one.id, "Wait!")),
        wide_db.write(clerk, lambda tx: merge_tickets(tx, one.id, two.id)),
        return_exceptions=True,
    )
    assert not isinstance(merged, BaseException)
    words = [e.words for e in await wide_db.read(lambda r: list_entries(r, two.id))]
    assert ("Wait!" in words) == (not isinstance(said, BaseException))


async def test_of_many_faces_one_counts(wide_db: Database) -> None:
    person, (_, clerk) = await make_person(wide_db), await make_clerk(wide_db)
    ticket = await answer(wide_db, clerk, await ask(wide_db, person), solved=True)
    outcomes = await asyncio.gather(
        *(wide_db.write(acting(person.id), lambda tx, n=n: smile(tx, ticket.id, 1 + n % 5)) for n in range(10)),
        return_exceptions=True,
    )
    assert sum(isinstance(o, SmileOver) for o in outcomes) == 9
    assert sum(not isinstance(o, BaseException) for o in outcomes) == 1


async def test_wherever_merging_fails_nothing_is_left(db: Database) -> None:
    person, (_, clerk) = await make_person(db), await make_clerk(db)
    one, two = await ask(db, person), await ask(db, person)
    before, failed = await rows_of_tickets(db), 0
    for n in range(50):
        try:
            with fail_at(n):
                await db.write(clerk, lambda tx: merge_tickets(tx, one.id, two.id))
        except StatementFailed:
            failed += 1
            assert await rows_of_tickets(db) == before
            continue
        break
    assert failed >= 6
    assert (await ticket_now(db, one.id)).state is TicketState.MERGED
