"""Work off the job queue, as the worker does, in this process and at once."""

from collections.abc import Sequence

import msgspec

from fairground.kit.actor import system
from fairground.kit.db import Database, Row, Tx
from fairground.kit.jobs import Job


async def work_off(db: Database, jobs: Sequence[Job], *, also_delayed: bool = False) -> int:
    """Run the queued jobs of these kinds until none is left; give how many ran. A failure is an error of the test."""
    by_name = {job.name: job for job in jobs}
    done = 0
    while queued := await db.write(system("tests"), lambda tx: _take(tx, list(by_name), also_delayed)):
        for row in queued:
            await by_name[row["entrypoint"]].work(msgspec.json.decode(row["payload"]))
            done += 1
    return done


async def list_queued(db: Database, name: str) -> list[dict[str, object]]:
    """List the payloads of the jobs of a kind that wait, delayed ones too."""
    rows = await db.read(lambda r: r.rows("select payload from pgqueuer where entrypoint = $1 order by id", name))
    return [msgspec.json.decode(row["payload"]) for row in rows]


async def _take(tx: Tx, names: list[str], also_delayed: bool) -> list[Row]:
    # The queue keeps the wall's time, not that of the market's clock.
    return await tx.rows(
        """
        delete from pgqueuer where status = 'queued' and entrypoint = any($1) and ($2 or execute_after <= now())
        returning id, entrypoint, payload
        """,
        names,
        also_delayed,
    )
