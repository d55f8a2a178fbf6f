"""How cost grows: the same market at several sizes, each against itself at the first."""

from collections.abc import Sequence
from typing import Any, Final

from fairground.app.outfit import Outfit
from fairground.app.seed.fill import Wanted
from fairground.cli.bench import pages
from fairground.cli.bench.cast import Cast, checkouts, engage, take_statistics
from fairground.cli.bench.checkout import spend
from fairground.cli.bench.frame import Figures, Result, result
from fairground.cli.bench.load import Shot, fire
from fairground.cli.bench.stage import Stage, open_stage

MOST: Final = 1.3  # times: what an order may cost more at the last size than at the first
ASKED: Final = ("home", "search", "product", "shop")


def measure(*, sizes: Sequence[int] = (10_000, 30_000), seconds: float = 5) -> Result:
    """Grow a market to each of the sizes, so many products and so many orders, and measure it there."""
    figures: Figures = {}
    with open_stage() as stage:
        before = 0
        for size in sizes:
            figures[f"at_{size}"] = _at(stage, size - before, seconds)
            before = size
    first, last = figures[f"at_{sizes[0]}"], figures[f"at_{sizes[-1]}"]
    times = {name: _times(first, last, name) for name in ("checkout_cpu_ms", *(f"{page}_p50_ms" for page in ASKED))}
    ratio = times["checkout_cpu_ms"]
    figures["grew_times"] = times
    yardstick = {"size": sizes[0], **first}
    return result(
        "growth", figures, yardstick=yardstick, ratio=ratio, checks={"an_order_costs_the_same": ratio <= MOST}
    )


def _times(first: dict[str, Any], last: dict[str, Any], name: str) -> float:
    return round(float(last[name]) / max(0.001, float(first[name])), 2)


def _at(stage: Stage, more: int, seconds: float) -> Figures:
    async def grow(outfit: Outfit) -> tuple[Cast, list[Shot]]:
        wanted = Wanted(max(10, more // 100), more, max(500, more // 10), more)
        cast = await engage(outfit, wanted, reindexed=True)
        return cast, checkouts(outfit, cast, stage.port, 5_000)

    cast, shots = stage.with_outfit(grow)
    stage.start("serve", "work")
    fire(stage.port, shots, connections=64, seconds=2)  # warm
    stage.with_outfit(take_statistics)
    spent = spend(stage, shots, connections=64, seconds=seconds)
    good = spent.volley.answered - spent.volley.refused
    figures: Figures = {
        "checkout_per_second": spent.volley.good_per_second,
        "checkout_cpu_ms": spent.cpu_ms(good)["cpu_ms"],
        "seeded_per_second": cast.seeded.filled.per_second,
    }
    for name, some in pages.addresses(stage.port, cast).items():
        if name in ASKED:
            volley = fire(stage.port, some, connections=pages.CONNECTIONS, seconds=seconds)
            figures |= {f"{name}_per_second": volley.per_second, f"{name}_p50_ms": volley.times["p50_ms"]}
    stage.stop()
    return figures
