"""Copies that other rooms keep in the catalog, so that lists need not ask: sales, ratings, whether a shop sells."""

from collections.abc import Mapping, Sequence

from fairground.kit.db import Tx
from fairground.kit.events import publish
from fairground.market.catalog.events import ProductChanged
from fairground.market.catalog.model import ProductId
from fairground.market.shops.model import ShopId

CHUNK = 1000


async def note_sales(tx: Tx, sold: Mapping[ProductId, int]) -> None:
    """Add to the numbers of pieces sold; below zero for what was given back. Called once for each order."""
    ids = sorted(sold)
    if not ids:
        return
    await tx.execute(
        """
        update catalog.products p set sold = greatest(0, p.sold + t.n)
          from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, i, n) where p.bucket = t.b and p.id = t.i
        """,
        [i.bucket for i in ids],
        ids,
        [sold[i] for i in ids],
    )


async def note_ratings(tx: Tx, ratings: Sequence[tuple[ProductId, int, int]]) -> None:
    """Set sum and number of stars of products, as the reviews count them; safe to run twice."""
    rows = sorted(ratings)
    if not rows:
        return
    await tx.execute(
        """
        update catalog.products p set rating_sum = t.s, rating_count = t.n
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[]) as t(b, i, s, n)
         where p.bucket = t.b and p.id = t.i
        """,
        [i.bucket for i, _, _ in rows],
        [i for i, _, _ in rows],
        [s for _, s, _ in rows],
        [n for _, _, n in rows],
    )


async def note_shop_sells(tx: Tx, shop_id: ShopId, *, sells: bool) -> int:
    """Note on all products of a shop whether it sells now; gives how many changed. Safe to run twice."""
    rows = await tx.rows(
        """
        update catalog.products set shop_sells = $3, version = version + 1
         where bucket = $1 and shop_id = $2 and shop_sells <> $3 returning id, version, state
        """,
        shop_id.bucket,
        shop_id,
        sells,
    )
    news = [
        ProductChanged(product_id=ProductId(row["id"]), shop_id=shop_id, version=row["version"])
        for row in rows
        if row["state"] == "on_sale"
    ]
    for start in range(0, len(news), CHUNK):
        await publish(tx, *news[start : start + CHUNK])
    return len(rows)
