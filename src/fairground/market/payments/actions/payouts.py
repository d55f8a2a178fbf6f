"""Bank accounts of shops, and payouts to them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from fairground.kit.db import Tx
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.kit.jobs import enqueue
from fairground.kit.money import Money
from fairground.kit.seal import Keyring
from fairground.market.ledger.actions import post
from fairground.market.ledger.errors import InsufficientFunds
from fairground.market.ledger.model import AccountKind, AccountRef, Posting, Transfer, gateway_account, owned_account
from fairground.market.payments.errors import (
    DestinationMissing,
    EmailUnverified,
    PayoutInWrongState,
    PayoutTooHigh,
    PayoutTooLow,
)
from fairground.market.payments.events import DestinationChanged, PayoutBounced, PayoutPaid, PayoutRequested
from fairground.market.payments.model import (
    AlreadyKnown,
    BankAccount,
    Destination,
    DestinationId,
    GatewayNotice,
    Heard,
    NoticeKind,
    Outcome,
    PaymentRules,
    Payout,
    PayoutId,
    backoff,
)
from fairground.market.payments.model.payout import clean_account, destination_aad
from fairground.market.payments.queries import find_destination, get_payout
from fairground.market.payments.queries.payouts import destination_from, payout_from

SEND_PAYOUTS = "payments.send_payouts"
NUMBER_PRINT = "payments.destinations"  # what fingerprints of account numbers are for


async def change_destination(tx: Tx, shop_id: Id, account: BankAccount) -> Destination:
    """Set a shop's bank account; a changed one is used only after the wait, the first at once.

    Its caller has asked for the password again. A change that still waited is replaced.

    Raises:
        Invalid: no holder, or a number that cannot be one.
    """
    account = clean_account(account)
    earlier = await find_destination(tx, shop_id)
    wait = timedelta(hours=tx.given(PaymentRules).destination_wait_hours) if earlier else timedelta()
    keyring, new_id = tx.given(Keyring), tx.new_id(DestinationId, shop_id.bucket)
    await keep_destination(tx, shop_id)
    row = await tx.row(
        """
        insert into payments.destinations (bucket, id, shop_id, sealed, fingerprint, hint, valid_from, created_at,
               created_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning *
        """,
        shop_id.bucket,
        new_id,
        shop_id,
        keyring.seal(msgspec.json.encode(account).decode(), destination_aad(new_id, shop_id)),
        keyring.fingerprint(account.number, NUMBER_PRINT),
        account.hint,
        tx.now + wait,
        tx.now,
        tx.actor.person_id,
    )
    assert row is not None, "an insert returns its row"
    destination = destination_from(row)
    await publish(
        tx,
        DestinationChanged(
            destination_id=destination.id,
            shop_id=shop_id,
            valid_from=destination.valid_from.isoformat(),
            is_first=earlier is None,
        ),
    )
    return destination


async def keep_destination(tx: Tx, shop_id: Id) -> bool:
    """Take back a change of the bank account that still waits; False where none does."""
    return bool(
        await tx.execute(
            """
            update payments.destinations set withdrawn_at = $3
             where bucket = $1 and shop_id = $2 and withdrawn_at is null and valid_from > $3
            """,
            shop_id.bucket,
            shop_id,
            tx.now,
        )
    )


async def request_payout(tx: Tx, shop_id: Id, money: Money, *, gateway: str, is_verified: bool) -> Payout:
    """Take money out of a shop's balance, to be sent to its bank; the payout pays every line since the one before.

    `is_verified`: the person who asks has confirmed their e-mail address.

    Raises:
        EmailUnverified, PayoutTooLow, DestinationMissing
        PayoutTooHigh: more than is available. The transaction cannot go on.
    """
    if not is_verified:
        raise EmailUnverified
    if money.amount < tx.given(PaymentRules).payout_least_amount:
        raise PayoutTooLow
    destination = await find_destination(tx, shop_id)
    if destination is None:
        raise DestinationMissing
    payout_id = tx.new_id(PayoutId, shop_id.bucket)
    try:
        (transfer,) = await post(
            tx,
            [
                Posting(
                    f"payout/{payout_id}",
                    owned_account(AccountKind.SHOP, shop_id, money.currency),
                    owned_account(AccountKind.PAYOUT, shop_id, money.currency),
                    money.amount,
                    "payments.payout_requested",
                    payout_id,
                )
            ],
        )
    except InsufficientFunds as trouble:
        raise PayoutTooHigh from trouble
    _refuse_owed(transfer)
    # The post holds the lock of the shop's account: no other payout of the shop is between these two statements.
    row = await tx.row(
        """
        insert into payments.payouts (bucket, id, shop_id, destination_id, gateway, amount, currency, state, version,
               first_entry, last_entry, requested_at, requested_by, next_try_at)
        select $1, $2, $3, $4, $5, $6, $7, 'requested', 1,
               coalesce((select max(last_entry) from payments.payouts
                          where bucket = $1 and shop_id = $3 and currency = $7), 0) + 1, $8, $9, $10, $9
        returning *
        """,
        shop_id.bucket,
        payout_id,
        shop_id,
        destination.id,
        gateway,
        money.amount,
        money.currency,
        transfer.debit_entry,
        tx.now,
        tx.actor.person_id,
    )
    assert row is not None, "an insert returns its row"
    payout = payout_from(row)
    await publish(tx, PayoutRequested.of(payout))
    await enqueue(tx, SEND_PAYOUTS, {}, once_as=SEND_PAYOUTS)
    return payout


def _refuse_owed(transfer: Transfer) -> None:
    """A shop may owe for refunds, down to its floor; that is no money to be paid out."""
    if transfer.debit_balance < 0:
        raise PayoutTooHigh


async def claim_payout(tx: Tx, payout_id: PayoutId) -> tuple[Payout, Destination] | None:
    """Take a due payout in hand; the next try is set at once, so that a crash while sending loses nothing."""
    row = await tx.row(
        """
        update payments.payouts set attempts = attempts + 1, next_try_at = $3
         where bucket = $1 and id = $2 and state = 'requested' and next_try_at <= $4 returning *
        """,
        payout_id.bucket,
        payout_id,
        tx.now + backoff(tx.given(PaymentRules), 1),
        tx.now,
    )
    if row is None:
        return None
    payout = payout_from(row)
    destination = await tx.row(
        "select * from payments.destinations where bucket = $1 and id = $2",
        payout.destination_id.bucket,
        payout.destination_id,
    )
    assert destination is not None, "a payout has its bank account"
    return payout, destination_from(destination)


async def put_off_payout(tx: Tx, payout: Payout, error: str, *, by_hand: bool = False) -> None:
    """Note that a try failed and set the next; `by_hand`: a clerk sends it.

    A payout is never given up by itself: nobody knows whether the bank has it.
    """
    await tx.execute(
        """
        update payments.payouts set next_try_at = $3, error = $4
         where bucket = $1 and id = $2 and state = 'requested'
        """,
        payout.id.bucket,
        payout.id,
        None if by_hand else tx.now + backoff(tx.given(PaymentRules), payout.attempts),
        error[:500] or None,
    )


async def mark_payout_sent(tx: Tx, payout_id: PayoutId, reference: str | None) -> bool:
    """Note that the gateway has taken the payout; False where it is further already."""
    return bool(
        await tx.execute(
            """
            update payments.payouts set state = 'sent', version = version + 1, sent_at = $3, reference = $4,
                   error = null, next_try_at = null
             where bucket = $1 and id = $2 and state = 'requested'
            """,
            payout_id.bucket,
            payout_id,
            tx.now,
            reference,
        )
    )


async def settle_payout(tx: Tx, payout_id: PayoutId, reference: str | None, at: datetime) -> bool:
    """Note that the money has arrived (told by the gateway, or confirmed by a clerk); False where it was known."""
    row = await tx.row(
        """
        update payments.payouts set state = 'paid', version = version + 1, settled_at = $3, error = null,
               reference = coalesce($4, reference), next_try_at = null, sent_at = coalesce(sent_at, $3)
         where bucket = $1 and id = $2 and state in ('requested', 'sent') returning *
        """,
        payout_id.bucket,
        payout_id,
        at,
        reference,
    )
    if row is None:
        return False
    payout = payout_from(row)
    under_way, _, gateway = _accounts(payout)
    await post(
        tx,
        [Posting(f"paid_out/{payout_id}", under_way, gateway, payout.money.amount, "payments.paid_out", payout_id)],
    )
    await publish(tx, PayoutPaid.of(payout))
    return True


async def bounce_payout(tx: Tx, payout_id: PayoutId, error: str, at: datetime) -> bool:
    """Note that the bank sent the money back, even after it had arrived: it is in the shop's balance again.

    False where that was known.
    """
    before = await tx.row(
        """
        select state from payments.payouts where bucket = $1 and id = $2 and state <> 'bounced' for update
        """,
        payout_id.bucket,
        payout_id,
    )
    if before is None:
        return False
    row = await tx.row(
        """
        update payments.payouts set state = 'bounced', version = version + 1, settled_at = $3, error = $4,
               next_try_at = null
         where bucket = $1 and id = $2 returning *
        """,
        payout_id.bucket,
        payout_id,
        at,
        error[:500],
    )
    payout = payout_from(row)
    under_way, shop, gateway = _accounts(payout)
    source = gateway if before["state"] == "paid" else under_way
    await post(
        tx, [Posting(f"bounced/{payout_id}", source, shop, payout.money.amount, "payments.payout_bounced", payout_id)]
    )
    await publish(tx, PayoutBounced.of(payout))
    return True


async def confirm_payout(tx: Tx, payout_id: PayoutId) -> None:
    """Let a clerk confirm a payout that was sent by hand.

    Raises:
        PayoutNotFound, PayoutInWrongState
    """
    await get_payout(tx, payout_id)
    if not await settle_payout(tx, payout_id, None, tx.now):
        raise PayoutInWrongState


async def hear_payouts(tx: Tx, notices: Sequence[GatewayNotice]) -> list[Outcome]:
    """Hear what became of payouts under way."""
    outcomes: list[Outcome] = []
    for notice in notices:
        subject = PayoutId(notice.subject or 0)
        if notice.kind == NoticeKind.PAID_OUT:
            moved = await settle_payout(tx, subject, notice.reference, notice.at)
        else:
            moved = await bounce_payout(tx, subject, notice.words or "sent back by the bank", notice.at)
        outcomes.append(Heard(subject) if moved else AlreadyKnown())
    return outcomes


def _accounts(payout: Payout) -> tuple[AccountRef, AccountRef, AccountRef]:
    """Name where a payout's money is under way, the shop's balance, and the gateway."""
    currency = payout.money.currency
    return (
        owned_account(AccountKind.PAYOUT, payout.shop_id, currency),
        owned_account(AccountKind.SHOP, payout.shop_id, currency),
        gateway_account(payout.gateway, payout.id.bucket, currency),
    )
