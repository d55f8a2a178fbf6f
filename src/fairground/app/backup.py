"""The whole market into a folder and back: database, pictures, keys; verified on both ways.

The folder holds `database.dump` (pg_dump's own format), `files/`, `keys` and `manifest.json` with the rows of each
table and the SHA-256 of each file. Rows are counted in the same snapshot that is dumped, so a running market can be
saved.
"""

import asyncio
import contextlib
import hashlib
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg
import msgspec

from fairground.adapters.postgres.binaries import tool_path
from fairground.adapters.postgres.embedded import EmbeddedPostgres
from fairground.adapters.postgres.running import running_dsn
from fairground.app.outfit import make_storage
from fairground.app.reach import NotReady, data_folder, find_dsn
from fairground.app.settings import Settings
from fairground.kit.storage import ObjectStorage

FORMAT: Final = 1


class Manifest(msgspec.Struct, frozen=True):
    """What a saved market holds."""

    format: int
    saved_at: datetime
    rows: dict[str, int]
    files: dict[str, str]  # key → SHA-256
    dump: str  # SHA-256 of database.dump


async def save(settings: Settings, folder: str) -> dict[str, Any]:
    """Save the market into a new folder; gives the number of rows and files.

    Raises:
        NotReady: the folder is there already, or the market does not run.
    """
    place = Path(folder)
    if place.exists() and any(place.iterdir()):
        raise NotReady(f"{place} is not empty: choose a new folder")
    dsn = find_dsn(settings)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.chmod(0o700)
    rows = await _dump(settings, dsn, place / "database.dump")
    # After the database: a picture that a saved row names was stored before its row was.
    files = await _copy_out(make_storage(settings, data_folder(settings)), place / "files")
    _copy_keys(data_folder(settings) / "keys", place / "keys")
    dump = await asyncio.to_thread(_hash, place / "database.dump")
    manifest = Manifest(FORMAT, datetime.now(UTC), rows, files, dump)
    (place / "manifest.json").write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    await asyncio.to_thread(_check_saved, place, manifest)
    return {"rows": sum(rows.values()), "files": len(files), "folder": str(place)}


async def bring_back(settings: Settings, folder: str) -> dict[str, Any]:
    """Restore a saved market into an empty place; gives the number of rows and files.

    Raises:
        NotReady: the folder is no saved market or is damaged, or the place is not empty.
    """
    place = Path(folder)
    manifest = _read_manifest(place)
    await asyncio.to_thread(_check_saved, place, manifest)
    async with _empty_database(settings) as dsn:
        options = ["--no-owner", "--exit-on-error", "--single-transaction"]
        await asyncio.to_thread(_run_tool, settings, "pg_restore", dsn, options, place / "database.dump")
        rows = await _count_rows(dsn)
        wrong = {name for name in manifest.rows.keys() | rows.keys() if manifest.rows.get(name) != rows.get(name)}
        if wrong:
            raise NotReady(f"restored, but the rows of {', '.join(sorted(wrong))} differ from the manifest")
        await _copy_in(make_storage(settings, data_folder(settings)), place / "files", manifest)
    target = data_folder(settings) / "keys"
    if (place / "keys").exists() and not target.exists():
        _copy_keys(place / "keys", target)
    return {"rows": sum(manifest.rows.values()), "files": len(manifest.files)}


async def _dump(settings: Settings, dsn: str, target: Path) -> dict[str, int]:
    conn = await asyncpg.connect(dsn)
    try:
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await conn.fetchval("select pg_export_snapshot()")
            options = ["--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={target}"]
            await asyncio.to_thread(_run_tool, settings, "pg_dump", dsn, options)
            return await _counts(conn)
    finally:
        await conn.close()


async def _count_rows(dsn: str) -> dict[str, int]:
    conn = await asyncpg.connect(dsn)
    try:
        return await _counts(conn)
    finally:
        await conn.close()


async def _counts(conn: Any) -> dict[str, int]:
    names = await conn.fetch(
        """
        select n.nspname as room, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'
        """
    )
    return {
        f"{row['room']}.{row['name']}": int(
            await conn.fetchval(f'select count(*) from "{row["room"]}"."{row["name"]}"')  # noqa: S608 - names from the catalogue
        )
        for row in names
    }


def _run_tool(settings: Settings, tool: str, dsn: str, options: list[str], file: Path | None = None) -> None:
    program = tool_path(tool, Path(settings.pg_bin) if settings.pg_bin else None)
    parts = urlsplit(dsn)
    # The password travels in the environment: everybody can read a command line.
    host = parts.netloc.rpartition("@")[2]
    user = parts.netloc.rpartition("@")[0].partition(":")[0]
    public = urlunsplit(parts._replace(netloc=f"{user}@{host}" if user else host))
    environment = {**os.environ, **({"PGPASSWORD": unquote(parts.password)} if parts.password else {})}
    command = [str(program), f"--dbname={public}", *options, *([str(file)] if file else [])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        words = done.stderr.strip().splitlines()
        raise NotReady(f"{tool} failed: {words[-1] if words else done.returncode}")


@asynccontextmanager
async def _empty_database(settings: Settings) -> AsyncIterator[str]:
    if settings.database_url:
        await _need_empty(settings.database_url)
        yield settings.database_url
        return
    folder = data_folder(settings)
    if running_dsn(folder) is not None:
        raise NotReady(f"a market runs in {folder}: stop it, or choose another folder with --data")
    server = EmbeddedPostgres(
        folder, bin_dir=Path(settings.pg_bin) if settings.pg_bin else None, run_as=settings.pg_user
    )
    await asyncio.to_thread(server.start)
    try:
        await _need_empty(server.dsn)
        yield server.dsn
    finally:
        await asyncio.to_thread(server.stop)


async def _need_empty(dsn: str) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        if await conn.fetchval("select to_regclass('public._pogo_migration') is not null"):
            raise NotReady("there is a market in that database already: restore into an empty one")
    finally:
        await conn.close()


async def _copy_out(storage: ObjectStorage, folder: Path) -> dict[str, str]:
    files = {}
    async for key in storage.list_below():
        data = await storage.get(key)
        target = folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        files[key] = hashlib.sha256(data).hexdigest()
    return files


async def _copy_in(storage: ObjectStorage, folder: Path, manifest: Manifest) -> None:
    for key, expected in manifest.files.items():
        data = (folder / key).read_bytes()
        if hashlib.sha256(data).hexdigest() != expected:
            raise NotReady(f"{folder / key} is damaged")
        await storage.put(key, data, "application/octet-stream")


def _copy_keys(source: Path, target: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        data = source.read_bytes()
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)


def _read_manifest(place: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode((place / "manifest.json").read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        raise NotReady(f"{place} is no saved market: it has no readable manifest.json") from None
    if manifest.format != FORMAT:
        raise NotReady(f"{place} was saved in format {manifest.format}; this release reads {FORMAT}")
    return manifest


def _check_saved(place: Path, manifest: Manifest) -> None:
    if _hash(place / "database.dump") != manifest.dump:
        raise NotReady(f"{place / 'database.dump'} is damaged")
    for key, expected in manifest.files.items():
        if _hash(place / "files" / key) != expected:
            raise NotReady(f"{place / 'files' / key} is damaged")


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise NotReady(f"{path} is missing") from None
