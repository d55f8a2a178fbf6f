"""Reviews in a shop's rooms: what buyers say, and the shop's answer."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.market.reviews.actions.afterwards import answer_review
from fairground.market.reviews.errors import ReviewNotFound
from fairground.market.reviews.model import ReviewId, ReviewRules, may_answer_now
from fairground.market.reviews.policy import may_answer
from fairground.market.reviews.queries import count_unanswered, get_review, list_reviews_of_shop
from fairground.market.shops.model import ShopScores
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.storefront.reviews import ReviewView, review_view
from fairground.web.told import Told, tell_fields


class ReviewRow(msgspec.Struct, frozen=True):
    """A review, the order it is about, and whether the shop may (still) write its answer."""

    review: ReviewView
    product_href: str
    may_answer: bool


class SellerReviewsView(msgspec.Struct, frozen=True):
    """What buyers said; `tabs` is `[(href, label, count, current)]`."""

    rows: list[ReviewRow]
    tabs: list[tuple[str, str, int | None, bool]]
    scores: ShopScores | None
    href: str
    shows_all: bool
    next_href: str | None
    rules: ReviewRules


class AnswerForm(msgspec.Struct):
    """The shop's words."""

    words: str = ""
    shows_all: str | None = None


@get("/seller/{slug:str}/reviews", include_in_schema=False)
async def show_reviews(
    request: AnyRequest,
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    shows: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show the reviews that wait for an answer, or all of them."""
    return await _page(request, caller, db, slug, shows_all=shows == "all", after=after)


async def _page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    slug: str,
    *,
    shows_all: bool,
    after: str | None = None,
    errors: Told | None = None,
    values: dict[str, str] | None = None,
) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[Room, SellerReviewsView, int]:
        room = await enter_room(reader, caller, slug, may_answer)
        waiting = await count_unanswered(reader, room.shop.id)
        return room, await _look(reader, room, waiting, shows_all=shows_all, after=after), waiting

    room, view, waiting = await db.read(look)
    more: dict[str, Any] = {"view": view, "errors": errors or Told(), "values": values or {}}
    return seller_page(
        request,
        "reviews/page",
        room,
        title=gettext("Reviews of your goods"),
        status=422 if errors else 200,
        counts={"/reviews": waiting},
        **more,
    )


async def _look(reader: Reader, room: Room, waiting: int, *, shows_all: bool, after: str | None) -> SellerReviewsView:
    rules, href = reader.given(ReviewRules), f"{room.home}/reviews"
    page = await list_reviews_of_shop(reader, room.shop.id, unanswered=not shows_all, after=after)
    rows = [
        ReviewRow(review_view(review), f"/p/{review.product_id}", may_answer_now(review, rules, reader.now))
        for review in page.items
    ]
    tabs: list[tuple[str, str, int | None, bool]] = [
        (href, gettext("Waiting for your answer"), waiting, not shows_all),
        (f"{href}?shows=all", gettext("All"), None, shows_all),
        (f"{href}/buyers", gettext("Buyers to rate"), None, False),
    ]
    query = "shows=all&" if shows_all else ""
    next_href = f"{href}?{query}after={page.next}" if page.next else None
    return SellerReviewsView(rows, tabs, room.shop.scores, href, shows_all, next_href, rules)


@post("/seller/{slug:str}/reviews/{review_id:str}/answer", include_in_schema=False)
async def answer(
    request: AnyRequest,
    slug: FromPath[str],
    review_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Answer a review, or change the answer while there is time."""
    wanted, form = an_id(ReviewId, review_id), await read_form(request, AnswerForm)

    async def look(reader: Reader) -> Room:
        room = await enter_room(reader, caller, slug, may_answer)
        if (await get_review(reader, wanted)).shop_id != room.shop.id:
            raise ReviewNotFound
        return room

    room = await db.read(look)
    shows_all = form.shows_all is not None
    try:
        await db.write(caller.actor, lambda tx: answer_review(tx, wanted, form.words))
    except Invalid as trouble:
        told = Told({f"answer-{wanted}": words for _, words in tell_fields(trouble).all})
        values = {f"answer-{wanted}": form.words}
        return await _page(request, caller, db, slug, shows_all=shows_all, errors=told, values=values)
    back = f"{room.home}/reviews" + ("?shows=all" if shows_all else "")
    return go(request, back, say=gettext("Your answer stands beneath the review."))


HANDLERS = (show_reviews, answer)
