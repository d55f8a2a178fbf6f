"""Look at drops: one, a shop's, those that come; what a variant costs in one; the audit of their counters."""

from collections.abc import Iterable, Sequence

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.promotions.errors import DropNotFound
from fairground.market.promotions.model import DropFace, DropFault, DropGoods, DropId, DropOffer
from fairground.market.promotions.rows import drop_from, goods_from, room_from
from fairground.market.shops.model import ShopId

LIVE_MOST = 1_000  # announced drops that a board keeps in memory


async def get_drop(reader: Reader, drop_id: DropId) -> DropFace:
    """Get a drop with its goods.

    Raises:
        DropNotFound: there is none.
    """
    face = await find_drop(reader, drop_id)
    if face is None:
        raise DropNotFound
    return face


async def find_drop(reader: Reader, drop_id: DropId) -> DropFace | None:
    """Find a drop with its goods."""
    rows = await reader.rows(
        """
        select d.*, r.next_number, r.early, r.seed, r.opened_at
          from promotions.drops d left join promotions.drop_rooms r on r.bucket = d.bucket and r.drop_id = d.id
         where d.bucket = $1 and d.id = $2
        """,
        drop_id.bucket,
        drop_id,
    )
    faces = await _with_goods(reader, rows)
    return faces[0] if faces else None


async def list_shop_drops(
    reader: Reader, shop_id: ShopId, after: str | None = None, limit: int | None = None
) -> Page[DropFace]:
    """List all drops of a shop for its seller, the newest first."""
    size = page_size(limit)
    cursor = read_cursor(after, int)
    rows = await reader.rows(
        """
        select d.*, r.next_number, r.early, r.seed, r.opened_at
          from promotions.drops d left join promotions.drop_rooms r on r.bucket = d.bucket and r.drop_id = d.id
         where d.bucket = $1 and d.shop_id = $2 and ($3::bigint is null or d.id < $3)
         order by d.id desc limit $4
        """,
        shop_id.bucket,
        shop_id,
        cursor[0] if cursor else None,
        size + 1,
    )
    shown, more = cut(rows, size)
    return Page(await _with_goods(reader, shown), write_cursor(shown[-1]["id"]) if more else None)


async def list_coming_drops(reader: Reader, limit: int = 20) -> list[DropFace]:
    """List the announced drops that are open or still to come, what begins first first."""
    return await list_live_drops(reader, limit)


async def list_live_drops(reader: Reader, limit: int = LIVE_MOST) -> list[DropFace]:
    """List the announced drops that have not ended: what a board keeps in memory."""
    rows = await reader.rows(
        """
        select d.*, r.next_number, r.early, r.seed, r.opened_at
          from promotions.drops d left join promotions.drop_rooms r on r.bucket = d.bucket and r.drop_id = d.id
         where d.announced_at is not null and d.cancelled_at is null and d.ends_at > $1
         order by d.starts_at, d.id limit $2
        """,
        reader.now,
        limit,
    )
    return await _with_goods(reader, rows)


async def map_drop_prices(reader: Reader, variant_ids: Iterable[Id]) -> dict[Id, DropOffer]:
    """Map variants to the open drop that sells them now; those that are in none are left out."""
    wanted = sorted(set(variant_ids))
    rows = await reader.rows(
        """
        select d.*, g.variant_id, g.product_id, g.price, g.currency, g.quota, g.per_person, g.sold, g.turn,
               r.next_number, r.early, r.seed, r.opened_at
          from unnest($1::smallint[], $2::bigint[]) as t(b, v)
          join promotions.drop_goods g on g.bucket = t.b and g.variant_id = t.v and g.running
          join promotions.drops d on d.bucket = g.bucket and d.id = g.drop_id
          left join promotions.drop_rooms r on r.bucket = d.bucket and r.drop_id = d.id
         where d.announced_at is not null and d.cancelled_at is null and d.starts_at <= $3 and d.ends_at > $3
        """,
        [i.bucket for i in wanted],
        wanted,
        reader.now,
    )
    return {Id(row["variant_id"]): DropOffer(drop_from(row), goods_from(row), room_from(row)) for row in rows}


async def list_drop_buyers(reader: Reader, drop_id: DropId, variant_id: Id) -> list[Id]:
    """List everybody who ever got a piece of a variant in a drop, also those who gave it back."""
    rows = await reader.rows(
        "select person_id from promotions.drop_buyers where bucket = $1 and drop_id = $2 and variant_id = $3",
        drop_id.bucket,
        drop_id,
        variant_id,
    )
    return [Id(row["person_id"]) for row in rows]


async def _with_goods(reader: Reader, rows: Sequence[Row]) -> list[DropFace]:
    if not rows:
        return []
    found = await reader.rows(
        """
        select g.drop_id, g.variant_id, g.product_id, g.price, g.currency, g.quota, g.per_person, g.sold, g.turn
          from unnest($1::smallint[], $2::bigint[]) as t(b, i)
          join promotions.drop_goods g on g.bucket = t.b and g.drop_id = t.i
         order by g.drop_id, g.position
        """,
        [row["bucket"] for row in rows],
        [row["id"] for row in rows],
    )
    goods: dict[int, list[DropGoods]] = {}
    for row in found:
        goods.setdefault(row["drop_id"], []).append(goods_from(row))
    return [DropFace(drop_from(row), tuple(goods.get(row["id"], ())), room_from(row)) for row in rows]


async def audit_drops(reader: Reader) -> list[DropFault]:
    """Prove the counters of drops: pieces sold are those of the uses that stand, for each variant and each person.

    The quota and the limit of a person are constraints of the tables.
    """
    rows = await reader.rows(
        """
        with standing as (
          select bucket, drop_id, variant_id, person_id, sum(pieces)::bigint as pieces
            from promotions.drop_uses where returned_at is null group by 1, 2, 3, 4)
        select 'what a drop sold is in orders that stand' as what, g.drop_id, g.variant_id,
               coalesce(sum(s.pieces), 0)::bigint as expected, g.sold::bigint as found
          from promotions.drop_goods g
          left join standing s on s.bucket = g.bucket and s.drop_id = g.drop_id and s.variant_id = g.variant_id
         group by g.bucket, g.drop_id, g.variant_id, g.sold
        having coalesce(sum(s.pieces), 0) <> g.sold
        union all
        select 'what a person has of a drop is in their orders', coalesce(s.drop_id, b.drop_id),
               coalesce(s.variant_id, b.variant_id), coalesce(s.pieces, 0), coalesce(b.pieces, 0)
          from standing s full join promotions.drop_buyers b
            on b.bucket = s.bucket and b.drop_id = s.drop_id and b.variant_id = s.variant_id
           and b.person_id = s.person_id
         where coalesce(s.pieces, 0) <> coalesce(b.pieces, 0)
        union all
        select 'an order finds what it took of drops', coalesce(u.drop_id, o.drop_id),
               coalesce(u.variant_id, o.variant_id), (u.use_id is not null)::int, (o.use_id is not null)::int
          from (select * from promotions.drop_uses where returned_at is null) u full join promotions.drop_orders o
            on o.use_id = u.use_id and o.drop_id = u.drop_id and o.variant_id = u.variant_id
         where u.use_id is null or o.use_id is null
         limit 1000
        """
    )
    return [
        DropFault(row["what"], f"{row['drop_id']} {row['variant_id']}", str(row["expected"]), str(row["found"]))
        for row in rows
    ]
