"""A counterfeit notice with a counter-notice, walked through in a browser: listing → complaint → answer → decision."""

import secrets
from typing import Any

from tests.support.browser import Fair, assert_accessible, assert_no_overflow, press, register, sign_in
from tests.support.media import draw
from tests.support.road import PASSWORD, join, list_product, open_shop


async def look(page: Any) -> None:
    """See that a page fits and that a screen reader finds its way."""
    await assert_no_overflow(page)
    await assert_accessible(page)


async def test_a_counterfeit_notice_is_answered_and_decided(walker: Fair) -> None:
    mark = secrets.token_hex(3)
    slug, title = f"kiln-{mark}", f"Blue bowl {mark}"
    seller_email, owner_email = f"seller-{mark}@example.org", f"rights-{mark}@example.org"
    async with walker.program() as guest:
        token = await join(guest, "Seller", seller_email)
    async with walker.program(token) as seller:
        await open_shop(seller, "Kiln", slug)
        product = await list_product(seller, slug, title, 19_900)
    address = await complain(walker, product["id"], owner_email)
    await answer(walker, slug, title, seller_email)
    await decide(walker, title, f"clerk-{mark}@example.org")
    async with walker.person("en", 390) as owner:
        await sign_in(owner, owner_email)
        await owner.goto(address)
        assert "Rejected: it may be sold" in await owner.inner_text("main")
        assert "The licence is real." in await owner.inner_text("main")
        await owner.goto(f"/p/{product['id']}")
        assert title in await owner.inner_text("h1")


async def complain(fair: Fair, product_id: str, email: str) -> str:
    """Come from the listing, prove the right, complain; without scripts."""
    async with fair.person("en", 390, script=False) as page:
        await register(page, "Rights", email)
        await page.goto(await fair.letter_link(email, "/account/verify"))
        await press(page, "main form button.main")
        await page.goto(f"/p/{product_id}")
        await press(page, "a[href*='/justice/complaints/new']")
        await page.check("[name=kind][value=counterfeit]")
        await page.fill("[name=owner]", "Jingdezhen Kilns")
        await page.fill("[name=words]", "Our mark is on it, and we did not make it.")
        await page.set_input_files("[name=pictures]", {"name": "mark.jpg", "mimeType": "image/jpeg", "buffer": draw()})
        await press(page, "main form button.main")
        assert "The shop may answer" in await page.inner_text("main")
        address = page.url
    async with fair.person("zh-CN", 390) as page:
        await sign_in(page, email)
        await page.goto("/justice/complaints/new")
        await look(page)
        await page.goto(address)
        await look(page)
        await page.goto("/justice/complaints")
        await look(page)
    return str(address)


async def answer(fair: Fair, slug: str, title: str, email: str) -> None:
    """Read the complaint in the shop's rooms, and answer it."""
    async with fair.person("zh-CN", 1440) as page:
        await sign_in(page, email)
        await page.goto(f"/seller/{slug}/complaints")
        await look(page)
        await press(page, f"main a[href*='/seller/{slug}/complaints/']")
        assert title in await page.inner_text("main")
        await look(page)
        await page.fill("[name=words]", "Here is the licence of the kiln.")
        await page.set_input_files(
            "[name=pictures]", {"name": "licence.jpg", "mimeType": "image/jpeg", "buffer": draw()}
        )
        await press(page, "main form button.main")
        assert "Here is the licence of the kiln." in await page.inner_text("main")


async def decide(fair: Fair, title: str, email: str) -> None:
    """Read both sides at the desk, and decide."""
    made = fair.run("admin", "create", email, "--role", "operator", stdin=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    async with fair.person("en", 1440) as page:
        await sign_in(page, email)
        await page.goto("/desk/complaints")
        assert title in await page.inner_text("main")
        await look(page)
        await press(page, "main a[href*='/desk/complaints/']")
        await look(page)
        await page.locator("label[for=f-answer-2]").click()
        await page.fill("[name=reason]", "The licence is real.")
        await press(page, "main form button.main")
        assert title not in await page.inner_text("main")
