"""The ladder: what reviews of shops, and what shops say of buyers, come to in points. Safe to run twice.

Each review and rating keeps what it counts for now; what changed is added to the sums. Of one buyer and one shop the
first few of a month count, in the order in which they were written, whether they are shown by now or not.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from fairground.kit.db import Row, Tx
from fairground.kit.ids import Id
from fairground.kit.place import Place
from fairground.market.orders.model import OrderId
from fairground.market.reviews.model import ReviewId, ReviewRules, Verdict, Whose, verdict_of

_NAMES: Mapping[int, str] = {Verdict.GOOD: "good", Verdict.NEUTRAL: "neutral", Verdict.BAD: "bad"}


async def climb_shops(tx: Tx, review_ids: Iterable[ReviewId]) -> None:
    """Bring the ladder of shops up to what these reviews say now."""
    ids, rules = sorted(set(review_ids)), tx.given(ReviewRules)
    rows = await tx.rows(
        """
        select r.bucket, r.id, r.shop_id as subject_id, r.ladder, r.stars, r.removed_at is not null as removed,
               (select count(*) from reviews.reviews e
                 where e.bucket = r.bucket and e.shop_id = r.shop_id and e.buyer_id = r.buyer_id
                   and e.written_at >= date_trunc('month', r.written_at at time zone $3) at time zone $3
                   and (e.written_at, e.id) < (r.written_at, r.id)) as earlier
          from reviews.reviews r join unnest($1::smallint[], $2::bigint[]) as t(b, i) on r.bucket = t.b and r.id = t.i
         where r.shown order by r.bucket, r.id for update of r
        """,
        [i.bucket for i in ids],
        ids,
        tx.given(Place).time_zone,
    )
    moved = [(row, _counts_for(row, verdict_of(row["stars"], rules), rules)) for row in rows]
    moved = [(row, now) for row, now in moved if row["ladder"] != now]
    await tx.many(
        "update reviews.reviews set ladder = $3 where bucket = $1 and id = $2",
        [(row["bucket"], row["id"], now) for row, now in moved],
    )
    await _move(tx, Whose.SHOP, moved)


async def climb_buyers(tx: Tx, order_ids: Iterable[OrderId]) -> None:
    """Bring the ladder of buyers up to what shops say of these orders."""
    ids, rules = sorted(set(order_ids)), tx.given(ReviewRules)
    rows = await tx.rows(
        """
        select r.bucket, r.order_id as id, r.buyer_id as subject_id, r.ladder, r.verdict, false as removed,
               (select count(*) from reviews.buyer_ratings e
                 where e.bucket = r.bucket and e.shop_id = r.shop_id and e.buyer_id = r.buyer_id
                   and e.rated_at >= date_trunc('month', r.rated_at at time zone $3) at time zone $3
                   and (e.rated_at, e.order_id) < (r.rated_at, r.order_id)) as earlier
          from reviews.buyer_ratings r
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on r.bucket = t.b and r.order_id = t.i
         where r.shown order by r.bucket, r.order_id for update of r
        """,
        [i.bucket for i in ids],
        ids,
        tx.given(Place).time_zone,
    )
    moved = [(row, _counts_for(row, Verdict(row["verdict"]), rules)) for row in rows]
    moved = [(row, now) for row, now in moved if row["ladder"] != now]
    await tx.many(
        "update reviews.buyer_ratings set ladder = $3 where bucket = $1 and order_id = $2",
        [(row["bucket"], row["id"], now) for row, now in moved],
    )
    await _move(tx, Whose.BUYER, moved)


def _counts_for(row: Row, verdict: Verdict, rules: ReviewRules) -> int | None:
    counts = not row["removed"] and row["earlier"] < rules.scores_a_month
    return int(verdict) if counts else None


async def _move(tx: Tx, whose: Whose, moved: Sequence[tuple[Row, int | None]]) -> None:
    changes: dict[Id, Counter[str]] = {}
    for row, now in moved:
        change = changes.setdefault(Id(row["subject_id"]), Counter())
        if now is not None:
            change[_NAMES[now]] += 1
        if row["ladder"] is not None:
            change[_NAMES[row["ladder"]]] -= 1
    subjects = sorted(changes)
    buckets = [i.bucket for i in subjects]
    # First the row, then the sum: what is inserted would be checked against the constraints before it is added up.
    await tx.execute(
        """
        insert into reviews.reputations (bucket, kind, subject_id)
        select b, $3, i from unnest($1::smallint[], $2::bigint[]) as t(b, i) on conflict do nothing
        """,
        buckets,
        subjects,
        whose,
    )
    await tx.execute(
        """
        update reviews.reputations r set good = r.good + t.g, neutral = r.neutral + t.n, bad = r.bad + t.d
          from unnest($1::smallint[], $2::bigint[], $3::int[], $4::int[], $5::int[]) as t(b, i, g, n, d)
         where r.bucket = t.b and r.kind = $6 and r.subject_id = t.i
        """,
        buckets,
        subjects,
        *([changes[i][name] for i in subjects] for name in ("good", "neutral", "bad")),
        whose,
    )
