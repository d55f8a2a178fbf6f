"""What a shop's first page counts: what waits, what is held and when it comes, what was sold day by day."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from fairground.kit.db import Reader
from fairground.kit.money import Money
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.orders.model import OrderId, ShopOrder
from fairground.market.orders.queries.shop_orders import shop_order_from
from fairground.market.shops.model import ShopId

SOON: Final = timedelta(days=7)


class Waiting(msgspec.Struct, frozen=True):
    """What a shop has to do with its orders, and by when the first of each."""

    to_ship: int
    ship_by: datetime | None
    late: int  # of `to_ship`, those past their promise
    first_recipient: str
    cancellations: int
    asked_at: datetime | None


class Coming(msgspec.Struct, frozen=True):
    """Money of open orders. `held` is all that buyers paid; the others are what the shop gets of it, by when.

    soon: silence counts as receipt within seven days; later: after that; unshipped: not on its way yet;
    stopped: its clock stands still.
    """

    held: Money
    soon: Money
    later: Money
    unshipped: Money
    stopped: Money

    @property
    def proceeds(self) -> Money:
        """What the shop gets of all of it."""
        return self.soon + self.later + self.unshipped + self.stopped


class SoldDay(msgspec.Struct, frozen=True):
    """What was paid for on one day of the shop."""

    day: date
    total: Money
    orders: int


class OpenOrders(msgspec.Struct, frozen=True):
    """A shop's open and paid orders in figures."""

    waiting: Waiting
    coming: Coming


async def sum_open_orders(reader: Reader, shop_id: ShopId, currency: str) -> OpenOrders:
    """Tell what waits for a shop and what is held for it, and when that comes at the latest.

    An order whose buyer wants to cancel waits for an answer, and not to be shipped.
    """
    row = await reader.row(
        """
        select count(*) filter (where to_ship)::int as to_ship, min(ship_by) filter (where to_ship) as ship_by,
               count(*) filter (where to_ship and ship_by < $4)::int as late,
               coalesce((array_agg(recipient order by ship_by, order_id) filter (where to_ship))[1], '') as recipient,
               count(cancel_asked_at)::int as cancellations, min(cancel_asked_at) as asked_at,
               coalesce(sum(held), 0)::bigint as held,
               coalesce(sum(proceeds) filter (where state = 'shipped' and confirm_by <= $5), 0)::bigint as soon,
               coalesce(sum(proceeds) filter (where state = 'shipped' and confirm_by > $5), 0)::bigint as later,
               coalesce(sum(proceeds) filter (where state = 'paid'), 0)::bigint as unshipped,
               coalesce(sum(proceeds) filter (where state = 'shipped' and confirm_by is null), 0)::bigint as stopped
          from (select *, state = 'paid' and cancel_asked_at is null as to_ship from orders.shop_orders
                 where bucket = $1 and shop_id = $2 and state in ('paid', 'shipped') and currency = $3) o
        """,
        shop_id.bucket,
        shop_id,
        currency,
        reader.now,
        reader.now + SOON,
    )
    assert row is not None, "a sum gives its row"
    return OpenOrders(
        Waiting(row["to_ship"], row["ship_by"], row["late"], row["recipient"], row["cancellations"], row["asked_at"]),
        Coming(*(Money(row[name], currency) for name in ("held", "soon", "later", "unshipped", "stopped"))),
    )


async def list_sold_days(reader: Reader, shop_id: ShopId, currency: str, zone: str, days: int) -> list[SoldDay]:
    """List what was paid for on each of the last days, today last; days without a sale are there too."""
    rows = await reader.rows(
        """
        select d.day::date as day, coalesce(sum(o.total), 0)::bigint as total, count(o.order_id)::int as orders
          from generate_series((($3::timestamptz at time zone $4)::date - ($5::int - 1))::timestamp,
                               ($3::timestamptz at time zone $4)::date::timestamp, interval '1 day') as d(day)
          left join orders.shop_orders o
            on o.bucket = $1 and o.shop_id = $2 and o.currency = $6
           and o.paid_at >= d.day at time zone $4 and o.paid_at < (d.day + interval '1 day') at time zone $4
         group by 1 order by 1
        """,
        shop_id.bucket,
        shop_id,
        reader.now,
        zone,
        days,
        currency,
    )
    return [SoldDay(row["day"], Money(row["total"], currency), row["orders"]) for row in rows]


async def list_to_ship(
    reader: Reader, shop_id: ShopId, *, after: str | None = None, limit: int | None = None
) -> Page[ShopOrder]:
    """List a shop's paid orders, those that were ordered first first: as they should leave the house."""
    size = page_size(limit)
    (last,) = read_cursor(after, int) or (0,)
    rows = await reader.rows(
        """
        select * from orders.shop_orders
         where bucket = $1 and shop_id = $2 and state = 'paid' and order_id > $3 order by order_id limit $4
        """,
        shop_id.bucket,
        shop_id,
        last,
        size + 1,
    )
    found, more = cut(rows, size)
    return Page([shop_order_from(row) for row in found], write_cursor(found[-1]["order_id"]) if more else None)


async def map_shop_orders(reader: Reader, shop_id: ShopId, order_ids: Iterable[OrderId]) -> dict[OrderId, ShopOrder]:
    """Map ids to a shop's copies; orders of others are left out."""
    rows = await reader.rows(
        "select * from orders.shop_orders where bucket = $1 and shop_id = $2 and order_id = any($3)",
        shop_id.bucket,
        shop_id,
        sorted(set(order_ids)),
    )
    return {OrderId(row["order_id"]): shop_order_from(row) for row in rows}
