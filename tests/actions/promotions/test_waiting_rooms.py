"""People join waiting rooms, many at once; at the opening the shuffle is drawn, once."""

from datetime import timedelta

from fairground.kit.db import Database
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.actions.drops import cancel_drop
from fairground.market.promotions.actions.rooms import join_rooms, open_rooms
from fairground.market.promotions.board import Board
from fairground.market.promotions.errors import DropNotFound, NoWaitingRoom
from fairground.market.promotions.model import DropFace, DropId, Joining, Ticket, rank
from tests.support.catalog import make_product
from tests.support.drops import MARKET, drop_draft, drop_now, open_drop
from tests.support.promotions import person_id
from tests.support.shops import make_shop
from tests.support.statements import statements

HOUR = timedelta(hours=1)


async def _room(db: Database) -> DropFace:
    shop = await make_shop(db)
    return await open_drop(db, shop.id, drop_draft(db, await make_product(db, shop), starts_in=HOUR, room=True))


async def _join(db: Database, face: DropFace, *people: PersonId) -> list[object]:
    return list(await db.write(MARKET, lambda tx: join_rooms(tx, [Joining(face.id, who) for who in people])))


async def test_numbers_rise_without_a_hole_and_an_account_has_one_ticket(db: Database) -> None:
    face = await _room(db)
    people = [person_id(db) for _ in range(4)]
    first = await _join(db, face, *people[:3], people[1])
    assert first == [*(Ticket(face.id, who, n, early=True) for n, who in enumerate(people[:3], 1)), first[1]]
    assert await _join(db, face, people[3], people[0]) == [Ticket(face.id, people[3], 4, early=True), first[0]]
    room = (await drop_now(db, face)).room
    assert room is not None
    assert room.in_line == 4


async def test_the_opening_is_drawn_once_and_late_comers_stand_behind(db: Database) -> None:
    face = await _room(db)
    people = [person_id(db) for _ in range(12)]
    early = await _join(db, face, *people[:10])
    db.clock.move(HOUR)
    late = await _join(db, face, *people[10:])
    assert [t.early for t in late if isinstance(t, Ticket)] == [False, False]
    room = (await drop_now(db, face)).room
    assert room is not None
    assert (room.early, room.opened_at) == (10, db.clock.now())
    assert await db.write(MARKET, lambda tx: open_rooms(tx, [face.id])) == 0
    assert (await drop_now(db, face)).room == room
    places = [rank(t, room) for t in [*early, *late] if isinstance(t, Ticket)]
    assert sorted(places[:10], key=int) == list(range(10))  # type: ignore[arg-type]
    assert places[10:] == [10, 11]
    assert (await _join(db, face, people[0]))[0] == early[0]


async def test_a_board_opens_the_room_though_nobody_joins(db: Database) -> None:
    face, board = await _room(db), Board()
    await _join(db, face, person_id(db))
    await board.refresh(db)
    assert (room := board.room(face.id)) is not None
    assert room.opened_at is None
    db.clock.move(HOUR)
    await board.refresh(db)
    assert (room := board.room(face.id)) is not None
    assert (room.early, room.opened_at) == (1, db.clock.now())


async def test_nobody_joins_what_is_over_cancelled_or_unknown(db: Database) -> None:
    over, stopped = await _room(db), await _room(db)
    await db.write(MARKET, lambda tx: cancel_drop(tx, stopped.id))
    who = person_id(db)
    db.clock.move(2 * HOUR)
    unknown = Joining(db.ids.make(DropId, 5, db.clock.now()), who)
    answers = await db.write(
        MARKET, lambda tx: join_rooms(tx, [Joining(over.id, who), Joining(stopped.id, who), unknown])
    )
    assert [type(a) for a in answers] == [NoWaitingRoom, NoWaitingRoom, DropNotFound]
    assert await db.read(lambda r: r.value("select count(*) from promotions.drop_tickets")) == 0


async def test_a_batch_of_joins_costs_as_many_statements_as_one(db: Database) -> None:
    face = await _room(db)
    with statements() as few:
        await _join(db, face, person_id(db))
    with statements() as many:
        await _join(db, face, *(person_id(db) for _ in range(50)))
    assert len(few) == len(many) <= 4
