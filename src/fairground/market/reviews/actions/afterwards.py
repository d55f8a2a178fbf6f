"""What may follow a review: one change of mind, something added later, the shop's answer."""

from typing import Any

from fairground.kit.db import Row, Tx
from fairground.kit.errors import Findings, Trouble
from fairground.kit.events import publish
from fairground.market.accounts.model import PersonId
from fairground.market.reviews.errors import AnswerOver, ChangeOver, FollowUpOver, ReviewNotFound
from fairground.market.reviews.events import ReviewAnswered, ReviewChanged, ReviewFollowedUp
from fairground.market.reviews.model import (
    Review,
    ReviewId,
    ReviewRules,
    check_stars,
    check_words,
    may_answer_now,
    may_change,
    may_follow_up,
)
from fairground.market.reviews.policy import may_answer
from fairground.market.reviews.queries import get_review, review_from
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import ShopId


async def change_review(tx: Tx, buyer_id: PersonId, review_id: ReviewId, *, stars: int, words: str) -> Review:
    """Change a neutral or bad review, once; what was said first is kept.

    Raises:
        ReviewNotFound: it is somebody else's.
        ChangeOver, Invalid
    """
    review, rules, findings = await get_review(tx, review_id, buyer_id=buyer_id), tx.given(ReviewRules), Findings()
    if not may_change(review, rules, tx.now):
        raise ChangeOver
    check_stars(findings, stars, "/stars")
    words = check_words(findings, words, "/words", rules.words_most)
    findings.raise_any()
    row = await tx.row(
        """
        update reviews.reviews
           set first_stars = stars, first_words = words, stars = $4, words = $5, changed_at = $6, version = version + 1
         where bucket = $1 and id = $2 and version = $3 and changed_at is null returning *
        """,
        review_id.bucket,
        review_id,
        review.version,
        stars,
        words,
        tx.now,
    )
    changed = _moved(row, ChangeOver)
    await publish(tx, ReviewChanged(**about(changed), stars=stars))
    return changed


async def follow_up(tx: Tx, buyer_id: PersonId, review_id: ReviewId, words: str) -> Review:
    """Add to a review what only time could tell, once; the stars stay.

    Raises:
        ReviewNotFound: it is somebody else's.
        FollowUpOver, Invalid
    """
    review, rules, findings = await get_review(tx, review_id, buyer_id=buyer_id), tx.given(ReviewRules), Findings()
    if not may_follow_up(review, rules, tx.now):
        raise FollowUpOver
    words = check_words(findings, words, "/words", rules.words_most, required=True)
    findings.raise_any()
    row = await tx.row(
        """
        update reviews.reviews set more_words = $4, more_at = $5, version = version + 1
         where bucket = $1 and id = $2 and version = $3 and more_at is null returning *
        """,
        review_id.bucket,
        review_id,
        review.version,
        words,
        tx.now,
    )
    added = _moved(row, FollowUpOver)
    await publish(tx, ReviewFollowedUp(**about(added)))
    return added


async def answer_review(tx: Tx, review_id: ReviewId, words: str) -> Review:
    """Answer a review for its shop, or change the answer while there is time; the buyer hears of the first one.

    Raises:
        ReviewNotFound: the actor does not work in its shop.
        RoleTooSmall, ShopClosed, AnswerOver, Invalid
    """
    review = await get_review(tx, review_id)
    try:
        await enter(tx, ShopId(review.shop_id), may_answer)
    except ShopNotFound:
        raise ReviewNotFound from None
    rules, findings = tx.given(ReviewRules), Findings()
    if review.removed_at is not None or not may_answer_now(review, rules, tx.now):
        raise AnswerOver
    words = check_words(findings, words, "/words", rules.words_most, required=True)
    findings.raise_any()
    row = await tx.row(
        """
        update reviews.reviews
           set answer = $4, answered_by = $5, answered_at = coalesce(answered_at, $6),
               answer_changed_at = case when answered_at is null then null else $6::timestamptz end,
               version = version + 1
         where bucket = $1 and id = $2 and version = $3 returning *
        """,
        review_id.bucket,
        review_id,
        review.version,
        words,
        tx.actor.person_id,
        tx.now,
    )
    answered = _moved(row, AnswerOver)
    if review.answered_at is None:
        await publish(tx, ReviewAnswered(**about(answered)))
    return answered


def _moved(row: Row | None, trouble: type[Trouble]) -> Review:
    if row is None:  # somebody else was quicker
        raise trouble
    return review_from(row)


def about(review: Review) -> dict[str, Any]:
    """Give what every event of a review says."""
    return {
        "review_id": review.id,
        "shop_id": review.shop_id,
        "product_id": review.product_id,
        "order_id": review.order_id,
        "buyer_id": review.buyer_id,
        "version": review.version,
    }
