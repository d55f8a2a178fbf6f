"""A saved market comes back whole, a damaged one is refused, nothing is overwritten."""

from pathlib import Path

import asyncpg
import pytest

from fairground.app.backup import bring_back, save
from fairground.app.outfit import make_storage
from fairground.app.reach import NotReady, data_folder
from fairground.app.settings import Settings
from tests.support.postgres import drop_database, fresh_database


@pytest.fixture
async def saved(dsn: str, tmp_path: Path) -> tuple[Path, Settings]:
    settings = Settings(data=str(tmp_path / "data"), database_url=dsn)
    storage = make_storage(settings, data_folder(settings))
    await storage.put("public/lamp.webp", b"a lamp", "image/webp")
    conn = await asyncpg.connect(dsn)
    await conn.execute("insert into kit.timers (name) values ('lamp'), ('kite')")
    await conn.close()
    result = await save(settings, str(tmp_path / "saved"))
    assert result["files"] == 1
    return tmp_path / "saved", settings


async def test_it_comes_back_whole(saved: tuple[Path, Settings], tmp_path: Path) -> None:
    folder, _ = saved
    empty = await fresh_database("template0")
    try:
        target = Settings(data=str(tmp_path / "new"), database_url=empty)
        await bring_back(target, str(folder))
        conn = await asyncpg.connect(empty)
        assert await conn.fetchval("select count(*) from kit.timers where name in ('lamp', 'kite')") == 2
        await conn.close()
        assert await make_storage(target, data_folder(target)).get("public/lamp.webp") == b"a lamp"
    finally:
        await drop_database(empty)


async def test_nothing_is_saved_over_another_save_or_restored_over_a_market(saved: tuple[Path, Settings]) -> None:
    folder, settings = saved
    with pytest.raises(NotReady, match="not empty"):
        await save(settings, str(folder))
    with pytest.raises(NotReady, match="market in that database"):
        await bring_back(settings, str(folder))


@pytest.mark.parametrize("name", ["database.dump", "files/public/lamp.webp", "manifest.json"])
async def test_a_damaged_save_is_refused_before_anything_is_written(
    saved: tuple[Path, Settings], tmp_path: Path, name: str
) -> None:
    folder, _ = saved
    (folder / name).write_bytes(b"moths have been here")
    empty = await fresh_database("template0")
    try:
        with pytest.raises(NotReady):
            await bring_back(Settings(data=str(tmp_path / "new"), database_url=empty), str(folder))
        conn = await asyncpg.connect(empty)
        assert await conn.fetchval("select to_regclass('kit.timers')") is None
        await conn.close()
    finally:
        await drop_database(empty)
