"""Questions as pages: asked on the product's page, answered in the shop's rooms and by those who have it."""

import pytest

from fairground.kit.actor import person as acting
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.accounts.model import Person, PersonId
from fairground.market.accounts.queries import get_person
from fairground.market.catalog.model import Product
from fairground.market.reviews.queries import list_asked_of, list_open_questions
from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_product
from tests.support.desk import enter_as, post_form
from tests.support.reviews import let_news_travel, received_order
from tests.support.shops import make_shop
from tests.support.statements import statements
from tests.support.web import Market

NAUGHTY = "<script>alert(1)</script> Does it pour?"
SAFE = "&lt;script&gt;alert(1)&lt;/script&gt; Does it pour?"


async def stall(market: Market) -> tuple[Person, str, Product, PersonId]:
    """A shop whose teapot somebody has received."""
    owner = await make_person(market.db, "Owner")
    shop = await make_shop(market.db, owner.id)
    product = await make_product(market.db, shop, stock=None)
    buyer = await make_person(market.db, "Ming")
    wish = AddressWish("Lin Ming", "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", ["文三路 1 号"], "310000")
    home = await market.db.write(acting(buyer.id), lambda tx: add_address(tx, buyer.id, wish))
    await received_order(market.db, product, buyer=(buyer.id, home))
    await let_news_travel(market.db)
    return owner, shop.slug, product, buyer.id


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_question_is_asked_answered_by_both_and_read_by_all(market: Market, language: str) -> None:
    owner, slug, product, has_one = await stall(market)
    page = f"/p/{product.id}/questions"
    async with market.visitor(language) as browser:
        await enter_as(market, browser, await make_person(market.db, "Hua"))
        refused = await post_form(browser, page, page, {"words": "Mail me: hua@example.org"})
        assert refused.status_code == 422
        assert "hua@example.org" in refused.text
        assert (await post_form(browser, page, page, {"words": NAUGHTY})).status_code == 303
        assert SAFE in (await browser.get("/account/questions")).text
    await let_news_travel(market.db)
    async with market.visitor(language) as theirs:
        await enter_as(market, theirs, await market.db.read(lambda r: get_person(r, has_one)))
        (question,) = await market.db.read(lambda r: list_asked_of(r, has_one))
        own = "/account/questions"
        assert SAFE in (await theirs.get(own)).text
        assert (await post_form(theirs, own, f"{own}/{question.id}/answer", {"words": ""})).status_code == 422
        assert (await post_form(theirs, own, f"{own}/{question.id}/answer", {"words": "Very well."})).status_code == 303
        assert (await post_form(theirs, own, f"{own}/{question.id}/decline")).status_code == 409
    async with market.visitor(language) as seller:
        await enter_as(market, seller, owner)
        rooms = f"/seller/{slug}/asked"
        assert SAFE in (await seller.get(rooms)).text
        assert (await post_form(seller, rooms, f"{rooms}/{question.id}", {"words": "Not a drop."})).status_code == 303
        assert SAFE not in (await seller.get(rooms)).text
    async with market.visitor(language) as guest:
        with statements() as seen:
            shown = (await guest.get(f"/p/{product.id}")).text
        assert len(seen) <= 6, seen
        for text in (shown, (await guest.get(page)).text):
            assert SAFE in text
            assert text.index("Not a drop.") < text.index("Very well."), "the shop first"


async def test_who_is_asked_may_decline(market: Market) -> None:
    _, _, product, has_one = await stall(market)
    page = f"/p/{product.id}/questions"
    async with market.visitor() as browser:
        await enter_as(market, browser, await make_person(market.db, "Hua"))
        await post_form(browser, page, page, {"words": "Does it pour?"})
        await let_news_travel(market.db)
        (question,) = await market.db.read(lambda r: list_asked_of(r, has_one))
        assert (await browser.post(f"/account/questions/{question.id}/nonsense")).status_code in {403, 404}
    async with market.visitor() as theirs:
        await enter_as(market, theirs, await market.db.read(lambda r: get_person(r, has_one)))
        own = "/account/questions"
        assert (await post_form(theirs, own, f"{own}/{question.id}/decline")).status_code == 303
        assert "Does it pour?" not in (await theirs.get(own)).text


async def test_strangers_find_no_room_to_answer_in(market: Market) -> None:
    _, slug, product, _ = await stall(market)
    other = await make_person(market.db, "Other")
    next_door = await make_shop(market.db, other.id, name="Next door")
    page = f"/p/{product.id}/questions"
    async with market.visitor() as guest:
        token = (await guest.get(page)).text
        assert "<form" in token
        answer = await guest.post(page, data={"words": "Does it pour?"})
        assert answer.status_code in {303, 401, 403}
        assert (await market.db.read(lambda r: r.value("select count(*) from reviews.questions"))) == 0
    async with market.visitor() as browser:
        await enter_as(market, browser, other)
        await post_form(browser, page, page, {"words": "Does it pour?"})
        (question,) = (await market.db.read(lambda r: list_open_questions(r, product.shop_id))).items
        assert (await browser.get(f"/seller/{slug}/asked")).status_code == 404
        rooms = f"/seller/{next_door.slug}/asked"
        sent = await post_form(browser, rooms, f"{rooms}/{question.id}", {"words": "Buy from us"})
        assert sent.status_code == 404


async def test_questions_by_api(market: Market) -> None:
    owner, _, product, has_one = await stall(market)
    asker = await make_person(market.db, "Hua")
    person = await market.db.read(lambda r: get_person(r, has_one))
    tokens = [(await sign_in_as(market.db, who)).token for who in (asker, owner, person)]
    path = f"/api/v1/products/{product.id}/questions"
    async with (
        market.program(tokens[0]) as hua,
        market.program(tokens[1]) as seller,
        market.program(tokens[2]) as theirs,
        market.program() as guest,
    ):
        assert (await guest.post(path, json={"words": "Does it pour?"})).status_code == 401
        assert (await hua.post(path, json={"words": ""})).json()["errors"][0]["pointer"] == "/words"
        asked = await hua.post(path, json={"words": "Does it pour?"})
        assert (asked.status_code, asked.json()["answers"]) == (201, [])
        await let_news_travel(market.db)
        (one,) = (await theirs.get("/api/v1/me/questions/waiting")).json()["items"]
        answers = f"/api/v1/questions/{one['id']}/answers"
        assert (await hua.post(answers, json={"words": "I guess so"})).json()["code"] == "reviews.question_not_found"
        assert (await theirs.post(answers, json={"words": "Well."})).status_code == 204
        assert (await theirs.delete(f"/api/v1/me/questions/waiting/{one['id']}")).status_code == 409
        assert (await seller.post(answers, json={"words": "Not a drop."})).status_code == 204
        assert (await seller.post(answers, json={"words": "Twice"})).json()["code"] == "reviews.already_answered"
        (shown,) = (await guest.get(path)).json()["items"]
        assert [answer["side"] for answer in shown["answers"]] == ["shop", "buyer"]
        for n in range(4):
            await hua.post(path, json={"words": f"Question {n}?"})
        flood = await hua.post(path, json={"words": "And another?"})
        assert (flood.status_code, flood.json()["code"]) == (429, "reviews.too_many_questions")
        assert "retry-after" in flood.headers
