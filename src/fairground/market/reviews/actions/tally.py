"""What reviews add up to: stars of products, scores of shops. Run by events and once a day; safe to run twice."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from fairground.kit.db import Row, Tx
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.catalog.actions.signals import note_ratings
from fairground.market.catalog.model import ProductId
from fairground.market.reviews.events import ProductRated
from fairground.market.reviews.model import ReviewId, ReviewRules, mean_score
from fairground.market.reviews.queries import market_day, spread_from
from fairground.market.shops.actions.scores import note_scores
from fairground.market.shops.model import ShopId, ShopScores

_NAMES = ("one", "two", "three", "four", "five")


async def tally_reviews(tx: Tx, review_ids: Iterable[ReviewId]) -> None:
    """Count the stars of reviews that are new or changed, and tell the catalog."""
    ids = sorted(set(review_ids))
    # What was counted before is moved aside in the same statement, so that it comes back with the new stars.
    rows = await tx.rows(
        """
        update reviews.reviews r set tallied_before = r.tallied, tallied = r.stars
          from (select * from unnest($1::smallint[], $2::bigint[]) as t(b, i) order by b, i) t
         where r.bucket = t.b and r.id = t.i and r.tallied is distinct from r.stars
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
        change[_NAMES[row["tallied"] - 1]] += 1
        if row["tallied_before"] is None:
            change["with_pictures"] += bool(row["pictured"])
        else:
            change[_NAMES[row["tallied_before"] - 1]] -= 1
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


async def tally_scores(tx: Tx, order_ids: Sequence[tuple[Id, Id]]) -> None:
    """Count the scores given with orders, as (order, shop): of one buyer for one shop only the first few of a month."""
    rows = await tx.rows(
        """
        update reviews.shop_scores s set tallied = true
          from (select * from unnest($1::smallint[], $2::bigint[]) as t(b, i) order by b, i) t
         where s.bucket = t.b and s.order_id = t.i and not s.tallied
        returning s.shop_id, s.buyer_id, s.day, s.given_at, s.order_id, s.described, s.service, s.shipping
        """,
        [shop_id.bucket for _, shop_id in order_ids],
        [order_id for order_id, _ in order_ids],
    )
    counting = [row for row in rows if await _counts(tx, row)]
    if not counting:
        return
    await tx.many(
        """
        insert into reviews.score_days as d (bucket, shop_id, day, described, service, shipping, n)
        values ($1, $2, $3, $4, $5, $6, 1)
        on conflict (bucket, shop_id, day) do update
           set described = d.described + excluded.described, service = d.service + excluded.service,
               shipping = d.shipping + excluded.shipping, n = d.n + 1
        """,
        [
            (Id(r["shop_id"]).bucket, r["shop_id"], r["day"], r["described"], r["service"], r["shipping"])
            for r in sorted(counting, key=lambda r: (r["shop_id"], r["day"]))
        ],
    )
    await rescore_shops(tx, [ShopId(row["shop_id"]) for row in counting])


async def _counts(tx: Tx, row: Row) -> bool:
    shop_id = Id(row["shop_id"])
    earlier = await tx.value(
        """
        select count(*) from reviews.shop_scores
         where bucket = $1 and shop_id = $2 and buyer_id = $3 and day between $4 and $5
           and (given_at, order_id) < ($6, $7)
        """,
        shop_id.bucket,
        shop_id,
        row["buyer_id"],
        row["day"].replace(day=1),
        row["day"],
        row["given_at"],
        row["order_id"],
    )
    return int(earlier) < tx.given(ReviewRules).scores_a_month


async def rescore_shops(tx: Tx, shop_ids: Iterable[ShopId]) -> int:
    """Make the scores of shops anew from the days of the last six months; gives how many shops."""
    ids, rules = sorted(set(shop_ids)), tx.given(ReviewRules)
    rows = await tx.rows(
        """
        select d.shop_id, sum(d.described)::bigint as described, sum(d.service)::bigint as service,
               sum(d.shipping)::bigint as shipping, sum(d.n)::bigint as n
          from reviews.score_days d
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on d.bucket = t.b and d.shop_id = t.i
         where d.day > $3 group by d.shop_id
        """,
        [i.bucket for i in ids],
        ids,
        market_day(tx) - timedelta(days=rules.score_days),
    )
    market = await tx.row("select described, service, shipping from reviews.market_score")
    found = {ShopId(row["shop_id"]): row for row in rows}
    await note_scores(tx, [(i, _scores(found[i], market, rules) if i in found else None) for i in ids])
    return len(ids)


def _scores(row: Row, market: Row | None, rules: ReviewRules) -> ShopScores:
    described, service, shipping = (
        mean_score(row[name], row["n"], None if market is None else market[name], rules.score_weight)
        for name in ("described", "service", "shipping")
    )
    return ShopScores(described, service, shipping, row["n"])


async def measure_market(tx: Tx) -> None:
    """Make the market's mean scores anew: what a shop's own are drawn towards while few stand behind them."""
    row = await tx.row(
        """
        select sum(described)::bigint as described, sum(service)::bigint as service, sum(shipping)::bigint as shipping,
               coalesce(sum(n), 0)::bigint as n
          from reviews.score_days where day > $1
        """,
        market_day(tx) - timedelta(days=tx.given(ReviewRules).score_days),
    )
    if row is None or not row["n"]:
        return
    await tx.execute(
        """
        insert into reviews.market_score (described, service, shipping, n, at) values ($1, $2, $3, $4, $5)
        on conflict (only_row) do update
           set described = excluded.described, service = excluded.service, shipping = excluded.shipping,
               n = excluded.n, at = excluded.at
        """,
        *(mean_score(row[name], row["n"], None, 0) for name in ("described", "service", "shipping")),
        row["n"],
        tx.now,
    )
