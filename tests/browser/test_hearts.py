"""Hearts in a browser: pressed without leaving the page, and on again after coming back."""

import secrets

from tests.support.browser import Fair
from tests.support.road import join, list_product, open_shop


async def test_a_heart_stays_pressed(walker: Fair) -> None:
    mark = secrets.token_hex(3)
    async with walker.program() as guest:
        sellers = await join(guest, "Maker")
        buyers = await join(guest, "Buyer")
    async with walker.program(sellers) as seller:
        slug = await open_shop(seller, "Hearts", f"hearts-{mark}")
        product = await list_product(seller, slug, "Teapot", 19_900)
    async with walker.person("en", 390) as page:
        await page.context.add_cookies([{"name": "fg_session", "value": buyers, "url": walker.url}])
        await page.goto(f"/p/{product['id']}")
        heart = page.locator(f".deal [data-heart][value='{product['id']}']")
        async with page.expect_response("**/saved") as pressed:
            await heart.click()
        assert (await pressed.value).status == 204
        await page.wait_for_selector(f".deal [data-heart][value='{product['id']}'][aria-pressed=true]")
        assert (await heart.inner_text()).strip() == "已收藏"
        await page.goto("/account/saved")
        await page.goto(f"/p/{product['id']}")
        await page.wait_for_selector(f".deal [data-heart][value='{product['id']}'][aria-pressed=true]")
        async with page.expect_response("**/saved"):
            await heart.click()
        await page.wait_for_selector(f".deal [data-heart][value='{product['id']}'][aria-pressed=false]")
        await page.goto(f"/s/{slug}")
        async with page.expect_response("**/saved"):
            await page.locator("[data-heart='follow unfollow']").click()
        await page.goto("/account/saved?shops=1")
        await page.wait_for_selector("[data-heart='follow unfollow'][aria-pressed=true]")
    assert walker.complaints == []
