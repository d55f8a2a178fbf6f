"""Reads for the desk: what is odd among reviews; and what the statistics look at."""

from datetime import datetime, timedelta

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.reviews.errors import FlagNotFound
from fairground.market.reviews.model import Flag, FlagId, FlagKind, FlagState, Pace, Review, ReviewId, ReviewRules, Seen
from fairground.market.reviews.queries.reviews import review_from


async def list_seen(reader: Reader) -> list[Seen]:
    """List the reviews that the statistics look at, the oldest first; the newest ones where there are too many."""
    rules = reader.given(ReviewRules)
    rows = await reader.rows(
        """
        select id, shop_id, buyer_id, stars, words, written_at from reviews.reviews
         where written_at > $1 and removed_at is null order by written_at desc, id desc limit $2
        """,
        reader.now - timedelta(days=rules.flag_days),
        rules.flag_reviews_most,
    )
    return [
        Seen(
            ReviewId(row["id"]), Id(row["shop_id"]), Id(row["buyer_id"]), row["stars"], row["words"], row["written_at"]
        )
        for row in reversed(rows)
    ]


async def list_paces(reader: Reader) -> list[Pace]:
    """List how many reviews shops got lately and before; only those that got many lately."""
    rules = reader.given(ReviewRules)
    rows = await reader.rows(
        """
        select shop_id, count(*) filter (where written_at > $2) as fresh,
               count(*) filter (where written_at > $2 and stars >= $3) as fresh_good,
               count(*) filter (where written_at <= $2) as earlier,
               count(*) filter (where written_at <= $2 and stars >= $3) as earlier_good
          from reviews.reviews where written_at > $1 and removed_at is null
         group by shop_id having count(*) filter (where written_at > $2) >= $4
         order by shop_id limit 10000
        """,
        reader.now - timedelta(days=rules.flag_days),
        reader.now - timedelta(days=rules.burst_days),
        rules.good_stars,
        rules.burst_least,
    )
    days = rules.flag_days - rules.burst_days
    return [
        Pace(Id(row["shop_id"]), row["fresh"], row["fresh_good"], row["earlier"], row["earlier_good"], days)
        for row in rows
    ]


async def get_flag(reader: Reader, flag_id: FlagId) -> Flag:
    """Get one flag.

    Raises:
        FlagNotFound
    """
    row = await reader.row("select * from reviews.flags where id = $1", flag_id)
    if row is None:
        raise FlagNotFound
    return flag_from(row)


async def list_open_flags(reader: Reader, *, after: str | None = None, limit: int | None = None) -> Page[Flag]:
    """List what waits for a look, the longest waiting first."""
    size = page_size(limit)
    at, flag_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from reviews.flags
         where state = 'open' and ($1::timestamptz is null or (found_at, id) > ($1, $2::bigint))
         order by found_at, id limit $3
        """,
        at,
        flag_id,
        size + 1,
    )
    found, more = cut(rows, size)
    items = [flag_from(row) for row in found]
    return Page(items, write_cursor(items[-1].found_at, items[-1].id) if more else None)


async def list_decided_flags(reader: Reader, *, after: str | None = None, limit: int | None = None) -> Page[Flag]:
    """List what was decided, the latest first."""
    size = page_size(limit)
    at, flag_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from reviews.flags
         where state <> 'open' and ($1::timestamptz is null or (decided_at, id) < ($1, $2::bigint))
         order by decided_at desc, id desc limit $3
        """,
        at,
        flag_id,
        size + 1,
    )
    found, more = cut(rows, size)
    cursor = write_cursor(found[-1]["decided_at"], found[-1]["id"]) if more else None
    return Page([flag_from(row) for row in found], cursor)


async def map_reviews(reader: Reader, ids: list[ReviewId]) -> dict[ReviewId, Review]:
    """Map ids to reviews, also hidden ones and with all their words: for the desk."""
    rows = await reader.rows(
        """
        select r.* from reviews.reviews r
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on r.bucket = t.b and r.id = t.i
         order by r.id
        """,
        [i.bucket for i in ids],
        ids,
    )
    return {ReviewId(row["id"]): review_from(row, own=True) for row in rows}


def flag_from(row: Row) -> Flag:
    """Build a flag from its row."""
    return Flag(
        FlagId(row["id"]),
        FlagKind(row["kind"]),
        None if row["shop_id"] is None else Id(row["shop_id"]),
        tuple(ReviewId(i) for i in row["reviews"]),
        row["evidence"],
        row["found_at"],
        FlagState(row["state"]),
        row["decided_at"],
        row["reason"],
    )
