"""The three scores of shops: counted when they are shown, made anew daily, kept day by day. Safe to run twice."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from fairground.kit.db import Row, Tx
from fairground.kit.ids import Id
from fairground.market.reviews.model import ReviewRules, mean_score
from fairground.market.reviews.queries import market_day
from fairground.market.shops.actions.scores import note_scores
from fairground.market.shops.model import ShopId, ShopScores
from fairground.market.shops.queries import map_shops

_THREE = ("described", "service", "shipping")


async def tally_scores(tx: Tx, order_ids: Sequence[tuple[Id, Id]]) -> None:
    """Count the scores given with orders, as (order, shop): of one buyer for one shop only the first few of a month."""
    rows = await tx.rows(
        """
        update reviews.shop_scores s set tallied = true
          from (select * from unnest($1::smallint[], $2::bigint[]) as t(b, i) order by b, i) t
         where s.bucket = t.b and s.order_id = t.i and s.shown and not s.tallied and not s.removed
        returning s.shop_id, s.buyer_id, s.day, s.given_at, s.order_id, s.described, s.service, s.shipping, s.category
        """,
        [shop_id.bucket for _, shop_id in order_ids],
        [order_id for order_id, _ in order_ids],
    )
    counting = sorted([row for row in rows if await _counts(tx, row)], key=lambda r: (r["shop_id"], r["day"]))
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
        [(Id(r["shop_id"]).bucket, r["shop_id"], r["day"], *(r[name] for name in _THREE)) for r in counting],
    )
    await _note_categories(tx, counting)
    await rescore_shops(tx, [ShopId(row["shop_id"]) for row in counting])


async def _note_categories(tx: Tx, counting: Sequence[Row]) -> None:
    found = Counter((Id(r["shop_id"]), r["category"]) for r in counting if r["category"] is not None)
    await tx.many(
        """
        insert into reviews.shop_categories as c (bucket, shop_id, category, n) values ($1, $2, $3, $4)
        on conflict (bucket, shop_id, category) do update set n = c.n + excluded.n
        """,
        [(shop_id.bucket, shop_id, category, n) for (shop_id, category), n in sorted(found.items())],
    )


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


async def take_scores(tx: Tx, orders: Iterable[tuple[Id, Id]]) -> None:
    """Take the scores given with orders, as (order, shop), out again: a review of theirs was taken away."""
    for order_id, shop_id in sorted(set(orders)):
        row = await tx.row(
            """
            update reviews.shop_scores set removed = true
             where bucket = $1 and order_id = $2 and not removed
            returning shop_id, buyer_id, day, given_at, order_id, described, service, shipping, category, tallied
            """,
            shop_id.bucket,
            order_id,
        )
        if row is None or not row["tallied"] or not await _counts(tx, row):
            continue
        await _take_day(tx, shop_id, row)
        await rescore_shops(tx, [ShopId(shop_id)])


async def _take_day(tx: Tx, shop_id: Id, row: Row) -> None:
    last = await tx.execute(
        "delete from reviews.score_days where bucket = $1 and shop_id = $2 and day = $3 and n = 1",
        shop_id.bucket,
        shop_id,
        row["day"],
    )
    if not last:
        await tx.execute(
            """
            update reviews.score_days
               set described = described - $4, service = service - $5, shipping = shipping - $6, n = n - 1
             where bucket = $1 and shop_id = $2 and day = $3
            """,
            shop_id.bucket,
            shop_id,
            row["day"],
            *(row[name] for name in _THREE),
        )
    await tx.execute(
        "update reviews.shop_categories set n = n - 1 where bucket = $1 and shop_id = $2 and category = $3 and n > 0",
        shop_id.bucket,
        shop_id,
        row["category"],
    )


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
    around = await _around(tx, ids)
    market = await tx.row("select described, service, shipping from reviews.market_score")
    found = {ShopId(row["shop_id"]): row for row in rows}
    await note_scores(tx, [(i, _scores(found[i], around.get(i, market), rules) if i in found else None) for i in ids])
    return len(ids)


async def _around(tx: Tx, ids: Sequence[ShopId]) -> Mapping[ShopId, Row]:
    """Map shops to the means of the category that most of their scores come from, where it has any."""
    rows = await tx.rows(
        """
        select c.shop_id, s.described, s.service, s.shipping
          from (select distinct on (c.bucket, c.shop_id) c.bucket, c.shop_id, c.category
                  from reviews.shop_categories c
                  join unnest($1::smallint[], $2::bigint[]) as t(b, i) on c.bucket = t.b and c.shop_id = t.i
                 where c.n > 0 order by c.bucket, c.shop_id, c.n desc, c.category) c
          join reviews.category_scores s on s.category = c.category
        """,
        [i.bucket for i in ids],
        list(ids),
    )
    return {ShopId(row["shop_id"]): row for row in rows}


def _scores(row: Row, around: Row | None, rules: ReviewRules) -> ShopScores:
    described, service, shipping = (
        mean_score(row[name], row["n"], None if around is None else around[name], rules.score_weight) for name in _THREE
    )
    return ShopScores(described, service, shipping, row["n"])


async def measure_market(tx: Tx) -> None:
    """Make the mean scores of the market and of its categories anew: what a shop's own are drawn towards."""
    since = market_day(tx) - timedelta(days=tx.given(ReviewRules).score_days)
    row = await tx.row(
        """
        select sum(described)::bigint as described, sum(service)::bigint as service, sum(shipping)::bigint as shipping,
               coalesce(sum(n), 0)::bigint as n
          from reviews.score_days where day > $1
        """,
        since,
    )
    if row is None or not row["n"]:
        return
    means = [mean_score(row[name], row["n"], None, 0) for name in _THREE]
    await tx.execute(
        """
        insert into reviews.market_score (described, service, shipping, n, at) values ($1, $2, $3, $4, $5)
        on conflict (only_row) do update
           set described = excluded.described, service = excluded.service, shipping = excluded.shipping,
               n = excluded.n, at = excluded.at
        """,
        *means,
        row["n"],
        tx.now,
    )
    await _measure_categories(tx, since, dict(zip(_THREE, means, strict=True)))


async def _measure_categories(tx: Tx, since: object, market: Mapping[str, int]) -> None:
    rows = await tx.rows(
        """
        select c.category, sum(d.described)::bigint as described, sum(d.service)::bigint as service,
               sum(d.shipping)::bigint as shipping, sum(d.n)::bigint as n
          from reviews.score_days d
          join (select distinct on (bucket, shop_id) bucket, shop_id, category from reviews.shop_categories
                 where n > 0 order by bucket, shop_id, n desc, category) c using (bucket, shop_id)
         where d.day > $1 group by c.category order by c.category
        """,
        since,
    )
    weight = tx.given(ReviewRules).score_weight
    await tx.execute("delete from reviews.category_scores")
    await tx.many(
        """
        insert into reviews.category_scores (category, described, service, shipping, n, at)
        values ($1, $2, $3, $4, $5, $6)
        """,
        # A thin category is itself drawn towards the market, by the same formula.
        [
            (r["category"], *(mean_score(r[name], r["n"], market[name], weight) for name in _THREE), r["n"], tx.now)
            for r in rows
        ],
    )


async def keep_day(tx: Tx, shop_ids: Sequence[ShopId]) -> None:
    """Keep today's scores and points of shops, and let go of days that are too old."""
    today, ids = market_day(tx), sorted(set(shop_ids))
    cards = [card for card in (await map_shops(tx, ids)).values() if card.scores is not None]
    rows = [(card.id, card.scores) for card in sorted(cards, key=lambda card: card.id) if card.scores is not None]
    await tx.execute(
        """
        insert into reviews.score_history (bucket, shop_id, day, described, service, shipping, n, points)
        select t.b, t.i, $1, t.d, t.v, t.p, t.n, coalesce(r.points, 0)
          from unnest($2::smallint[], $3::bigint[], $4::smallint[], $5::smallint[], $6::smallint[], $7::int[])
               as t(b, i, d, v, p, n)
          left join reviews.reputations r on r.bucket = t.b and r.kind = 'shop' and r.subject_id = t.i
        on conflict (bucket, shop_id, day) do update
           set described = excluded.described, service = excluded.service, shipping = excluded.shipping,
               n = excluded.n, points = excluded.points
        """,
        today,
        [i.bucket for i, _ in rows],
        [i for i, _ in rows],
        [s.described for _, s in rows],
        [s.service for _, s in rows],
        [s.shipping for _, s in rows],
        [s.count for _, s in rows],
    )
    await tx.execute(
        """
        delete from reviews.score_history h using unnest($1::smallint[], $2::bigint[]) as t(b, i)
         where h.bucket = t.b and h.shop_id = t.i and h.day <= $3
        """,
        [i.bucket for i in ids],
        ids,
        today - timedelta(days=tx.given(ReviewRules).history_days),
    )
