"""What an order costs from the first to the millionth: the same market, the same buyers, with ever more orders."""

from collections.abc import Sequence
from typing import Any, Final

from fairground.app.outfit import Outfit
from fairground.app.seed.fill import Wanted
from fairground.app.seed.people import SEED
from fairground.cli.bench.cast import checkouts, engage, take_statistics, wait_until_heard
from fairground.cli.bench.checkout import spend, webhooks
from fairground.cli.bench.copies import count_orders, double_orders
from fairground.cli.bench.frame import Figures, Result, loop_seconds, result
from fairground.cli.bench.load import Shot, fire
from fairground.cli.bench.stage import Stage, open_stage

MOST: Final = 1.3  # times: what an order may cost more with the last size than with the first
CONNECTIONS: Final = 128


def measure(
    *, sizes: Sequence[int] = (10_000, 100_000, 1_000_000), seconds: float = 8, products: int = 10_000
) -> Result:
    """Place and pay orders beside so many others; the first figures are of an empty market."""
    with open_stage() as stage:

        async def prepare(outfit: Outfit) -> list[Shot]:
            cast = await engage(outfit, Wanted(max(20, products // 100), products, products // 2, 0))
            return checkouts(outfit, cast, stage.port, 2 * products)

        shots = stage.with_outfit(prepare)
        points, steps = [_at(stage, shots, seconds)], 0
        for size in sizes:
            steps = stage.with_outfit(lambda outfit, size=size, steps=steps: _grow(outfit, size, steps))  # type: ignore[misc]
            stage.restart_database()
            points.append(_at(stage, shots, seconds))
    first, last = points[0], points[-1]
    ratio = _cost(last) / max(0.001, _cost(first))
    yardstick = {"orders": first["orders"], "cpu_ms": _cost(first)}
    return result(
        "orders",
        {"points": points},
        yardstick=yardstick,
        ratio=ratio,
        checks={"the_last_costs_the_same": ratio <= MOST},
    )


def _cost(point: dict[str, Any]) -> float:
    """What placing and paying cost, in milliseconds of a core; both are of the same checkouts."""
    return round(float(point["placed_cpu_ms"]) + float(point["paid_cpu_ms"]), 3)


async def _grow(outfit: Outfit, size: int, steps: int) -> int:
    steps = await double_orders(outfit, size, steps)
    await outfit.db.write(SEED, lambda tx: tx.connection.execute("analyze", timeout=1800))
    return steps


def _at(stage: Stage, shots: Sequence[Shot], seconds: float) -> Figures:
    """Measure beside the orders that are there; what is placed here is paid here, so that the next begins alike."""
    orders = stage.with_outfit(count_orders)
    stage.start("serve", "work")
    fire(stage.port, shots, connections=CONNECTIONS, seconds=2 * seconds)  # warm, and over the first full pages
    stage.with_outfit(wait_until_heard)
    stage.with_outfit(take_statistics)
    loop = loop_seconds()
    placed = spend(stage, shots, connections=CONNECTIONS, seconds=seconds)
    good = placed.volley.answered - placed.volley.refused
    paid = spend(stage, webhooks(stage), connections=CONNECTIONS, once=True)
    stage.stop()
    return {
        "orders": orders,
        "loop_seconds": round((loop + loop_seconds()) / 2, 2),
        "placed_per_second": placed.volley.good_per_second,
        "placed_p99_ms": placed.volley.times["p99_ms"],
        "placed_cpu_ms": placed.cpu_ms(good)["cpu_ms"],
        "paid_per_second": paid.volley.good_per_second,
        "paid_cpu_ms": paid.cpu_ms(paid.volley.answered)["cpu_ms"],
    }
