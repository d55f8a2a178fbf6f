"""The cart's page, with and without a script."""

import re

import httpx
import pytest

from fairground.market.catalog.actions.stock import count_stock
from fairground.market.shops.actions.state import suspend_shop
from tests.support.accounts import make_person, sign_in_as
from tests.support.cart import variant_of
from tests.support.catalog import make_product, make_shirt
from tests.support.shops import MARKET, make_shop
from tests.support.statements import statements
from tests.support.web import Market, token_of

HTMX = {"hx-request": "true"}


async def add(client: httpx.AsyncClient, variant_id: int, quantity: int = 1, csrf: str = "") -> httpx.Response:
    form = {"variant_id": str(int(variant_id)), "quantity": str(quantity), "csrf": csrf}
    return await client.post("/cart/lines", data=form)


@pytest.mark.parametrize(("language", "words"), [("en", "Your cart is empty"), ("zh", "购物车还是空的")])
async def test_an_empty_cart_invites(market: Market, language: str, words: str) -> None:
    async with market.visitor(language) as guest:
        answer = await guest.get("/cart")
    assert answer.status_code == 200
    assert words in answer.text
    assert "fg_guest" not in answer.cookies


async def test_a_guest_puts_in_changes_chooses_and_takes_out_without_a_script(market: Market) -> None:
    shop = await make_shop(market.db, name="Pots & Pans")
    pot, pan = (
        await make_product(market.db, shop, title="Teapot", price=10_000),
        await make_product(market.db, shop, title="<script>pan</script>", price=3_000),
    )
    async with market.visitor() as guest:
        answer = await add(guest, variant_of(pot), 2)
        assert (answer.status_code, answer.headers["location"]) == (303, "/cart")
        await add(guest, variant_of(pan))
        page = (await guest.get("/cart")).text
        assert "Teapot" in page
        assert "Pots &amp; Pans" in page
        assert "<script>pan" not in page
        assert "230.00" in re.sub(r"<[^>]+>", "", page)

        await guest.post("/cart/selection", data={"selected": "0", "variant_id": str(int(variant_of(pot)))})
        assert "30.00" in re.sub(r"<[^>]+>", "", (await guest.get("/cart")).text)
        await guest.post("/cart/selection", data={"selected": "0"})
        assert "Choose something first." in (await guest.get("/cart")).text
        await guest.post("/cart/selection", data={"selected": "1"})

        await guest.post(f"/cart/lines/{int(variant_of(pot))}", data={"quantity": "1"})
        assert "130.00" in re.sub(r"<[^>]+>", "", (await guest.get("/cart")).text)
        await guest.post("/cart/removal", data={"variant_id": [str(int(variant_of(p))) for p in (pot, pan)]})
        assert "Your cart is empty" in (await guest.get("/cart")).text


async def test_htmx_gets_the_part_and_what_was_taken_out_can_be_put_back(market: Market) -> None:
    pot = await make_product(market.db, await make_shop(market.db))
    async with market.visitor() as guest:
        form = {"variant_id": str(int(variant_of(pot))), "quantity": "3"}
        added = await guest.post("/cart/lines", data=form, headers=HTMX)
        assert "It is in your cart, with 1 thing." in added.text
        assert added.headers["hx-trigger"] == "cart-changed"
        gone = await guest.post("/cart/removal", data=form, headers=HTMX)
        assert 'id="cart"' in gone.text
        assert "<html" not in gone.text
        undo = re.search(r'action="(/cart/returned/[^"]+)"', gone.text)
        assert undo is not None
        assert (await guest.post(undo[1])).headers["location"] == "/cart"
        assert 'value="3"' in (await guest.get("/cart")).text


async def test_at_sign_in_the_guests_cart_moves_in(market: Market) -> None:
    pot = await make_product(market.db, await make_shop(market.db))
    session = await sign_in_as(market.db, await make_person(market.db))
    async with market.visitor() as browser:
        await add(browser, variant_of(pot))
        browser.cookies.set("fg_session", session.token)
        assert "Teapot" in (await browser.get("/cart")).text
        assert "fg_guest" not in browser.cookies
        page = (await browser.get("/cart")).text
        assert "Teapot" in page
        assert (await add(browser, variant_of(pot))).status_code == 403  # a person's form carries its token
        assert (await add(browser, variant_of(pot), csrf=token_of(page))).status_code == 303


async def test_what_cannot_be_bought_is_named_and_can_be_taken_out_at_once(market: Market) -> None:
    bad, good = await make_shop(market.db), await make_shop(market.db)
    theirs, few = await make_product(market.db, bad), await make_product(market.db, good, stock=9)
    fine = await make_product(market.db, good, title="Bowl")
    async with market.visitor() as guest:
        for product in (theirs, few, fine):
            await add(guest, variant_of(product), 4)
        await market.db.write(MARKET, lambda tx: suspend_shop(tx, bad.id, "counterfeits"))
        await market.db.write(MARKET, lambda tx: count_stock(tx, variant_of(few), 2))
        page = (await guest.get("/cart")).text
        assert "This shop cannot sell at the moment." in page
        assert "Only 2 left: please take fewer." in page
        assert "2 things cannot be bought at the moment." in page
        form = re.search(r'<form[^>]*action="/cart/removal".*?</form>', page, re.S)
        assert form is not None
        blocked = re.findall(r'name="variant_id" value="(\d+)"', form[0])
        assert {int(i) for i in blocked} == {int(variant_of(theirs)), int(variant_of(few))}
        await guest.post("/cart/removal", data={"variant_id": blocked})
        page = (await guest.get("/cart")).text
        assert "Bowl" in page
        assert "Teapot" not in page


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/cart/lines", {"variant_id": "abc"}),
        ("/cart/lines", {"quantity": "1"}),
        ("/cart/lines", {"variant_id": "5", "quantity": "many"}),
        ("/cart/selection", {"selected": "perhaps"}),
        ("/cart/removal", {"variant_id": "x"}),
    ],
)
async def test_bad_forms_are_refused(market: Market, path: str, form: dict[str, str]) -> None:
    async with market.visitor() as guest:
        assert (await guest.post(path, data=form)).status_code == 422


async def test_unknown_things_are_not_found(market: Market) -> None:
    async with market.visitor() as guest:
        assert (await add(guest, 12345)).status_code == 404
        assert (await guest.post("/cart/lines/abc", data={"quantity": "1"})).status_code == 404
        assert (await guest.post("/cart/returned/12345/1")).status_code == 404


async def test_a_full_page_costs_at_most_six_statements(market: Market) -> None:
    session = await sign_in_as(market.db, await make_person(market.db))
    shirts = [await make_shirt(market.db, await make_shop(market.db)) for _ in range(3)]
    async with market.visitor() as browser:
        browser.cookies.set("fg_session", session.token)
        csrf = token_of((await browser.get("/cart")).text)
        for shirt in shirts:
            for variant in shirt.variants:
                assert (await add(browser, variant.id, csrf=csrf)).status_code == 303
        with statements() as seen:
            page = await browser.get("/cart")
    assert page.text.count('class="item ') + page.text.count('class="item"') == 12
    assert len(seen) == 5, seen  # who calls, lines, offers, shops, stock
