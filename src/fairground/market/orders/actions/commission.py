"""The desk sets rates of commission; orders placed before keep theirs."""

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings
from fairground.market.orders.model.commission import RateKind


async def set_commission_rate(tx: Tx, kind: RateKind, subject: str, basis_points: int | None) -> None:
    """Set the rate of a product (its id) or of a category (its slug, and all below it); None takes it back.

    Raises:
        Invalid: below 0 or above 10,000 (`/basis_points`).
    """
    findings = Findings()
    good = basis_points is None or 0 <= basis_points <= 10_000
    findings.check(good, "/basis_points", "range", N_("Between 0 and 10,000 basis points."))
    findings.raise_any()
    if basis_points is None:
        await tx.execute("delete from orders.commission_rates where kind = $1 and subject = $2", kind, subject)
        return
    await tx.execute(
        """
        insert into orders.commission_rates (kind, subject, basis_points, set_at) values ($1, $2, $3, $4)
        on conflict (kind, subject) do update set basis_points = excluded.basis_points, set_at = excluded.set_at
        """,
        kind,
        subject,
        basis_points,
        tx.now,
    )
