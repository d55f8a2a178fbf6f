"""The memory of sessions: quick for a crowd, and believed for its seconds at most."""

from collections.abc import Sequence
from datetime import timedelta

from fairground.app.session_memory import SessionMemory
from fairground.kit.actor import person
from fairground.kit.clock import Clock
from fairground.kit.db import Database
from fairground.market.accounts.actions.sessions import end_session, open_session
from fairground.market.accounts.model import NewSession, SignedIn
from fairground.market.accounts.queries import find_sessions
from tests.support.orders import make_buyer


class Door:
    """A memory over a real table of sessions, with a clock that is moved by hand and a count of looks."""

    def __init__(self, db: Database, clock: Clock, seconds: float = 2.0) -> None:
        self.db, self.looks, self.time = db, 0, 50.0
        self.memory = SessionMemory(self._look, clock, seconds=seconds, ticking=lambda: self.time)

    async def _look(self, tokens: Sequence[str]) -> list[SignedIn | None]:
        self.looks += 1
        return await self.db.read(lambda reader: find_sessions(reader, tokens))


async def signed_in(db: Database) -> NewSession:
    who, _ = await make_buyer(db)
    return await db.write(person(who), lambda tx: open_session(tx, who, None))


async def end(db: Database, one: NewSession) -> None:
    await db.write(person(one.person_id), lambda tx: end_session(tx, one.person_id, one.session_id))


async def test_a_session_is_looked_up_once_for_many_calls(db: Database, clock: Clock) -> None:
    door, one = Door(db, clock), await signed_in(db)
    found = [await door.memory.ask_lately(one.token) for _ in range(5)]
    assert {who.person_id for who in found if who} == {one.person_id}
    assert (len(found), door.looks) == (5, 1)


async def test_a_revoked_session_ends_at_once_where_it_is_looked_up_and_after_the_seconds_elsewhere(
    db: Database, clock: Clock
) -> None:
    door, one = Door(db, clock), await signed_in(db)
    await door.memory.ask_lately(one.token)
    await end(db, one)
    assert await door.memory.ask(one.token) is None
    door.time += 1.9
    assert await door.memory.ask_lately(one.token) is not None
    door.time += 0.1
    assert await door.memory.ask_lately(one.token) is None
    assert await door.memory.ask_lately(one.token) is None


async def test_a_call_does_not_make_a_session_that_is_remembered_younger(db: Database, clock: Clock) -> None:
    door, one = Door(db, clock), await signed_in(db)
    await door.memory.ask_lately(one.token)
    await end(db, one)
    found = []
    for _ in range(8):
        door.time += 0.5
        found.append(await door.memory.ask_lately(one.token) is not None)
    assert found == [True] * 3 + [False] * 5


async def test_with_no_seconds_nothing_is_remembered(db: Database, clock: Clock) -> None:
    door, one = Door(db, clock, seconds=0), await signed_in(db)
    assert await door.memory.ask_lately(one.token) is not None
    await end(db, one)
    assert await door.memory.ask_lately(one.token) is None


async def test_a_session_that_expires_meanwhile_is_over(db: Database, clock: Clock) -> None:
    door, one = Door(db, clock, seconds=10**9), await signed_in(db)
    assert await door.memory.ask_lately(one.token) is not None
    clock.move(timedelta(days=400))
    assert await door.memory.ask_lately(one.token) is None


async def test_what_is_not_found_is_looked_up_again(db: Database, clock: Clock) -> None:
    door = Door(db, clock)
    for _ in range(3):
        assert await door.memory.ask_lately("nobody's") is None
    assert door.looks == 3
