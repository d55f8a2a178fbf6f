"""Orders as their buyer and their shop see them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.accounts.model import PersonId
from fairground.market.orders.errors import CheckoutNotFound, OrderNotFound
from fairground.market.orders.model import (
    CaseHold,
    CheckoutId,
    CloseReason,
    Deed,
    FrozenDelivery,
    LineShare,
    Order,
    OrderId,
    OrderInFull,
    OrderLine,
    OrderMove,
    OrderRules,
    OrderState,
    bucket_of,
    read_number,
    version_of,
)
from fairground.market.payments.model import PaymentId
from fairground.market.shops.model import ShopId


class Checkout(msgspec.Struct, frozen=True):
    """One checkout with its orders."""

    id: CheckoutId
    buyer_id: Id
    payment_id: PaymentId
    amount: int
    currency: str
    orders: tuple[Order, ...]


async def get_order(
    reader: Reader, order_id: OrderId, *, buyer_id: Id | None = None, shop_id: Id | None = None
) -> Order:
    """Get one order, seen by its buyer, by its shop, or (with neither) by the market.

    Raises:
        OrderNotFound: there is none, or it belongs to somebody else.
    """
    row = await reader.row(
        """
        select * from orders.orders
         where bucket = $1 and id = $2
           and ($3::bigint is null or buyer_id = $3) and ($4::bigint is null or shop_id = $4)
        """,
        order_id.bucket,
        order_id,
        buyer_id,
        shop_id,
    )
    if row is None:
        raise OrderNotFound
    return order_from(row)


async def get_order_in_full(
    reader: Reader, order_id: OrderId, *, buyer_id: Id | None = None, shop_id: Id | None = None
) -> OrderInFull:
    """Get one order with its lines and its history.

    Raises:
        OrderNotFound: there is none, or it belongs to somebody else.
    """
    order = await get_order(reader, order_id, buyer_id=buyer_id, shop_id=shop_id)
    lines = await map_lines(reader, [order_id])
    return OrderInFull(order, lines[order_id], (_placing(order), *await _moves_of(reader, order_id)))


async def find_order_by_number(reader: Reader, text: str) -> Order | None:
    """Find the order with a public number, for the desk."""
    number = read_number(text)
    if number is None:
        return None
    row = await reader.row("select * from orders.orders where bucket = $1 and number = $2", bucket_of(number), number)
    return None if row is None else order_from(row)


async def get_checkout(reader: Reader, checkout_id: CheckoutId, buyer_id: Id | None = None) -> Checkout:
    """Get a checkout with its orders.

    Raises:
        CheckoutNotFound: there is none, or it is somebody else's.
    """
    row = await reader.row(
        """
        select * from orders.checkouts where bucket = $1 and id = $2 and ($3::bigint is null or buyer_id = $3)
        """,
        checkout_id.bucket,
        checkout_id,
        buyer_id,
    )
    if row is None:
        raise CheckoutNotFound
    return (await _checkouts_from(reader, [row]))[0]


async def map_checkouts(reader: Reader, checkout_ids: Sequence[CheckoutId]) -> dict[CheckoutId, Checkout]:
    """Map ids to checkouts with their orders; for the market's own work, without asking who looks."""
    rows = await reader.rows(
        """
        select c.* from orders.checkouts c
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on c.bucket = t.b and c.id = t.i
        """,
        [i.bucket for i in checkout_ids],
        list(checkout_ids),
    )
    return {checkout.id: checkout for checkout in await _checkouts_from(reader, rows)}


async def _checkouts_from(reader: Reader, rows: Sequence[Row]) -> list[Checkout]:
    orders = await map_orders(reader, [OrderId(i) for row in rows for i in row["order_ids"]])
    return [
        Checkout(
            CheckoutId(row["id"]),
            Id(row["buyer_id"]),
            PaymentId(row["payment_id"]),
            row["amount"],
            row["currency"],
            tuple(orders[OrderId(i)] for i in row["order_ids"]),
        )
        for row in rows
    ]


async def map_unpaid_checkouts(
    reader: Reader, checkout_ids: Sequence[CheckoutId]
) -> dict[CheckoutId, tuple[Id, datetime]]:
    """Map checkouts that wait for their money to the buyer and to the moment they are closed."""
    rows = await reader.rows(
        """
        select c.id, c.buyer_id, c.pay_by from orders.checkouts c
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on c.bucket = t.b and c.id = t.i
          join orders.orders o on o.bucket = c.bucket and o.id = (c.order_ids ->> 0)::bigint
         where o.state = 'placed'
        """,
        [i.bucket for i in checkout_ids],
        list(checkout_ids),
    )
    return {CheckoutId(row["id"]): (Id(row["buyer_id"]), row["pay_by"]) for row in rows}


async def map_orders(reader: Reader, order_ids: Iterable[OrderId]) -> dict[OrderId, Order]:
    """Map ids to orders; for pages that stitch rooms and for the market's own work, without asking who looks."""
    ids = sorted(set(order_ids))
    rows = await reader.rows(
        """
        select o.* from orders.orders o join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on o.bucket = t.b and o.id = t.i
        """,
        [i.bucket for i in ids],
        ids,
    )
    return {OrderId(row["id"]): order_from(row) for row in rows}


async def map_lines(reader: Reader, order_ids: Sequence[OrderId]) -> dict[OrderId, tuple[OrderLine, ...]]:
    """Map orders to their lines, in the order of their positions."""
    rows = await reader.rows(
        """
        select l.* from orders.lines l join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on l.bucket = t.b and l.order_id = t.i
         order by l.order_id, l.position
        """,
        [i.bucket for i in order_ids],
        list(order_ids),
    )
    found: dict[OrderId, list[OrderLine]] = {i: [] for i in order_ids}
    for row in rows:
        found[OrderId(row["order_id"])].append(line_from(row))
    return {i: tuple(lines) for i, lines in found.items()}


async def list_orders_of_buyer(
    reader: Reader,
    buyer_id: Id,
    *,
    state: OrderState | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page[Order]:
    """List a buyer's orders, the latest first."""
    size = page_size(limit)
    (before,) = read_cursor(after, int) or (None,)
    rows = await reader.rows(
        """
        select * from orders.orders
         where bucket = $1 and buyer_id = $2 and ($3::bigint is null or id < $3)
           and ($4::text is null or state = $4)
         order by id desc limit $5
        """,
        buyer_id.bucket,
        buyer_id,
        before,
        state,
        size + 1,
    )
    found, more = cut(rows, size)
    return Page([order_from(row) for row in found], write_cursor(found[-1]["id"]) if more else None)


async def count_open_of_buyer(reader: Reader, buyer_id: Id) -> dict[OrderState, int]:
    """Count a buyer's open orders by state."""
    rows = await reader.rows(
        """
        select state, count(*) as n from orders.orders
         where bucket = $1 and buyer_id = $2 and state in ('placed', 'paid', 'shipped') group by state
        """,
        buyer_id.bucket,
        buyer_id,
    )
    counts = {OrderState(row["state"]): int(row["n"]) for row in rows}
    return {state: counts.get(state, 0) for state in (OrderState.PLACED, OrderState.PAID, OrderState.SHIPPED)}


async def list_held_for_cases(reader: Reader) -> list[OrderId]:
    """List the orders that an open after-sale case holds (over all buckets: for the audit only)."""
    rows = await reader.rows("select id from orders.orders where case_hold is not null")
    return [OrderId(row["id"]) for row in rows]


async def has_received(reader: Reader, buyer_id: Id) -> bool:
    """Tell whether somebody has received an order: half of what makes a person verified."""
    return bool(
        await reader.value(
            """
            select exists (select 1 from orders.orders where bucket = $1 and buyer_id = $2 and state = 'received')
            """,
            buyer_id.bucket,
            buyer_id,
        )
    )


async def rules_of(reader: Reader, order: Order) -> OrderRules:
    """Give the rules that an order was placed under."""
    current = reader.given(OrderRules)
    if order.rules_version == version_of(current):
        return current
    body = await reader.value("select body from orders.rules where version = $1", order.rules_version)
    return current if body is None else msgspec.convert(body, OrderRules)


async def _moves_of(reader: Reader, order_id: OrderId) -> list[OrderMove]:
    rows = await reader.rows(
        "select * from orders.moves where bucket = $1 and order_id = $2 order by version", order_id.bucket, order_id
    )
    return [
        OrderMove(
            row["version"],
            Deed(row["deed"]),
            OrderState(row["state"]),
            row["actor"],
            row["reason"],
            row["amount"],
            row["at"],
        )
        for row in rows
    ]


def _placing(order: Order) -> OrderMove:
    # The first entry is not written on the busiest path of all: the order itself says it.
    return OrderMove(1, Deed.PLACE, OrderState.PLACED, "buyer", "", None, order.placed_at)


def order_from(row: Row) -> Order:
    """Build an order from its row."""
    data: dict[str, Any] = dict(row)
    del data["bucket"]
    reason = data.pop("close_reason")
    return Order(
        **{
            **data,
            "id": OrderId(data["id"]),
            "checkout_id": CheckoutId(data["checkout_id"]),
            "payment_id": PaymentId(data["payment_id"]),
            "buyer_id": PersonId(data["buyer_id"]),
            "shop_id": ShopId(data["shop_id"]),
            "state": OrderState(data["state"]),
            "close_reason": None if reason is None else CloseReason(reason),
            "case_hold": None if data["case_hold"] is None else CaseHold(data["case_hold"]),
            "delivery": msgspec.convert(data["delivery"], FrozenDelivery),
        }
    )


def line_from(row: Row) -> OrderLine:
    """Build a line from its row."""
    data: dict[str, Any] = dict(row)
    del data["bucket"], data["order_id"]
    return OrderLine(
        **{
            **data,
            "variant_id": Id(data["variant_id"]),
            "product_id": Id(data["product_id"]),
            "picture_id": None if data["picture_id"] is None else Id(data["picture_id"]),
            "shares": tuple(msgspec.convert(data["shares"], list[LineShare])),
        }
    )
