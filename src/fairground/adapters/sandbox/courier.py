"""The sandbox's courier: delivers webhooks over HTTP until each is answered with 2xx."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import httpx
import msgspec
import structlog

from fairground.adapters.gateways.sandbox import WireEvent, WireEvents
from fairground.adapters.gateways.signature import HEADER, WEBHOOK, sign
from fairground.adapters.sandbox.bank import ACTOR
from fairground.adapters.sandbox.config import SandboxConfig
from fairground.kit.db import Tx
from fairground.kit.errors import Unavailable

log = structlog.get_logger(__name__)
BATCH: Final = 100
LEASE: Final = timedelta(seconds=30)  # a courier that dies with letters in hand leaves them to the next after this
LONGEST: Final = timedelta(minutes=10)
POLL_SECONDS: Final = 0.5  # what another process put into the outbox is found by looking


class _Letter(msgspec.Struct, frozen=True):
    event: WireEvent
    copy: int
    attempts: int


async def run_courier(
    config: SandboxConfig, stop: asyncio.Event, transport: httpx.AsyncBaseTransport | None = None
) -> None:
    """Deliver until told to stop; whatever happens is tried again. `transport` leads to a merchant in this process."""
    async with httpx.AsyncClient(timeout=10, transport=transport) as client:
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                config.woken.clear()
                if not await _round(config, client):
                    await _rest(config, stopping)
        finally:
            stopping.cancel()


async def deliver_due(config: SandboxConfig, client: httpx.AsyncClient) -> int:
    """Deliver what is due, once; give how many letters were taken up."""
    letters = await config.db.write(ACTOR, _claim)
    fresh = [letter for letter in letters if letter.attempts == 1]
    # A batch that failed is taken apart, so that one bad letter does not hold up its neighbours for ever; copies of
    # one event travel apart, or they would be no mischief.
    batches = [
        [letter for letter in fresh if letter.copy == copy] for copy in sorted({letter.copy for letter in fresh})
    ] + [[letter] for letter in letters if letter.attempts > 1]
    for batch in batches:
        await _deliver(config, client, batch)
    return len(letters)


async def _round(config: SandboxConfig, client: httpx.AsyncClient) -> int:
    try:
        return await deliver_due(config, client)
    except Unavailable:
        await asyncio.sleep(1)
    except Exception:
        log.exception("the sandbox courier stumbled")
        await asyncio.sleep(1)
    return 0


async def _rest(config: SandboxConfig, stopping: "asyncio.Task[bool]") -> None:
    woken = asyncio.create_task(config.woken.wait())
    await asyncio.wait({woken, stopping}, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    woken.cancel()


async def _claim(tx: Tx) -> list[_Letter]:
    rows = await tx.rows(
        """
        update sandbox.outbox o set attempts = attempts + 1, due_at = $2
          from (select event_id, copy from sandbox.outbox where not lost and due_at <= $1
                 order by due_at, event_id limit $3 for update skip locked) d
         where o.event_id = d.event_id and o.copy = d.copy
        returning o.body, o.copy, o.attempts, o.made_at
        """,
        tx.now,
        tx.now + LEASE,
        BATCH,
    )
    rows.sort(key=lambda row: row["made_at"])
    return [_Letter(msgspec.convert(row["body"], WireEvent), row["copy"], row["attempts"]) for row in rows]


async def _deliver(config: SandboxConfig, client: httpx.AsyncClient, letters: Sequence[_Letter]) -> None:
    if not letters:
        return
    body = msgspec.json.encode(WireEvents([letter.event for letter in letters]))
    headers = {
        "content-type": "application/json",
        HEADER: sign(config.secret, WEBHOOK, body, config.db.clock.now()),
    }
    try:
        answer = await client.post(config.webhook_url, content=body, headers=headers)
        error = None if answer.is_success else f"answered {answer.status_code}"
    except httpx.HTTPError as trouble:
        error = f"{type(trouble).__name__}: {trouble}"
    if error is None:
        await config.db.write(ACTOR, lambda tx: _forget(tx, letters))
    else:
        log.info("webhook not delivered", events=len(letters), error=error)
        await config.db.write(ACTOR, lambda tx: _put_off(tx, letters, error))


async def _forget(tx: Tx, letters: Sequence[_Letter]) -> None:
    await tx.execute(
        """
        delete from sandbox.outbox o using unnest($1::text[], $2::smallint[]) as t(e, c)
         where o.event_id = t.e and o.copy = t.c
        """,
        [letter.event.id for letter in letters],
        [letter.copy for letter in letters],
    )


async def _put_off(tx: Tx, letters: Sequence[_Letter], error: str) -> None:
    await tx.execute(
        """
        update sandbox.outbox o set due_at = t.d, error = $4
          from unnest($1::text[], $2::smallint[], $3::timestamptz[]) as t(e, c, d)
         where o.event_id = t.e and o.copy = t.c
        """,
        [letter.event.id for letter in letters],
        [letter.copy for letter in letters],
        [tx.now + min(LONGEST, timedelta(seconds=1) * 2 ** min(letter.attempts - 1, 12)) for letter in letters],
        error[:300],
    )
