"""What may follow a review: a change of mind, something added, the shop's answer."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid, NotAllowed
from fairground.market.accounts.model import PersonId
from fairground.market.reviews.actions.afterwards import answer_review, change_review, follow_up
from fairground.market.reviews.errors import AnswerOver, ChangeOver, FollowUpOver, ReviewNotFound
from fairground.market.reviews.model import Review
from fairground.market.reviews.queries import count_unanswered, list_reviews_of_shop
from fairground.market.shops.model import Role
from tests.support.catalog import make_product
from tests.support.orders import make_buyer
from tests.support.reviews import make_review, review_now
from tests.support.shops import make_owner, make_shop, make_staff, news


async def change(db: Database, review: Review, stars: int, words: str = "Better now") -> Review:
    who = PersonId(review.buyer_id)
    return await db.write(person(who), lambda tx: change_review(tx, who, review.id, stars=stars, words=words))


async def test_a_bad_review_is_changed_once_and_what_was_said_first_is_kept(db: Database) -> None:
    review = await make_review(db, await make_product(db, await make_shop(db)), stars=2, words="Lid is loose")
    changed = await change(db, review, 5)
    assert (changed.stars, changed.words) == (5, "Better now")
    row = await db.read(
        lambda r: r.row("select first_stars, first_words from reviews.reviews where bucket = $1 and id = $2",
                        review.id.bucket, review.id)
    )  # fmt: skip
    assert tuple(row) == (2, "Lid is loose")
    with pytest.raises(ChangeOver):
        await change(db, review, 1)


async def test_a_good_review_stays_as_it_is(db: Database) -> None:
    review = await make_review(db, await make_product(db, await make_shop(db)), stars=4)
    with pytest.raises(ChangeOver):
        await change(db, review, 1)
    assert (await review_now(db, review.id)).stars == 4


async def test_after_thirty_days_nothing_is_changed(db: Database) -> None:
    review = await make_review(db, await make_product(db, await make_shop(db)), stars=1)
    db.clock.move(timedelta(days=30))
    with pytest.raises(ChangeOver):
        await change(db, review, 5)


async def test_nobody_changes_anothers_review(db: Database) -> None:
    review = await make_review(db, await make_product(db, await make_shop(db)), stars=1)
    stranger, _ = await make_buyer(db, "Stranger")
    with pytest.raises(ReviewNotFound):
        await db.write(person(stranger), lambda tx: change_review(tx, stranger, review.id, stars=5, words=""))
    with pytest.raises(ReviewNotFound):
        await db.write(person(stranger), lambda tx: follow_up(tx, stranger, review.id, "Me too"))
    assert await review_now(db, review.id) == review


async def test_something_is_added_once_within_half_a_year(db: Database) -> None:
    product = await make_product(db, await make_shop(db))
    review, late = await make_review(db, product), await make_review(db, product)
    who, other = PersonId(review.buyer_id), PersonId(late.buyer_id)
    db.clock.move(timedelta(days=100))
    added = await db.write(person(who), lambda tx: follow_up(tx, who, review.id, "Still in use every day."))
    assert (added.more_words, added.stars) == ("Still in use every day.", 5)
    with pytest.raises(FollowUpOver):
        await db.write(person(who), lambda tx: follow_up(tx, who, review.id, "And again"))
    db.clock.move(timedelta(days=80))
    with pytest.raises(FollowUpOver):
        await db.write(person(other), lambda tx: follow_up(tx, other, late.id, "Too late"))


async def test_the_shop_answers_once_and_corrects_itself_for_two_days(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    review = await make_review(db, await make_product(db, shop), stars=2)
    assert await db.read(lambda r: count_unanswered(r, shop.id)) == 1
    await db.write(person(owner), lambda tx: answer_review(tx, review.id, "We send another lid."))
    await db.write(person(owner), lambda tx: answer_review(tx, review.id, "We send another lid today."))
    answered = await review_now(db, review.id)
    assert (answered.answer, answered.answered_at) == ("We send another lid today.", db.clock.now())
    assert (await news(db)).count("reviews.ReviewAnswered") == 1
    assert await db.read(lambda r: count_unanswered(r, shop.id)) == 0
    assert (await db.read(lambda r: list_reviews_of_shop(r, shop.id, unanswered=True))).items == []
    db.clock.move(timedelta(hours=48))
    with pytest.raises(AnswerOver):
        await db.write(person(owner), lambda tx: answer_review(tx, review.id, "No, we do not."))
    assert await review_now(db, review.id) == answered


async def test_only_people_of_the_shop_answer(db: Database) -> None:
    shop, elsewhere = await make_shop(db), await make_owner(db)
    await make_shop(db, elsewhere, name="Next door")
    review = await make_review(db, await make_product(db, shop))
    accountant = await make_staff(db, shop, Role.ACCOUNTANT)
    for who, trouble in (
        (elsewhere, ReviewNotFound),
        (PersonId(review.buyer_id), ReviewNotFound),
        (accountant, NotAllowed),
    ):
        with pytest.raises(trouble):
            await db.write(person(who), lambda tx: answer_review(tx, review.id, "Thanks!"))
    clerk = await make_staff(db, shop, Role.CLERK)
    with pytest.raises(Invalid):
        await db.write(person(clerk), lambda tx: answer_review(tx, review.id, " \u200b "))
    assert await review_now(db, review.id) == review
    await db.write(person(clerk), lambda tx: answer_review(tx, review.id, "Thanks!"))
