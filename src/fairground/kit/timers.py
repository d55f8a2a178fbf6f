"""Timers: work that comes round by itself. Each leaves a row with its last run, so that a silent one is noticed."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec

from fairground.kit.actor import system
from fairground.kit.db import Database, Reader, Tx


class Timer(msgspec.Struct, frozen=True):
    """Work that comes round: `run(db)` gives how much it did."""

    name: str  # "room.what_it_does"
    every: timedelta
    run: Callable[[Database], Awaitable[int]]


class LastRun(msgspec.Struct, frozen=True):
    """When a timer last ran, what it did, and what went wrong."""

    name: str
    at: datetime | None
    done: int
    error: str | None


async def claim_run(db: Database, timer: Timer, holder: str) -> bool:
    """Claim the next run of a timer, if it is due; of several workers one gets it."""

    async def claim(tx: Tx) -> bool:
        await tx.execute("insert into kit.timers (name) values ($1) on conflict do nothing", timer.name)
        return bool(
            await tx.execute(
                "update kit.timers set last_run = $2 where name = $1 and (last_run is null or last_run <= $3)",
                timer.name,
                tx.now,
                tx.now - timer.every,
            )
        )

    return await db.write(system(holder), claim)


async def note_run(db: Database, name: str, done: int, error: str | None) -> None:
    """Note what a run did."""
    await db.write(
        system("timers"),
        lambda tx: tx.execute("update kit.timers set last_done = $2, error = $3 where name = $1", name, done, error),
    )


async def list_timers(reader: Reader) -> list[LastRun]:
    """List all timers with their last run."""
    rows = await reader.rows("select name, last_run, last_done, error from kit.timers order by name")
    return [LastRun(row["name"], row["last_run"], row["last_done"], row["error"]) for row in rows]
