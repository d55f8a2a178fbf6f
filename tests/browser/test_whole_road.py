"""The whole road in a browser: from an empty market to money in a shop's bank, in both languages, wide and narrow."""

import asyncio
import secrets
from typing import Any

import pytest

from tests.support.browser import Fair, assert_no_overflow, press, register, sign_in
from tests.support.road import PASSWORD, ask, join, list_product, open_shop

LANGUAGES = [("zh-CN", 1440), ("en", 390)]


async def open_a_shop_with_a_product(page: Any, name: str, slug: str, title: str) -> None:
    """Open a booth and set something out, in the seller's pages."""
    await page.goto("/seller/open")
    await page.fill("main [name=name]", name)
    await page.fill("main [name=slug]", slug)
    await press(page, 'form[action="/seller/open"] button.main')
    assert page.url.endswith(f"/seller/{slug}/goods/new")
    await page.fill("[name=title]", title)
    await page.fill("[name=description]", "Turned **by hand**, fired for three days.")
    await page.fill("[name=price]", "128.50")
    await page.fill("[name=stock]", "3")
    await press(page, "main .product-form button.main")
    assert page.url.endswith(f"/seller/{slug}/goods")
    assert title in await page.inner_text("main")


async def two_more_shops(fair: Fair, mark: str) -> list[tuple[Any, str, Any]]:
    """Open two more shops through the API; give for each a client, the slug and a product."""
    shops = []
    async with fair.program() as guest:
        for n in (2, 3):
            seller = fair.program(await join(guest, f"Seller {n}"))
            slug = await open_shop(seller, f"Booth {n} {mark}", f"booth-{n}-{mark}")
            shops.append((seller, slug, await list_product(seller, slug, f"Paper kite {n} {mark}", 4_500)))
    return shops


async def put_in_cart(page: Any, address: str) -> None:
    """Put what a page shows into the cart."""
    await page.goto(address)
    await page.locator("button[name=next][value='/cart']").locator("visible=true").first.click()
    await page.locator("#toasts .toast").first.wait_for()


async def write_address(page: Any) -> None:
    """Write down where things shall go, on the way to the checkout."""
    await page.goto("/account/addresses/new?next=/checkout")
    await page.fill("main [name=name]", "林小明")
    await page.fill("main [name=phone]", "+86 138 0013 8000")
    await page.select_option("main [name=region]", "浙江省")
    rest = {"city": "杭州市", "district": "西湖区", "lines": "文三路 1 号", "postal_code": "310000"}
    for name, words in rest.items():
        control = page.locator(f"main [name={name}]")
        if await control.evaluate("e => e.tagName") == "SELECT":
            await control.select_option(words)
        else:
            await control.fill(words)
    await press(page, "main form button.main")
    assert page.url.endswith("/checkout")


async def pay(page: Any) -> None:
    """Order, and pay at the play bank."""
    await press(page, "#checkout button.main")
    assert "/pay/" in page.url
    await press(page, "main a.main")
    assert "/sandbox/pay/" in page.url
    await press(page, "button[value=paid]")
    await page.wait_for_url("**/done")
    await page.wait_for_selector('#outcome a[href="/orders"]')


@pytest.mark.parametrize(("language", "width"), LANGUAGES)
async def test_the_whole_road(walker: Fair, language: str, width: int) -> None:
    """A booth, three shops in one cart, one payment, a parcel, receipt, a review, a payout; the books are right."""
    mark = secrets.token_hex(3)
    slug, title = f"moon-{mark}", f"Moon jar {mark}"
    async with walker.person(language, width) as seller, walker.person(language, width) as buyer:
        await register(seller, "Lin Lanting", f"seller-{mark}@example.org")
        await open_a_shop_with_a_product(seller, f"Moon {mark}", slug, title)
        others = await two_more_shops(walker, mark)

        await register(buyer, "Ming", f"buyer-{mark}@example.org")
        await find(buyer, title)
        await press(buyer, "button[name=next][value='/checkout']")
        for _, _, product in others:
            await put_in_cart(buyer, f"/p/{product['id']}")
        await buyer.goto("/cart")
        assert await buyer.locator(".cart-shop").count() == 3
        await write_address(buyer)
        await pay(buyer)

        order = await ship_it(seller, slug)
        await receive_and_review(buyer, order)
        await buyer.goto("/orders")
        assert await buyer.locator("main a[href^='/s/']").count() == 3
        await get_paid(walker, seller, slug, f"seller-{mark}@example.org")
        for client, _, _ in others:
            await client.aclose()
    await see_it_at_the_desk(walker, language, width, slug, mark)
    books = walker.run("audit")
    assert books.returncode == 0, books.stdout + books.stderr


async def find(page: Any, title: str) -> None:
    """Search for a thing, until the market's index has heard of it, and go to its page."""
    await page.goto("/")
    for _ in range(20):
        await page.fill("header [name=q]", title)
        await press(page, "header form.find button")
        hit = page.locator("main a[href^='/p/']")
        if await hit.count():
            break
        await page.wait_for_timeout(500)
    await press(page, "main a[href^='/p/']")
    assert title in await page.inner_text("h1")


async def ship_it(page: Any, slug: str) -> str:
    """Send the first order that waits; give its id."""
    await page.goto(f"/seller/{slug}")
    await page.goto(f"/seller/{slug}/orders")
    await press(page, f"main .orders-table a[href^='/seller/{slug}/orders/']")
    order = str(page.url.rpartition("/")[2])
    await page.select_option("[name=carrier]", "sandbox")
    await page.fill("#ship [name=tracking_number]", "SB0000000001")
    await press(page, "#ship button.main")
    return order


async def receive_and_review(page: Any, order: str) -> None:
    """Say that the parcel is there, and how it was."""
    await page.goto(f"/orders/{order}")
    await page.click(f"form[action='/orders/{order}/receipt'] button")
    await page.wait_for_selector(f"a[href='/orders/{order}/review']")
    await press(page, f"a[href='/orders/{order}/review']")
    for name in ("reviews-1-stars", "scores-described", "scores-service", "scores-shipping"):
        await page.locator(f"label[for='f-{name}-5']").click()
    await page.fill("[name=reviews-1-words]", "Round as the moon.")
    await press(page, "#f-reviews button.main")
    assert "Round as the moon." in await page.inner_text("main")


async def get_paid(fair: Fair, page: Any, slug: str, email: str) -> None:
    """Confirm the e-mail address, name a bank account, and ask for the money."""
    await page.goto(await fair.letter_link(email, "/account/verify"))
    await press(page, "main form button.main")
    await page.goto(f"/seller/{slug}/money/bank")
    await page.fill("[name=holder]", "Lin Lanting")
    await page.fill("[name=number]", "6222021001123456789")
    await page.fill("[name=password]", PASSWORD)
    await press(page, "main form button.main")
    await page.goto(f"/seller/{slug}/money")
    assert "¥124.64" in await _amounts(page), "128.50, less 3 % of commission"
    await page.fill("[name=amount]", "100.00")
    await press(page, "#payout button.main")
    async with asyncio.timeout(60):
        while not {"¥24.64", "¥100.00"} <= set(await _amounts(page)):
            await page.wait_for_timeout(300)
            await page.goto(f"/seller/{slug}/money")


async def _amounts(page: Any) -> list[str]:
    shown = await page.locator(".money-figures .price").all_inner_texts()
    return ["".join(amount.split()) for amount in shown]


async def see_it_at_the_desk(fair: Fair, language: str, width: int, slug: str, mark: str) -> None:
    """Let a clerk look at the shop, at its order, and at the money."""
    email = f"clerk-{mark}@example.org"
    made = fair.run("admin", "create", email, "--role", "operator", stdin=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    async with fair.person(language, width) as clerk:
        await sign_in(clerk, email)
        await clerk.goto("/desk")
        await clerk.goto("/desk/orders")
        await clerk.fill("main [name=q]", slug)
        await press(clerk, "main form button")
        await press(clerk, "main a[href^='/desk/orders/']")
        assert f"Moon {mark}" in await clerk.inner_text("main")
        await clerk.goto("/desk/money")
        await assert_no_overflow(clerk)


async def test_from_the_cart_to_the_payment_without_a_script(walker: Fair) -> None:
    """Whoever has scripts off buys all the same."""
    mark = secrets.token_hex(3)
    shops = await two_more_shops(walker, mark)
    async with walker.person("en", 390, script=False) as buyer:
        await register(buyer, "Hua", f"plain-{mark}@example.org")
        for _, _, product in shops:
            await buyer.goto(f"/p/{product['id']}")
            await press(buyer, "button[name=next][value='/cart']")
        await buyer.goto("/cart")
        await press(buyer, "main a[href='/checkout']")
        await write_address(buyer)
        await pay(buyer)
    for client, slug, _ in shops:
        (sold,) = (await ask(client, "GET", f"/orders?role=seller&shop={slug}"))["items"]
        assert sold["state"] == "paid"
        await client.aclose()
