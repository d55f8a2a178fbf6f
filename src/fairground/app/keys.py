"""`fairground admin reseal`: what is sealed at rest is sealed anew with the first key, so that old ones may go."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import msgspec

from fairground.kit.actor import system
from fairground.kit.db import Database, Tx
from fairground.kit.ids import Id
from fairground.kit.seal import Resealed
from fairground.market.payments.actions.resealing import reseal_destinations
from fairground.market.shops.actions.resealing import reseal_numbers

Step: TypeAlias = Callable[[Tx, Id, int], Awaitable[Resealed]]
SEALED: Final[tuple[tuple[str, Step], ...]] = (
    ("shops.applications", reseal_numbers),
    ("payments.destinations", reseal_destinations),
)
CHUNK: Final = 500  # rows in one transaction


class TableResealed(msgspec.Struct, frozen=True):
    """What came of one table; `broken` are the rows that no key of ours opens."""

    table: str
    sealed: int
    broken: list[Id]


async def reseal(db: Database, *, chunk: int = CHUNK) -> list[TableResealed]:
    """Seal everything with the first key, some rows in each transaction; what has it already is passed over."""
    return [await _reseal_table(db, table, step, chunk) for table, step in SEALED]


async def _reseal_table(db: Database, table: str, step: Step, chunk: int) -> TableResealed:
    sealed, broken, after = 0, list[Id](), Id(0)
    while True:
        at = after
        done = await db.write(system("reseal"), lambda tx, at=at: step(tx, at, chunk))  # type: ignore[misc]
        sealed, broken = sealed + done.sealed, broken + list(done.broken)
        if done.last is None:
            return TableResealed(table, sealed, broken)
        after = done.last
