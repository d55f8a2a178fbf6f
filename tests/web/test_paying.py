"""Money comes in by signed webhooks over HTTP, once, whatever the gateway does."""

import asyncio

from fairground.kit.actor import person
from fairground.market.accounts.actions.sessions import open_session
from tests.support.catalog import make_product
from tests.support.orders import make_buyer, orders_of
from tests.support.shops import make_shop
from tests.support.web import Market, token_of


async def test_a_forged_or_unsigned_webhook_is_refused(market: Market) -> None:
    async with market.program() as program:
        for body in (b"", b"{}", b'{"events":[]}', b"\xff"):
            answer = await program.post("/webhooks/payments/sandbox", content=body)
            assert answer.status_code in (400, 401, 403, 422), answer.text
            assert answer.json()["code"] == "payments.webhook_refused"
        assert (await program.post("/webhooks/payments/nobody", content=b"{}")).status_code == 404


async def test_a_buyer_pays_at_the_play_bank_and_the_webhook_brings_the_money(market: Market) -> None:
    shop = await make_shop(market.db)
    product = await make_product(market.db, shop, price=5000, stock=3)
    buyer, address = await make_buyer(market.db)
    token = (await market.db.write(person(buyer), lambda tx: open_session(tx, buyer, None))).token
    async with market.program(token) as program:
        body = {
            "address_id": str(int(address.id)),
            "lines": [{"variant_id": str(int(product.variants[0].id)), "quantity": 1}],
        }
        placed = await program.post("/api/v1/checkouts", json=body, headers={"idempotency-key": "k1"})
        assert placed.status_code == 201, placed.text
        payment = placed.json()["payment"]["id"]
        paid = await program.post(f"/sandbox/payments/{payment}", json={"outcome": "paid"})
        assert paid.json()["state"] == "paid"
        async with asyncio.timeout(20):
            while (await program.get(f"/api/v1/payments/{payment}")).json()["state"] == "pending":
                await asyncio.sleep(0.02)
        assert (await program.get(f"/api/v1/payments/{payment}")).json()["state"] == "paid"
        (order,) = await orders_of(market.db, placed.json())
        assert order.state == "paid"


async def test_two_tabs_pay_one_payment_once_and_see_it_paid(market: Market) -> None:
    """The page the buyer comes back to asks the bank itself, so a lost webhook keeps nobody waiting."""
    shop = await make_shop(market.db)
    product = await make_product(market.db, shop, price=5000, stock=3)
    buyer, address = await make_buyer(market.db)
    token = (await market.db.write(person(buyer), lambda tx: open_session(tx, buyer, None))).token
    async with market.program(token) as program, market.visitor() as tab:
        body = {
            "address_id": str(int(address.id)),
            "lines": [{"variant_id": str(int(product.variants[0].id)), "quantity": 1}],
        }
        placed = await program.post("/api/v1/checkouts", json=body, headers={"idempotency-key": "k1"})
        payment = placed.json()["payment"]["id"]
        tab.cookies.set("fg_session", token)
        first, second = await tab.get(f"/pay/{payment}"), await tab.get(f"/pay/{payment}")
        assert first.status_code == second.status_code == 200
        assert f"/sandbox/pay/{payment}" in first.text
        assert token_of(first.text)
        for _ in range(2):
            await program.post(f"/sandbox/payments/{payment}", json={"outcome": "paid"})
        done = [await tab.get(f"/pay/{payment}/done") for _ in range(2)]
        assert all("is held for you" in answer.text for answer in done)
        assert (await tab.get(f"/pay/{payment}")).status_code == 303
        async with market.visitor() as stranger:
            assert (await stranger.get(f"/pay/{payment}")).status_code == 303, "a guest is asked to sign in"
