"""Leases: who may do what, until when, as rows. Process numbers for ids, and ranges of buckets for sweeps."""

from datetime import timedelta
from typing import Final

from fairground.kit.db import Reader, Tx
from fairground.kit.ids import BUCKETS, PROCESSES

RANGES: Final = 4  # so many workers share one kind of sweep
LEASE: Final = timedelta(seconds=30)
PROCESS_LEASE: Final = timedelta(minutes=2)


class NoProcessFree(Exception):
    """All process numbers for ids are leased: too many processes on one database."""


def range_of(number: int) -> tuple[int, int]:
    """Tell the first and last bucket of a range, 0…RANGES-1."""
    width = BUCKETS // RANGES
    return number * width, (number + 1) * width - 1


async def take_ranges(tx: Tx, kind: str, holder: str, at_most: int = RANGES) -> list[int]:
    """Take or renew leases on ranges of buckets for a kind of sweep; give the ranges held."""
    rows = await tx.rows(
        """
        update kit.leases set holder = $2, until = $3
         where kind = $1 and range in (
               select range from kit.leases
                where kind = $1 and (holder = $2 or until < $4)
                order by (holder = $2) desc, range limit $5 for update skip locked)
        returning range
        """,
        kind,
        holder,
        tx.now + LEASE,
        tx.now,
        at_most,
    )
    return sorted(row["range"] for row in rows)


async def open_ranges(tx: Tx, kind: str) -> None:
    """Make the lease rows of a kind of sweep, where they are missing."""
    await tx.execute(
        """
        insert into kit.leases (kind, range, holder, until)
        select $1, n, '', $2 from generate_series(0, $3 - 1) n on conflict do nothing
        """,
        kind,
        tx.now,
        RANGES,
    )


async def give_back(tx: Tx, holder: str) -> None:
    """Give back all leases of a holder that stops in order."""
    await tx.execute("update kit.leases set holder = '', until = $2 where holder = $1", holder, tx.now)


async def take_process(tx: Tx, holder: str) -> int:
    """Lease a process number for ids.

    Raises:
        NoProcessFree: all of them are held.
    """
    number = await tx.value(
        """
        update kit.processes set holder = $1, until = $2
         where number = (select number from kit.processes where until < $3
                          order by until, number limit 1 for update skip locked)
        returning number
        """,
        holder,
        tx.now + PROCESS_LEASE,
        tx.now,
    )
    if number is None:
        raise NoProcessFree(f"all {PROCESSES} process numbers are leased")
    return int(number)


async def renew_process(tx: Tx, number: int, holder: str) -> bool:
    """Renew the lease on a process number; False where somebody else holds it by now."""
    return bool(
        await tx.execute(
            "update kit.processes set until = $3 where number = $1 and holder = $2",
            number,
            holder,
            tx.now + PROCESS_LEASE,
        )
    )


async def give_process_back(tx: Tx, number: int, holder: str) -> None:
    """Give the process number back; it rests a second, so that no id of the same moment is made twice."""
    await tx.execute(
        "update kit.processes set holder = '', until = $3 where number = $1 and holder = $2",
        number,
        holder,
        tx.now + timedelta(seconds=1),
    )


async def list_holders(reader: Reader) -> list[tuple[str, int, str]]:
    """List who holds which range of which sweep."""
    rows = await reader.rows("select kind, range, holder from kit.leases where until > $1 order by 1, 2", reader.now)
    return [(row["kind"], row["range"], row["holder"]) for row in rows]
