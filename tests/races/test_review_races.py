"""Two tabs and one line, many buyers at once, a failure at each statement: written once, counted once."""

import asyncio

from fairground.kit.actor import person
from fairground.kit.db import Database, Tx
from fairground.kit.deadlines import list_deadlines
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.reviews.actions.asking import ask_question
from fairground.market.reviews.actions.helpful import find_helpful
from fairground.market.reviews.errors import AlreadyReviewed, TooManyQuestions
from fairground.market.reviews.model import ReviewDraft
from fairground.market.reviews.queries import audit_reviews, find_rating, get_spread, list_questions, list_reviews
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.reviews import (
    FIVE,
    let_news_travel,
    make_review,
    rate,
    received_order,
    review_now,
    rows_of_reviews,
    write,
)
from tests.support.shops import make_shop, shop_now
from tests.support.statements import StatementFailed, fail_at


async def test_of_many_tabs_one_reviews_a_line(wide_db: Database) -> None:
    product = await make_product(wide_db, await make_shop(wide_db))
    order = await received_order(wide_db, product)
    tries = [write(wide_db, order, ReviewDraft(1 + n % 5, position=1), scores=FIVE) for n in range(12)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(outcome, list) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, AlreadyReviewed) for outcome in outcomes) == 11
    await let_news_travel(wide_db)
    assert (await wide_db.read(lambda r: get_spread(r, product.id))).total == 1
    assert await wide_db.read(audit_reviews) == []


async def test_many_buyers_at_once_are_all_counted(wide_db: Database) -> None:
    shop = await make_shop(wide_db)
    product = await make_product(wide_db, shop, stock=None)
    orders = [await received_order(wide_db, product) for _ in range(10)]
    await asyncio.gather(*(write(wide_db, order, ReviewDraft(5), scores=FIVE) for order in orders))
    await asyncio.gather(let_news_travel(wide_db), let_news_travel(wide_db))
    assert (await wide_db.read(lambda r: get_spread(r, product.id))).counts == (0, 0, 0, 0, 10)
    scores = (await shop_now(wide_db, shop.id)).scores
    assert scores is not None
    assert scores.count == 10


async def test_wherever_writing_fails_nothing_is_left(db: Database) -> None:
    order = await received_order(db, await make_product(db, await make_shop(db)))
    failed = 0
    for n in range(50):
        try:
            with fail_at(n):
                await write(db, order, ReviewDraft(5, "Good", position=1), scores=FIVE, hidden=True)
        except StatementFailed:
            failed += 1
            assert await rows_of_reviews(db) == []
            continue
        break
    assert failed >= 8
    assert len(await rows_of_reviews(db)) == 3


async def test_both_sides_at_the_same_instant_are_both_shown(wide_db: Database) -> None:
    product = await make_product(wide_db, await make_shop(wide_db), stock=None)
    orders = [await received_order(wide_db, product) for _ in range(8)]
    await let_news_travel(wide_db)
    sides = [write(wide_db, order, ReviewDraft(4), scores=FIVE, hidden=True) for order in orders]
    await asyncio.gather(*sides, *(rate(wide_db, order) for order in orders))
    assert len((await wide_db.read(lambda r: list_reviews(r, product.id))).items) == 8
    for order in orders:
        assert await wide_db.read(lambda r, order=order: find_rating(r, order.id, as_shop=False)) is not None
        assert await wide_db.read(lambda r, order=order: list_deadlines(r, order.id)) == []
    await let_news_travel(wide_db)
    assert (await wide_db.read(lambda r: get_spread(r, product.id))).counts == (0, 0, 0, 8, 0)
    assert await wide_db.read(audit_reviews) == []


async def test_without_the_meeting_place_both_would_stay_hidden(wide_db: Database) -> None:
    """The race with its guard removed: each looks for the other before either has committed."""
    order = await received_order(wide_db, await make_product(wide_db, await make_shop(wide_db)))
    seen: list[bool] = []
    looked = asyncio.Barrier(2)

    async def blind(mark: str) -> None:
        async def look_then_write(tx: Tx) -> None:
            other = await tx.value("select exists (select 1 from reviews.invitations where order_id = $1)", order.id)
            await looked.wait()
            seen.append(bool(other))
            await tx.execute(
                """
                insert into reviews.invitations (bucket, order_id, buyer_id, shop_id, lines, until)
                values ($1, $2, $3, $4, 1, $5)
                """,
                0 if mark == "buyer" else 1,
                order.id,
                order.buyer_id,
                order.shop_id,
                tx.now,
            )

        await wide_db.write(person(order.buyer_id), look_then_write)

    await asyncio.gather(blind("buyer"), blind("shop"))
    assert seen == [False, False], "neither saw the other, so nobody would have shown anything"


async def test_many_votes_at_once_are_all_counted(wide_db: Database) -> None:
    product = await make_product(wide_db, await make_shop(wide_db), stock=None)
    review = await make_review(wide_db, product)
    voters = [await make_person(wide_db, f"Voter {n}") for n in range(6)]
    for voter in voters:
        wish = AddressWish("Lin", "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", ["文三路 1 号"], "310000")
        home = await wide_db.write(person(voter.id), lambda tx, voter=voter, wish=wish: add_address(tx, voter.id, wish))
        await received_order(wide_db, product, buyer=(voter.id, home))
    votes = [
        wide_db.write(person(voter.id), lambda tx, voter=voter: find_helpful(tx, voter.id, review.id))
        for voter in voters * 3
    ]
    await asyncio.gather(*votes)
    assert (await review_now(wide_db, review.id)).helpful == 6
    assert await wide_db.read(audit_reviews) == []


async def test_questions_at_the_same_instant_fill_the_day_and_no_more(wide_db: Database) -> None:
    product = await make_product(wide_db, await make_shop(wide_db))
    asker = (await make_person(wide_db, "Hua")).id
    tries = [
        wide_db.write(person(asker), lambda tx, n=n: ask_question(tx, asker, product.id, f"Question {n}?"))
        for n in range(12)
    ]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(outcome, TooManyQuestions) for outcome in outcomes) == 7
    assert len((await wide_db.read(lambda r: list_questions(r, product.id))).items) == 5
