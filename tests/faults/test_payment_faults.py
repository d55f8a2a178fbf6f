"""Each deed of payments fails at each of its statements, and leaves nothing."""

from collections.abc import Awaitable, Callable

import pytest

from fairground.kit.db import Database, Tx
from fairground.market.payments.actions import (
    bounce_payout,
    expire_payment,
    match_stray,
    refund,
    release,
    request_payout,
    take_back,
    take_notices,
)
from fairground.market.payments.model import NoticeKind, TakeBack, Unknown
from tests.support.ledger import BOOKS, new_id
from tests.support.payments import (
    SHOP,
    assert_books_clean,
    cny,
    make_paid,
    make_payment,
    make_shop_with,
    paid_notice,
    release_of,
)
from tests.support.statements import StatementFailed, fail_at

Deed = Callable[[Tx], Awaitable[object]]
TABLES = (
    "select md5(string_agg(t::text, '|' order by t::text)) from ledger.accounts t",
    "select md5(string_agg(t::text, '|' order by t::text)) from ledger.transfers t",
    "select md5(string_agg(t::text, '|' order by t::text)) from payments.payments t",
    "select md5(string_agg(t::text, '|' order by t::text)) from payments.parts t",
    "select md5(string_agg(t::text, '|' order by t::text)) from payments.charges t",
    "select md5(string_agg(t::text, '|' order by t::text)) from payments.inbox t",
    "select md5(string_agg(t::text, '|' order by t::text)) from payments.strays t",
    "select md5(string_agg(t::text, '|' order by t::text)) from payments.refunds t",
    "select md5(string_agg(t::text, '|' order by t::text)) from payments.releases t",
    "select md5(string_agg(t::text, '|' order by t::text)) from payments.payouts t",
    "select md5(string_agg(t::text, '|' order by t::text)) from kit.outbox t",
    "select md5(string_agg(t::text, '|' order by t::text)) from pgqueuer t",
)


async def captured(db: Database) -> Deed:
    payment = await make_payment(db, 1000, 500)
    return lambda tx: take_notices(tx, [paid_notice(db, payment)])


async def everything_at_once(db: Database) -> Deed:
    good, wrong, closed, twice, failed = [await make_payment(db) for _ in range(5)]
    await db.write(BOOKS, lambda tx: expire_payment(tx, closed.id))
    notices = [
        paid_notice(db, good),
        paid_notice(db, wrong, amount=1),
        paid_notice(db, closed),
        paid_notice(db, twice),
        paid_notice(db, twice, event_id="x", reference="x"),
        paid_notice(db, failed, kind=NoticeKind.FAILED),
    ]
    return lambda tx: take_notices(tx, notices)


async def refunded(db: Database) -> Deed:
    payment = await make_paid(db, 1000)
    return lambda tx: refund(tx, payment.id, payment.parts[0].order_id, 1000, "k", "orders.cancelled")


async def released(db: Database) -> Deed:
    payment, shop_id = await make_paid(db, 1000), new_id(db, SHOP)
    return lambda tx: release(tx, [release_of(payment, shop_id, commission=50)])


async def taken_back(db: Database) -> Deed:
    payment, shop_id = await make_paid(db, 1000), new_id(db, SHOP)
    await db.write(BOOKS, lambda tx: release(tx, [release_of(payment, shop_id, commission=50)]))
    back = TakeBack("k", payment.id, payment.parts[0].order_id, shop_id, 95, 5, "CNY")
    return lambda tx: take_back(tx, [back])


async def matched(db: Database) -> Deed:
    payment = await make_payment(db)
    (outcome,) = await db.write(BOOKS, lambda tx: take_notices(tx, [paid_notice(db, payment, subject=None)]))
    assert isinstance(outcome, Unknown)
    return lambda tx: match_stray(tx, outcome.stray_id, payment.id)


async def paid_out(db: Database) -> Deed:
    shop_id = await make_shop_with(db, 1000)
    return lambda tx: request_payout(tx, shop_id, cny(700), gateway="sandbox", is_verified=True)


async def bounced(db: Database) -> Deed:
    shop_id = await make_shop_with(db, 1000)
    payout = await db.write(
        BOOKS, lambda tx: request_payout(tx, shop_id, cny(700), gateway="sandbox", is_verified=True)
    )
    return lambda tx: bounce_payout(tx, payout.id, "no such account", tx.now)


async def look(db: Database) -> list[str | None]:
    return [await db.read(lambda r, sql=sql: r.value(sql)) for sql in TABLES]  # type: ignore[misc]


@pytest.mark.parametrize(
    "scene", [captured, everything_at_once, refunded, released, taken_back, matched, paid_out, bounced]
)
async def test_a_deed_that_fails_at_any_statement_leaves_nothing(
    db: Database, scene: Callable[[Database], Awaitable[Deed]]
) -> None:
    deed = await scene(db)
    before = await look(db)
    for n in range(100):
        try:
            with fail_at(n) as seen:
                await db.write(BOOKS, deed)
        except StatementFailed:
            assert await look(db) == before, seen[-1]
        else:
            break
    assert n > 2
    assert await look(db) != before
    await assert_books_clean(db)
