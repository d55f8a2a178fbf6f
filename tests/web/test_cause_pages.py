"""Causes as pages: linked and decided at the desk, read by everybody in both languages."""

from fairground.market.justice.queries.causes import list_causes
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.complaints import complain, decide
from tests.support.desk import enter_as, enter_desk, post_form
from tests.support.shops import desk_clerk, make_shop
from tests.support.web import Market


async def test_a_closed_complaint_becomes_a_change_that_everybody_reads(market: Market) -> None:
    db, page = market.db, "/desk/causes"
    complaint = await complain(db, await make_product(db, await make_shop(db), title="Odd pot"))
    await decide(db, complaint, await desk_clerk(db), upheld=False)
    async with market.visitor() as desk, market.visitor() as guest, market.visitor("zh") as reader:
        await enter_desk(market, desk)
        assert (await post_form(desk, page, page, {"title": " "})).status_code == 422
        assert (
            await post_form(desk, page, page, {"title": "Unclear marks", "title_zh": "标记不清"})
        ).status_code == 303
        (cause,) = await db.read(list_causes)
        assert "Odd pot" in (await desk.get(page)).text
        wrong = {"kind": "ticket", "number": "4242424242", "cause": str(cause.id)}
        assert (await post_form(desk, page, f"{page}/links", wrong)).status_code == 422
        link = {"kind": "complaint", "number": str(complaint.id), "cause": str(cause.id)}
        assert (await post_form(desk, page, f"{page}/links", link)).status_code == 303
        assert "Odd pot" not in (await desk.get(page)).text
        path = f"{page}/{cause.id}/decision"
        assert (await post_form(desk, page, path, {"decision": "rule"})).status_code == 422
        said = {
            "decision": "rule",
            "words": "Marks <b>must</b> be shown.",
            "words_zh": "必须展示标记。",
            "link": "/justice/rules",
        }
        assert (await post_form(desk, page, path, said)).status_code == 303
        shown = (await guest.get("/justice/causes")).text
        assert "Unclear marks" in shown
        assert "Marks &lt;b&gt;must&lt;/b&gt; be shown." in shown
        shown = (await reader.get("/justice/causes")).text
        assert "标记不清" in shown
        assert "必须展示标记。" in shown


async def test_the_desk_of_causes_is_not_there_for_others(market: Market) -> None:
    async with market.visitor() as stranger:
        await enter_as(market, stranger, await make_person(market.db, "Ming"))
        assert (await stranger.get("/desk/causes")).status_code == 404
        for path in ("/desk/causes", "/desk/causes/links", "/desk/causes/123/decision"):
            assert (await post_form(stranger, "/account", path, {"title": "x"})).status_code == 404, path
