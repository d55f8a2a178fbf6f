"""Upkeep of the ground floor: months of the event log made ahead and dropped after two years, old keys forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Final

from fairground.kit.actor import system
from fairground.kit.db import Database, Tx
from fairground.kit.idempotency import forget_old_keys
from fairground.kit.ids import BUCKETS
from fairground.kit.timers import Timer

AHEAD: Final = 3  # months
KEPT: Final = 24  # months
JOB_LOG_DAYS: Final = 30
ACTOR: Final = system("upkeep")


def timers() -> list[Timer]:
    """List the timers of the ground floor."""
    return [
        Timer("kit.keep_event_log", timedelta(hours=12), keep_event_log),
        Timer("kit.forget_keys", timedelta(hours=1), forget_keys),
        Timer("kit.forget_job_log", timedelta(hours=6), forget_job_log),
    ]


async def keep_event_log(db: Database) -> int:
    """Make the months ahead and drop what is older than two years; gives how many months were made or dropped."""
    return await db.write(ACTOR, turn_months)


async def turn_months(tx: Tx) -> int:
    """Make and drop months of the event log."""
    first = datetime(tx.now.year, tx.now.month, 1, tzinfo=UTC)
    made = 0
    for ahead in range(1, AHEAD + 1):
        made += await _make(tx, _month(first, ahead))
    rows = await tx.rows(
        """
        select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'kit.event_log'::regclass and c.relname ~ '^event_log_[0-9]{6}$' and c.relname < $1
        """,
        f"event_log_{_month(first, -KEPT):%Y%m}",
    )
    for row in rows:
        # The name comes from the catalogue and has the form asked for above.
        words = f"drop table kit.{row['name']}"
        await tx.connection.execute(words)
    return made + len(rows)


async def _make(tx: Tx, month: datetime) -> int:
    name = f"event_log_{month:%Y%m}"
    if await tx.value("select to_regclass($1) is not null", f"kit.{name}"):
        return 0
    words = f"create table kit.{name} partition of kit.event_log for values from ('{month}') to ('{_month(month, 1)}')"
    await tx.connection.execute(words)
    comment = f"comment on table kit.{name} is 'sharded by subject: events of {month:%Y-%m}'"
    await tx.connection.execute(comment)
    return 1


def _month(first: datetime, by: int) -> datetime:
    number = first.year * 12 + first.month - 1 + by
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


async def forget_keys(db: Database) -> int:
    """Forget idempotency keys older than a week, a bounded number at a time."""
    return await db.write(ACTOR, lambda tx: forget_old_keys(tx, (0, BUCKETS - 1), 20_000))


async def forget_job_log(db: Database) -> int:
    """Forget what the job queue did long ago."""
    return await db.write(
        ACTOR,
        lambda tx: tx.execute("delete from pgqueuer_log where created < $1", tx.now - timedelta(days=JOB_LOG_DAYS)),
    )
