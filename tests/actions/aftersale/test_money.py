"""Where the money of a case comes from, and what goes back with it."""

from datetime import timedelta
from typing import Any

import pytest

from fairground.kit.db import Database, Given
from fairground.kit.money import Money
from fairground.market.aftersale.actions.settling import settle_escalated
from fairground.market.aftersale.model import Answer, CaseKind, CaseReason, CaseState, Outcome, Ruling
from fairground.market.ledger.model import AccountKind, owned_account
from fairground.market.ledger.queries import balance, sum_balances
from fairground.market.orders.actions.ship import PackedLine
from fairground.market.orders.errors import CaseWaits
from fairground.market.orders.model import Order, OrderRules, OrderState
from fairground.market.payments.actions import change_destination, request_payout
from fairground.market.payments.errors import PayoutTooHigh
from tests.support.cases import (
    SORRY,
    assert_market_clean,
    case_now,
    claim,
    make_order,
    make_selling_shop,
    say,
    settle_all,
)
from tests.support.given import test_given
from tests.support.inventory import stock_of
from tests.support.orders import WEB, in_full, order_now, receive, ship
from tests.support.payments import ACCOUNT


async def shop_has(db: Database, order: Order) -> int:
    account = owned_account(AccountKind.SHOP, order.shop_id, order.currency)
    return (await db.read(lambda r: balance(r, account))).amount


async def market_sum(db: Database, kind: AccountKind) -> int:
    found = {k: money.amount for k, money in await db.read(sum_balances)}
    return found.get(kind, 0)


async def empty_the_shop(db: Database, order: Order) -> None:
    await db.write(WEB, lambda tx: change_destination(tx, order.shop_id, ACCOUNT))
    money = Money(await shop_has(db, order), order.currency)
    await db.write(WEB, lambda tx: request_payout(tx, order.shop_id, money, gateway="sandbox", is_verified=True))


async def test_a_refund_after_receipt_takes_its_share_of_the_commission_back(db: Database) -> None:
    order = await make_order(db, "received", prices=(10_000,))
    had, earned = await shop_has(db, order), await market_sum(db, AccountKind.COMMISSION)
    case = await claim(db, order, amount=5_000)
    await say(db, case, Answer.AGREE)
    await settle_all(db)
    assert earned == 300
    assert await market_sum(db, AccountKind.COMMISSION) == 150
    assert await shop_has(db, order) == had - 4_850
    assert await shop_has(db, order) == (await order_now(db, order)).proceeds.shop
    await assert_market_clean(db)


async def test_a_shop_may_owe_to_a_limit_and_then_the_market_advances(db: Database) -> None:
    shop = await make_selling_shop(db)
    order = await make_order(db, "received", shop=shop, prices=(100_000,))
    await empty_the_shop(db, order)
    case = await claim(db, order, amount=100_000)
    await say(db, case, Answer.AGREE)
    await settle_all(db)
    assert await shop_has(db, order) == -50_000
    rows = await db.read(lambda r: r.rows("select advanced, repaid from orders.shop_debts"))
    assert [tuple(row) for row in rows] == [(47_000, 0)]
    assert await market_sum(db, AccountKind.MARKET) == -47_000
    with pytest.raises(PayoutTooHigh):
        await db.write(
            WEB,
            lambda tx: request_payout(tx, order.shop_id, Money(1_000, "CNY"), gateway="sandbox", is_verified=True),
        )
    await assert_market_clean(db)

    # The next income fills the account first and then pays the market back.
    await make_order(db, "received", shop=shop, prices=(80_000,))
    assert await shop_has(db, order) == 0
    rows = await db.read(lambda r: r.rows("select advanced, repaid from orders.shop_debts"))
    assert [tuple(row) for row in rows] == [(47_000, 27_600)]
    await make_order(db, "received", shop=shop, prices=(80_000,))
    assert await shop_has(db, order) == 77_600 - 19_400
    assert await market_sum(db, AccountKind.MARKET) == 0
    await assert_market_clean(db)


async def test_the_shop_cannot_be_paid_out_of_its_overdraft(db: Database) -> None:
    shop = await make_selling_shop(db)
    order = await make_order(db, "received", shop=shop, prices=(10_000,))
    case = await claim(db, order, amount=5_000)
    await say(db, case, Answer.AGREE)
    await settle_all(db)
    await db.write(WEB, lambda tx: change_destination(tx, shop.id, ACCOUNT))
    has = await shop_has(db, order)
    with pytest.raises(PayoutTooHigh):
        await db.write(
            WEB, lambda tx: request_payout(tx, shop.id, Money(has + 1, "CNY"), gateway="sandbox", is_verified=True)
        )
    await db.write(WEB, lambda tx: request_payout(tx, shop.id, Money(has, "CNY"), gateway="sandbox", is_verified=True))
    await assert_market_clean(db)


async def test_pieces_go_back_to_stock_only_unshipped_or_received_sound(db: Database) -> None:
    unshipped = await make_order(db)
    shipped = await make_order(db, "shipped")
    returned = await make_order(db, "received")
    for order in (unshipped, shipped):
        await say(db, await claim(db, order), Answer.AGREE)
    case = await claim(db, returned, CaseKind.RETURN)
    for answer in (Answer.AGREE, Answer.RETURN_SHIPPED, Answer.RETURN_RECEIVED):
        case = await say(db, case, answer)
    left = [
        await stock_of(db, (await in_full(db, order)).lines[0].variant_id) for order in (unshipped, shipped, returned)
    ]
    assert left == [5, 4, 5]
    assert (await order_now(db, shipped)).state is OrderState.CLOSED
    assert (await order_now(db, returned)).state is OrderState.RECEIVED
    await assert_market_clean(db)


async def test_a_line_paid_back_before_it_was_sent_is_not_owed_any_more(db: Database) -> None:
    order = await make_order(db, prices=(10_000, 4_000))
    await ship(db, order, [PackedLine(1, 1)])
    case = await claim(db, order, positions=(2,))
    assert case.amount == 4_000
    await say(db, case, Answer.AGREE)
    await settle_all(db)
    after = await in_full(db, order)
    assert after.order.state is OrderState.SHIPPED
    assert after.order.confirm_by is not None
    assert [line.returned for line in after.lines] == [False, True]
    await receive(db, after.order)
    await assert_market_clean(db)


async def test_nothing_is_shipped_while_the_shop_owes_an_answer(db: Database) -> None:
    order = await make_order(db)
    case = await claim(db, order)
    with pytest.raises(CaseWaits):
        await ship(db, order)
    await say(db, case, Answer.REFUSE)
    shipped = await ship(db, order)
    assert (shipped.state, shipped.confirm_by) == (OrderState.SHIPPED, None)
    db.clock.move(timedelta(days=5))
    await settle_all(db)
    assert (await case_now(db, case)).outcome is Outcome.EXPIRED
    later = await order_now(db, order)
    assert later.confirm_by == db.clock.now() + timedelta(days=10)
    await assert_market_clean(db)


async def test_the_clock_of_receipt_stands_while_a_case_is_open_and_gets_three_days_at_least(db: Database) -> None:
    order = await make_order(db, "shipped")
    db.clock.move(timedelta(days=9))
    case = await claim(db, order)
    assert (await order_now(db, order)).confirm_by is None
    await say(db, case, Answer.WITHDRAW)
    assert (await order_now(db, order)).confirm_by == db.clock.now() + timedelta(days=3)
    await assert_market_clean(db)


async def test_the_market_pays_and_the_shop_keeps_its_proceeds(db: Database) -> None:
    order = await make_order(db, "shipped")
    case = await claim(db, order)
    await say(db, case, Answer.REFUSE)
    await say(db, case, Answer.ESCALATE)
    db.clock.move(timedelta(days=75))
    await settle_all(db)
    done = await case_now(db, case)
    assert (done.state, done.outcome, done.refunded) == (CaseState.REFUNDED, Outcome.MARKET_PAID, 10_000)
    after = await order_now(db, order)
    assert (after.state, after.refunded, after.market_refunded) == (OrderState.RECEIVED, 10_000, 10_000)
    assert await shop_has(db, order) == after.proceeds.shop == 9_700
    assert await market_sum(db, AccountKind.MARKET) == -10_000
    await assert_market_clean(db)


@pytest.mark.parametrize("stage", ["paid", "shipped", "received"])
async def test_a_ruling_pays_at_most_what_is_left(db: Database, stage: str) -> None:
    order = await make_order(db, stage)
    case = await claim(db, order)
    await say(db, case, Answer.REFUSE)
    await say(db, case, Answer.ESCALATE)
    ruling = Ruling(refund_amount=999_999)
    done = await db.write(WEB, lambda tx: settle_escalated(tx, case.id, ruling))
    assert (done.state, done.outcome, done.refunded) == (CaseState.REFUNDED, Outcome.RULED, 10_000)
    await assert_market_clean(db)


async def test_who_returns_without_a_reason_gets_the_goods_price_and_not_the_freight(db: Database) -> None:
    order = await make_order(db, "received")
    case = await claim(db, order, CaseKind.RETURN, CaseReason.NO_REASON)
    lines = (await in_full(db, order)).lines
    assert case.amount == sum(line.paid for line in lines)
    assert case.bearer == "buyer"
    await assert_market_clean(db)


async def test_two_cases_one_after_the_other_never_give_more_than_was_paid(db: Database) -> None:
    order = await make_order(db, "received", prices=(10_000, 4_000))
    await say(db, await claim(db, order, positions=(2,)), Answer.AGREE)
    case = await claim(db, order)
    assert case.amount == 10_000
    await say(db, case, Answer.AGREE)
    after = await order_now(db, order)
    assert after.refunded == order.total
    await assert_market_clean(db)


async def test_a_smaller_overdraft_is_a_setting(dsn: str, clock: Any) -> None:
    from fairground.kit.ids import IdMaker

    given: Given = test_given(OrderRules(overdraft_units=0))
    database = Database(dsn, clock=clock, ids=IdMaker(0), given=given, connections=3)
    await database.open()
    try:
        order = await make_order(database, "received")
        await empty_the_shop(database, order)
        await say(database, await claim(database, order), Answer.AGREE, SORRY)
        await settle_all(database)
        assert await shop_has(database, order) == 0
        await assert_market_clean(database)
    finally:
        await database.close()
