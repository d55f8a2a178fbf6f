"""The whole road by API: three shops, one payment, parcels, receipt, reviews, money in a shop's bank."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx

from fairground.app.audit import audit
from fairground.app.wiring import jobs
from tests.support.jobs import work_off
from tests.support.outbox import find_token
from tests.support.road import (
    ACCOUNT,
    HANGZHOU,
    PASSWORD,
    ask,
    join,
    list_product,
    open_shop,
    pay_at_the_play_bank,
    with_key,
)
from tests.support.web import Market
from tests.support.world import pump

SCORES = ("described", "service", "shipping")
SHOPS = (("Lantern & Clay", "lantern-clay"), ("Ink & Paper", "ink-paper"), ("Cloud Tea", "cloud-tea"))


async def test_the_whole_road_by_api(market: Market) -> None:
    """Three shops, one payment, ship, receive, review, payout; then the books are proved."""
    async with AsyncExitStack() as stack:
        guest = await stack.enter_async_context(market.program())
        sellers = [
            await stack.enter_async_context(market.program(await join(guest, name, f"{slug}@example.org")))
            for name, slug in SHOPS
        ]
        buyer = await stack.enter_async_context(market.program(await join(guest, "Ming")))
        goods = []
        for seller, (name, slug) in zip(sellers, SHOPS, strict=True):
            await open_shop(seller, name, slug)
            goods.append(await list_product(seller, slug, f"Moon jar of {name}", 12_800))
        await pump(market.db)

        found = await ask(guest, "GET", "/products?q=moon+jar")
        assert {item["id"] for item in found["items"]} == {product["id"] for product in goods}

        address = await ask(buyer, "POST", "/me/addresses", HANGZHOU, 201)
        for product in goods:
            await ask(buyer, "PUT", f"/cart/lines/{product['variants'][0]['id']}", {"quantity": 2})
        wish = {"address_id": address["id"], "notes": {SHOPS[0][1]: "Please pack it well."}}
        quote = await ask(buyer, "POST", "/quotes", {"address_id": address["id"]})
        assert (quote["total"], quote["problems"]) == ({"amount": 76_800, "currency": "CNY"}, [])
        placed = await ask(buyer, "POST", "/checkouts", wish, 201, headers=with_key("one"))
        again = await ask(buyer, "POST", "/checkouts", wish, 201, headers=with_key("one"))
        assert placed == again, "the same key and body, the same answer"
        orders = {order["shop"]: order["id"] for order in placed["orders"]}
        assert set(orders) == {slug for _, slug in SHOPS}
        assert placed["payment"]["amount"] == quote["total"]
        assert (await ask(buyer, "GET", "/cart"))["lines"] == []

        await pay_at_the_play_bank(buyer, placed["payment"]["id"])
        await pump(market.db)
        for n, (seller, (_, slug)) in enumerate(zip(sellers, SHOPS, strict=True)):
            (sold,) = (await ask(seller, "GET", "/orders?role=seller"))["items"]
            assert (sold["id"], sold["state"]) == (orders[slug], "paid")
            parcel = {"carrier": "sandbox", "tracking_number": f"SB{n:010d}"}
            assert (await ask(seller, "POST", f"/orders/{orders[slug]}/shipment", parcel, 201))["state"] == "shipped"
            received = await ask(buyer, "POST", f"/orders/{orders[slug]}/receipt", None, 201)
            assert received["state"] == "received"
            review = {"stars": 5, "words": "Round as the moon.", "scores": dict.fromkeys(SCORES, 5)}
            await ask(buyer, "POST", f"/orders/{orders[slug]}/reviews", review, 201)
            # Hidden until both sides have said what the other was like.
            assert (await ask(guest, "GET", f"/products/{goods[n]['id']}/reviews"))["items"] == []
            await ask(seller, "POST", f"/orders/{orders[slug]}/buyer-rating", {"verdict": "good"}, 201)
        await pump(market.db)
        shown = await ask(guest, "GET", f"/products/{goods[0]['id']}/reviews")
        assert [item["words"] for item in shown["items"]] == ["Round as the moon."]
        left = (await ask(guest, "GET", f"/products/{goods[0]['id']}"))["variants"]
        assert [variant["stock"] for variant in left] == [3, 5]

        await get_paid(market, sellers[0], SHOPS[0][1])
        assert await audit(market.db) == []


async def get_paid(market: Market, seller: httpx.AsyncClient, slug: str) -> None:
    """Confirm the e-mail address, name a bank account, ask for all there is, and see it arrive."""
    assert await ask(seller, "GET", f"/shops/{slug}/balance") == {
        "held": 0,
        "available": 24_832,  # two jars at 128.00, less 3 % of commission
        "paid_out": 0,
        "currency": "CNY",
        "coming": 0,
        "under_way": 0,
    }
    unverified = await seller.post(f"/api/v1/shops/{slug}/payouts", headers=with_key("early"))
    assert (unverified.status_code, unverified.json()["code"]) == (403, "payments.email_unverified")
    await pump(market.db)
    await work_off(market.db, jobs(market.outfit), also_delayed=True)
    token = find_token(market.outfit.folder / "outbox", f"{slug}@example.org", "/account/verify")
    await ask(seller, "POST", "/verifications", {"token": token}, 204)
    bank = await ask(seller, "PUT", f"/shops/{slug}/bank-account", {**ACCOUNT, "password": PASSWORD})
    assert bank["hint"].endswith("6789")
    asked = await ask(seller, "POST", f"/shops/{slug}/payouts", {"amount": 20_000}, 201, headers=with_key("out"))
    again = await ask(seller, "POST", f"/shops/{slug}/payouts", {"amount": 20_000}, 201, headers=with_key("out"))
    assert asked == again, "asked for once"
    async with asyncio.timeout(30):
        while (await ask(seller, "GET", f"/shops/{slug}/payouts/{asked['id']}"))["payout"]["state"] != "paid":
            await work_off(market.db, jobs(market.outfit), also_delayed=True)
            market.db.clock.move(timedelta(minutes=1))
            await asyncio.sleep(0.05)
    after = await ask(seller, "GET", f"/shops/{slug}/balance")
    assert (after["available"], after["under_way"], after["paid_out"]) == (4_832, 0, 20_000)
