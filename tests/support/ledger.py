"""Makers for the books."""

from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.ids import Id
from fairground.market.ledger.actions import post
from fairground.market.ledger.model import (
    AccountKind,
    AccountRef,
    Posting,
    Transfer,
    gateway_account,
    owned_account,
    system_account,
)
from fairground.market.ledger.queries import audit_ledger, balance

BOOKS = system("books")
CNY = "CNY"


def new_id(db: Database, bucket: int = 7) -> Id:
    """Make an id in a bucket."""
    return db.ids.make(Id, bucket, db.clock.now())


def gateway(bucket: int = 7) -> AccountRef:
    """The account of a gateway."""
    return gateway_account("sandbox", bucket, CNY)


def held(bucket: int = 7) -> AccountRef:
    """What buyers have paid and shops do not have yet."""
    return system_account(AccountKind.HELD, bucket, CNY)


def clearing(bucket: int = 7) -> AccountRef:
    """Money between two buckets."""
    return system_account(AccountKind.CLEARING, bucket, CNY)


def shop_account(shop_id: Id) -> AccountRef:
    """A shop's available money."""
    return owned_account(AccountKind.SHOP, shop_id, CNY)


def move(key: str, debit: AccountRef, credit: AccountRef, amount: int, subject: Id | None = None) -> Posting:
    """A posting of some amount."""
    return Posting(key, debit, credit, amount, "test.moved", subject or Id(1))


async def post_now(db: Database, *postings: Posting) -> list[Transfer]:
    """Post in one transaction."""
    return await db.write(BOOKS, lambda tx: post(tx, postings))


async def standing(db: Database, ref: AccountRef) -> int:
    """Read a balance."""
    return (await db.read(lambda r: balance(r, ref))).amount


async def assert_ledger_clean(db: Database) -> None:
    """Assert that the books keep every promise."""
    assert await db.read(audit_ledger) == []
