"""The ladder of shops and buyers, scores day by day, the mean of a category, helpful votes, what is taken away."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person, system
from fairground.kit.db import Database
from fairground.kit.errors import Invalid, NotAllowed
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.accounts.model import PersonId
from fairground.market.reviews.actions.afterwards import change_review
from fairground.market.reviews.actions.climbing import climb_shops
from fairground.market.reviews.actions.helpful import find_helpful, take_helpful_back
from fairground.market.reviews.actions.removing import remove_review
from fairground.market.reviews.errors import ChangeOver, NotVerified, OwnReview, ReviewNotFound, ReviewRemoved
from fairground.market.reviews.jobs import rescore_all
from fairground.market.reviews.model import ReviewDraft, Scores, Standing, Verdict, Whose
from fairground.market.reviews.queries import (
    audit_reputations,
    audit_reviews,
    get_glance,
    get_spread,
    get_standing,
    get_standing_with_history,
    list_reviews,
)
from fairground.market.shops.model import Shop
from tests.support.accounts import make_person
from tests.support.catalog import make_categories, make_product
from tests.support.orders import make_buyer
from tests.support.reviews import Buyer, let_news_travel, make_review, rate, received_order, review_now, write
from tests.support.shops import desk_clerk, make_owner, make_shop, shop_now


async def standing(db: Database, shop: Shop) -> Standing:
    await let_news_travel(db)
    assert await db.read(audit_reputations) == []
    return await db.read(lambda r: get_standing(r, Whose.SHOP, shop.id))


async def verified_buyer(db: Database) -> Buyer:
    """Somebody with a confirmed address for letters, and a home."""
    who = await make_person(db, "Hua")
    wish = AddressWish("Lin Ming", "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", ["文三路 1 号"], "310000")
    return who.id, await db.write(person(who.id), lambda tx: add_address(tx, who.id, wish))


async def test_good_reviews_climb_bad_ones_fall_and_neutral_ones_stay(db: Database) -> None:
    shop = await make_shop(db)
    product = await make_product(db, shop, stock=None)
    for stars in (5, 4, 4, 3, 2):
        await make_review(db, product, stars=stars)
    now = await standing(db, shop)
    assert (now, now.points) == (Standing(3, 1, 1), 2)


async def test_of_one_buyer_three_reviews_a_month_count_on_the_ladder(db: Database) -> None:
    shop = await make_shop(db)
    product, friend = await make_product(db, shop, stock=None), await make_buyer(db, "Friend")
    for _ in range(5):
        await write(db, await received_order(db, product, buyer=friend), ReviewDraft(5))
    assert (await standing(db, shop)).points == 3
    assert (await db.read(lambda r: get_standing(r, Whose.BUYER, friend[0]))).points == 3
    db.clock.move(timedelta(days=12, hours=4))  # July in Shanghai, a few seconds into it: 18 June 12:00 UTC + 12 d 4 h
    await write(db, await received_order(db, product, buyer=friend), ReviewDraft(5))
    assert (await standing(db, shop)).points == 4


async def test_a_change_of_mind_moves_the_ladder_and_is_counted_once(db: Database) -> None:
    shop = await make_shop(db)
    review = await make_review(db, await make_product(db, shop), stars=1)
    assert (await standing(db, shop)).points == -1
    who = PersonId(review.buyer_id)
    await db.write(person(who), lambda tx: change_review(tx, who, review.id, stars=5, words=""))
    assert await standing(db, shop) == Standing(1, 0, 0)
    await db.write(system("again"), lambda tx: climb_shops(tx, [review.id]))
    assert await standing(db, shop) == Standing(1, 0, 0)


async def test_a_buyer_climbs_by_what_shops_say_once_it_is_shown(db: Database) -> None:
    order = await received_order(db, await make_product(db, await make_shop(db)))
    await rate(db, order, Verdict.BAD)
    await let_news_travel(db)
    assert await db.read(lambda r: get_standing(r, Whose.BUYER, order.buyer_id)) == Standing()
    await write(db, order, ReviewDraft(5), hidden=True)
    await let_news_travel(db)
    assert await db.read(lambda r: get_standing(r, Whose.BUYER, order.buyer_id)) == Standing(0, 0, 1)
    assert await db.read(audit_reputations) == []


async def test_the_audit_finds_a_point_too_many(db: Database) -> None:
    shop = await make_shop(db)
    await make_review(db, await make_product(db, shop))
    await standing(db, shop)
    await db.write(system("thief"), lambda tx: tx.execute("update reviews.reputations set good = good + 1"))
    (fault, _) = await db.read(audit_reputations)  # the buyer has one too
    assert (fault.expected, fault.found) == ("1 reviews, 1 points", "2 reviews, 2 points")


async def test_a_small_shop_is_drawn_towards_its_category_not_the_whole_market(db: Database) -> None:
    await make_categories(db)
    slug, other = await db.read(
        lambda r: r.rows("select slug from catalog.categories where parent is not null order by slug limit 2")
    )
    bad, good, new = [await make_shop(db, name=name) for name in ("Bad", "Good", "New")]
    for shop, category, stars in ((bad, other["slug"], 1), (good, slug["slug"], 5)):
        product = await make_product(db, shop, stock=None, category=category)
        for _ in range(12):
            await write(db, await received_order(db, product), ReviewDraft(stars), scores=Scores(stars, stars, stars))
    await let_news_travel(db)
    await rescore_all(db)
    newcomer = await make_product(db, new, category=slug["slug"])
    await write(db, await received_order(db, newcomer), ReviewDraft(3), scores=Scores(3, 3, 3))
    await let_news_travel(db)
    scores = (await shop_now(db, new.id)).scores
    assert scores is not None
    category = round((12 * 500 + 10 * 300) / 22)  # twelve fives, drawn towards the market's three
    assert scores.described == pytest.approx((300 + 10 * category) / 11, abs=1)
    assert scores.count == 1


async def test_scores_are_kept_day_by_day_and_once_a_day(db: Database) -> None:
    shop = await make_shop(db)
    product = await make_product(db, shop, stock=None)
    await make_review(db, product, stars=5)
    await let_news_travel(db)
    await rescore_all(db)
    await rescore_all(db)
    db.clock.move(timedelta(days=1))
    await make_review(db, product, stars=1)
    await let_news_travel(db)
    await rescore_all(db)
    _, points = await db.read(lambda r: get_standing_with_history(r, shop.id))
    assert [(point.n, point.points) for point in points] == [(1, 1), (2, 0)]
    assert points[0].mean > points[1].mean
    db.clock.move(timedelta(days=400))
    await rescore_all(db)
    assert (await db.read(lambda r: get_standing_with_history(r, shop.id)))[1] == []
    assert await db.read(lambda r: r.value("select count(*) from reviews.score_history")) == 0


async def test_a_verified_person_finds_a_review_helpful_once_and_takes_it_back(db: Database) -> None:
    product = await make_product(db, await make_shop(db), stock=None)
    review = await make_review(db, product)
    voter, _ = who = await verified_buyer(db)
    with pytest.raises(NotVerified):
        await db.write(person(voter), lambda tx: find_helpful(tx, voter, review.id))
    await received_order(db, product, buyer=who)
    for _ in range(2):
        assert await db.write(person(voter), lambda tx: find_helpful(tx, voter, review.id)) == 1
    assert await db.write(person(voter), lambda tx: take_helpful_back(tx, voter, review.id)) == 0
    assert await db.write(person(voter), lambda tx: take_helpful_back(tx, voter, review.id)) == 0
    assert await db.read(audit_reviews) == []


async def test_nobody_votes_for_the_own_review_the_own_shop_or_what_is_hidden(db: Database) -> None:
    owner = await make_owner(db)
    product = await make_product(db, await make_shop(db, owner), stock=None)
    review = await make_review(db, product)
    for who in (PersonId(review.buyer_id), owner):
        with pytest.raises(OwnReview):
            await db.write(person(who), lambda tx, who=who: find_helpful(tx, who, review.id))
    order = await received_order(db, product)
    (hidden,) = await write(db, order, ReviewDraft(5), hidden=True)
    voter = (await verified_buyer(db))[0]
    with pytest.raises(ReviewNotFound):
        await db.write(person(voter), lambda tx: find_helpful(tx, voter, hidden))
    assert (await review_now(db, review.id)).helpful == 0


async def test_what_the_desk_takes_away_leaves_a_note_and_counts_no_more(db: Database) -> None:
    shop = await make_shop(db)
    product = await make_product(db, shop, stock=None)
    review = await make_review(db, product, stars=1, words="Paid to say so")
    await make_review(db, product, stars=5)
    await let_news_travel(db)
    clerk = await desk_clerk(db)
    with pytest.raises(Invalid):
        await db.write(clerk, lambda tx: remove_review(tx, review.id, " "))
    await db.write(clerk, lambda tx: remove_review(tx, review.id, "Written by somebody paid for it."))
    with pytest.raises(ReviewRemoved):
        await db.write(clerk, lambda tx: remove_review(tx, review.id, "Again"))
    gone = await review_now(db, review.id)
    assert (gone.words, gone.removed_why) == ("", "Written by somebody paid for it.")
    assert await standing(db, shop) == Standing(1, 0, 0)
    assert (await db.read(lambda r: get_spread(r, product.id))).counts == (0, 0, 0, 0, 1)
    scores = (await shop_now(db, shop.id)).scores
    assert scores is not None
    assert (scores.described, scores.count) == (500, 1)
    listed = await db.read(lambda r: list_reviews(r, product.id))
    assert len(listed.items) == 2, "the note stands in its place"
    assert len((await db.read(lambda r: get_glance(r, product.id))).reviews) == 1
    buyer = PersonId(review.buyer_id)
    with pytest.raises(ChangeOver):
        await db.write(person(buyer), lambda tx: change_review(tx, buyer, review.id, stars=5, words=""))
    assert await db.read(audit_reviews) == []


async def test_only_staff_that_is_neither_side_takes_reviews_away(db: Database) -> None:
    owner = await make_owner(db)
    review = await make_review(db, await make_product(db, await make_shop(db, owner)))
    with pytest.raises(NotAllowed):
        await db.write(person(owner), lambda tx: remove_review(tx, review.id, "I do not like it"))
    for side in (owner, PersonId(review.buyer_id)):
        with pytest.raises(OwnReview):
            await db.write(person(side, is_staff=True), lambda tx: remove_review(tx, review.id, "Mine"))
    assert (await review_now(db, review.id)).removed_at is None
