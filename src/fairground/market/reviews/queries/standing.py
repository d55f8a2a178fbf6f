"""Reads of how shops and buyers stand: the ladder, scores day by day, what shops say of buyers."""

from datetime import datetime, timedelta

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.reviews.model import BuyerRating, ReviewRules, ScorePoint, Standing, ToRate, Verdict, Whose
from fairground.market.reviews.queries.reviews import market_day


async def get_standing(reader: Reader, whose: Whose, subject_id: Id) -> Standing:
    """Tell how many reviews of a shop or a buyer count, by kind."""
    row = await reader.row(
        "select good, neutral, bad from reviews.reputations where bucket = $1 and kind = $2 and subject_id = $3",
        subject_id.bucket,
        whose,
        subject_id,
    )
    return Standing() if row is None else Standing(row["good"], row["neutral"], row["bad"])


async def map_standings(reader: Reader, whose: Whose, subject_ids: list[Id]) -> dict[Id, Standing]:
    """Map shops or buyers to their standing; those of whom nobody has said anything are left out."""
    rows = await reader.rows(
        """
        select r.subject_id, r.good, r.neutral, r.bad from reviews.reputations r
          join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on r.bucket = t.b and r.kind = $3 and r.subject_id = t.i
        """,
        [i.bucket for i in subject_ids],
        subject_ids,
        whose,
    )
    return {Id(row["subject_id"]): Standing(row["good"], row["neutral"], row["bad"]) for row in rows}


async def get_standing_with_history(reader: Reader, shop_id: Id) -> tuple[Standing, list[ScorePoint]]:
    """Get a shop's place on the ladder and its scores day by day, in one question."""
    rows = await reader.rows(
        """
        select null::date as day, good as described, neutral as service, bad as shipping, 0 as n, points
          from reviews.reputations where bucket = $1 and kind = 'shop' and subject_id = $2
        union all
        select day, described, service, shipping, n, points from reviews.score_history
         where bucket = $1 and shop_id = $2 and day > $3
        order by day nulls first
        """,
        shop_id.bucket,
        shop_id,
        market_day(reader) - timedelta(days=reader.given(ReviewRules).history_days),
    )
    standing = next((Standing(*row[1:4]) for row in rows if row["day"] is None), Standing())
    return standing, [ScorePoint(*row) for row in rows if row["day"] is not None]


async def list_ratings_of(
    reader: Reader, buyer_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[BuyerRating]:
    """List what shops say of a buyer, the latest first; what is still hidden is left out."""
    size = page_size(limit)
    at, order_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from reviews.buyer_ratings
         where bucket = $1 and buyer_id = $2 and visible_at <= $3
           and ($4::timestamptz is null or (visible_at, order_id) < ($4, $5::bigint))
         order by visible_at desc, order_id desc limit $6
        """,
        buyer_id.bucket,
        buyer_id,
        reader.now,
        at,
        order_id,
        size + 1,
    )
    found, more = cut(rows, size)
    cursor = write_cursor(found[-1]["visible_at"], found[-1]["order_id"]) if more else None
    return Page([rating_from(row) for row in found], cursor)


async def find_rating(reader: Reader, order_id: Id, *, as_shop: bool) -> BuyerRating | None:
    """Find what the shop said of the buyer of an order; its buyer finds nothing while it is hidden."""
    row = await reader.row(
        "select * from reviews.buyer_ratings where bucket = $1 and order_id = $2 and ($3 or visible_at <= $4)",
        order_id.bucket,
        order_id,
        as_shop,
        reader.now,
    )
    return None if row is None else rating_from(row)


async def list_to_rate(
    reader: Reader, shop_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[ToRate]:
    """List received orders whose shop has said nothing of the buyer yet, those that end first."""
    size = page_size(limit)
    at, order_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select order_id, buyer_id, ends_at, buyer_wrote_at from reviews.sides
         where bucket = $1 and shop_id = $2 and shop_wrote_at is null and ends_at > $3
           and ($4::timestamptz is null or (ends_at, order_id) > ($4, $5::bigint))
         order by ends_at, order_id limit $6
        """,
        shop_id.bucket,
        shop_id,
        reader.now,
        at,
        order_id,
        size + 1,
    )
    found, more = cut(rows, size)
    cursor = write_cursor(found[-1]["ends_at"], found[-1]["order_id"]) if more else None
    return Page(
        [
            ToRate(Id(row["order_id"]), Id(row["buyer_id"]), row["ends_at"], row["buyer_wrote_at"] is not None)
            for row in found
        ],
        cursor,
    )


async def find_day_of_showing(reader: Reader, order_id: Id, shop_id: Id) -> datetime | None:
    """Tell when what was written of an order is shown at the latest; None once it is shown, or where nothing is."""
    row = await reader.row(
        "select ends_at, shown_at from reviews.sides where bucket = $1 and order_id = $2", shop_id.bucket, order_id
    )
    return None if row is None or row["shown_at"] is not None or row["ends_at"] <= reader.now else row["ends_at"]


def rating_from(row: Row) -> BuyerRating:
    """Build what a shop says of a buyer from its row."""
    return BuyerRating(
        Id(row["order_id"]),
        Id(row["shop_id"]),
        Id(row["buyer_id"]),
        Verdict(row["verdict"]),
        row["words"],
        row["rated_at"],
        row["visible_at"],
    )
