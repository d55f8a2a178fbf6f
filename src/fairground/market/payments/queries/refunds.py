"""Refunds and strays."""

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.payments.errors import RefundNotFound, StrayNotFound
from fairground.market.payments.model import (
    LATE,
    Payment,
    PaymentId,
    PaymentState,
    Purpose,
    Refund,
    RefundId,
    RefundState,
    Stray,
    StrayId,
    StrayReason,
    StrayState,
)


def refund_from(row: Row) -> Refund:
    """Build a refund from its row."""
    return Refund(
        RefundId(row["id"]),
        row["key"],
        None if row["payment_id"] is None else PaymentId(row["payment_id"]),
        None if row["order_id"] is None else Id(row["order_id"]),
        None if row["purpose"] is None else Purpose(row["purpose"]),
        None if row["stray_id"] is None else StrayId(row["stray_id"]),
        row["gateway"],
        row["charge"],
        Money(row["amount"], row["currency"]),
        row["reason"],
        RefundState(row["state"]),
        row["attempts"],
        row["next_try_at"],
        row["requested_at"],
        row["settled_at"],
        row["reference"],
        row["error"],
    )


def stray_from(row: Row) -> Stray:
    """Build a stray from its row."""
    return Stray(
        StrayId(row["id"]),
        row["gateway"],
        row["charge"],
        None if row["payment_id"] is None else PaymentId(row["payment_id"]),
        Money(row["amount"], row["currency"]),
        StrayReason(row["reason"]),
        row["words"],
        StrayState(row["state"]),
        row["at"],
    )


async def get_refund(reader: Reader, refund_id: RefundId) -> Refund:
    """Get a refund; raises `RefundNotFound`."""
    row = await reader.row("select * from payments.refunds where bucket = $1 and id = $2", refund_id.bucket, refund_id)
    if row is None:
        raise RefundNotFound
    return refund_from(row)


async def get_stray(reader: Reader, stray_id: StrayId) -> Stray:
    """Get money that fits no payment; raises `StrayNotFound`."""
    row = await reader.row("select * from payments.strays where bucket = $1 and id = $2", stray_id.bucket, stray_id)
    if row is None:
        raise StrayNotFound
    return stray_from(row)


async def list_refunds_of_order(reader: Reader, order_id: Id) -> list[Refund]:
    """List the refunds of an order, the oldest first."""
    rows = await reader.rows(
        "select * from payments.refunds where bucket = $1 and order_id = $2 order by id", order_id.bucket, order_id
    )
    return [refund_from(row) for row in rows]


async def came_late(reader: Reader, payment: Payment) -> bool:
    """Tell whether a payment came after its time, and went back for that."""
    if payment.state is not PaymentState.REFUNDED:
        return False
    refunds = await list_refunds_of_order(reader, payment.parts[0].order_id)
    return any(refund.payment_id == payment.id and refund.reason == LATE for refund in refunds)


async def list_due_refunds(reader: Reader, limit: int) -> list[Refund]:
    """List what should be sent now, over all buckets."""
    rows = await reader.rows(
        """
        select * from payments.refunds where state = 'pending' and next_try_at is not null and next_try_at <= $1
         order by next_try_at limit $2
        """,
        reader.now,
        limit,
    )
    return [refund_from(row) for row in rows]


async def list_open_refunds(reader: Reader, limit: int = 200) -> list[Refund]:
    """List refunds that a clerk should look at: those that failed and those to be paid by hand."""
    rows = await reader.rows(
        """
        select * from payments.refunds
         where state in ('pending', 'failed') and (state = 'failed' or next_try_at is null)
         order by requested_at limit $1
        """,
        limit,
    )
    return [refund_from(row) for row in rows]


async def list_open_strays(reader: Reader, limit: int = 200) -> list[Stray]:
    """List money that waits for a clerk, the oldest first."""
    rows = await reader.rows("select * from payments.strays where state = 'open' order by at limit $1", limit)
    return [stray_from(row) for row in rows]
