"""Orders and money at the desk: found, looked at, put right; each look and each deed written down."""

import html
import re
from datetime import timedelta

import pytest

from fairground.kit.actor import system
from fairground.market.accounts.model import PersonId, StaffRole
from fairground.market.accounts.queries import get_person
from fairground.market.orders.actions.pay import confirm_payments
from fairground.market.orders.model import Order, OrderState
from fairground.market.payments.model import GatewayNotice, NoticeKind, PaymentId
from fairground.market.payments.model.reference import write_reference
from fairground.market.payments.queries import list_open_strays
from tests.support.catalog import make_product
from tests.support.desk import deeds, enter_desk, post_form
from tests.support.orders import assert_all_clean, make_buyer, order_now, pay, place_order, settle
from tests.support.reviews import received_order
from tests.support.shops import make_shop
from tests.support.statements import statements
from tests.support.web import Market, token_of

LOG = 1
A_SESSION = 1


async def an_order(market: Market) -> Order:
    product = await make_product(market.db, await make_shop(market.db, slug="lantern"), title="Teapot <i>two</i>")
    return await received_order(market.db, product)


async def test_an_order_is_found_by_all_it_is_known_by(market: Market) -> None:
    order = await an_order(market)
    buyer = await market.db.read(lambda r: get_person(r, PersonId(order.buyer_id)))
    async with market.visitor() as clerk:
        await enter_desk(market, clerk)
        for q in (order.shown_number, f"{order.number:012d}", str(order.id)):
            found = await clerk.get("/desk/orders", params={"q": q})
            assert found.headers.get("location") == f"/desk/orders/{order.id}", q
        for q in (buyer.email, str(order.payment_id)):
            assert order.shown_number in (await clerk.get("/desk/orders", params={"q": q})).text, q
        for q in ("260618470033", "nobody@example.org", "no-such-shop", "17"):
            assert "Nothing found" in (await clerk.get("/desk/orders", params={"q": q})).text, q
    assert ("desk.look_up_orders", buyer.email) in await deeds(market)


async def test_a_shops_orders_are_found_by_its_address(market: Market) -> None:
    order = await an_order(market)
    await settle(market.db)
    async with market.visitor() as clerk:
        await enter_desk(market, clerk)
        assert order.shown_number in (await clerk.get("/desk/orders", params={"q": "lantern"})).text


async def test_an_order_is_shown_with_its_moves_and_its_money(market: Market) -> None:
    order = await an_order(market)
    async with market.visitor() as clerk:
        await enter_desk(market, clerk)
        with statements() as seen:
            shown = (await clerk.get(f"/desk/orders/{order.id}")).text
        assert len(seen) <= 6 + LOG + A_SESSION, seen
        assert "Teapot &lt;i&gt;two&lt;/i&gt;" in shown
        for words in ("Received", "Shipped", "Ordered", "Lin Ming", "¥199.00"):
            assert words in shown
        with statements() as seen:
            money = (await clerk.get(f"/desk/orders/{order.id}/money")).text
        assert len(seen) <= 6 + LOG + A_SESSION, seen
        assert "Held for orders" in money
        assert "With the gateways" in money
        assert str(order.payment_id) in money
    names = [deed for deed, _ in await deeds(market)]
    assert names[:2] == ["desk.look_at_order_money", "desk.look_at_order"]


def _csv(*lines: tuple[str, str, str]) -> bytes:
    head = "date,amount,text,reference"
    return "\n".join([head, *(f"2026-06-18,{amount},{text},{number}" for amount, text, number in lines)]).encode()


async def _read(clerk, data: bytes):
    token = token_of((await clerk.get("/desk/money/incoming")).text)
    return await clerk.post(
        "/desk/money/incoming/statement", data={"csrf": token}, files={"file": ("bank.csv", data, "text/csv")}
    )


def _payload(page: str) -> str:
    found = re.search(r'name="lines" value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


async def test_a_bank_statement_pays_what_fits_after_the_clerks_yes(market: Market) -> None:
    product = await make_product(market.db, await make_shop(market.db))
    order = await place_order(market.db, await make_buyer(market.db), (product, 1))
    reference = write_reference(PaymentId(order.payment_id))
    data = _csv(("199.00", f"Teapot {reference}", "B1"), ("12.00", "no words", "B2"), ("-5.00", "fee", "B3"))
    async with market.visitor() as clerk:
        await enter_desk(market, clerk)
        read = await _read(clerk, data)
        assert read.status_code == 200
        assert "Pays its order" in read.text
        assert (await order_now(market.db, order)).state is OrderState.PLACED
        path = "/desk/money/incoming/confirmation"
        for _ in range(2):  # two tabs
            answer = await clerk.post(path, data={"csrf": token_of(read.text), "lines": _payload(read.text)})
            assert answer.status_code == 303
        assert (await order_now(market.db, order)).state is OrderState.PAID
        assert [s.charge for s in await market.db.read(list_open_strays)] == ["B2"]
        assert "Taken in before" in (await _read(clerk, data)).text
        page = (await clerk.get("/desk/money/incoming")).text
        assert "no words" in page
    assert [w for d, w in await deeds(market) if d == "payments.statement"][-1].startswith("2 lines: Captured 1")
    await assert_all_clean(market.db)


async def test_what_is_no_statement_is_refused(market: Market) -> None:
    async with market.visitor() as clerk:
        await enter_desk(market, clerk)
        for data in (b"\x89PNG\r\n\x1a\n\x00\x00", b"a,b\n1,2\n"):
            assert (await _read(clerk, data)).status_code == 422
        answer = await post_form(clerk, "/desk", "/desk/money/incoming/confirmation", {"lines": "{nonsense"})
        assert answer.status_code == 404


@pytest.mark.parametrize("deed", ["match", "refund"])
async def test_money_that_fits_nothing_is_matched_or_sent_back(market: Market, deed: str) -> None:
    product = await make_product(market.db, await make_shop(market.db))
    order = await place_order(market.db, await make_buyer(market.db), (product, 1))
    at = market.db.clock.now()
    stray = GatewayNotice("sandbox", "e1", NoticeKind.PAID, None, "C1", 19_900, "CNY", at)
    await market.db.write(system("gateway"), lambda tx: confirm_payments(tx, [stray]))
    (found,) = await market.db.read(list_open_strays)
    page, path = "/desk/money/incoming", f"/desk/money/incoming/strays/{found.id}/{deed}"
    async with market.visitor() as boss:
        await enter_desk(market, boss, StaffRole.SUPERVISOR)
        assert "One amount fits no order" in (await boss.get("/desk")).text
        if deed == "match":
            assert (await post_form(boss, page, path, {"payment": "whose?"})).status_code == 422
        payment = write_reference(PaymentId(order.payment_id))
        assert (await post_form(boss, page, path, {"payment": payment})).status_code == 303
    expected = OrderState.PAID if deed == "match" else OrderState.PLACED
    assert (await order_now(market.db, order)).state is expected
    assert await market.db.read(list_open_strays) == []
    assert f"payments.{deed}_stray" in [name for name, _ in await deeds(market)]
    market.db.clock.move(timedelta(hours=1))
    await assert_all_clean(market.db)


async def test_balances_are_shown(market: Market) -> None:
    product = await make_product(market.db, await make_shop(market.db))
    await pay(market.db, await place_order(market.db, await make_buyer(market.db), (product, 1)))
    async with market.visitor() as clerk:
        await enter_desk(market, clerk)
        shown = (await clerk.get("/desk/money")).text
    assert "¥199.00" in shown
    assert "Held for orders" in shown
