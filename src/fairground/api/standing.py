"""How shops and buyers stand, by API: the ladder, scores day by day, what shops say of buyers, helpful votes."""

from datetime import date, datetime
from typing import Final, Literal

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.http.caller import Caller, an_id
from fairground.market.accounts.model import PersonId
from fairground.market.orders.errors import OrderNotFound
from fairground.market.orders.model import OrderId
from fairground.market.orders.queries.orders import get_order
from fairground.market.reviews.actions.helpful import find_helpful, take_helpful_back
from fairground.market.reviews.actions.rating import rate_buyer
from fairground.market.reviews.model import (
    BuyerRating,
    ReviewId,
    ReviewRules,
    ScorePoint,
    Standing,
    Verdict,
    Whose,
    level_of,
)
from fairground.market.reviews.queries import find_rating, get_standing, get_standing_with_history, list_ratings_of
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import get_shop_by_slug

Word = Literal["good", "neutral", "bad"]
_WORDS: Final[dict[Verdict, Word]] = {Verdict.GOOD: "good", Verdict.NEUTRAL: "neutral", Verdict.BAD: "bad"}
_VERDICTS: Final = {word: verdict for verdict, word in _WORDS.items()}


class NewRating(msgspec.Struct):
    """What a shop says of the buyer of a received order."""

    verdict: Word
    words: str = ""


class RatingView(msgspec.Struct):
    """What a shop said of a buyer, and from when both sides see it."""

    order_id: OrderId
    shop_id: ShopId
    verdict: Word
    words: str
    rated_at: datetime
    visible_at: datetime


class Ratings(msgspec.Struct):
    """What shops said, the latest first."""

    items: list[RatingView]
    next: str | None


class Ladder(msgspec.Struct):
    """Good ones less bad ones are points; `level` runs from 0 to 20."""

    good: int
    neutral: int
    bad: int
    points: int
    level: int


class DayView(msgspec.Struct):
    """Scores as they stood on a day, in stars, and how many buyers stood behind them."""

    day: date
    described: float
    service: float
    shipping: float
    n: int
    points: int


class ShopReputation(msgspec.Struct):
    """A shop's place on the ladder and its scores day by day, the oldest first."""

    ladder: Ladder
    days: list[DayView]


class Helpful(msgspec.Struct):
    """How many people find a review helpful."""

    helpful: int


@post("/api/v1/orders/{order_id:str}/buyer-rating", tags=["Reviews"])
async def create_rating(
    order_id: FromPath[str], data: JSONBody[NewRating], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> RatingView:
    """Say for the shop of a received order what its buyer was like; both sides see both at the same moment."""
    caller.need_person()
    wanted = an_id(OrderId, order_id)

    async def write(tx: Tx) -> BuyerRating | None:
        shop_id = (await get_order(tx, wanted)).shop_id
        try:
            await rate_buyer(tx, shop_id, wanted, _VERDICTS[data.verdict], data.words)
        except ShopNotFound:
            raise OrderNotFound from None
        return await find_rating(tx, wanted, as_shop=True)

    rating = await db.write(caller.actor, write)
    assert rating is not None, "it was just written"
    return rating_view(rating)


@get("/api/v1/me/reputation", tags=["Reviews"])
async def show_own(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Ladder:
    """Show one's own place on the ladder of buyers."""
    person_id = PersonId(caller.need_person())
    standing = await db.read(lambda reader: get_standing(reader, Whose.BUYER, person_id))
    return ladder_view(standing, db.given(ReviewRules))


@get("/api/v1/me/reputation/ratings", tags=["Reviews"])
async def show_ratings(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Ratings:
    """List what shops said of oneself, as far as it is shown."""
    person_id = PersonId(caller.need_person())
    page = await db.read(lambda reader: list_ratings_of(reader, person_id, after=after, limit=limit))
    return Ratings([rating_view(rating) for rating in page.items], page.next)


@get("/api/v1/shops/{slug:str}/reputation", tags=["Reviews"])
async def show_shop(slug: FromPath[str], db: NamedDependency[Database]) -> ShopReputation:
    """Show a shop's place on the ladder and its scores day by day."""

    async def look(reader: Reader) -> tuple[Standing, list[ScorePoint]]:
        shop = await get_shop_by_slug(reader, slug)
        return await get_standing_with_history(reader, shop.id)

    standing, days = await db.read(look)
    return ShopReputation(ladder_view(standing, db.given(ReviewRules)), [_day(point) for point in days])


@put("/api/v1/reviews/{review_id:str}/helpful", tags=["Reviews"])
async def put_helpful(
    review_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Helpful:
    """Find a review helpful; one vote of each verified person, none for one's own."""
    person_id, wanted = PersonId(caller.need_person()), an_id(ReviewId, review_id)
    return Helpful(await db.write(caller.actor, lambda tx: find_helpful(tx, person_id, wanted)))


@delete("/api/v1/reviews/{review_id:str}/helpful", status_code=200, tags=["Reviews"])
async def delete_helpful(
    review_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Helpful:
    """Take one's vote back."""
    person_id, wanted = PersonId(caller.need_person()), an_id(ReviewId, review_id)
    return Helpful(await db.write(caller.actor, lambda tx: take_helpful_back(tx, person_id, wanted)))


def rating_view(rating: BuyerRating) -> RatingView:
    """Show what a shop said of a buyer."""
    return RatingView(
        OrderId(rating.order_id),
        ShopId(rating.shop_id),
        _WORDS[rating.verdict],
        rating.words,
        rating.rated_at,
        rating.visible_at,
    )


def ladder_view(standing: Standing, rules: ReviewRules) -> Ladder:
    """Show a place on the ladder."""
    level = level_of(standing.points, rules.ladder)
    return Ladder(standing.good, standing.neutral, standing.bad, standing.points, level)


def _day(point: ScorePoint) -> DayView:
    return DayView(point.day, point.described / 100, point.service / 100, point.shipping / 100, point.n, point.points)


HANDLERS = (create_rating, show_own, show_ratings, show_shop, put_helpful, delete_helpful)
