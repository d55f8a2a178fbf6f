"""What the sandbox bank does: take payments, give refunds, pay out. Its own tables, its own transactions."""

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import msgspec

from fairground.adapters.gateways.sandbox import WireEvent, WireSent
from fairground.adapters.sandbox.config import SandboxConfig, SandboxMischief
from fairground.kit.actor import system
from fairground.kit.db import Reader, Row, Tx
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.payments.model import LineKind, NoticeKind, SentState, SettlementLine, write_settlement

ACTOR: Final = system("sandbox")


class NewIntent(msgspec.Struct, frozen=True):
    """A payment as its merchant asks for it."""

    merchant_reference: str
    amount: int
    currency: str
    return_url: str


class RefundWish(msgspec.Struct, frozen=True):
    """A refund as the merchant asks for it."""

    merchant_reference: str
    charge: str
    amount: int
    currency: str


class PayoutWish(msgspec.Struct, frozen=True):
    """A payout as the merchant asks for it."""

    merchant_reference: str
    holder: str
    account: str
    amount: int
    currency: str


class Intent(msgspec.Struct, frozen=True):
    """A payment as the bank knows it."""

    merchant_reference: int
    money: Money
    return_url: str
    state: str


class NoSuchIntent(Exception):
    """The bank knows no such payment."""


async def open_intents(tx: Tx, wishes: Sequence[NewIntent]) -> None:
    """Note what is to be paid; an intent known already stays as it is."""
    await tx.execute(
        """
        insert into sandbox.intents (merchant_reference, amount, currency, return_url, state, made_at)
        select m, a, c, r, 'open', $5 from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) as t(m, a, c, r)
        on conflict (merchant_reference) do nothing
        """,
        [int(w.merchant_reference) for w in wishes],
        [w.amount for w in wishes],
        [w.currency for w in wishes],
        [w.return_url for w in wishes],
        tx.now,
    )


async def get_intent(reader: Reader, merchant_reference: int) -> Intent:
    """Get a payment; raises `NoSuchIntent`."""
    row = await reader.row("select * from sandbox.intents where merchant_reference = $1", merchant_reference)
    if row is None:
        raise NoSuchIntent
    return Intent(row["merchant_reference"], Money(row["amount"], row["currency"]), row["return_url"], row["state"])


async def find_result(reader: Reader, merchant_reference: int) -> WireEvent | None:
    """Tell what became of a payment, None while nothing final did; raises `NoSuchIntent`."""
    row = await reader.row("select * from sandbox.intents where merchant_reference = $1", merchant_reference)
    if row is None:
        raise NoSuchIntent
    return _paid(row) if row["state"] == "paid" else None


async def list_results(reader: Reader, merchant_references: Sequence[int]) -> list[WireEvent]:
    """Tell what became of payments; those to which nothing final happened, or that nobody knows, are left out."""
    rows = await reader.rows(
        "select * from sandbox.intents where merchant_reference = any($1) and state = 'paid'", list(merchant_references)
    )
    return [_paid(row) for row in rows]


async def pay(tx: Tx, config: SandboxConfig, merchant_reference: int) -> str:
    """Let the buyer pay; paying again changes nothing. Gives the state."""
    row = await tx.row(
        """
        update sandbox.intents set state = 'paid', tries = tries + 1, charge = $2, paid_at = $3
         where merchant_reference = $1 and state <> 'paid' returning *
        """,
        merchant_reference,
        f"sb_ch_{secrets.token_hex(12)}",
        tx.now,
    )
    if row is not None:
        await tell(tx, config, _paid(row))
        return "paid"
    return (await get_intent(tx, merchant_reference)).state


async def decline(tx: Tx, config: SandboxConfig, merchant_reference: int) -> str:
    """Let the buyer's try fail; what is paid stays paid. Gives the state."""
    row = await tx.row(
        """
        update sandbox.intents set state = 'failed', tries = tries + 1
         where merchant_reference = $1 and state <> 'paid' returning *
        """,
        merchant_reference,
    )
    if row is None:
        return (await get_intent(tx, merchant_reference)).state
    await tell(
        tx,
        config,
        WireEvent(
            f"failed/{merchant_reference}/{row['tries']}",
            NoticeKind.FAILED,
            str(merchant_reference),
            f"sb_try_{merchant_reference}_{row['tries']}",
            row["amount"],
            row["currency"],
            tx.now,
        ),
    )
    return "failed"


async def give_refund(tx: Tx, wish: RefundWish) -> WireSent:
    """Send money back; never more than was paid, once per merchant reference."""
    intent = await tx.row("select * from sandbox.intents where charge = $1 for update", wish.charge)
    if intent is None or intent["currency"] != wish.currency:
        return WireSent(SentState.REFUSED, error="no such charge")
    known = await _find_transfer(tx, LineKind.REFUND, wish.merchant_reference)
    if known is not None:
        return _answer(known, SentState.DONE)
    back = await tx.value(
        "select coalesce(sum(amount), 0)::bigint from sandbox.transfers where charge = $1", wish.charge
    )
    if not 0 < wish.amount <= intent["amount"] - back:
        return WireSent(SentState.REFUSED, error="more than was paid")
    return _answer(await _write_transfer(tx, LineKind.REFUND, wish, "done"), SentState.DONE)


async def give_payout(tx: Tx, config: SandboxConfig, wish: PayoutWish) -> WireSent:
    """Send money to a bank account, once per merchant reference; whether it arrives is told by a webhook."""
    known = await _find_transfer(tx, LineKind.PAYOUT, wish.merchant_reference)
    if known is not None:
        return _answer(known, SentState.UNDER_WAY)
    bounces = wish.account.endswith(config.bounce_suffix)
    row = await _write_transfer(tx, LineKind.PAYOUT, wish, "bounced" if bounces else "done")
    await tell(
        tx,
        config,
        WireEvent(
            f"payout/{wish.merchant_reference}",
            NoticeKind.BOUNCED if bounces else NoticeKind.PAID_OUT,
            wish.merchant_reference,
            row["reference"],
            wish.amount,
            wish.currency,
            tx.now,
            "the account does not exist" if bounces else "",
        ),
    )
    return _answer(row, SentState.UNDER_WAY)


async def write_day(reader: Reader, day: date) -> str:
    """Write the settlement file of a day (UTC)."""
    begin = datetime.combine(day, time(), UTC)
    rows = await reader.rows(
        """
        select 'charge' as kind, charge as reference, merchant_reference, amount, currency, paid_at as at
          from sandbox.intents where state = 'paid' and paid_at >= $1 and paid_at < $2
        union all
        select kind, reference, merchant_reference, amount, currency, at from sandbox.transfers
         where state = 'done' and at >= $1 and at < $2
         order by at, reference
        """,
        begin,
        begin + timedelta(days=1),
    )
    return write_settlement(
        SettlementLine(
            LineKind(r["kind"]), r["reference"], Id(r["merchant_reference"]), Money(r["amount"], r["currency"]), r["at"]
        )
        for r in rows
    )


async def tell(tx: Tx, config: SandboxConfig, event: WireEvent) -> None:
    """Put a webhook into the outbox, with whatever mischief the setting asks for."""
    mischief = config.mischief
    copies = 1 + _strikes(mischief.duplicated_percent)
    await tx.execute(
        """
        insert into sandbox.outbox (event_id, copy, body, made_at, due_at, lost)
        select $1, n, $2, $3, $4, $5 from generate_series(1, $6) n
        on conflict (event_id, copy) do nothing
        """,
        event.id,
        msgspec.to_builtins(event),
        tx.now,
        tx.now + _delay(mischief),
        _strikes(mischief.lost_percent),
        copies,
    )
    tx.after_commit(config.woken.set)


def _strikes(percent: int) -> bool:
    return secrets.randbelow(100) < percent


def _delay(mischief: SandboxMischief) -> timedelta:
    return timedelta(seconds=mischief.delayed_seconds if _strikes(mischief.delayed_percent) else 0)


def _paid(row: Row) -> WireEvent:
    return WireEvent(
        f"paid/{row['charge']}",
        NoticeKind.PAID,
        str(row["merchant_reference"]),
        row["charge"],
        row["amount"],
        row["currency"],
        row["paid_at"],
    )


async def _find_transfer(tx: Tx, kind: LineKind, merchant_reference: str) -> Row | None:
    return await tx.row(
        "select * from sandbox.transfers where kind = $1 and merchant_reference = $2", kind, int(merchant_reference)
    )


async def _write_transfer(tx: Tx, kind: LineKind, wish: RefundWish | PayoutWish, state: str) -> Row:
    row = await tx.row(
        """
        insert into sandbox.transfers (kind, merchant_reference, reference, charge, account, amount, currency, state,
               at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (kind, merchant_reference) do update set amount = sandbox.transfers.amount returning *
        """,
        kind,
        int(wish.merchant_reference),
        f"sb_{kind[:2]}_{secrets.token_hex(12)}",
        wish.charge if isinstance(wish, RefundWish) else None,
        wish.account if isinstance(wish, PayoutWish) else None,
        wish.amount,
        wish.currency,
        state,
        tx.now,
    )
    assert row is not None, "an upsert returns its row"
    return row


def _answer(row: Any, state: SentState) -> WireSent:
    return WireSent(state, row["reference"], row["at"])
