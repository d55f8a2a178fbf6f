"""Reviews as everybody reads them: how one is drawn, and the page with all of a product."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec.structs import replace

from fairground.kit.db import Database, Reader
from fairground.kit.errors import NotFound
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.i18n.words import gettext, ngettext
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.media.model import MediaId
from fairground.market.reviews.actions.helpful import find_helpful
from fairground.market.reviews.model import STARS, Review, ReviewId, Spread
from fairground.market.reviews.queries import get_review, get_spread, list_reviews
from fairground.web.render import go, page, part, wants_part

CLOTHS: Final = 10
PAGE: Final = 12


class Said(msgspec.Struct, frozen=True):
    """Something added or answered later."""

    text: str
    at: datetime


class ReviewView(msgspec.Struct, frozen=True):
    """One review as it is drawn; `bought` are the chosen options in one line."""

    id: ReviewId
    title: str
    name: str
    cloth: int
    stars: int
    at: datetime
    bought: str
    language: str
    text: str
    pictures: tuple[MediaId, ...]
    changed_at: datetime | None
    more: Said | None
    answer: Said | None
    helpful: int
    hidden_until: datetime | None
    removed: Said | None
    may_vote: bool = False


class ReviewsView(msgspec.Struct, frozen=True):
    """Reviews with their spread: `rows` is `[(label, n)]` from five stars down."""

    href: str
    average: float
    total: int
    rows: list[tuple[str, int]]
    items: list[ReviewView]


class AllReviewsView(msgspec.Struct, frozen=True):
    """The page with all reviews; `filters` is `[(href, label, count, current)]`."""

    product_href: str
    title: str
    reviews: ReviewsView
    filters: list[tuple[str, str, int, bool]]
    more_href: str | None


def _block(product_id: ProductId, spread: Spread, reviews: list[Review]) -> ReviewsView:
    rows = [(stars_label(stars), spread.counts[stars - 1]) for stars in reversed(STARS)]
    items = [replace(review_view(review), may_vote=review.removed_at is None) for review in reviews]
    return ReviewsView(f"/p/{product_id}/reviews", spread.average or 0.0, spread.total, rows, items)


def stars_label(stars: int) -> str:
    """Say how many stars."""
    return ngettext("%(count)s star", "%(count)s stars", stars) % {"count": stars}


def review_view(review: Review, now: datetime | None = None) -> ReviewView:
    """Show a review; with `now` also that it is still hidden from others."""
    return ReviewView(
        review.id,
        review.title,
        review.shown_name or gettext("Closed account"),
        int(review.buyer_id) % CLOTHS,
        review.stars,
        review.written_at,
        review.bought,
        review.language,
        review.words,
        review.pictures,
        review.changed_at,
        None if review.more_at is None else Said(review.more_words, review.more_at),
        None if review.answered_at is None else Said(review.answer, review.answered_at),
        review.helpful,
        None if now is None or review.visible_at <= now else review.visible_at,
        None if review.removed_at is None else Said(review.removed_why, review.removed_at),
    )


@get("/p/{product_id:str}/reviews", include_in_schema=False)
async def show_reviews(
    request: Request[Any, Any, Any],
    product_id: FromPath[str],
    db: NamedDependency[Database],
    stars: FromQuery[int | None] = None,
    pictures: FromQuery[bool] = False,
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show all reviews of a product; the further ones as a part."""
    wanted = an_id(ProductId, product_id)
    chosen = stars if stars in STARS else None
    view = await db.read(lambda reader: _look(reader, wanted, chosen, pictures, after))
    if wants_part(request) and after is not None:
        return part(request, "storefront/product/_review_list.html", view=view)
    title = gettext("Reviews of %(title)s") % {"title": view.title}
    return page(request, "storefront/product/reviews.html", title=title, view=view, public=True)


async def _look(
    reader: Reader, product_id: ProductId, stars: int | None, pictures: bool, after: str | None
) -> AllReviewsView:
    card = (await map_product_cards(reader, [product_id])).get(product_id)
    if card is None:
        raise NotFound
    spread = await get_spread(reader, product_id)
    found = await list_reviews(reader, product_id, stars=stars, with_pictures=pictures, after=after, limit=PAGE)
    block = _block(product_id, spread, found.items)
    filters = _filters(block.href, spread, stars, pictures)
    query = f"stars={stars}&" if stars else "pictures=true&" if pictures else ""
    more = f"{block.href}?{query}after={found.next}" if found.next else None
    return AllReviewsView(f"/p/{product_id}", card.title, block, filters, more)


def _filters(href: str, spread: Spread, stars: int | None, pictures: bool) -> list[tuple[str, str, int, bool]]:
    filters = [
        (href, gettext("All"), spread.total, stars is None and not pictures),
        (f"{href}?pictures=true", gettext("With pictures"), spread.with_pictures, pictures),
    ]
    return filters + [
        (f"{href}?stars={n}", stars_label(n), spread.counts[n - 1], stars == n)
        for n in reversed(STARS)
        if spread.counts[n - 1] or stars == n
    ]


@post("/reviews/{review_id:str}/helpful", include_in_schema=False)
async def vote_helpful(
    request: Request[Any, Any, Any],
    review_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Find a review helpful."""
    person_id, wanted = PersonId(caller.need_person()), an_id(ReviewId, review_id)
    review = await db.read(lambda reader: get_review(reader, wanted))
    await db.write(caller.actor, lambda tx: find_helpful(tx, person_id, wanted))
    return go(request, f"/p/{review.product_id}/reviews", say=gettext("Noted: this review helps."))


HANDLERS = (show_reviews, vote_helpful)
