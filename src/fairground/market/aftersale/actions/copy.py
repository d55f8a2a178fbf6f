"""The shops' copies: what a seller's lists show of a case, in the shop's own bucket."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.market.aftersale.events import CaseEvent
from fairground.market.aftersale.model import Side
from fairground.market.aftersale.queries.cases import map_cases


async def copy_to_shops(tx: Tx, events: Sequence[CaseEvent]) -> None:
    """Copy the cases that something happened to, as they are now; an older state never covers a newer one."""
    found = await map_cases(tx, {event.case_id for event in events})
    cases = sorted(found.values(), key=lambda case: (case.shop_id.bucket, case.shop_id, case.id))
    await tx.execute(
        """
        insert into aftersale.shop_cases as c (bucket, shop_id, case_id, order_id, number, kind, reason, state,
               version, amount, currency, refunded, waits, due_at, opened_at, ended_at, changed_at)
        select * from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[],
               $7::text[], $8::text[], $9::int[], $10::bigint[], $11::text[], $12::bigint[], $13::boolean[],
               $14::timestamptz[], $15::timestamptz[], $16::timestamptz[], $17::timestamptz[])
        on conflict (bucket, shop_id, case_id) do update
           set kind = excluded.kind, reason = excluded.reason, state = excluded.state, version = excluded.version,
               amount = excluded.amount, refunded = excluded.refunded, waits = excluded.waits,
               due_at = excluded.due_at, ended_at = excluded.ended_at, changed_at = excluded.changed_at
         where c.version < excluded.version
        """,
        [case.shop_id.bucket for case in cases],
        [case.shop_id for case in cases],
        [case.id for case in cases],
        [case.order_id for case in cases],
        [case.number for case in cases],
        [case.kind for case in cases],
        [case.reason for case in cases],
        [case.state for case in cases],
        [case.version for case in cases],
        [case.amount for case in cases],
        [case.currency for case in cases],
        [case.refunded for case in cases],
        [case.turn is Side.SHOP for case in cases],
        [case.due_at for case in cases],
        [case.opened_at for case in cases],
        [case.ended_at for case in cases],
        [case.changed_at for case in cases],
    )
