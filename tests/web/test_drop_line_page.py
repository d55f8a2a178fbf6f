"""The waiting room on its page: what a place means, told honestly, without the database, in both languages."""

from datetime import timedelta

import httpx
import pytest

from fairground.market.accounts.model import Person
from fairground.market.promotions.board import Board
from fairground.market.promotions.model import DropFace
from fairground.market.shops.model import Shop
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.desk import enter_as, post_form
from tests.support.drops import drop_draft, open_drop
from tests.support.orders import make_buyer
from tests.support.shops import make_shop
from tests.support.statements import statements
from tests.support.web import Market
from tests.web.test_drop_pages import buy_out, form_of, sign_in_buyer, told

A_SESSION = 1
SOON = timedelta(minutes=10)


@pytest.fixture
async def shop(market: Market) -> Shop:
    return await make_shop(market.db, name="灯与泥", slug="clay")


async def a_room(market: Market, shop: Shop, **more: object) -> DropFace:
    product = await make_product(market.db, shop, title="Wave teapot", price=16_800, stock=50)
    more = {"starts_in": SOON, "per_minute": 1, "burst": 1, **more}
    face = await open_drop(market.db, shop.id, drop_draft(market.db, product, price=9_900, room=True, **more))  # type: ignore[arg-type]
    await told(market)
    return face


async def take_a_place(market: Market, browser: httpx.AsyncClient, face: DropFace, name: str = "Ming") -> Person:
    """Sign a browser in as somebody new, who joins the line."""
    person = await make_person(market.db, name)
    await enter_as(market, browser, person)
    joined = await post_form(browser, f"/drops/{face.id}", f"/drops/{face.id}/line")
    assert (joined.status_code, joined.headers["location"]) == (303, f"/drops/{face.id}/line")
    await told(market)
    return person


async def let_in(market: Market, face: DropFace, *browsers: httpx.AsyncClient) -> list[int]:
    """Open the room; tell which of the browsers stands where."""
    market.db.clock.move(SOON)
    await told(market)
    pages = [(await browser.get(f"/drops/{face.id}/line")).text for browser in browsers]
    return [0 if "It is your turn" in page else 1 if "You are next" in page else 2 for page in pages]


async def test_a_guest_signs_in_first_and_comes_back(market: Market, shop: Shop) -> None:
    face = await a_room(market, shop)
    async with market.visitor() as visitor:
        page = (await visitor.get(f"/drops/{face.id}")).text
        assert f'href="/drops/{face.id}/line"' in page
        asked = await visitor.get(f"/drops/{face.id}/line")
        assert (asked.status_code, asked.headers["location"]) == (303, f"/sign-in?next=/drops/{face.id}/line")


async def test_early_comers_have_no_place_until_it_begins(market: Market, shop: Shop) -> None:
    face = await a_room(market, shop)
    async with market.visitor() as visitor:
        await take_a_place(market, visitor, face)
        page = (await visitor.get(f"/drops/{face.id}/line")).text
        assert "You are in" in page
        assert "Until then nobody has one, not even whoever came first." in page
        assert "1 person is in line so far." in page
        assert "You may close this window" in page
        assert '<noscript><meta http-equiv="refresh"' in page
        assert "To your place in line" in (await visitor.get(f"/drops/{face.id}")).text


async def test_a_place_is_told_in_words_with_the_hour_of_its_turn(market: Market, shop: Shop) -> None:
    face = await a_room(market, shop)
    async with market.visitor() as one, market.visitor() as two, market.visitor() as three:
        for browser, name in ((one, "A"), (two, "B"), (three, "C")):
            await take_a_place(market, browser, face, name)
        places = await let_in(market, face, one, two, three)
        assert sorted(places) == [0, 1, 2]
        first, second, third = (browser for _, browser in sorted(zip(places, (one, two, three), strict=True), key=at))
        assert f'action="/drops/{face.id}/goods"' in (await first.get(f"/drops/{face.id}/line")).text
        page = (await second.get(f"/drops/{face.id}/line")).text
        assert "You are next" in page
        assert f'data-until="{(face.drop.starts_at + timedelta(minutes=1)).isoformat()}"' in page
        page = (await third.get(f"/drops/{face.id}/line")).text
        assert "1 person is before you" in page
        assert "<title>1 person before you · Noon drop" in page
        assert f'action="/drops/{face.id}/goods"' not in page
        market.db.clock.move(timedelta(minutes=2))
        assert "It is your turn" in (await third.get(f"/drops/{face.id}/line")).text


def at(pair: tuple[int, httpx.AsyncClient]) -> int:
    """Sort by place."""
    return pair[0]


async def test_the_place_is_looked_up_without_the_database(market: Market, shop: Shop) -> None:
    face = await a_room(market, shop)
    async with market.visitor() as one, market.visitor() as two:
        for browser, name in ((one, "A"), (two, "B")):
            await take_a_place(market, browser, face, name)
        places = await let_in(market, face, one, two)
        waiting = two if places[0] == 0 else one
        with statements() as seen:
            page = await waiting.get(f"/drops/{face.id}/line")
        assert len(seen) <= A_SESSION, seen
        with statements() as seen:
            part = await waiting.get(f"/drops/{face.id}/line/place?said=x&lang=en")
        assert seen == [], "the ticket tells who asks"
        assert not part.text.lstrip().startswith("<!doctype")
        assert "hx-refresh" not in part.headers
        assert 'id="said" role="status" hx-swap-oob="innerHTML">You are next.' in part.text
        quiet = await waiting.get(f"/drops/{face.id}/line/place", params={"said": "You are next.", "lang": "en"})
        assert 'id="said"' not in quiet.text, "what has not changed is not read out again"
        assert "You are next" in page.text
        market.db.clock.move(timedelta(minutes=1))
        assert (await waiting.get(f"/drops/{face.id}/line/place")).headers["hx-refresh"] == "true"


async def test_the_page_speaks_the_readers_language(market: Market, shop: Shop) -> None:
    face = await a_room(market, shop)
    person = await make_person(market.db, "小文", language="zh-CN")
    async with market.visitor("en") as visitor:
        await enter_as(market, visitor, person)
        assert "去排队" in (await visitor.get(f"/drops/{face.id}/line")).text
        await post_form(visitor, f"/drops/{face.id}/line", f"/drops/{face.id}/line")
        page = (await visitor.get(f"/drops/{face.id}/line")).text
        assert "您已在队中" in page
        assert "lang=zh-CN" in page
        part = await visitor.get(f"/drops/{face.id}/line/place?lang=zh-CN")
        assert "您已在队中" in part.text


async def test_few_pieces_and_none_are_told_honestly(market: Market, shop: Shop) -> None:
    face = await a_room(market, shop, quota=1, burst=0)
    async with market.visitor() as one, market.visitor() as two:
        for browser, name in ((one, "A"), (two, "B")):
            await take_a_place(market, browser, face, name)
        market.db.clock.move(SOON)
        await told(market)
        pages = [(await browser.get(f"/drops/{face.id}/line")).text for browser in (one, two)]
        assert sum("There are more people before you than pieces left" in page for page in pages) == 1
        await buy_out(market, face)
        page = (await one.get(f"/drops/{face.id}/line")).text
    assert "Everything is taken just now." in page
    assert "your place is kept" in page


async def test_a_ticket_is_good_for_its_person_only(market: Market, shop: Shop) -> None:
    face = await a_room(market, shop)
    async with market.visitor() as one, market.visitor() as thief:
        await take_a_place(market, one, face)
        await enter_as(market, thief, await make_person(market.db, "Thief"))
        thief.cookies.set(f"fg_drop_{int(face.id)}", one.cookies[f"fg_drop_{int(face.id)}"])
        assert "Take a place in line" in (await thief.get(f"/drops/{face.id}/line")).text
        market.db.clock.move(SOON)
        await told(market)
        sent = {"variant_id": str(int(face.goods[0].variant_id))}
        refused = await post_form(thief, f"/drops/{face.id}", f"/drops/{face.id}/goods", sent)
        assert refused.headers["location"] == f"/drops/{face.id}/line"
        thief.cookies.set(f"fg_drop_{int(face.id)}", "nonsense")
        assert (await thief.get(f"/drops/{face.id}/line")).status_code == 200


async def test_the_same_account_gets_the_same_place_on_another_device(market: Market, shop: Shop) -> None:
    face = await a_room(market, shop)
    async with market.visitor() as phone, market.visitor() as desk:
        person = await take_a_place(market, phone, face)
        await enter_as(market, desk, person)
        await post_form(desk, f"/drops/{face.id}", f"/drops/{face.id}/line")
        name = f"fg_drop_{int(face.id)}"
        assert desk.cookies[name] == phone.cookies[name]


async def test_the_ticket_opens_the_checkout_and_without_it_one_is_led_to_the_line(market: Market, shop: Shop) -> None:
    face = await a_room(market, shop, starts_in=timedelta(), burst=5)
    person_id, _ = await make_buyer(market.db)
    async with market.visitor() as buyer:
        await sign_in_buyer(market, buyer, person_id)
        await buyer.post("/cart/lines", data={"variant_id": str(int(face.goods[0].variant_id))})
        put = {"variant_id": str(int(face.goods[0].variant_id)), "quantity": "1"}
        await post_form(buyer, "/cart", "/cart/lines", put)
        page = (await buyer.get("/checkout")).text
        refused = await buyer.post("/checkout", data=form_of(page))
        assert (refused.status_code, refused.headers["location"]) == (303, f"/drops/{face.id}/line")
        await post_form(buyer, f"/drops/{face.id}/line", f"/drops/{face.id}/line")
        await told(market)
        page = (await buyer.get("/checkout")).text
        placed = await buyer.post("/checkout", data=form_of(page))
        assert placed.headers["location"].startswith("/pay/")
    await told(market)
    assert market.db.given(Board).faces()[0].left == face.left - 1


async def test_a_drop_without_a_room_has_no_line(market: Market, shop: Shop) -> None:
    product = await make_product(market.db, shop)
    face = await open_drop(market.db, shop.id, drop_draft(market.db, product))
    await told(market)
    async with market.visitor() as visitor:
        await enter_as(market, visitor, await make_person(market.db, "Ming"))
        away = await visitor.get(f"/drops/{face.id}/line")
        assert away.headers["location"] == f"/drops/{face.id}"
        refused = await post_form(visitor, f"/drops/{face.id}", f"/drops/{face.id}/line")
        assert refused.headers["location"] == f"/drops/{face.id}"


async def test_who_waits_for_a_drop_that_is_over_is_told(market: Market, shop: Shop) -> None:
    face = await a_room(market, shop)
    async with market.visitor() as visitor:
        await take_a_place(market, visitor, face)
        market.db.clock.move(timedelta(hours=2))
        await told(market)
        page = (await visitor.get(f"/drops/{face.id}/line")).text
        assert "This drop is over" in page
        assert 'http-equiv="refresh"' not in page
        assert (await visitor.get(f"/drops/{face.id}/line/place")).headers["hx-refresh"] == "true"
