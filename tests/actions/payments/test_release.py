"""Held money goes to the shop, and comes back (peers' complaint 8)."""

import pytest

from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.market.ledger.errors import InsufficientFunds
from fairground.market.ledger.model import AccountKind, system_account
from fairground.market.ledger.queries import audit_ledger, list_entries
from fairground.market.payments.actions import (
    refund,
    release,
    release_from_held,
    release_to_shops,
    take_back,
)
from fairground.market.payments.errors import ReleaseTooHigh
from fairground.market.payments.model import PaymentState, TakeBack
from tests.support.ledger import clearing, held, new_id, shop_account, standing
from tests.support.payments import SHOP, assert_books_clean, make_paid, read_payment, release_of

ORDERS = system("orders")
COMMISSION = system_account(AccountKind.COMMISSION, SHOP, "CNY")


async def test_the_shop_gets_the_money_less_commission(db: Database) -> None:
    payment, shop_id = await make_paid(db, 1000, 500), new_id(db, SHOP)
    await db.write(ORDERS, lambda tx: release(tx, [release_of(payment, shop_id, commission=50)]))
    assert await standing(db, shop_account(shop_id)) == 950
    assert await standing(db, COMMISSION) == 50
    assert await standing(db, held()) == 500
    after = await read_payment(db, payment)
    assert (after.parts[0].held, after.parts[0].released) == (0, 1000)
    lines = (await db.read(lambda r: list_entries(r, shop_account(shop_id)))).items
    assert [(e.reason, e.amount, e.balance) for e in lines] == [
        ("payments.commission", -50, 950),
        ("payments.sale", 1000, 1000),
    ]
    await assert_books_clean(db)


async def test_a_release_with_a_known_key_does_nothing(db: Database) -> None:
    payment, shop_id = await make_paid(db, 1000), new_id(db, SHOP)
    for _ in range(3):
        await db.write(ORDERS, lambda tx: release(tx, [release_of(payment, shop_id, commission=50)] * 2))
    assert await standing(db, shop_account(shop_id)) == 950
    with pytest.raises(AssertionError):
        await db.write(ORDERS, lambda tx: release(tx, [release_of(payment, shop_id, amount=999)]))
    await assert_books_clean(db)


async def test_between_its_two_halves_money_is_in_clearing(db: Database) -> None:
    payment, shop_id = await make_paid(db, 1000), new_id(db, SHOP)
    releases = [release_of(payment, shop_id, commission=50)]
    await db.write(ORDERS, lambda tx: release_from_held(tx, releases))
    assert (await standing(db, clearing()), await standing(db, shop_account(shop_id))) == (1000, 0)
    assert await db.read(audit_ledger) == []
    for _ in range(2):
        await db.write(ORDERS, lambda tx: release_to_shops(tx, releases))
    assert await standing(db, clearing()) + await standing(db, clearing(SHOP)) == 0
    await assert_books_clean(db)


async def test_a_shop_and_a_buyer_in_one_bucket_settle_too(db: Database) -> None:
    payment = await make_paid(db, 1000)
    shop_id = new_id(db, payment.id.bucket)
    await db.write(ORDERS, lambda tx: release(tx, [release_of(payment, shop_id, commission=50)]))
    assert (await standing(db, shop_account(shop_id)), await standing(db, clearing())) == (950, 0)
    await assert_books_clean(db)


async def test_what_is_not_held_is_not_released(db: Database) -> None:
    payment, shop_id = await make_paid(db, 1000, 500), new_id(db, SHOP)
    await db.write(ORDERS, lambda tx: refund(tx, payment.id, payment.parts[0].order_id, 1, "k", "orders.cancelled"))
    with pytest.raises(ReleaseTooHigh):
        await db.write(ORDERS, lambda tx: release(tx, [release_of(payment, shop_id)]))
    assert await standing(db, shop_account(shop_id)) == 0
    await assert_books_clean(db)


async def test_peers_8_the_shops_balance_follows_a_refund_after_receipt(db: Database) -> None:
    payment, shop_id = await make_paid(db, 1000), new_id(db, SHOP)
    order_id = payment.parts[0].order_id
    back = TakeBack("case/1", payment.id, order_id, shop_id, from_shop=380, from_commission=20, currency="CNY")

    async def send_back(db: Database) -> None:
        await db.write(ORDERS, lambda tx: take_back(tx, [back]))
        await db.write(ORDERS, lambda tx: refund(tx, payment.id, order_id, 400, "case/1", "aftersale.agreed"))

    await db.write(ORDERS, lambda tx: release(tx, [release_of(payment, shop_id, commission=50)]))
    await send_back(db)
    await send_back(db)
    assert await standing(db, shop_account(shop_id)) == 570
    assert await standing(db, COMMISSION) == 30
    part = (await read_payment(db, payment)).parts[0]
    assert (part.held, part.released, part.refunded) == (0, 600, 400)
    assert (await read_payment(db, payment)).state == PaymentState.PAID
    await assert_books_clean(db)


async def test_the_market_may_pay_where_the_shop_cannot(db: Database) -> None:
    payment, shop_id = await make_paid(db, 1000), new_id(db, SHOP)
    order_id = payment.parts[0].order_id
    await db.write(ORDERS, lambda tx: release(tx, [release_of(payment, shop_id, commission=1000)]))
    poor = TakeBack("case/1", payment.id, order_id, shop_id, from_shop=10, from_commission=0, currency="CNY")
    with pytest.raises(InsufficientFunds):
        await db.write(ORDERS, lambda tx: take_back(tx, [poor]))
    rich = TakeBack("case/1", payment.id, order_id, shop_id, 0, 0, "CNY", from_market=10)
    await db.write(ORDERS, lambda tx: take_back(tx, [rich]))
    assert await standing(db, system_account(AccountKind.MARKET, SHOP, "CNY")) == -10
    assert (await read_payment(db, payment)).parts[0].held == 10
    await assert_books_clean(db)


async def test_no_more_comes_back_than_was_released(db: Database) -> None:
    payment, other, shop_id = await make_paid(db, 1000), await make_paid(db, 1000), new_id(db, SHOP)
    await db.write(ORDERS, lambda tx: release(tx, [release_of(p, shop_id) for p in (payment, other)]))
    order_id = payment.parts[0].order_id
    back = TakeBack("case/1", payment.id, order_id, shop_id, 1001, 0, "CNY")
    with pytest.raises(ReleaseTooHigh):
        await db.write(ORDERS, lambda tx: take_back(tx, [back]))
    assert await standing(db, shop_account(shop_id)) == 2000
    await assert_books_clean(db)
