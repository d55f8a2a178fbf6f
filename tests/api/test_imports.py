"""Files of goods by API."""

from typing import Any

import httpx

from fairground.app.wiring import jobs
from tests.support.accounts import make_person, sign_in_as
from tests.support.jobs import work_off
from tests.support.media import draw
from tests.support.web import Market

GOODS = """Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Tracker,Variant Inventory Qty
mug,Mug,Size,S,19.90,shopify,4
mug,,,L,free,shopify,4
bowl,Bowl,,,30,,
"""
PATH = "/api/v1/shops/tea-house/imports"


async def sellers_token(market: Market, slug: str = "tea-house") -> str:
    token = (await sign_in_as(market.db, await make_person(market.db))).token
    async with market.program(token) as seller:
        assert (await seller.post("/api/v1/shops", json={"name": slug, "slug": slug})).status_code == 201
    return token


async def bring(seller: httpx.AsyncClient, data: bytes | str = GOODS, format: str = "shopify", **more: str) -> Any:  # noqa: A002
    body = data.encode() if isinstance(data, str) else data
    return await seller.post(PATH, files={"file": ("goods.csv", body)}, data={"format": format, **more})


async def run_jobs(market: Market) -> None:
    await work_off(market.db, [job for job in jobs(market.outfit) if job.name == "catalog.run_import"])


async def test_a_file_is_taken_and_reported_line_by_line(market: Market) -> None:
    async with market.program(await sellers_token(market)) as seller:
        answer = await bring(seller)
        assert (answer.status_code, answer.json()["state"]) == (202, "queued")
        where = f"{PATH}/{answer.json()['id']}"
        await run_jobs(market)
        report = (await seller.get(where)).json()
        assert (report["state"], report["created"], report["updated"]) == ("done", 2, 0)
        assert report["refused"] == [
            {"line": 3, "field": "Variant Price", "reason": "“free” is no number.", "code": "exchange.number"}
        ]
        chinese = (await seller.get(where, headers={"accept-language": "zh"})).json()
        assert chinese["refused"][0]["line"] == 3
        again = await bring(seller)
        await run_jobs(market)
        report = (await seller.get(f"{PATH}/{again.json()['id']}")).json()
        assert (report["created"], report["updated"], report["unchanged"]) == (0, 0, 2)
        assert len((await seller.get(PATH)).json()["items"]) == 2


async def test_a_picture_is_refused_at_once_with_its_field(market: Market) -> None:
    async with market.program(await sellers_token(market)) as seller:
        answer = await bring(seller, draw(form="PNG"))
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/file", "exchange.not_a_table")
        assert "a picture" in error["message"]
        wrong = await bring(seller, "Name,Cost\nA,5\n")
        assert wrong.json()["errors"][0]["code"] == "exchange.wrong_header"
        assert (await bring(seller, format="excel")).json()["errors"][0]["pointer"] == "/format"
        assert (await seller.post(PATH, data={"format": "shopify"})).status_code == 422
        assert (await seller.get(PATH)).json()["items"] == []


async def test_a_dry_run_may_be_followed_by_the_real_one(market: Market) -> None:
    async with market.program(await sellers_token(market)) as seller:
        dry = (await bring(seller, dry_run="true")).json()
        await run_jobs(market)
        report = (await seller.get(f"{PATH}/{dry['id']}")).json()
        assert (report["dry_run"], report["created"], report["refused_count"]) == (True, 2, 1)
        assert (await seller.get("/api/v1/shops/tea-house/products")).json()["items"] == []
        real = await seller.post(f"{PATH}/{dry['id']}/repetition")
        assert real.status_code == 202
        await run_jobs(market)
        assert (await seller.get(f"{PATH}/{real.json()['id']}")).json()["created"] == 2
        assert (await seller.post(f"{PATH}/{dry['id']}/repetition")).status_code == 404


async def test_a_second_file_waits_for_the_first(market: Market) -> None:
    async with market.program(await sellers_token(market)) as seller:
        await bring(seller)
        answer = await bring(seller)
        assert (answer.status_code, answer.json()["code"]) == (409, "exchange.running")


async def test_to_strangers_there_are_no_imports(market: Market) -> None:
    token, other = await sellers_token(market), await sellers_token(market, "other-house")
    async with market.program(token) as seller, market.program(other) as stranger, market.program() as guest:
        made = (await bring(seller)).json()["id"]
        assert (await bring(stranger)).status_code == 404
        assert (await stranger.get(f"{PATH}/{made}")).status_code == 404
        assert (await stranger.get(f"/api/v1/shops/other-house/imports/{made}")).status_code == 404
        assert (await stranger.post(f"/api/v1/shops/other-house/imports/{made}/repetition")).status_code == 404
        assert (await stranger.get("/api/v1/shops/tea-house/export")).status_code == 404
        assert (await guest.get(PATH)).status_code == 401
        assert (await seller.get(f"{PATH}/nonsense")).status_code == 404


async def test_goods_go_out_as_a_file_that_comes_back(market: Market) -> None:
    async with market.program(await sellers_token(market)) as seller:
        await bring(seller)
        await run_jobs(market)
        for kind in ("csv", "jsonl"):
            out = await seller.get(f"/api/v1/shops/tea-house/export?format={kind}")
            assert out.status_code == 200
            assert f"tea-house-goods.{kind}" in out.headers["content-disposition"]
            again = await bring(seller, out.content, "fairground")
            await run_jobs(market)
            report = (await seller.get(f"{PATH}/{again.json()['id']}")).json()
            assert (report["unchanged"], report["updated"], report["refused"]) == (2, 0, [])
        assert (await seller.get("/api/v1/shops/tea-house/export?format=xml")).status_code == 422
