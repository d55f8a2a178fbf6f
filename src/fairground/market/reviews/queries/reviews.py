"""Reads of reviews: of a product, of a shop, of an order; what they add up to; what a buyer may still review."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.kit.place import Place
from fairground.market.media.model import MediaId
from fairground.market.reviews.errors import ReviewNotFound
from fairground.market.reviews.model import Invitation, Review, ReviewId, Scores, Spread


async def get_review(
    reader: Reader, review_id: ReviewId, *, buyer_id: Id | None = None, shop_id: Id | None = None
) -> Review:
    """Get one review, as anybody, as its buyer or as its shop.

    Raises:
        ReviewNotFound: there is none, it is somebody else's, or nobody but its buyer may see it yet.
    """
    row = await reader.row(
        """
        select * from reviews.reviews
         where bucket = $1 and id = $2 and ($3::bigint is null and visible_at <= $5 or buyer_id = $3)
           and ($4::bigint is null or shop_id = $4)
        """,
        review_id.bucket,
        review_id,
        buyer_id,
        shop_id,
        reader.now,
    )
    if row is None:
        raise ReviewNotFound
    return review_from(row, own=buyer_id is not None)


async def list_reviews(
    reader: Reader,
    product_id: Id,
    *,
    stars: int | None = None,
    with_pictures: bool = False,
    after: str | None = None,
    limit: int | None = None,
) -> Page[Review]:
    """List the reviews of a product, the newest first; with so many stars, or with pictures, where wished."""
    size = page_size(limit)
    at, review_id = read_cursor(after, datetime, int) or (None, None)
    if stars is not None:
        rows = await _with_stars(reader, product_id, (stars, with_pictures), (at, review_id), size + 1)
    elif with_pictures:
        rows = await _with_pictures(reader, product_id, (at, review_id), size + 1)
    else:
        rows = await reader.rows(
            """
            select * from reviews.reviews
             where bucket = $1 and product_id = $2 and visible_at <= $3
               and ($4::timestamptz is null or (visible_at, id) < ($4, $5::bigint))
             order by visible_at desc, id desc limit $6
            """,
            product_id.bucket,
            product_id,
            reader.now,
            at,
            review_id,
            size + 1,
        )
    return _page(rows, size)


async def _with_stars(
    reader: Reader,
    product_id: Id,
    wanted: tuple[int, bool],
    before: tuple[datetime | None, int | None],
    limit: int,
) -> list[Row]:
    return await reader.rows(
        """
        select * from reviews.reviews
         where bucket = $1 and product_id = $2 and visible_at <= $3 and stars = $4 and removed_at is null
           and (not $5 or cardinality(pictures) > 0)
           and ($6::timestamptz is null or (visible_at, id) < ($6, $7::bigint))
         order by visible_at desc, id desc limit $8
        """,
        product_id.bucket,
        product_id,
        reader.now,
        *wanted,
        *before,
        limit,
    )


async def _with_pictures(
    reader: Reader, product_id: Id, before: tuple[datetime | None, int | None], limit: int
) -> list[Row]:
    return await reader.rows(
        """
        select * from reviews.reviews
         where bucket = $1 and product_id = $2 and visible_at <= $3 and cardinality(pictures) > 0
           and removed_at is null and ($4::timestamptz is null or (visible_at, id) < ($4, $5::bigint))
         order by visible_at desc, id desc limit $6
        """,
        product_id.bucket,
        product_id,
        reader.now,
        *before,
        limit,
    )


async def list_reviews_of_shop(
    reader: Reader, shop_id: Id, *, unanswered: bool = False, after: str | None = None, limit: int | None = None
) -> Page[Review]:
    """List what was said of a shop's goods, the newest first; only what waits for an answer, where wished."""
    size = page_size(limit)
    at, review_id = read_cursor(after, datetime, int) or (None, None)
    if unanswered:
        rows = await _unanswered(reader, shop_id, (at, review_id), size + 1)
    else:
        rows = await reader.rows(
            """
            select * from reviews.reviews
             where bucket = $1 and shop_id = $2 and visible_at <= $3
               and ($4::timestamptz is null or (visible_at, id) < ($4, $5::bigint))
             order by visible_at desc, id desc limit $6
            """,
            shop_id.bucket,
            shop_id,
            reader.now,
            at,
            review_id,
            size + 1,
        )
    return _page(rows, size)


async def _unanswered(reader: Reader, shop_id: Id, before: tuple[datetime | None, int | None], limit: int) -> list[Row]:
    return await reader.rows(
        """
        select * from reviews.reviews
         where bucket = $1 and shop_id = $2 and visible_at <= $3 and answered_at is null
           and removed_at is null and ($4::timestamptz is null or (visible_at, id) < ($4, $5::bigint))
         order by visible_at desc, id desc limit $6
        """,
        shop_id.bucket,
        shop_id,
        reader.now,
        *before,
        limit,
    )


async def count_unanswered(reader: Reader, shop_id: Id, most: int = 100) -> int:
    """Count what waits for a shop's answer, up to a number past which nobody counts."""
    return int(
        await reader.value(
            """
            select count(*) from (
              select 1 from reviews.reviews
               where bucket = $1 and shop_id = $2 and answered_at is null and removed_at is null
                 and visible_at <= $3 limit $4) few
            """,
            shop_id.bucket,
            shop_id,
            reader.now,
            most,
        )
    )


async def list_reviews_of_order(reader: Reader, order_id: Id, shop_id: Id) -> list[Review]:
    """List the reviews of an order's lines as their buyer sees them, in their order, also hidden ones."""
    rows = await reader.rows(
        "select * from reviews.reviews where bucket = $1 and order_id = $2 order by position", shop_id.bucket, order_id
    )
    return [review_from(row, own=True) for row in rows]


async def find_scores(reader: Reader, order_id: Id, shop_id: Id) -> Scores | None:
    """Find the scores that a shop was given with an order."""
    row = await reader.row(
        "select described, service, shipping from reviews.shop_scores where bucket = $1 and order_id = $2",
        shop_id.bucket,
        order_id,
    )
    return None if row is None else Scores(row["described"], row["service"], row["shipping"])


async def get_spread(reader: Reader, product_id: Id) -> Spread:
    """Tell how many reviews of a product gave how many stars."""
    row = await reader.row(
        """
        select one, two, three, four, five, with_pictures from reviews.product_stars
         where bucket = $1 and product_id = $2
        """,
        product_id.bucket,
        product_id,
    )
    return Spread() if row is None else spread_from(row)


async def what_to_review(reader: Reader, person_id: Id, limit: int = 20) -> list[Invitation]:
    """List the received orders that somebody may still review, those that end first."""
    rows = await reader.rows(
        """
        select i.order_id, i.shop_id, i.until, i.lines - count(w.position) as lines
          from reviews.invitations i
          left join reviews.written w on w.bucket = i.bucket and w.order_id = i.order_id
         where i.bucket = $1 and i.buyer_id = $2 and i.until > $3
         group by i.order_id, i.shop_id, i.until, i.lines having i.lines > count(w.position)
         order by i.until, i.order_id limit $4
        """,
        person_id.bucket,
        person_id,
        reader.now,
        limit,
    )
    return [Invitation(Id(row["order_id"]), Id(row["shop_id"]), row["lines"], row["until"]) for row in rows]


async def list_reviewed_lines(reader: Reader, order_id: Id) -> list[int]:
    """List the positions of an order's lines that were reviewed."""
    rows = await reader.rows(
        "select position from reviews.written where bucket = $1 and order_id = $2 order by position",
        order_id.bucket,
        order_id,
    )
    return [row["position"] for row in rows]


def market_day(reader: Reader) -> date:
    """Tell which day it is in the market's time zone: months of scores are counted there."""
    return reader.now.astimezone(ZoneInfo(reader.given(Place).time_zone)).date()


def _page(rows: list[Row], size: int) -> Page[Review]:
    found, more = cut(rows, size)
    cursor = write_cursor(found[-1]["visible_at"], found[-1]["id"]) if more else None
    return Page([review_from(row) for row in found], cursor)


def spread_from(row: Row) -> Spread:
    """Build a spread from its row."""
    return Spread((row["one"], row["two"], row["three"], row["four"], row["five"]), row["with_pictures"])


def review_from(row: Row, *, own: bool = False) -> Review:
    """Build a review from its row; what the market took away is left to its buyer alone."""
    shows = own or row["removed_at"] is None
    return Review(
        ReviewId(row["id"]),
        Id(row["shop_id"]),
        Id(row["product_id"]),
        Id(row["order_id"]),
        row["position"],
        Id(row["buyer_id"]),
        row["title"],
        row["options"],
        row["shown_name"],
        row["language"],
        row["stars"],
        row["words"] if shows else "",
        tuple(MediaId(i) for i in row["pictures"] if shows),
        row["written_at"],
        row["changed_at"],
        row["more_words"] if shows else "",
        tuple(MediaId(i) for i in row["more_pictures"] if shows),
        row["more_at"] if shows else None,
        row["answer"] if shows else "",
        row["answered_at"] if shows else None,
        row["version"],
        row["visible_at"],
        row["helpful"],
        row["removed_at"],
        row["removed_why"],
    )
