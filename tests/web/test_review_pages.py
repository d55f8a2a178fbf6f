"""Reviews as pages: the form on an order, all reviews of a product, the shop's answers; without JavaScript."""

import re
from datetime import timedelta

import pytest
from httpx import AsyncClient

from fairground.kit.actor import person as acting
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.accounts.actions.sessions import open_session
from fairground.market.accounts.model import Person
from fairground.market.accounts.queries import get_person
from fairground.market.orders.model import Order
from fairground.market.reviews.actions.removing import remove_review
from fairground.market.reviews.jobs import rescore_all
from fairground.market.reviews.model import ReviewDraft
from fairground.market.reviews.queries import find_scores, list_reviews_of_order
from fairground.market.shops.model import Shop, ShopId
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.desk import SESSION, enter_as, post_form
from tests.support.media import draw
from tests.support.orders import make_buyer, place_order
from tests.support.reviews import let_news_travel, make_review, received_order, rows_of_reviews, write
from tests.support.shops import MARKET, make_shop
from tests.support.statements import statements
from tests.support.web import Market, token_of

A_SESSION = 1
NAUGHTY = "<script>alert(1)</script> & “good”\nsecond line"


async def an_order(market: Market, name: str = "小文") -> tuple[Order, Person]:
    """Let somebody receive an order of two lines."""
    someone = await make_person(market.db, name)
    wish = AddressWish("Lin Ming", "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", ["文三路 1 号"], "310000")
    address = await market.db.write(acting(someone.id), lambda tx: add_address(tx, someone.id, wish))
    shop = await make_shop(market.db)
    products = [await make_product(market.db, shop, title=title) for title in ("Pot", "Cup")]
    return await received_order(market.db, *products, buyer=(someone.id, address)), someone


async def reviews_of(market: Market, order: Order):
    """Read what was written of an order."""
    return await market.db.read(lambda r: list_reviews_of_order(r, order.id, order.shop_id))


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_an_order_is_reviewed_on_one_page(market: Market, language: str) -> None:
    order, buyer = await an_order(market)
    page = f"/orders/{order.id}/review"
    async with market.visitor(language) as browser:
        await enter_as(market, browser, buyer)
        with statements() as seen:
            shown = (await browser.get(page)).text
        assert len(seen) <= 6 + A_SESSION, seen
        assert "Pot" in shown
        assert "Cup" in shown
        form = {
            "csrf": token_of(shown), "reviews-1-stars": "5", "reviews-1-words": NAUGHTY, "reviews-2-stars": "",
            "scores-described": "5", "scores-service": "4", "scores-shipping": "3",
        }  # fmt: skip
        files = [("reviews-1-pictures", (f"{i}.jpg", draw(), "image/jpeg")) for i in range(2)]
        answer = await browser.post(page, data=form, files=files)
        assert answer.status_code == 303
        (review,) = await reviews_of(market, order)
        assert (review.stars, review.words, len(review.pictures)) == (5, NAUGHTY, 2)
        scores = await market.db.read(lambda r: find_scores(r, order.id, order.shop_id))
        assert scores is not None
        assert (scores.described, scores.service, scores.shipping) == (5, 4, 3)
        shown = (await browser.get(page)).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “good”<br>second line" in shown
        assert "reviews-2-stars" in shown
        assert "reviews-1-stars" not in shown
        assert "scores-described" not in shown
        assert "小***" in shown


async def test_wrong_fields_stand_beside_their_line_and_keep_what_was_written(market: Market) -> None:
    order, buyer = await an_order(market)
    page = f"/orders/{order.id}/review"
    async with market.visitor() as browser:
        await enter_as(market, browser, buyer)
        answer = await post_form(browser, page, page, {"reviews-2-words": "No stars given", "scores-service": "4"})
        assert answer.status_code == 422
        assert 'id="f-reviews-2-stars-error"' in answer.text or 'href="#f-reviews-2-stars"' in answer.text
        assert "No stars given" in answer.text
        answer = await post_form(browser, page, page, {})
        assert answer.status_code == 422
        assert "at least one thing" in answer.text
        token = token_of((await browser.get(page)).text)
        files = {"reviews-2-pictures": ("a.png", b"<html>", "image/png")}
        answer = await browser.post(page, data={"csrf": token, "reviews-2-stars": "5"}, files=files)
        assert answer.status_code == 422
        assert 'id="f-reviews-2-pictures-error"' in answer.text
    assert await rows_of_reviews(market.db) == []


async def test_scores_are_given_whole_or_not_at_all(market: Market) -> None:
    order, buyer = await an_order(market)
    page = f"/orders/{order.id}/review"
    async with market.visitor() as browser:
        await enter_as(market, browser, buyer)
        half = await post_form(browser, page, page, {"reviews-1-stars": "5", "scores-service": "4"})
        assert half.status_code == 422
        assert await rows_of_reviews(market.db) == []
        assert (await post_form(browser, page, page, {"reviews-1-stars": "5"})).status_code == 303


async def test_a_change_of_mind_and_something_added(market: Market) -> None:
    order, buyer = await an_order(market)
    page = f"/orders/{order.id}/review"
    async with market.visitor() as browser:
        await enter_as(market, browser, buyer)
        await post_form(browser, page, page, {"reviews-1-stars": "2", "reviews-1-words": "Loose lid"})
        (review,) = await reviews_of(market, order)
        name = f"change-{review.id}"
        wrong = await post_form(browser, page, f"{page}/{review.id}/change", {f"{name}-words": "Kept"})
        assert wrong.status_code == 422
        assert "Kept" in wrong.text
        good = {f"{name}-stars": "4", f"{name}-words": "New lid came"}
        assert (await post_form(browser, page, f"{page}/{review.id}/change", good)).status_code == 303
        more = {f"more-{review.id}-words": "Still fits"}
        assert (await post_form(browser, page, f"{page}/{review.id}/more", more)).status_code == 303
        assert (await post_form(browser, page, f"{page}/{review.id}/other", more)).status_code == 404
        (review,) = await reviews_of(market, order)
        assert (review.stars, review.words, review.more_words) == (4, "New lid came", "Still fits")
        shown = (await browser.get(page)).text
        assert "/change" not in shown
        assert "/more" not in shown


async def test_strangers_do_not_review(market: Market) -> None:
    order, _ = await an_order(market)
    page = f"/orders/{order.id}/review"
    async with market.visitor() as stranger, market.visitor() as guest:
        await enter_as(market, stranger, await make_person(market.db))
        assert (await stranger.get(page)).status_code == 404
        assert (await post_form(stranger, "/account", page, {"reviews-1-stars": "1"})).status_code == 404
        assert (await guest.get(page)).headers["location"].startswith("/sign-in")
    assert await rows_of_reviews(market.db) == []


async def test_an_order_under_way_has_no_review_form(market: Market) -> None:
    who, address = await make_buyer(market.db)
    order = await place_order(market.db, (who, address), (await make_product(market.db, await make_shop(market.db)), 1))
    someone = await market.db.read(lambda r: get_person(r, who))
    async with market.visitor() as browser:
        token = await market.db.write(acting(who), lambda tx: open_session(tx, someone.id, "test"))
        browser.cookies.set(SESSION, token.token)
        assert (await browser.get(f"/orders/{order.id}/review")).status_code == 409


async def test_all_reviews_of_a_product_are_read_and_filtered(market: Market) -> None:
    product = await make_product(market.db, await make_shop(market.db), title="Pot <b>two</b>")
    for stars in (5, 5, 1):
        await make_review(market.db, product, stars=stars, words=f"So it is: {stars}")
    await let_news_travel(market.db)
    page = f"/p/{product.id}/reviews"
    async with market.visitor() as guest:
        with statements() as seen:
            shown = await guest.get(page)
        assert len(seen) <= 6, seen
        assert shown.status_code == 200
        assert shown.text.count("So it is:") == 3
        assert "Pot &lt;b&gt;two&lt;/b&gt;" in shown.text
        assert (await guest.get(f"{page}?stars=1")).text.count("So it is:") == 1
        assert (await guest.get(f"{page}?pictures=true")).text.count("So it is:") == 0
        assert (await guest.get("/p/17/reviews")).status_code == 404


async def test_further_reviews_come_as_a_part(market: Market) -> None:
    product = await make_product(market.db, await make_shop(market.db), stock=None)
    for _ in range(13):
        await make_review(market.db, product, words="So it is")
    async with market.visitor() as guest:
        await let_news_travel(market.db)
        first = (await guest.get(f"/p/{product.id}/reviews")).text
        found = re.search(r'hx-get="(/p/[^"]+)"', first)
        assert found
        part = await guest.get(found[1].replace("&amp;", "&"), headers={"hx-request": "true"})
        assert part.text.count("So it is") == 1
        assert "<html" not in part.text


async def seller(market: Market, browser: AsyncClient) -> tuple[Shop, Person]:
    """Sign a browser in as the owner of a shop."""
    owner = await make_person(market.db, "Seller")
    await enter_as(market, browser, owner)
    return await make_shop(market.db, owner.id), owner


async def test_the_shop_answers_in_its_rooms(market: Market) -> None:
    async with market.visitor() as browser:
        shop, _ = await seller(market, browser)
        product = await make_product(market.db, shop)
        review = await make_review(market.db, product, stars=2, words="Loose lid")
        page = f"/seller/{shop.slug}/reviews"
        with statements() as seen:
            shown = (await browser.get(page)).text
        assert len(seen) <= 6 + A_SESSION, seen
        assert "Loose lid" in shown
        path = f"{page}/{review.id}/answer"
        assert (await post_form(browser, page, path, {"words": " "})).status_code == 422
        assert (await post_form(browser, page, path, {"words": NAUGHTY})).status_code == 303
        assert "Loose lid" not in (await browser.get(page)).text
        everything = (await browser.get(f"{page}?shows=all")).text
        assert "&lt;script&gt;alert(1)" in everything
        assert "<script>alert" not in everything


async def test_only_people_of_the_shop_find_its_reviews(market: Market) -> None:
    shop = await make_shop(market.db)
    review = await make_review(market.db, await make_product(market.db, shop))
    page = f"/seller/{shop.slug}/reviews"
    async with market.visitor() as neighbour:
        own, _ = await seller(market, neighbour)
        assert ShopId(own.id) != shop.id
        assert (await neighbour.get(page)).status_code == 404
        for place in (page, f"/seller/{own.slug}/reviews"):
            answer = await post_form(neighbour, "/account", f"{place}/{review.id}/answer", {"words": "Buy from us"})
            assert answer.status_code == 404
    assert (await rows_of_reviews(market.db))[0]
    assert (await market.db.read(lambda r: list_reviews_of_order(r, review.order_id, shop.id)))[0].answer == ""


async def test_a_shop_rates_buyers_in_its_rooms_and_both_read_it(market: Market) -> None:
    async with market.visitor() as browser, market.visitor("zh") as theirs:
        shop, _ = await seller(market, browser)
        buyer = await make_person(market.db, "小文", language="zh-CN")
        wish = AddressWish("Lin", "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", ["文三路 1 号"], "310000")
        home = await market.db.write(acting(buyer.id), lambda tx: add_address(tx, buyer.id, wish))
        order = await received_order(market.db, await make_product(market.db, shop), buyer=(buyer.id, home))
        await write(market.db, order, ReviewDraft(2, "Loose lid"), hidden=True)
        await let_news_travel(market.db)
        page = f"/seller/{shop.slug}/reviews/buyers"
        with statements() as seen:
            shown = (await browser.get(page)).text
        assert len(seen) <= 7 + A_SESSION, seen
        assert "小***" in shown
        assert "Loose lid" not in (await browser.get(f"/seller/{shop.slug}/reviews?shows=all")).text
        await enter_as(market, theirs, buyer)
        assert "现在只有您看得到" in (await theirs.get(f"/orders/{order.id}/review")).text
        refused = await post_form(browser, page, f"{page}/{order.id}", {"words": "So so"})
        assert (refused.status_code, "So so" in refused.text) == (422, True)
        sent = await post_form(browser, page, f"{page}/{order.id}", {"verdict": "-1", "words": NAUGHTY})
        assert sent.status_code == 303
        assert "小***" not in (await browser.get(page)).text
        assert "Loose lid" in (await browser.get(f"/seller/{shop.slug}/reviews?shows=all")).text
        await let_news_travel(market.db)
        own = (await theirs.get("/account/reputation")).text
        assert "&lt;script&gt;" in own
        assert "差评 1" in own
        assert "&lt;script&gt;" in (await theirs.get(f"/orders/{order.id}/review")).text


async def test_a_shops_page_shows_where_it_stands_with_a_line_and_its_table(market: Market) -> None:
    shop = await make_shop(market.db)
    product = await make_product(market.db, shop, stock=None)
    for stars in (5, 4):
        for _ in range(2):
            await make_review(market.db, product, stars=stars)
        await let_news_travel(market.db)
        await rescore_all(market.db)
        market.db.clock.move(timedelta(days=1))
    async with market.visitor() as guest:
        shown = (await guest.get(f"/s/{shop.slug}")).text
    assert "Leaf 1" in shown
    assert "4 good, 0 neutral, 0 bad" in shown
    assert shown.count("4.50 (4)") == 1, "the table beneath the line"


async def test_a_note_stands_where_a_review_was_taken_away_and_others_are_found_helpful(market: Market) -> None:
    product = await make_product(market.db, await make_shop(market.db), stock=None)
    gone, kept = [await make_review(market.db, product, words=words) for words in ("Bought", "Fine")]
    await market.db.write(MARKET, lambda tx: remove_review(tx, gone.id, "Paid praise."))
    await let_news_travel(market.db)
    _, reader = await an_order(market, "Reader")
    async with market.visitor() as browser:
        await enter_as(market, browser, reader)
        page = f"/p/{product.id}/reviews"
        shown = (await browser.get(page)).text
        assert "Bought" not in shown
        assert "The market has taken this review away: Paid praise." in shown
        assert f"/reviews/{gone.id}/helpful" not in shown
        assert (await post_form(browser, page, f"/reviews/{kept.id}/helpful")).status_code == 303
        assert "Helpful (1)" in (await browser.get(page)).text
