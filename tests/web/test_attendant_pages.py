"""The attendant on pages: it knows where it was asked, quotes and links, says it is a machine, and gives a person."""

import re

from fairground.kit.actor import system
from fairground.market.notifications.queries import list_letters
from fairground.market.service.actions.answers import put_answer
from fairground.market.service.queries.answers import list_answers, list_questions
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.desk import enter_as, post_form
from tests.support.orders import make_buyer, place_order
from tests.support.shops import make_shop
from tests.support.web import Market
from tests.support.world import pump


async def test_every_page_has_the_button_and_it_knows_the_page(market: Market) -> None:
    pot = await make_product(market.db, await make_shop(market.db))
    async with market.visitor() as guest:
        for path in ("/", f"/p/{pot.id}", "/cart", "/help"):
            assert f'href="/attendant?about={path}"' in (await guest.get(path)).text


async def test_a_guest_is_answered_with_a_quote_and_its_place(market: Market) -> None:
    shop = await make_shop(market.db)
    pot = await make_product(market.db, shop, title="Red pot")
    await market.db.write(
        system("tests"),
        lambda tx: put_answer(tx, shop.id, "Is it dishwasher safe?", "No <b>way</b>.", product_id=pot.id),
    )
    async with market.visitor() as guest:
        shown = (await guest.get(f"/attendant?about=/p/{pot.id}")).text
        assert "I am a machine" in shown
        assert "Red pot" in shown
        assert f"/messages/new?shop={shop.slug}&amp;product={pot.id}" in shown
        assert "/help/tickets/new?about=product" in shown
        answer = (await guest.post("/attendant", data={"about": f"/p/{pot.id}", "question": "dishwasher?"})).text
        assert "No &lt;b&gt;way&lt;/b&gt;." in answer
        assert f'href="/p/{pot.id}"' in answer
        assert "The shop says" in answer
        by_slug = await guest.post("/attendant", data={"about": f"/s/{shop.slug}", "question": "do you build boats"})
        assert "I do not guess" in by_slug.text
        assert (await market.db.read(lambda r: list_questions(r, shop.id))).items == []
        empty = await guest.post("/attendant", data={"about": "/", "question": " "})
        assert empty.status_code == 422
        assert 'id="f-question-error"' in empty.text


async def test_what_it_cannot_answer_reaches_the_shop_and_comes_back(market: Market) -> None:
    owner, buyer = await make_person(market.db, "Owner"), await make_person(market.db)
    shop = await make_shop(market.db, owner.id)
    room = f"/seller/{shop.slug}/answers"
    async with market.visitor() as browser, market.visitor() as seller:
        await enter_as(market, browser, buyer)
        await enter_as(market, seller, owner)
        here = f"/attendant?about=/s/{shop.slug}"
        asked = await post_form(
            browser, here, "/attendant", {"about": f"/s/{shop.slug}", "question": "Is the kiln wood fired?"}
        )
        assert "The shop has your question now" in asked.text
        (waiting,) = (await market.db.read(lambda r: list_questions(r, shop.id))).items
        assert "Is the kiln wood fired?" in (await seller.get(room)).text
        blank = await post_form(seller, room, f"/seller/{shop.slug}/questions/{waiting.id}/answer", {"answer": ""})
        assert blank.status_code == 422
        form = {"question": "Is your kiln wood fired?", "answer": "Yes, with pine."}
        done = await post_form(seller, room, f"/seller/{shop.slug}/questions/{waiting.id}/answer", form)
        assert done.status_code == 303
        await pump(market.db)
        letter = (await market.db.read(lambda r: list_letters(r, buyer.id))).items[0]
        assert "Yes, with pine." in letter.text
        again = await post_form(
            browser, here, "/attendant", {"about": f"/s/{shop.slug}", "question": "kiln wood fired?"}
        )
        assert "Yes, with pine." in again.text
        left = await post_form(
            browser, here, "/attendant/questions", {"about": f"/s/{shop.slug}", "question": "And glaze?"}
        )
        assert left.status_code == 303
        (more,) = (await market.db.read(lambda r: list_questions(r, shop.id))).items
        await post_form(seller, room, f"/seller/{shop.slug}/questions/{more.id}/dismissal")
        assert (await market.db.read(lambda r: list_questions(r, shop.id))).items == []


async def test_an_order_is_told_to_its_buyer_and_to_nobody_else(market: Market) -> None:
    buyer, stranger = await make_buyer(market.db), await make_person(market.db)
    order = await place_order(market.db, buyer, (await make_product(market.db, await make_shop(market.db)), 1))
    async with market.visitor() as browser, market.visitor() as guest:
        await enter_as(market, browser, stranger)
        assert (await browser.get(f"/attendant?about=/orders/{order.id}")).status_code == 404
        assert (await guest.get(f"/attendant?about=order:{order.id}")).status_code in {303, 401}
        for odd in ("order:x", "/p/0", "/p/99999999999999999999", "/s/nowhere", "//evil", "shop:77", "product:77"):
            assert (await guest.get("/attendant", params={"about": odd})).status_code == 200, odd


async def test_a_shop_keeps_its_answers(market: Market) -> None:
    owner = await make_person(market.db, "Owner")
    shop, other = await make_shop(market.db, owner.id), await make_shop(market.db)
    foreign = await make_product(market.db, other)
    room = f"/seller/{shop.slug}/answers"
    async with market.visitor() as seller:
        await enter_as(market, seller, owner)
        wrong = await post_form(seller, room, room, {"question": "Q", "answer": "A", "product": f"/p/{foreign.id}"})
        assert wrong.status_code == 422
        assert (await post_form(seller, room, room, {"question": "", "answer": "A"})).status_code == 422
        assert (await post_form(seller, room, room, {"question": "Q", "answer": "A"})).status_code == 303
        number = re.search(rf"{room}/(\d+)\"", (await seller.get(room)).text)
        assert number
        bad = await post_form(seller, room, f"{room}/{number[1]}", {"question": "Q", "answer": ""})
        assert bad.status_code == 422
        assert (
            await post_form(seller, room, f"{room}/{number[1]}", {"question": "Q2", "answer": "A2"})
        ).status_code == 303
        assert [a.answer for a in await market.db.read(lambda r: list_answers(r, shop.id))] == ["A2"]
        assert (await seller.get(f"/seller/{other.slug}/answers")).status_code == 404
        assert (await post_form(seller, room, f"{room}/{number[1]}/removal")).status_code == 303
        assert await market.db.read(lambda r: list_answers(r, shop.id)) == []
