"""The desk takes a review away: never silently. A note with the reason stands in its place; nothing of it counts."""

from fairground.kit.db import Tx
from fairground.kit.errors import Findings
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.reviews.actions.afterwards import about
from fairground.market.reviews.errors import OwnReview, ReviewNotFound, ReviewRemoved
from fairground.market.reviews.events import ReviewTakenAway
from fairground.market.reviews.model import Review, ReviewId, ReviewRules, check_words
from fairground.market.reviews.queries import map_reviews, review_from
from fairground.market.shops.actions.doors import enter_desk
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import role_in


async def remove_review(tx: Tx, review_id: ReviewId, reason: str) -> Review:
    """Take a review away, with words that everybody reads in its place.

    Raises:
        StaffOnly: the actor is none of the staff.
        OwnReview: the clerk wrote it, or works for the shop.
        ReviewNotFound, ReviewRemoved, Invalid
    """
    enter_desk(tx)
    found, findings = await map_reviews(tx, [review_id]), Findings()
    if review_id not in found:
        raise ReviewNotFound
    review = found[review_id]
    await check_apart(tx, review.buyer_id, review.shop_id)
    reason = check_words(findings, reason, "/reason", tx.given(ReviewRules).rating_words_most, required=True)
    findings.raise_any()
    row = await tx.row(
        """
        update reviews.reviews set removed_at = $3, removed_why = $4, removed_by = $5, version = version + 1
         where bucket = $1 and id = $2 and removed_at is null returning *
        """,
        review_id.bucket,
        review_id,
        tx.now,
        reason,
        tx.actor.person_id,
    )
    if row is None:
        raise ReviewRemoved
    removed = review_from(row)
    await publish(tx, ReviewTakenAway(**about(removed)))
    await log_deed(tx, "reviews.remove", review_id, reason)
    return removed


async def check_apart(tx: Tx, buyer_id: Id, shop_id: Id) -> None:
    """See that the clerk is neither side.

    Raises:
        OwnReview
    """
    clerk = tx.actor.person_id
    if clerk is not None and (clerk == buyer_id or await role_in(tx, ShopId(shop_id), clerk) is not None):
        raise OwnReview
