"""Fill a market with bulk data, and say how fast."""

import time
from collections.abc import Sequence
from typing import Final

import msgspec

from fairground.app.outfit import Outfit
from fairground.app.seed.goods import Stall, add_goods, open_stalls
from fairground.app.seed.people import PASSWORD, SEED, Buyer, move_in, next_run
from fairground.app.seed.trade import Trade
from fairground.kit.passwords import Passwords
from fairground.market.search.feed import reindex

PEOPLE_AT_ONCE: Final = 2_000


class Wanted(msgspec.Struct, frozen=True):
    """How much of everything."""

    shops: int = 100
    products: int = 10_000
    buyers: int = 1_000
    orders: int = 1_000


class Filled(msgspec.Struct, frozen=True):
    """What was written, and for each kind how many a second."""

    shops: int
    products: int
    buyers: int
    orders: int
    states: dict[str, int]
    per_second: dict[str, float]
    sign_in: dict[str, str]


class Seeded(msgspec.Struct, frozen=True):
    """The same with what it is made of, for measures that go on with it."""

    filled: Filled
    stalls: Sequence[Stall]
    buyers: Sequence[Buyer]


async def seed(outfit: Outfit, wanted: Wanted, *, reindexed: bool = True) -> Seeded:
    """Fill the market; a second seed of the same market adds to it."""
    db, rates = outfit.db, {}
    run = await next_run(db)
    hashed = await db.given(Passwords).hash(PASSWORD)
    began = time.perf_counter()
    stalls = await open_stalls(db, run, hashed, wanted.shops)
    rates["shops"] = rate(wanted.shops, began)
    began = time.perf_counter()
    await add_goods(db, stalls, wanted.products)
    rates["products"] = rate(wanted.products, began)
    began = time.perf_counter()
    buyers: list[Buyer] = []
    for first in range(0, wanted.buyers, PEOPLE_AT_ONCE):
        buyers += await move_in(db, run, hashed, range(first, min(first + PEOPLE_AT_ONCE, wanted.buyers)))
    rates["buyers"] = rate(wanted.buyers, began)
    began = time.perf_counter()
    trade = Trade(db, stalls, buyers, run)
    states = await trade.carry_on(wanted.orders) if wanted.orders else {}
    rates["orders"] = rate(sum(states.values()), began)
    # Until autovacuum comes by, the planner would take the tables for empty, and read them whole for every look.
    await db.write(SEED, lambda tx: tx.execute("analyze"))
    if reindexed:
        began = time.perf_counter()
        rates["indexed"] = rate(await reindex(db, outfit.index_folder), began)
    return Seeded(_filled(run, stalls, buyers, wanted.products, states, rates), stalls, buyers)


def rate(count: int, began: float) -> float:
    """Give how many a second since a moment of `perf_counter`."""
    return round(count / max(1e-9, time.perf_counter() - began), 1)


def _filled(
    run: int,
    stalls: Sequence[Stall],
    buyers: Sequence[Buyer],
    products: int,
    states: dict[str, int],
    rates: dict[str, float],
) -> Filled:
    sign_in = {"password": PASSWORD}
    if stalls:
        sign_in["seller"] = f"owner-0@seed{run}.example"
    if buyers:
        sign_in["buyer"] = f"buyer-0@seed{run}.example"
    return Filled(len(stalls), products, len(buyers), sum(states.values()), states, rates, sign_in)
