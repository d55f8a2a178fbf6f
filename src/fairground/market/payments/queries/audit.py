"""The proof that payments and the books say the same."""

from typing import Final

from fairground.kit.db import Reader
from fairground.market.ledger.model import AccountKind, Discrepancy
from fairground.market.ledger.queries import list_balances

_CHECKS: Final = (
    (AccountKind.HELD, "payments.held_is_in_the_books"),
    (AccountKind.REFUND, "payments.refunds_are_in_the_books"),
    (AccountKind.STRAY, "payments.strays_are_in_the_books"),
    (AccountKind.PAYOUT, "payments.payouts_are_in_the_books"),
)


async def audit_payments(reader: Reader) -> list[Discrepancy]:
    """Compare what is held, owed back, unmatched and under way with the accounts of each bucket and shop."""
    ours = await _ours(reader)
    findings = []
    for kind, check in _CHECKS:
        books = {
            (ref.bucket, ref.owner, ref.currency): money.amount for ref, money in await list_balances(reader, kind)
        }
        mine = {key[1:]: amount for key, amount in ours.items() if key[0] == kind}
        for key in sorted(books.keys() | mine.keys()):
            expected, found = mine.get(key, 0), books.get(key, 0)
            if expected != found:
                bucket, owner, currency = key
                findings.append(Discrepancy(check, f"bucket {bucket} owner {owner} {currency}", expected, found))
    return findings + await _audit_refunded(reader)


async def _ours(reader: Reader) -> dict[tuple[str, int, int, str], int]:
    rows = await reader.rows(
        """
        select 'held' as kind, p.bucket, 0::bigint as owner, y.currency, sum(p.held)::bigint as amount
          from payments.parts p join payments.payments y on y.bucket = p.bucket and y.id = p.payment_id
         group by 1, 2, 3, 4
        union all
        select 'refund', bucket, 0, currency, sum(amount)::bigint from payments.refunds
         where state <> 'done' group by 1, 2, 3, 4
        union all
        select 'stray', bucket, 0, currency, sum(amount)::bigint from payments.strays
         where state = 'open' group by 1, 2, 3, 4
        union all
        select 'payout', bucket, shop_id, currency, sum(amount)::bigint from payments.payouts
         where state in ('requested', 'sent') group by 1, 2, 3, 4
        """
    )
    return {(r["kind"], r["bucket"], r["owner"], r["currency"]): r["amount"] for r in rows}


async def _audit_refunded(reader: Reader) -> list[Discrepancy]:
    """What a part says was refunded is the sum of its refunds."""
    rows = await reader.rows(
        """
        select p.bucket, p.payment_id, p.order_id, p.refunded, coalesce(r.total, 0) as total
          from payments.parts p
          left join (select bucket, payment_id, order_id, purpose, sum(amount)::bigint as total
                       from payments.refunds where payment_id is not null group by 1, 2, 3, 4) r
            on r.bucket = p.bucket and r.payment_id = p.payment_id and r.order_id = p.order_id
               and r.purpose = p.purpose
         where p.refunded <> coalesce(r.total, 0) order by 1, 2, 3 limit 1000
        """
    )
    return [
        Discrepancy("payments.refunded_is_sum_of_refunds", f"payment {r['payment_id']}", r["total"], r["refunded"])
        for r in rows
    ]
