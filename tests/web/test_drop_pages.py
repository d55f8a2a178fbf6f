"""Drops on their pages: from memory for visitors, honest about what is left, and the way to the checkout."""

import re
from datetime import timedelta

import httpx
import pytest

from fairground.kit.actor import person
from fairground.market.accounts.actions.sessions import open_session
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.actions.drop_use import use_drops
from fairground.market.promotions.actions.drops import cancel_drop, plan_drop
from fairground.market.promotions.board import Board
from fairground.market.promotions.model import DropFace, GoodsWish
from fairground.market.shops.model import Shop
from tests.support.accounts import make_person
from tests.support.catalog import make_categories, make_product
from tests.support.desk import enter_as, post_form
from tests.support.drops import MARKET, drop_claim, drop_draft, open_drop
from tests.support.orders import make_buyer
from tests.support.search import feed_index
from tests.support.shops import make_shop
from tests.support.statements import statements
from tests.support.web import Market, token_of

EVIL = """<script>alert(1)</script>"><img src=x onerror=alert(2)>'"""
HOUR = timedelta(hours=1)


@pytest.fixture
async def shop(market: Market) -> Shop:
    await make_categories(market.db)
    return await make_shop(market.db, name="灯与泥", slug="clay")


async def told(market: Market) -> None:
    """Let the process hear of what has changed, as it does each second."""
    await market.db.given(Board).refresh(market.db)


async def a_drop(market: Market, shop: Shop, **more: object) -> DropFace:
    product = await make_product(market.db, shop, title="Wave teapot", price=16_800, stock=50, category="tableware")
    face = await open_drop(market.db, shop.id, drop_draft(market.db, product, price=9_900, **more))  # type: ignore[arg-type]
    await told(market)
    return face


async def buy_out(market: Market, face: DropFace) -> None:
    """Let the last piece go."""
    for _ in range(face.left):
        who = (await make_person(market.db)).id
        await market.db.write(MARKET, lambda tx, who=who: use_drops(tx, [drop_claim(market.db, who, face)]))  # type: ignore[misc]
    await told(market)


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_visitors_are_shown_drops_without_the_database(market: Market, shop: Shop, lang: str) -> None:
    face = await a_drop(market, shop)
    coming = await a_drop(market, shop, starts_in=HOUR, room=True, title="Later")
    paths = ["/drops", f"/drops/{face.id}", f"/drops/{coming.id}", f"/drops/{face.id}/left?mark=x"]
    async with market.visitor(lang) as visitor:
        for path in paths:
            with statements() as seen:
                answer = await visitor.get(path)
            assert (answer.status_code, seen) == (200, []), path
        page = await visitor.get(f"/drops/{face.id}")
    assert page.headers["cache-control"] == "public, max-age=1"
    for words in ("Noon drop", "Wave teapot", "<i>¥</i>99", "¥168.00"):
        assert words in page.text, words
    assert ("每人限购 1 件" if lang == "zh" else "One for each person") in page.text


async def test_a_page_says_what_is_left_and_until_when(market: Market, shop: Shop) -> None:
    face = await a_drop(market, shop, quota=3)
    async with market.visitor() as visitor:
        page = (await visitor.get(f"/drops/{face.id}")).text
        assert "3 of 3 left" in page
        now = market.db.clock.now()
        assert f'data-until="{face.drop.ends_at.isoformat()}" data-server-now="{now.isoformat()}"' in page
        mark = re.search(r"left\?mark=(\w+)", page)
        assert mark is not None
        same = await visitor.get(f"/drops/{face.id}/left?mark={mark[1]}")
        assert "hx-refresh" not in same.headers
        assert f'id="left-{face.goods[0].variant_id}" hx-swap-oob="true"' in same.text
        await buy_out(market, face)
        other = await visitor.get(f"/drops/{face.id}/left?mark={mark[1]}")
        assert other.headers["hx-refresh"] == "true"
        sold_out = (await visitor.get(f"/drops/{face.id}")).text
    assert "Everything is taken for now" in sold_out
    assert f'action="/drops/{face.id}/goods"' not in sold_out


async def test_a_page_waits_for_the_beginning_without_a_script_too(market: Market, shop: Shop) -> None:
    face = await a_drop(market, shop, starts_in=timedelta(minutes=5))
    async with market.visitor() as visitor:
        page = (await visitor.get(f"/drops/{face.id}")).text
        wait = re.search(r'<noscript><meta http-equiv="refresh" content="(\d+)"></noscript>', page)
        assert wait is not None
        assert 300 <= int(wait[1]) <= 303
        assert "Sign in already" in page
        assert f'action="/drops/{face.id}/goods"' not in page
        market.db.clock.move(timedelta(seconds=int(wait[1])))
        page = (await visitor.get(f"/drops/{face.id}")).text
    assert f'action="/drops/{face.id}/goods"' in page
    assert 'http-equiv="refresh"' not in page


async def test_nobody_hears_of_what_is_not_announced(market: Market, shop: Shop) -> None:
    product = await make_product(market.db, shop, title="Secret")
    planned = await market.db.write(MARKET, lambda tx: plan_drop(tx, shop.id, drop_draft(market.db, product)))
    await told(market)
    async with market.visitor() as visitor:
        for path in (f"/drops/{planned.id}", f"/drops/{planned.id}/left", "/drops/0", "/drops/12345", "/drops/abc"):
            answer = await visitor.get(path)
            assert answer.status_code == 404, path
            assert "Noon drop" not in answer.text
        assert "No drop today" in (await visitor.get("/drops")).text


async def test_a_drop_that_is_over_says_so(market: Market, shop: Shop) -> None:
    stopped, ended = await a_drop(market, shop), await a_drop(market, shop, lasts=timedelta(minutes=5))
    await market.db.write(MARKET, lambda tx: cancel_drop(tx, stopped.id))
    market.db.clock.move(timedelta(minutes=6))
    await told(market)
    async with market.visitor() as visitor:
        assert "called this drop off" in (await visitor.get(f"/drops/{stopped.id}")).text
        page = (await visitor.get(f"/drops/{ended.id}")).text
        assert "It ended on" in page
        assert '<meta name="robots" content="noindex">' in page
        with statements() as seen:
            await visitor.get(f"/drops/{ended.id}")
        assert seen == [], "also a crowd that comes too late is answered from memory"
        assert "No drop today" in (await visitor.get("/drops")).text


async def test_a_piece_is_taken_to_the_checkout_and_ordered(market: Market, shop: Shop) -> None:
    face = await a_drop(market, shop, each=2)
    person_id, _ = await make_buyer(market.db)
    async with market.visitor() as buyer:
        await sign_in_buyer(market, buyer, person_id)
        variant = str(int(face.goods[0].variant_id))
        sent = {"variant_id": variant, "quantity": "9"}
        for _ in range(2):  # pressed twice, it is not twice as much
            gone = await post_form(buyer, f"/drops/{face.id}", f"/drops/{face.id}/goods", sent)
            assert (gone.status_code, gone.headers["location"]) == (303, "/checkout")
        page = (await buyer.get("/checkout")).text
        assert "¥198.00" in page
        assert "× 2" in page
        answer = await buyer.post("/checkout", data=form_of(page))
        assert answer.headers["location"].startswith("/pay/"), answer.text[:2000]
    await told(market)
    assert market.db.given(Board).faces()[0].left == face.left - 2


async def sign_in_buyer(market: Market, browser: httpx.AsyncClient, who: PersonId) -> None:
    """Sign a browser in as somebody with an address."""
    session = await market.db.write(person(who), lambda tx: open_session(tx, who, None))
    browser.cookies.set("fg_session", session.token)


def form_of(page: str) -> dict[str, str]:
    """Read what the checkout's form would send."""
    form = page.partition('id="checkout"')[2]
    hidden = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', re.sub(r'<input[^>]*type="checkbox"[^>]*>', "", form)))
    return {**hidden, "csrf": token_of(page)}


@pytest.mark.parametrize("what", ["sold out", "not open", "not in it"])
async def test_what_cannot_be_had_is_told_from_memory(market: Market, shop: Shop, what: str) -> None:
    face = await a_drop(market, shop, quota=1, starts_in=HOUR if what == "not open" else timedelta())
    if what == "sold out":
        await buy_out(market, face)
    other = await make_product(market.db, shop, title="Other")
    chosen = other.variants[0].id if what == "not in it" else face.goods[0].variant_id
    async with market.visitor() as visitor:
        await visitor.get(f"/drops/{face.id}")
        with statements() as seen:
            answer = await visitor.post(f"/drops/{face.id}/goods", data={"variant_id": str(int(chosen))})
        assert seen == []
        assert answer.status_code == (422 if what == "not in it" else 303)
        if what != "not in it":
            assert answer.headers["location"] == f"/drops/{face.id}"
        assert 'class="cart-shop"' not in (await visitor.get("/cart")).text


async def test_products_cards_and_home_tell_of_a_running_drop(market: Market, shop: Shop) -> None:
    face = await a_drop(market, shop)
    await feed_index(market.db, market.outfit.index_folder)
    await market.outfit.finder.refresh(market.db)
    product_id = face.goods[0].product_id
    async with market.visitor() as visitor:
        home, found, product = [(await visitor.get(p)).text for p in ("/", "/search?q=teapot", f"/p/{product_id}")]
    assert "Today&#39;s drops" in home
    for page in (home, product):
        assert f'href="/drops/{face.id}"' in page
    for page in (home, found):
        assert f'href="/p/{product_id}?v={face.goods[0].variant_id}"' in page
    for page in (home, found, product):
        assert "<i>¥</i>99" in page
        assert "¥168.00" in page
    assert "At this price until" in product


async def test_a_home_without_drops_says_nothing_of_them(market: Market, shop: Shop) -> None:
    await a_drop(market, shop, starts_in=timedelta(days=3))
    async with market.visitor() as visitor:
        assert "Today&#39;s drops" not in (await visitor.get("/")).text


async def test_a_product_page_is_not_kept_past_a_beginning(market: Market, shop: Shop) -> None:
    face = await a_drop(market, shop, starts_in=timedelta(seconds=20))
    address = f"/p/{face.goods[0].product_id}"
    async with market.visitor() as visitor:
        before = await visitor.get(address)
        assert before.headers["cache-control"] == "public, max-age=20"
        assert "At ¥99.00 from" in before.text
        assert "<i>¥</i>168" in before.text
        market.db.clock.move(timedelta(seconds=20))
        after = await visitor.get(address)
    assert "<i>¥</i>99" in after.text


async def test_of_a_drop_with_a_room_the_product_page_leads_to_the_line(market: Market, shop: Shop) -> None:
    face = await a_drop(market, shop, room=True)
    async with market.visitor() as visitor:
        page = (await visitor.get(f"/p/{face.goods[0].product_id}")).text
    assert "To the line" in page
    assert 'action="/cart/lines"' not in page


async def test_a_page_is_there_though_the_board_is_not(
    market: Market, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    face = await a_drop(market, shop)
    monkeypatch.setattr(market.db.given(Board), "_seen_at", None)
    async with market.visitor() as visitor:
        for path in ("/drops", f"/drops/{face.id}", "/", f"/p/{face.goods[0].product_id}"):
            assert (await visitor.get(path)).status_code == 200, path
        assert "Noon drop" in (await visitor.get("/drops")).text


async def test_nothing_a_shop_writes_runs(market: Market) -> None:
    await make_categories(market.db)
    shop = await make_shop(market.db, name=EVIL[:40], slug="evil")
    product = await make_product(market.db, shop, title=EVIL, price=16_800)
    wish = GoodsWish(product.variants[0].id, 9_900, 5, 1)
    for starts_in in (timedelta(), HOUR):
        draft = drop_draft(market.db, wish, title=EVIL[:60], starts_in=starts_in, lasts=timedelta(minutes=30))
        if starts_in:
            market.db.clock.move(HOUR)
        await open_drop(market.db, shop.id, draft)
    await told(market)
    faces = market.db.given(Board).faces()
    assert faces
    paths = ["/", "/drops", *(f"/drops/{face.id}" for face in faces), f"/p/{product.id}"]
    for lang in ("en", "zh"):
        async with market.visitor(lang) as visitor:
            for path in paths:
                text = (await visitor.get(path)).text
                assert "<script>alert" not in text, path
                assert "<img src=x" not in text, path
                assert text.count("<script") == 1 + ("application/ld+json" in text), path


async def test_signed_in_people_see_their_own_page(market: Market, shop: Shop) -> None:
    face = await a_drop(market, shop)
    async with market.visitor() as visitor:
        await enter_as(market, visitor, await make_person(market.db, "Ming"))
        page = await visitor.get(f"/drops/{face.id}")
    assert page.headers["cache-control"] == "private, no-store"
    assert 'name="csrf" value=""' not in page.text


async def test_no_link_of_a_drop_leads_nowhere(market: Market, shop: Shop) -> None:
    face = await a_drop(market, shop)
    async with market.visitor() as visitor:
        seen: set[str] = set()
        for path in ("/drops", f"/drops/{face.id}"):
            text = (await visitor.get(path)).text
            seen |= {href.partition("#")[0].replace("&amp;", "&") for href in re.findall(r'href="(/[^"]*)"', text)}
        wrong = [h for h in sorted(seen - {""}) if (await visitor.get(h)).status_code >= 400]
    assert not wrong, wrong


async def test_a_page_made_for_one_visitor_is_shown_to_others_of_that_second_only(market: Market, shop: Shop) -> None:
    face = await a_drop(market, shop, quota=2)
    async with market.visitor() as one, market.visitor("zh") as two, market.visitor() as guest:
        first = await one.get(f"/drops/{face.id}")
        assert (await guest.get(f"/drops/{face.id}")).text == first.text
        assert (await two.get(f"/drops/{face.id}")).text != first.text
        assert "hreflang" in (await guest.get(f"/drops/{face.id}?lang=zh-CN")).text
        await guest.post(f"/drops/{face.id}/goods", data={"variant_id": str(int(face.goods[0].variant_id))})
        market.db.clock.move(timedelta(seconds=1))
        later = (await guest.get(f"/drops/{face.id}")).text
        assert market.db.clock.now().isoformat() in later
        await enter_as(market, guest, await make_person(market.db, "Ming"))
        assert "Account of Ming" in (await guest.get("/strip")).text
        own = await guest.get(f"/drops/{face.id}")
        assert own.headers["cache-control"] == "private, no-store"
        assert (await one.get(f"/drops/{face.id}")).text != own.text
