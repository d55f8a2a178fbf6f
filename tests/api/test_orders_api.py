"""Quotes, checkouts and orders by API, as the contract tells them."""

import asyncio
from typing import Any

import httpx

from fairground.market.orders.actions.pay import confirm_payments
from fairground.market.payments.model import PaymentId
from fairground.market.payments.queries import get_payment
from tests.support.accounts import make_person, sign_in_as
from tests.support.orders import GATEWAY, assert_all_clean
from tests.support.payments import paid_notice
from tests.support.web import Market
from tests.support.world import pump

ADDRESS = {
    "name": "Lin Ming",
    "phone": "+86 138 0013 8000",
    "country": "CN",
    "region": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "lines": ["文三路 1 号"],
    "postal_code": "310000",
}


async def _program(market: Market, name: str) -> httpx.AsyncClient:
    person = await make_person(market.db, name)
    return market.program((await sign_in_as(market.db, person)).token)


async def _shop(seller: httpx.AsyncClient, slug: str, price: int = 1_000, stock: int | None = 5) -> str:
    """Open a shop with one product; gives its variant."""
    assert (await seller.post("/api/v1/shops", json={"name": slug.title(), "slug": slug})).status_code == 201
    body = {
        "title": f"Teapot of {slug}",
        "description": "Round.",
        "variants": [{"options": {}, "price": {"amount": price, "currency": "CNY"}, "stock": stock}],
    }
    made = await seller.post(f"/api/v1/shops/{slug}/products", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["variants"][0]["id"])


async def _address(buyer: httpx.AsyncClient) -> str:
    answer = await buyer.post("/api/v1/me/addresses", json=ADDRESS)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _pay(market: Market, payment_id: str) -> None:
    payment = await market.db.read(lambda r: get_payment(r, PaymentId(int(payment_id))))
    await market.db.write(GATEWAY, lambda tx: confirm_payments(tx, [paid_notice(market.db, payment)]))


async def test_two_shops_one_payment_from_quote_to_receipt(market: Market) -> None:
    seller, other, buyer = [await _program(market, name) for name in ("Wei", "Hua", "Ming")]
    pot, cup = await _shop(seller, "clay", 1_000), await _shop(other, "paper", 250)
    body: dict[str, Any] = {
        "address_id": await _address(buyer),
        "lines": [{"variant_id": pot, "quantity": 2}, {"variant_id": cup, "quantity": 1}],
    }
    quoted = (await buyer.post("/api/v1/quotes", json=body)).json()
    assert quoted["total"] == {"amount": 2_250, "currency": "CNY"}
    assert [(s["kind"], s["title"], s["amount"]["amount"]) for s in quoted["steps"]] == [
        ("goods", "Goods", 2_250),
        ("shipping", "Delivery", 0),
    ]
    assert [(s["shop"], s["delivery"], s["options"][0]["name"]) for s in quoted["shops"]] == [
        ("clay", "standard", "Standard delivery"),
        ("paper", "standard", "Standard delivery"),
    ]

    answer = await buyer.post(
        "/api/v1/checkouts", json={**body, "notes": {"clay": "Red"}}, headers={"idempotency-key": "k1"}
    )

    assert answer.status_code == 201, answer.text
    placed = answer.json()
    assert [(o["shop"], o["state"], o["total"]["amount"]) for o in placed["orders"]] == [
        ("clay", "placed", 2_000),
        ("paper", "placed", 250),
    ]
    payment = placed["payment"]
    assert (payment["state"], payment["amount"]) == ("pending", {"amount": 2_250, "currency": "CNY"})
    assert payment["pay_url"].startswith("http")
    shown = (await buyer.get(f"/api/v1/payments/{payment['id']}")).json()
    assert (shown["state"], shown["pay_url"]) == ("pending", payment["pay_url"])

    await _pay(market, payment["id"])
    await pump(market.db)
    assert (await buyer.get(f"/api/v1/payments/{payment['id']}")).json()["state"] == "paid"
    order_id = placed["orders"][0]["id"]
    sold = (await seller.get("/api/v1/orders", params={"role": "seller", "shop": "clay", "state": "paid"})).json()
    assert [o["id"] for o in sold["items"]] == [order_id]
    parcel = {"carrier": "sandbox", "tracking_number": "SB0000000001", "lines": [{"line_id": "1", "quantity": 1}]}
    first = await seller.post(f"/api/v1/orders/{order_id}/shipment", json=parcel)
    assert (first.status_code, first.json()["state"]) == (201, "paid")
    rest = {"carrier": "sandbox", "tracking_number": "SB0000000002"}
    shipped = (await seller.post(f"/api/v1/orders/{order_id}/shipment", json=rest)).json()
    assert (shipped["state"], len(shipped["parcels"]), shipped["note"]) == ("shipped", 2, "Red")
    assert shipped["payment"] is None
    received = (await buyer.post(f"/api/v1/orders/{order_id}/receipt")).json()
    assert (received["state"], [m["deed"] for m in received["history"]][-1]) == ("received", "receive")
    again = await buyer.post(f"/api/v1/orders/{order_id}/receipt")
    assert (again.status_code, again.json()["code"], again.json()["state"]) == (409, "orders.wrong_state", "received")
    await pump(market.db)
    await assert_all_clean(market.db)


async def test_the_key_is_needed_and_gives_the_same_answer(market: Market) -> None:
    seller, buyer = await _program(market, "Wei"), await _program(market, "Ming")
    pot = await _shop(seller, "clay")
    body = {"address_id": await _address(buyer), "lines": [{"variant_id": pot, "quantity": 1}]}
    missing = await buyer.post("/api/v1/checkouts", json=body)
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency.key_missing")
    key = {"idempotency-key": "one"}
    answers = await asyncio.gather(*(buyer.post("/api/v1/checkouts", json=body, headers=key) for _ in range(5)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 1
    other = await buyer.post(
        "/api/v1/checkouts", json={**body, "lines": [{"variant_id": pot, "quantity": 2}]}, headers=key
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
    assert len((await buyer.get("/api/v1/orders")).json()["items"]) == 1


async def test_what_ran_out_is_named_and_nothing_is_written(market: Market) -> None:
    seller, buyer = await _program(market, "Wei"), await _program(market, "Ming")
    pot = await _shop(seller, "clay", stock=1)
    body = {"address_id": await _address(buyer), "lines": [{"variant_id": pot, "quantity": 2}]}
    answer = await buyer.post("/api/v1/checkouts", json=body, headers={"idempotency-key": "one"})
    assert (answer.status_code, answer.json()["code"]) == (409, "orders.out_of_stock")
    assert answer.json()["variants"] == [{"variant_id": pot, "left": 1}]
    assert (await buyer.get("/api/v1/orders")).json() == {"items": [], "next": None}
    body["lines"] = [{"variant_id": pot, "quantity": 1}]
    again = await buyer.post("/api/v1/checkouts", json=body, headers={"idempotency-key": "one"})
    assert again.status_code == 201


async def test_bad_input_is_named(market: Market) -> None:
    buyer = await _program(market, "Ming")
    key = {"idempotency-key": "one"}
    for body, pointer in (
        ({"lines": [{"variant_id": "1", "quantity": 1.5}]}, "/lines/0/quantity"),
        ({"lines": [{"variant_id": 17, "quantity": 1}]}, "/lines/0/variant_id"),
        ({"lines": [{"variant_id": "999", "quantity": 1}]}, "/lines/0/variant_id"),
        ({"lines": [{"variant_id": "999", "quantity": -4}]}, "/lines/0/quantity"),
        ({"lines": [{"variant_id": "999", "quantity": 10**30}]}, "/lines/0/quantity"),
        ({"address_id": "7", "lines": [{"variant_id": "999", "quantity": 1}]}, "/address_id"),
    ):
        for path in ("quotes", "checkouts"):
            answer = await buyer.post(f"/api/v1/{path}", json=body, headers=key)
            assert answer.status_code in {400, 422}, (body, answer.text)
            assert pointer in {e["pointer"] for e in answer.json()["errors"]}, answer.text
    nothing = await buyer.post("/api/v1/checkouts", json={}, headers=key)
    assert (nothing.status_code, nothing.json()["code"]) == (422, "orders.nothing_to_order")


async def test_strangers_and_guests_find_nothing(market: Market) -> None:
    seller, buyer, stranger = [await _program(market, name) for name in ("Wei", "Ming", "Gu")]
    pot = await _shop(seller, "clay")
    body = {"address_id": await _address(buyer), "lines": [{"variant_id": pot, "quantity": 1}]}
    placed = (await buyer.post("/api/v1/checkouts", json=body, headers={"idempotency-key": "one"})).json()
    order_id, payment_id = placed["orders"][0]["id"], placed["payment"]["id"]
    guest = market.program()
    for who, status in ((stranger, 404), (guest, 401)):
        assert (await who.get(f"/api/v1/orders/{order_id}")).status_code == status
        assert (await who.get(f"/api/v1/payments/{payment_id}")).status_code == status
        for deed in ("cancellation", "receipt", "extension"):
            assert (await who.post(f"/api/v1/orders/{order_id}/{deed}")).status_code == status
        parcel = {"carrier": "sandbox", "tracking_number": "SB0000000001"}
        assert (await who.post(f"/api/v1/orders/{order_id}/shipment", json=parcel)).status_code == status
    mine = await stranger.post("/api/v1/checkouts", json=body, headers={"idempotency-key": "two"})
    assert [e["pointer"] for e in mine.json()["errors"]] == ["/address_id"]
    assert (await buyer.get(f"/api/v1/orders/{order_id}")).json()["state"] == "placed"


async def test_cancelling_and_refunding_before_shipping(market: Market) -> None:
    seller, buyer = await _program(market, "Wei"), await _program(market, "Ming")
    pot = await _shop(seller, "clay", stock=3)
    body = {"address_id": await _address(buyer), "lines": [{"variant_id": pot, "quantity": 1}]}
    ids = []
    for n in range(3):
        placed = (await buyer.post("/api/v1/checkouts", json=body, headers={"idempotency-key": f"k{n}"})).json()
        ids.append(placed["orders"][0]["id"])
        if n:
            await _pay(market, placed["payment"]["id"])
    words = {"reason": "Too blue"}
    cancelled = [(await buyer.post(f"/api/v1/orders/{i}/cancellation", json=words)).json() for i in ids[:2]]
    assert [(o["state"], o["close_reason"], o["refunded"]["amount"]) for o in cancelled] == [
        ("closed", "cancelled", 0),
        ("closed", "cancelled", 1_000),
    ]
    key = {"idempotency-key": "money back"}
    path = f"/api/v1/orders/{ids[2]}/refunds"
    assert (await seller.post(path, json={"amount": 400})).status_code == 400
    answers = [await seller.post(path, json={"amount": 400}, headers=key) for _ in range(2)]
    assert [(a.status_code, a.json()["refunded"]["amount"]) for a in answers] == [(201, 400), (201, 400)]
    assert (await buyer.get(f"/api/v1/orders/{ids[2]}")).json()["refunded"]["amount"] == 400
    await pump(market.db)
    await assert_all_clean(market.db)
