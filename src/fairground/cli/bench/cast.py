"""Who plays in a measure: seeded stalls and buyers with real sessions, and the requests they send."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from fairground.app.outfit import Outfit
from fairground.app.seed.fill import Seeded, Wanted, seed
from fairground.app.seed.people import SEED
from fairground.app.seed.trade import Trade
from fairground.cli.bench.load import Shot, shot
from fairground.market.accounts.actions.bulk import open_sessions
from fairground.market.orders.model.quote import AskedLine

CHECKOUT: Final = "/api/v1/checkouts"
SESSIONS_AT_ONCE: Final = 5_000


class Cast(msgspec.Struct, frozen=True):
    """What was seeded, and a token for each buyer."""

    seeded: Seeded
    tokens: Sequence[str]


async def engage(outfit: Outfit, wanted: Wanted, *, reindexed: bool = False) -> Cast:
    """Seed a market and sign all its buyers in."""
    seeded = await seed(outfit, wanted, reindexed=reindexed)
    people, tokens = [buyer.person_id for buyer in seeded.buyers], list[str]()
    for first in range(0, len(people), SESSIONS_AT_ONCE):
        some = people[first : first + SESSIONS_AT_ONCE]
        tokens += await outfit.db.write(SEED, lambda tx, some=some: open_sessions(tx, some))  # type: ignore[misc]
    return Cast(seeded, tokens)


def checkouts(outfit: Outfit, cast: Cast, port: int, count: int) -> list[Shot]:
    """Write so many checkouts of one to three lines from one or two shops, each with a fresh key when it is sent."""
    trade = Trade(outfit.db, cast.seeded.stalls, cast.seeded.buyers, run=7)
    token_of = {buyer.person_id: token for buyer, token in zip(cast.seeded.buyers, cast.tokens, strict=True)}
    asked = [trade.request() for _ in range(count)]
    return [
        checkout(port, token_of[buyer.person_id], int(buyer.address_id), request.lines or ())
        for buyer, request in asked
    ]


def checkout(port: int, token: str, address_id: int, lines: Sequence[AskedLine]) -> Shot:
    """Write one checkout."""
    asked = [{"variant_id": str(int(line.variant_id)), "quantity": line.quantity} for line in lines]
    body = msgspec.json.encode({"address_id": str(address_id), "lines": asked})
    return shot("POST", port, CHECKOUT, token=token, body=body, keyed=True)


async def wait_until_heard(outfit: Outfit, seconds: float = 300) -> bool:
    """Wait until the worker has delivered every event; tells whether it has."""
    for _ in range(int(seconds / 0.2)):
        if not await outfit.db.read(lambda reader: reader.value("select exists (select from kit.outbox)")):
            return True
        await asyncio.sleep(0.2)
    return False


async def take_statistics(outfit: Outfit) -> None:
    """Do what autovacuum does a minute after tables have begun to fill: until then the planner takes them for empty."""
    await outfit.db.write(SEED, lambda tx: tx.execute("analyze"))


def drawn(things: Sequence[Any], count: int) -> list[Any]:
    """Draw from things, always the same way."""
    return random.Random(20261122).choices(things, k=count)  # noqa: S311 - a measure, no secret
