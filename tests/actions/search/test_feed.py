"""The index follows what is on sale, survives its own loss, and is made anew beside the one in use."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from fairground.kit.db import Database
from fairground.kit.text_index import IndexBusy
from fairground.market.catalog.actions import change_product, withdraw_product
from fairground.market.catalog.model import ProductChange, ProductState
from fairground.market.search.actions import count_shown
from fairground.market.search.feed import IndexFeeder, reindex
from fairground.market.shops.actions.face import change_shop
from fairground.market.shops.actions.state import close_shop, suspend_shop
from fairground.market.shops.model import ShopChange
from tests.support.catalog import make_product
from tests.support.search import find, titles
from tests.support.shops import MARKET, desk_clerk, make_shop
from tests.support.world import pump


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
async def feeder(folder: Path) -> AsyncIterator[IndexFeeder]:
    feeder = IndexFeeder(folder)
    yield feeder
    feeder.close()


async def news(db: Database, feeder: IndexFeeder) -> int:
    await pump(db)
    return await feeder.feed(db)


async def test_what_goes_on_sale_is_found_and_what_is_withdrawn_is_not(
    db: Database, folder: Path, feeder: IndexFeeder
) -> None:
    shop = await make_shop(db)
    await news(db, feeder)
    product = await make_product(db, shop, title="Wave teapot")
    await make_product(db, shop, title="Secret teapot", state=ProductState.DRAFT)
    await news(db, feeder)
    assert await titles(db, folder, "teapot") == ["Wave teapot"]
    await db.write(MARKET, lambda tx: change_product(tx, product.id, ProductChange(title="Storm kettle")))
    await news(db, feeder)
    assert await titles(db, folder, "teapot") == []
    assert await titles(db, folder, "kettle") == ["Storm kettle"]
    await db.write(MARKET, lambda tx: withdraw_product(tx, product.id))
    await news(db, feeder)
    assert await titles(db, folder, "kettle") == []


async def test_news_is_looked_at_once(db: Database, feeder: IndexFeeder) -> None:
    shop = await make_shop(db)
    await news(db, feeder)
    await make_product(db, shop)
    assert await news(db, feeder) == 1
    assert await news(db, feeder) == 0
    db.clock.move(timedelta(minutes=5))
    assert await news(db, feeder) == 0


async def test_a_suspended_or_closed_shop_is_not_found(db: Database, folder: Path, feeder: IndexFeeder) -> None:
    first, second = await make_shop(db, slug="first"), await make_shop(db, slug="second")
    await make_product(db, first, title="First mug")
    await make_product(db, second, title="Second mug")
    await news(db, feeder)
    clerk = await desk_clerk(db)
    await db.write(clerk, lambda tx: suspend_shop(tx, first.id, "counterfeit goods"))
    await news(db, feeder)
    assert await titles(db, folder, "mug") == ["Second mug"]
    await db.write(MARKET, lambda tx: close_shop(tx, second.id))
    await news(db, feeder)
    assert await titles(db, folder, "mug") == []


async def test_a_shop_is_found_by_its_new_name(db: Database, folder: Path, feeder: IndexFeeder) -> None:
    shop = await make_shop(db, name="Old Kiln")
    await make_product(db, shop, title="Mug")
    await news(db, feeder)
    await db.write(MARKET, lambda tx: change_shop(tx, shop.id, ShopChange(name="Moonrise")))
    await news(db, feeder)
    assert await titles(db, folder, "moonrise") == ["Mug"]


async def test_a_lost_folder_is_made_anew(db: Database, folder: Path, feeder: IndexFeeder) -> None:
    shop = await make_shop(db)
    await make_product(db, shop, title="Mug")
    await news(db, feeder)
    shutil.rmtree(folder)
    assert not (await find(db, folder, "mug")).is_ready
    await feeder.feed(db)
    assert await titles(db, folder, "mug") == ["Mug"]


async def test_a_damaged_index_is_noticed_at_the_next_start(db: Database, folder: Path, feeder: IndexFeeder) -> None:
    shop = await make_shop(db)
    await make_product(db, shop, title="Mug")
    await news(db, feeder)
    feeder.close()
    for file in folder.glob("*-*/*.store"):
        file.write_bytes(b"rubbish")
    again = IndexFeeder(folder)
    await again.feed(db)
    assert await titles(db, folder, "mug") == ["Mug"]
    again.close()


async def test_a_feeder_that_was_away_catches_up(db: Database, folder: Path, feeder: IndexFeeder) -> None:
    shop = await make_shop(db)
    await news(db, feeder)
    feeder.close()
    await make_product(db, shop, title="Mug")
    db.clock.move(timedelta(days=2))
    await make_product(db, shop, title="Bowl")
    again = IndexFeeder(folder)
    assert await news(db, again) == 2
    assert sorted(await titles(db, folder)) == ["Bowl", "Mug"]
    again.close()


async def test_two_machines_follow_the_same_news(db: Database, tmp_path: Path) -> None:
    shop = await make_shop(db)
    here, there = IndexFeeder(tmp_path / "here"), IndexFeeder(tmp_path / "there")
    await here.feed(db)
    await there.feed(db)
    await make_product(db, shop, title="Mug")
    assert await news(db, here) == 1
    assert await there.feed(db) == 1
    assert await titles(db, tmp_path / "there") == ["Mug"]
    here.close()
    there.close()


async def test_of_two_workers_on_a_machine_one_writes_and_the_other_takes_over(
    db: Database, folder: Path, feeder: IndexFeeder
) -> None:
    await feeder.feed(db)
    second = IndexFeeder(folder)
    with pytest.raises(IndexBusy):
        await second.feed(db)
    feeder.close()
    shop = await make_shop(db)
    await make_product(db, shop, title="Mug")
    assert await news(db, second) == 1
    second.close()


async def test_reindex_swaps_beside_the_running_one(db: Database, folder: Path, feeder: IndexFeeder) -> None:
    shop = await make_shop(db)
    for number in range(5):
        await make_product(db, shop, title=f"Mug {number}")
    await news(db, feeder)
    before = (folder / "current").read_text()
    assert await reindex(db, folder) == 5
    assert (folder / "current").read_text() != before
    await make_product(db, shop, title="Mug 5")
    await news(db, feeder)
    assert (await find(db, folder, "mug")).total == 6


async def test_shows_reach_the_index_in_steps(db: Database, feeder: IndexFeeder) -> None:
    shop = await make_shop(db)
    await news(db, feeder)
    product = await make_product(db, shop)
    await news(db, feeder)
    await db.write(MARKET, lambda tx: count_shown(tx, {product.id: 3}))
    assert await feeder.feed(db) == 0
    await db.write(MARKET, lambda tx: count_shown(tx, {product.id: 30}))
    assert await feeder.feed(db) == 1
    await db.write(MARKET, lambda tx: count_shown(tx, {product.id: 5_000}))
    await feeder.feed(db)
    await db.write(MARKET, lambda tx: count_shown(tx, {product.id: 5_000}))
    assert await feeder.feed(db) == 0
