"""The sandbox bank goes the real way: signed requests, signed webhooks over HTTP, until they are heard."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from fairground.adapters.gateways.sandbox import SandboxGateway
from fairground.adapters.gateways.signature import HEADER, WEBHOOK, sign
from fairground.adapters.sandbox.app import sandbox_app
from fairground.adapters.sandbox.config import SandboxMischief
from fairground.adapters.sandbox.courier import deliver_due, run_courier
from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.errors import Unavailable
from fairground.market.payments.actions import change_destination, refund, request_payout, take_notices
from fairground.market.payments.errors import WebhookRefused
from fairground.market.payments.jobs import close_unpaid, send_payouts, send_refunds, settle_day
from fairground.market.payments.model import (
    AlreadyKnown,
    BankAccount,
    Captured,
    Declined,
    Payment,
    PaymentState,
    PayoutId,
    PayoutOrder,
    PayoutState,
    RefundId,
    RefundOrder,
    RefundState,
    SentState,
)
from fairground.market.payments.ports import StartOrder
from fairground.market.payments.queries import get_payout, list_open_findings, list_refunds_of_order, payout_figures
from tests.support.payments import (
    ACCOUNT,
    assert_books_clean,
    cny,
    make_payment,
    make_shop_with,
    read_payment,
)
from tests.support.sandbox import SECRET, Market, open_market

DESK = system("desk")


async def start(market: Market, *payments: Payment) -> list[str]:
    orders = [StartOrder(p.id, p.total, "http://market.test/orders") for p in payments]
    started = await market.gateway.start(orders)
    return [started[p.id].pay_url or "" for p in payments]


async def decide(market: Market, payment: Payment, outcome: str = "paid") -> httpx.Response:
    return await market.browser.post(f"/sandbox/payments/{payment.id}", json={"outcome": outcome})


async def deliver(market: Market) -> int:
    async with httpx.AsyncClient() as client:
        return await deliver_due(market.config, client)


async def waiting(market: Market) -> int:
    return await market.db.read(lambda r: r.value("select count(*) from sandbox.outbox"))


async def test_a_payment_goes_the_real_way(db: Database) -> None:
    payment = await make_payment(db, 1999)
    async with open_market(db) as market:
        assert await start(market, payment) == [f"http://market.test/sandbox/pay/{payment.id}"]
        answer = await decide(market, payment)
        assert answer.json() == {"id": str(payment.id), "state": "paid"}
        assert (await read_payment(db, payment)).state == PaymentState.PENDING
        assert await deliver(market) == 1
        assert await waiting(market) == 0
    assert [type(o) for o in market.outcomes] == [Captured]
    assert (await read_payment(db, payment)).state == PaymentState.PAID
    await assert_books_clean(db)


async def test_the_courier_delivers_while_it_runs_and_stops_when_told(db: Database) -> None:
    payments = [await make_payment(db) for _ in range(5)]
    async with open_market(db) as market:
        stop = asyncio.Event()
        courier = asyncio.create_task(run_courier(market.config, stop))
        await start(market, *payments)
        await asyncio.gather(*(decide(market, p) for p in payments))
        async with asyncio.timeout(10):
            while len(market.outcomes) < 5:
                await asyncio.sleep(0.01)
        stop.set()
        await asyncio.wait_for(courier, 5)
    assert {(await read_payment(db, p)).state for p in payments} == {PaymentState.PAID}


async def test_paying_twice_charges_once_and_a_failed_try_may_be_followed_by_a_good_one(db: Database) -> None:
    payment = await make_payment(db)
    async with open_market(db) as market:
        await start(market, payment)
        await start(market, payment)
        assert (await decide(market, payment, "failed")).json()["state"] == "failed"
        await deliver(market)
        assert (await read_payment(db, payment)).state == PaymentState.FAILED
        for outcome in ("paid", "paid", "failed"):
            assert (await decide(market, payment, outcome)).json()["state"] == "paid"
        await deliver(market)
    assert [type(o) for o in market.outcomes] == [Declined, Captured]
    await assert_books_clean(db)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/payments/1", b'{"outcome": "paid"}', 404),
        ("/payments/nonsense", b'{"outcome": "paid"}', 400),
        ("/payments/1", b'{"outcome": "maybe"}', 400),
        ("/payments/1", b"[1", 400),
        ("/intents", b"[]", 401),
        ("/refunds", b"{}", 401),
        ("/payouts", b"{}", 401),
        ("/payments/1", b"x" * 2_000_001, 413),
        ("/nothing", b"", 404),
    ],
)
async def test_bad_requests_are_told_so_and_change_nothing(db: Database, path: str, body: bytes, status: int) -> None:
    async with open_market(db) as market:
        answer = await market.browser.post(
            f"/sandbox{path}", content=body, headers={"content-type": "application/json", HEADER: "t=1,v1=00"}
        )
        assert answer.status_code == status
        assert await waiting(market) == 0


async def test_the_cashiers_page_speaks_the_buyers_language_and_has_no_script(db: Database) -> None:
    payment = await make_payment(db, 1999)
    async with open_market(db) as market:
        (address,) = await start(market, payment)
        english = await market.browser.get(address, headers={"accept-language": "en"})
        chinese = await market.browser.get(address, headers={"accept-language": "zh-CN,en;q=0.5"})
        assert "Sandbox cashier" in english.text
        assert "沙箱收银台" in chinese.text
        assert '<html lang="zh-CN">' in chinese.text
        assert "19.99" in chinese.text
        assert '<link rel="stylesheet" href="/static/fair.css">' in english.text
        assert "<script" not in english.text
        assert "style=" not in english.text
        assert "script-src" not in english.headers["content-security-policy"]
        failed = await market.browser.post(f"{address}?lang=zh-CN", data={"outcome": "failed"})
        assert (failed.status_code, failed.headers["location"]) == (303, f"/sandbox/pay/{payment.id}?lang=zh-CN")
        paid = await market.browser.post(address, data={"outcome": "paid"})
        assert (paid.status_code, paid.headers["location"]) == (303, "http://market.test/orders")
        assert "已完成" in (await market.browser.get(address, headers={"accept-language": "zh"})).text
        assert (await market.browser.get("/sandbox/pay/77")).status_code == 404


async def test_a_webhook_is_sent_until_it_is_answered(db: Database) -> None:
    payments = [await make_payment(db) for _ in range(3)]
    async with open_market(db) as market:
        market.answer = lambda call: 500 if call <= 2 else 204
        await start(market, *payments)
        for payment in payments:
            await decide(market, payment)
        assert await deliver(market) == 3
        assert await deliver(market) == 0
        db.clock.move(timedelta(seconds=1))
        assert await deliver(market) == 3  # taken apart: one by one, the first of which fails again
        assert len(market.outcomes) == 2
        db.clock.move(timedelta(seconds=2))
        assert await deliver(market) == 1
        assert await waiting(market) == 0
    assert [type(o) for o in market.outcomes] == [Captured] * 3
    await assert_books_clean(db)


async def test_a_market_that_is_down_hears_everything_when_it_is_back(db: Database) -> None:
    payment = await make_payment(db)
    async with open_market(db) as market:
        await start(market, payment)
        await decide(market, payment)
        listening, market.config.webhook_url = market.config.webhook_url, "http://127.0.0.1:9/nobody"
        assert await deliver(market) == 1
        db.clock.move(timedelta(seconds=1))
        market.config.webhook_url = listening
        assert await deliver(market) == 1
    assert [type(o) for o in market.outcomes] == [Captured]


async def test_a_courier_that_died_with_letters_in_hand_leaves_them_to_the_next(db: Database) -> None:
    payment = await make_payment(db)
    async with open_market(db) as market:
        await start(market, payment)
        await decide(market, payment)
        lease = db.clock.now() + timedelta(seconds=30)
        await db.write(DESK, lambda tx: tx.execute("update sandbox.outbox set attempts = 1, due_at = $1", lease))
        assert await deliver(market) == 0
        db.clock.move(timedelta(seconds=30))
        assert await deliver(market) == 1
    assert [type(o) for o in market.outcomes] == [Captured]


async def test_peers_2_webhooks_that_come_twice_charge_once(db: Database) -> None:
    payments = [await make_payment(db) for _ in range(4)]
    async with open_market(db, SandboxMischief(duplicated_percent=100)) as market:
        await start(market, *payments)
        for payment in payments:
            await decide(market, payment)
        assert await deliver(market) == 8
    assert sorted(type(o).__name__ for o in market.outcomes) == ["AlreadyKnown"] * 4 + ["Captured"] * 4
    assert AlreadyKnown() in market.outcomes
    await assert_books_clean(db)


async def test_webhooks_that_come_late_come_after_later_ones(db: Database) -> None:
    slow, quick = await make_payment(db), await make_payment(db)
    async with open_market(db, SandboxMischief(delayed_percent=100)) as market:
        await start(market, slow, quick)
        await decide(market, slow)
        market.config.mischief = SandboxMischief()
        await decide(market, quick)
        assert await deliver(market) == 1
        db.clock.move(timedelta(seconds=5))
        assert await deliver(market) == 1
    assert [o.payment.id for o in market.outcomes if isinstance(o, Captured)] == [quick.id, slow.id]


async def test_a_webhook_that_is_lost_is_found_by_asking_or_in_the_days_file(db: Database) -> None:
    asked, filed = await make_payment(db), await make_payment(db)
    async with open_market(db, SandboxMischief(lost_percent=100)) as market:
        await start(market, asked, filed)
        await decide(market, asked)
        await decide(market, filed)
        assert await deliver(market) == 0
        day = db.clock.now().date()
        notice = await market.gateway.ask(asked)
        assert notice is not None
        await db.write(DESK, lambda tx: take_notices(tx, [notice]))
        assert await market.gateway.settlement(day) is None
        db.clock.move(timedelta(hours=12))
        assert await settle_day(db, market.gateway, day, take_notices)
        assert {(await read_payment(db, p)).state for p in (asked, filed)} == {PaymentState.PAID}
        assert await db.read(list_open_findings) == []
    await assert_books_clean(db)


async def test_the_sandbox_is_asked_before_a_payment_is_closed(db: Database) -> None:
    paid, unpaid, unknown = [await make_payment(db) for _ in range(3)]
    closed: list[Payment] = []

    async def close(tx: object, payments: object) -> None:
        closed.extend(payments)  # type: ignore[arg-type]

    async with open_market(db, SandboxMischief(lost_percent=100)) as market:
        await start(market, paid, unpaid)
        await decide(market, paid)
        db.clock.move(timedelta(hours=24))
        await close_unpaid(db, {"sandbox": market.gateway}, take_notices, close)  # type: ignore[arg-type]
    assert (await read_payment(db, paid)).state == PaymentState.PAID
    assert sorted(p.id for p in closed) == sorted([unpaid.id, unknown.id])


async def test_a_refund_goes_through_the_sandbox_once_and_never_beyond_the_charge(db: Database) -> None:
    payment = await make_payment(db, 1000)
    async with open_market(db) as market:
        await start(market, payment)
        await decide(market, payment)
        await deliver(market)
        order_id = payment.parts[0].order_id
        await db.write(DESK, lambda tx: refund(tx, payment.id, order_id, 400, "k", "orders.cancelled"))
        assert await send_refunds(db, {"sandbox": market.gateway}) == 1
        (done,) = await db.read(lambda r: list_refunds_of_order(r, order_id))
        assert done.state == RefundState.DONE
        again = await market.gateway.refund(done.order)
        assert (again.state, again.reference) == (SentState.DONE, done.reference)
        beyond = await market.gateway.refund(RefundOrder(RefundId(5), done.charge, cny(601)))
        assert beyond.state == SentState.REFUSED
        stranger = await market.gateway.refund(RefundOrder(RefundId(5), "no such charge", cny(1)))
        assert stranger.state == SentState.REFUSED
    await assert_books_clean(db)


@pytest.mark.parametrize(
    ("account", "state", "available"),
    [(ACCOUNT, PayoutState.PAID, 300), (BankAccount("Lin", "6222 0000 0000"), PayoutState.BOUNCED, 1000)],
)
async def test_a_payout_arrives_or_bounces_by_its_account_number(
    db: Database, account: BankAccount, state: PayoutState, available: int
) -> None:
    shop_id = await make_shop_with(db, 1000, account=None)
    async with open_market(db) as market:
        await db.write(DESK, lambda tx: change_destination(tx, shop_id, account))
        payout = await db.write(
            DESK, lambda tx: request_payout(tx, shop_id, cny(700), gateway="sandbox", is_verified=True)
        )
        assert await send_payouts(db, {"sandbox": market.gateway}) == 1
        assert (await db.read(lambda r: get_payout(r, payout.id))).state == PayoutState.SENT
        assert (await market.gateway.pay_out(PayoutOrder(payout.id, account, cny(700)))).state == SentState.UNDER_WAY
        assert await deliver(market) == 1
        day = db.clock.now().date()
        db.clock.move(timedelta(hours=12))
        await settle_day(db, market.gateway, day, take_notices)
        found = [f for f in await db.read(list_open_findings) if f.kind == "payout"]
    assert found == []
    assert (await db.read(lambda r: get_payout(r, PayoutId(payout.id)))).state == state
    assert (await db.read(lambda r: payout_figures(r, shop_id, "CNY"))).available.amount == available
    await assert_books_clean(db)


async def test_who_does_not_know_the_secret_is_not_heard_on_either_side(db: Database) -> None:
    payment = await make_payment(db)
    async with open_market(db) as market:
        transport = httpx.ASGITransport(app=sandbox_app(market.config))
        stranger = SandboxGateway("http://market.test/sandbox", "a guess", db.clock, transport=transport)
        with pytest.raises(Unavailable):
            await stranger.start([StartOrder(payment.id, payment.total, "http://market.test/orders")])
        await stranger.close()
        body = b'{"events": []}'
        assert market.gateway.read_webhook({HEADER: sign(SECRET, WEBHOOK, body, db.clock.now())}, body) == []
        for headers in ({}, {HEADER: sign("a guess", WEBHOOK, body, db.clock.now())}):
            with pytest.raises(WebhookRefused):
                market.gateway.read_webhook(headers, body)
        broken = b'{"events": [{"id": 5}]}'
        with pytest.raises(WebhookRefused):
            market.gateway.read_webhook({HEADER: sign(SECRET, WEBHOOK, broken, db.clock.now())}, broken)
        old = {HEADER: sign(SECRET, WEBHOOK, body, db.clock.now())}
        db.clock.move(timedelta(minutes=6))
        with pytest.raises(WebhookRefused):
            market.gateway.read_webhook(old, body)
