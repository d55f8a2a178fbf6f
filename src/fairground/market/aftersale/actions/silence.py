"""What happens to cases by itself: silence has its meaning, and an order that ends another way ends its case."""

from collections.abc import Sequence
from typing import Any

import msgspec

from fairground.kit.db import Tx
from fairground.market.aftersale.actions.party import MARKET
from fairground.market.aftersale.actions.step import Step, take_steps
from fairground.market.aftersale.model import GOODS_BACK, AftersaleRules, Case, CaseDeed, CaseId, Outcome
from fairground.market.aftersale.model.moves import close, fall_silent
from fairground.market.aftersale.queries.cases import case_from
from fairground.market.orders.model import OrderId
from fairground.market.shops.model import ShopId
from fairground.market.shops.returns import map_return_addresses


async def let_silence_speak(tx: Tx, case_ids: Sequence[CaseId]) -> list[Case]:
    """Carry out what silence means in cases that are due; those that were answered meanwhile are passed over."""
    ids = sorted(set(case_ids), key=lambda i: (i.bucket, i))
    rows = await tx.rows(
        """
        select c.* from aftersale.cases c join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on c.bucket = t.b and c.id = t.i
         where c.ended_at is null and coalesce(c.due_at, c.end_by) <= $3 order by c.bucket, c.id for no key update of c
        """,
        [i.bucket for i in ids],
        ids,
        tx.now,
    )
    due, rules = [case_from(row) for row in rows], tx.given(AftersaleRules)
    addresses = await _addresses(tx, due)
    steps = [Step(fall_silent(case, tx.now, rules, addresses.get(case.shop_id)), CaseDeed.SILENCE) for case in due]
    return await take_steps(tx, MARKET, steps)


async def _addresses(tx: Tx, cases: Sequence[Case]) -> dict[ShopId, dict[str, Any]]:
    shop_ids = {case.shop_id for case in cases if case.kind in GOODS_BACK}
    found = await map_return_addresses(tx, shop_ids) if shop_ids else {}
    return {shop_id: msgspec.to_builtins(address) for shop_id, address in found.items()}


async def end_with_orders(tx: Tx, order_ids: Sequence[OrderId]) -> list[Case]:
    """Close what is still open of orders that have ended another way (cancelled, or paid back by the shop)."""
    ids = sorted(set(order_ids), key=lambda i: (i.bucket, i))
    rows = await tx.rows(
        """
        select c.* from aftersale.cases c join unnest($1::smallint[], $2::bigint[]) as t(b, o)
            on c.bucket = t.b and c.order_id = t.o
         where c.ended_at is null order by c.bucket, c.id for no key update of c
        """,
        [i.bucket for i in ids],
        ids,
    )
    rules = tx.given(AftersaleRules)
    steps = [Step(close(case_from(row), tx.now, rules, Outcome.ORDER_CLOSED), CaseDeed.END) for row in rows]
    return await take_steps(tx, MARKET, steps)
