"""Makers of stock."""

from collections.abc import Sequence

from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.ids import Id
from fairground.market.inventory.actions import give_back, open_stock, take
from fairground.market.inventory.model import Allotted, Claim
from fairground.market.inventory.queries import audit_stock, map_stock

SHOP = system("shop")


def ids(db: Database, bucket: int, count: int) -> list[Id]:
    """Make ids of one bucket."""
    return [db.ids.make(Id, bucket, db.clock.now()) for _ in range(count)]


async def make_stock(db: Database, *numbers: int | None, bucket: int = 7) -> list[Id]:
    """Open the stock of as many variants of one shop as there are numbers."""
    owner, *variants = ids(db, bucket, len(numbers) + 1)
    await db.write(SHOP, lambda tx: open_stock(tx, owner, list(zip(variants, numbers, strict=True))))
    return variants


def claim(db: Database, *lines: tuple[Id, int], bucket: int = 500) -> Claim:
    """Make a claim of somebody in another bucket."""
    return Claim(ids(db, bucket, 1)[0], lines)


async def take_now(db: Database, *claims: Claim) -> list[Allotted]:
    """Take in one transaction."""
    return await db.write(SHOP, lambda tx: take(tx, claims))


async def return_now(db: Database, claims: Sequence[Claim]) -> int:
    """Give back all lines of claims."""
    holds = [(c.claim_id, variant_id) for c in claims for variant_id, _ in c.lines]
    return await db.write(SHOP, lambda tx: give_back(tx, holds))


async def stock_of(db: Database, variant_id: Id) -> int | None:
    """Read one variant's free pieces."""
    return (await db.read(lambda r: map_stock(r, [variant_id])))[variant_id]


async def assert_books_agree(db: Database) -> None:
    """Assert that the audit finds nothing."""
    assert await db.read(audit_stock) == []
