"""Idempotency keys of a whole batch: one statement keeps them with their answers, one reads what was kept before."""

from collections.abc import Sequence
from typing import Any

from fairground.kit.db import Reader, Tx
from fairground.kit.idempotency import Answer, KeyReused
from fairground.market.orders.intake.prepared import Arrival, Outcome, Placed

CREATED = 201


async def keep_keys(tx: Tx, arrivals: Sequence[Arrival], answers: Sequence[dict[str, Any]]) -> list[bool]:
    """Keep keys with their answers; tells for each whether it was new.

    The same key in another transaction makes this wait until that one has ended. Rows go in sorted, so that two batches
    with the same keys wait for each other in one order.
    """
    owners = [arrival.person_id for arrival in arrivals]
    order = sorted(range(len(arrivals)), key=lambda i: (owners[i].bucket, owners[i], arrivals[i].key))
    rows = await tx.rows(
        """
        insert into kit.idempotency (bucket, owner, key, print, status, answer, at)
        select b, o, k, p, $6, a, $7 from unnest($1::smallint[], $2::bigint[], $3::text[], $4::bytea[], $5::jsonb[])
               with ordinality as t(b, o, k, p, a, n) order by n
        on conflict (bucket, owner, key) do nothing returning owner, key
        """,
        [owners[i].bucket for i in order],
        [owners[i] for i in order],
        [arrivals[i].key for i in order],
        [arrivals[i].print for i in order],
        [answers[i] for i in order],
        CREATED,
        tx.now,
    )
    new = {(row["owner"], row["key"]) for row in rows}
    return [(arrival.person_id, arrival.key) in new for arrival in arrivals]


async def find_answers(reader: Reader, arrivals: Sequence[Arrival]) -> list[Outcome | None]:
    """Give what was answered before, None to new keys; another body under the same key is refused."""
    if not arrivals:
        return []
    rows = await reader.rows(
        """
        select i.owner, i.key, i.print, i.status, i.answer from kit.idempotency i
          join unnest($1::smallint[], $2::bigint[], $3::text[]) as t(b, o, k)
            on i.bucket = t.b and i.owner = t.o and i.key = t.k
        """,
        [arrival.person_id.bucket for arrival in arrivals],
        [arrival.person_id for arrival in arrivals],
        [arrival.key for arrival in arrivals],
    )
    kept = {(r["owner"], r["key"]): (r["print"], Answer(r["status"], r["answer"], replayed=True)) for r in rows}
    return [_outcome(arrival, kept.get((arrival.person_id, arrival.key))) for arrival in arrivals]


def _outcome(arrival: Arrival, kept: tuple[bytes, Answer] | None) -> Outcome | None:
    if kept is None:
        return None
    print_, answer = kept
    return Placed(answer.body, replayed=True) if print_ == arrival.print else KeyReused()


async def drop_keys(tx: Tx, arrivals: Sequence[Arrival]) -> None:
    """Forget keys of checkouts that were refused after all: only success is kept."""
    if arrivals:
        await tx.execute(
            """
            delete from kit.idempotency i using unnest($1::smallint[], $2::bigint[], $3::text[]) as t(b, o, k)
             where i.bucket = t.b and i.owner = t.o and i.key = t.k
            """,
            [arrival.person_id.bucket for arrival in arrivals],
            [arrival.person_id for arrival in arrivals],
            [arrival.key for arrival in arrivals],
        )
