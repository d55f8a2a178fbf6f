"""Reads of stock."""

from collections.abc import Iterable
from datetime import datetime

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.inventory.allot import in_lock_order
from fairground.market.inventory.errors import StockNotFound
from fairground.market.inventory.model import (
    Hold,
    InventoryRules,
    Move,
    MoveReason,
    Reservation,
    ReservationState,
    Stock,
    StockFault,
)


async def get_stock(reader: Reader, variant_id: Id) -> Stock:
    """Get the stock of one variant.

    Raises:
        StockNotFound: there is none.
    """
    row = await reader.row(
        "select * from inventory.stock where bucket = $1 and variant_id = $2", variant_id.bucket, variant_id
    )
    if row is None:
        raise StockNotFound()
    return stock_from(row)


async def map_stock(reader: Reader, variant_ids: Iterable[Id]) -> dict[Id, int | None]:
    """Map variants to their free pieces, None where not counted; one without stock is not in the answer."""
    ids = in_lock_order(variant_ids)
    rows = await reader.rows(
        """
        select s.variant_id, case when s.counted then s.on_hand end as on_hand
          from inventory.stock s join unnest($1::smallint[], $2::bigint[]) as t(bucket, id)
            on s.bucket = t.bucket and s.variant_id = t.id
        """,
        [i.bucket for i in ids],
        ids,
    )
    return {Id(row["variant_id"]): row["on_hand"] for row in rows}


async def list_low_stock(
    reader: Reader, owner_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[Stock]:
    """List a shop's variants at or below the low mark, the scarcest first."""
    size = page_size(limit)
    on_hand, variant_id = read_cursor(after, int, int) or (-1, 0)
    rows = await reader.rows(
        """
        select * from inventory.stock
         where bucket = $1 and owner_id = $2 and counted and on_hand <= $3 and (on_hand, variant_id) > ($4, $5)
         order by on_hand, variant_id limit $6
        """,
        owner_id.bucket,
        owner_id,
        reader.given(InventoryRules).low_stock,
        on_hand,
        variant_id,
        size + 1,
    )
    found, more = cut(rows, size)
    last = found[-1] if more else None
    return Page([stock_from(row) for row in found], last and write_cursor(last["on_hand"], last["variant_id"]))


async def list_moves(
    reader: Reader, variant_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[Move]:
    """List the moves of a variant, the latest first."""
    size = page_size(limit)
    (number,) = read_cursor(after, int) or (None,)
    rows = await reader.rows(
        """
        select * from inventory.moves
         where bucket = $1 and variant_id = $2 and ($3::int is null or number < $3)
         order by number desc limit $4
        """,
        variant_id.bucket,
        variant_id,
        number,
        size + 1,
    )
    found, more = cut(rows, size)
    return Page([move_from(row) for row in found], write_cursor(found[-1]["number"]) if more else None)


async def map_held(reader: Reader, variant_ids: Iterable[Id]) -> dict[Id, int]:
    """Map variants to the pieces held for unpaid claims; nothing held is 0."""
    ids = in_lock_order(variant_ids)
    rows = await reader.rows(
        """
        select r.variant_id, sum(r.quantity)::int as held
          from inventory.reservations r join unnest($1::smallint[], $2::bigint[]) as t(bucket, id)
            on r.bucket = t.bucket and r.variant_id = t.id
         where r.state = 'held' group by r.variant_id
        """,
        [i.bucket for i in ids],
        ids,
    )
    held = {Id(row["variant_id"]): int(row["held"]) for row in rows}
    return {i: held.get(i, 0) for i in ids}


async def list_held_since(
    reader: Reader, buckets: tuple[int, int], before: datetime, *, limit: int = 500
) -> list[Reservation]:
    """List reservations held since before a moment, the oldest first: the sweep asks whose claims are gone."""
    rows = await reader.rows(
        """
        select * from inventory.reservations
         where bucket between $1 and $2 and state = 'held' and taken_at < $3 order by taken_at limit $4
        """,
        *buckets,
        before,
        limit,
    )
    return [reservation_from(row) for row in rows]


async def map_reservations(reader: Reader, holds: Iterable[Hold]) -> dict[Hold, Reservation]:
    """Map pairs of (claim, variant) to what was taken for them; uncounted stock has no reservations."""
    pairs = sorted(set(holds), key=lambda hold: (hold[1].bucket, hold))
    rows = await reader.rows(
        """
        select r.* from inventory.reservations r join unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, c, v)
            on r.bucket = t.b and r.claim_id = t.c and r.variant_id = t.v
        """,
        [variant_id.bucket for _, variant_id in pairs],
        [claim_id for claim_id, _ in pairs],
        [variant_id for _, variant_id in pairs],
    )
    return {(Id(row["claim_id"]), Id(row["variant_id"])): reservation_from(row) for row in rows}


async def audit_stock(reader: Reader, *, limit: int = 100) -> list[StockFault]:
    """Find stock that is not the sum of its moves, gaps between moves, and reservations without their moves."""
    rows = await reader.rows(
        """
        with sums as (
          select bucket, variant_id, sum(quantity) as total, count(*) as moves, max(number) as last
            from inventory.moves group by bucket, variant_id),
        chain as (
          select bucket, variant_id, number, balance,
                 coalesce(lag(balance) over (partition by bucket, variant_id order by number), 0) + quantity as expected
            from inventory.moves)
        select s.variant_id, 'stock is the sum of its moves' as what, coalesce(m.total, 0) as expected,
               s.on_hand::bigint as found
          from inventory.stock s left join sums m using (bucket, variant_id) where s.on_hand <> coalesce(m.total, 0)
        union all
        select s.variant_id, 'moves are numbered without a gap', s.version, coalesce(m.last, 0)
          from inventory.stock s left join sums m using (bucket, variant_id)
         where s.version <> coalesce(m.moves, 0) or s.version <> coalesce(m.last, 0)
        union all
        select variant_id, 'each balance follows from the one before', expected, balance
          from chain where balance <> expected
        union all
        select r.variant_id, 'a reservation has its moves',
               case when r.state = 'returned' then 0 else -r.quantity end, coalesce(sum(m.quantity), 0)
          from inventory.reservations r left join inventory.moves m
            on m.bucket = r.bucket and m.claim_id = r.claim_id and m.variant_id = r.variant_id
         group by r.bucket, r.claim_id, r.variant_id, r.quantity, r.state
        having coalesce(sum(m.quantity) filter (where m.reason = 'taken'), 0) <> -r.quantity
            or coalesce(sum(m.quantity) filter (where m.reason = 'returned'), 0)
               not in (0, case when r.state = 'returned' then r.quantity else 0 end)
        limit $1
        """,
        limit,
    )
    return [StockFault(Id(row["variant_id"]), row["what"], int(row["expected"]), int(row["found"])) for row in rows]


def stock_from(row: Row) -> Stock:
    """Build a stock from its row."""
    on_hand = row["on_hand"] if row["counted"] else None
    return Stock(Id(row["variant_id"]), Id(row["owner_id"]), on_hand, row["version"], row["changed_at"])


def move_from(row: Row) -> Move:
    """Build a move from its row."""
    return Move(
        Id(row["variant_id"]),
        row["number"],
        row["quantity"],
        row["balance"],
        MoveReason(row["reason"]),
        None if row["claim_id"] is None else Id(row["claim_id"]),
        row["actor"],
        None if row["actor_id"] is None else Id(row["actor_id"]),
        row["at"],
    )


def reservation_from(row: Row) -> Reservation:
    """Build a reservation from its row."""
    return Reservation(
        Id(row["claim_id"]),
        Id(row["variant_id"]),
        row["quantity"],
        ReservationState(row["state"]),
        row["taken_at"],
    )
