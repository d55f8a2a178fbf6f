"""Refunds: money held for a part, or a stray, on its way back to who paid it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from fairground.kit.db import Tx
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.kit.jobs import enqueue
from fairground.market.ledger.actions import post
from fairground.market.ledger.model import AccountKind, Posting, gateway_account, system_account
from fairground.market.payments.errors import PaymentNotOpen, RefundInWrongState, RefundTooHigh
from fairground.market.payments.events import RefundDone, RefundFailed
from fairground.market.payments.model import (
    AlreadyKnown,
    GatewayNotice,
    Heard,
    NoticeKind,
    Outcome,
    PaymentId,
    PaymentRules,
    Refund,
    RefundId,
    RefundRequest,
    Stray,
    backoff,
)
from fairground.market.payments.queries import get_refund
from fairground.market.payments.queries.refunds import refund_from

SEND_REFUNDS = "payments.send_refunds"


async def refund(tx: Tx, payment_id: PaymentId, order_id: Id, amount: int, key: str, reason: str) -> Refund:
    """Send back money held for an order; a key used before gives its refund.

    Raises:
        RefundTooHigh: more than is still held. The transaction cannot go on.
        PaymentNotOpen: the payment was never paid.
    """
    return (await refund_many(tx, [RefundRequest(payment_id, order_id, amount, key, reason)]))[0]


async def refund_many(tx: Tx, requests: Sequence[RefundRequest]) -> list[Refund]:
    """Send back money of many parts, all or none; give a refund for each request, in the same order.

    Raises:
        RefundTooHigh: more than is still held of a part. The transaction cannot go on.
        PaymentNotOpen: a payment was never paid.
    """
    if not requests:
        return []
    assert all(request.amount > 0 for request in requests), "a refund gives something back"
    fresh = await _write(tx, requests)
    refunds = await _map_by_key(tx, requests)
    result = []
    for request in requests:
        refund_ = refunds.get((request.payment_id.bucket, request.key))
        if refund_ is None:
            raise PaymentNotOpen
        asked = (request.payment_id, request.order_id, request.purpose, request.amount)
        # A key stands for one refund: another content under it would be lost without a word.
        assert asked == (refund_.payment_id, refund_.order_id, refund_.purpose, refund_.money.amount), request.key
        result.append(refund_)
    new = [r for r in refunds.values() if r.id in fresh]
    if new:
        await _take_from_parts(tx, new)
        await _close_payments(tx, {r.payment_id for r in new if r.payment_id is not None})
        await post(tx, [_owed(r, AccountKind.HELD) for r in new])
        await enqueue(tx, SEND_REFUNDS, {}, once_as=SEND_REFUNDS)
    return result


async def _write(tx: Tx, requests: Sequence[RefundRequest]) -> set[int]:
    # Two requests with one key in one call are one refund: ON CONFLICT skips the second.
    rows = await tx.rows(
        """
        insert into payments.refunds (bucket, id, key, payment_id, order_id, purpose, gateway, charge, amount, currency,
               reason, state, next_try_at, requested_at)
        select t.b, t.i, t.k, t.p, t.o, t.u, p.gateway, p.charge, t.a, p.currency, t.r, 'pending', $9, $9
          from unnest($1::smallint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[],
                      $8::text[]) as t(b, i, k, p, o, u, a, r)
          join payments.payments p on p.bucket = t.b and p.id = t.p and p.charge is not null
        on conflict (bucket, key) do nothing returning id
        """,
        [r.payment_id.bucket for r in requests],
        [tx.new_id(RefundId, r.payment_id.bucket) for r in requests],
        [r.key for r in requests],
        [r.payment_id for r in requests],
        [r.order_id for r in requests],
        [r.purpose for r in requests],
        [r.amount for r in requests],
        [r.reason for r in requests],
        tx.now,
    )
    return {row["id"] for row in rows}


async def _map_by_key(tx: Tx, requests: Sequence[RefundRequest]) -> dict[tuple[int, str], Refund]:
    rows = await tx.rows(
        """
        select r.* from unnest($1::smallint[], $2::text[]) as t(b, k)
          join payments.refunds r on r.bucket = t.b and r.key = t.k
        """,
        [r.payment_id.bucket for r in requests],
        [r.key for r in requests],
    )
    return {(row["bucket"], row["key"]): refund_from(row) for row in rows}


async def _take_from_parts(tx: Tx, refunds: Sequence[Refund]) -> None:
    sums: dict[tuple[PaymentId, Id, str], int] = defaultdict(int)
    for r in refunds:
        assert r.payment_id is not None and r.order_id is not None and r.purpose is not None  # noqa: PT018
        sums[(r.payment_id, r.order_id, r.purpose)] += r.money.amount
    keys = sorted(sums)
    # The guard is in the UPDATE itself: of two tabs that refund the same part the second waits, and finds less held.
    touched = await tx.execute(
        """
        update payments.parts p set held = p.held - t.a, refunded = p.refunded + t.a
          from (select * from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[])
                as t(b, i, o, u, a) order by b, i, o, u) t
         where p.bucket = t.b and p.payment_id = t.i and p.order_id = t.o and p.purpose = t.u and p.held >= t.a
        """,
        [payment_id.bucket for payment_id, _, _ in keys],
        [payment_id for payment_id, _, _ in keys],
        [order_id for _, order_id, _ in keys],
        [purpose for _, _, purpose in keys],
        [sums[key] for key in keys],
    )
    if touched != len(keys):
        raise RefundTooHigh


async def _close_payments(tx: Tx, payment_ids: set[PaymentId]) -> None:
    """Call a payment refunded when nothing of any part is held or released."""
    ids = sorted(payment_ids)
    await tx.execute(
        """
        update payments.payments p set state = 'refunded', version = version + 1
          from unnest($1::smallint[], $2::bigint[]) as t(b, i)
         where p.bucket = t.b and p.id = t.i and p.state = 'paid'
           and not exists (select 1 from payments.parts q
                            where q.bucket = p.bucket and q.payment_id = p.id and q.refunded < q.amount)
        """,
        [i.bucket for i in ids],
        ids,
    )


def _owed(refund_: Refund, source: AccountKind) -> Posting:
    bucket, currency = refund_.id.bucket, refund_.money.currency
    return Posting(
        f"refund/{refund_.id}",
        system_account(source, bucket, currency),
        system_account(AccountKind.REFUND, bucket, currency),
        refund_.money.amount,
        "payments.refund_requested",
        refund_.order_id or refund_.id,
    )


async def write_stray_refunds(tx: Tx, strays: Sequence[Stray]) -> None:
    """Begin to send strays back."""
    rows = await tx.rows(
        """
        insert into payments.refunds (bucket, id, key, stray_id, gateway, charge, amount, currency, reason, state,
               next_try_at, requested_at)
        select b, i, 'stray/' || s, s, g, c, a, u, 'payments.stray', 'pending', $8, $8
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[])
               as t(b, i, s, g, c, a, u)
        returning *
        """,
        [s.id.bucket for s in strays],
        [tx.new_id(RefundId, s.id.bucket) for s in strays],
        [s.id for s in strays],
        [s.gateway for s in strays],
        [s.charge for s in strays],
        [s.money.amount for s in strays],
        [s.money.currency for s in strays],
        tx.now,
    )
    await post(tx, [_owed(refund_from(row), AccountKind.STRAY) for row in rows])
    await enqueue(tx, SEND_REFUNDS, {}, once_as=SEND_REFUNDS)


async def claim_refund(tx: Tx, refund_id: RefundId) -> Refund | None:
    """Take a due refund in hand; the next try is set at once, so that a crash while sending loses nothing."""
    row = await tx.row(
        """
        update payments.refunds set attempts = attempts + 1, next_try_at = $3
         where bucket = $1 and id = $2 and state = 'pending' and next_try_at <= $4 returning *
        """,
        refund_id.bucket,
        refund_id,
        # A lease for the sending itself; what comes of it sets the real moment.
        tx.now + backoff(tx.given(PaymentRules), 1),
        tx.now,
    )
    return None if row is None else refund_from(row)


async def put_off_refund(tx: Tx, refund_: Refund, error: str) -> None:
    """Note that a try failed; after too many it waits at the desk."""
    rules = tx.given(PaymentRules)
    if refund_.attempts >= rules.refund_tries:
        await fail_refund(tx, refund_.id, error)
        return
    await tx.execute(
        "update payments.refunds set next_try_at = $3, error = $4 where bucket = $1 and id = $2 and state = 'pending'",
        refund_.id.bucket,
        refund_.id,
        tx.now + backoff(rules, refund_.attempts),
        error[:500],
    )


async def leave_refund_to_hand(tx: Tx, refund_id: RefundId) -> None:
    """Leave a refund to a clerk: its gateway cannot send money back."""
    await tx.execute(
        "update payments.refunds set next_try_at = null where bucket = $1 and id = $2 and state = 'pending'",
        refund_id.bucket,
        refund_id,
    )


async def finish_refund(tx: Tx, refund_id: RefundId, reference: str | None, at: datetime) -> bool:
    """Note that the money went back (told by the gateway, or confirmed by a clerk); False where it was known."""
    row = await tx.row(
        """
        update payments.refunds set state = 'done', settled_at = $3, reference = $4, error = null, next_try_at = null
         where bucket = $1 and id = $2 and state in ('pending', 'failed') returning *
        """,
        refund_id.bucket,
        refund_id,
        at,
        reference,
    )
    if row is None:
        return False
    done = refund_from(row)
    if done.stray_id is not None:
        await tx.execute(
            """
            update payments.strays set state = 'refunded', closed_at = $3
             where bucket = $1 and id = $2 and state = 'refunding'
            """,
            done.stray_id.bucket,
            done.stray_id,
            tx.now,
        )
    bucket, currency = refund_id.bucket, done.money.currency
    await post(
        tx,
        [
            Posting(
                f"refunded/{refund_id}",
                system_account(AccountKind.REFUND, bucket, currency),
                gateway_account(done.gateway, bucket, currency),
                done.money.amount,
                "payments.refunded",
                done.order_id or refund_id,
            )
        ],
    )
    await publish(tx, RefundDone.of(done))
    return True


async def fail_refund(tx: Tx, refund_id: RefundId, error: str) -> bool:
    """Note that the gateway will not send the money back; it stays owed, and waits at the desk."""
    row = await tx.row(
        """
        update payments.refunds set state = 'failed', error = $3, next_try_at = null
         where bucket = $1 and id = $2 and state = 'pending' returning *
        """,
        refund_id.bucket,
        refund_id,
        error[:500],
    )
    if row is None:
        return False
    await publish(tx, RefundFailed.of(refund_from(row)))
    return True


async def retry_refund(tx: Tx, refund_id: RefundId) -> None:
    """Send a refund that failed once more.

    Raises:
        RefundNotFound, RefundInWrongState
    """
    await get_refund(tx, refund_id)
    again = await tx.execute(
        """
        update payments.refunds set state = 'pending', attempts = 0, next_try_at = $3
         where bucket = $1 and id = $2 and (state = 'failed' or (state = 'pending' and next_try_at is null))
        """,
        refund_id.bucket,
        refund_id,
        tx.now,
    )
    if not again:
        raise RefundInWrongState
    await enqueue(tx, SEND_REFUNDS, {}, once_as=SEND_REFUNDS)


async def confirm_refund(tx: Tx, refund_id: RefundId) -> None:
    """Let a clerk confirm a refund that was paid by hand.

    Raises:
        RefundNotFound, RefundInWrongState
    """
    await get_refund(tx, refund_id)
    if not await finish_refund(tx, refund_id, None, tx.now):
        raise RefundInWrongState


async def hear_refunds(tx: Tx, notices: Sequence[GatewayNotice]) -> list[Outcome]:
    """Hear what became of refunds under way."""
    outcomes: list[Outcome] = []
    for notice in notices:
        subject = RefundId(notice.subject or 0)
        if notice.kind == NoticeKind.REFUNDED:
            moved = await finish_refund(tx, subject, notice.reference, notice.at)
        else:
            moved = await fail_refund(tx, subject, notice.words or "refused by the gateway")
        outcomes.append(Heard(subject) if moved else AlreadyKnown())
    return outcomes
