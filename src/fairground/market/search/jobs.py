"""What comes round by itself: counting what many ask for, forgetting old queries."""

from datetime import timedelta

from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.timers import Timer
from fairground.market.search.actions import count_queries, forget_queries

ROUNDS_MOST = 50


async def _count(db: Database) -> int:
    return await db.write(system("search"), count_queries)


async def _forget(db: Database) -> int:
    forgotten = 0
    for _ in range(ROUNDS_MOST):
        now = await db.write(system("search"), forget_queries)
        forgotten += now
        if not now:
            break
    return forgotten


def timers() -> list[Timer]:
    """List the timers."""
    return [
        Timer("search.count_queries", timedelta(hours=1), _count),
        Timer("search.forget_queries", timedelta(days=1), _forget),
    ]
