"""A shop's money by API: the balance as the contract tells it, payouts once for a key, the bank account guarded."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.support.accounts import PASSWORD, make_person
from tests.support.orders import assert_all_clean
from tests.support.seller import make_booth, paid_order, sold_order
from tests.support.web import Market

BANK = {"holder": "Lan", "number": "6222021001123456789", "bank": "ICBC", "password": PASSWORD}
PATH = "/api/v1/shops/lantern"


def cny(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "CNY"}


async def ask(program: httpx.AsyncClient, key: str | None, body: Any = None) -> httpx.Response:
    headers = {} if key is None else {"idempotency-key": key}
    return await program.post(f"{PATH}/payouts", json=body, headers=headers)


async def test_the_balance_follows_the_money(market: Market) -> None:
    booth = await make_booth(market)
    async with await booth.program() as seller:
        assert (await seller.get(f"{PATH}/balance")).json()["held"] == 0
        await paid_order(booth, 2)
        await sold_order(booth)
        balance = (await seller.get(f"{PATH}/balance")).json()
        assert balance["held"] == 39_800
        assert balance["available"] == 19_303
        assert (balance["paid_out"], balance["currency"]) == (0, "CNY")
        assert (balance["coming"], balance["under_way"]) == (38_606, 0)
        lines = (await seller.get(f"{PATH}/statement")).json()["items"]
        assert [line["amount"] for line in lines] == [cny(-597), cny(19_900)]
        assert lines[0]["balance"] == cny(19_303)


async def test_a_payout_is_made_once_for_a_key_also_at_the_same_moment(market: Market) -> None:
    booth = await make_booth(market)
    await sold_order(booth)
    async with await booth.program() as seller:
        missing = await ask(seller, "k0", {"amount": 1_000})
        assert (missing.status_code, missing.json()["code"]) == (409, "payments.destination_missing")
        assert (await seller.put(f"{PATH}/bank-account", json=BANK)).status_code == 200
        assert (await ask(seller, None, {})).status_code == 400
        answers = await asyncio.gather(*(ask(seller, "k1", {"amount": cny(1_000)}) for _ in range(5)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        other = await ask(seller, "k1", {"amount": cny(2_000)})
        assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
        rest = await ask(seller, "k2")
        assert rest.json()["amount"] == cny(18_303)
        listed = (await seller.get(f"{PATH}/payouts")).json()["items"]
        assert [one["amount"] for one in listed] == [cny(18_303), cny(1_000)]
        shown = (await seller.get(f"{PATH}/payouts/{listed[1]['id']}")).json()
        assert shown["lines"][0]["reason"] == "payments.payout_requested"
        assert (await seller.get(f"{PATH}/balance")).json()["under_way"] == 19_303
    await assert_all_clean(market.db)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"amount": 0}, 422),
        ({"amount": -5}, 422),
        ({"amount": 99}, 422),
        ({"amount": 19_304}, 409),
        ({"amount": 10**30}, 422),
        ({"amount": "100"}, 422),
        ({"amount": 100.5}, 422),
        ({"amount": {"amount": 1_000, "currency": "USD"}}, 422),
        ([], 422),
    ],
)
async def test_what_cannot_be_paid_out_is_refused(market: Market, body: Any, status: int) -> None:
    booth = await make_booth(market)
    await sold_order(booth)
    async with await booth.program() as seller:
        await seller.put(f"{PATH}/bank-account", json=BANK)
        answer = await ask(seller, "k", body)
        assert answer.status_code == status, answer.text
        balance = (await seller.get(f"{PATH}/balance")).json()
        assert (balance["available"], balance["under_way"]) == (19_303, 0)


async def test_an_unconfirmed_address_blocks_payouts_and_nothing_else(market: Market) -> None:
    booth = await make_booth(market, verified=False)
    await sold_order(booth)
    async with await booth.program() as seller:
        await seller.put(f"{PATH}/bank-account", json=BANK)
        answer = await ask(seller, "k", {})
        assert (answer.status_code, answer.json()["code"]) == (403, "payments.email_unverified")


async def test_the_bank_account_needs_the_password_and_a_change_waits(market: Market) -> None:
    booth = await make_booth(market)
    path = f"{PATH}/bank-account"
    async with await booth.program() as seller:
        wrong = await seller.put(path, json={**BANK, "password": "guess"})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/password")
        short = await seller.put(path, json={**BANK, "number": "1", "holder": ""})
        assert {e["pointer"] for e in short.json()["errors"]} == {"/number", "/holder"}
        first = await seller.put(path, json=BANK)
        assert first.json()["waiting"] is False
        second = await seller.put(path, json={**BANK, "number": "DE89370400440532013000"})
        assert second.json()["waiting"] is True
        assert BANK["number"] not in second.text
        places = (await seller.get(path)).json()
        assert (places["current"]["hint"], places["waiting"]["hint"]) == ("•••• 6789", "•••• 3000")
        assert (await seller.delete(f"{path}/waiting")).status_code == 204
        assert (await seller.get(path)).json()["waiting"] is None
        await seller.put(path, json={**BANK, "number": "DE89370400440532013000"})
        market.db.clock.move(timedelta(hours=73))
        assert (await seller.get(path)).json()["current"]["hint"] == "•••• 3000"


async def test_strangers_find_no_money(market: Market) -> None:
    booth, other = await make_booth(market), await make_booth(market, "paper")
    await sold_order(booth)
    async with await booth.program() as seller, await other.program() as stranger:
        await seller.put(f"{PATH}/bank-account", json=BANK)
        payout = (await ask(seller, "k", {"amount": 500})).json()["id"]
        for page in ("balance", "statement", "payouts", f"payouts/{payout}", "bank-account"):
            assert (await stranger.get(f"{PATH}/{page}")).status_code == 404, page
        assert (await stranger.get(f"/api/v1/shops/paper/payouts/{payout}")).status_code == 404
        assert (await ask(stranger, "k", {})).status_code == 404
        assert (await stranger.put(f"{PATH}/bank-account", json=BANK)).status_code == 404
        assert (await stranger.delete(f"{PATH}/bank-account/waiting")).status_code == 404
        assert len((await seller.get(f"{PATH}/payouts")).json()["items"]) == 1
    async with market.program() as guest:
        assert (await guest.get(f"{PATH}/balance")).status_code == 401


async def test_coupons_are_put_up_taken_and_stopped(market: Market) -> None:
    booth, other = await make_booth(market), await make_booth(market, "paper")
    buyer = await make_person(market.db, "Ming")
    ends = (market.db.clock.now() + timedelta(days=9)).isoformat()
    body = {"title": "Ten off", "amount": cny(1_000), "threshold": cny(5_000), "ends_at": ends}
    async with await booth.program() as seller, await other.program() as stranger, await booth.program(buyer) as ming:
        made = await seller.post(f"{PATH}/coupons", json=body)
        assert made.status_code == 201, made.text
        coupon = made.json()
        assert (coupon["amount"], coupon["threshold"], coupon["state"]) == (cny(1_000), cny(5_000), "open")
        for wrong, pointer in (
            ({"percent_bp": 500}, "/amount"),
            ({"amount": None}, "/amount"),
            ({"amount": {"amount": 5, "currency": "USD"}}, "/amount/currency"),
            ({"ends_at": "2026-07-01T00:00:00"}, "/ends_at"),
            ({"title": "x" * 100}, "/title"),
            ({"total_limit": 0}, "/total_limit"),
        ):
            answer = await seller.post(f"{PATH}/coupons", json={**body, **wrong})
            assert answer.status_code == 422, wrong
            assert pointer in {e["pointer"] for e in answer.json()["errors"]}, wrong
        assert (await ming.post(f"/api/v1/coupons/{coupon['id']}/taking")).status_code == 201
        assert (await ming.post(f"/api/v1/coupons/{coupon['id']}/taking")).status_code == 409
        (held,) = (await ming.get("/api/v1/me/coupons")).json()["items"]
        assert (held["shop"], held["left"]) == ("lantern", 1)
        for deed in (f"{PATH}/coupons/{coupon['id']}/stop", f"/api/v1/shops/paper/coupons/{coupon['id']}/stop"):
            assert (await stranger.post(deed)).status_code == 404
        assert (await stranger.post(f"{PATH}/coupons", json=body)).status_code == 404
        assert (await stranger.get(f"{PATH}/coupons")).status_code == 404
        stopped = (await seller.post(f"{PATH}/coupons/{coupon['id']}/stop")).json()
        assert (stopped["state"], stopped["taken"]) == ("stopped", 1)
        assert len((await seller.get(f"{PATH}/coupons")).json()["items"]) == 1
