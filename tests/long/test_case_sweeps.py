"""Ten thousand cases fall due at once: carried out in bounded lots. A hundred thousand are listed without a wait."""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from fairground.app.audit import audit
from fairground.kit.db import Database, Reader, Tx
from fairground.kit.deadlines import sweep
from fairground.kit.ids import Id
from fairground.kit.leases import RANGES, range_of
from fairground.market.aftersale.jobs import deadline_handlers
from fairground.market.aftersale.model import CaseState
from fairground.market.aftersale.queries.cases import (
    count_outcomes,
    list_cases,
    list_desk_cases,
    list_shop_cases,
    list_waiting_of_shop,
)
from fairground.market.orders.actions.pay import confirm_payments
from fairground.market.shops.model import ShopId
from tests.support.cases import hear_case_news
from tests.support.flow import build_town, paid_notice_of
from tests.support.orders import WEB

pytestmark = pytest.mark.long
MANY: Final = 10_000
SECONDS: Final = 10
LISTED: Final = 100_000
P95_MS: Final = 100


async def _open_cases(tx: Tx) -> None:
    """Open a case for every paid order, as `open_case` writes them, without ten thousand conversations."""
    await tx.execute(
        """
        insert into aftersale.cases (bucket, id, order_id, number, buyer_id, shop_id, kind, reason, state, positions,
               amount, currency, stage, bearer, opened_at, due_at, end_by, changed_at)
        select bucket, id, id, number, buyer_id, shop_id, 'refund', 'unwanted', 'opened',
               (select jsonb_agg(l.position order by l.position) from orders.lines l
                 where l.bucket = o.bucket and l.order_id = o.id),
               total, currency, 'unshipped', 'buyer', $1, $1::timestamptz + interval '24 hours',
               $1::timestamptz + interval '75 days', $1
          from orders.orders o where state = 'paid'
        """,
        tx.now,
    )
    await tx.execute("update orders.orders set case_hold = 'waiting' where state = 'paid'")
    await tx.execute(
        """
        insert into aftersale.entries (bucket, case_id, id, deed, side, person_id, state, amount, at)
        select bucket, id, 1, 'open', 'buyer', buyer_id, 'opened', amount, opened_at from aftersale.cases
        """
    )
    await tx.execute(
        """
        insert into kit.deadlines (bucket, kind, subject, due_at, reason)
        select bucket, 'aftersale.silence', id, due_at, 'The shop has not answered.' from aftersale.cases
        """
    )


async def test_ten_thousand_silent_shops_have_agreed_within_ten_seconds(wide_db: Database) -> None:
    db = wide_db
    town = await build_town(db, products=20)
    paid = 0
    while paid < MANY:
        placed = await town.order(500)
        await db.write(WEB, lambda tx, some=placed: confirm_payments(tx, [paid_notice_of(one, tx) for one in some]))
        paid = int(await db.read(lambda r: r.value("select count(*) from orders.orders where state = 'paid'")))
    await hear_case_news(db, rounds=500)
    await db.write(WEB, _open_cases)
    db.clock.move(timedelta(hours=24))
    began, done, busy = time.monotonic(), 0, True
    while busy:
        lots = [await sweep(db, deadline_handlers(), range_of(number)) for number in range(RANGES)]
        done, busy = done + sum(lots), any(lots)
    took = time.monotonic() - began
    print(f"{done} cases in {took:.1f} s")
    assert done == paid
    assert took <= SECONDS * done / MANY
    states = await db.read(lambda r: r.rows("select state, count(*) from aftersale.cases group by 1"))
    assert dict(states) == {"refunded": paid}
    await hear_case_news(db, rounds=500)
    assert await audit(db) == []


async def _fill(tx: Tx, shop_id: int, buyer_id: int) -> None:
    """Write a hundred thousand cases; one shop and one buyer have a fifth of them."""
    await tx.execute(
        """
        insert into aftersale.cases (bucket, id, order_id, number, buyer_id, shop_id, kind, reason, state, positions,
               amount, currency, stage, bearer, opened_at, due_at, end_by, ended_at, outcome, changed_at)
        select $1::smallint, n::bigint << 22 | ($1::smallint)::bigint << 12, n, n,
               case when n % 5 = 0 then $3::bigint else $3::bigint + n end,
               case when n % 5 = 0 then $4::bigint else $4::bigint + n end,
               (array['refund', 'return', 'exchange'])[1 + n % 3],
               'defective', (array['opened', 'agreed', 'escalated', 'refunded', 'closed'])[1 + n / 5 % 5], '[1]', 100,
               'CNY', 'received', 'shop', $2, case when n / 5 % 5 < 2 then $2::timestamptz end, $2,
               case when n / 5 % 5 > 2 then $2::timestamptz end,
               case n / 5 % 5 when 3 then 'agreed' when 4 then 'expired' end, $2
          from generate_series(1, $5::int) as s(n)
        """,
        Id(shop_id).bucket,
        tx.now,
        buyer_id,
        shop_id,
        LISTED,
    )
    await tx.execute(
        """
        insert into aftersale.shop_cases (bucket, shop_id, case_id, order_id, number, kind, reason, state, version,
               amount, currency, refunded, waits, due_at, opened_at, ended_at, changed_at)
        select bucket, shop_id, id, order_id, number, kind, reason, state, version, amount, currency, refunded,
               state = 'opened', due_at, opened_at, ended_at, changed_at from aftersale.cases
        """
    )


async def _p95(db: Database, look: Callable[[Reader, str | None], Awaitable[Any]], pages: int = 60) -> float:
    """Turn pages, and tell how long all but the slowest twentieth took at most, in milliseconds."""
    took, after = [], None
    for _ in range(pages):
        began = time.monotonic()
        page = await db.read(lambda r, a=after: look(r, a))
        took.append((time.monotonic() - began) * 1_000)
        after = getattr(page, "next", None)
    return sorted(took)[int(pages * 0.95) - 1]


async def test_a_hundred_thousand_cases_are_listed_without_a_wait(wide_db: Database) -> None:
    db = wide_db
    shop_id = db.ids.make(ShopId, 7, db.clock.now())
    await db.write(WEB, lambda tx: _fill(tx, shop_id, shop_id))
    await db.write(WEB, lambda tx: tx.execute("analyze aftersale.cases, aftersale.shop_cases"))
    figures = {
        "desk": await _p95(db, lambda r, a: list_desk_cases(r, after=a)),
        "escalated": await _p95(db, lambda r, a: list_desk_cases(r, state=CaseState.ESCALATED, after=a)),
        "shop": await _p95(db, lambda r, a: list_shop_cases(r, shop_id, after=a)),
        "opened of shop": await _p95(db, lambda r, a: list_shop_cases(r, shop_id, state=CaseState.OPENED, after=a)),
        "waiting": await _p95(db, lambda r, a: list_waiting_of_shop(r, shop_id, after=a)),
        "buyer": await _p95(db, lambda r, a: list_cases(r, Id(shop_id), after=a)),
        "outcomes": await _p95(db, lambda r, _: count_outcomes(r), 20),
    }
    print({name: round(value, 1) for name, value in figures.items()})
    assert max(figures.values()) <= P95_MS, figures
