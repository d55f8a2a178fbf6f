"""Reports as pages and by API, without JavaScript: the link, the form, one's own list, the desk's decision."""

import pytest

from fairground.market.catalog.model import ProductState
from fairground.market.justice.queries.reports import list_open_piles
from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_product, product_now
from tests.support.desk import deeds, enter_as, enter_desk, post_form
from tests.support.shops import make_shop
from tests.support.web import Market


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_listing_is_reported_and_the_desk_takes_it_away(market: Market, language: str) -> None:
    reporter = await make_person(market.db, "Ming")
    product = await make_product(market.db, await make_shop(market.db), title="Odd pot")
    about = f"product-{product.id}"
    async with market.visitor(language) as mine, market.visitor() as desk:
        await enter_as(market, mine, reporter)
        assert f"/report?about={about}" in (await mine.get(f"/p/{product.id}")).text
        page = f"/report?about={about}"
        assert f"/justice/complaints/new?listing={product.id}" in (await mine.get(page)).text
        empty = await post_form(mine, page, "/report", {"about": about})
        assert empty.status_code == 422
        silent = await post_form(mine, page, "/report", {"about": about, "why": "other"})
        assert silent.status_code == 422
        form = {"about": about, "why": "unsafe", "words": "<b>Sharp</b>"}
        assert (await post_form(mine, page, "/report", form)).headers["location"] == "/account/reports"
        again = await post_form(mine, page, "/report", form)
        assert again.headers["location"] == "/account/reports"
        assert "Odd pot" in (await mine.get("/account/reports")).text
        (pile,) = (await market.db.read(list_open_piles)).items
        assert pile.reports == 1
        await enter_desk(market, desk)
        assert "Odd pot" in (await desk.get("/desk/reports")).text
        path = f"/desk/reports/{pile.id}"
        assert "&lt;b&gt;Sharp&lt;/b&gt;" in (await desk.get(path)).text
        assert (await post_form(desk, path, f"{path}/decision", {"reason": "x"})).status_code == 422
        assert (await post_form(desk, path, f"{path}/decision", {"outcome": "remove"})).status_code == 422
        done = await post_form(desk, path, f"{path}/decision", {"outcome": "remove", "reason": "It cuts."})
        assert done.headers["location"] == "/desk/reports"
        late = await post_form(desk, path, f"{path}/decision", {"outcome": "dismiss", "reason": "No."})
        assert late.headers["location"] == "/desk/reports"
        assert "It cuts." in (await mine.get("/account/reports")).text
    assert (await product_now(market.db, product.id)).state is ProductState.OFF_SALE
    assert ("justice.reports_remove", "It cuts.") in await deeds(market)


async def test_what_is_not_there_and_what_is_odd_is_not_found(market: Market) -> None:
    async with market.visitor() as mine, market.visitor() as guest:
        await enter_as(market, mine, await make_person(market.db, "Ming"))
        for about in ("", "product-", "product-0", "person-12", "shop-9223372036854775808", "message-x"):
            assert (await mine.get(f"/report?about={about}")).status_code == 404, about
        gone = await post_form(mine, "/account/reports", "/report", {"about": "product-123456", "why": "spam"})
        assert gone.status_code == 404
        assert (await mine.get("/desk/reports")).status_code == 404
        assert (await guest.get("/report?about=shop-12")).headers["location"].startswith("/sign-in")


async def test_reports_by_api(market: Market) -> None:
    reporter, other = await make_person(market.db, "Ming"), await make_person(market.db, "Hua")
    shop = await make_shop(market.db)
    tokens = [(await sign_in_as(market.db, who)).token for who in (reporter, other)]
    body = {"kind": "shop", "subject_id": str(shop.id), "why": "misleading", "words": "No kiln there."}
    async with market.program(tokens[0]) as mine, market.program(tokens[1]) as theirs:
        made = await mine.post("/api/v1/reports", json=body)
        assert (made.status_code, made.json()["outcome"]) == (201, None)
        again = await mine.post("/api/v1/reports", json=body)
        assert (again.status_code, again.json()["code"]) == (409, "justice.already_reported")
        assert (await mine.get("/api/v1/reports")).json()["items"] == [made.json()]
        assert (await theirs.get("/api/v1/reports")).json() == {"items": [], "next": None}
        assert (await theirs.get("/api/v1/reports?role=desk")).status_code == 404
        path = f"/api/v1/reports/{made.json()['id']}/decisions"
        assert (await theirs.post(path, json={"outcome": "dismiss", "reason": "x"})).status_code == 404
        assert (await mine.post("/api/v1/reports", json={**body, "kind": "cat"})).status_code == 422
