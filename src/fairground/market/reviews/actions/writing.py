"""A buyer reviews what was received: a review for each line, three scores for the shop."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.queries import get_person
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.media.model import MediaId
from fairground.market.media.queries import map_pictures
from fairground.market.orders.errors import OrderInWrongState
from fairground.market.orders.model import Order, OrderId, OrderLine, OrderState
from fairground.market.orders.queries.orders import get_order, map_lines
from fairground.market.reviews.actions.sides import Side, show_order, take_side
from fairground.market.reviews.errors import AlreadyReviewed, ReviewWindowOver
from fairground.market.reviews.events import ReviewWritten
from fairground.market.reviews.model import (
    STARS,
    ReviewDraft,
    ReviewId,
    ReviewRules,
    Scores,
    check_stars,
    check_words,
    may_review,
    shorten_name,
)
from fairground.market.reviews.queries import list_reviewed_lines, market_day


class _Ready(msgspec.Struct, frozen=True):
    """A draft that was checked, with the line it is about."""

    review_id: ReviewId
    line: OrderLine
    stars: int
    words: str
    pictures: list[MediaId]


async def write_reviews(
    tx: Tx, buyer_id: PersonId, order_id: OrderId, drafts: Sequence[ReviewDraft], scores: Scores | None = None
) -> list[ReviewId]:
    """Review lines of a received order, and give its shop three scores (the first ones given stay).

    Nobody else reads it before the shop has rated the buyer, or the window has ended.

    Raises:
        OrderNotFound: it is somebody else's.
        OrderInWrongState: it was not received.
        ReviewWindowOver, AlreadyReviewed
        Invalid: names each wrong field.
    """
    order = await get_order(tx, order_id, buyer_id=buyer_id)
    ends_at = _check_window(tx, order)
    lines = {line.position: line for line in (await map_lines(tx, [order_id]))[order_id]}
    done = set(await list_reviewed_lines(tx, order_id))
    ready = await _check(tx, buyer_id, order, _of_lines(drafts, lines, done), lines)
    _check_scores(scores)
    await _claim(tx, order, ready)
    visible_at = await take_side(tx, order, Side.BUYER, ends_at)
    await _insert(tx, order, ready, shorten_name((await get_person(tx, buyer_id)).name), visible_at)
    if scores is not None:
        await _give_scores(tx, order, scores, ready[0].line.product_id)
    await publish(
        tx,
        *(
            ReviewWritten(
                review_id=r.review_id,
                shop_id=order.shop_id,
                product_id=r.line.product_id,
                order_id=order_id,
                buyer_id=buyer_id,
                stars=r.stars,
                version=1,
            )
            for r in ready
        ),
    )
    if visible_at <= tx.now:
        await show_order(tx, order_id, order.shop_id)
    return [r.review_id for r in ready]


def _check_window(tx: Tx, order: Order) -> datetime:
    if order.state is not OrderState.RECEIVED or order.received_at is None:
        raise OrderInWrongState(state=str(order.state))
    rules = tx.given(ReviewRules)
    if not may_review(order.received_at, rules, tx.now):
        raise ReviewWindowOver(days=rules.window_days)
    return order.received_at + timedelta(days=rules.window_days)


def _of_lines(drafts: Sequence[ReviewDraft], lines: dict[int, OrderLine], done: set[int]) -> list[ReviewDraft]:
    """Spread a draft that names no line over the lines not reviewed yet."""
    named = {draft.position for draft in drafts} - {None}
    result: list[ReviewDraft] = []
    for draft in drafts:
        if draft.position is None:
            rest = [position for position in lines if position not in done | named]
            result += [msgspec.structs.replace(draft, position=position) for position in rest]
            done = done | set(rest)
        else:
            result.append(draft)
    if drafts and not result:
        raise AlreadyReviewed
    return result


async def _check(
    tx: Tx, buyer_id: PersonId, order: Order, drafts: Sequence[ReviewDraft], lines: dict[int, OrderLine]
) -> list[_Ready]:
    rules, findings = tx.given(ReviewRules), Findings()
    findings.check(bool(drafts), "/reviews", "required", N_("Please give stars to at least one thing."))
    pictures = await map_pictures(tx, [p for draft in drafts for p in draft.pictures])
    ready: list[_Ready] = []
    for i, draft in enumerate(drafts):
        at = f"/reviews/{i}"
        line = lines.get(-1 if draft.position is None else draft.position)
        findings.check(line is not None, f"{at}/line_id", "unknown", N_("The order has no such line."))
        twice = line is not None and draft.position in {other.position for other in drafts[:i]}
        findings.check(not twice, f"{at}/line_id", "twice", N_("This line stands here twice."))
        check_stars(findings, draft.stars, f"{at}/stars")
        words = check_words(findings, draft.words, f"{at}/words", rules.words_most)
        most = rules.pictures_most
        findings.check(
            len(draft.pictures) <= most, f"{at}/pictures", "too_many", N_("At most %(most)d pictures."), most=most
        )
        mine = all(p in pictures and pictures[p].owner_id == buyer_id and pictures[p].is_public for p in draft.pictures)
        findings.check(mine, f"{at}/pictures", "unknown", N_("We do not know one of these pictures."))
        if line is not None and not twice:
            review_id = tx.new_id(ReviewId, order.shop_id.bucket)
            ready.append(_Ready(review_id, line, draft.stars, words, list(draft.pictures)))
    findings.raise_any()
    return ready


def _check_scores(scores: Scores | None) -> None:
    findings = Findings()
    for name in () if scores is None else Scores.__struct_fields__:
        good = getattr(scores, name) in STARS
        findings.check(good, f"/scores/{name}", "range", N_("Between 1 and 5 stars, please."))
    findings.raise_any()


async def _claim(tx: Tx, order: Order, ready: list[_Ready]) -> None:
    # The key of the buyer's rows decides: of two tabs that review the same line the second is told so.
    claimed = await tx.execute(
        """
        insert into reviews.written (bucket, order_id, position, buyer_id, review_id, shop_id, written_at)
        select $1, $2, p, $3, r, $4, $5 from unnest($6::smallint[], $7::bigint[]) as t(p, r) order by p
        on conflict (bucket, order_id, position) do nothing
        """,
        order.id.bucket,
        order.id,
        order.buyer_id,
        order.shop_id,
        tx.now,
        [r.line.position for r in ready],
        [r.review_id for r in ready],
    )
    if claimed != len(ready):
        raise AlreadyReviewed


async def _insert(tx: Tx, order: Order, ready: list[_Ready], shown_name: str, visible_at: datetime) -> None:
    # One by one: arrays of arrays cannot be unnested row by row, and an order has few lines.
    await tx.many(
        """
        insert into reviews.reviews
               (bucket, id, shop_id, product_id, variant_id, order_id, position, buyer_id, title, options, shown_name,
                language, stars, words, pictures, written_at, visible_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        """,
        [
            (
                r.review_id.bucket,
                r.review_id,
                order.shop_id,
                r.line.product_id,
                r.line.variant_id,
                order.id,
                r.line.position,
                order.buyer_id,
                r.line.title,
                r.line.options,
                shown_name,
                order.language,
                r.stars,
                r.words,
                r.pictures,
                tx.now,
                visible_at,
            )
            for r in ready
        ],
    )


async def _give_scores(tx: Tx, order: Order, scores: Scores, product_id: Id) -> None:
    card = (await map_product_cards(tx, [ProductId(product_id)])).get(ProductId(product_id))
    await tx.execute(
        """
        insert into reviews.shop_scores
               (bucket, order_id, shop_id, buyer_id, described, service, shipping, given_at, day, category)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (bucket, order_id) do nothing
        """,
        order.shop_id.bucket,
        order.id,
        order.shop_id,
        order.buyer_id,
        scores.described,
        scores.service,
        scores.shipping,
        tx.now,
        market_day(tx),
        None if card is None else card.category,
    )
