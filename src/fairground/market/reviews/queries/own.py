"""What somebody wrote, and what the room knows of them."""

from typing import Any

import msgspec

from fairground.kit.db import Reader
from fairground.kit.ids import Id, to_text
from fairground.market.accounts.model import PersonId
from fairground.market.reviews.model import BuyerRating, Review, ReviewId
from fairground.market.reviews.queries.questions import list_own_questions
from fairground.market.reviews.queries.reviews import review_from
from fairground.market.reviews.queries.standing import list_ratings_of


async def list_reviews_of_buyer(reader: Reader, buyer_id: Id, limit: int = 5000) -> list[Review]:
    """List what somebody wrote, the latest first."""
    rows = await reader.rows(
        """
        select review_id from reviews.written where bucket = $1 and buyer_id = $2 order by review_id desc limit $3
        """,
        buyer_id.bucket,
        buyer_id,
        limit,
    )
    ids = [ReviewId(row["review_id"]) for row in rows]
    found = await reader.rows(
        """
        select r.* from reviews.reviews r
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on r.bucket = t.b and r.id = t.i
         order by r.id desc
        """,
        [i.bucket for i in ids],
        ids,
    )
    return [review_from(row, own=True) for row in found]


async def export_reviews(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give what this room knows about a person, for the export of personal data."""
    written = await list_reviews_of_buyer(reader, person_id)
    said: list[BuyerRating] = []
    after: str | None = None
    for _ in range(50):
        page = await list_ratings_of(reader, person_id, after=after, limit=100)
        said, after = said + page.items, page.next
        if after is None:
            break
    asked = await list_own_questions(reader, person_id, limit=5000)
    known = {"written": written, "said_by_shops": said, "questions": asked}
    return {"reviews": msgspec.to_builtins(known, enc_hook=to_text)}
