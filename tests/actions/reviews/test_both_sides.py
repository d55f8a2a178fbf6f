"""Both sides write, and neither reads the other before both wrote or the window ended."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.market.accounts.model import PersonId
from fairground.market.orders.errors import OrderInWrongState, OrderNotFound
from fairground.market.orders.model import Order
from fairground.market.reviews.actions.afterwards import answer_review, change_review
from fairground.market.reviews.actions.rating import rate_buyer
from fairground.market.reviews.errors import BuyerRated, ReviewNotFound, ReviewWindowOver
from fairground.market.reviews.model import Review, ReviewDraft, ReviewId, Verdict
from fairground.market.reviews.queries import (
    audit_reviews,
    find_rating,
    get_review,
    get_spread,
    list_ratings_of,
    list_reviews,
    list_reviews_of_shop,
    list_to_rate,
)
from fairground.market.shops.errors import ShopNotFound
from tests.support.catalog import make_product
from tests.support.orders import make_buyer, pay, place_order, ship
from tests.support.reviews import FIVE, let_news_travel, rate, received_order, review_now, write
from tests.support.shops import make_owner, make_shop, shop_now


async def an_order(db: Database) -> Order:
    return await received_order(db, await make_product(db, await make_shop(db)))


async def hidden_review(db: Database) -> tuple[Order, ReviewId]:
    order = await an_order(db)
    (review_id,) = await write(db, order, ReviewDraft(2, "Lid is loose"), scores=FIVE, hidden=True)
    await let_news_travel(db)
    return order, review_id


async def read_as_buyer(db: Database, order: Order, review_id: ReviewId) -> Review:
    return await db.read(lambda r: get_review(r, review_id, buyer_id=order.buyer_id))


async def test_what_one_side_wrote_nobody_else_reads_and_nothing_counts(db: Database) -> None:
    order, review_id = await hidden_review(db)
    mine = await read_as_buyer(db, order, review_id)
    assert mine.words == "Lid is loose"
    assert (await db.read(lambda r: list_reviews(r, mine.product_id))).items == []
    assert (await db.read(lambda r: list_reviews_of_shop(r, order.shop_id))).items == []
    assert (await db.read(lambda r: get_spread(r, mine.product_id))).total == 0
    assert (await shop_now(db, order.shop_id)).scores is None
    with pytest.raises(ReviewNotFound):
        await review_now(db, review_id)
    owner = await db.read(lambda r: r.value("select person_id from shops.staff"))
    with pytest.raises(ReviewNotFound):
        await db.write(person(PersonId(owner)), lambda tx: answer_review(tx, review_id, "We saw it"))


async def test_once_both_wrote_both_are_shown_at_once(db: Database) -> None:
    order, review_id = await hidden_review(db)
    db.clock.move(timedelta(days=3))
    await rate(db, order, Verdict.NEUTRAL, "Asked a lot")
    review = await review_now(db, review_id)
    assert review.visible_at == db.clock.now()
    await let_news_travel(db)
    assert (await db.read(lambda r: get_spread(r, review.product_id))).counts == (0, 1, 0, 0, 0)
    scores = (await shop_now(db, order.shop_id)).scores
    assert scores is not None
    assert scores.count == 1
    (said,) = (await db.read(lambda r: list_ratings_of(r, order.buyer_id))).items
    assert (said.verdict, said.words) == (Verdict.NEUTRAL, "Asked a lot")
    assert await db.read(audit_reviews) == []


async def test_the_shop_may_write_first_and_the_buyer_reads_it_after_writing(db: Database) -> None:
    order = await an_order(db)
    await rate(db, order, Verdict.BAD, "Never answered")
    await let_news_travel(db)
    assert await db.read(lambda r: find_rating(r, order.id, as_shop=False)) is None
    assert (await db.read(lambda r: list_ratings_of(r, order.buyer_id))).items == []
    (review_id,) = await write(db, order, ReviewDraft(5), hidden=True)
    assert (await review_now(db, review_id)).stars == 5
    assert (await db.read(lambda r: find_rating(r, order.id, as_shop=False))) is not None


async def test_when_the_window_ends_silence_of_the_other_side_hides_nothing_to_the_second(db: Database) -> None:
    order, review_id = await hidden_review(db)
    assert order.received_at is not None
    ends_at = order.received_at + timedelta(days=15)
    db.clock.move(ends_at - db.clock.now() - timedelta(seconds=1))
    await let_news_travel(db)
    with pytest.raises(ReviewNotFound):
        await review_now(db, review_id)
    db.clock.move(timedelta(seconds=1))
    review = await review_now(db, review_id)
    assert review.visible_at == ends_at, "shown by the clock, before any job has run"
    await let_news_travel(db)
    assert (await db.read(lambda r: get_spread(r, review.product_id))).total == 1
    assert (await shop_now(db, order.shop_id)).scores is not None
    with pytest.raises(ReviewWindowOver):
        await rate(db, order)


async def test_a_change_of_mind_while_hidden_counts_once_shown(db: Database) -> None:
    order, review_id = await hidden_review(db)
    buyer = PersonId(order.buyer_id)
    await db.write(person(buyer), lambda tx: change_review(tx, buyer, review_id, stars=4, words="They sent another"))
    await let_news_travel(db)
    product_id = (await read_as_buyer(db, order, review_id)).product_id
    assert (await db.read(lambda r: get_spread(r, product_id))).total == 0
    await rate(db, order)
    await let_news_travel(db)
    assert (await db.read(lambda r: get_spread(r, product_id))).counts == (0, 0, 0, 1, 0)
    assert await db.read(audit_reviews) == []


async def test_a_line_reviewed_after_both_wrote_is_shown_at_once(db: Database) -> None:
    shop = await make_shop(db)
    order = await received_order(db, await make_product(db, shop), await make_product(db, shop, title="Cup"))
    await write(db, order, ReviewDraft(5, position=1))
    (second,) = await write(db, order, ReviewDraft(4, position=2), hidden=True)
    assert (await review_now(db, second)).stars == 4


async def test_a_shop_rates_a_buyer_once_and_only_its_own(db: Database) -> None:
    order, stranger = await an_order(db), await make_owner(db)
    other = await make_shop(db, stranger, name="Next door")
    with pytest.raises(ShopNotFound):
        await db.write(person(stranger), lambda tx: rate_buyer(tx, order.shop_id, order.id, Verdict.BAD))
    with pytest.raises(OrderNotFound):
        await db.write(person(stranger), lambda tx: rate_buyer(tx, other.id, order.id, Verdict.BAD))
    with pytest.raises(Invalid):
        await rate(db, order, words="x" * 501)
    await rate(db, order)
    with pytest.raises(BuyerRated):
        await rate(db, order, Verdict.BAD)
    rating = await db.read(lambda r: find_rating(r, order.id, as_shop=True))
    assert rating is not None
    assert rating.verdict is Verdict.GOOD


async def test_a_buyer_is_rated_after_receipt(db: Database) -> None:
    product = await make_product(db, await make_shop(db))
    order = await ship(db, await pay(db, await place_order(db, await make_buyer(db), (product, 1))))
    with pytest.raises(OrderInWrongState):
        await rate(db, order)


async def test_a_shop_finds_whom_it_may_rate_those_that_end_first(db: Database) -> None:
    product = await make_product(db, await make_shop(db), stock=None)
    first = await received_order(db, product)
    db.clock.move(timedelta(days=1))
    second = await received_order(db, product)
    await let_news_travel(db)
    await write(db, second, ReviewDraft(5), hidden=True)
    found = await db.read(lambda r: list_to_rate(r, first.shop_id, limit=1))
    assert [(one.order_id, one.buyer_wrote) for one in found.items] == [(first.id, False)]
    rest = await db.read(lambda r: list_to_rate(r, first.shop_id, after=found.next))
    assert [(one.order_id, one.buyer_wrote) for one in rest.items] == [(second.id, True)]
    await rate(db, first)
    db.clock.move(timedelta(days=15))
    assert (await db.read(lambda r: list_to_rate(r, first.shop_id))).items == []
