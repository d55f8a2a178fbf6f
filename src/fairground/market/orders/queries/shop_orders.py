"""Orders as a shop's lists show them: from the copies in the shop's own bucket."""

from typing import Final

from fairground.kit.db import Reader, Row
from fairground.kit.money import Money
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.orders.model import OPEN, CloseReason, OrderId, OrderState, ShopOrder
from fairground.market.shops.model import ShopId

COUNTED_MOST: Final = 10_000  # a badge says "9999+" at most; counting on would only cost


async def list_orders_of_shop(
    reader: Reader,
    shop_id: ShopId,
    *,
    state: OrderState | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page[ShopOrder]:
    """List a shop's orders, the latest first."""
    size = page_size(limit)
    (before,) = read_cursor(after, int) or (None,)
    if state is None:
        rows = await reader.rows(
            """
            select * from orders.shop_orders
             where bucket = $1 and shop_id = $2 and ($3::bigint is null or order_id < $3)
             order by order_id desc limit $4
            """,
            shop_id.bucket,
            shop_id,
            before,
            size + 1,
        )
    else:
        rows = await reader.rows(
            """
            select * from orders.shop_orders
             where bucket = $1 and shop_id = $2 and state = $3 and ($4::bigint is null or order_id < $4)
             order by order_id desc limit $5
            """,
            shop_id.bucket,
            shop_id,
            state,
            before,
            size + 1,
        )
    found, more = cut(rows, size)
    return Page([shop_order_from(row) for row in found], write_cursor(found[-1]["order_id"]) if more else None)


async def count_open_of_shop(reader: Reader, shop_id: ShopId) -> dict[OrderState, int]:
    """Count a shop's open orders by state, each at most `COUNTED_MOST`."""
    rows = await reader.rows(
        """
        select s.state, (select count(*) from (select 1 from orders.shop_orders o
                          where o.bucket = $1 and o.shop_id = $2 and o.state = s.state limit $4) c) as n
          from unnest($3::text[]) as s(state)
        """,
        shop_id.bucket,
        shop_id,
        list(OPEN),
        COUNTED_MOST,
    )
    return {OrderState(row["state"]): int(row["n"]) for row in rows}


def shop_order_from(row: Row) -> ShopOrder:
    """Build a shop's copy from its row."""
    return ShopOrder(
        OrderId(row["order_id"]),
        ShopId(row["shop_id"]),
        row["number"],
        OrderState(row["state"]),
        None if row["close_reason"] is None else CloseReason(row["close_reason"]),
        Money(row["total"], row["currency"]),
        row["pieces"],
        row["lines"],
        row["recipient"],
        row["note"],
        row["cancel_asked_at"],
        row["placed_at"],
        row["paid_at"],
        row["ship_by"],
        row["confirm_by"],
        row["changed_at"],
        Money(row["held"], row["currency"]),
        Money(row["proceeds"], row["currency"]),
    )
