"""Goods are found by words in both languages, narrowed by facets, ordered as asked, and paged without gaps."""

from pathlib import Path

import pytest

from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.market.catalog.model import Translation
from fairground.market.search.model import SearchResult, Sort
from tests.support.catalog import make_categories, make_product, make_shirt
from tests.support.search import feed_index, find, titles
from tests.support.shops import make_shop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


async def make_goods(db: Database) -> None:
    """Five things of two shops."""
    await make_categories(db)
    clay = await make_shop(db, name="灯与泥", slug="clay")
    loom = await make_shop(db, name="Half Past Loom", slug="loom")
    await make_product(db, clay, title="柴烧提梁壶，两人份", price=16_800, language="zh-CN", category="tableware")
    await make_product(db, clay, title="青浪茶壶 600 毫升", price=21_900, language="zh-CN", category="tableware")
    await make_product(db, clay, title="日本和服 浴衣", price=39_900, language="zh-CN")
    await make_product(
        db,
        loom,
        title="Plum check scarf, lambswool",
        description="Woven by hand in **Dali**, finished on the hem.",
        price=18_800,
        language="en",
        translations={"zh-CN": Translation("梅子格纹围巾，羊羔毛")},
    )
    await make_shirt(db, loom)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("茶壶", "青浪茶壶 600 毫升"),
        ("提梁壶", "柴烧提梁壶，两人份"),
        ("两人用的提梁壶", "柴烧提梁壶，两人份"),
        ("和服", "日本和服 浴衣"),
        ("围巾", "Plum check scarf, lambswool"),
        ("SCARFS", "Plum check scarf, lambswool"),
        ("woven dali", "Plum check scarf, lambswool"),
        ("shirt blue", "Shirt"),
        ("half past loom scarf", "Plum check scarf, lambswool"),
        ("tableware", "青浪茶壶 600 毫升"),
    ],
)
async def test_chinese_and_english_words_find_their_things_first(
    db: Database, folder: Path, words: str, found: str
) -> None:
    await make_goods(db)
    await feed_index(db, folder)
    result = await titles(db, folder, words)
    assert found in result[:2], result


async def test_a_chinese_query_without_a_match_finds_nothing_rather_than_nonsense(db: Database, folder: Path) -> None:
    await make_goods(db)
    await feed_index(db, folder)
    assert await titles(db, folder, "洗衣机") == []


async def test_prices_in_words_narrow_and_are_told(db: Database, folder: Path) -> None:
    await make_goods(db)
    await feed_index(db, folder)
    result = await find(db, folder, "壶 200 元以内")
    assert (result.words, result.max_price, result.total) == ("壶", 20_000, 1)
    assert await titles(db, folder, "under 100") == ["Shirt"]


async def test_filters_and_their_counts(db: Database, folder: Path) -> None:
    await make_goods(db)
    await feed_index(db, folder)
    everything = await find(db, folder)
    assert everything.total == 5
    assert sorted(everything.facets.shops.values()) == [2, 3]
    assert everything.facets.categories["tableware"] == 2
    assert [(low, n) for low, _, n in everything.facets.prices] == [(5_000, 1), (10_000, 2), (20_000, 2)]
    teapots = await find(db, folder, category="tableware")
    assert teapots.total == 2
    shop_id = next(shop for shop, n in everything.facets.shops.items() if n == 2)
    of_shop = await find(db, folder, shop_id=shop_id, min_price=10_000)
    assert of_shop.total == 1
    assert sorted(of_shop.facets.shops.values()) == [1, 3], "a group is counted without its own filter"


async def test_orders(db: Database, folder: Path) -> None:
    await make_goods(db)
    await feed_index(db, folder)
    cheap = await titles(db, folder, sort=Sort.PRICE)
    assert cheap[0] == "Shirt"
    assert cheap[-1] == "日本和服 浴衣"
    assert await titles(db, folder, sort=Sort.DEAREST) == cheap[::-1]
    for sort in Sort:
        assert sorted(await titles(db, folder, sort=sort)) == sorted(cheap)


@pytest.mark.parametrize("sort", list(Sort))
async def test_pages_join_without_gaps(db: Database, folder: Path, sort: Sort) -> None:
    shop = await make_shop(db)
    for number in range(7):
        await make_product(db, shop, title=f"Mug {number}", price=1_000 + number)
    await feed_index(db, folder)
    seen, after = list[int](), None
    while True:
        page: SearchResult = await find(db, folder, "mug", sort=sort, limit=3, after=after)
        assert page.total == 7
        seen += page.ids
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 7


async def test_a_foreign_cursor_is_refused(db: Database, folder: Path) -> None:
    await make_goods(db)
    await feed_index(db, folder)
    with pytest.raises(Invalid):
        await find(db, folder, after="bm90IGEgY3Vyc29y")


async def test_a_slip_of_the_pen_is_corrected(db: Database, folder: Path) -> None:
    await make_goods(db)
    await feed_index(db, folder)
    assert (await find(db, folder, "lambswoll")).did_you_mean == "lambswool"
    assert (await find(db, folder, "lambswool")).did_you_mean is None


async def test_without_an_index_the_newest_are_shown_and_it_is_said(db: Database, folder: Path) -> None:
    await make_goods(db)
    result = await find(db, folder, "茶壶", limit=3)
    assert not result.is_ready
    assert len(result.ids) == 3
    following = await find(db, folder, "茶壶", limit=3, after=result.next)
    assert len(set(result.ids) | set(following.ids)) == 5
    assert following.next is None
    by_shop = await find(db, folder, category="tableware")
    assert (by_shop.is_ready, len(by_shop.ids)) == (False, 2)


async def test_an_empty_market_has_nothing_to_prepare(db: Database, folder: Path) -> None:
    assert (await find(db, folder)).is_ready
    await feed_index(db, folder)
    result = await find(db, folder, "anything")
    assert (result.is_ready, result.ids, result.total) == (True, [], 0)
