"""`fairground doctor`: what is wrong with this installation, each check with a sentence."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg

from fairground.app.outfit import Outfit, opened
from fairground.app.reach import NotReady, data_folder, find_dsn
from fairground.app.schema import MIGRATIONS
from fairground.app.settings import Settings, shown
from fairground.app.wiring import timers
from fairground.kit.db import GONE, Reader
from fairground.kit.migrations import NewerDatabase, pending
from fairground.kit.timers import list_timers

LEAST_FREE: Final = 1024**3
LATE: Final = timedelta(minutes=5)
NEEDED: Final = ("database", "schema")  # a full disk or a careless server must not hide the rest
Check = dict[str, Any]


async def examine(settings: Settings) -> dict[str, Any]:
    """Examine the installation; gives the settings in force and the checks, the worst last."""
    checks: list[Check] = [_disk(data_folder(settings))]
    try:
        dsn = find_dsn(settings)
        checks += await _database(dsn)
        if all(check["ok"] for check in checks if check["name"] in NEEDED):
            checks += await _market(settings, dsn)
    except (NotReady, NewerDatabase) as trouble:
        checks.append(_check("database", False, str(trouble)))
    return {"settings": shown(settings), "checks": checks}


def _check(name: str, ok: bool, words: str) -> Check:
    return {"name": name, "ok": ok, "words": words}


def _disk(folder: Path) -> Check:
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(existing).free
    return _check("disk", free > LEAST_FREE, f"{free // 1024**2} MiB free at {existing}")


async def _database(dsn: str) -> list[Check]:
    try:
        conn = await asyncpg.connect(dsn, timeout=5)
    except (TimeoutError, asyncpg.PostgresError, *GONE) as trouble:
        return [_check("database", False, f"does not answer: {trouble or type(trouble).__name__}")]
    try:
        version = await conn.fetchval("show server_version")
        fsync = await conn.fetchval("show fsync")
        commit = await conn.fetchval("show synchronous_commit")
    finally:
        await conn.close()
    waiting = await pending(dsn, MIGRATIONS)
    return [
        _check("database", int(version.split(".")[0]) >= 15, f"PostgreSQL {version}"),
        _check("durability", fsync == "on" and commit != "off", f"fsync {fsync}, synchronous_commit {commit}"),
        _check("schema", not waiting, f"{len(waiting)} migrations wait" if waiting else "up to date"),
    ]


async def _market(settings: Settings, dsn: str) -> list[Check]:
    outfit = Outfit(settings, dsn)
    async with opened(outfit, "doctor"):
        checks = [await _storage(outfit)]
        checks += await outfit.db.read(_queues)
        checks += await outfit.db.read(lambda reader: _timers(reader, outfit))
    return checks


async def _storage(outfit: Outfit) -> Check:
    try:
        await outfit.storage.put("doctor/probe", b"probe", "text/plain")
        good = await outfit.storage.get("doctor/probe") == b"probe"
        await outfit.storage.delete("doctor/probe")
    except Exception as trouble:  # noqa: BLE001 - whatever the store says is the finding
        return _check("storage", False, f"cannot write and read: {trouble}")
    return _check("storage", good, "writes and reads")


async def _queues(reader: Reader) -> list[Check]:
    row = await reader.row(
        """
        select (select count(*) from kit.outbox where at < $1) as late_events,
               (select count(*) from kit.heard where retry_at is not null) as failing_events,
               (select count(*) from kit.deadlines where due_at < $1) as late_deadlines,
               (select count(*) from kit.deadlines where error is not null) as failing_deadlines,
               (select count(*) from pgqueuer where status = 'failed') as failed_jobs
        """,
        reader.now - LATE,
    )
    assert row is not None
    return [
        _check("events", not row["late_events"] and not row["failing_events"],
               f"{row['late_events']} late, {row['failing_events']} failing"),
        _check("deadlines", not row["late_deadlines"] and not row["failing_deadlines"],
               f"{row['late_deadlines']} late, {row['failing_deadlines']} failing"),
        _check("jobs", not row["failed_jobs"], f"{row['failed_jobs']} failed"),
    ]  # fmt: skip


async def _timers(reader: Reader, outfit: Outfit) -> list[Check]:
    """A timer that nobody rings is the quiet kind of trouble: payouts that are never made."""
    last = {run.name: run for run in await list_timers(reader)}
    checks = []
    for timer in timers(outfit):
        run = last.get(timer.name)
        silent = run is None or run.at is None or run.at < reader.now - timer.every - LATE
        words = "has never run" if run is None or run.at is None else f"last ran {run.at:%Y-%m-%d %H:%M} UTC"
        if run is not None and run.error:
            words += f", failed: {run.error}"
        checks.append(_check(f"timer {timer.name}", not silent and not (run and run.error), words))
    return checks
