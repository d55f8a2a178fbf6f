"""Reviewing an order: all its lines on one page, three scores for the shop; later a change of mind, something added."""

import re
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, FieldError, Invalid, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import form_of, read_files
from fairground.kit.i18n.words import gettext
from fairground.kit.images import PictureTrouble
from fairground.kit.storage import Storage
from fairground.market.accounts.model import PersonId
from fairground.market.media.actions import add_picture, store_picture
from fairground.market.media.model import StoredPicture
from fairground.market.orders.errors import OrderInWrongState
from fairground.market.orders.model import OrderId, OrderLine, OrderState
from fairground.market.orders.queries.orders import get_order, map_lines
from fairground.market.reviews.actions.afterwards import change_review, follow_up
from fairground.market.reviews.actions.writing import write_reviews
from fairground.market.reviews.errors import ReviewNotFound
from fairground.market.reviews.model import (
    BuyerRating,
    Review,
    ReviewDraft,
    ReviewId,
    ReviewRules,
    Scores,
    may_change,
    may_follow_up,
    may_review,
)
from fairground.market.reviews.queries import find_rating, find_scores, get_review, list_reviews_of_order
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.queries import map_shops
from fairground.web.render import go, page
from fairground.web.storefront.reviews import ReviewView, review_view
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]
SCORES: Final = ("described", "service", "shipping")
_LINE: Final = re.compile(r"reviews-(\d+)-(\w+)")


class LineView(msgspec.Struct, frozen=True):
    """A line of the order: still to review, or with its review and what may follow."""

    position: int
    title: str
    options: str
    picture: Any
    language: str
    review: ReviewView | None = None
    may_change: bool = False
    may_add: bool = False


class ReviewOrderView(msgspec.Struct, frozen=True):
    """The page: what is to review, what was reviewed; `asks_scores` while the shop has none with this order."""

    order_id: OrderId
    number: str
    shop: ShopCard
    todo: list[LineView]
    done: list[LineView]
    asks_scores: bool
    rules: ReviewRules
    said: BuyerRating | None


def _href(order_id: OrderId) -> str:
    return f"/orders/{order_id}/review"


@get("/orders/{order_id:str}/review", include_in_schema=False)
async def show_form(
    request: AnyRequest, order_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the lines of an order with a form for each that was not reviewed."""
    buyer_id, wanted = PersonId(caller.need_person()), an_id(OrderId, order_id)
    return await _page(request, db, buyer_id, wanted)


async def _page(
    request: AnyRequest,
    db: Database,
    buyer_id: PersonId,
    order_id: OrderId,
    *,
    errors: Told | None = None,
    values: dict[str, str] | None = None,
) -> Response[bytes]:
    view = await db.read(lambda reader: _look(reader, buyer_id, order_id))
    return page(
        request,
        "storefront/order/review.html",
        title=gettext("Review your order"),
        status=422 if errors else 200,
        view=view,
        errors=errors or Told(),
        values=values or {},
    )


async def _look(reader: Reader, buyer_id: PersonId, order_id: OrderId) -> ReviewOrderView:
    order = await get_order(reader, order_id, buyer_id=buyer_id)
    if order.state is not OrderState.RECEIVED or order.received_at is None:
        raise OrderInWrongState(state=str(order.state))
    rules, shop_id = reader.given(ReviewRules), ShopId(order.shop_id)
    lines = (await map_lines(reader, [order_id]))[order_id]
    reviews = {review.position: review for review in await list_reviews_of_order(reader, order_id, shop_id)}
    views = [_line(line, reviews.get(line.position), rules, reader) for line in lines]
    in_time = may_review(order.received_at, rules, reader.now)
    scored = await find_scores(reader, order_id, shop_id) is not None
    return ReviewOrderView(
        order_id,
        order.shown_number,
        (await map_shops(reader, [shop_id]))[shop_id],
        [view for view in views if view.review is None] if in_time else [],
        [view for view in views if view.review is not None],
        not scored,
        rules,
        await find_rating(reader, order_id, as_shop=False),
    )


def _line(line: OrderLine, review: Review | None, rules: ReviewRules, reader: Reader) -> LineView:
    return LineView(
        line.position,
        line.title,
        " ".join(line.options.values()),
        line.picture_id,
        line.language,
        None if review is None else review_view(review, reader.now),
        review is not None and may_change(review, rules, reader.now),
        review is not None and may_follow_up(review, rules, reader.now),
    )


@post("/orders/{order_id:str}/review", include_in_schema=False)
async def send_form(
    request: AnyRequest,
    order_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Write the reviews of the lines that were given stars."""
    buyer_id, wanted = PersonId(caller.need_person()), an_id(OrderId, order_id)
    form = await form_of(request)
    positions = _positions(form)
    # Before pictures are worked on: somebody else's order is not found, whatever is sent with it.
    await db.read(lambda reader: get_order(reader, wanted, buyer_id=buyer_id))
    try:
        scores, drafts = _scores(form), [_draft(form, position) for position in positions]
        pictures = await _store(request, db, storage, buyer_id, positions)

        async def write(tx: Tx) -> None:
            ready = []
            for draft in drafts:
                stored = pictures.get(draft.position or 0, [])
                ids = [await add_picture(tx, buyer_id, picture, is_public=True) for picture in stored]
                ready.append(msgspec.structs.replace(draft, pictures=tuple(ids)))
            await write_reviews(tx, buyer_id, wanted, ready, scores)

        await db.write(caller.actor, write)
    except Invalid as trouble:
        told = tell_fields(_by_position(trouble, positions))
        values = {key: value for key, value in form.items() if isinstance(value, str)}
        return await _page(request, db, buyer_id, wanted, errors=told, values=values)
    return go(request, _href(wanted), say=gettext("Thank you. Others will read it when they choose."))


def _positions(form: FormMultiDict) -> list[int]:
    """List the lines that were given something; a line left alone is no review."""
    touched = {
        int(found[1])
        for key, value in form.multi_items()
        if (found := _LINE.fullmatch(key))
        and found[2] in {"stars", "words"}
        and isinstance(value, str)
        and value.strip()
    }
    return sorted(touched)


def _draft(form: FormMultiDict, position: int) -> ReviewDraft:
    words = str(form.get(f"reviews-{position}-words") or "")
    return ReviewDraft(_number(form.get(f"reviews-{position}-stars")), words, position=position)


def _number(value: Any) -> int:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 3 else 0


def _scores(form: FormMultiDict) -> Scores | None:
    given = {name: _number(form.get(f"scores-{name}")) for name in SCORES}
    return Scores(**given) if any(given.values()) else None


async def _store(
    request: AnyRequest, db: Database, storage: Storage, buyer_id: PersonId, positions: list[int]
) -> dict[int, list[StoredPicture]]:
    """Put the pictures into the storage, before the transaction; those that get no row are swept away."""
    most = db.given(ReviewRules).pictures_most
    stored: dict[int, list[StoredPicture]] = {}
    for i, position in enumerate(positions):
        files = await read_files(request, f"reviews-{position}-pictures", at_most=99)
        if len(files) > most:
            raise invalid(f"/reviews/{i}/pictures", "too_many", N_("At most %(most)d pictures."), most=most)
        for _, data in files:
            try:
                stored.setdefault(position, []).append(await store_picture(storage, buyer_id, data, db.clock.now()))
            except PictureTrouble as trouble:
                pointer = f"/reviews/{i}/pictures"
                raise invalid(pointer, trouble.code, trouble.message, **trouble.params) from trouble
    return stored


def _by_position(trouble: Invalid, positions: list[int]) -> Invalid:
    """Say of which line of the order an error speaks: the action counts what it was given."""

    def moved(error: FieldError) -> FieldError:
        parts = error.pointer.split("/")
        if len(parts) > 2 and parts[1] == "reviews" and parts[2].isdigit() and int(parts[2]) < len(positions):
            parts[2] = str(positions[int(parts[2])])
        return msgspec.structs.replace(error, pointer="/".join(parts))

    return Invalid(*(moved(error) for error in trouble.errors))


@post("/orders/{order_id:str}/review/{review_id:str}/{deed:str}", include_in_schema=False)
async def send_later(
    request: AnyRequest,
    order_id: FromPath[str],
    review_id: FromPath[str],
    deed: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Change a review (`change`), or add to it (`more`)."""
    buyer_id, wanted, order = PersonId(caller.need_person()), an_id(ReviewId, review_id), an_id(OrderId, order_id)
    form, name = await form_of(request), f"{deed}-{wanted}"
    words = str(form.get(f"{name}-words") or "")

    async def write(tx: Tx) -> None:
        review = await get_review(tx, wanted, buyer_id=buyer_id)
        if review.order_id != order or deed not in {"change", "more"}:
            raise ReviewNotFound
        if deed == "change":
            await change_review(tx, buyer_id, wanted, stars=_number(form.get(f"{name}-stars")), words=words)
        else:
            await follow_up(tx, buyer_id, wanted, words)

    try:
        await db.write(caller.actor, write)
    except Invalid as trouble:
        told = Told({f"{name}-{field}": message for field, message in tell_fields(trouble).all})
        return await _page(request, db, buyer_id, order, errors=told, values={f"{name}-words": words})
    return go(request, _href(order), say=gettext("Your review says so now."))


HANDLERS = (show_form, send_form, send_later)
