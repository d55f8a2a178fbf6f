"""Hearts on pages: pressed without a script, told by the strip, listed in the account."""

import re

import httpx
import pytest

from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.cart.queries import which_hearts
from fairground.market.catalog.actions.change import change_product
from fairground.market.catalog.actions.state import withdraw_product
from fairground.market.catalog.model import ProductChange, VariantChange
from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_product, yuan
from tests.support.desk import enter_as
from tests.support.shops import MARKET, make_shop
from tests.support.statements import statements
from tests.support.web import HOST, Market, token_of


async def _press(browser: httpx.AsyncClient, page: str, **form: str) -> httpx.Response:
    """Press a heart on a page: its button belongs to the page's one form."""
    shown = (await browser.get(page)).text
    assert '<form id="keep" method="post" action="/saved"' in shown
    return await browser.post("/saved", data={"csrf": token_of(shown), **form}, headers={"referer": HOST + page})


async def test_a_heart_works_without_a_script(market: Market) -> None:
    shop, person = await make_shop(market.db), await make_person(market.db)
    tea = await make_product(market.db, shop)
    here, home = f"/p/{tea.id}", f"/s/{shop.slug}"
    async with market.visitor() as browser:
        await enter_as(market, browser, person)
        assert re.search(rf'form="keep" name="keep" value="{tea.id}"', (await browser.get(here)).text)
        done = await _press(browser, here, keep=str(tea.id))
        assert (done.status_code, done.headers["location"]) == (303, here)
        assert "Kept." in (await browser.get(here)).text
        assert re.search(rf'form="keep" name="follow" value="{shop.id}"', (await browser.get(home)).text)
        assert (await _press(browser, home, follow=str(shop.id))).headers["location"] == home
        things = (await browser.get("/account/saved")).text
        assert "Teapot" in things
        assert re.search(rf'name="drop" value="{tea.id}"[^>]*aria-pressed="true"', things)
        assert shop.name.replace("&", "&amp;") in (await browser.get("/account/saved?shops=1")).text
        await _press(browser, "/account/saved", drop=str(tea.id))
        await _press(browser, "/account/saved?shops=1", unfollow=str(shop.id))
        assert "Nothing kept yet" in (await browser.get("/account/saved")).text
        assert "You follow no shop yet" in (await browser.get("/account/saved?shops=1")).text


async def test_a_guest_is_asked_in_and_comes_back(market: Market) -> None:
    tea = await make_product(market.db, await make_shop(market.db))
    async with market.visitor() as guest:
        answer = await _press(guest, f"/p/{tea.id}", keep=str(tea.id))
        assert answer.headers["location"] == f"/sign-in?next=/p/{tea.id}"
        quick = await guest.post("/saved", data={"keep": str(tea.id)}, headers={"hx-request": "true"})
        assert quick.headers["hx-redirect"].startswith("/sign-in?next=")


async def test_the_strip_tells_which_are_on_and_pages_stay_the_same_for_guests(market: Market) -> None:
    shop, person = await make_shop(market.db), await make_person(market.db)
    tea, cup = [await make_product(market.db, shop, title=title) for title in ("Teapot", "Cup")]
    async with market.visitor() as browser, market.visitor() as guest:
        await enter_as(market, browser, person)
        await _press(browser, f"/p/{tea.id}", keep=str(tea.id))
        asked = {"hearts": f"{tea.id} {cup.id} {shop.id} nonsense 0"}
        strip = (await browser.get("/strip", params=asked)).text
        assert f'data-hearts="{tea.id}"' in strip
        with statements() as seen:
            assert "data-hearts" not in (await browser.get("/strip")).text
        assert not [sql for sql in seen if "cart.kept" in sql], "nobody asked"
        assert "data-hearts" not in (await guest.get("/strip", params=asked)).text
        page = await guest.get(f"/p/{tea.id}")
        assert page.headers["cache-control"].startswith("public")
        assert 'aria-pressed="true"' not in page.text


async def test_htmx_gets_no_content_and_refusals_are_told(market: Market) -> None:
    person = await make_person(market.db)
    tea = await make_product(market.db, await make_shop(market.db))
    async with market.visitor() as browser:
        await enter_as(market, browser, person)
        token = token_of((await browser.get(f"/p/{tea.id}")).text)
        quick = {"hx-request": "true", "x-csrf-token": token}
        assert (await browser.post("/saved", data={"keep": str(tea.id)}, headers=quick)).status_code == 204
        for form in ({"keep": "7"}, {"keep": "x"}, {}, {"follow": str(tea.id)}):
            assert (await browser.post("/saved", data=form, headers=quick)).status_code == 404
        assert (await browser.post("/saved", data={"keep": str(tea.id)})).status_code == 403, "no token"


async def test_what_became_cheaper_or_went_away_says_so(market: Market) -> None:
    shop, person = await make_shop(market.db), await make_person(market.db)
    tea, cup = [await make_product(market.db, shop, title=title) for title in ("Teapot", "Cup")]
    async with market.visitor() as browser:
        await enter_as(market, browser, person)
        for thing in (tea, cup):
            await _press(browser, f"/p/{thing.id}", keep=str(thing.id))
        cheaper = ProductChange(variants=[VariantChange(id=tea.variants[0].id, price=yuan(150))])
        await market.db.write(MARKET, lambda tx: change_product(tx, tea.id, cheaper))
        await market.db.write(MARKET, lambda tx: withdraw_product(tx, cup.id))
        page = (await browser.get("/account/saved")).text
        assert "Cheaper than when you kept it" in page
        assert "Not there just now" in page
        assert re.search(rf'name="drop" value="{cup.id}">Let go', page)


async def test_the_same_by_api(market: Market) -> None:
    shop, person = await make_shop(market.db), await make_person(market.db)
    tea = await make_product(market.db, shop)
    token = (await sign_in_as(market.db, person)).token
    saved, follows = "/api/v1/me/saved", "/api/v1/me/follows"
    async with market.program(token) as me, market.program() as guest:
        assert (await guest.put(f"{saved}/{tea.id}")).status_code == 401
        for _ in range(2):
            assert (await me.put(f"{saved}/{tea.id}")).status_code == 204
            assert (await me.put(f"{follows}/{shop.slug}")).status_code == 204
        (item,) = (await me.get(saved)).json()["items"]
        assert (item["product_id"], item["price"]["amount"]) == (str(tea.id), 19_900)
        assert item["product"]["title"] == "Teapot"
        assert [one["shop"] for one in (await me.get(follows)).json()["items"]] == [shop.slug]
        assert (await me.put(f"{saved}/7")).status_code == 404
        assert (await me.put(f"{follows}/nowhere")).status_code == 404
        on = await market.db.read(lambda r: which_hearts(r, PersonId(person.id), [Id(tea.id), Id(shop.id)]))
        assert len(on) == 2
        assert (await me.delete(f"{saved}/{tea.id}")).status_code == 204
        assert (await me.delete(f"{follows}/{shop.slug}")).status_code == 204
        assert (await me.get(saved)).json() == {"items": [], "next": None}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_the_page_is_there_in_both_languages(market: Market, language: str) -> None:
    person = await make_person(market.db, language=language)
    async with market.visitor() as browser:
        await enter_as(market, browser, person)
        answer = await browser.get("/account/saved")
    assert answer.status_code == 200
    assert ("收藏" if language == "zh-CN" else "Kept") in answer.text
