"""Open payments, and close those nobody paid."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.kit.events import publish
from fairground.kit.money import Money
from fairground.market.payments.events import PaymentExpired
from fairground.market.payments.model import NewPayment, Part, Payment, PaymentId, PaymentState
from fairground.market.payments.queries import map_payments


async def open_payment(tx: Tx, new: NewPayment) -> Payment:
    """Open one payment."""
    return (await open_payments(tx, [new]))[0]


async def open_payments(tx: Tx, news: Sequence[NewPayment]) -> list[Payment]:
    """Write down what is to be paid, in two statements for any number; moves no money and calls no gateway.

    A payment of amount 0 (everything was given away) comes back as paid.
    """
    if not news:
        return []
    payments = [_opened(tx, new) for new in news]
    await tx.execute(
        """
        insert into payments.payments (bucket, id, checkout_id, payer_id, gateway, amount, currency, state, version,
               created_at, expires_at, ask_at, paid_at)
        select b, i, c, p, g, a, u, s, 1, $10::timestamptz, e, e, case when s = 'paid' then $10::timestamptz end
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[],
                      $8::text[], $9::timestamptz[]) as t(b, i, c, p, g, a, u, s, e)
        """,
        [p.id.bucket for p in payments],
        [p.id for p in payments],
        [p.checkout_id for p in payments],
        [p.payer_id for p in payments],
        [p.gateway for p in payments],
        [p.total.amount for p in payments],
        [p.total.currency for p in payments],
        [p.state for p in payments],
        [p.expires_at for p in payments],
        tx.now,
    )
    parts = [part for payment in payments for part in payment.parts]
    await tx.execute(
        """
        insert into payments.parts (bucket, payment_id, order_id, purpose, amount)
        select b, i, o, p, a from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[])
               as t(b, i, o, p, a)
        """,
        [part.payment_id.bucket for part in parts],
        [part.payment_id for part in parts],
        [part.order_id for part in parts],
        [part.purpose for part in parts],
        [part.amount for part in parts],
    )
    return payments


def _opened(tx: Tx, new: NewPayment) -> Payment:
    assert new.parts, "a payment pays for something"
    assert all(part.order_id.bucket == new.checkout_id.bucket for part in new.parts), "parts lie beside their payment"
    payment_id = new.id or tx.new_id(PaymentId, new.checkout_id.bucket)
    return Payment(
        payment_id,
        new.checkout_id,
        new.payer_id,
        new.gateway,
        Money(new.amount, new.currency),
        PaymentState.PENDING if new.amount else PaymentState.PAID,
        1,
        tx.now,
        new.expires_at,
        None if new.amount else tx.now,
        None,
        tuple(Part(payment_id, part.order_id, part.purpose, part.amount) for part in new.parts),
    )


async def expire_payment(tx: Tx, payment_id: PaymentId) -> bool:
    """Close a payment that is still open; False where it was paid or closed meanwhile."""
    return bool(await expire_payments(tx, [payment_id]))


async def expire_payments(tx: Tx, payment_ids: Sequence[PaymentId]) -> list[Payment]:
    """Close those of the payments that are still open; money that comes for them later goes back by itself."""
    ids = sorted(set(payment_ids))
    rows = await tx.rows(
        """
        update payments.payments p set state = 'expired', version = version + 1
          from unnest($1::smallint[], $2::bigint[]) as t(b, i)
         where p.bucket = t.b and p.id = t.i and p.state in ('pending', 'failed')
        returning p.id
        """,
        [i.bucket for i in ids],
        ids,
    )
    if not rows:
        return []
    found = await map_payments(tx, [PaymentId(row["id"]) for row in rows])
    expired = list(found.values())
    await publish(tx, *(PaymentExpired.of(payment) for payment in expired))
    return expired
