"""Makers of reviews: somebody buys, pays, receives, and says what it was like."""

from contextlib import suppress
from typing import Any

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.market.accounts.model import Address, PersonId
from fairground.market.catalog.model import Product
from fairground.market.orders import jobs as orders_jobs
from fairground.market.orders import subscribers as orders_subscribers
from fairground.market.orders.model import Order
from fairground.market.reviews import jobs as reviews_jobs
from fairground.market.reviews import subscribers as reviews_subscribers
from fairground.market.reviews.actions.rating import rate_buyer
from fairground.market.reviews.actions.writing import write_reviews
from fairground.market.reviews.errors import BuyerRated
from fairground.market.reviews.model import Review, ReviewDraft, ReviewId, Scores, Verdict
from fairground.market.reviews.queries import get_review
from tests.support.orders import make_buyer, pay, place_order, receive, ship
from tests.support.shops import MARKET
from tests.support.world import pump

FIVE = Scores(5, 5, 5)
Buyer = tuple[PersonId, Address]


async def received_order(db: Database, *wanted: Product, buyer: Buyer | None = None, **request: Any) -> Order:
    """Buy one piece of each product, all of one shop, and receive it."""
    who = buyer or await make_buyer(db)
    order = await place_order(db, who, *((product, 1) for product in wanted), **request)
    return await receive(db, await ship(db, await pay(db, order)))


async def write(
    db: Database, order: Order, *drafts: ReviewDraft, scores: Scores | None = None, hidden: bool = False
) -> list[ReviewId]:
    """Review lines of an order as its buyer; the shop rates the buyer, so that both are shown, unless `hidden`."""
    buyer = PersonId(order.buyer_id)
    ids = await db.write(person(buyer), lambda tx: write_reviews(tx, buyer, order.id, drafts, scores))
    if not hidden:
        with suppress(BuyerRated):
            await rate(db, order)
    return ids


async def rate(db: Database, order: Order, verdict: Verdict = Verdict.GOOD, words: str = "") -> None:
    """Let the shop say what the buyer of an order was like."""
    await db.write(MARKET, lambda tx: rate_buyer(tx, order.shop_id, order.id, verdict, words))


async def make_review(db: Database, product: Product, *, stars: int = 5, **more: Any) -> Review:
    """Let somebody new buy a product and review it."""
    order = await received_order(db, product)
    (review_id,) = await write(db, order, ReviewDraft(stars, **more), scores=Scores(stars, stars, stars))
    return await review_now(db, review_id)


async def review_now(db: Database, review_id: ReviewId) -> Review:
    """Read a review again."""
    return await db.read(lambda r: get_review(r, review_id))


async def let_news_travel(db: Database) -> None:
    """Let orders and reviews hear each other."""
    hearers = [*orders_subscribers.subscribers(), *reviews_subscribers.subscribers()]
    await pump(db, hearers, [*orders_jobs.deadline_handlers(), *reviews_jobs.deadline_handlers()])


async def rows_of_reviews(db: Database) -> list[tuple[Any, ...]]:
    """Read all that a review leaves behind, to show that nothing changed."""
    found: list[tuple[Any, ...]] = []
    async with db.reader() as reader:
        found += [tuple(r) for r in await reader.rows("select * from reviews.reviews order by 1, 2")]
        found += [tuple(r) for r in await reader.rows("select * from reviews.written order by 1, 2, 3")]
        found += [tuple(r) for r in await reader.rows("select * from reviews.shop_scores order by 1, 2")]
    return found
