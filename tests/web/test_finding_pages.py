"""Home, category, results, product, shop, help: found in both languages, within six queries, and harmless."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from fairground.kit.db import Database
from fairground.market.catalog.actions.state import withdraw_product
from fairground.market.catalog.model import Product, ProductState, Translation
from fairground.market.promotions.actions.selling import create_coupon
from fairground.market.promotions.model import AmountOff, CouponDraft
from fairground.market.shops.actions.face import change_shop
from fairground.market.shops.actions.state import go_on_holiday, suspend_shop
from fairground.market.shops.model import Shop, ShopChange
from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_categories, make_product, make_shirt
from tests.support.search import feed_index
from tests.support.shops import MARKET, desk_clerk, make_shop
from tests.support.statements import statements
from tests.support.web import Market, token_of

EVIL = """<script>alert(1)</script>"><img src=x onerror=alert(2)>'"""
MOST = 6


@pytest.fixture
async def shop(market: Market) -> Shop:
    """A shop with a table full of things, in the index."""
    db = market.db
    await make_categories(db)
    shop = await make_shop(db, name="灯与泥", slug="clay")
    await db.write(MARKET, lambda tx: change_shop(tx, shop.id, ShopChange(about="We fire on **Sundays**.")))
    for number in range(30):
        await make_product(db, shop, title=f"Mug {number}", price=1_000 + 100 * number, category="tableware")
    await make_product(db, shop, title="柴烧提梁壶，两人份", price=16_800, language="zh-CN", category="tableware")
    await take_in(market)
    return shop


async def take_in(market: Market) -> None:
    """Bring index and categories up to date, as worker and web process do."""
    await feed_index(market.db, market.outfit.index_folder)
    await market.outfit.finder.refresh(market.db)


@pytest.fixture
async def visitor(market: Market) -> AsyncIterator[httpx.AsyncClient]:
    async with market.visitor("en") as visitor:
        yield visitor


async def make_coupon(db: Database, shop: Shop, off: int = 2_000, title: str = "First table") -> str:
    """Offer a coupon; gives its id."""

    async def deed(tx):  # type: ignore[no-untyped-def]
        ends = tx.now + timedelta(days=9)
        terms = CouponDraft(title=title, effect=AmountOff(off), threshold=5_000, starts_at=tx.now, ends_at=ends)
        return await create_coupon(tx, shop.id, terms)

    return str(int((await db.write(MARKET, deed)).id))


async def a_teapot(market: Market, shop: Shop, **more: object) -> Product:
    product = await make_product(market.db, shop, title="Wave teapot", category="tableware", **more)  # type: ignore[arg-type]
    await take_in(market)
    return product


@pytest.mark.parametrize(
    "path", ["/", "/search", "/search?q=mug", "/search?q=mug&shop=clay", "/c/tableware", "/s/clay", "/help", "PRODUCT"]
)
@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_each_page_asks_at_most_six_queries(market: Market, shop: Shop, path: str, lang: str) -> None:
    await make_coupon(market.db, shop)
    shirt = await make_shirt(market.db, shop, category="mens-clothing")
    await take_in(market)
    async with market.visitor(lang) as visitor:
        with statements() as seen:
            answer = await visitor.get(path.replace("PRODUCT", f"/p/{shirt.id}"))
    assert answer.status_code == 200
    assert len(seen) <= MOST, seen
    assert answer.headers["cache-control"].startswith("public")
    assert ("zh-CN" if lang == "zh" else '"en"') in answer.text[:80]


async def test_chinese_words_find_chinese_things(market: Market, shop: Shop) -> None:
    async with market.visitor("zh") as visitor:
        found = await visitor.get("/search", params={"q": "提梁壶"})
        priced = await visitor.get("/search", params={"q": "提梁壶 100 元以内"})
    assert "柴烧提梁壶，两人份" in found.text
    assert "柴烧提梁壶" not in priced.text
    assert "摊上没有这样的东西" in priced.text
    assert "¥100 以内" in priced.text


async def test_show_more_goes_on_by_link_and_by_part(shop: Shop, visitor: httpx.AsyncClient) -> None:
    first = await visitor.get("/search?q=mug")
    href = first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    whole = await visitor.get(href)
    part = await visitor.get(href, headers={"hx-request": "true"})
    assert whole.text.startswith("<!doctype")
    assert not part.text.lstrip().startswith("<!doctype")
    shown = [text.count('class="good"') for text in (first.text, whole.text, part.text)]
    assert shown == [24, 6, 6]
    assert 'hx-swap-oob="innerHTML:#more-place"' in part.text


async def test_facets_narrow_and_chips_take_it_back(shop: Shop, visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/search?q=mug&category=tableware&max_price=15&sort=price")
    assert page.text.count('class="good"') == 6
    assert "Up to ¥15" in page.text
    assert 'name="category" value="tableware"' in page.text
    assert 'href="/search?q=mug&amp;max_price=15&amp;sort=price"' in page.text


async def test_nonsense_in_an_address_is_left_out(shop: Shop, visitor: httpx.AsyncClient) -> None:
    for query in ("min_price=abc&max_price=-5", "sort=sideways", "category=nowhere", "shop=nobody", "attr=x&attr=a=b"):
        assert (await visitor.get(f"/search?{query}")).status_code == 200, query


async def test_each_language_of_a_page_has_its_own_address(
    market: Market, shop: Shop, visitor: httpx.AsyncClient
) -> None:
    base = market.outfit.place.url
    plain = await visitor.get("/c/tableware")
    for tongue, end in (("zh-CN", "?lang=zh-CN"), ("en", ""), ("x-default", "")):
        assert f'hreflang="{tongue}" href="{base}/c/tableware{end}"' in plain.text
    assert f'rel="canonical" href="{base}/c/tableware"' in plain.text
    chinese = await visitor.get("/c/tableware?lang=zh-CN&sort=newest")
    assert '<html lang="zh-CN">' in chinese.text
    assert f'rel="canonical" href="{base}/c/tableware?lang=zh-CN"' in chinese.text
    assert 'name="next" value="/c/tableware?sort=newest"' in chinese.text
    assert "hreflang" not in (await visitor.get("/search?q=mug")).text


async def test_what_is_not_found_is_followed_by_what_is_new(shop: Shop, visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/search?q=zzqqxx")
    assert "Nothing on the tables for this" in page.text
    assert page.text.count('class="good-name"') == 10


async def test_what_is_not_there_is_not_found(market: Market, shop: Shop, visitor: httpx.AsyncClient) -> None:
    draft = await make_product(market.db, shop, title="Secret", state=ProductState.DRAFT)
    for path in ("/p/0", "/p/abc", "/p/12345", f"/p/{draft.id}", "/s/nobody", "/c/nothing", "/search?after=@@"):
        answer = await visitor.get(path)
        assert answer.status_code in (404, 422), path
        assert "Secret" not in answer.text


async def test_a_product_is_bought_by_a_form(market: Market, shop: Shop, visitor: httpx.AsyncClient) -> None:
    product = await a_teapot(market, shop)
    page = (await visitor.get(f"/p/{product.id}")).text
    assert 'action="/cart/lines"' in page
    assert f'name="variant_id" value="{product.variants[0].id}"' in page
    assert 'name="next" value="/checkout"' in page
    answer = await visitor.post("/cart/lines", data={"variant_id": str(int(product.variants[0].id)), "quantity": "2"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")
    assert 'aria-label="Cart, 1 thing"' in (await visitor.get("/strip")).text


async def test_each_choice_leads_to_its_variant(market: Market, shop: Shop, visitor: httpx.AsyncClient) -> None:
    shirt = await make_shirt(market.db, shop)
    blue_s = next(v for v in shirt.variants if v.options == {"Colour": "blue", "Size": "S"})
    red_s = next(v for v in shirt.variants if v.options == {"Colour": "red", "Size": "S"})
    blue_m = next(v for v in shirt.variants if v.options == {"Colour": "blue", "Size": "M"})
    page = (await visitor.get(f"/p/{shirt.id}?v={blue_s.id}")).text
    assert f'name="variant_id" value="{blue_s.id}"' in page
    for near in (red_s, blue_m):
        assert f'href="/p/{shirt.id}?v={near.id}"' in page
    assert (await visitor.get(f"/p/{shirt.id}?v=999")).status_code == 200


async def test_a_sold_out_thing_cannot_be_put_in_the_cart(
    market: Market, shop: Shop, visitor: httpx.AsyncClient
) -> None:
    product = await make_product(market.db, shop, title="Gone", stock=0)
    page = (await visitor.get(f"/p/{product.id}")).text
    assert "Sold out for now." in page
    assert 'action="/cart/lines"' not in page


async def test_off_sale_says_so_and_offers_others(market: Market, shop: Shop, visitor: httpx.AsyncClient) -> None:
    product = await a_teapot(market, shop)
    await market.db.write(MARKET, lambda tx: withdraw_product(tx, product.id))
    await take_in(market)
    answer = await visitor.get(f"/p/{product.id}")
    assert answer.status_code == 200
    assert "not for sale any more" in answer.text
    assert "Good beside it" in answer.text
    assert 'action="/cart/lines"' not in answer.text
    assert '<meta name="robots" content="noindex">' in answer.text


async def test_a_suspended_shop_is_not_shown(market: Market, shop: Shop, visitor: httpx.AsyncClient) -> None:
    product = await a_teapot(market, shop)
    clerk = await desk_clerk(market.db)
    await market.db.write(clerk, lambda tx: suspend_shop(tx, shop.id, "counterfeit goods"))
    await take_in(market)
    assert (await visitor.get("/s/clay")).status_code == 404
    page = (await visitor.get(f"/p/{product.id}")).text
    assert 'action="/cart/lines"' not in page
    assert 'href="/s/clay"' not in page
    assert "Wave teapot" not in (await visitor.get("/search?q=teapot")).text


async def test_a_holiday_is_told(market: Market, shop: Shop, visitor: httpx.AsyncClient) -> None:
    product = await a_teapot(market, shop)
    await market.db.write(MARKET, lambda tx: go_on_holiday(tx, shop.id, note="Gone to the sea."))
    await take_in(market)
    assert "Gone to the sea." in (await visitor.get("/s/clay")).text
    assert "The shop rests for a while" in (await visitor.get(f"/p/{product.id}")).text


async def test_the_final_price_comes_first_and_is_taken_apart(
    market: Market, shop: Shop, visitor: httpx.AsyncClient
) -> None:
    coupon_id = await make_coupon(market.db, shop)
    product = await a_teapot(market, shop, price=16_800)
    page = (await visitor.get(f"/p/{product.id}")).text
    assert "<i>¥</i>148" in page
    assert "-¥20.00" in page or "−¥20.00" in page
    assert f'action="/coupons/{coupon_id}/taking"' in page


async def test_a_coupon_is_taken_once_signed_in(market: Market, shop: Shop) -> None:
    coupon_id = await make_coupon(market.db, shop)
    person = await make_person(market.db)
    async with market.visitor() as visitor:
        guest = await visitor.post(f"/coupons/{coupon_id}/taking")
        assert guest.headers["location"].startswith("/sign-in")
        session = await sign_in_as(market.db, person)
        visitor.cookies.set("fg_session", session.token)
        page = await visitor.get("/s/clay")
        assert page.headers["cache-control"] == "private, no-store"
        taken = await visitor.post(
            f"/coupons/{coupon_id}/taking",
            data={"csrf": token_of(page.text)},
            headers={"referer": "http://market.test/s/clay"},
        )
        assert (taken.status_code, taken.headers["location"]) == (303, "/s/clay")
        again = await visitor.get("/s/clay")
        assert "Yours now: First table" in again.text
        assert f'action="/coupons/{coupon_id}/taking"' not in again.text


async def test_the_original_is_marked_and_the_translation_shown(market: Market, shop: Shop) -> None:
    words = Translation("Wood-fired pot", "It takes thirty-six hours.")
    product = await make_product(
        market.db,
        shop,
        title="柴烧壶",
        description="烧三十六个小时。",
        language="zh-CN",
        translations={"en": words},
    )
    plain = await make_product(market.db, shop, title="土布", description="一匹。", language="zh-CN")
    async with market.visitor("en") as visitor:
        translated = (await visitor.get(f"/p/{product.id}")).text
        original = (await visitor.get(f"/p/{plain.id}")).text
    assert "<h1>Wood-fired pot</h1>" in translated
    assert '<div class="prose" lang="zh-CN"><h3>柴烧壶</h3>' in translated
    assert '<h1 lang="zh-CN">土布</h1>' in original


async def test_nothing_a_shop_writes_runs(market: Market) -> None:
    db = market.db
    await make_categories(db)
    shop = await make_shop(db, name=EVIL[:40], slug="evil")
    await db.write(MARKET, lambda tx: change_shop(tx, shop.id, ShopChange(about=EVIL)))
    await make_coupon(db, shop, title=EVIL[:60])
    product = await make_shirt(
        db,
        shop,
        colours=(EVIL, "blue"),
        description=EVIL,
        description_format="html",
        translations={"zh-CN": Translation(EVIL, EVIL)},
    )
    evil = await make_product(db, shop, title=EVIL, description=EVIL, category="tableware")
    await take_in(market)
    paths = ("/", "/search", f"/search?q={EVIL}&attr={EVIL}=1&min_price={EVIL}&after=", "/c/tableware", "/s/evil")
    for lang in ("en", "zh"):
        async with market.visitor(lang) as visitor:
            for path in (*paths, f"/p/{product.id}", f"/p/{evil.id}", f"/s/evil?q={EVIL}"):
                text = (await visitor.get(path)).text
                assert "<script>alert" not in text, path
                assert "<img src=x" not in text, path
                assert 'onerror=alert(2)>"' not in text, path
                assert text.count("<script") == 1 + ("application/ld+json" in text), path


async def test_robots_and_sitemap(market: Market, shop: Shop, visitor: httpx.AsyncClient) -> None:
    product = await a_teapot(market, shop)
    robots = await visitor.get("/robots.txt")
    assert "Disallow: /cart" in robots.text
    assert "Sitemap: http://market.test/sitemap.xml" in robots.text
    sitemap = (await visitor.get("/sitemap.xml")).text
    for path in ("/c/tableware", "/s/clay", f"/p/{product.id}"):
        assert f"<loc>http://market.test{path}</loc>" in sitemap


async def test_no_link_of_a_page_leads_nowhere(market: Market, shop: Shop, visitor: httpx.AsyncClient) -> None:
    import re

    product = await a_teapot(market, shop)
    seen: set[str] = set()
    for path in ("/", "/search?q=mug", "/c/tableware", "/s/clay", f"/p/{product.id}", "/help"):
        text = (await visitor.get(path)).text
        seen |= {href.partition("#")[0].replace("&amp;", "&") for href in re.findall(r'href="(/[^"]*)"', text)}
    later = ("/seller", "/checkout")  # rooms that other hands are building
    wrong = {}
    for href in sorted(seen - {""}):
        answer = await visitor.get(href)
        if answer.status_code >= 400 and not href.startswith(later):
            wrong[href] = answer.status_code
    assert not wrong


async def test_the_strip_tells_who_is_here(market: Market, shop: Shop) -> None:
    person = await make_person(market.db, "Ming")
    async with market.visitor() as visitor:
        assert "Sign in" in (await visitor.get("/strip")).text
        session = await sign_in_as(market.db, person)
        visitor.cookies.set("fg_session", session.token)
        strip = await visitor.get("/strip")
    assert "Account of Ming" in strip.text
    assert "My shop" not in strip.text
    assert strip.headers["cache-control"] == "no-store"


async def test_an_empty_market_invites(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/")).text
    assert "The tables are still empty" in page
    assert "being prepared" not in page


async def test_the_head_knows_the_categories(market: Market, shop: Shop) -> None:
    from fairground.app.web_life import _refresh
    from fairground.web.render import Pages

    pages = Pages(market.outfit.place)
    await _refresh(pages, market.outfit)
    assert ("/c/clothing", "Clothing") in pages.categories["en"]
    assert ("/c/clothing", "服饰") in pages.categories["zh-CN"]
