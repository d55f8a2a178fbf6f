"""Each deed on orders fails at each of its statements, and leaves nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fairground.kit.db import Database
from fairground.market.orders.actions.cancel import cancel_order
from fairground.market.orders.intake.commit import commit
from fairground.market.orders.intake.prepare import prepare
from fairground.market.orders.model import Order
from fairground.market.orders.model.quote import CheckoutRequest
from fairground.market.promotions.model import AmountOff
from tests.support.catalog import make_product
from tests.support.orders import (
    WEB,
    arrival,
    assert_all_clean,
    buyer_of,
    everything,
    hear,
    lines_of,
    make_buyer,
    notice_for,
    pay,
    place_orders,
    receive,
    ship,
)
from tests.support.promotions import draft, make_coupon
from tests.support.shops import make_shop
from tests.support.statements import StatementFailed, fail_at

Deed = Callable[[], Awaitable[Any]]


async def _fails_everywhere(db: Database, deed: Deed) -> None:
    """Fail the deed at its first statement, its second, …; then let it happen."""
    before = await everything(db)
    for n in range(200):
        try:
            with fail_at(n):
                await deed()
        except StatementFailed:
            assert await everything(db) == before, f"statement {n} left something"
        else:
            assert n > 5, "the deed has statements"
            await assert_all_clean(db)
            assert await everything(db) != before
            return
    raise AssertionError("the deed never ends")


async def _checkout(db: Database) -> list[Order]:
    shop = await make_shop(db)
    pot, cup = await make_product(db, shop, price=10_000), await make_product(db, await make_shop(db))
    await make_coupon(db, draft(db, AmountOff(1_000), code="TEN"), shop=shop.id)
    return await place_orders(db, await make_buyer(db), (pot, 1), (cup, 2), coupons=("TEN",))


async def test_a_checkout_that_fails_at_any_statement_writes_nothing(db: Database) -> None:
    shop = await make_shop(db)
    pot, cup = await make_product(db, shop, price=10_000), await make_product(db, await make_shop(db))
    await make_coupon(db, draft(db, AmountOff(1_000), code="TEN"), shop=shop.id)
    who, address = await make_buyer(db)
    request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1), (cup, 2)), coupons=("TEN",))
    ready: Any = await db.read(lambda r: prepare(r, [arrival(who, request)]))
    await _fails_everywhere(db, lambda: db.write(WEB, lambda tx: commit(tx, ready)))


async def test_a_payment_that_fails_at_any_statement_holds_nothing(db: Database) -> None:
    orders = await _checkout(db)
    notice = await notice_for(db, orders[0])
    await _fails_everywhere(db, lambda: hear(db, notice))


@pytest.mark.parametrize("paid", [False, True])
async def test_a_cancellation_that_fails_at_any_statement_gives_nothing_back(db: Database, paid: bool) -> None:
    orders = await _checkout(db)
    if paid:
        await pay(db, orders[0])
    await _fails_everywhere(db, lambda: db.write(buyer_of(orders[0]), lambda tx: cancel_order(tx, orders[0].id)))


async def test_a_receipt_that_fails_at_any_statement_releases_nothing(db: Database) -> None:
    orders = await _checkout(db)
    order = await ship(db, await pay(db, orders[0]))
    await _fails_everywhere(db, lambda: receive(db, order))
