"""Finding goods among many: over HTTP, cold and warm, against the bare engine with the same words."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import quote

from fairground.app.outfit import Outfit
from fairground.app.seed.fill import Wanted, seed
from fairground.app.seed.things import KINDS, LOOKS, MADE
from fairground.cli.bench.cast import drawn
from fairground.cli.bench.frame import Figures, Result, percentile, result
from fairground.cli.bench.load import Shot, fire, shot
from fairground.cli.bench.stage import Stage, open_stage
from fairground.kit.text_index import Query
from fairground.market.search.model import TOP

CONNECTIONS: Final = 16
DIFFERENT: Final = 300


def measure(*, sizes: Sequence[int] = (20_000,), seconds: float = 6) -> Result:
    """Search a market of so many products."""
    with open_stage() as stage:
        products = sizes[0]
        stage.with_outfit(lambda outfit: seed(outfit, Wanted(max(10, products // 100), products, 0, 0)))
        figures, yardstick = measured(stage, seconds)
    checks = {"every_search_answered": figures["refused"] == 0}
    ratio = figures["warm"]["per_second"] / max(0.001, yardstick["per_second"])
    return result("search", {"products": products, **figures}, yardstick=yardstick, ratio=ratio, checks=checks)


def measured(stage: Stage, seconds: float) -> tuple[Figures, Figures]:
    """Take the figures of a stage that is seeded and indexed."""
    words = queries(DIFFERENT)
    shots = [_shot(stage.port, one) for one in words]
    stage.start("serve")
    cold = fire(stage.port, shots, connections=1, once=True)
    warm = fire(stage.port, shots, connections=CONNECTIONS, seconds=seconds)
    stage.stop()
    yardstick = stage.with_outfit(lambda outfit: _engine(outfit, words, seconds, stage.web_processes))
    figures: Figures = {
        "client": warm.client,
        "queries": DIFFERENT,
        "refused": cold.refused + warm.refused,
        "cold": {"per_second": cold.per_second, **cold.times},
        "warm": {"per_second": warm.per_second, "connections": CONNECTIONS, **warm.times},
    }
    return figures, yardstick


def queries(count: int) -> list[str]:
    """Write so many queries of one to three words, half in Chinese and half in English."""
    words = [
        (made[n], look[n], (kind.zh, kind.en)[n]) for n in (0, 1) for made in MADE for look in LOOKS for kind in KINDS
    ]
    some = drawn(words, count)
    return [" ".join(one[3 - 1 - place % 3 :]) for place, one in enumerate(some)]


def _shot(port: int, words: str) -> Shot:
    return shot("GET", port, f"/api/v1/products?q={quote(words)}")


async def _engine(outfit: Outfit, words: Sequence[str], seconds: float, threads: int) -> Figures:
    """Ask the engine alone for what the market asks it for: the first by text, from as many threads as processes."""
    times: list[float] = []
    index = outfit.finder.index
    until = time.perf_counter() + seconds

    def ask(start: int) -> None:
        at = start
        while (began := time.perf_counter()) < until:
            index.search(Query(words[at % len(words)], limit=TOP))
            times.append(time.perf_counter() - began)
            at += threads

    index.search(Query(words[0], limit=1))
    with ThreadPoolExecutor(threads) as pool:
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        await asyncio.gather(*(loop.run_in_executor(pool, ask, n) for n in range(threads)))
        took = time.perf_counter() - began
    return {
        "per_second": round(len(times) / took, 1),
        "threads": threads,
        "p50_ms": round(percentile(times, 0.5) * 1000, 2),
        "p99_ms": round(percentile(times, 0.99) * 1000, 2),
    }
