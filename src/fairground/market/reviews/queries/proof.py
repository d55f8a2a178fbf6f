"""What the audit looks at: sums that must be those of the reviews behind them."""

from fairground.kit.db import Reader
from fairground.market.reviews.model import ReviewFault


async def audit_reviews(reader: Reader, limit: int = 1000) -> list[ReviewFault]:
    """Find products and days whose sums are not those of the reviews and scores counted so far."""
    rows = await reader.rows(
        """
        with stars as (
          select bucket, product_id, sum(tallied)::bigint as total, count(*) as n from reviews.reviews
           where tallied is not null group by 1, 2)
        select 'stars are those of the reviews' as check, 'product ' || product_id as place,
               coalesce(s.n, 0) || ' reviews, ' || coalesce(s.total, 0) || ' stars' as expected,
               coalesce(p.one + p.two + p.three + p.four + p.five, 0) || ' reviews, '
                 || coalesce(p.one + 2 * p.two + 3 * p.three + 4 * p.four + 5 * p.five, 0) || ' stars' as found
          from reviews.product_stars p full join stars s using (bucket, product_id)
         where coalesce(s.n, 0) <> coalesce(p.one + p.two + p.three + p.four + p.five, 0)
            or coalesce(s.total, 0) <> coalesce(p.one + 2 * p.two + 3 * p.three + 4 * p.four + 5 * p.five, 0)
        union all
        select 'a written line has its review', 'order ' || w.order_id, 'review ' || w.review_id, 'nothing'
          from reviews.written w
         where not exists (select 1 from reviews.reviews r
                            where r.bucket = ((w.review_id >> 12) & 1023)::smallint and r.id = w.review_id)
        union all
        select 'helpful votes are those of people', 'review ' || r.id, coalesce(v.n, 0) || ' people',
               r.helpful || ' votes'
          from reviews.reviews r
          left join (select bucket, review_id, count(*) as n from reviews.helpful_votes group by 1, 2) v
            on v.bucket = r.bucket and v.review_id = r.id
         where r.helpful <> coalesce(v.n, 0)
        limit $1
        """,
        limit,
    )
    return [ReviewFault(row["check"], row["place"], row["expected"], row["found"]) for row in rows]


async def audit_reputations(reader: Reader, limit: int = 1000) -> list[ReviewFault]:
    """Find shops and buyers whose place on the ladder is not that of the reviews behind it."""
    rows = await reader.rows(
        """
        with counted as (
          select bucket, 'shop' as kind, shop_id as subject_id, ladder from reviews.reviews where ladder is not null
          union all
          select bucket, 'buyer', buyer_id, ladder from reviews.buyer_ratings where ladder is not null),
        sums as (
          select bucket, kind, subject_id, count(*) as n, sum(ladder)::bigint as points from counted group by 1, 2, 3)
        select kind || ' ' || subject_id as place,
               coalesce(s.n, 0) || ' reviews, ' || coalesce(s.points, 0) || ' points' as expected,
               coalesce(r.good + r.neutral + r.bad, 0) || ' reviews, ' || coalesce(r.points, 0) || ' points' as found
          from reviews.reputations r full join sums s using (bucket, kind, subject_id)
         where coalesce(s.n, 0) <> coalesce(r.good + r.neutral + r.bad, 0)
            or coalesce(s.points, 0) <> coalesce(r.points, 0)
         limit $1
        """,
        limit,
    )
    return [
        ReviewFault("the ladder is that of the reviews", row["place"], row["expected"], row["found"]) for row in rows
    ]
