"""Imports by the worker, and sweeping up old ones."""

from datetime import timedelta
from typing import Any, Final

from fairground.kit.actor import system
from fairground.kit.db import Database, Reader, Row
from fairground.kit.jobs import Job
from fairground.kit.storage import Storage
from fairground.kit.timers import Timer
from fairground.market.catalog.exchange.actions import RUN, forget_file, forget_import
from fairground.market.catalog.exchange.model import ExchangeRules, ImportId
from fairground.market.catalog.exchange.runs import run_import

ACTOR: Final = system("import")
SWEPT: Final = 500


def jobs(db: Database, storage: Storage) -> list[Job]:
    """List the jobs of imports."""

    async def run(payload: dict[str, Any]) -> None:
        await run_import(db, storage, ImportId(payload["id"]))

    return [Job(RUN, run)]


def timers(storage: Storage) -> list[Timer]:
    """List what comes round."""
    return [Timer("catalog.tidy_imports", timedelta(hours=6), lambda db: tidy_imports(db, storage))]


async def tidy_imports(db: Database, storage: Storage) -> int:
    """Remove files of dry runs that nobody followed, and imports that are long over with their reports."""
    rows = await db.read(_old)
    for row in rows:
        import_id = ImportId(row["id"])
        if row["file_key"] is not None:
            await storage.delete(row["file_key"])
            await db.write(ACTOR, lambda tx, i=import_id: forget_file(tx, i))  # type: ignore[misc]
        if row["is_old"]:
            await db.write(ACTOR, lambda tx, i=import_id: forget_import(tx, i))  # type: ignore[misc]
    return len(rows)


async def _old(reader: Reader) -> list[Row]:
    return await reader.rows(
        """
        select id, file_key, asked_at < $1 as is_old from catalog.imports
         where state in ('done', 'failed') and (asked_at < $1 or (asked_at < $2 and file_key is not null))
         order by asked_at limit $3
        """,
        reader.now - timedelta(days=reader.given(ExchangeRules).kept_days),
        reader.now - timedelta(days=1),
        SWEPT,
    )
