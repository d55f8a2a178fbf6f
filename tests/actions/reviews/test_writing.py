"""Writing reviews: who, of what, when, once."""

from datetime import timedelta
from pathlib import Path

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.market.accounts.model import PersonId
from fairground.market.orders.errors import OrderInWrongState, OrderNotFound
from fairground.market.reviews.actions.writing import write_reviews
from fairground.market.reviews.errors import AlreadyReviewed, ReviewWindowOver
from fairground.market.reviews.model import ReviewDraft, Scores
from fairground.market.reviews.queries import export_reviews, list_reviews, list_reviews_of_buyer, what_to_review
from tests.support.catalog import make_product
from tests.support.media import make_picture, make_storage
from tests.support.orders import make_buyer, pay, place_order, ship
from tests.support.reviews import FIVE, let_news_travel, received_order, review_now, rows_of_reviews, write
from tests.support.shops import make_shop


async def test_a_buyer_reviews_each_line_of_a_received_order(db: Database) -> None:
    shop = await make_shop(db)
    pot, cup = await make_product(db, shop, title="Pot"), await make_product(db, shop, title="Cup")
    order = await received_order(db, pot, cup)
    drafts = ReviewDraft(5, "Pours <b>well</b>.", position=1), ReviewDraft(2, position=2)
    ids = await write(db, order, *drafts, scores=Scores(5, 4, 3))
    first, second = [await review_now(db, i) for i in ids]
    assert [first.position, second.position] == [1, 2]
    assert (first.stars, first.words, first.shown_name) == (5, "Pours <b>well</b>.", "M***")
    assert {first.title, second.title} == {"Pot", "Cup"}
    assert all(i.bucket == shop.id.bucket for i in ids)
    page = await db.read(lambda r: list_reviews(r, first.product_id))
    assert [review.id for review in page.items] == [first.id]


async def test_a_draft_without_a_line_speaks_of_all_that_is_left(db: Database) -> None:
    shop = await make_shop(db)
    products = [await make_product(db, shop, title=title) for title in ("Pot", "Cup", "Bowl")]
    order = await received_order(db, *products)
    await write(db, order, ReviewDraft(1, position=2))
    assert len(await write(db, order, ReviewDraft(5, "All fine"))) == 2
    with pytest.raises(AlreadyReviewed):
        await write(db, order, ReviewDraft(5))


async def test_a_line_is_reviewed_once(db: Database) -> None:
    order = await received_order(db, await make_product(db, await make_shop(db)))
    await write(db, order, ReviewDraft(3, position=1), scores=FIVE)
    before = await rows_of_reviews(db)
    with pytest.raises(AlreadyReviewed):
        await write(db, order, ReviewDraft(5, position=1))
    assert await rows_of_reviews(db) == before


async def test_only_received_orders_are_reviewed(db: Database) -> None:
    product = await make_product(db, await make_shop(db))
    order = await ship(db, await pay(db, await place_order(db, await make_buyer(db), (product, 1))))
    with pytest.raises(OrderInWrongState):
        await write(db, order, ReviewDraft(5))
    assert await rows_of_reviews(db) == []


async def test_a_stranger_finds_no_order_to_review(db: Database) -> None:
    order = await received_order(db, await make_product(db, await make_shop(db)))
    stranger, _ = await make_buyer(db, "Stranger")
    with pytest.raises(OrderNotFound):
        await db.write(person(stranger), lambda tx: write_reviews(tx, stranger, order.id, [ReviewDraft(1)]))
    assert await rows_of_reviews(db) == []


async def test_fifteen_days_after_receipt_the_window_is_over(db: Database) -> None:
    product = await make_product(db, await make_shop(db))
    late, just = await received_order(db, product), await received_order(db, product)
    db.clock.move(timedelta(days=15, seconds=-1))
    await write(db, just, ReviewDraft(4))
    db.clock.move(timedelta(seconds=1))
    with pytest.raises(ReviewWindowOver):
        await write(db, late, ReviewDraft(4))


async def test_everything_wrong_is_named_at_once_and_nothing_is_written(db: Database, tmp_path: Path) -> None:
    order = await received_order(db, await make_product(db, await make_shop(db)))
    somebody, _ = await make_buyer(db, "Somebody")
    foreign = await make_picture(db, make_storage(tmp_path), somebody)
    drafts = [
        ReviewDraft(6, "x" * 2001, (foreign,), position=1),
        ReviewDraft(0, position=77),
        ReviewDraft(3, position=1),
    ]
    with pytest.raises(Invalid) as caught:
        await write(db, order, *drafts)
    assert {(e.pointer, e.code) for e in caught.value.errors} == {
        ("/reviews/0/stars", "range"),
        ("/reviews/0/words", "too_long"),
        ("/reviews/0/pictures", "unknown"),
        ("/reviews/1/line_id", "unknown"),
        ("/reviews/1/stars", "range"),
        ("/reviews/2/line_id", "twice"),
    }
    with pytest.raises(Invalid) as caught:
        await write(db, order, ReviewDraft(5), scores=Scores(5, 0, 9))
    assert {e.pointer for e in caught.value.errors} == {"/scores/service", "/scores/shipping"}
    assert await rows_of_reviews(db) == []


async def test_pictures_are_the_buyers_own_public_ones(db: Database, tmp_path: Path) -> None:
    order = await received_order(db, await make_product(db, await make_shop(db)))
    storage = make_storage(tmp_path)
    shown = await make_picture(db, storage, order.buyer_id)
    hidden = await make_picture(db, storage, order.buyer_id, is_public=False)
    with pytest.raises(Invalid):
        await write(db, order, ReviewDraft(5, pictures=(hidden,)))
    (review_id,) = await write(db, order, ReviewDraft(5, pictures=(shown,)))
    review = await review_now(db, review_id)
    assert review.pictures == (shown,)
    page = await db.read(lambda r: list_reviews(r, review.product_id, with_pictures=True))
    assert len(page.items) == 1


async def test_a_received_order_waits_for_its_reviews_until_they_are_written(db: Database) -> None:
    shop = await make_shop(db)
    order = await received_order(db, await make_product(db, shop), await make_product(db, shop, title="Cup"))
    await let_news_travel(db)
    (waiting,) = await db.read(lambda r: what_to_review(r, order.buyer_id))
    assert (waiting.order_id, waiting.lines) == (order.id, 2)
    await write(db, order, ReviewDraft(5, position=1))
    (waiting,) = await db.read(lambda r: what_to_review(r, order.buyer_id))
    assert waiting.lines == 1
    await write(db, order, ReviewDraft(5, position=2))
    assert await db.read(lambda r: what_to_review(r, order.buyer_id)) == []


async def test_what_was_not_reviewed_in_time_is_not_asked_for(db: Database) -> None:
    order = await received_order(db, await make_product(db, await make_shop(db)))
    await let_news_travel(db)
    db.clock.move(timedelta(days=16))
    assert await db.read(lambda r: what_to_review(r, order.buyer_id)) == []


async def test_a_buyer_finds_what_they_wrote(db: Database) -> None:
    order = await received_order(db, await make_product(db, await make_shop(db)))
    (review_id,) = await write(db, order, ReviewDraft(5, "Good"))
    found = await db.read(lambda r: list_reviews_of_buyer(r, PersonId(order.buyer_id)))
    assert [review.id for review in found] == [review_id]


async def test_a_buyer_takes_along_what_they_wrote(db: Database) -> None:
    order = await received_order(db, await make_product(db, await make_shop(db)))
    (review_id,) = await write(db, order, ReviewDraft(4, "Good"))
    known = await db.read(lambda r: export_reviews(r, PersonId(order.buyer_id)))
    (review,) = known["reviews"]["written"]
    assert (review["id"], review["words"]) == (str(review_id), "Good")
