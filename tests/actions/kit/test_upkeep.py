"""The event log has a table for each month to come, and lets go of what is older than two years."""

from datetime import UTC, datetime, timedelta

from fairground.kit.db import Database, Reader
from fairground.kit.upkeep import forget_job_log, forget_keys, keep_event_log


async def months(db: Database) -> list[str]:
    async def look(reader: Reader) -> list[str]:
        rows = await reader.rows(
            "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid"
            " where i.inhparent = 'kit.event_log'::regclass order by 1"
        )
        return [row["name"] for row in rows]

    return await db.read(look)


async def test_months_are_made_ahead_once(db: Database) -> None:
    assert await keep_event_log(db) == 3
    assert await keep_event_log(db) == 0
    assert await months(db) == ["event_log_202607", "event_log_202608", "event_log_202609", "event_log_rest"]


async def test_a_year_turns(db: Database) -> None:
    db.clock.freeze(datetime(2026, 11, 30, 23, 0, tzinfo=UTC))
    await keep_event_log(db)
    assert (await months(db))[:3] == ["event_log_202612", "event_log_202701", "event_log_202702"]


async def test_what_is_older_than_two_years_goes(db: Database) -> None:
    await keep_event_log(db)
    db.clock.move(timedelta(days=365 * 2 + 120))
    await keep_event_log(db)
    left = await months(db)
    assert "event_log_202607" not in left
    assert "event_log_202609" not in left
    assert "event_log_rest" in left


async def test_old_keys_and_old_job_notes_are_forgotten(db: Database) -> None:
    assert await forget_keys(db) == 0
    assert await forget_job_log(db) == 0
