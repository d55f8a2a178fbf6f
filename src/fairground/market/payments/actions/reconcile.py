"""Compare a gateway's day with our books, and keep the differences until somebody has explained them."""

from collections.abc import Sequence
from datetime import date

from fairground.kit.db import Tx
from fairground.market.payments.errors import FindingGone
from fairground.market.payments.model import Finding, SettlementLine, compare
from fairground.market.payments.queries import list_our_lines


async def reconcile_day(
    tx: Tx, gateway: str, day: date, lines: Sequence[SettlementLine], healed: int = 0
) -> list[Finding]:
    """Compare a day; done again, it closes what has gone and keeps what was explained. Gives what it found."""
    findings = compare(gateway, day, lines, await list_our_lines(tx, gateway, day))
    await tx.execute(
        """
        update payments.findings f set state = 'gone', closed_at = $6
         where gateway = $1 and day = $2 and state = 'open' and not exists (
               select 1 from unnest($3::text[], $4::text[], $5::text[]) as t(k, r, p)
                where t.k = f.kind and t.r = f.reference and t.p = f.problem)
        """,
        gateway,
        day,
        [f.kind for f in findings],
        [f.reference for f in findings],
        [f.problem for f in findings],
        tx.now,
    )
    await tx.execute(
        """
        insert into payments.findings (gateway, day, kind, reference, problem, ours, theirs, currency, state, found_at)
        select $1, $2, k, r, p, o, t, u, 'open', $9
          from unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[])
               as x(k, r, p, o, t, u)
        on conflict (gateway, day, kind, reference, problem) do update
           set ours = excluded.ours, theirs = excluded.theirs, state = 'open', closed_at = null
         where payments.findings.state = 'gone'
        """,
        gateway,
        day,
        [f.kind for f in findings],
        [f.reference for f in findings],
        [f.problem for f in findings],
        [f.ours for f in findings],
        [f.theirs for f in findings],
        [f.currency for f in findings],
        tx.now,
    )
    await tx.execute(
        """
        insert into payments.settlements (gateway, day, lines, healed, at) values ($1, $2, $3, $4, $5)
        on conflict (gateway, day) do update set lines = $3, healed = payments.settlements.healed + $4, at = $5
        """,
        gateway,
        day,
        len(lines),
        healed,
        tx.now,
    )
    return findings


async def explain_finding(tx: Tx, finding: Finding, words: str) -> None:
    """Close a difference with a clerk's explanation.

    Raises:
        FindingGone
    """
    closed = await tx.execute(
        """
        update payments.findings set state = 'explained', words = $6, closed_at = $7
         where gateway = $1 and day = $2 and kind = $3 and reference = $4 and problem = $5 and state = 'open'
        """,
        finding.gateway,
        finding.day,
        finding.kind,
        finding.reference,
        finding.problem,
        words[:500],
        tx.now,
    )
    if not closed:
        raise FindingGone
