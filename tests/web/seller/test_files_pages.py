"""Bringing a file by the page: look first, then for real; what was refused can be worked off."""

from fairground.app.wiring import jobs
from fairground.market.shops.queries import find_shop_by_slug
from tests.support.exchange import products_of
from tests.support.jobs import work_off
from tests.support.media import draw
from tests.support.shopkeeper import Shopkeeper, shopkeeper
from tests.support.web import Market

FILES = "/seller/tea-house/goods/import"
GOODS = b"Handle,Title,Variant Price\nmug,Mug,19.90\nbowl,Bowl,free\nplate,Plate,9\n"


async def run_jobs(market: Market) -> None:
    await work_off(market.db, [job for job in jobs(market.outfit) if job.name == "catalog.run_import"])


async def bring(who: Shopkeeper, data: bytes = GOODS, step: str = "look", format: str = "shopify") -> str:  # noqa: A002
    await who.see(FILES)
    answer = await who.send(FILES, {"format": format, "step": step}, files=[("file", ("goods.csv", data))])
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def handles(market: Market) -> set[str]:
    shop = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
    assert shop is not None
    return set(await products_of(market.db, shop))


async def test_looking_first_changes_nothing_and_importing_follows(market: Market) -> None:
    async with shopkeeper(market) as who:
        where = await bring(who)
        waiting = await who.see(where)
        assert "Waiting for its turn" in waiting
        assert 'hx-trigger="every 2s"' in waiting
        await run_jobs(market)
        report = await who.see(where)
        assert "Nothing was changed yet." in report
        assert "“free” is no number." in report
        assert 'hx-trigger="every 2s"' not in report
        assert await handles(market) == set()
        answer = await who.send(where)
        await run_jobs(market)
        assert "Your goods are here." in await who.see(answer.headers["location"])
        assert await handles(market) == {"mug", "plate"}
        assert "goods.csv" in await who.see(FILES)


async def test_refused_lines_go_out_as_a_table(market: Market) -> None:
    async with shopkeeper(market, "zh") as who:
        where = await bring(who, step="import")
        await run_jobs(market)
        answer = await who.visitor.get(f"{where}/refused.csv")
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert lines[1].startswith("3,Variant Price,")
        assert "free" in lines[1]


async def test_what_is_no_table_is_refused_beside_the_field(market: Market) -> None:
    async with shopkeeper(market) as who:
        await who.see(FILES)
        fields = {"format": "shopify", "step": "look"}
        answer = await who.send(FILES, fields, files=[("file", ("goods.csv", draw(form="PNG")))])
        assert answer.status_code == 422
        assert "This is no table of goods but a picture." in answer.text
        answer = await who.send(FILES, fields)
        assert "Please choose a file." in answer.text
        answer = await who.send(FILES, {"step": "look"}, files=[("file", ("goods.csv", GOODS))])
        assert "Please choose whose file it is." in answer.text
        await bring(who)
        answer = await who.send(FILES, fields, files=[("file", ("goods.csv", GOODS))])
        assert "just being imported" in answer.text


async def test_all_goods_are_taken_away_as_one_file(market: Market) -> None:
    async with shopkeeper(market) as who:
        await bring(who, step="import")
        await run_jobs(market)
        out = await who.visitor.get("/seller/tea-house/goods/export/csv")
        assert "tea-house-goods.csv" in out.headers["content-disposition"]
        where = await bring(who, out.content, "import", "fairground")
        await run_jobs(market)
        report = await who.see(where)
        assert "Your goods are here." in report
        assert await handles(market) == {"mug", "plate"}
