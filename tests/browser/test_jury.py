"""A jury case walked through in a browser: practise, be drawn, judge without knowing whom, and the ruling for both."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from fairground.market.justice.model.practice import PRACTICE
from tests.browser.conftest import CHROMIUM, _wait
from tests.support.browser import Fair, assert_accessible, assert_no_overflow, press
from tests.support.road import HANGZHOU, ask, join, list_product, open_shop, pay_at_the_play_bank, with_key

SMALL = {"FAIRGROUND_JURY_SEATS": "3", "FAIRGROUND_JURY_SEATS_ABOVE": "3", "FAIRGROUND_JURY_VERIFIED_DAYS": "0"}


@pytest.fixture
def small_fair() -> Iterator[Fair]:
    """Open a market whose juries have three seats, for people verified today."""
    folder = Path(tempfile.mkdtemp(prefix="fairground-jury-", dir="/var/tmp"))
    folder.chmod(0o711)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FAIRGROUND_") and k != "DATABASE_URL"}
    environment |= {"FAIRGROUND_RATE_LIMIT_SCALE": "1000", "FAIRGROUND_DATA": str(folder / "data"), **SMALL}
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "fairground", "up", "--port", str(port)]
        market = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    fair = Fair(f"http://127.0.0.1:{port}", folder / "data", environment)
    try:
        _wait(fair.url, market, folder / "log")
        yield fair
    finally:
        market.terminate()
        market.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def walker(small_fair: Fair) -> AsyncIterator[Fair]:
    """The small market with a browser."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        small_fair.browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield small_fair
        await small_fair.browser.close()
    assert small_fair.complaints == []


async def buy(buyer: httpx.AsyncClient, product: Any, seller: httpx.AsyncClient) -> str:
    """Buy, pay, and have it sent."""
    address = await ask(buyer, "POST", "/me/addresses", HANGZHOU, 201)
    line = {"variant_id": product["variants"][0]["id"], "quantity": 1}
    wish = {"address_id": address["id"], "lines": [line]}
    placed = await ask(buyer, "POST", "/checkouts", wish, 201, headers=with_key())
    await pay_at_the_play_bank(buyer, placed["payment"]["id"])
    order, number = placed["orders"][0]["id"], f"SB{int(placed['orders'][0]['id']) % 10**10:010d}"
    async with asyncio.timeout(20):
        while (await ask(buyer, "GET", f"/orders/{order}"))["state"] != "paid":
            await asyncio.sleep(0.1)
    parcel = {"carrier": "sandbox", "tracking_number": number}
    await seller.post(f"/api/v1/orders/{order}/shipment", json=parcel)
    return str(order)


async def make_juror(fair: Fair, guest: httpx.AsyncClient, product: Any, seller: httpx.AsyncClient, email: str) -> str:
    """Let somebody confirm their address and receive an order; give the token."""
    token = await join(guest, "Juror", email)
    link = await fair.letter_link(email, "/account/verify")
    confirmed = await guest.post("/api/v1/verifications", json={"token": parse_qs(urlsplit(link).query)["token"][0]})
    assert confirmed.is_success, confirmed.text
    async with fair.program(token) as juror:
        order = await buy(juror, product, seller)
        assert (await juror.post(f"/api/v1/orders/{order}/receipt")).is_success
    return token


async def practise(page: Any, *, with_look: bool) -> None:
    """Join and judge all practice cases as they were decided."""
    await page.goto("/justice/jury")
    if with_look:
        await look(page)
    await press(page, "form[action$='/joining'] button")
    for case in PRACTICE[:5]:
        await page.locator(f"form[action$='{case.key}'] [name=verdict][value={case.verdict}]").check(force=True)
        await press(page, "main form button.main")
    if with_look:
        await look(page)


async def look(page: Any) -> None:
    """See that a page fits and that a screen reader finds its way."""
    await assert_no_overflow(page)
    await assert_accessible(page)


async def dispute_of(buyer: httpx.AsyncClient, seller: httpx.AsyncClient, order: str) -> str:
    """Claim, refuse, escalate, choose the jury on both sides, and say all there is to say."""
    claim = {"kind": "refund", "reason": "damaged", "words": "It came broken. Lin Xiaoming"}
    case = (await ask(buyer, "POST", f"/orders/{order}/cases", claim, 201, headers=with_key()))["id"]
    for who, what in ((seller, "refuse"), (buyer, "escalate")):
        answer = await who.post(
            f"/api/v1/cases/{case}/answers", json={"answer": what, "words": "It was whole."}, headers=with_key()
        )
        assert answer.is_success, answer.text
    async with asyncio.timeout(30):
        while not (listed := (await ask(buyer, "GET", "/disputes"))["items"]):
            await asyncio.sleep(0.2)
    dispute = str(listed[0]["id"])
    for who, words in ((buyer, "The cup is in two pieces, says 林小明."), (seller, "It left us whole.")):
        assert (await who.post(f"/api/v1/disputes/{dispute}/jury")).is_success
        said = await who.post(f"/api/v1/disputes/{dispute}/statements", json={"words": words, "is_done": True})
        assert said.is_success, said.text
    return dispute


async def test_a_jury_practises_is_drawn_and_decides(walker: Fair) -> None:
    async with AsyncExitStack() as stack:
        guest = await stack.enter_async_context(walker.program())
        seller, other, buyer = [
            await stack.enter_async_context(walker.program(await join(guest, name)))
            for name in ("Kiln", "Weaver", "林小明")
        ]
        cup = await list_product(seller, await open_shop(seller, "Kiln", "kiln"), "Blue cup", 9_900)
        scarf = await list_product(other, await open_shop(other, "Weaver", "weaver"), "Scarf", 5_000)
        tokens = [await make_juror(walker, guest, scarf, other, f"juror{i}@example.org") for i in range(3)]
        for number, token in enumerate(tokens):
            async with walker.person("en", 390, script=number == 0) as page:
                await page.context.add_cookies([{"name": "fg_session", "value": token, "url": walker.url}])
                await practise(page, with_look=number == 0)
        dispute = await dispute_of(buyer, seller, await buy(buyer, cup, seller))
        for number, token in enumerate(tokens[:2]):
            await judge(walker, token, dispute, width=390 if number else 1440)
        ruled = await ask(buyer, "GET", f"/disputes/{dispute}")
        assert ruled["dispute"]["state"] == "decided"
        assert ruled["rulings"][0]["decided_by"] == "jury"
        async with walker.person("en", 1440) as page:
            await page.context.add_cookies([{"name": "fg_session", "value": tokens[2], "url": walker.url}])
            await page.goto(f"/justice/jury/{dispute}")
            assert "这个陪审团已经结束" in await page.inner_text("main")


async def judge(fair: Fair, token: str, dispute: str, width: int) -> None:
    """Come from the letter, read the case, and vote for the buyer."""
    async with fair.person("en", width) as page:
        await page.context.add_cookies([{"name": "fg_session", "value": token, "url": fair.url}])
        async with asyncio.timeout(30):
            while f"/justice/jury/{dispute}" not in await page.content():
                await page.goto("/justice/jury")
        await press(page, f"main a[href='/justice/jury/{dispute}']")
        text = await page.inner_text("main")
        assert "in two pieces" in text
        assert "林小明" not in text
        assert "Kiln" not in text
        await look(page)
        await page.locator("[name=verdict][value=buyer]").check(force=True)
        await page.fill("[name=reason]", "A shop answers for the way.")
        await press(page, "main form button.main")
        assert "投票已收到" in await page.inner_text("body")
