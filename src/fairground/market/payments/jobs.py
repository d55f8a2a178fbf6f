"""Work that comes round: send refunds and payouts, close what nobody paid, compare days, forget old notices.

Gateways are asked and told outside of any transaction. What is due stands in rows with its next moment: the queue
only makes it quick, the timers make it certain.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

import structlog

from fairground.kit.actor import system
from fairground.kit.db import Database, Tx
from fairground.kit.ids import Id
from fairground.kit.jobs import Job
from fairground.kit.seal import Keyring
from fairground.kit.timers import Timer
from fairground.market.payments.actions import expire_payments, mark_payout_sent, reconcile_day, settle_payout
from fairground.market.payments.actions.payouts import SEND_PAYOUTS, bounce_payout, claim_payout, put_off_payout
from fairground.market.payments.actions.refunds import (
    SEND_REFUNDS,
    claim_refund,
    fail_refund,
    finish_refund,
    leave_refund_to_hand,
    put_off_refund,
)
from fairground.market.payments.model import (
    Destination,
    GatewayNotice,
    NoticeKind,
    Outcome,
    Payment,
    PaymentId,
    PaymentRules,
    Payout,
    PayoutId,
    PayoutOrder,
    Refund,
    RefundId,
    Sent,
    SentState,
)
from fairground.market.payments.model.payout import read_account
from fairground.market.payments.ports import Gateway
from fairground.market.payments.queries import (
    is_settled,
    list_due_payments,
    list_due_payouts,
    list_due_refunds,
    missing_notices,
)

log = structlog.get_logger(__name__)
ACTOR: Final = system("payments")
CHUNK: Final = 100
LOT: Final = 250  # payments closed in one transaction
ROUNDS: Final = 2_000  # of one sweep; what is left then is due at the next

Gateways: TypeAlias = Mapping[str, Gateway]
# Takes notices and moves on whatever hangs on them (the rooms above: orders).
Take: TypeAlias = Callable[[Tx, Sequence[GatewayNotice]], Awaitable[Sequence[Outcome]]]
# Closes what hung on payments that have just expired (the rooms above: orders, stock).
Close: TypeAlias = Callable[[Tx, Sequence[Payment]], Awaitable[None]]


def jobs(db: Database, gateways: Gateways) -> list[Job]:
    """List the jobs of payments, bound to what they need."""

    async def refunds(_: dict[str, Any]) -> None:
        await send_refunds(db, gateways)

    async def payouts(_: dict[str, Any]) -> None:
        await send_payouts(db, gateways)

    return [Job(SEND_REFUNDS, refunds, at_once=1), Job(SEND_PAYOUTS, payouts, at_once=1)]


def timers(gateways: Gateways, take: Take, close: Close) -> list[Timer]:
    """List the timers of payments, bound to what they need."""
    return [
        Timer("payments.send_refunds", timedelta(seconds=30), lambda db: send_refunds(db, gateways)),
        Timer("payments.send_payouts", timedelta(seconds=30), lambda db: send_payouts(db, gateways)),
        Timer("payments.close_unpaid", timedelta(seconds=15), lambda db: close_unpaid(db, gateways, take, close)),
        Timer("payments.reconcile", timedelta(minutes=30), lambda db: reconcile(db, gateways, take)),
        Timer("payments.forget_notices", timedelta(hours=6), forget_notices),
    ]


async def send_refunds(db: Database, gateways: Gateways) -> int:
    """Send the refunds that are due, at most a hundred; give how many were taken up."""
    due = await db.read(lambda reader: list_due_refunds(reader, CHUNK))
    return sum([await _send_refund(db, gateways, refund.id) for refund in due])


async def _send_refund(db: Database, gateways: Gateways, refund_id: RefundId) -> bool:
    refund = await db.write(ACTOR, lambda tx: claim_refund(tx, refund_id))
    if refund is None:
        return False
    try:
        sent = await _gateway(gateways, refund.gateway).refund(refund.order)
    except Exception as trouble:  # noqa: BLE001 - whatever an adapter meets is kept with the refund and tried again
        error = f"{type(trouble).__name__}: {trouble}"
        log.warning("refund not sent", refund=str(refund_id), error=error)
        await db.write(ACTOR, lambda tx: put_off_refund(tx, refund, error))
        return True
    await db.write(ACTOR, lambda tx: _note_refund(tx, refund, sent))
    return True


async def _note_refund(tx: Tx, refund: Refund, sent: Sent) -> None:
    match sent.state:
        case SentState.DONE:
            await finish_refund(tx, refund.id, sent.reference, sent.at or tx.now)
        case SentState.REFUSED:
            await fail_refund(tx, refund.id, sent.error or "refused by the gateway")
        case SentState.BY_HAND:
            await leave_refund_to_hand(tx, refund.id)
        case SentState.UNDER_WAY:
            # A notice will follow; until then it is sent again now and then, which also finds out a lost notice.
            await put_off_refund(tx, refund, "")


async def send_payouts(db: Database, gateways: Gateways) -> int:
    """Send the payouts that are due, at most a hundred; give how many were taken up."""
    due = await db.read(lambda reader: list_due_payouts(reader, CHUNK))
    return sum([await _send_payout(db, gateways, payout.id) for payout in due])


async def _send_payout(db: Database, gateways: Gateways, payout_id: PayoutId) -> bool:
    claimed = await db.write(ACTOR, lambda tx: claim_payout(tx, payout_id))
    if claimed is None:
        return False
    payout, destination = claimed
    try:
        order = _payout_order(db.given(Keyring), payout, destination)
        sent = await _gateway(gateways, payout.gateway).pay_out(order)
    except Exception as trouble:  # noqa: BLE001 - whatever an adapter meets is kept with the payout and tried again
        error = f"{type(trouble).__name__}: {trouble}"
        log.warning("payout not sent", payout=str(payout_id), error=error)
        await db.write(ACTOR, lambda tx: put_off_payout(tx, payout, error))
        return True
    await db.write(ACTOR, lambda tx: _note_payout(tx, payout, sent))
    return True


def _payout_order(keyring: Keyring, payout: Payout, destination: Destination) -> PayoutOrder:
    account = read_account(keyring.unseal(destination.sealed, destination.aad))
    return PayoutOrder(payout.id, account, payout.money)


async def _note_payout(tx: Tx, payout: Payout, sent: Sent) -> None:
    match sent.state:
        case SentState.DONE:
            await settle_payout(tx, payout.id, sent.reference, sent.at or tx.now)
        case SentState.REFUSED:
            await bounce_payout(tx, payout.id, sent.error or "refused by the gateway", sent.at or tx.now)
        case SentState.BY_HAND:
            await put_off_payout(tx, payout, "", by_hand=True)
        case SentState.UNDER_WAY:
            await mark_payout_sent(tx, payout.id, sent.reference)


async def close_unpaid(db: Database, gateways: Gateways, take: Take, close: Close) -> int:
    """Close open payments whose time is over, each gateway asked first; give how many were due.

    What the gateway knows to be paid is taken instead of closed. A few hundred at a time, each lot in a transaction of
    its own, until nothing is due: buyers who want the same goods wait for one lot, never for all.
    """
    total = 0
    for _ in range(ROUNDS):
        due = await db.read(lambda reader: list_due_payments(reader, LOT))
        if not due:
            break
        total += len(due)
        by_gateway: dict[str, list[Payment]] = defaultdict(list)
        for payment in due:
            by_gateway[payment.gateway].append(payment)
        asked = await asyncio.gather(*(_ask(db, gateways, name, some, take) for name, some in by_gateway.items()))
        await _close(db, [payment for some in asked for payment in some], close)
    return total


async def _ask(
    db: Database, gateways: Gateways, name: str, payments: Sequence[Payment], take: Take
) -> Sequence[Payment]:
    """Ask a gateway and take what it knows; give the payments that may be closed where they are still open then."""
    try:
        known = await _gateway(gateways, name).ask_many(payments)
    except Exception as trouble:  # noqa: BLE001 - a gateway that is down must not stop the others' payments
        log.warning("gateway cannot be asked", gateway=name, payments=len(payments), error=repr(trouble))
        waits = await db.write(ACTOR, lambda tx: _ask_later(tx, payments))
        return [payment for payment in payments if payment.id not in waits]
    notices = [known[p.id] for p in payments if p.id in known and known[p.id].kind == NoticeKind.PAID]
    failed = await _take(db, notices, take)
    # What was paid with a wrong amount is still open, and its time is over all the same.
    return [payment for payment in payments if payment.id not in failed]


async def _take(db: Database, notices: Sequence[GatewayNotice], take: Take) -> set[Id]:
    """Take all in one transaction; if that fails one by one. Gives the payments whose money could not be taken."""
    if not notices:
        return set()
    try:
        await db.write(ACTOR, lambda tx: take(tx, notices))
    except Exception as trouble:
        if len(notices) > 1:
            return {stuck for notice in notices for stuck in await _take(db, [notice], take)}
        payment_id = PaymentId(notices[0].subject or 0)
        log.exception("money not taken", payment=str(payment_id), exc_info=trouble)
        await db.write(ACTOR, lambda tx: _put_off(tx, [payment_id]))
        return {payment_id}
    return set()


async def _close(db: Database, payments: Sequence[Payment], close: Close) -> None:
    """Close all in one transaction; if that fails one by one, so that one bad order does not hold up the others."""
    if not payments:
        return

    async def deed(tx: Tx) -> None:
        expired = await expire_payments(tx, [payment.id for payment in payments])
        if expired:
            await close(tx, expired)

    try:
        await db.write(ACTOR, deed)
    except Exception as trouble:
        if len(payments) == 1:
            log.exception("payment not closed", payment=str(payments[0].id), exc_info=trouble)
            await db.write(ACTOR, lambda tx: _put_off(tx, [payments[0].id]))
            return
        for payment in payments:
            await _close(db, [payment], close)


async def _ask_later(tx: Tx, payments: Sequence[Payment]) -> set[PaymentId]:
    """Put the closing off, except where our patience with the gateway is over; gives which were put off."""
    patience = timedelta(hours=tx.given(PaymentRules).ask_patience_hours)
    waits = [payment.id for payment in payments if tx.now - payment.expires_at < patience]
    await _put_off(tx, waits)
    return set(waits)


async def _put_off(tx: Tx, payment_ids: Sequence[PaymentId]) -> None:
    await tx.execute(
        """
        update payments.payments p set ask_at = $3 from unnest($1::smallint[], $2::bigint[]) as t(b, i)
         where p.bucket = t.b and p.id = t.i
        """,
        [i.bucket for i in payment_ids],
        list(payment_ids),
        tx.now + timedelta(minutes=tx.given(PaymentRules).ask_again_minutes),
    )


async def reconcile(db: Database, gateways: Gateways, take: Take) -> int:
    """Compare the past days that were not compared yet; give how many were."""
    today, rules, done = db.clock.now().date(), db.given(PaymentRules), 0
    failures: list[Exception] = []
    for gateway in gateways.values():
        for back in range(1, rules.clearing_days + 1):
            day = today - timedelta(days=back)
            if await db.read(lambda reader, g=gateway.name, d=day: is_settled(reader, g, d)):  # type: ignore[misc]
                continue
            try:
                done += await settle_day(db, gateway, day, take)
            except Exception as trouble:  # noqa: BLE001 - raised below, when the other gateways had their turn
                failures.append(trouble)
                break
    if failures:
        raise failures[0]
    return done


async def settle_day(db: Database, gateway: Gateway, day: date, take: Take) -> bool:
    """Take what a day's file knows and we do not (notices were lost), then compare; False where there is no file."""
    lines = await gateway.settlement(day)
    if lines is None:
        return False
    lost = await db.read(lambda reader: missing_notices(reader, gateway.name, lines))
    for start in range(0, len(lost), CHUNK):
        await db.write(ACTOR, lambda tx, s=start: take(tx, lost[s : s + CHUNK]))  # type: ignore[misc]
    await db.write(ACTOR, lambda tx: reconcile_day(tx, gateway.name, day, lines, healed=len(lost)))
    return True


async def forget_notices(db: Database) -> int:
    """Forget which notices were heard long ago; charges keep each from counting twice for ever."""

    async def forget(tx: Tx) -> int:
        return await tx.execute(
            """
            delete from payments.inbox where (gateway, event_id) in (
              select gateway, event_id from payments.inbox where received_at < $1 limit 5000)
            """,
            tx.now - timedelta(days=tx.given(PaymentRules).inbox_kept_days),
        )

    return await db.write(ACTOR, forget)


def _gateway(gateways: Gateways, name: str) -> Gateway:
    gateway = gateways.get(name)
    if gateway is None:
        raise LookupError(f"the gateway {name} is not switched on")
    return gateway
