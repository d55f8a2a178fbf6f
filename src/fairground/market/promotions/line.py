"""The line of a web process: people join waiting rooms through it, and ask it where they stand.

Joining is gathered like checkouts: many tickets for the price of one transaction. A look at one's place is answered
from the ticket, the board and the clock.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import msgspec

from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.errors import Trouble, Unavailable
from fairground.kit.gather import Gatherer
from fairground.kit.rate_limit import RateScale
from fairground.kit.seal import Keyring
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.actions.rooms import join_rooms
from fairground.market.promotions.board import Board, keep_board
from fairground.market.promotions.damping import Damper
from fairground.market.promotions.errors import DropNotFound, DropOver
from fairground.market.promotions.model import (
    DropFace,
    DropId,
    DropRoom,
    DropRules,
    DropState,
    Joining,
    Standing,
    Ticket,
    standing,
)
from fairground.market.promotions.queries.drops import find_drop
from fairground.market.promotions.turns import read_ticket, sign_ticket


class Place(msgspec.Struct, frozen=True):
    """A place in a waiting room: the signed ticket, and where it stands now."""

    ticket: str
    standing: Standing


class Line:
    """Gives out tickets and tells places; `start`, `stop`. Keeps the board of its process fresh."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.board = db.given(Board)
        self._keyring = db.given(Keyring)
        self._damper = Damper(db.given(DropRules), db.given(RateScale))
        self._gatherer: Gatherer[Joining, Joining, Ticket] = Gatherer(_as_they_are, self._write)
        self._stop = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Fill the board, and begin to keep it fresh and to take people."""
        with contextlib.suppress(Unavailable):
            await self.board.refresh(self._db)
        self._keeping = asyncio.create_task(keep_board(self.board, self._db, self._stop), name="board of drops")
        await self._gatherer.start()

    async def stop(self) -> None:
        """Give out what is asked for, then stop."""
        self._stop.set()
        await self._gatherer.stop()
        if self._keeping is not None:
            await asyncio.gather(self._keeping, return_exceptions=True)

    async def join(self, drop_id: DropId, person_id: PersonId, address: str = "") -> Place:
        """Let somebody join a waiting room; who joined before gets the same place again.

        Raises:
            TooMany: too often, by this person or from this address.
            DropNotFound, NoWaitingRoom, Unavailable
        """
        self._damper.join(person_id, address)
        ticket = await self._gatherer.ask(Joining(drop_id, person_id))
        return self._place(await self.face(drop_id), ticket)

    async def look(self, drop_id: DropId, text: str) -> Place:
        """Tell where a ticket stands, without the database.

        Raises:
            TicketInvalid: not a ticket for this drop.
            TooMany: the person looks too often.
            DropOver: it has ended, or was cancelled.
        """
        ticket = read_ticket(self._keyring, text, drop_id, self._db.clock.now())
        self._damper.look(ticket.person_id)
        return self._place(await self.face(drop_id), ticket)

    async def face(self, drop_id: DropId) -> DropFace:
        """Give an announced drop: from the board, or else from the database.

        Raises:
            DropNotFound: there is none, or nobody may know of it.
        """
        face = self.board.face(drop_id)
        if face is None or not self.board.knows(self._db.clock.now()):
            face = await self._db.read(lambda reader: find_drop(reader, drop_id))
        if face is None or face.drop.announced_at is None:
            raise DropNotFound
        return face

    def _place(self, face: DropFace, ticket: Ticket) -> Place:
        now = self._db.clock.now()
        if face.drop.state_at(now) in {DropState.ENDED, DropState.CANCELLED}:
            raise DropOver
        return Place(
            sign_ticket(self._keyring, ticket, face.drop), standing(ticket, face.room or DropRoom(), face.drop, now)
        )

    async def _write(self, joinings: Sequence[Joining]) -> Sequence[Ticket | Trouble]:
        return await self._db.write(system("line"), lambda tx: join_rooms(tx, joinings))


async def _as_they_are(joinings: Sequence[Joining]) -> Sequence[Joining]:
    return joinings
