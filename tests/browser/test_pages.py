"""The main pages are open to everybody: axe finds nothing, and nothing sticks out, down to 320 pixels."""

import secrets
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.support.browser import Fair, assert_accessible, assert_no_overflow
from tests.support.road import HANGZHOU, PASSWORD, ask, join, list_product, open_shop, pay_at_the_play_bank, with_key


async def _signed_in(fair: Fair, page: Any, token: str) -> None:
    await page.context.add_cookies([{"name": "fg_session", "value": token, "url": fair.url}])


async def _with_ticket(fair: Fair, page: Any, drop: str, ticket: str) -> None:
    await page.context.add_cookies([{"name": f"fg_drop_{drop}", "value": ticket, "url": fair.url}])


async def _buy(buyer: httpx.AsyncClient, product: Any) -> str:
    address = await ask(buyer, "POST", "/me/addresses", HANGZHOU, 201)
    line = {"variant_id": product["variants"][0]["id"], "quantity": 1}
    wish = {"address_id": address["id"], "lines": [line]}
    placed = await ask(buyer, "POST", "/checkouts", wish, 201, headers=with_key())
    await pay_at_the_play_bank(buyer, placed["payment"]["id"])
    await ask(buyer, "PUT", f"/cart/lines/{product['variants'][1]['id']}", {"quantity": 2})
    return str(placed["orders"][0]["id"])


async def _drop(seller: httpx.AsyncClient, slug: str, product: Any) -> str:
    """Announce a drop with a waiting room."""
    starts = datetime.now(UTC) + timedelta(hours=1)
    goods = {"variant_id": product["variants"][0]["id"], "price": {"amount": 5_000, "currency": "CNY"}, "quota": 3}
    plan = {
        "title": "Out of the kiln",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=1)).isoformat(),
        "goods": [goods],
        "has_room": True,
    }
    made = await ask(seller, "POST", f"/shops/{slug}/drops", plan, 201)
    await ask(seller, "POST", f"/drops/{made['id']}/announcement", status=201)
    return str(made["id"])


async def _look(page: Any, addresses: list[str]) -> list[str]:
    """Walk through pages; gives what is wrong with them."""
    wrong = []
    for address in addresses:
        await page.set_viewport_size({"width": 1280, "height": 900})
        await page.goto(address)
        for check, width in ((assert_accessible, 1280), (assert_accessible, 390), (assert_no_overflow, 390)):
            wrong += await _try(check, page, width)
        wrong += await _try(assert_no_overflow, page, 320)
    return wrong


async def _try(check: Any, page: Any, width: int) -> list[str]:
    await page.set_viewport_size({"width": width, "height": 900})
    try:
        await check(page)
    except AssertionError as trouble:
        return [f"at {width} px: {trouble}"]
    return []


async def test_the_main_pages_are_open_to_everybody(walker: Fair) -> None:
    """Home, finding, buying, orders, the shop's rooms and the desk."""
    mark = secrets.token_hex(3)
    async with AsyncExitStack() as stack:
        guest = await stack.enter_async_context(walker.program())
        sellers, buyers = await join(guest, "Lin"), await join(guest, "Ming")
        seller = await stack.enter_async_context(walker.program(sellers))
        buyer = await stack.enter_async_context(walker.program(buyers))
        slug = await open_shop(seller, f"Lantern {mark}", f"lantern-{mark}")
        product = await list_product(seller, slug, f"Paper lantern {mark}", 9_900)
        order = await _buy(buyer, product)
        clerk = f"clerk-{mark}@example.org"
        assert walker.run("admin", "create", clerk, stdin=f"{PASSWORD}\n").returncode == 0
        clerks = (await ask(guest, "POST", "/sessions", {"email": clerk, "password": PASSWORD}, 201))["token"]

        drop = await _drop(seller, slug, product)
        ticket = (await ask(buyer, "POST", f"/drops/{drop}/tickets", status=201))["ticket"]

        public = [
            "/",
            "/drops",
            f"/drops/{drop}",
            "/search?q=lantern",
            f"/p/{product['id']}",
            f"/s/{slug}",
            "/c/home",
            "/sign-in",
            "/register",
        ]
        own = [
            f"/drops/{drop}/line",
            "/cart",
            "/checkout",
            "/orders",
            f"/orders/{order}",
            "/account",
            "/account/addresses/new",
        ]
        rooms = [
            "/drops",
            "/drops/new",
            f"/drops/{drop}",
            "",
            "/goods",
            "/goods/new",
            f"/goods/{product['id']}",
            "/orders",
            f"/orders/{order}",
            "/money",
        ]
        desk = ["/desk", "/desk/shops", "/desk/money", f"/desk/orders?q={slug}"]
        wrong: list[str] = []
        for token, addresses in (
            ("", public),
            (buyers, own),
            (sellers, [f"/drops/{drop}/line", "/seller/open", *(f"/seller/{slug}{room}" for room in rooms)]),
            (clerks, desk),
        ):
            page = await stack.enter_async_context(walker.person("en", 1280))
            if token:
                await _signed_in(walker, page, token)
            if token == buyers:
                await _with_ticket(walker, page, drop, ticket)
            wrong += await _look(page, addresses)
    assert not wrong, "\n\n".join(wrong)
