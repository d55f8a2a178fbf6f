"""What the market itself does about reviews: invite, forget."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from fairground.kit.db import Tx
from fairground.kit.ids import Id
from fairground.market.catalog.model import ProductId
from fairground.market.media.actions import delete_public_pictures_of
from fairground.market.orders.model import OrderId
from fairground.market.orders.queries.orders import map_lines, map_orders
from fairground.market.reviews.actions.tally import count_fewer_pictured
from fairground.market.reviews.model import ReviewId, ReviewRules


async def invite(tx: Tx, order_ids: Sequence[OrderId]) -> None:
    """Note received orders as waiting for the reviews of both sides; safe to run twice."""
    orders = await map_orders(tx, order_ids)
    lines = await map_lines(tx, list(orders))
    window = timedelta(days=tx.given(ReviewRules).window_days)
    rows = [(o, len(lines[o.id]), o.received_at + window) for o in orders.values() if o.received_at is not None]
    await tx.execute(
        """
        insert into reviews.invitations (bucket, order_id, buyer_id, shop_id, lines, until)
        select * from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[],
                             $6::timestamptz[]) as t(b, o, p, s, n, u)
        on conflict (bucket, order_id) do nothing
        """,
        [order.id.bucket for order, _, _ in rows],
        [order.id for order, _, _ in rows],
        [order.buyer_id for order, _, _ in rows],
        [order.shop_id for order, _, _ in rows],
        [n for _, n, _ in rows],
        [until for _, _, until in rows],
    )
    await tx.execute(
        """
        insert into reviews.sides (bucket, order_id, shop_id, buyer_id, ends_at)
        select * from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[])
               as t(b, o, s, p, u)
        on conflict (bucket, order_id) do nothing
        """,
        [order.shop_id.bucket for order, _, _ in rows],
        [order.id for order, _, _ in rows],
        [order.shop_id for order, _, _ in rows],
        [order.buyer_id for order, _, _ in rows],
        [until for _, _, until in rows],
    )
    await _note_owners(tx, {(line.product_id, o.buyer_id, o.received_at) for o, _, _ in rows for line in lines[o.id]})


async def _note_owners(tx: Tx, owners: Iterable[tuple[Id, Id, datetime | None]]) -> None:
    """Note who has what, so that some of them can be asked about it."""
    rows = sorted({(product, buyer): at for product, buyer, at in owners}.items())
    await tx.execute(
        """
        insert into reviews.owners (bucket, product_id, buyer_id, received_at)
        select * from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::timestamptz[]) as t(b, p, i, at)
        on conflict (bucket, product_id, buyer_id) do update set received_at = excluded.received_at
        """,
        [product.bucket for (product, _), _ in rows],
        [product for (product, _), _ in rows],
        [buyer for (_, buyer), _ in rows],
        [at for _, at in rows],
    )


async def forget_invitations(tx: Tx, limit: int = 2000) -> int:
    """Drop invitations whose time is over; gives how many."""
    return await tx.execute(
        """
        delete from reviews.invitations where (bucket, order_id) in (
          select bucket, order_id from reviews.invitations where until <= $1 order by until limit $2)
        """,
        tx.now,
        limit,
    )


async def forget_silent_sides(tx: Tx, limit: int = 2000) -> int:
    """Drop the meeting places of orders where nobody wrote in time; gives how many."""
    return await tx.execute(
        """
        delete from reviews.sides where (bucket, order_id) in (
          select bucket, order_id from reviews.sides
           where ends_at <= $1 and buyer_wrote_at is null and shop_wrote_at is null order by ends_at limit $2)
        """,
        tx.now,
        limit,
    )


async def forget_buyer(tx: Tx, person_id: Id) -> None:
    """Take the first sign of the name and the pictures off the reviews of somebody who left; the words stay.

    A picture may show a face or a home, so it goes with its owner; so does what shops said of them. Safe to run twice.
    """
    rows = await tx.rows(
        "select review_id from reviews.written where bucket = $1 and buyer_id = $2 order by review_id",
        person_id.bucket,
        person_id,
    )
    ids = [ReviewId(row["review_id"]) for row in rows]
    bare = await tx.rows(
        """
        with old as (
          select r.bucket, r.id, r.product_id, cardinality(r.pictures) > 0 and r.tallied is not null as counted
            from reviews.reviews r
            join unnest($1::smallint[], $2::bigint[]) as t(b, i) on r.bucket = t.b and r.id = t.i
           order by r.bucket, r.id for update of r)
        update reviews.reviews r set shown_name = '', pictures = '{}', more_pictures = '{}'
          from old where r.bucket = old.bucket and r.id = old.id
        returning old.product_id, old.counted
        """,
        [i.bucket for i in ids],
        ids,
    )
    await count_fewer_pictured(tx, Counter(ProductId(row["product_id"]) for row in bare if row["counted"]))
    await delete_public_pictures_of(tx, person_id)
    await tx.execute(
        "update reviews.buyer_ratings set words = '' where bucket = $1 and buyer_id = $2", person_id.bucket, person_id
    )
