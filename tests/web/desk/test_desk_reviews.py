"""Odd reviews at the desk: the list, one flag, the decision."""

from fairground.market.reviews.jobs import find_all
from fairground.market.reviews.queries import list_open_flags
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.desk import deeds, enter_as, enter_desk, post_form
from tests.support.reviews import let_news_travel, make_review, review_now
from tests.support.shops import make_shop
from tests.support.web import Market

PRAISE = "This teapot <pours> without a single drop, and the lid fits as if it had grown there."


async def test_a_clerk_looks_and_takes_one_away_with_a_reason(market: Market) -> None:
    product = await make_product(market.db, await make_shop(market.db), stock=None)
    reviews = [await make_review(market.db, product, words=PRAISE) for _ in range(2)]
    await let_news_travel(market.db)
    await find_all(market.db)
    (flag,) = (await market.db.read(list_open_flags)).items
    page = f"/desk/reviews/{flag.id}"
    async with market.visitor() as browser:
        await enter_desk(market, browser)
        shown = (await browser.get("/desk/reviews")).text
        assert "2 reviews by 2 people for 1 shops resemble each other." in shown
        assert page in shown
        one = (await browser.get(page)).text
        assert one.count("This teapot &lt;pours&gt;") == 2
        ticked = {"reviews": str(reviews[1].id)}
        assert (await post_form(browser, page, page, ticked)).status_code == 422
        answer = await post_form(browser, page, page, {**ticked, "reason": "Copied."})
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/reviews")
        assert (await review_now(market.db, reviews[1].id)).removed_why == "Copied."
        assert "Nothing odd waits" in (await browser.get("/desk/reviews")).text
        assert "Taken away" in (await browser.get("/desk/reviews?decided=true")).text
        assert ("reviews.decide_flag", "Copied.") in await deeds(market)


async def test_only_staff_comes_in(market: Market) -> None:
    async with market.visitor() as browser:
        await enter_as(market, browser, await make_person(market.db, "Stranger"))
        assert (await browser.get("/desk/reviews")).status_code in {403, 404}
        assert (await browser.get("/desk/reviews/5")).status_code in {403, 404}
