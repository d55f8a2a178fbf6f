"""Money that came in and fits no open payment: kept, sent back, or matched by a clerk."""

import zlib
from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.kit.events import publish
from fairground.kit.ids import BUCKETS
from fairground.market.ledger.actions import post
from fairground.market.ledger.model import AccountKind, Posting, gateway_account, system_account
from fairground.market.payments.actions.refunds import write_stray_refunds
from fairground.market.payments.errors import PaymentNotOpen, StrayDoesNotFit, StrayInWrongState
from fairground.market.payments.events import PaymentCaptured, StrayCame
from fairground.market.payments.model import GatewayNotice, Payment, PaymentId, Stray, StrayId, StrayReason
from fairground.market.payments.queries import get_payment, get_stray
from fairground.market.payments.queries.payments import part_from, payment_from
from fairground.market.payments.queries.refunds import stray_from


async def keep_strays(tx: Tx, found: Sequence[tuple[GatewayNotice, StrayReason]]) -> list[StrayId]:
    """Take in money that fits nothing; a second charge of a paid payment is sent back at once."""
    strays = [_stray(tx, notice, reason) for notice, reason in found]
    rows = await tx.rows(
        """
        insert into payments.strays (bucket, id, gateway, charge, payment_id, amount, currency, reason, words, state,
               at)
        select b, i, g, c, p, a, u, r, w, 'open', m
          from unnest($1::smallint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[],
                      $8::text[], $9::text[], $10::timestamptz[]) as t(b, i, g, c, p, a, u, r, w, m)
        returning *
        """,
        [s.id.bucket for s in strays],
        [s.id for s in strays],
        [s.gateway for s in strays],
        [s.charge for s in strays],
        [s.payment_id for s in strays],
        [s.money.amount for s in strays],
        [s.money.currency for s in strays],
        [s.reason for s in strays],
        [s.words for s in strays],
        [s.at for s in strays],
    )
    assert len(rows) == len(strays), "every stray is kept"
    await post(tx, [_incoming(stray) for stray in strays])
    await publish(
        tx,
        *(StrayCame(stray_id=s.id, reason=s.reason, amount=s.money.amount, currency=s.money.currency) for s in strays),
    )
    for stray in strays:
        if stray.reason == StrayReason.DOUBLE:
            await refund_stray(tx, stray.id)
    return [stray.id for stray in strays]


def _stray(tx: Tx, notice: GatewayNotice, reason: StrayReason) -> Stray:
    known = notice.subject is not None and reason != StrayReason.UNKNOWN
    payment_id = PaymentId(notice.subject) if known and notice.subject is not None else None
    where = zlib.crc32(f"{notice.gateway}/{notice.reference}".encode()) % BUCKETS
    bucket = where if payment_id is None else payment_id.bucket
    return stray_from(
        {
            "id": tx.new_id(StrayId, bucket),
            "gateway": notice.gateway,
            "charge": notice.reference,
            "payment_id": payment_id,
            "amount": notice.amount,
            "currency": notice.currency,
            "reason": reason,
            "words": notice.words,
            "state": "open",
            "at": notice.at,
        }
    )


def _incoming(stray: Stray) -> Posting:
    return Posting(
        f"stray/{stray.id}",
        gateway_account(stray.gateway, stray.id.bucket, stray.money.currency),
        system_account(AccountKind.STRAY, stray.id.bucket, stray.money.currency),
        stray.money.amount,
        "payments.stray",
        stray.id,
    )


async def refund_stray(tx: Tx, stray_id: StrayId) -> None:
    """Send unmatched money back to where it came from.

    Raises:
        StrayNotFound, StrayInWrongState
    """
    await get_stray(tx, stray_id)
    row = await tx.row(
        "update payments.strays set state = 'refunding' where bucket = $1 and id = $2 and state = 'open' returning *",
        stray_id.bucket,
        stray_id,
    )
    if row is None:
        raise StrayInWrongState
    await write_stray_refunds(tx, [stray_from(row)])


async def match_stray(tx: Tx, stray_id: StrayId, payment_id: PaymentId) -> Payment:
    """Let unmatched money pay an open payment of just this amount (a clerk knows whose it is).

    Its caller moves the orders on, as after a capture.

    Raises:
        StrayNotFound, StrayInWrongState, StrayDoesNotFit, PaymentNotFound, PaymentNotOpen
    """
    stray = await get_stray(tx, stray_id)
    if (await get_payment(tx, payment_id)).total != stray.money:
        raise StrayDoesNotFit
    closed = await tx.execute(
        """
        update payments.strays set state = 'matched', closed_at = $3, closed_by = $4
         where bucket = $1 and id = $2 and state = 'open'
        """,
        stray_id.bucket,
        stray_id,
        tx.now,
        tx.actor.person_id,
    )
    if not closed:
        raise StrayInWrongState
    payment = await _pay_from(tx, stray, payment_id)
    await publish(tx, PaymentCaptured.of(payment))
    return payment


async def _pay_from(tx: Tx, stray: Stray, payment_id: PaymentId) -> Payment:
    row = await tx.row(
        """
        update payments.payments set state = 'paid', version = version + 1, paid_at = $3, gateway = $4, charge = $5
         where bucket = $1 and id = $2 and state in ('pending', 'failed') returning *
        """,
        payment_id.bucket,
        payment_id,
        tx.now,
        stray.gateway,
        stray.charge,
    )
    if row is None:
        raise PaymentNotOpen
    parts = await tx.rows(
        "update payments.parts set held = amount where bucket = $1 and payment_id = $2 returning *",
        payment_id.bucket,
        payment_id,
    )
    payment = payment_from(row, [part_from(part) for part in parts])
    # Unknown money lies in a bucket of its own: it crosses through clearing, part by part, under the order's name.
    postings = []
    for part in payment.parts:
        if not part.amount:
            continue
        for key, bucket, debit, credit in (
            ("out", stray.id.bucket, AccountKind.STRAY, AccountKind.CLEARING),
            ("in", payment_id.bucket, AccountKind.CLEARING, AccountKind.HELD),
        ):
            postings.append(
                Posting(
                    f"match/{stray.id}/{part.order_id}/{part.purpose}/{key}",
                    system_account(debit, bucket, stray.money.currency),
                    system_account(credit, bucket, stray.money.currency),
                    part.amount,
                    "payments.matched",
                    part.order_id,
                )
            )
    await post(tx, postings)
    return payment
