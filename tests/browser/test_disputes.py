"""A return whose inspection is refused, walked through: before the market, ruled, appealed, decided for good."""

import asyncio
import secrets
from contextlib import AsyncExitStack
from typing import Any

import httpx

from tests.support.browser import Fair, assert_accessible, assert_no_overflow, press, sign_in
from tests.support.road import (
    HANGZHOU,
    PASSWORD,
    ask,
    join,
    list_product,
    open_shop,
    pay_at_the_play_bank,
    with_key,
)

BACK = {**HANGZHOU, "name": "Returns"}
REASONS = "What came back is what was sent, and the crack was there before: see the second picture."


async def buy_and_receive(buyer: httpx.AsyncClient, seller: httpx.AsyncClient, product: Any) -> str:
    """Buy, pay, have it sent, and receive it; give the order."""
    address = await ask(buyer, "POST", "/me/addresses", HANGZHOU, 201)
    wish = {"address_id": address["id"], "lines": [{"variant_id": product["variants"][0]["id"], "quantity": 1}]}
    placed = await ask(buyer, "POST", "/checkouts", wish, 201, headers=with_key())
    await pay_at_the_play_bank(buyer, placed["payment"]["id"])
    order = str(placed["orders"][0]["id"])
    async with asyncio.timeout(20):
        while (await ask(buyer, "GET", f"/orders/{order}"))["state"] != "paid":
            await asyncio.sleep(0.1)
    parcel = {"carrier": "sandbox", "tracking_number": f"SB{int(order) % 10**10:010d}"}
    assert (await seller.post(f"/api/v1/orders/{order}/shipment", json=parcel)).is_success
    assert (await buyer.post(f"/api/v1/orders/{order}/receipt")).is_success
    return order


async def return_refused(buyer: httpx.AsyncClient, seller: httpx.AsyncClient, order: str) -> str:
    """Send it back, have the shop refuse what came back, and ask the market; give the case."""
    claim = {"kind": "return", "reason": "damaged", "words": "There is a crack in it."}
    case = str((await ask(buyer, "POST", f"/orders/{order}/cases", claim, 201, headers=with_key()))["id"])
    steps = (
        (seller, {"answer": "agree"}),
        (buyer, {"answer": "return_shipped", "carrier": "sandbox", "tracking_number": "SB0000000077"}),
        (seller, {"answer": "return_refused", "words": "It was whole when it left us."}),
        (buyer, {"answer": "escalate", "words": "Please decide."}),
    )
    for who, body in steps:
        answer = await who.post(f"/api/v1/cases/{case}/answers", json=body, headers=with_key())
        assert answer.is_success, answer.text
    return case


async def look(page: Any) -> None:
    """See that a page fits and that a screen reader finds its way."""
    await assert_no_overflow(page)
    await assert_accessible(page)


async def enter(page: Any, fair: Fair, token: str) -> None:
    """Be signed in."""
    await page.context.add_cookies([{"name": "fg_session", "value": token, "url": fair.url}])


async def say(page: Any, words: str) -> None:
    """Say one's part, and that this was all."""
    await page.fill("[name=words]", words)
    await page.check("[name=is_done]", force=True)
    await press(page, "form[action$='/statements'] button.main")
    assert words in await page.inner_text("main")


async def rule(fair: Fair, email: str, width: int, dispute: str, refund: str) -> None:
    """Sign in at the desk, find the dispute in the queue, and rule."""
    assert fair.run("admin", "create", email, stdin=f"{PASSWORD}\n").returncode == 0
    async with fair.person("en", width) as page:
        await sign_in(page, email)
        await page.goto("/desk/disputes")
        await look(page)
        await press(page, f"main a[href='/desk/disputes/{dispute}']")
        await look(page)
        await page.fill("[name=refund]", refund)
        await page.select_option("[name=rule]", "disputes.proof")
        await page.fill("[name=reasons]", REASONS)
        await press(page, "form[action$='/ruling'] button.main")
        assert page.url.endswith("/desk/disputes")


async def test_a_return_is_refused_ruled_appealed_and_decided_for_good(walker: Fair) -> None:
    mark = secrets.token_hex(3)
    async with AsyncExitStack() as stack:
        guest = await stack.enter_async_context(walker.program())
        tokens = [await join(guest, name) for name in (f"Kiln {mark}", f"Ming {mark}")]
        seller, buyer = [await stack.enter_async_context(walker.program(token)) for token in tokens]
        slug = await open_shop(seller, f"Kiln {mark}", f"kiln-{mark}")
        await ask(seller, "PATCH", f"/shops/{slug}", {"return_address": BACK})
        product = await list_product(seller, slug, f"Jar {mark}", 9_900)
        order = await buy_and_receive(buyer, seller, product)
        case = await return_refused(buyer, seller, order)
        async with asyncio.timeout(30):
            while not (listed := (await ask(buyer, "GET", "/disputes"))["items"]):
                await asyncio.sleep(0.2)
        dispute = str(listed[0]["id"])
        async with walker.person("zh-CN", 1440) as page, walker.person("en", 390) as shop:
            await enter(page, walker, tokens[1])
            await page.goto(f"/cases/{case}")
            await press(page, f"main a[href='/justice/disputes?case={case}']")
            assert page.url.endswith(f"/justice/disputes/{dispute}")
            await look(page)
            await say(page, "裂缝在第二张图片里。")
            await enter(shop, walker, tokens[0])
            await shop.goto(f"/justice/disputes/{dispute}")
            await look(shop)
            await say(shop, "It was whole.")
            await rule(walker, f"first-{mark}@example.org", 1440, dispute, "0")
            await page.reload()
            await look(page)
            assert REASONS in await page.inner_text("main")
            await page.fill("[name=words]", "请再看一次图片。")
            await press(page, "form[action$='/appeal'] button.main")
            await rule(walker, f"second-{mark}@example.org", 390, dispute, "99.00")
            await shop.reload()
            await look(shop)
            ended = (await ask(buyer, "GET", f"/disputes/{dispute}"))["dispute"]
            assert (ended["state"], ended["outcome"], ended["refund"]["amount"]) == ("final", "full", 9_900)
            assert (await ask(buyer, "GET", f"/cases/{case}"))["state"] == "refunded"
            for address in ("/justice", "/justice/precedents", "/justice/disputes"):
                await shop.goto(address)
                await look(shop)
    books = walker.run("audit")
    assert books.returncode == 0, books.stdout + books.stderr
