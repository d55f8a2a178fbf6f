"""Payments and their parts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.payments.errors import PaymentNotFound
from fairground.market.payments.model import (
    GatewayNotice,
    NoticeKind,
    Part,
    Payment,
    PaymentId,
    PaymentState,
    Purpose,
)


def payment_from(row: Row, parts: Sequence[Part] = ()) -> Payment:
    """Build a payment from its row and parts."""
    return Payment(
        PaymentId(row["id"]),
        Id(row["checkout_id"]),
        Id(row["payer_id"]),
        row["gateway"],
        Money(row["amount"], row["currency"]),
        PaymentState(row["state"]),
        row["version"],
        row["created_at"],
        row["expires_at"],
        row["paid_at"],
        row["charge"],
        tuple(parts),
    )


def part_from(row: Row) -> Part:
    """Build a part from its row."""
    return Part(
        PaymentId(row["payment_id"]),
        Id(row["order_id"]),
        Purpose(row["purpose"]),
        row["amount"],
        row["held"],
        row["released"],
        row["refunded"],
    )


async def get_payment(reader: Reader, payment_id: PaymentId, payer_id: Id | None = None) -> Payment:
    """Get a payment; with `payer_id` only if it is that person's.

    Raises:
        PaymentNotFound
    """
    payment = await find_payment(reader, payment_id)
    if payment is None or (payer_id is not None and payment.payer_id != payer_id):
        raise PaymentNotFound
    return payment


async def find_payment(reader: Reader, payment_id: PaymentId) -> Payment | None:
    """Find a payment."""
    return (await map_payments(reader, [payment_id])).get(payment_id)


async def map_payments(reader: Reader, payment_ids: Iterable[PaymentId]) -> dict[PaymentId, Payment]:
    """Find many payments with their parts."""
    ids = sorted(set(payment_ids))
    if not ids:
        return {}
    rows = await reader.rows(
        """
        select p.* from unnest($1::smallint[], $2::bigint[]) as t(b, i)
          join payments.payments p on p.bucket = t.b and p.id = t.i
        """,
        [i.bucket for i in ids],
        ids,
    )
    return await _with_parts(reader, rows)


async def list_payments_of_checkout(reader: Reader, checkout_id: Id) -> list[Payment]:
    """List the payments of a checkout (a pre-sale has two), the oldest first."""
    rows = await reader.rows(
        "select * from payments.payments where bucket = $1 and checkout_id = $2 order by id",
        checkout_id.bucket,
        checkout_id,
    )
    return list((await _with_parts(reader, rows)).values())


async def list_parts_of_order(reader: Reader, order_id: Id) -> list[Part]:
    """List what was, or is to be, paid for an order."""
    rows = await reader.rows(
        "select * from payments.parts where bucket = $1 and order_id = $2 order by payment_id, purpose",
        order_id.bucket,
        order_id,
    )
    return [part_from(row) for row in rows]


async def list_due_payments(reader: Reader, limit: int) -> list[Payment]:
    """List open payments whose time is over, over all buckets, the longest overdue first."""
    rows = await reader.rows(
        """
        select * from payments.payments where state in ('pending', 'failed') and ask_at <= $1 order by ask_at limit $2
        """,
        reader.now,
        limit,
    )
    return list((await _with_parts(reader, rows)).values())


async def list_overdue(reader: Reader, notices: Sequence[GatewayNotice]) -> list[PaymentId]:
    """List the payments, among those that notices tell of, that are still open but were paid after their time."""
    paid = {PaymentId(n.subject): n.at for n in notices if n.subject is not None and n.kind == NoticeKind.PAID}
    rows = await reader.rows(
        """
        select p.id from payments.payments p
          join unnest($1::smallint[], $2::bigint[], $3::timestamptz[]) as t(b, i, a) on p.bucket = t.b and p.id = t.i
         where p.state in ('pending', 'failed') and p.expires_at < t.a
        """,
        [payment_id.bucket for payment_id in paid],
        list(paid),
        list(paid.values()),
    )
    return [PaymentId(row["id"]) for row in rows]


async def _with_parts(reader: Reader, rows: Sequence[Row]) -> dict[PaymentId, Payment]:
    if not rows:
        return {}
    parts: dict[int, list[Part]] = defaultdict(list)
    found = await reader.rows(
        """
        select p.* from unnest($1::smallint[], $2::bigint[]) as t(b, i)
          join payments.parts p on p.bucket = t.b and p.payment_id = t.i order by p.order_id, p.purpose
        """,
        [row["bucket"] for row in rows],
        [row["id"] for row in rows],
    )
    for row in found:
        parts[row["payment_id"]].append(part_from(row))
    return {PaymentId(row["id"]): payment_from(row, parts[row["id"]]) for row in rows}
