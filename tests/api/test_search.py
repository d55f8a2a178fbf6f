"""Finding goods by API."""

import pytest

from fairground.market.search.actions import count_queries
from tests.support.catalog import make_categories, make_product
from tests.support.search import feed_index
from tests.support.shops import MARKET, make_shop
from tests.support.web import Market


async def open_tables(market: Market) -> None:
    """Ten mugs of one shop, a teapot of another."""
    await make_categories(market.db)
    clay, loom = await make_shop(market.db, slug="clay"), await make_shop(market.db, slug="loom")
    for number in range(10):
        await make_product(market.db, clay, title=f"Mug {number}", price=1_000 * (number + 1), category="tableware")
    await make_product(market.db, loom, title="青浪茶壶", price=21_900, language="zh-CN", category="tableware")
    await feed_index(market.db, market.outfit.index_folder)
    await market.outfit.finder.refresh(market.db)


async def test_products_are_found_narrowed_and_paged(market: Market) -> None:
    await open_tables(market)
    async with market.program() as program:
        first = (await program.get("/api/v1/products?q=mug&sort=price&limit=4")).json()
        second = (await program.get(f"/api/v1/products?q=mug&sort=price&limit=4&after={first['next']}")).json()
        narrow = (await program.get("/api/v1/products?min_price=2000&max_price=3000&shop=clay")).json()
    assert first["total"] == 10
    assert [item["price_low"]["amount"] for item in first["items"] + second["items"]] == [
        1_000 * n for n in range(1, 9)
    ]
    assert isinstance(first["items"][0]["id"], str)
    assert first["facets"]["shops"] == [{"slug": "clay", "name": "Lantern & Clay", "count": 10}]
    assert {"slug": "tableware", "name": "Tableware", "count": 10} in first["facets"]["categories"]
    assert narrow["total"] == 2


@pytest.mark.parametrize(
    "query", ["sort=sideways", "limit=0", "limit=1000", "after=xyz", "min_price=-1", "min_price=1.5"]
)
async def test_what_cannot_be_asked_is_named(market: Market, query: str) -> None:
    async with market.program() as program:
        answer = await program.get(f"/api/v1/products?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


async def test_an_unknown_shop_is_not_found(market: Market) -> None:
    async with market.program() as program:
        assert (await program.get("/api/v1/products?shop=nobody")).status_code == 404


async def test_suggestions_come_from_titles_categories_and_what_many_asked(market: Market) -> None:
    await open_tables(market)
    async with market.program() as program:
        for _ in range(5):
            await program.get("/api/v1/products", params={"q": "Mug 3"})
        await market.outfit.finder.write_notes(market.db)
        await market.db.write(MARKET, count_queries)
        english = (await program.get("/api/v1/suggestions?q=mu")).json()["items"]
        chinese = (
            await program.get("/api/v1/suggestions", params={"q": "茶"}, headers={"accept-language": "zh"})
        ).json()
        nothing = (await program.get("/api/v1/suggestions?q=")).json()
    assert english[0] == {"kind": "query", "text": "mug 3", "target": None}
    assert {"product"} <= {item["kind"] for item in english}
    texts = [item["text"] for item in chinese["items"]]
    assert "青浪茶壶" in texts
    assert "茶叶" in texts
    assert nothing["items"] == []


async def test_queries_are_kept_without_who_asked(market: Market) -> None:
    await open_tables(market)
    async with market.program() as program:
        await program.get("/api/v1/products", params={"q": "Mug under 50", "category": "tableware"})
        await program.get("/api/v1/products", params={"q": "nobody has this"})
    assert await market.outfit.finder.write_notes(market.db) > 2
    rows = await market.db.read(lambda r: r.rows("select * from search.queries order by found desc"))
    assert [(r["words"], r["found"]) for r in rows] == [("mug", 5), ("nobody has this", 0)]
    assert rows[0]["filters"] == ["tableware", "price"]
    assert set(rows[0].keys()) == {"bucket", "id", "at", "words", "language", "filters", "found"}
    shown = await market.db.read(lambda r: r.value("select sum(shown) from search.listings"))
    assert shown == 5


async def test_notes_wait_while_they_cannot_be_written(market: Market) -> None:
    await open_tables(market)
    finder = market.outfit.finder
    async with market.program() as program:
        await program.get("/api/v1/products", params={"q": "mug"})
    from tests.support.statements import StatementFailed, fail_at

    with fail_at(0), pytest.raises(StatementFailed):
        await finder.write_notes(market.db)
    assert await finder.write_notes(market.db) == 11
    assert await finder.write_notes(market.db) == 0


async def test_suggestions_of_others_begin_with_many(market: Market) -> None:
    await open_tables(market)
    async with market.program() as program:
        for _ in range(4):
            await program.get("/api/v1/products", params={"q": "mug 3"})
    await market.outfit.finder.write_notes(market.db)
    assert await market.db.write(MARKET, count_queries) == 0
