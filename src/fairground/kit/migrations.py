"""Numbered plain-SQL migrations, run by pogo under a lock.

Each file `NNNN_room.sql` names what it depends on. A database that has run a migration we do not know comes from a
newer release and is refused: an old program must not write into it.
"""

from pathlib import Path
from typing import Any, Final

import asyncpg
import structlog

LOCK: Final = 0x66_61_69_72  # "fair"
SCHEMA: Final = "public"
log = structlog.get_logger(__name__)


class NewerDatabase(Exception):
    """The database has been migrated by a newer release than this one."""


async def migrate(dsn: str, folder: Path) -> list[str]:
    """Bring the schema up to date; give the names of the migrations that ran.

    Raises:
        NewerDatabase: the database knows migrations that this release does not.
    """
    # Late: pogo brings a whole SQL parser, which no process needs that only asks what is pending.
    from pogo_core.util import migrate as pogo
    from pogo_core.util import sql as pogo_sql

    conn = await asyncpg.connect(dsn, timeout=30, server_settings={"application_name": "fairground migrate"})
    try:
        # Session-level, so it also holds between the transactions of single migrations.
        await conn.execute("select pg_advisory_lock($1)", LOCK)
        await pogo_sql.ensure_pogo_sync(conn)
        before = await _applied(conn)
        refuse_newer(before, known(folder))
        await pogo.apply(conn, folder, schema_name=SCHEMA, logger=_Quiet())  # type: ignore[arg-type]
        return sorted(await _applied(conn) - before)
    finally:
        await conn.close()


async def pending(dsn: str, folder: Path) -> list[str]:
    """Name the migrations that have not run yet."""
    conn = await asyncpg.connect(dsn, timeout=30)
    try:
        exists = await conn.fetchval("select to_regclass('public._pogo_migration') is not null")
        applied = await _applied(conn) if exists else set()
        refuse_newer(applied, known(folder))
        return sorted(known(folder) - applied)
    finally:
        await conn.close()


def known(folder: Path) -> set[str]:
    """Name the migrations of this release."""
    return {path.stem for path in folder.glob("*.sql")}


def refuse_newer(applied: set[str], ours: set[str]) -> None:
    """Raise if the database knows more than we do."""
    strangers = sorted(applied - ours)
    if strangers:
        raise NewerDatabase(
            f"this database was migrated by a newer release (it knows {strangers[0]}, this one does not): "
            "install that release, or restore a backup from before it"
        )


async def _applied(conn: Any) -> set[str]:
    rows = await conn.fetch("select migration_id from public._pogo_migration where schema_name = $1", SCHEMA)
    return {row["migration_id"] for row in rows}


class _Quiet:
    """pogo tells of each migration as a warning; with us it is news, not a warning."""

    def warning(self, message: str, *args: object) -> None:
        log.info(message % args if args else message)

    info = error = debug = warning
