"""What of the payments waits for a clerk."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from fairground.kit.db import Reader
from fairground.market.payments.model import Payout
from fairground.market.payments.queries.payouts import payout_from

BOUNCED_SHOWN: Final = timedelta(days=30)


class MoneyQueues(msgspec.Struct, frozen=True):
    """Counts of what waits for a clerk, each with the moment since when (None where nothing does)."""

    strays: int
    strays_since: datetime | None
    refunds: int
    refunds_since: datetime | None
    payouts: int
    payouts_since: datetime | None
    findings: int
    findings_since: datetime | None

    @property
    def total(self) -> int:
        """How many things wait."""
        return self.strays + self.refunds + self.payouts + self.findings


async def measure_money(reader: Reader) -> MoneyQueues:
    """Count money that fits nothing, refunds that failed or are paid by hand, payouts by hand, unexplained findings."""
    row = await reader.row(
        """
        select s.n, s.since, r.n, r.since, p.n, p.since, f.n, f.since
          from (select count(*) as n, min(at) as since from payments.strays where state = 'open') s,
               (select count(*) as n, min(requested_at) as since from payments.refunds
                 where state in ('pending', 'failed') and (state = 'failed' or next_try_at is null)) r,
               (select count(*) as n, min(requested_at) as since from payments.payouts
                 where state in ('requested', 'sent') and state = 'requested' and next_try_at is null) p,
               (select count(*) as n, min(found_at) as since from payments.findings where state = 'open') f
        """
    )
    assert row is not None
    return MoneyQueues(*row.values())


async def list_bounced_payouts(reader: Reader, limit: int = 50) -> list[Payout]:
    """List payouts that came back within the last weeks, the newest first."""
    rows = await reader.rows(
        """
        select * from payments.payouts where state = 'bounced' and settled_at > $1 order by settled_at desc limit $2
        """,
        reader.now - BOUNCED_SHOWN,
        limit,
    )
    return [payout_from(row) for row in rows]
