"""Reviews, by API: of a product, of an order; a change of mind, something added, the shop's answer."""

import re
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, Invalid, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_files
from fairground.kit.images import PictureTrouble
from fairground.kit.storage import Storage
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import ProductId, VariantId
from fairground.market.media.actions import add_picture, store_picture
from fairground.market.media.model import MediaId
from fairground.market.orders.model import OrderId
from fairground.market.orders.queries.orders import get_order, map_lines
from fairground.market.reviews.actions.afterwards import answer_review, change_review, follow_up
from fairground.market.reviews.actions.writing import write_reviews
from fairground.market.reviews.model import STARS, Review, ReviewDraft, ReviewId, Scores, Spread
from fairground.market.reviews.queries import get_review, get_spread, list_reviews, what_to_review
from fairground.market.shops.model import ShopId

NO_LINE: Final = -1  # names a line that no order has, so that the field is refused as any unknown one
_LISTED: Final = re.compile(r"^/reviews/\d+/")


class LineReview(msgspec.Struct):
    """Stars, words and pictures for one line, named by its id or its variant; for all lines left where neither is."""

    stars: int
    words: str = ""
    pictures: list[MediaId] = []
    line_id: str | None = None
    variant_id: VariantId | None = None


class ScoresBody(msgspec.Struct):
    """Three scores for the shop, 1…5 each."""

    described: int
    service: int
    shipping: int


class NewReviews(msgspec.Struct):
    """Reviews of an order's lines; or, in short, `stars` and `words` for every line not reviewed yet."""

    reviews: list[LineReview] | None = None
    stars: int | None = None
    words: str = ""
    pictures: list[MediaId] = []
    line_id: str | None = None
    variant_id: VariantId | None = None
    scores: ScoresBody | None = None


class ChangedReview(msgspec.Struct):
    """What the buyer thinks now."""

    stars: int
    words: str = ""


class Words(msgspec.Struct):
    """Words of a buyer or a shop."""

    words: str


class Added(msgspec.Struct):
    """What was added later, or answered."""

    words: str
    at: datetime


class ReviewView(msgspec.Struct):
    """A review; `name` is the first sign of the buyer's, empty once the account is closed.

    Nobody but its buyer reads it before `visible_at`: until both sides wrote, or the window ended. Of one that the
    market took away `removed` says why and when.
    """

    id: ReviewId
    product_id: ProductId
    shop_id: ShopId
    title: str
    options: dict[str, str]
    name: str
    stars: int
    words: str
    language: str
    pictures: list[MediaId]
    written_at: datetime
    changed_at: datetime | None
    more: Added | None
    answer: Added | None
    visible_at: datetime
    helpful: int
    removed: Added | None


class SpreadView(msgspec.Struct):
    """How many reviews gave how many stars, from one to five; the average is null without reviews."""

    average: float | None
    total: int
    stars: list[int]
    with_pictures: int


class Reviews(msgspec.Struct):
    """Reviews of a product, the newest first."""

    items: list[ReviewView]
    next: str | None
    spread: SpreadView


class Written(msgspec.Struct):
    """The reviews just written."""

    items: list[ReviewView]


class ToReview(msgspec.Struct):
    """A received order with so many lines still to review."""

    order_id: OrderId
    shop_id: ShopId
    lines: int
    until: datetime


class AllToReview(msgspec.Struct):
    """What may still be reviewed, what ends first in front."""

    items: list[ToReview]
    next: str | None = None


class Picture(msgspec.Struct):
    """An uploaded picture."""

    id: MediaId


@post("/api/v1/orders/{order_id:str}/reviews", tags=["Reviews"])
async def create_reviews(
    order_id: FromPath[str], data: JSONBody[NewReviews], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Written:
    """Review lines of a received order, and give its shop three scores."""
    buyer_id, wanted = PersonId(caller.need_person()), an_id(OrderId, order_id)
    scores = None if data.scores is None else Scores(data.scores.described, data.scores.service, data.scores.shipping)

    async def write(tx: Tx) -> list[Review]:
        drafts = await _drafts(tx, buyer_id, wanted, _bodies(data))
        ids = await write_reviews(tx, buyer_id, wanted, drafts, scores)
        return [await get_review(tx, review_id, buyer_id=buyer_id) for review_id in ids]

    try:
        return Written([review_view(review) for review in await db.write(caller.actor, write)])
    except Invalid as trouble:
        raise (_in_short(trouble) if data.reviews is None else trouble) from None


def _bodies(data: NewReviews) -> list[LineReview]:
    if data.reviews is not None:
        return data.reviews
    if data.stars is None:
        raise invalid("/stars", "required", N_("This is needed."))
    return [LineReview(data.stars, data.words, data.pictures, data.line_id, data.variant_id)]


async def _drafts(tx: Tx, buyer_id: PersonId, order_id: OrderId, bodies: list[LineReview]) -> list[ReviewDraft]:
    named = any(body.variant_id is not None for body in bodies)
    lines = (await map_lines(tx, [(await get_order(tx, order_id, buyer_id=buyer_id)).id]))[order_id] if named else ()
    positions = {line.variant_id: line.position for line in lines}
    return [
        ReviewDraft(
            body.stars,
            body.words,
            tuple(body.pictures),
            _position(body.line_id) if body.variant_id is None else positions.get(body.variant_id, NO_LINE),
        )
        for body in bodies
    ]


def _position(line_id: str | None) -> int | None:
    if line_id is None:
        return None
    return int(line_id) if line_id.isascii() and line_id.isdigit() and len(line_id) < 5 else NO_LINE


def _in_short(trouble: Invalid) -> Invalid:
    """Point to the fields of the short form, which has no list."""
    return Invalid(*(msgspec.structs.replace(e, pointer=_LISTED.sub("/", e.pointer)) for e in trouble.errors))


@get("/api/v1/products/{product_id:str}/reviews", tags=["Reviews"])
async def show_reviews(
    product_id: FromPath[str],
    db: NamedDependency[Database],
    stars: FromQuery[int | None] = None,
    pictures: FromQuery[bool] = False,
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Reviews:
    """List the reviews of a product, the newest first; with so many `stars`, or with `pictures` only."""
    wanted = an_id(ProductId, product_id)
    if stars is not None and stars not in STARS:
        raise invalid("/stars", "range", N_("Between 1 and 5 stars, please."))

    async def look(reader: Reader) -> Reviews:
        page = await list_reviews(reader, wanted, stars=stars, with_pictures=pictures, after=after, limit=limit)
        return Reviews([review_view(r) for r in page.items], page.next, spread_view(await get_spread(reader, wanted)))

    return await db.read(look)


@get("/api/v1/me/reviews/waiting", tags=["Reviews"])
async def show_waiting(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> AllToReview:
    """List the received orders that one may still review."""
    person_id = caller.need_person()
    waiting = await db.read(lambda reader: what_to_review(reader, person_id, limit=100))
    return AllToReview([ToReview(OrderId(w.order_id), ShopId(w.shop_id), w.lines, w.until) for w in waiting])


@patch("/api/v1/reviews/{review_id:str}", tags=["Reviews"])
async def patch_review(
    review_id: FromPath[str],
    data: JSONBody[ChangedReview],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> ReviewView:
    """Change a neutral or bad review; once, within thirty days."""
    buyer_id, wanted = PersonId(caller.need_person()), an_id(ReviewId, review_id)
    return review_view(
        await db.write(caller.actor, lambda tx: change_review(tx, buyer_id, wanted, stars=data.stars, words=data.words))
    )


@post("/api/v1/reviews/{review_id:str}/follow-up", tags=["Reviews"])
async def create_follow_up(
    review_id: FromPath[str], data: JSONBody[Words], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> ReviewView:
    """Add to a review what only time could tell; once, within half a year."""
    buyer_id, wanted = PersonId(caller.need_person()), an_id(ReviewId, review_id)
    return review_view(await db.write(caller.actor, lambda tx: follow_up(tx, buyer_id, wanted, data.words)))


@put("/api/v1/reviews/{review_id:str}/answer", tags=["Reviews"])
async def put_answer(
    review_id: FromPath[str], data: JSONBody[Words], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> ReviewView:
    """Answer a review for its shop, or change the answer while there is time."""
    caller.need_person()
    wanted = an_id(ReviewId, review_id)
    return review_view(await db.write(caller.actor, lambda tx: answer_review(tx, wanted, data.words)))


@post("/api/v1/me/pictures", tags=["Reviews"])
async def upload_picture(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Picture:
    """Upload a picture of one's own for a review (multipart, field `file`); everybody may see it."""
    person_id = PersonId(caller.need_person())
    files = await read_files(request, "file", at_most=1)
    if not files:
        raise invalid("/file", "required", N_("This is needed."))
    try:
        stored = await store_picture(storage, person_id, files[0][1], db.clock.now())
    except PictureTrouble as trouble:
        raise invalid("/file", trouble.code, trouble.message, **trouble.params) from trouble
    return Picture(await db.write(caller.actor, lambda tx: add_picture(tx, person_id, stored, is_public=True)))


def review_view(review: Review) -> ReviewView:
    """Show a review."""
    return ReviewView(
        review.id,
        ProductId(review.product_id),
        ShopId(review.shop_id),
        review.title,
        review.options,
        review.shown_name,
        review.stars,
        review.words,
        review.language,
        list(review.pictures),
        review.written_at,
        review.changed_at,
        None if review.more_at is None else Added(review.more_words, review.more_at),
        None if review.answered_at is None else Added(review.answer, review.answered_at),
        review.visible_at,
        review.helpful,
        None if review.removed_at is None else Added(review.removed_why, review.removed_at),
    )


def spread_view(spread: Spread) -> SpreadView:
    """Show a spread of stars."""
    average = None if spread.average is None else round(spread.average, 2)
    return SpreadView(average, spread.total, list(spread.counts), spread.with_pictures)


HANDLERS = (
    create_reviews, show_reviews, show_waiting, patch_review, create_follow_up, put_answer, upload_picture,
)  # fmt: skip
