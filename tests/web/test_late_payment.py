"""Who pays one second after the deadline is told so on the page, by the API and in a letter, and has the money back."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairground.adapters.sandbox.bank import list_results
from fairground.app.audit import audit
from fairground.kit.actor import person
from fairground.market.accounts.actions.sessions import open_session
from fairground.market.accounts.model import PersonId
from fairground.market.ledger.model import AccountKind, system_account
from fairground.market.ledger.queries import balance
from fairground.market.orders.actions.close import close_expired
from fairground.market.orders.actions.pay import confirm_payments
from fairground.market.payments.jobs import close_unpaid, send_refunds
from tests.support.catalog import make_product
from tests.support.inventory import stock_of
from tests.support.letters import kinds_told
from tests.support.orders import make_buyer, orders_of
from tests.support.road import ask, with_key
from tests.support.shops import make_shop
from tests.support.web import Market

PRICE = 5_000


class Bought:
    """A buyer with one unpaid order: a program, a browser tab, the last piece."""

    def __init__(self, market: Market, buyer: PersonId, program: httpx.AsyncClient, placed: dict[str, Any]) -> None:
        self.market, self.buyer, self.program, self.placed = market, buyer, program, placed
        self.payment: str = placed["payment"]["id"]

    async def pay_too_late(self) -> None:
        """Pay at the bank, who knows no deadline, and wait until the market has heard of it."""
        paid = await self.program.post(f"/sandbox/payments/{self.payment}", json={"outcome": "paid"})
        assert paid.json()["state"] == "paid"
        async with asyncio.timeout(20):
            while (await ask(self.program, "GET", f"/payments/{self.payment}"))["paid_at"] is None:
                await asyncio.sleep(0.02)


async def _sweep(market: Market) -> int:
    return await close_unpaid(market.db, market.outfit.gateways, confirm_payments, close_expired)


@pytest.mark.parametrize("is_swept", [True, False], ids=["closed already", "nobody closed it yet"])
async def test_who_pays_a_second_too_late_is_told_so_everywhere_and_gets_the_money_back(
    market: Market, is_swept: bool
) -> None:
    product = await make_product(market.db, await make_shop(market.db), price=PRICE, stock=1)
    buyer, address = await make_buyer(market.db)
    token = (await market.db.write(person(buyer), lambda tx: open_session(tx, buyer, None))).token
    async with market.program(token) as program, market.visitor() as tab:
        tab.cookies.set("fg_session", token)
        lines = [{"variant_id": str(int(product.variants[0].id)), "quantity": 1}]
        body = {"address_id": str(int(address.id)), "lines": lines}
        bought = Bought(market, buyer, program, await ask(program, "POST", "/checkouts", body, 201, headers=with_key()))
        market.db.clock.move(timedelta(hours=24, seconds=1))
        assert await _sweep(market) == 1 if is_swept else True

        closed = await tab.get(f"/pay/{bought.payment}", follow_redirects=True)
        assert "The time to pay is over" in closed.text
        assert "/sandbox/pay/" not in closed.text, "nobody is sent to the bank any more"
        await bought.pay_too_late()

        page = await tab.get(f"/pay/{bought.payment}/done")
        assert "came after the time to pay was over" in page.text
        assert "50.00" in page.text
        assert "is held for you" not in page.text
        told = await ask(program, "GET", f"/payments/{bought.payment}")
        assert (told["state"], told["came_late"]) == ("refunded", True)
        order = await ask(program, "GET", f"/orders/{bought.placed['orders'][0]['id']}")
        assert (order["state"], order["close_reason"]) == ("closed", "unpaid")
        assert order["payment"]["came_late"]
        await _assert_given_back(bought)
        assert await stock_of(market.db, product.variants[0].id) == 1


async def _assert_given_back(bought: Bought) -> None:
    """The bank has sent the money back, the books are even, and letters told of both."""
    db = bought.market.db
    assert await send_refunds(db, bought.market.outfit.gateways) == 1
    back = await db.read(lambda r: r.value("select sum(amount) from sandbox.transfers where kind = 'refund'"))
    assert back == PRICE
    (order,) = await orders_of(db, bought.placed)
    for kind in (AccountKind.HELD, AccountKind.REFUND):
        account = system_account(kind, order.id.bucket, "CNY")
        assert (await db.read(lambda r, a=account: balance(r, a))).amount == 0  # type: ignore[misc]
    kinds = await kinds_told(db, bought.buyer)
    assert {"buyers.unpaid", "buyers.paid_too_late", "buyers.refund_done"} <= set(kinds)
    assert "buyers.paid" not in kinds
    assert await audit(db) == []


async def test_who_paid_in_time_is_not_late_because_the_market_was_slow_to_hear_it(market: Market) -> None:
    product = await make_product(market.db, await make_shop(market.db), price=PRICE, stock=1)
    buyer, address = await make_buyer(market.db)
    token = (await market.db.write(person(buyer), lambda tx: open_session(tx, buyer, None))).token
    async with market.program(token) as program:
        lines = [{"variant_id": str(int(product.variants[0].id)), "quantity": 1}]
        body = {"address_id": str(int(address.id)), "lines": lines}
        placed = await ask(program, "POST", "/checkouts", body, 201, headers=with_key())
        payment = placed["payment"]["id"]
        # The bank has it, and its notice is lost.
        await market.db.write(
            person(buyer),
            lambda tx: tx.execute(
                "update sandbox.intents set state = 'paid', tries = 1, charge = 'ch', paid_at = $2"
                " where merchant_reference = $1",
                int(payment),
                tx.now,
            ),
        )
        market.db.clock.move(timedelta(hours=24, seconds=1))
        assert await market.db.read(lambda r: list_results(r, [int(payment)]))
        assert await _sweep(market) == 1
        assert (await ask(program, "GET", f"/payments/{payment}"))["state"] == "paid"
        assert (await orders_of(market.db, placed))[0].state == "paid"
        assert await audit(market.db) == []
