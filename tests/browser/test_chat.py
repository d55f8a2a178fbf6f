"""A conversation in two browsers: what one says stands on the other's page by itself, and in the shop's list."""

import secrets

from tests.support.browser import Fair
from tests.support.road import join, list_product, open_shop


async def test_two_people_talk_without_loading_anything_again(walker: Fair) -> None:
    mark = secrets.token_hex(3)
    async with walker.program() as guest:
        sellers, buyers = await join(guest, "Maker"), await join(guest, "Buyer")
    async with walker.program(sellers) as seller:
        slug = await open_shop(seller, "Talks", f"talks-{mark}")
        product = await list_product(seller, slug, "Teapot", 19_900)
    async with walker.person("en", 390) as buyer, walker.person("en", 1440) as shop, walker.person("en", 1440) as inbox:
        for page, token in ((buyer, buyers), (shop, sellers), (inbox, sellers)):
            await page.context.add_cookies([{"name": "fg_session", "value": token, "url": walker.url}])
        await inbox.goto(f"/seller/{slug}/messages")
        await buyer.goto(f"/messages/new?shop={slug}&product={product['id']}")
        await buyer.fill("textarea[name=words]", "Is it round?")
        await buyer.click("#say button.main")
        await buyer.wait_for_selector(".bubble.mine >> text=Is it round?")
        await inbox.wait_for_selector("text=Is it round?")
        thread = buyer.url.rsplit("/", 1)[-1].partition("#")[0]
        await shop.goto(f"/seller/{slug}/messages/{thread}")
        await shop.fill("textarea[name=words]", "It is round.")
        await shop.keyboard.press("Enter")
        await buyer.wait_for_selector(".bubble:not(.mine) >> text=It is round.")
        await shop.wait_for_selector(".bubble.mine:has-text('It is round.') time:has-text('·')")  # and was read
    assert walker.complaints == []
