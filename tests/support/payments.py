"""Makers for payments, through the real actions."""

from collections.abc import Sequence
from datetime import timedelta

from fairground.kit.actor import system
from fairground.kit.db import Database, Tx
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.ledger.queries import audit_ledger
from fairground.market.payments.actions import (
    capture,
    change_destination,
    open_payment,
    release,
    take_notices,
)
from fairground.market.payments.model import (
    BankAccount,
    GatewayNotice,
    NewPart,
    NewPayment,
    NoticeKind,
    Outcome,
    Payment,
    PaymentId,
    Purpose,
    Release,
)
from fairground.market.payments.queries import audit_payments, get_payment
from tests.support.ledger import BOOKS, CNY

GATEWAY = system("gateway")
ACCOUNT = BankAccount("Lin Lanting", "6222 0210 0112 3456 789", "ICBC")
BUYER, SHOP = 7, 19  # buckets


def an_id(db: Database, bucket: int = BUYER) -> Id:
    """Make an id."""
    return db.ids.make(Id, bucket, db.clock.now())


async def make_payment(
    db: Database, *amounts: int, gateway: str = "sandbox", purposes: Sequence[Purpose] = (), bucket: int = BUYER
) -> Payment:
    """Open a payment of as many orders as there are amounts, to be paid within 24 hours."""
    parts = tuple(
        NewPart(an_id(db, bucket), amount, purposes[n] if purposes else Purpose.FULL)
        for n, amount in enumerate(amounts or (1000,))
    )
    new = NewPayment(an_id(db, bucket), an_id(db, bucket), gateway, CNY, db.clock.now() + timedelta(hours=24), parts)
    return await db.write(BOOKS, lambda tx: open_payment(tx, new))


def paid_notice(db: Database, payment: Payment, **changes: object) -> GatewayNotice:
    """The notice that a payment was paid; its charge is the same at every telling."""
    given: dict[str, object] = {
        "gateway": payment.gateway,
        "event_id": f"event/{payment.id}",
        "kind": NoticeKind.PAID,
        "subject": payment.id,
        "reference": f"charge/{payment.id}",
        "amount": payment.total.amount,
        "currency": payment.total.currency,
        "at": db.clock.now(),
    }
    return GatewayNotice(**(given | changes))  # type: ignore[arg-type]


async def tell(db: Database, *notices: GatewayNotice) -> list[Outcome]:
    """Take notices in one transaction."""
    return await db.write(GATEWAY, lambda tx: take_notices(tx, notices))


async def make_paid(db: Database, *amounts: int, gateway: str = "sandbox", purposes: Sequence[Purpose] = ()) -> Payment:
    """Open a payment and have it paid."""
    payment = await make_payment(db, *amounts, gateway=gateway, purposes=purposes)
    await db.write(GATEWAY, lambda tx: capture(tx, paid_notice(db, payment)))
    return await read_payment(db, payment)


async def read_payment(db: Database, payment: Payment | PaymentId) -> Payment:
    """Read a payment as it is now."""
    payment_id = payment.id if isinstance(payment, Payment) else payment
    return await db.read(lambda r: get_payment(r, payment_id))


def release_of(payment: Payment, shop_id: Id, commission: int = 0, part: int = 0, amount: int | None = None) -> Release:
    """The release of one part to a shop."""
    p = payment.parts[part]
    return Release(
        f"receipt/{p.order_id}", payment.id, p.order_id, shop_id, amount or p.amount, commission, CNY, p.purpose
    )


async def make_shop_with(db: Database, amount: int, *, account: BankAccount | None = ACCOUNT) -> Id:
    """Make a shop whose balance came from a sale, with a bank account."""
    shop_id = an_id(db, SHOP)
    payment = await make_paid(db, amount)

    async def deed(tx: Tx) -> None:
        await release(tx, [release_of(payment, shop_id)])
        if account is not None:
            await change_destination(tx, shop_id, account)

    await db.write(BOOKS, deed)
    return shop_id


def cny(amount: int) -> Money:
    """An amount in the market's currency."""
    return Money(amount, CNY)


async def assert_books_clean(db: Database) -> None:
    """Assert that the ledger keeps its promises and payments say the same."""
    assert await db.read(audit_ledger) == []
    assert await db.read(audit_payments) == []
