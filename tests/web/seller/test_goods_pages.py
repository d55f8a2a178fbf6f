"""A shop's goods as pages: found, made, changed, counted; without a script and with."""

import re
from html import unescape
from typing import Any

import pytest

from fairground.kit.actor import person
from fairground.kit.i18n.words import LANGUAGES
from fairground.market.catalog.actions.stock import count_stock
from fairground.market.catalog.model import Product, ProductState
from fairground.market.catalog.queries import get_product, list_products_of_shop, map_products
from fairground.market.inventory.queries import map_stock
from fairground.market.shops.actions.staff import invite_staff, join_shop
from fairground.market.shops.model import Role
from fairground.market.shops.queries import find_shop_by_slug
from tests.support.accounts import make_person
from tests.support.catalog import make_categories, make_product, make_shirt
from tests.support.media import draw
from tests.support.shopkeeper import shopkeeper
from tests.support.shops import MARKET, make_shop
from tests.support.statements import statements
from tests.support.web import Market

GOODS = "/seller/tea-house/goods"
MUG = {
    "title": "Mug",
    "description": "**Red** clay",
    "price": "19.90",
    "stock": "5",
    "language": "en",
    "variant_values": "[]",
}


async def products(market: Market) -> list[Product]:
    shop = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
    assert shop is not None
    page = await market.db.read(lambda r: list_products_of_shop(r, shop.id, limit=100))
    found = await market.db.read(lambda r: map_products(r, [card.id for card in page.items]))
    return sorted(found.values(), key=lambda p: p.id)


async def stock_of(market: Market, product: Product) -> list[int | None]:
    found = await market.db.read(lambda r: map_stock(r, [v.id for v in product.variants]))
    return [found[v.id] for v in product.variants]


def fields_of(page: str) -> dict[str, Any]:
    """Read a form as a browser would send it back."""
    form = page[page.index('<form class="form product-form"') :]
    form = form[: form.index("</form>")]
    found: dict[str, Any] = {}

    def put(name: str, value: str) -> None:
        found.setdefault(name, []).append(unescape(value))

    for tag in re.finditer(r"<input\b[^>]*>|<textarea\b[^>]*>(.*?)</textarea>|<select\b.*?</select>", form, re.DOTALL):
        text = tag[0]
        name = re.search(r'\sname="([^"]*)"', text)
        if name is None or 'type="file"' in text:
            continue
        if text.startswith("<textarea"):
            put(name[1], tag[1].removeprefix("\n"))
        elif text.startswith("<select"):
            chosen = re.search(r'value="([^"]*)" selected', text)
            put(name[1], chosen[1] if chosen else "")
        elif 'type="checkbox"' not in text or " checked" in text:
            value = re.search(r'\svalue="([^"]*)"', text)
            put(name[1], value[1] if value else "on")
    return found


async def test_a_product_is_made_in_one_step_and_is_on_sale(market: Market) -> None:
    async with shopkeeper(market) as who:
        await who.see(f"{GOODS}/new")
        answer = await who.send(f"{GOODS}/new", MUG)
        assert answer.status_code == 303
        (mug,) = await products(market)
        assert (mug.title, mug.state, mug.variants[0].price.amount) == ("Mug", ProductState.ON_SALE, 1990)
        assert await stock_of(market, mug) == [5]
        page = await who.see(GOODS)
        assert "“Mug” is on sale." in page
        assert "5 left" in page
        assert "Mug" in await who.see(f"/p/{mug.id}")


async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(market: Market) -> None:
    async with shopkeeper(market) as who:
        answer = await who.send(f"{GOODS}/new", {**MUG, "title": "", "price": "free", "stock": "-1", "sku": "K-1"})
        assert answer.status_code == 422
        page = answer.text
        assert "An amount such as 19.90, please." in page
        assert "A whole number, please, or nothing at all if you do not count." in page
        assert 'value="free"' in page
        assert "Price: An amount such as 19.90, please." in page
        assert 'id="f-title-error"' in page  # all of it at once, not the title only when the price is right
        assert 'value="K-1"' in page
        answer = await who.send(f"{GOODS}/new", {**MUG, "title": "", "price": "0"})
        assert answer.status_code == 422
        assert "Please fill this in." in answer.text
        assert "A price is above zero" in answer.text
        assert await products(market) == []


async def test_options_become_a_table_that_keeps_what_was_typed(market: Market) -> None:
    async with shopkeeper(market) as who:
        options = {"option_name": ["Colour", "Size", ""], "option_values": ["red, blue", "S、M", ""]}
        answer = await who.send(f"{GOODS}/new", {**MUG, **options})
        assert answer.status_code == 422  # the table is not there yet, so nobody has seen its prices
        assert "look at the variants below" in answer.text
        fields = fields_of(answer.text)
        assert fields["variant_values"] == ['["red","S"]', '["red","M"]', '["blue","S"]', '["blue","M"]']
        assert fields["price"] == ["19.90"] * 4
        fields |= {"price": ["10", "11", "12", "13"], "stock": ["1", "", "3", "4"], "left_out": ["3"]}
        answer = await who.send(f"{GOODS}/new", fields)
        assert answer.status_code == 303, answer.text
        (mug,) = await products(market)
        assert [v.options for v in mug.variants] == [
            {"Colour": "red", "Size": "S"},
            {"Colour": "red", "Size": "M"},
            {"Colour": "blue", "Size": "S"},
        ]
        assert [v.price.amount for v in mug.variants] == [1000, 1100, 1200]
        assert await stock_of(market, mug) == [1, None, 3]


async def test_a_new_choice_takes_over_the_prices_of_the_rows_it_splits(market: Market) -> None:
    async with shopkeeper(market) as who:
        step = {"step": "variants"}
        one = {**MUG, "option_name": ["Colour", "", ""], "option_values": ["red, blue", "", ""], **step}
        fields = fields_of((await who.send(f"{GOODS}/new", one)).text) | {"price": ["10", "20"]}
        fields |= {"option_name": ["Colour", "Size", ""], **step}
        fields = fields_of((await who.send(f"{GOODS}/new", fields)).text)
        assert fields["price"] == ["10", "20"]  # a size without values changes nothing yet
        fields |= {"option_values": ["red, blue", "S, M", ""], **step}
        fields = fields_of((await who.send(f"{GOODS}/new", fields)).text)
        assert fields["price"] == ["10", "10", "20", "20"]


async def test_the_table_follows_the_options_by_script(market: Market) -> None:
    async with shopkeeper(market) as who:
        fields = {**MUG, "option_name": ["Colour", "", ""], "option_values": ["red, blue", "", ""], "step": "variants"}
        answer = await who.send(f"{GOODS}/new", fields, headers={"hx-request": "true"})
        assert answer.status_code == 200
        assert answer.text.count('name="variant_values"') == 2
        assert "<html" not in answer.text
        preview = await who.send(f"{GOODS}/new", {**MUG, "step": "preview"}, headers={"hx-request": "true"})
        assert "<strong>Red</strong>" in preview.text
        assert await products(market) == []


async def test_a_category_brings_its_details(market: Market) -> None:
    await make_categories(market.db)
    async with shopkeeper(market) as who:
        page = await who.see(f"{GOODS}/new")
        slug = re.search(r'<option value="([a-z0-9-]+)">[^<]*Ceramics', page)
        assert slug is not None
        answer = await who.send(f"{GOODS}/new", {**MUG, "category": slug[1], "step": "attributes"})
        names = re.findall(r'name="(a-[a-z_]+)"', answer.text)
        assert "a-origin" in names
        answer = await who.send(
            f"{GOODS}/new", {**MUG, "category": slug[1], "a-origin": "Jingdezhen", "a-handmade": "yes"}
        )
        assert answer.status_code == 303, answer.text
        (mug,) = await products(market)
        assert (mug.attributes["origin"], mug.attributes["handmade"]) == ("Jingdezhen", True)


async def test_a_form_sent_back_as_it_came_changes_nothing(market: Market) -> None:
    async with shopkeeper(market) as who:
        shop = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
        assert shop is not None
        shirt = await make_shirt(market.db, shop, handle="shirt")
        fields = fields_of(await who.see(f"{GOODS}/{shirt.id}"))
        assert (await who.send(f"{GOODS}/{shirt.id}", fields)).status_code == 303
        assert await market.db.read(lambda r: get_product(r, shirt.id)) == shirt


async def test_a_product_is_changed_and_its_history_says_so(market: Market) -> None:
    async with shopkeeper(market) as who:
        shop = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
        assert shop is not None
        shirt = await make_shirt(market.db, shop)
        fields = fields_of(await who.see(f"{GOODS}/{shirt.id}"))
        fields |= {"title": ["Blouse"], "price": ["80", "99.00", "99.00", "99.00"], "other_title": ["衬衫"]}
        assert (await who.send(f"{GOODS}/{shirt.id}", fields)).status_code == 303
        changed = await market.db.read(lambda r: get_product(r, shirt.id))
        assert (changed.title, changed.variants[0].price.amount) == ("Blouse", 8000)
        assert changed.translations["zh-CN"].title == "衬衫"
        assert [v.id for v in changed.variants] == [v.id for v in shirt.variants]
        history = await who.see(f"{GOODS}/{shirt.id}/history")
        assert "Title before: Shirt" in history
        assert who.person.name in history


async def test_pieces_sold_meanwhile_are_not_given_back_by_an_old_form(market: Market) -> None:
    async with shopkeeper(market) as who:
        shop = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
        assert shop is not None
        mug = await make_product(market.db, shop, stock=10)
        fields = fields_of(await who.see(f"{GOODS}/{mug.id}"))
        await market.db.write(MARKET, lambda tx: count_stock(tx, mug.variants[0].id, 7))
        await who.send(f"{GOODS}/{mug.id}", {**fields, "title": ["Better mug"]})
        assert await stock_of(market, mug) == [7]
        await who.send(f"{GOODS}/{mug.id}", {**fields, "stock": ["12"], "version": ["2"]})
        assert await stock_of(market, mug) == [12]


async def test_two_people_do_not_overwrite_each_other(market: Market) -> None:
    async with shopkeeper(market) as who:
        shop = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
        assert shop is not None
        mug = await make_product(market.db, shop)
        fields = fields_of(await who.see(f"{GOODS}/{mug.id}"))
        assert (await who.send(f"{GOODS}/{mug.id}", {**fields, "title": ["One"]})).status_code == 303
        answer = await who.send(f"{GOODS}/{mug.id}", {**fields, "title": ["Two"]})
        assert answer.status_code == 409
        assert "Somebody else has changed this product" in answer.text
        assert (await market.db.read(lambda r: get_product(r, mug.id))).title == "One"


async def test_pictures_are_kept_even_when_the_form_is_not_yet_good(market: Market) -> None:
    async with shopkeeper(market) as who:
        await who.see(f"{GOODS}/new")
        files = [("pictures", ("a.jpg", draw())), ("pictures", ("b.jpg", draw(300, 300)))]
        answer = await who.send(f"{GOODS}/new", {**MUG, "title": ""}, files=files)
        assert answer.status_code == 422
        fields = fields_of(answer.text)
        assert len(fields["picture"]) == 2
        fields |= {"title": ["Mug"], "picture_order": ["2", "1"], "picture_alt": ["Back", "Front"]}
        assert (await who.send(f"{GOODS}/new", fields)).status_code == 303
        (mug,) = await products(market)
        assert [p.alt for p in mug.pictures] == ["Front", "Back"]
        fields = fields_of(await who.see(f"{GOODS}/{mug.id}"))
        await who.send(f"{GOODS}/{mug.id}", {**fields, "picture_gone": [fields["picture"][0]]})
        assert [p.alt for p in (await products(market))[0].pictures] == ["Back"]


async def test_a_picture_that_is_none_is_named(market: Market) -> None:
    async with shopkeeper(market) as who:
        answer = await who.send(f"{GOODS}/new", MUG, files=[("pictures", ("a.png", b"<html>no picture</html>"))])
        assert answer.status_code == 422
        assert "This file is not a JPEG, PNG, WebP, GIF or AVIF picture." in answer.text
        assert await products(market) == []


async def test_goods_are_found_by_state_word_and_code(market: Market) -> None:
    async with shopkeeper(market) as who:
        shop = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
        assert shop is not None
        await make_product(market.db, shop, title="Red teapot", handle="POT-1")
        await make_product(market.db, shop, title="Blue cup", stock=0)
        await make_product(market.db, shop, title="Old jar", state=ProductState.DRAFT)
        page = await who.see(GOODS)
        assert all(title in page for title in ("Red teapot", "Blue cup", "Old jar", "Sold out"))
        assert "Blue cup" not in await who.see(f"{GOODS}?q=teaPOT")
        assert "Red teapot" in await who.see(f"{GOODS}?q=pot-1")
        drafts = await who.see(f"{GOODS}?shown=draft")
        assert "Old jar" in drafts
        assert "Blue cup" not in drafts
        assert "Nothing like that" in await who.see(f"{GOODS}?q=%25")


async def test_many_go_on_and_off_sale_at_once(market: Market) -> None:
    async with shopkeeper(market) as who:
        shop = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
        assert shop is not None
        made = [await make_product(market.db, shop, title=f"Mug {n}") for n in range(3)]
        stranger = await make_product(market.db, await make_shop(market.db))
        ids = [str(p.id) for p in made[:2]]
        assert (await who.send(GOODS, {"ids": ids, "deed": "off"})).status_code == 303
        assert [p.state for p in await products(market)] == [ProductState.OFF_SALE] * 2 + [ProductState.ON_SALE]
        assert "2 products are off sale now." in await who.see(GOODS)
        assert (await who.send(GOODS, {"ids": [*ids, str(stranger.id)], "deed": "on"})).status_code == 404
        assert (await who.send(GOODS, {"ids": [str(p.id) for p in made], "deed": "on"})).status_code == 303
        assert {p.state for p in await products(market)} == {ProductState.ON_SALE}
        await who.send(f"{GOODS}/{made[0].id}/state", {"deed": "off"})
        assert (await products(market))[0].state is ProductState.OFF_SALE


async def test_stock_is_counted_for_many_at_once_or_not_at_all(market: Market) -> None:
    async with shopkeeper(market) as who:
        shop = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
        assert shop is not None
        shirt = await make_shirt(market.db, shop)
        await who.see(f"{GOODS}/stock")
        variants = [str(v.id) for v in shirt.variants]
        answer = await who.send(f"{GOODS}/stock", {"variant": variants, "stock": ["1", "2", "many", ""]})
        assert answer.status_code == 422
        assert 'value="many"' in answer.text
        assert await stock_of(market, shirt) == [5, 5, 5, 5]
        answer = await who.send(f"{GOODS}/stock", {"variant": variants, "stock": ["1", "2", "0", ""]})
        assert answer.status_code == 303
        assert await stock_of(market, shirt) == [1, 2, 0, None]


@pytest.mark.parametrize("path", ["", "/new", "/stock", "/import", "/{id}", "/{id}/history"])
async def test_every_page_asks_at_most_six_questions(market: Market, path: str) -> None:
    async with shopkeeper(market) as who:
        shop = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
        assert shop is not None
        for _ in range(3):
            shirt = await make_shirt(market.db, shop)
        with statements() as seen:
            await who.see(f"{GOODS}{path.format(id=shirt.id)}")
        assert len(seen) <= 7, seen  # one of them finds out who calls


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pages_speak_both_languages_and_lead_nowhere_empty(market: Market, language: str) -> None:
    async with shopkeeper(market, "zh" if language == "zh-CN" else "en") as who:
        shop = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
        assert shop is not None
        mug = await make_product(market.db, shop)
        home = "/seller/tea-house"
        seen, waiting = (
            set[str](),
            [home + p for p in ("/goods", "/goods/stock", "/goods/import", "/face", "/staff", "/delivery")],
        )
        waiting += [f"{GOODS}/{mug.id}", f"{GOODS}/{mug.id}/history", f"{GOODS}/new", "/seller/open"]
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            answer = await who.visitor.get(path, follow_redirects=True)
            assert answer.status_code == 200, path
            if path.startswith(home) and "text/html" in answer.headers["content-type"]:
                assert f'lang="{language}"' in answer.text
                waiting += [unescape(h) for h in re.findall(r'href="(/[^"#]*)"', answer.text) if "static" not in h]
        assert len(seen) > 12


async def test_a_clerk_counts_and_changes_nothing_else(market: Market) -> None:
    async with shopkeeper(market) as _:
        shop = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
        assert shop is not None
        mug = await make_product(market.db, shop)
        clerk = await make_person(market.db, "Packer")
        await market.db.write(MARKET, lambda tx: invite_staff(tx, shop.id, clerk.id, Role.CLERK))
        await market.db.write(person(clerk.id), lambda tx: join_shop(tx, shop.id, clerk.id))
        async with shopkeeper(market, person=clerk, shop=None) as who:
            page = await who.see(GOODS)
            assert f"{GOODS}/new" not in page
            await who.see(f"{GOODS}/stock")
            for path in ("/new", f"/{mug.id}", "/import", f"/{mug.id}/history"):
                await who.see(GOODS + path, 403)
            assert (await who.send(GOODS, {"ids": [str(mug.id)], "deed": "off"})).status_code == 403
            answer = await who.send(f"{GOODS}/stock", {"variant": str(mug.variants[0].id), "stock": "3"})
            assert answer.status_code == 303
    assert await stock_of(market, mug) == [3]


async def test_restocking_shows_what_runs_low_and_only_that(market: Market) -> None:
    async with shopkeeper(market) as who:
        shop = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
        assert shop is not None
        await make_product(market.db, shop, title="Plenty", stock=50)
        shirt = await make_shirt(market.db, shop)
        first, *others = [str(v.id) for v in shirt.variants]
        low = f"{GOODS}/stock?low=1"
        await who.see(low)
        await who.send(f"{GOODS}/stock", {"variant": [first, *others], "stock": ["0", "50", "50", "50"]})
        with statements() as seen:
            page = await who.see(low)
        assert len(seen) <= 7, seen
        assert f's-{first}"' in page
        assert not [other for other in others if f's-{other}"' in page]
        assert "Plenty" not in page
        answer = await who.send(f"{GOODS}/stock", {"variant": [first], "stock": ["many"], "low": "1"})
        assert answer.status_code == 422
        assert 'value="many"' in answer.text
        answer = await who.send(f"{GOODS}/stock", {"variant": [first], "stock": ["40"], "low": "1"})
        assert answer.headers["location"] == low
        assert "Enough of everything" in await who.see(low)
