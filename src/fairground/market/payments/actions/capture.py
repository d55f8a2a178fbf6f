"""Hear what gateways tell: each charge is taken in once, whatever comes twice, late, wrong or out of order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from fairground.kit.db import Tx
from fairground.kit.events import publish
from fairground.market.ledger.actions import post
from fairground.market.ledger.model import AccountKind, Posting, gateway_account, system_account
from fairground.market.payments.actions.payouts import hear_payouts
from fairground.market.payments.actions.refunds import hear_refunds, refund_many
from fairground.market.payments.actions.strays import keep_strays
from fairground.market.payments.events import PaymentCameLate, PaymentCaptured, PaymentDeclined
from fairground.market.payments.model import (
    LATE,
    AlreadyKnown,
    Captured,
    Declined,
    Double,
    GatewayNotice,
    Late,
    NoticeKind,
    Outcome,
    Part,
    Payment,
    PaymentId,
    PaymentState,
    RefundRequest,
    StrayReason,
    Unknown,
    WrongAmount,
)
from fairground.market.payments.queries import map_payments
from fairground.market.payments.queries.payments import part_from, payment_from


async def capture(tx: Tx, notice: GatewayNotice) -> Outcome:
    """Take in one charge."""
    return (await capture_many(tx, [notice]))[0]


async def capture_many(tx: Tx, notices: Sequence[GatewayNotice]) -> list[Outcome]:
    """Take in many charges; like `take_notices`, for notices of money that came in."""
    assert all(notice.kind == NoticeKind.PAID for notice in notices), "only money that came in is captured"
    return await take_notices(tx, notices)


async def take_notices(tx: Tx, notices: Sequence[GatewayNotice]) -> list[Outcome]:
    """Take notices of any kind, each once; give what became of each, in the same order.

    Charges are captured set by set, in some eight statements for any number. Nobody's notice fails another's: what
    does not fit is kept as a stray.
    """
    outcomes: list[Outcome] = [AlreadyKnown()] * len(notices)
    fresh = await _note_in_inbox(tx, notices)
    by_kind: dict[NoticeKind, list[int]] = defaultdict(list)
    for i in fresh:
        by_kind[notices[i].kind].append(i)
    hear = (
        (_capture, (NoticeKind.PAID,)),
        (_decline, (NoticeKind.FAILED,)),
        (hear_refunds, (NoticeKind.REFUNDED, NoticeKind.REFUND_FAILED)),
        (hear_payouts, (NoticeKind.PAID_OUT, NoticeKind.BOUNCED)),
    )
    for hearer, kinds in hear:
        places = [i for kind in kinds for i in by_kind[kind]]
        if places:
            for i, outcome in zip(places, await hearer(tx, [notices[i] for i in places]), strict=True):
                outcomes[i] = outcome
    return outcomes


async def _note_in_inbox(tx: Tx, notices: Sequence[GatewayNotice]) -> list[int]:
    """Tell which notices are new. Of two transactions with the same one the second waits here for the first."""
    first: dict[tuple[str, str], int] = {}
    for i, notice in enumerate(notices):
        first.setdefault((notice.gateway, notice.event_id), i)
    keys = sorted(first)
    rows = await tx.rows(
        """
        insert into payments.inbox (gateway, event_id, kind, received_at)
        select g, e, k, $4 from unnest($1::text[], $2::text[], $3::text[]) as t(g, e, k)
        on conflict (gateway, event_id) do nothing returning gateway, event_id
        """,
        [gateway for gateway, _ in keys],
        [event_id for _, event_id in keys],
        [notices[first[key]].kind for key in keys],
        tx.now,
    )
    return sorted(first[(row["gateway"], row["event_id"])] for row in rows)


async def _capture(tx: Tx, notices: Sequence[GatewayNotice]) -> list[Outcome]:
    outcomes: list[Outcome] = [AlreadyKnown()] * len(notices)
    new = await _note_charges(tx, notices)
    named: dict[PaymentId, int] = {}  # the first charge of each payment in this batch
    for i in new:
        subject = notices[i].subject
        if subject is not None:
            named.setdefault(PaymentId(subject), i)
    taken = await _pay(tx, {p: notices[i] for p, i in named.items()}, late=False)
    rest = {p: notices[i] for p, i in named.items() if p not in taken}
    late = await _pay(tx, rest, late=True) if rest else {}
    for payment_id, payment in (taken | late).items():
        outcomes[named[payment_id]] = Late(payment) if payment_id in late else Captured(payment)
    await _take_in(tx, [*taken.values(), *late.values()])
    await _send_back_late(tx, list(late.values()))
    done = {named[payment_id] for payment_id in taken | late}
    left = [i for i in new if i not in done]
    if left:
        for i, outcome in zip(left, await _keep(tx, [notices[i] for i in left]), strict=True):
            outcomes[i] = outcome
    await publish(tx, *(PaymentCaptured.of(p) for p in taken.values()))
    await publish(tx, *(PaymentCameLate.of(p) for p in late.values()))
    return outcomes


async def _note_charges(tx: Tx, notices: Sequence[GatewayNotice]) -> list[int]:
    """Tell which charges are new: a gateway may tell of one charge in several notices, and in its daily file."""
    first: dict[tuple[str, str], int] = {}
    for i, notice in enumerate(notices):
        first.setdefault((notice.gateway, notice.reference), i)
    mine = [notices[first[key]] for key in sorted(first)]
    rows = await tx.rows(
        """
        insert into payments.charges (gateway, charge, payment_id, amount, currency, at, seen_at)
        select g, c, p, a, u, m, $7
          from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::timestamptz[])
               as t(g, c, p, a, u, m)
        on conflict (gateway, charge) do nothing returning gateway, charge
        """,
        [n.gateway for n in mine],
        [n.reference for n in mine],
        [n.subject for n in mine],
        [n.amount for n in mine],
        [n.currency for n in mine],
        [n.at for n in mine],
        tx.now,
    )
    return sorted(first[(row["gateway"], row["charge"])] for row in rows)


async def _pay(tx: Tx, notices: dict[PaymentId, GatewayNotice], *, late: bool) -> dict[PaymentId, Payment]:
    """Move to paid what is open (or, late, what was closed) and asks for just this amount."""
    ids = sorted(notices)
    rows = await tx.rows(
        """
        update payments.payments p
           set state = 'paid', version = version + 1, paid_at = $6, gateway = t.g, charge = t.c
          from (select * from unnest($1::smallint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $8::text[])
                as t(b, i, g, c, a, u) order by b, i) t
         where p.bucket = t.b and p.id = t.i and p.amount = t.a and p.currency = t.u and p.state = any($7)
        returning p.*
        """,
        [i.bucket for i in ids],
        ids,
        [notices[i].gateway for i in ids],
        [notices[i].reference for i in ids],
        [notices[i].amount for i in ids],
        tx.now,
        [PaymentState.EXPIRED] if late else [PaymentState.PENDING, PaymentState.FAILED],
        [notices[i].currency for i in ids],
    )
    if not rows:
        return {}
    parts = defaultdict(list)
    for part in await _hold_parts(tx, [PaymentId(row["id"]) for row in rows]):
        parts[part.payment_id].append(part)
    return {PaymentId(row["id"]): payment_from(row, parts[PaymentId(row["id"])]) for row in rows}


async def _hold_parts(tx: Tx, payment_ids: Iterable[PaymentId]) -> list[Part]:
    ids = sorted(payment_ids)
    rows = await tx.rows(
        """
        update payments.parts p set held = p.amount
          from (select * from unnest($1::smallint[], $2::bigint[]) as t(b, i) order by b, i) t
         where p.bucket = t.b and p.payment_id = t.i
        returning p.*
        """,
        [i.bucket for i in ids],
        ids,
    )
    return sorted((part_from(row) for row in rows), key=lambda part: (part.order_id, part.purpose))


async def _take_in(tx: Tx, payments: Sequence[Payment]) -> None:
    await post(
        tx,
        [
            Posting(
                f"capture/{p.id}/{part.order_id}/{part.purpose}",
                gateway_account(p.gateway, p.id.bucket, p.total.currency),
                system_account(AccountKind.HELD, p.id.bucket, p.total.currency),
                part.amount,
                "payments.captured",
                part.order_id,
            )
            for p in payments
            for part in p.parts
            if part.amount
        ],
    )


async def _send_back_late(tx: Tx, payments: Sequence[Payment]) -> None:
    await refund_many(
        tx,
        [
            RefundRequest(
                p.id,
                part.order_id,
                part.amount,
                f"late/{p.id}/{part.order_id}/{part.purpose}",
                LATE,
                part.purpose,
            )
            for p in payments
            for part in p.parts
            if part.amount
        ],
    )


async def _keep(tx: Tx, notices: Sequence[GatewayNotice]) -> list[Outcome]:
    """Keep money that fits no open payment, and say why it does not."""
    payments = await map_payments(tx, [PaymentId(n.subject) for n in notices if n.subject is not None])
    reasons = []
    for notice in notices:
        payment = None if notice.subject is None else payments.get(PaymentId(notice.subject))
        if payment is None:
            reasons.append(StrayReason.UNKNOWN)
        elif payment.state in (PaymentState.PAID, PaymentState.REFUNDED):
            reasons.append(StrayReason.DOUBLE)
        else:
            reasons.append(StrayReason.WRONG_AMOUNT)
    outcomes: list[Outcome] = []
    kept = await keep_strays(tx, list(zip(notices, reasons, strict=True)))
    for notice, reason, stray_id in zip(notices, reasons, kept, strict=True):
        if reason == StrayReason.UNKNOWN or notice.subject is None:
            outcomes.append(Unknown(stray_id))
        elif reason == StrayReason.DOUBLE:
            outcomes.append(Double(PaymentId(notice.subject), stray_id))
        else:
            outcomes.append(WrongAmount(PaymentId(notice.subject), stray_id))
    return outcomes


async def _decline(tx: Tx, notices: Sequence[GatewayNotice]) -> list[Outcome]:
    """Note tries that did not work; one that is heard after the money came changes nothing."""
    ids = sorted({PaymentId(n.subject) for n in notices if n.subject is not None})
    rows = await tx.rows(
        """
        update payments.payments p set state = 'failed', version = version + 1
          from unnest($1::smallint[], $2::bigint[]) as t(b, i)
         where p.bucket = t.b and p.id = t.i and p.state = 'pending' returning p.id
        """,
        [i.bucket for i in ids],
        ids,
    )
    declined = await map_payments(tx, [PaymentId(row["id"]) for row in rows])
    await publish(tx, *(PaymentDeclined.of(p) for p in declined.values()))
    return [
        Declined(PaymentId(n.subject)) if n.subject is not None and n.subject in declined else AlreadyKnown()
        for n in notices
    ]
