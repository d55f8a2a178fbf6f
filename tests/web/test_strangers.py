"""Every route × a stranger's id: nothing of somebody else's is seen or moved (peers' complaint 10).

The routes are read from the application itself, so a new one is tried without being named here. What everybody may
see stands in `OPEN`; a new public page must be added there, on purpose.
"""

import re
from typing import Any

import httpx
from litestar import Litestar

from fairground.app.asgi import make_app
from fairground.kit.http import csrf
from tests.support.routes import Door, all_doors, complete, sample
from tests.support.town import Town, all_rows, build_town
from tests.support.web import Market, token_of

OPEN = {
    "GET /p/{product_id}",
    "GET /p/{product_id}/reviews",
    "GET /s/{slug}",
    "GET /c/{slug}",
    "GET /api/v1/products/{product_id}",
    "GET /api/v1/products/{product_id}/reviews",
    # Everybody reads and may ask; a vote is the caller's own, and who may vote is told only of what everybody reads.
    "GET /p/{product_id}/questions",
    "POST /p/{product_id}/questions",
    "GET /api/v1/products/{product_id}/questions",
    "POST /api/v1/products/{product_id}/questions",
    "GET /api/v1/shops/{slug}/reputation",
    "POST /reviews/{review_id}/helpful",
    "PUT /api/v1/reviews/{review_id}/helpful",
    "DELETE /api/v1/reviews/{review_id}/helpful",
    "GET /api/v1/shops/{slug}",
    "GET /api/v1/shops/{slug}/products",
    "GET /drops/{drop_id}",
    "GET /drops/{drop_id}/left",
    "GET /drops/{drop_id}/line",
    "GET /drops/{drop_id}/line/place",
    "POST /drops/{drop_id}/goods",
    "POST /drops/{drop_id}/line",
    "GET /api/v1/drops/{drop_id}",
    # The ticket is the key: without a good one nothing is told.
    "GET /api/v1/drops/{drop_id}/tickets/current",
    # Their ids are of what everybody may buy or take; what is written is the caller's own.
    "POST /cart/lines/{variant_id}",
    "POST /cart/returned/{variant_id}/{quantity}",
    "PUT /api/v1/cart/lines/{variant_id}",
    "POST /coupons/{coupon_id}/taking",
    "POST /api/v1/coupons/{coupon_id}/taking",
    "POST /api/v1/drops/{drop_id}/tickets",
    "PUT /api/v1/me/mail-choices/{kind}",
    "PUT /api/v1/me/follows/{slug}",
    "DELETE /api/v1/me/follows/{slug}",
    "PUT /api/v1/me/saved/{product_id}",
    "DELETE /api/v1/me/saved/{product_id}",
    "POST /webhooks/payments/{gateway}",
    # Rules are made in public; a vote and a comment are the caller's own.
    "GET /justice/precedents/{precedent_id}",
    "GET /api/v1/precedents/{precedent_id}",
    "GET /justice/rules/{key}",
    "GET /justice/drafts/{version_id}",
    "POST /justice/drafts/{version_id}/vote",
    "POST /justice/drafts/{version_id}/comments",
    "POST /justice/jury/practice/{key}",
    "POST /api/v1/juries/me/practice/{key}",
    "GET /api/v1/rules/{key}",
    "GET /api/v1/rule-drafts/{version_id}",
    "PUT /api/v1/rule-drafts/{version_id}/vote",
    "GET /api/v1/rule-drafts/{version_id}/comments",
    "POST /api/v1/rule-drafts/{version_id}/comments",
}
WORDS = {
    "deed": "retry",
    "answer": "approve",
    "name": "media.derive",
    "kind": "buyers.paid",
    "gateway": "sandbox",
    "file_name": "96.webp",
    "quantity": "1",
    "import_id": "61062355356590099",
    "macro_id": "61062355356590099",
    "flag_id": "61062355356590099",
    "parcel_id": "61062355356590099",
    "stray_id": "61062355356590099",
    "reply_id": "61062355356590099",
    "refund_id": "61062355356590099",
    "key": "orders.wrapping",
    "comment_id": "61062355356590099",
}
FORM = {
    "name": "Lin",
    "phone": "+86 138 0013 8001",
    "country": "CN",
    "region": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "lines": "一号",
    "postal_code": "310000",
    "quantity": "1",
    "reason": "x",
    "words": "x",
    "stars": "3",
    "days": "3",
    "answer": "agree",
    "carrier": "sandbox",
    "tracking_number": "SB0000000001",
    "key": "a-key",
}
# Where a made-up body would be refused for itself, before anybody asks whose the thing is.
GOOD: dict[str, dict[str, Any]] = {
    "PUT /api/v1/me/addresses/{address_id}": {**FORM, "lines": ["一号"]},
    "POST /api/v1/orders/{order_id}/reviews": {"stars": 5},
}


def doors_with_ids(app: Litestar) -> list[Door]:
    """List what could show or move somebody's things."""
    return [door for door in all_doors(app) if door.parameters and door.name not in OPEN]


async def test_a_stranger_finds_nothing_anywhere_and_moves_nothing(market: Market) -> None:
    town = await build_town(market)
    doors = doors_with_ids(make_app(64))
    assert len(doors) > 60
    before = await all_rows(market.db)
    async with await signed_in(market, town.stranger_token) as browser, market.program(town.stranger_token) as program:
        for language in ("page", "api"):
            wrong = []
            for door in doors:
                if door.path.startswith("/api/") is (language == "api"):
                    for answer in await attempts(door, program if language == "api" else browser, town):
                        if answer.status_code != 404 or leaks(answer.text):
                            wrong += [(door.name, answer.status_code, shortly(answer))]
            assert not wrong, "\n" + "\n".join(map(str, wrong))
    changed = {name for name, sum_ in (await all_rows(market.db)).items() if sum_ != before[name]}
    assert not changed


async def test_a_guest_is_asked_to_sign_in_or_finds_nothing(market: Market) -> None:
    town = await build_town(market)
    before = await all_rows(market.db)
    wrong = []
    async with market.visitor() as browser, market.program() as program:
        for door in doors_with_ids(make_app(64)):
            is_api = door.path.startswith("/api/")
            for answer in await attempts(door, program if is_api else browser, town):
                # A page sends a guest to the sign-in and back again.
                good = answer.status_code in ({401, 404} if is_api else {303, 404})
                if answer.status_code == 303:
                    good = answer.headers["location"].startswith("/sign-in?next=")
                if not good or leaks(answer.text):
                    wrong.append((door.name, answer.status_code, shortly(answer)))
    assert not wrong, "\n" + "\n".join(map(str, wrong))
    changed = {name for name, sum_ in (await all_rows(market.db)).items() if sum_ != before[name]}
    assert not changed


async def test_what_cannot_be_an_id_is_not_found(market: Market) -> None:
    """Zero, one past 63 bits, a NUL, digits of another script: 404 for everybody, the owner too."""
    town = await build_town(market)
    wrong = []
    async with await signed_in(market, town.seller_token) as browser, market.program(town.seller_token) as program:
        for door in doors_with_ids(make_app(64)):
            if not any(name.endswith("_id") for name in door.parameters) or door.path.startswith("/desk"):
                continue
            for odd in ("0", "9223372036854775808", "1%00", "１２３"):
                given = {**WORDS, **town.ids}
                given |= {name: odd for name in door.parameters if name.endswith("_id")}
                client = program if door.path.startswith("/api/") else browser
                answer = await send(door, client, door.fill(given), {}, town)
                if answer.status_code not in {404, 422}:
                    wrong.append((door.name, odd, answer.status_code, shortly(answer)))
    assert not wrong, "\n" + "\n".join(map(str, wrong))


async def attempts(door: Door, client: httpx.AsyncClient, town: Town) -> list[httpx.Response]:
    """Try a door with the least and with the fullest body."""
    path = door.fill({**WORDS, **town.ids})
    bodies = (
        [{}]
        if door.body is None
        else [GOOD[door.name]]
        if door.name in GOOD
        else [sample(door.body), complete(door.body)]
    )
    return [await send(door, client, path, body, town) for body in bodies]


async def send(door: Door, client: httpx.AsyncClient, path: str, body: dict[str, Any], town: Town) -> httpx.Response:
    """Knock at a door; a key where money might move."""
    headers, order = {"idempotency-key": "a-key"}, town.ids["order_id"]
    if door.method in {"GET", "DELETE"}:
        # Some addresses name things in their query.
        return await client.request(door.method, path, headers=headers, params={"order": order})
    if door.path.startswith("/api/"):
        return await client.request(door.method, path, json=body, headers=headers)
    return await client.request(door.method, path, data=FORM, headers=headers)


def shortly(answer: httpx.Response) -> str:
    """Give the heart of an answer, for the message of a failure."""
    title = re.search("<title>(.*?)</title>", answer.text)
    return title[1] if title else answer.text[:150]


def leaks(text: str) -> bool:
    """Tell whether an answer knows something of the buyer or of the inside of the shop."""
    return any(word in text for word in ("Lin Ming", "文三路", "138 0013", "Wei Seller", "Ming Buyer"))


async def signed_in(market: Market, token: str) -> httpx.AsyncClient:
    """Give a browser that is signed in and carries the token against forged requests."""
    browser = market.visitor()
    browser.cookies.set("fg_session", token)
    async with market.visitor() as looking:
        looking.cookies.set("fg_session", token)
        browser.headers[csrf.HEADER] = token_of((await looking.get("/help")).text)
    return browser
