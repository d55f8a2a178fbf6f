"""Copies of the shops' scores, kept by the reviews so that every page of a shop has them."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.market.shops.model import ShopId, ShopScores


async def note_scores(tx: Tx, scores: Sequence[tuple[ShopId, ShopScores | None]]) -> None:
    """Set what buyers think of shops; None where nobody has said so lately. Safe to run twice."""
    rows = sorted(scores, key=lambda row: row[0])
    if not rows:
        return
    await tx.execute(
        """
        update shops.shops s
           set score_described = t.d, score_service = t.v, score_shipping = t.p, score_count = coalesce(t.n, 0)
          from unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::smallint[], $5::smallint[], $6::int[])
               as t(b, i, d, v, p, n)
         where s.bucket = t.b and s.id = t.i
        """,
        [i.bucket for i, _ in rows],
        [i for i, _ in rows],
        [s and s.described for _, s in rows],
        [s and s.service for _, s in rows],
        [s and s.shipping for _, s in rows],
        [s and s.count for _, s in rows],
    )
