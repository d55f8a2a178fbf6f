"""A conversation that becomes a ticket, answered and closed with a smile from the letter, without scripts."""

import secrets

from tests.support.browser import Fair, assert_accessible, assert_no_overflow, press, register, sign_in
from tests.support.road import PASSWORD, join, list_product, open_shop


async def test_a_chat_becomes_a_ticket_that_ends_with_a_smile(walker: Fair) -> None:
    mark = secrets.token_hex(3)
    buyer, clerk = f"asks-{mark}@example.org", f"clerk-{mark}@example.org"
    assert walker.run("admin", "create", clerk, stdin=f"{PASSWORD}\n").returncode == 0
    async with walker.program() as guest:
        sellers = await join(guest, "Maker")
    async with walker.program(sellers) as seller:
        slug = await open_shop(seller, "Kiln", f"kiln-{mark}")
        product = await list_product(seller, slug, "Teapot", 19_900)
    async with walker.person("en", 390, script=False) as page, walker.person("en", 1440) as desk:
        await register(page, "Ming", buyer)
        await page.goto(f"/p/{product['id']}")
        await press(page, ".ask")
        await assert_no_overflow(page)
        await page.fill("main [name=question]", "Does the kiln burn wood?")
        await press(page, 'form[action="/attendant"] button.main')
        await press(page, "a[href^='/messages/new']")
        await page.fill("main [name=words]", "My parcel is broken, and nobody answers.")
        await press(page, "main form button.main")
        await press(page, "a[href^='/help/tickets/new?about=thread']")
        await page.fill("main [name=subject]", f"Broken {mark}")
        await page.fill("main [name=words]", "The shop does not answer in our conversation.")
        await press(page, 'form[action="/help/tickets"] button.main')
        await assert_no_overflow(page)

        await sign_in(desk, clerk)
        await desk.goto("/desk/tickets?shows=all")
        await assert_accessible(desk)
        await press(desk, f"a:has-text('Broken {mark}')")
        await assert_accessible(desk)
        await desk.fill("form[action$='/answer'] [name=words]", "We have reminded the shop: a new one is on its way.")
        await press(desk, "form[action$='/answer'] button.main")

        link = await walker.letter_link(buyer, "/help/smile")
        async with walker.person("en", 390, script=False) as anybody:
            await anybody.goto(link)
            await assert_no_overflow(anybody)
            await press(anybody, ".face-button[value='5']")
            assert "Thank you" in await anybody.inner_text("main")
        await page.goto("/help/tickets")
        await press(page, f"a:has-text('Broken {mark}')")
        assert "Very good" in await page.inner_text("main")
        assert "a new one is on its way" in await page.inner_text("main")
    async with walker.person("en", 390) as seen:
        for path in (f"/attendant?about=/p/{product['id']}", link):
            await seen.goto(path)
            await assert_accessible(seen)
            await assert_no_overflow(seen)
    assert walker.complaints == []
    assert walker.run("audit").returncode == 0
