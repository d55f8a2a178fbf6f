"""The market opens: health, static things, languages, troubles."""

from tests.support.web import Market


async def test_it_is_alive_and_ready(market: Market) -> None:
    async with market.program() as program:
        assert (await program.get("/health/live")).status_code == 200
        assert (await program.get("/health/ready")).json() == {"status": "ready", "database": True}


async def test_an_unknown_api_address_is_a_problem(market: Market) -> None:
    async with market.program() as program:
        answer = await program.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["code"] == "not_found"


async def test_an_unknown_page_is_a_kind_page_in_the_readers_language(market: Market) -> None:
    async with market.visitor("zh") as visitor:
        answer = await visitor.get("/nowhere")
    assert answer.status_code == 404
    assert 'lang="zh-CN"' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_chosen_language_stays(market: Market) -> None:
    async with market.visitor("en") as visitor:
        assert (await visitor.post("/language", data={"language": "zh-CN", "next": "/nowhere"})).status_code == 303
        assert 'lang="zh-CN"' in (await visitor.get("/nowhere")).text
        assert (await visitor.post("/language", data={"language": "xx"})).status_code == 422


async def test_a_deed_sent_from_another_site_is_refused(market: Market) -> None:
    async with market.visitor() as visitor:
        answer = await visitor.post("/language", data={"language": "zh-CN"}, headers={"origin": "http://evil.test"})
        assert answer.status_code == 403
        assert "fg_language" not in visitor.cookies


async def test_a_language_switch_leads_only_to_our_own_pages(market: Market) -> None:
    async with market.visitor() as visitor:
        answer = await visitor.post("/language", data={"language": "en", "next": "//evil.test/"})
        assert answer.headers["location"] == "/"
