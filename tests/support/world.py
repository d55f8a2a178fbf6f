"""Let time pass and news travel, as the worker does."""

from collections.abc import Sequence
from typing import Any

from fairground.app.wiring import deadline_handlers, subscribers
from fairground.kit.db import Database
from fairground.kit.deadlines import DeadlineHandler, sweep
from fairground.kit.events import Subscriber, deliver

ALL = (0, 1023)


async def pump(
    db: Database,
    hearers: Sequence[Subscriber] | None = None,
    handlers: Sequence[DeadlineHandler] | None = None,
    rounds: int = 50,
) -> None:
    """Deliver events and carry out due deadlines until nothing moves; a failure is an error of the test."""
    hearers = subscribers() if hearers is None else hearers
    handlers = deadline_handlers() if handlers is None else handlers
    for _ in range(rounds):
        heard = await deliver(db, hearers, ALL)
        assert not heard.failed, await troubles(db)
        due = await sweep(db, handlers, ALL)
        assert not await _failing_deadlines(db), await _failing_deadlines(db)
        if not (heard.delivered or heard.waiting or due):
            return
    raise AssertionError("the world does not come to rest")


async def troubles(db: Database) -> list[Any]:
    """List what subscribers failed at."""
    return [
        tuple(r)
        for r in await db.read(lambda r: r.rows("select consumer, error from kit.heard where error is not null"))
    ]


async def _failing_deadlines(db: Database) -> list[Any]:
    return [
        tuple(r)
        for r in await db.read(lambda r: r.rows("select kind, error from kit.deadlines where error is not null"))
    ]
