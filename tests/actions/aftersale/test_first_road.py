"""The first roads: a buyer claims, the shop agrees or is silent, the money goes back."""

from datetime import timedelta

import pytest

from fairground.kit.db import Database
from fairground.market.aftersale.model import Answer, CaseKind, CaseState, Outcome
from fairground.market.aftersale.queries.cases import list_shop_cases
from fairground.market.orders.model import CloseReason, OrderState
from tests.support.cases import assert_market_clean, case_now, claim, make_order, say, settle_all
from tests.support.orders import order_now


async def test_a_refund_that_the_shop_agrees_to_closes_the_unshipped_order(db: Database) -> None:
    order = await make_order(db)
    case = await claim(db, order)
    assert (case.state, case.amount) == (CaseState.OPENED, order.total)
    done = await say(db, case, Answer.AGREE)
    assert (done.state, done.outcome, done.refunded) == (CaseState.REFUNDED, Outcome.AGREED, order.total)
    after = await order_now(db, order)
    assert (after.state, after.close_reason) == (OrderState.CLOSED, CloseReason.REFUNDED)
    await assert_market_clean(db)
    copies = await db.read(lambda r: list_shop_cases(r, order.shop_id))
    assert [(copy.case_id, copy.state) for copy in copies.items] == [(case.id, CaseState.REFUNDED)]


@pytest.mark.parametrize(("stage", "within"), [("paid", 24), ("shipped", 36), ("received", 120)])
async def test_a_silent_shop_has_agreed(db: Database, stage: str, within: int) -> None:
    order = await make_order(db, stage)
    case = await claim(db, order, amount=3_000)
    assert case.due_at == db.clock.now() + timedelta(hours=within)
    await settle_all(db)
    db.clock.move(timedelta(hours=within) - timedelta(seconds=1))
    await settle_all(db)
    assert (await case_now(db, case)).state is CaseState.OPENED
    db.clock.move(timedelta(seconds=1))
    await settle_all(db)
    done = await case_now(db, case)
    assert (done.state, done.outcome, done.refunded) == (CaseState.REFUNDED, Outcome.SILENCE, 3_000)
    after = await order_now(db, order)
    assert (after.state, after.refunded, after.case_hold) == (order.state, 3_000, None)
    await assert_market_clean(db)


async def test_a_return_goes_through_all_its_states(db: Database) -> None:
    order = await make_order(db, "received")
    case = await claim(db, order, CaseKind.RETURN)
    case = await say(db, case, Answer.AGREE)
    assert case.state is CaseState.AGREED
    assert case.return_address is not None
    case = await say(db, case, Answer.RETURN_SHIPPED)
    assert case.parcel_id is not None
    case = await say(db, case, Answer.RETURN_RECEIVED)
    assert (case.state, case.refunded) == (CaseState.REFUNDED, order.total)
    assert (await order_now(db, order)).state is OrderState.RECEIVED
    await assert_market_clean(db)
