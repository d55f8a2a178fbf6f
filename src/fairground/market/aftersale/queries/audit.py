"""The audit of after-sale: every history is inside its states, every case ends, orders are held by open cases only."""

from typing import Final

import msgspec

from fairground.kit.db import Reader
from fairground.market.aftersale.model import TRANSITIONS
from fairground.market.aftersale.queries.cases import case_from
from fairground.market.orders.model import OrderId
from fairground.market.orders.queries.orders import list_held_for_cases, map_orders

MOST: Final = 1_000
PAGE: Final = 1_000
OVERDUE_SECONDS: Final = 3_600


class CaseFault(msgspec.Struct, frozen=True):
    """A broken promise: which one, where, what was expected and what was found."""

    check: str
    where: str
    expected: str
    found: str


async def audit_cases(reader: Reader) -> list[CaseFault]:
    """Prove that cases are where they may be, end in time, and hold only their own open orders."""
    return [*await _steps(reader), *await _overdue(reader), *await _holds(reader), *await _refunds(reader)][:MOST]


async def _steps(reader: Reader) -> list[CaseFault]:
    allowed = [f"{source}>{target}" for source, targets in TRANSITIONS.items() for target in targets]
    rows = await reader.rows(
        """
        with steps as (
          select case_id, id, state, lag(state) over (partition by bucket, case_id order by id) as before,
                 lead(id) over (partition by bucket, case_id order by id) as after
            from aftersale.entries where deed <> 'evidence')
        select case_id, coalesce(before, 'nothing') || '>' || state as step from steps
         where (before is null and state <> 'opened') or before || '>' || state <> all($1)
        union all
        select c.id, coalesce(s.state, 'nothing') || ' ended, stands ' || c.state
          from aftersale.cases c left join steps s on s.case_id = c.id and s.after is null
         where s.state is distinct from c.state
         limit $2
        """,
        allowed,
        MOST,
    )
    return [CaseFault("every case is inside its states", str(r["case_id"]), "", r["step"]) for r in rows]


async def _overdue(reader: Reader) -> list[CaseFault]:
    rows = await reader.rows(
        """
        select id, coalesce(due_at, end_by) as due from aftersale.cases
         where ended_at is null and coalesce(due_at, end_by) < $1::timestamptz - $2::int * interval '1 second' limit $3
        """,
        reader.now,
        OVERDUE_SECONDS,
        MOST,
    )
    return [CaseFault("silence has its meaning in time", str(r["id"]), r["due"].isoformat(), "open") for r in rows]


async def _holds(reader: Reader) -> list[CaseFault]:
    """An order is held by its open case, and by nothing else."""
    rows = await reader.rows("select * from aftersale.cases where ended_at is null")
    orders = await map_orders(reader, [case_from(row).order_id for row in rows])
    holding = {i for i, order in orders.items() if order.closed_at is None}
    held = set(await list_held_for_cases(reader))
    check = "an order is held by its open case"
    return [
        *[CaseFault(check, str(int(i)), "held", "free") for i in sorted(holding - held)],
        *[CaseFault(check, str(int(i)), "free", "held") for i in sorted(held - holding)],
    ]


async def _refunds(reader: Reader) -> list[CaseFault]:
    """What the cases of an order paid is at most what went back of it."""
    faults: list[CaseFault] = []
    after = 0
    while True:
        rows = await reader.rows(
            """
            select order_id, sum(refunded)::bigint as paid from aftersale.cases
             where state = 'refunded' and order_id > $1 group by order_id order by order_id limit $2
            """,
            after,
            PAGE,
        )
        if not rows:
            return faults
        orders = await map_orders(reader, [OrderId(row["order_id"]) for row in rows])
        for row in rows:
            order = orders.get(OrderId(row["order_id"]))
            if order is None or order.refunded < row["paid"]:
                found = "no order" if order is None else str(order.refunded)
                faults.append(CaseFault("cases pay out of orders", str(row["order_id"]), str(row["paid"]), found))
        after = rows[-1]["order_id"]
