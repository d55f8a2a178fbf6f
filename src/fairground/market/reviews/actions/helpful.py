"""People who find a review helpful say so: one vote of each verified person, none for one's own."""

from fairground.kit.db import Tx
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.queries import get_person
from fairground.market.orders.queries.orders import has_received
from fairground.market.reviews.errors import NotVerified, OwnReview, ReviewNotFound
from fairground.market.reviews.model import ReviewId
from fairground.market.reviews.queries import get_review
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import role_in


async def find_helpful(tx: Tx, person_id: PersonId, review_id: ReviewId) -> int:
    """Note that somebody finds a review helpful; twice is once. Gives how many do.

    Raises:
        ReviewNotFound: there is none to be seen.
        OwnReview, NotVerified
    """
    review = await get_review(tx, review_id)
    if review.removed_at is not None:
        raise ReviewNotFound
    if review.buyer_id == person_id or await role_in(tx, ShopId(review.shop_id), person_id) is not None:
        raise OwnReview
    if not (await get_person(tx, person_id)).is_verified or not await has_received(tx, person_id):
        raise NotVerified
    voted = await tx.execute(
        """
        insert into reviews.helpful_votes (bucket, review_id, person_id, voted_at) values ($1, $2, $3, $4)
        on conflict do nothing
        """,
        review_id.bucket,
        review_id,
        person_id,
        tx.now,
    )
    return await _count(tx, review_id, voted)


async def take_helpful_back(tx: Tx, person_id: PersonId, review_id: ReviewId) -> int:
    """Take one's vote back; gives how many find the review helpful now.

    Raises:
        ReviewNotFound: there is none to be seen.
    """
    await get_review(tx, review_id)
    gone = await tx.execute(
        "delete from reviews.helpful_votes where bucket = $1 and review_id = $2 and person_id = $3",
        review_id.bucket,
        review_id,
        person_id,
    )
    return await _count(tx, review_id, -gone)


async def _count(tx: Tx, review_id: ReviewId, change: int) -> int:
    return int(
        await tx.value(
            "update reviews.reviews set helpful = helpful + $3 where bucket = $1 and id = $2 returning helpful",
            review_id.bucket,
            review_id,
            change,
        )
    )
