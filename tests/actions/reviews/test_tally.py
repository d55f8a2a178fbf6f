"""What reviews add up to: stars of products, scores of shops, nobody's name."""

from datetime import timedelta
from pathlib import Path

import pytest

from fairground.kit.actor import person, system
from fairground.kit.db import Database
from fairground.market.accounts.actions.closing import close_account
from fairground.market.accounts.model import PersonId
from fairground.market.media.queries import map_pictures
from fairground.market.reviews.actions.afterwards import change_review
from fairground.market.reviews.actions.inviting import forget_buyer
from fairground.market.reviews.actions.tally import tally_reviews
from fairground.market.reviews.jobs import forget_all, rescore_all
from fairground.market.reviews.model import ReviewDraft, Scores
from fairground.market.reviews.queries import audit_reviews, get_glance, get_spread, list_reviews
from fairground.market.shops.model import ShopScores
from fairground.market.shops.queries import map_shops
from tests.support.catalog import make_product, product_now
from tests.support.media import make_picture, make_storage
from tests.support.orders import make_buyer
from tests.support.reviews import let_news_travel, make_review, received_order, review_now, write
from tests.support.shops import make_shop, shop_now


async def test_stars_reach_the_product(db: Database) -> None:
    product = await make_product(db, await make_shop(db))
    for stars in (5, 5, 2):
        await make_review(db, product, stars=stars)
    await let_news_travel(db)
    spread = await db.read(lambda r: get_spread(r, product.id))
    assert spread.counts == (0, 1, 0, 0, 2)
    now = await product_now(db, product.id)
    assert (now.rating_sum, now.rating_count) == (12, 3)
    assert await db.read(audit_reviews) == []


async def test_a_change_of_mind_moves_its_stars_and_is_counted_once(db: Database) -> None:
    product = await make_product(db, await make_shop(db))
    review = await make_review(db, product, stars=1)
    await let_news_travel(db)
    who = PersonId(review.buyer_id)
    await db.write(person(who), lambda tx: change_review(tx, who, review.id, stars=4, words=""))
    await let_news_travel(db)
    for _ in range(2):  # heard twice
        await db.write(system("again"), lambda tx: tally_reviews(tx, [review.id]))
    assert (await db.read(lambda r: get_spread(r, product.id))).counts == (0, 0, 0, 1, 0)
    assert (await product_now(db, product.id)).rating_sum == 4
    assert await db.read(audit_reviews) == []


async def test_the_audit_finds_a_star_too_many(db: Database) -> None:
    product = await make_product(db, await make_shop(db))
    await make_review(db, product)
    await let_news_travel(db)
    await db.write(system("thief"), lambda tx: tx.execute("update reviews.product_stars set five = five + 1"))
    (fault,) = await db.read(audit_reviews)
    assert (fault.where, fault.expected, fault.found) == (
        f"product {product.id}",
        "1 reviews, 5 stars",
        "2 reviews, 10 stars",
    )


async def test_lists_are_filtered_and_paged(db: Database) -> None:
    product = await make_product(db, await make_shop(db))
    for stars in (5, 3, 5):
        await make_review(db, product, stars=stars)
        db.clock.move(timedelta(minutes=1))
    await let_news_travel(db)
    fives = await db.read(lambda r: list_reviews(r, product.id, stars=5))
    assert [review.stars for review in fives.items] == [5, 5]
    first = await db.read(lambda r: list_reviews(r, product.id, limit=2))
    rest = await db.read(lambda r: list_reviews(r, product.id, limit=2, after=first.next))
    assert [review.stars for review in (*first.items, *rest.items)] == [5, 3, 5]
    assert rest.next is None
    glance = await db.read(lambda r: get_glance(r, product.id, 2))
    assert (glance.spread.total, len(glance.reviews)) == (3, 2)
    other = await make_product(db, await make_shop(db, name="Next door"))
    assert (await db.read(lambda r: get_glance(r, other.id))).spread.total == 0


async def test_a_shop_is_scored_by_its_last_six_months(db: Database) -> None:
    shop = await make_shop(db)
    product = await make_product(db, shop)
    assert (await shop_now(db, shop.id)).scores is None
    await write(db, await received_order(db, product), ReviewDraft(5), scores=Scores(5, 4, 3))
    await write(db, await received_order(db, product), ReviewDraft(5), scores=Scores(4, 4, 4))
    await let_news_travel(db)
    assert (await shop_now(db, shop.id)).scores == ShopScores(450, 400, 350, 2)
    assert (await db.read(lambda r: map_shops(r, [shop.id])))[shop.id].scores == ShopScores(450, 400, 350, 2)
    db.clock.move(timedelta(days=183))
    await rescore_all(db)
    assert (await shop_now(db, shop.id)).scores is None


async def test_a_new_shop_is_drawn_towards_the_market(db: Database) -> None:
    old, new = await make_shop(db), await make_shop(db, name="Next door")
    await write(db, await received_order(db, await make_product(db, old)), ReviewDraft(5), scores=Scores(5, 5, 5))
    await let_news_travel(db)
    await rescore_all(db)
    await write(db, await received_order(db, await make_product(db, new)), ReviewDraft(1), scores=Scores(1, 1, 1))
    await let_news_travel(db)
    scores = (await shop_now(db, new.id)).scores
    assert scores is not None
    assert scores.described == pytest.approx((100 + 10 * 500) / 11, abs=1)


async def test_of_one_buyer_three_scores_a_month_count(db: Database) -> None:
    shop = await make_shop(db)
    product, friend = await make_product(db, shop, stock=None), await make_buyer(db, "Friend")
    for _ in range(5):
        order = await received_order(db, product, buyer=friend)
        await write(db, order, ReviewDraft(5), scores=Scores(5, 5, 5))
    await let_news_travel(db)
    scores = (await shop_now(db, shop.id)).scores
    assert scores is not None
    assert scores.count == 3
    db.clock.move(timedelta(days=20))  # July
    await write(db, await received_order(db, product, buyer=friend), ReviewDraft(5), scores=Scores(5, 5, 5))
    await let_news_travel(db)
    scores = (await shop_now(db, shop.id)).scores
    assert scores is not None
    assert scores.count == 4


async def test_scores_given_first_stay(db: Database) -> None:
    shop = await make_shop(db)
    order = await received_order(db, await make_product(db, shop), await make_product(db, shop, title="Cup"))
    await write(db, order, ReviewDraft(5, position=1), scores=Scores(5, 5, 5))
    await write(db, order, ReviewDraft(1, position=2), scores=Scores(1, 1, 1))
    await let_news_travel(db)
    assert (await shop_now(db, shop.id)).scores == ShopScores(500, 500, 500, 1)


async def test_who_leaves_takes_the_first_sign_of_the_name_along(db: Database) -> None:
    review = await make_review(db, await make_product(db, await make_shop(db)))
    await db.write(system("events"), lambda tx: forget_buyer(tx, review.buyer_id))
    assert (await review_now(db, review.id)).shown_name == ""


async def test_who_leaves_takes_the_pictures_along_and_the_words_stay(db: Database, tmp_path: Path) -> None:
    shop = await make_shop(db)
    product = await make_product(db, shop)
    order = await received_order(db, product)
    buyer, storage = PersonId(order.buyer_id), make_storage(tmp_path)
    shown, unused = [await make_picture(db, storage, buyer) for _ in range(2)]
    evidence = await make_picture(db, storage, buyer, is_public=False)
    (written,) = await write(db, order, ReviewDraft(4, "Lovely", pictures=(shown,)))
    await make_review(db, product, stars=5)
    await let_news_travel(db)
    assert (await db.read(lambda r: get_spread(r, product.id))).with_pictures == 1
    await db.write(person(buyer), lambda tx: close_account(tx, buyer, []))
    await let_news_travel(db)
    review = await review_now(db, written)
    assert (review.stars, review.words, review.shown_name, review.pictures) == (4, "Lovely", "", ())
    left = await db.read(lambda r: map_pictures(r, [shown, unused, evidence]))
    assert set(left) == {evidence}, "what only few may see is its room's to delete"
    assert (await db.read(lambda r: get_spread(r, product.id))).with_pictures == 0
    await db.write(system("events"), lambda tx: forget_buyer(tx, buyer))
    assert (await db.read(lambda r: get_spread(r, product.id))).with_pictures == 0, "twice is once"
    assert await db.read(audit_reviews) == []


async def test_invitations_are_forgotten_when_their_time_is_over(db: Database) -> None:
    await received_order(db, await make_product(db, await make_shop(db)))
    await let_news_travel(db)
    assert await forget_all(db) == 0
    db.clock.move(timedelta(days=15))
    assert await forget_all(db) == 2, "the invitation, and the place where both sides would have met"
