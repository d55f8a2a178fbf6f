"""Conversations on pages: writing, hints, pictures, the shop's side, live streams that also poll."""

import asyncio
import re

import msgspec
import pytest
from httpx import AsyncClient

from fairground.kit.actor import system
from fairground.market.accounts.model import Person
from fairground.market.service.model.chat import ChatRules, Side
from fairground.market.shops.model import Role, Shop
from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_product
from tests.support.chat import let_news_travel, said_in, say, talk, thread_now
from tests.support.media import draw
from tests.support.orders import make_buyer, place_order
from tests.support.shops import make_shop, make_staff
from tests.support.stream import OpenPage
from tests.support.web import Market, token_of


class Scene(msgspec.Struct):
    """A shop and a buyer, both signed in."""

    seller: Person
    buyer: Person
    shop: Shop
    seller_token: str
    buyer_token: str


@pytest.fixture
async def scene(market: Market) -> Scene:
    seller, buyer = await make_person(market.db, "Wei"), await make_person(market.db, "Ming")
    shop = await make_shop(market.db, seller.id, slug="clay")
    tokens = [(await sign_in_as(market.db, who)).token for who in (seller, buyer)]
    return Scene(seller, buyer, shop, *tokens)


async def browser_of(market: Market, token: str) -> AsyncClient:
    """Give a browser that is signed in and carries the token against forged requests."""
    browser = market.visitor()
    browser.cookies.set("fg_session", token)
    async with market.visitor() as looking:
        looking.cookies.set("fg_session", token)
        browser.headers["x-csrf-token"] = token_of((await looking.get("/help")).text)
    return browser


async def test_a_first_message_from_a_product_goes_with_its_card(market: Market, scene: Scene) -> None:
    pot = await make_product(market.db, scene.shop, stock=5)
    async with await browser_of(market, scene.buyer_token) as browser:
        product = (await browser.get(f"/p/{pot.id}")).text
        assert f'href="/messages/new?shop=clay&amp;product={pot.id}"' in product
        assert "/messages/new?shop=clay" in (await browser.get("/s/clay")).text
        form = (await browser.get(f"/messages/new?shop=clay&product={pot.id}")).text
        assert pot.title in form
        sent = await browser.post(
            "/messages", data={"shop": "clay", "product_id": str(pot.id), "words": "Is it round?"}
        )
        assert sent.status_code == 303
        page = (await browser.get(sent.headers["location"])).text
        assert "Is it round?" in page
        assert f'href="/p/{pot.id}"' in page
        again = await browser.get(f"/messages/new?shop=clay&product={pot.id}")
        assert again.headers["location"].startswith(sent.headers["location"])


async def test_a_guest_is_asked_to_sign_in_and_comes_back(market: Market, scene: Scene) -> None:
    async with market.visitor() as guest:
        answer = await guest.get("/messages/new?shop=clay")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")


async def test_a_form_sent_twice_says_it_once(market: Market, scene: Scene) -> None:
    thread = await talk(market.db, scene.buyer.id, scene.shop.id)
    async with await browser_of(market, scene.buyer_token) as browser:
        body = {"words": "Once", "idempotency_key": "a-key"}
        answers = await asyncio.gather(*(browser.post(f"/messages/{thread.id}", data=body) for _ in range(4)))
        assert {answer.status_code for answer in answers} == {303}
    assert [m.words for m in await said_in(market.db, thread)] == ["Once"]


async def test_a_hint_keeps_the_words_and_lets_them_go_out(market: Market, scene: Scene) -> None:
    thread = await talk(market.db, scene.buyer.id, scene.shop.id)
    async with await browser_of(market, scene.buyer_token) as browser:
        body = {"words": "Ring 13800138000"}
        told = await browser.post(f"/messages/{thread.id}", data=body)
        assert told.status_code == 409
        assert "a telephone number" in told.text
        assert "Ring 13800138000" in told.text
        assert 'name="hint_seen"' in told.text
        assert await said_in(market.db, thread) == []
        assert (await browser.post(f"/messages/{thread.id}", data={**body, "hint_seen": "1"})).status_code == 303
    async with await browser_of(market, scene.seller_token) as seller:
        page = (await seller.get(f"/seller/clay/messages/{thread.id}")).text
        assert "the market cannot protect" in page


async def test_what_is_wrong_stands_beside_the_field_with_the_words_kept(market: Market, scene: Scene) -> None:
    thread = await talk(market.db, scene.buyer.id, scene.shop.id)
    async with await browser_of(market, scene.buyer_token) as browser:
        empty = await browser.post(f"/messages/{thread.id}", data={"words": " "})
        assert empty.status_code == 422
        assert "Please write something." in empty.text
        no_picture = await browser.post(
            f"/messages/{thread.id}", data={"words": "Look"}, files={"pictures": ("x.jpg", b"no picture", "image/jpeg")}
        )
        assert no_picture.status_code == 422
        assert "Look</textarea>" in no_picture.text
    assert await said_in(market.db, thread) == []


async def test_pictures_are_seen_by_both_and_by_nobody_else(market: Market, scene: Scene) -> None:
    thread = await talk(market.db, scene.buyer.id, scene.shop.id)
    async with await browser_of(market, scene.buyer_token) as browser:
        sent = await browser.post(f"/messages/{thread.id}", files={"pictures": ("pot.jpg", draw(), "image/jpeg")})
        assert sent.status_code == 303, sent.text
        found = re.search(r"/media/\d+/1600.webp", (await browser.get(f"/messages/{thread.id}")).text)
        assert found is not None
        assert (await browser.get(found[0])).status_code == 200
    stranger = await make_person(market.db, "Hua")
    tokens = (scene.seller_token, (await sign_in_as(market.db, stranger)).token)
    for token, status in zip(tokens, (200, 404), strict=True):
        async with await browser_of(market, token) as somebody:
            assert (await somebody.get(found[0])).status_code == status
    async with market.visitor() as guest:
        assert (await guest.get(found[0])).status_code == 404


async def test_the_strip_counts_what_waits_for_person_and_shop(market: Market, scene: Scene) -> None:
    thread = await talk(market.db, scene.buyer.id, scene.shop.id)
    await say(market.db, thread, scene.buyer.id, Side.PERSON)
    await say(market.db, thread, scene.seller.id, Side.HOUSE, "One")
    await say(market.db, thread, scene.seller.id, Side.HOUSE, "Two")
    await say(market.db, thread, scene.buyer.id, Side.PERSON)
    await say(market.db, thread, scene.seller.id, Side.HOUSE, "Three")
    await let_news_travel(market.db)
    async with await browser_of(market, scene.buyer_token) as browser:
        assert 'aria-label="Messages, 1 unread"' in (await browser.get("/strip")).text
        await browser.get(f"/messages/{thread.id}")
        assert 'aria-label="Messages"' in (await browser.get("/strip")).text
    await say(market.db, thread, scene.buyer.id, Side.PERSON)
    await let_news_travel(market.db)
    async with await browser_of(market, scene.seller_token) as seller:
        assert "1 buyer waits for an answer" in (await seller.get("/strip")).text


async def test_a_shop_answers_hands_over_and_keeps_quick_replies(market: Market, scene: Scene) -> None:
    clerk = await make_staff(market.db, scene.shop, Role.CLERK)
    thread = await talk(market.db, scene.buyer.id, scene.shop.id)
    await say(market.db, thread, scene.buyer.id, Side.PERSON, "Is it round?")
    await let_news_travel(market.db)
    home = "/seller/clay/messages"
    async with await browser_of(market, scene.seller_token) as seller:
        assert "Is it round?" in (await seller.get(f"{home}?which=unread")).text
        kept = await seller.post(f"{home}/replies", data={"title": "Thanks", "words": "Thank you, good night!"})
        assert kept.status_code == 303
        assert (await seller.post(f"{home}/replies", data={"title": "", "words": ""})).status_code == 422
        page = (await seller.get(f"{home}/{thread.id}")).text
        reply = re.search(r'name="reply_id" value="(\d+)"', page)
        assert reply is not None
        assert (await seller.post(f"{home}/{thread.id}", data={"reply_id": reply[1]})).status_code == 303
        assert (await said_in(market.db, thread))[-1].words == "Thank you, good night!"
        await let_news_travel(market.db)
        handed = await seller.post(f"{home}/{thread.id}/note", data={"note": "Likes blue", "to": str(clerk)})
        assert handed.status_code == 303
        page = (await seller.get(f"{home}/{thread.id}")).text
        assert "Likes blue" in page
        assert "Somebody looks after it." in page
        assert "Is it round?" in (await seller.get(f"{home}?q=ROUND")).text
        assert "Is it round?" in (await seller.get(f"{home}/{thread.id}/export")).text
        gone = await seller.post(f"{home}/replies/{reply[1]}/removal")
        assert gone.status_code == 303
        assert "Thank you, good night!" not in (await seller.get(f"{home}/replies")).text
    async with await browser_of(market, scene.buyer_token) as buyer:
        assert "Likes blue" not in (await buyer.get(f"/messages/{thread.id}")).text


async def test_a_shop_writes_to_the_buyer_of_an_order(market: Market, scene: Scene) -> None:
    pot = await make_product(market.db, scene.shop, stock=5)
    order = await place_order(market.db, await make_buyer(market.db), (pot, 1))
    other = await make_shop(market.db, name="Other")
    elsewhere = await place_order(
        market.db, await make_buyer(market.db), (await make_product(market.db, other, stock=5), 1)
    )
    async with await browser_of(market, scene.seller_token) as seller:
        opened = await seller.post("/seller/clay/messages", data={"order_id": str(order.id)})
        assert opened.status_code == 303
        assert (await seller.get(opened.headers["location"])).status_code == 200
        stolen = await seller.post("/seller/clay/messages", data={"order_id": str(elsewhere.id)})
        assert stolen.status_code == 404


async def test_a_copy_can_be_kept_and_the_own_words_found(market: Market, scene: Scene) -> None:
    thread = await talk(market.db, scene.buyer.id, scene.shop.id)
    await say(market.db, thread, scene.buyer.id, Side.PERSON, "茶壶是圆的吗")
    await say(market.db, thread, scene.seller.id, Side.HOUSE, "Very round")
    async with await browser_of(market, scene.buyer_token) as browser:
        copy = await browser.get(f"/messages/{thread.id}/export")
        assert copy.headers["content-type"].startswith("text/plain")
        assert "茶壶是圆的吗" in copy.text
        assert "Lantern & Clay" in copy.text
        assert f"/messages/{thread.id}" in (await browser.get("/messages?q=圆")).text
        assert f"/messages/{thread.id}" not in (await browser.get("/messages?q=方")).text


async def test_an_open_page_is_sent_what_is_said_and_read(market: Market, scene: Scene) -> None:
    thread = await talk(market.db, scene.buyer.id, scene.shop.id)
    await say(market.db, thread, scene.buyer.id, Side.PERSON, "Is it <b>round</b>?")
    async with OpenPage(market, f"/messages/{thread.id}/live?after=1", scene.buyer_token) as page:
        assert page.status == 200
        assert (await page.next("read"))[1] == "0"
        await say(market.db, thread, scene.seller.id, Side.HOUSE, "It\nis <i>round</i>.")
        number, html = await page.next("message")
        assert number == "2"
        assert "&lt;i&gt;round" in html
        assert "\nis" in html
        assert (await page.next("read"))[1] == "2"
    async with OpenPage(market, f"/seller/clay/messages/{thread.id}/live", scene.seller_token, seen=1) as page:
        assert (await page.next("message"))[0] == "2"  # what was missed, and not what was seen


async def test_lists_are_told_that_they_changed(market: Market, scene: Scene) -> None:
    thread = await talk(market.db, scene.buyer.id, scene.shop.id)
    async with (
        OpenPage(market, "/messages/live", scene.buyer_token) as mine,
        OpenPage(market, "/seller/clay/messages/live", scene.seller_token) as shops,
    ):
        await say(market.db, thread, scene.buyer.id, Side.PERSON)
        await mine.next("list")
        await let_news_travel(market.db)
        await shops.next("list")


async def test_strangers_get_no_stream(market: Market, scene: Scene) -> None:
    thread = await talk(market.db, scene.buyer.id, scene.shop.id)
    stranger = (await sign_in_as(market.db, await make_person(market.db, "Hua"))).token
    for path, token, status in (
        (f"/messages/{thread.id}/live", stranger, 404),
        (f"/messages/{thread.id}/live", scene.seller_token, 404),
        (f"/messages/{thread.id}/live", None, 303),
        ("/seller/clay/messages/live", scene.buyer_token, 404),
        (f"/seller/clay/messages/{thread.id}/live", scene.buyer_token, 404),
    ):
        async with OpenPage(market, path, token) as page:
            await asyncio.wait_for(page.ended.wait(), 10)
            assert page.status == status, path


async def test_one_person_keeps_so_many_pages_open_and_no_more(market: Market, scene: Scene) -> None:
    most = market.db.given(ChatRules).live_most_per_person
    pages = [OpenPage(market, "/messages/live", scene.buyer_token) for _ in range(most)]
    for page in pages:
        await page.__aenter__()
    async with OpenPage(market, "/messages/live", scene.buyer_token) as page:
        await asyncio.wait_for(page.ended.wait(), 10)
        assert page.status == 429
    for open_page in pages:
        await open_page.__aexit__(None, None, None)
    async with OpenPage(market, "/messages/live", scene.buyer_token) as page:
        assert page.status == 200


async def test_with_the_listening_connection_killed_pages_are_still_served(market: Market, scene: Scene) -> None:
    thread = await talk(market.db, scene.buyer.id, scene.shop.id)
    async with OpenPage(market, f"/messages/{thread.id}/live", scene.buyer_token) as page:
        await page.next("read")
        assert await kill(market, "live ear") == 1
        await say(market.db, thread, scene.seller.id, Side.HOUSE, "While nobody hears")
        assert "While nobody hears" in (await page.next("message"))[1]
        await kill(market, "caller")
        await say(market.db, thread, scene.seller.id, Side.HOUSE, "While nobody calls")
        await say(market.db, thread, scene.seller.id, Side.HOUSE, "Called again")
        assert "While nobody calls" in (await page.next("message", 40))[1]
        assert "Called again" in (await page.next("message", 40))[1]


async def kill(market: Market, name: str) -> int:
    """Kill the database's connections of a name."""
    return int(
        await market.db.write(
            system("test"),
            lambda tx: tx.value(
                """
                select count(pg_terminate_backend(pid)) from pg_stat_activity
                 where application_name = $1 and datname = current_database()
                """,
                name,
            ),
        )
    )


async def test_reading_is_noted_from_an_open_page(market: Market, scene: Scene) -> None:
    thread = await talk(market.db, scene.buyer.id, scene.shop.id)
    await say(market.db, thread, scene.seller.id, Side.HOUSE, "One")
    async with await browser_of(market, scene.buyer_token) as browser:
        assert (await browser.post(f"/messages/{thread.id}/read", data={"number": "1"})).status_code == 204
        assert (await browser.post(f"/messages/{thread.id}/read", data={"number": "x"})).status_code == 422
    assert (await thread_now(market.db, thread.id)).person_unread == 0
