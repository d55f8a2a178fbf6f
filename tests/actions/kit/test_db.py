"""The database room of the ground floor."""

import asyncpg
import pytest

from fairground.kit.actor import GUEST
from fairground.kit.db import Database, Reader, Tx


async def test_a_reader_cannot_write(db: Database) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await db.read(lambda r: r.rows("insert into kit.timers (name) values ('x') returning name"))


async def test_a_deed_that_raises_leaves_nothing(db: Database) -> None:
    async def deed(tx: Tx) -> None:
        await tx.execute("insert into kit.timers (name) values ('x')")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.write(GUEST, deed)
    assert await db.read(_timers) == 0


async def test_a_deadlock_is_tried_again(db: Database) -> None:
    tries = 0

    async def deed(tx: Tx) -> str:
        nonlocal tries
        tries += 1
        await tx.execute("insert into kit.timers (name) values ('x')")
        if tries < 3:
            raise asyncpg.DeadlockDetectedError("made up")
        return "done"

    assert await db.write(GUEST, deed) == "done"
    assert (tries, await db.read(_timers)) == (3, 1)


async def test_one_moment_for_a_transaction(db: Database) -> None:
    async def deed(tx: Tx) -> None:
        first = tx.now
        db.clock.freeze(None)
        assert tx.now == first

    await db.write(GUEST, deed)


async def _timers(reader: Reader) -> int:
    return int(await reader.value("select count(*) from kit.timers"))
