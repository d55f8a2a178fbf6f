"""What the stars of a product add up to. Run by events; safe to run twice."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from fairground.kit.db import Row, Tx
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.catalog.actions.signals import note_ratings
from fairground.market.catalog.model import ProductId
from fairground.market.reviews.events import ProductRated
from fairground.market.reviews.model import ReviewId
from fairground.market.reviews.queries import spread_from

_NAMES = ("one", "two", "three", "four", "five")


async def tally_reviews(tx: Tx, review_ids: Iterable[ReviewId]) -> None:
    """Count the stars of reviews that are shown, changed or taken away, and tell the catalog."""
    ids = sorted(set(review_ids))
    # What was counted before is moved aside in the same statement, so that it comes back with the new stars.
    rows = await tx.rows(
        """
        update reviews.reviews r
           set tallied_before = r.tallied, tallied = case when r.removed_at is null then r.stars end
          from (select * from unnest($1::smallint[], $2::bigint[]) as t(b, i) order by b, i) t
         where r.bucket = t.b and r.id = t.i and r.shown
           and r.tallied is distinct from case when r.removed_at is null then r.stars end
        returning r.product_id, r.tallied_before, r.tallied, cardinality(r.pictures) > 0 as pictured
        """,
        [i.bucket for i in ids],
        ids,
    )
    if not rows:
        return
    changes: dict[Id, Counter[str]] = {}
    for row in rows:
        change = changes.setdefault(Id(row["product_id"]), Counter())
        for stars, sign in ((row["tallied"], 1), (row["tallied_before"], -1)):
            if stars is not None:
                change[_NAMES[stars - 1]] += sign
                change["with_pictures"] += sign * bool(row["pictured"])
    await _tell(tx, await _add_stars(tx, sorted(changes.items())))


async def _add_stars(tx: Tx, changes: Sequence[tuple[Id, Counter[str]]]) -> list[Row]:
    ids = [product_id for product_id, _ in changes]
    await tx.execute(
        """
        insert into reviews.product_stars (bucket, product_id)
        select b, i from unnest($1::smallint[], $2::bigint[]) as t(b, i) on conflict do nothing
        """,
        [i.bucket for i in ids],
        ids,
    )
    return await tx.rows(
        """
        update reviews.product_stars s
           set one = s.one + t.n1, two = s.two + t.n2, three = s.three + t.n3, four = s.four + t.n4,
               five = s.five + t.n5, with_pictures = s.with_pictures + t.p
          from unnest($1::smallint[], $2::bigint[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[])
               as t(b, i, n1, n2, n3, n4, n5, p)
         where s.bucket = t.b and s.product_id = t.i
        returning s.product_id, s.one, s.two, s.three, s.four, s.five, s.with_pictures
        """,
        [i.bucket for i in ids],
        ids,
        *([change[name] for _, change in changes] for name in (*_NAMES, "with_pictures")),
    )


async def count_fewer_pictured(tx: Tx, fewer: Mapping[ProductId, int]) -> None:
    """Take reviews that lost their pictures out of the number of those with pictures."""
    ids = sorted(fewer)
    await tx.execute(
        """
        update reviews.product_stars s set with_pictures = s.with_pictures - t.n
          from unnest($1::smallint[], $2::bigint[], $3::int[]) as t(b, i, n)
         where s.bucket = t.b and s.product_id = t.i
        """,
        [i.bucket for i in ids],
        ids,
        [fewer[i] for i in ids],
    )


async def _tell(tx: Tx, rows: list[Row]) -> None:
    spreads = [(ProductId(row["product_id"]), spread_from(row)) for row in rows]
    await note_ratings(tx, [(product_id, spread.sum, spread.total) for product_id, spread in spreads])
    await publish(
        tx,
        *(
            ProductRated(product_id=product_id, rating_sum=spread.sum, rating_count=spread.total)
            for product_id, spread in spreads
        ),
    )
