"""Two tabs and one line, many buyers at once, a failure at each statement: written once, counted once."""

import asyncio

from fairground.kit.db import Database
from fairground.market.reviews.errors import AlreadyReviewed
from fairground.market.reviews.model import ReviewDraft
from fairground.market.reviews.queries import audit_reviews, get_spread
from tests.support.catalog import make_product
from tests.support.reviews import FIVE, let_news_travel, received_order, rows_of_reviews, write
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
                await write(db, order, ReviewDraft(5, "Good", position=1), scores=FIVE)
        except StatementFailed:
            failed += 1
            assert await rows_of_reviews(db) == []
            continue
        break
    assert failed >= 8
    assert len(await rows_of_reviews(db)) == 3
