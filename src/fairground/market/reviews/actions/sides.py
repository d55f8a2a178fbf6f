"""Two sides write of an order, and neither reads the other before it wrote itself or the window ended.

One row of each order, in the shop's bucket, is where they meet: each side writes its mark there first, and so holds the
row until its commit. Of two at the same instant the second waits, then finds the other's mark and shows both.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from fairground.kit.db import Row, Tx
from fairground.kit.deadlines import Deadline, clear_deadlines, set_deadline
from fairground.kit.errors import N_
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.orders.model import Order, OrderId
from fairground.market.reviews.events import BuyerRatingShown, ReviewShown, ScoresGiven
from fairground.market.reviews.model import ReviewId

SHOW: Final = "reviews.show"
WHY: Final = N_("The time for reviewing ends, and what one side wrote is shown.")


class Side(StrEnum):
    """Who writes."""

    BUYER = "buyer"
    SHOP = "shop"


async def take_side(tx: Tx, order: Order, side: Side, ends_at: datetime) -> datetime:
    """Note that a side writes now; gives when it is shown: now if the other has written, else when the window ends."""
    both = await tx.value(
        """
        insert into reviews.sides as s (bucket, order_id, shop_id, buyer_id, ends_at, buyer_wrote_at, shop_wrote_at)
        values ($1, $2, $3, $4, $5, case when $6 = 'buyer' then $7::timestamptz end,
                case when $6 = 'shop' then $7::timestamptz end)
        on conflict (bucket, order_id) do update
           set buyer_wrote_at = coalesce(s.buyer_wrote_at, excluded.buyer_wrote_at),
               shop_wrote_at = coalesce(s.shop_wrote_at, excluded.shop_wrote_at)
        returning s.buyer_wrote_at is not null and s.shop_wrote_at is not null
        """,
        order.shop_id.bucket,
        order.id,
        order.shop_id,
        order.buyer_id,
        ends_at,
        side,
        tx.now,
    )
    if both:
        return tx.now
    await set_deadline(tx, SHOW, order.id, ends_at, WHY)
    return ends_at


async def show_order(tx: Tx, order_id: OrderId, shop_id: Id) -> None:
    """Show what both sides wrote of an order; safe to run twice."""
    await tx.execute(
        "update reviews.sides set shown_at = coalesce(shown_at, $3) where bucket = $1 and order_id = $2",
        shop_id.bucket,
        order_id,
        tx.now,
    )
    await _show_reviews(tx, order_id, shop_id)
    await _show_ratings(tx, order_id)
    await clear_deadlines(tx, [order_id], SHOW)


async def _show_reviews(tx: Tx, order_id: OrderId, shop_id: Id) -> None:
    reviews = await tx.rows(
        """
        update reviews.reviews set shown = true, visible_at = least(visible_at, $3), version = version + 1
         where bucket = $1 and order_id = $2 and not shown
        returning id, product_id, buyer_id, stars, version
        """,
        shop_id.bucket,
        order_id,
        tx.now,
    )
    await publish(tx, *(_shown(row, order_id, shop_id) for row in reviews))
    scores = await tx.execute(
        "update reviews.shop_scores set shown = true where bucket = $1 and order_id = $2 and not shown",
        shop_id.bucket,
        order_id,
    )
    if scores:
        await publish(tx, ScoresGiven(order_id=order_id, shop_id=shop_id))


def _shown(row: Row, order_id: OrderId, shop_id: Id) -> ReviewShown:
    return ReviewShown(
        review_id=ReviewId(row["id"]),
        shop_id=Id(shop_id),
        product_id=Id(row["product_id"]),
        order_id=order_id,
        buyer_id=Id(row["buyer_id"]),
        stars=row["stars"],
        version=row["version"],
    )


async def _show_ratings(tx: Tx, order_id: OrderId) -> None:
    row = await tx.row(
        """
        update reviews.buyer_ratings set shown = true, visible_at = least(visible_at, $3)
         where bucket = $1 and order_id = $2 and not shown returning buyer_id, shop_id
        """,
        order_id.bucket,
        order_id,
        tx.now,
    )
    if row is not None:
        shop_id, buyer_id = Id(row["shop_id"]), Id(row["buyer_id"])
        await publish(tx, BuyerRatingShown(order_id=order_id, shop_id=shop_id, buyer_id=buyer_id))


async def show_due(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    """Show what one side wrote of orders whose window has ended."""
    rows = await tx.rows(
        """
        select w.order_id, w.shop_id from reviews.written w
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on w.bucket = t.b and w.order_id = t.i
        union
        select r.order_id, r.shop_id from reviews.buyer_ratings r
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on r.bucket = t.b and r.order_id = t.i
        order by 2, 1
        """,
        [d.subject.bucket for d in deadlines],
        [d.subject for d in deadlines],
    )
    for row in rows:
        await show_order(tx, OrderId(row["order_id"]), Id(row["shop_id"]))
