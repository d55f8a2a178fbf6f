"""What a gateway's file, or a bank's, is compared with."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

import msgspec

from fairground.kit.db import Reader
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.payments.model import (
    Finding,
    FindingState,
    GatewayNotice,
    LineKind,
    NoticeKind,
    Payment,
    PaymentId,
    PaymentState,
    Problem,
    SettlementLine,
)
from fairground.market.payments.model.bank import BANK_TRANSFER, BankLine, notices_from
from fairground.market.payments.queries.payments import map_payments


class Verdict(StrEnum):
    """What would become of a line of a bank statement."""

    FITS = "fits"
    KNOWN = "known"
    WRONG_AMOUNT = "wrong_amount"
    DOUBLE = "double"
    LATE = "late"
    UNKNOWN = "unknown"


class Proposal(msgspec.Struct, frozen=True):
    """A line with the payment it names, for a clerk to confirm."""

    line: BankLine
    payment: Payment | None
    verdict: Verdict


async def is_settled(reader: Reader, gateway: str, day: date) -> bool:
    """Tell whether a day has been compared already."""
    return bool(
        await reader.value("select true from payments.settlements where gateway = $1 and day = $2", gateway, day)
    )


async def list_our_lines(reader: Reader, gateway: str, day: date) -> list[SettlementLine]:
    """List what we believe to have happened at a gateway on a day (UTC, by the gateway's moments)."""
    begin = datetime.combine(day, time(), UTC)
    rows = await reader.rows(
        """
        select 'charge' as kind, charge as reference, payment_id as subject, amount, currency, at
          from payments.charges where gateway = $1 and at >= $2 and at < $3
        union all
        select 'refund', reference, id, amount, currency, settled_at from payments.refunds
         where gateway = $1 and state = 'done' and reference is not null and settled_at >= $2 and settled_at < $3
        union all
        select 'payout', reference, id, amount, currency, settled_at from payments.payouts
         where gateway = $1 and state = 'paid' and reference is not null and settled_at >= $2 and settled_at < $3
        """,
        gateway,
        begin,
        begin + timedelta(days=1),
    )
    return [
        SettlementLine(
            LineKind(r["kind"]),
            r["reference"],
            None if r["subject"] is None else Id(r["subject"]),
            Money(r["amount"], r["currency"]),
            r["at"],
        )
        for r in rows
    ]


async def missing_notices(reader: Reader, gateway: str, lines: Sequence[SettlementLine]) -> list[GatewayNotice]:
    """Make the notices that were lost on their way, from a settlement file."""
    known = await reader.rows(
        """
        select 'charge' as kind, charge as reference from payments.charges where gateway = $1 and charge = any($2)
        union all
        select 'refund', r.reference from unnest($3::smallint[], $4::bigint[]) as t(b, i)
          join payments.refunds r on r.bucket = t.b and r.id = t.i and r.state = 'done'
        union all
        select 'payout', p.reference from unnest($5::smallint[], $6::bigint[]) as t(b, i)
          join payments.payouts p on p.bucket = t.b and p.id = t.i and p.state in ('paid', 'bounced')
        """,
        gateway,
        [line.reference for line in lines if line.kind == LineKind.CHARGE],
        *_ids(lines, LineKind.REFUND),
        *_ids(lines, LineKind.PAYOUT),
    )
    seen = {(row["kind"], row["reference"]) for row in known}
    return [_notice(gateway, line) for line in lines if (line.kind, line.reference) not in seen]


def _ids(lines: Sequence[SettlementLine], kind: LineKind) -> tuple[list[int], list[Id]]:
    ids = [line.subject for line in lines if line.kind == kind and line.subject is not None]
    return [i.bucket for i in ids], ids


def _notice(gateway: str, line: SettlementLine) -> GatewayNotice:
    kinds = {
        LineKind.CHARGE: NoticeKind.PAID,
        LineKind.REFUND: NoticeKind.REFUNDED,
        LineKind.PAYOUT: NoticeKind.PAID_OUT,
    }
    return GatewayNotice(
        gateway,
        f"settlement/{line.kind}/{line.reference}",
        kinds[line.kind],
        line.subject,
        line.reference,
        line.money.amount,
        line.money.currency,
        line.at,
    )


async def list_open_findings(reader: Reader, limit: int = 200) -> list[Finding]:
    """List differences nobody has explained, the oldest first."""
    rows = await reader.rows("select * from payments.findings where state = 'open' order by found_at limit $1", limit)
    return [
        Finding(
            r["gateway"],
            r["day"],
            LineKind(r["kind"]),
            r["reference"],
            Problem(r["problem"]),
            r["ours"],
            r["theirs"],
            r["currency"],
            FindingState(r["state"]),
            r["words"],
        )
        for r in rows
    ]


async def propose_matches(reader: Reader, lines: Sequence[BankLine]) -> list[Proposal]:
    """Tell a clerk what each line of a bank statement would do; changes nothing."""
    notices = notices_from(lines)
    payments = await map_payments(reader, [PaymentId(n.subject) for n in notices if n.subject is not None])
    rows = await reader.rows(
        "select charge from payments.charges where gateway = $1 and charge = any($2)",
        BANK_TRANSFER,
        [line.number for line in lines],
    )
    known = {row["charge"] for row in rows}
    proposals = []
    paid: set[PaymentId] = set()
    for line, notice in zip(lines, notices, strict=True):
        payment = None if notice.subject is None else payments.get(PaymentId(notice.subject))
        verdict = Verdict.KNOWN if line.number in known else _verdict(line, payment, paid)
        if verdict == Verdict.FITS and payment is not None:
            paid.add(payment.id)
        proposals.append(Proposal(line, payment, verdict))
    return proposals


def _verdict(line: BankLine, payment: Payment | None, paid: set[PaymentId]) -> Verdict:
    if payment is None:
        return Verdict.UNKNOWN
    if payment.id in paid or payment.state in (PaymentState.PAID, PaymentState.REFUNDED):
        return Verdict.DOUBLE
    if payment.total != line.money:
        return Verdict.WRONG_AMOUNT
    return Verdict.LATE if payment.state == PaymentState.EXPIRED else Verdict.FITS
