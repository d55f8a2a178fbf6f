"""The audit of orders: what they promise, proved against their own rows, the books, the payments and the stock."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Final

import msgspec

from fairground.kit.db import Reader
from fairground.kit.ids import Id
from fairground.market.inventory.model import Reservation, ReservationState
from fairground.market.inventory.queries import map_reservations
from fairground.market.ledger.model import AccountKind
from fairground.market.ledger.queries import list_balances
from fairground.market.orders.model import TRANSITIONS, Order, OrderLine, OrderState
from fairground.market.orders.queries.orders import map_lines, order_from
from fairground.market.payments.model import Part, PaymentState
from fairground.market.payments.queries import map_payments

PAGE: Final = 1_000
MOST: Final = 1_000


class OrderFault(msgspec.Struct, frozen=True):
    """A broken promise: which one, where, what was expected and what was found."""

    check: str
    where: str
    expected: str
    found: str


async def audit_orders(reader: Reader) -> list[OrderFault]:
    """Prove that orders are where they may be, and that money, payments and pieces agree with them."""
    faults = [*await _moves(reader), *await _sums(reader), *await _held(reader), *await _debts(reader)]
    async for page in _pages(reader):
        faults += await _page(reader, page)
        if len(faults) >= MOST:
            break
    return faults[:MOST]


async def _moves(reader: Reader) -> list[OrderFault]:
    """Each move starts where the one before ended; the last one ended where the order stands."""
    allowed = [f"{source}>{target}" for sources, target in TRANSITIONS.values() for source in sources]
    allowed += [f"{state}>{state}" for state in OrderState]
    rows = await reader.rows(
        """
        with steps as (
          select bucket, order_id, version, state,
                 lag(state) over (partition by bucket, order_id order by version) as before,
                 lead(state) over (partition by bucket, order_id order by version) as after
            from orders.moves)
        select s.order_id, coalesce(s.before, 'placed') || '>' || s.state as step
          from steps s where coalesce(s.before, 'placed') || '>' || s.state <> all($1)
        union all
        select o.id, coalesce(s.state, 'placed') || ' ended, stands ' || o.state
          from orders.orders o left join steps s on s.bucket = o.bucket and s.order_id = o.id and s.after is null
         where o.state <> coalesce(s.state, 'placed') and not (s.state is null and o.state = 'paid' and o.total = 0)
         limit $2
        """,
        allowed,
        MOST,
    )
    return [OrderFault("every order is inside its state machine", str(r["order_id"]), "", r["step"]) for r in rows]


async def _sums(reader: Reader) -> list[OrderFault]:
    rows = await reader.rows(
        """
        select o.id, o.goods - o.off_shop - o.off_market as expected, coalesce(sum(l.paid), -1) as found
          from orders.orders o left join orders.lines l on l.bucket = o.bucket and l.order_id = o.id
         group by o.bucket, o.id
        having coalesce(sum(l.paid), -1) <> o.goods - o.off_shop - o.off_market
            or sum(l.off_shop) <> o.off_shop or sum(l.off_market) <> o.off_market
            or sum(l.commission) <> o.commission or sum(l.tax) <> o.tax
        union all
        select l.order_id, 0, 1 from orders.lines l
         where not exists (select 1 from orders.orders o where o.bucket = l.bucket and o.id = l.order_id)
        union all
        select c.id, c.amount, coalesce(sum(o.total), -1)
          from orders.checkouts c left join lateral jsonb_array_elements_text(c.order_ids) as i(id) on true
          left join orders.orders o on o.bucket = c.bucket and o.id = i.id::bigint and o.checkout_id = c.id
         group by c.bucket, c.id
        having coalesce(sum(o.total), -1) <> c.amount or count(o.id) <> jsonb_array_length(c.order_ids)
         limit $1
        """,
        MOST,
    )
    return [
        OrderFault("an order is the sum of its lines, a checkout of its orders", str(r[0]), str(r[1]), str(r[2]))
        for r in rows
    ]


async def _held(reader: Reader) -> list[OrderFault]:
    """In every bucket, the money held is that of its open paid orders."""
    rows = await reader.rows(
        """
        select bucket, currency, sum(total - refunded)::bigint as held from orders.orders
         where state in ('paid', 'shipped') group by bucket, currency
        """
    )
    expected = {(row["bucket"], row["currency"]): int(row["held"]) for row in rows}
    found: dict[tuple[int, str], int] = defaultdict(int)
    for ref, balance in await list_balances(reader, AccountKind.HELD):
        found[ref.bucket, ref.currency] += balance.amount
    return [
        OrderFault(
            "held funds are open paid orders",
            f"bucket {where[0]} {where[1]}",
            str(expected.get(where, 0)),
            str(found[where]),
        )
        for where in sorted(expected.keys() | found.keys())
        if expected.get(where, 0) != found[where]
    ]


async def _debts(reader: Reader) -> list[OrderFault]:
    """What the market advanced for a shop is the sum of what was missing in its refunds."""
    rows = await reader.rows(
        """
        select shop_id, currency, coalesce(t.missing, 0) as expected, coalesce(d.advanced, 0) as found
          from (select bucket, shop_id, currency, sum(missing)::bigint as missing from orders.taken_back
                 where missing > 0 group by 1, 2, 3) t
          full join orders.shop_debts d using (bucket, shop_id, currency)
         where coalesce(t.missing, 0) <> coalesce(d.advanced, 0) limit $1
        """,
        MOST,
    )
    rule = "what shops owe is what the market advanced for their refunds"
    return [OrderFault(rule, f"{r['shop_id']} {r['currency']}", str(r["expected"]), str(r["found"])) for r in rows]


async def _pages(reader: Reader) -> AsyncIterator[list[Order]]:
    after = (-1, 0)
    while True:
        rows = await reader.rows(
            "select * from orders.orders where (bucket, id) > ($1, $2) order by bucket, id limit $3", *after, PAGE
        )
        if not rows:
            return
        yield [order_from(row) for row in rows]
        after = (rows[-1]["bucket"], rows[-1]["id"])


async def _page(reader: Reader, orders: list[Order]) -> list[OrderFault]:
    lines = await map_lines(reader, [order.id for order in orders])
    holds = [(order.checkout_id, line.variant_id) for order in orders for line in lines[order.id]]
    reservations = await map_reservations(reader, holds)
    payments = await map_payments(reader, sorted({order.payment_id for order in orders}))
    faults: list[OrderFault] = []
    for order in orders:
        faults += _stock_faults(order, lines[order.id], reservations)
        payment = payments.get(order.payment_id)
        if payment is None:
            faults.append(OrderFault("every order has its payment", str(int(order.id)), str(int(order.payment_id)), ""))
            continue
        part = next((part for part in payment.parts if part.order_id == order.id), None)
        faults += _payment_faults(order, payment.state, part)
    return faults


def _stock_faults(
    order: Order, lines: Iterable[OrderLine], reservations: Mapping[tuple[Id, Id], Reservation]
) -> Iterable[OrderFault]:
    """Reservations follow orders; uncounted stock has none."""
    wanted = {
        OrderState.PLACED: {ReservationState.HELD},
        OrderState.CLOSED: {ReservationState.RETURNED, ReservationState.SOLD}
        if order.parcels
        else {ReservationState.RETURNED},
    }.get(order.state, {ReservationState.SOLD})
    for line in lines:
        held = reservations.get((order.checkout_id, line.variant_id))
        # Pieces that came back sound, or were paid back before they were sent, are stock again in a living order too.
        fits = {ReservationState.RETURNED} if line.returned else wanted
        if held is not None and (held.state not in fits or held.quantity != line.quantity):
            yield OrderFault(
                "reservations follow orders",
                f"{int(order.id)} line {line.position}",
                f"{line.quantity} {'/'.join(sorted(fits))}",
                f"{held.quantity} {held.state}",
            )


def _payment_faults(order: Order, state: PaymentState, part: Part | None) -> Iterable[OrderFault]:
    paid = {PaymentState.PAID, PaymentState.REFUNDED}
    if order.state is OrderState.PLACED:
        allowed = {PaymentState.PENDING, PaymentState.FAILED}
    elif order.paid_at is not None:
        allowed = paid
    else:  # closed unpaid; money that came late went back
        allowed = {PaymentState.EXPIRED, PaymentState.REFUNDED}
    if state not in allowed:
        yield OrderFault("payments follow orders", str(int(order.id)), "/".join(sorted(allowed)), state)
    if part is None or part.amount != order.total:
        yield OrderFault(
            "a payment pays for its orders", str(int(order.id)), str(order.total), str(part and part.amount)
        )
    elif order.paid_at is not None and part.refunded != order.refunded:
        yield OrderFault("refunds follow orders", str(int(order.id)), str(order.refunded), str(part.refunded))
