"""Upgrades (peers' complaint 17): every migration runs on nothing and on a market full of rows, once."""

import asyncio
import os
import shutil
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from fairground.app.schema import MIGRATIONS
from fairground.kit.migrations import NewerDatabase, known, migrate, pending
from tests.support.postgres import DSN, drop_database, on_database
from tests.support.town import all_rows, build_town
from tests.support.web import Market


@pytest.fixture
async def nothing() -> AsyncIterator[str]:
    """A database with nothing in it."""
    name = f"fg_{uuid.uuid4().hex[:16]}"
    conn = await asyncpg.connect(os.environ[DSN])
    try:
        await conn.execute(f'create database "{name}"')
    finally:
        await conn.close()
    dsn = on_database(os.environ[DSN], name)
    yield dsn
    await drop_database(dsn)


async def shape(dsn: str) -> set[tuple[str, ...]]:
    """Tell what a schema looks like: columns with types, indexes, constraints."""
    conn = await asyncpg.connect(dsn)
    try:
        columns = await conn.fetch(
            "select table_schema, table_name, column_name, data_type, is_nullable, coalesce(column_default, '') "
            "from information_schema.columns where table_schema not in ('pg_catalog', 'information_schema')"
        )
        indexes = await conn.fetch("select indexdef from pg_indexes where schemaname <> 'pg_catalog'")
        checks = await conn.fetch("select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid <> 0")
    finally:
        await conn.close()
    return {tuple(map(str, row)) for row in (*columns, *indexes, *checks)}


def first_files(folder: Path) -> list[str]:
    """Name the files of each ten but its last one, with all they need: what a release before this one had."""
    by_ten: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.glob("*.sql")):
        by_ten[path.stem[:3]].append(path)
    first: set[str] = set()
    for path in (path for paths in by_ten.values() for path in (paths[:-1] if len(paths) > 1 else paths)):
        # Numbers rise with what is needed, so one look at those before is enough.
        if needs_of(path) <= first:
            first.add(path.stem)
    return [f"{name}.sql" for name in sorted(first)]


def needs_of(path: Path) -> set[str]:
    """Name what a migration says it depends on."""
    line = next(line for line in path.read_text("utf-8").splitlines() if line.startswith("-- depends:"))
    return set(line.removeprefix("-- depends:").split())


async def test_all_of_them_run_on_nothing_and_then_none_waits(nothing: str) -> None:
    assert await pending(nothing, MIGRATIONS) == sorted(known(MIGRATIONS))
    ran = await migrate(nothing, MIGRATIONS)
    assert ran == sorted(known(MIGRATIONS))
    assert await pending(nothing, MIGRATIONS) == []
    assert await migrate(nothing, MIGRATIONS) == [], "the second time there is nothing to do"


async def test_two_who_migrate_at_once_take_turns(nothing: str) -> None:
    first, second = await asyncio.gather(migrate(nothing, MIGRATIONS), migrate(nothing, MIGRATIONS))
    assert sorted([*first, *second]) == sorted(known(MIGRATIONS)), "each ran once"


async def test_one_by_one_gives_the_same_as_all_at_once(nothing: str, dsn: str, tmp_path: Path) -> None:
    """Room by room, as releases came: whatever order the runner finds, the schema is the same."""
    old = tmp_path / "old"
    old.mkdir()
    for name in first_files(MIGRATIONS):
        shutil.copy(MIGRATIONS / name, old / name)
    await migrate(nothing, old)
    waiting = await pending(nothing, MIGRATIONS)
    assert await migrate(nothing, MIGRATIONS) == waiting
    assert await shape(nothing) == await shape(dsn)


async def test_a_market_full_of_rows_goes_through_the_next_ones_unharmed(market: Market, tmp_path: Path) -> None:
    """What the next release brings is tried on a market with one of everything: nothing that was there changes."""
    await build_town(market)
    before = await all_rows(market.db)
    folder = tmp_path / "next"
    shutil.copytree(MIGRATIONS, folder)
    last = sorted(known(MIGRATIONS))[-1]
    (folder / "0999_next.sql").write_text(
        f"-- A later release\n-- depends: {last}\n-- migrate: apply\n"
        "alter table orders.orders add column later text not null default '';\n"
        "alter table orders.orders add check (length(later) < 10);\n"
        "create index orders_later on orders.orders (later) where later <> '';\n"
        "-- migrate: rollback\nalter table orders.orders drop column later;\n"
    )
    assert await migrate(market.db.dsn, folder) == ["0999_next"]
    changed = {name for name, sum_ in (await all_rows(market.db)).items() if before.get(name) != sum_}
    assert changed == {"orders.orders", "public._pogo_migration"}, "only what it says"
    with pytest.raises(NewerDatabase, match="0999_next"):
        await pending(market.db.dsn, MIGRATIONS)
    with pytest.raises(NewerDatabase, match="newer release"):
        await migrate(market.db.dsn, MIGRATIONS)


async def test_one_that_breaks_leaves_nothing_half_done(nothing: str, tmp_path: Path) -> None:
    folder = tmp_path / "next"
    shutil.copytree(MIGRATIONS, folder)
    await migrate(nothing, MIGRATIONS)
    before = await shape(nothing)
    (folder / "0999_broken.sql").write_text(
        "-- A broken one\n-- depends: 0042_orders\n-- migrate: apply\n"
        "create table orders.half (id bigint primary key);\nselect nothing from nowhere;\n"
        "-- migrate: rollback\ndrop table orders.half;\n"
    )
    with pytest.raises(Exception, match="0999_broken"):
        await migrate(nothing, folder)
    assert await shape(nothing) == before
    assert await pending(nothing, MIGRATIONS) == []
