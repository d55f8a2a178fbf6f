"""Timed work: ask carriers where parcels are."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.timers import Timer
from fairground.market.shipping.actions.tracking import put_off_tracking, record_tracking
from fairground.market.shipping.model import TrackedParcel
from fairground.market.shipping.ports import Carrier
from fairground.market.shipping.queries import list_due_parcels

log = structlog.get_logger(__name__)
CHUNK: Final = 100  # parcels asked about in one call
ROUNDS: Final = 50  # calls in one run; what is left waits for the next
PATIENCE_SECONDS: Final = 30


def timers(carriers: Mapping[str, Carrier]) -> list[Timer]:
    """Give the timers of this room; `carriers` are those that can be asked, by code."""
    return [Timer("shipping.track_parcels", timedelta(minutes=5), partial(track_parcels, carriers=carriers))]


async def track_parcels(db: Database, carriers: Mapping[str, Carrier]) -> int:
    """Ask about every parcel that is due; gives how many parcels something was told about."""
    told = 0
    for code, carrier in carriers.items():
        for _ in range(ROUNDS):
            due = await db.read(lambda reader, code=code: list_due_parcels(reader, [code], CHUNK))  # type: ignore[misc]
            if not due:
                break
            told += await _ask(db, code, carrier, due)
    return told


async def _ask(db: Database, code: str, carrier: Carrier, due: Sequence[TrackedParcel]) -> int:
    actor = system("shipping.track_parcels")
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            answers = await carrier.track(due, db.clock.now())
    except Exception as trouble:  # noqa: BLE001 - a carrier that is down must not stop the others
        log.warning("carrier does not answer", carrier=code, error=repr(trouble))
        answers = {}
    silent = [parcel.id for parcel in due if not answers.get(parcel.id)]
    if silent:
        await db.write(actor, lambda tx: put_off_tracking(tx, silent))
    known = [parcel.id for parcel in due if answers.get(parcel.id)]
    for parcel_id in known:
        await db.write(actor, lambda tx, i=parcel_id: record_tracking(tx, i, answers[i]))  # type: ignore[misc]
    return len(known)
