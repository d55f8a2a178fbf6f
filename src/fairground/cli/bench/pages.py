"""Home, search, product, shop, cart: against the bare server answering as many bytes."""

from typing import Final
from urllib.parse import quote

from fairground.app.outfit import Outfit
from fairground.app.seed.fill import Wanted
from fairground.app.seed.people import SEED
from fairground.app.seed.things import KINDS
from fairground.cli.bench.bare import serving
from fairground.cli.bench.cast import Cast, drawn, engage
from fairground.cli.bench.frame import Figures, Result, result
from fairground.cli.bench.load import Shot, Volley, fire, shot
from fairground.cli.bench.stage import Stage, open_stage
from fairground.kit.http.cookies import SESSION
from fairground.market.cart.actions import set_line
from fairground.market.cart.model import CartOwner

CONNECTIONS: Final = 16
DIFFERENT: Final = 100


def measure(*, products: int = 5_000, seconds: float = 5) -> Result:
    """Ask for each kind of page, round and round."""
    with open_stage() as stage:
        shots = stage.with_outfit(lambda outfit: written(outfit, stage, products))
        stage.start("serve")
        figures, yardstick = measured(stage, shots, seconds)
    checks = {f"{name}_answered": figures[name]["refused"] == 0 for name in shots}
    ratio = min(figures[name]["per_second"] / yardstick[name]["per_second"] for name in shots)
    return result("pages", figures, yardstick=yardstick, ratio=ratio, checks=checks)


async def written(outfit: Outfit, stage: Stage, products: int) -> dict[str, list[Shot]]:
    """Seed a market, fill carts, and write the requests for its pages."""
    cast = await engage(outfit, Wanted(max(10, products // 100), products, DIFFERENT, 0), reindexed=True)
    await _fill_carts(outfit, cast)
    return addresses(stage.port, cast)


def addresses(port: int, cast: Cast) -> dict[str, list[Shot]]:
    """Write the requests for the pages of a market."""
    stalls = cast.seeded.stalls
    goods = drawn([product_id for stall in stalls for product_id in stall.product_ids], DIFFERENT)
    words = [quote(kind.zh) for kind in KINDS] + [quote(kind.en) for kind in KINDS]
    return {
        "home": [shot("GET", port, "/")],
        "search": [shot("GET", port, f"/search?q={one}") for one in words],
        "product": [shot("GET", port, f"/p/{int(product_id)}") for product_id in goods],
        "shop": [shot("GET", port, f"/s/{stall.slug}") for stall in drawn(stalls, DIFFERENT)],
        "cart": [shot("GET", port, "/cart", more=f"Cookie: {SESSION}={token}\r\n") for token in cast.tokens],
    }


async def _fill_carts(outfit: Outfit, cast: Cast) -> None:
    for buyer, stall in zip(cast.seeded.buyers, drawn(cast.seeded.stalls, DIFFERENT), strict=True):
        for variant_id in stall.variant_ids[:3]:
            await outfit.db.write(
                SEED,
                lambda tx, b=buyer, v=variant_id: set_line(tx, CartOwner(b.person_id), v, 1),  # type: ignore[misc]
            )


def measured(stage: Stage, shots: dict[str, list[Shot]], seconds: float) -> tuple[Figures, Figures]:
    """Take the figures of a stage that serves, and its yardsticks."""
    figures: Figures = {}
    yardstick: Figures = {}
    for name, some in shots.items():
        fire(stage.port, some, connections=CONNECTIONS, seconds=1)  # warm
        volley = fire(stage.port, some, connections=CONNECTIONS, seconds=seconds)
        figures[name] = {**_figures(volley), "refused": volley.refused}
    for name in shots:
        with serving("constant", processes=stage.web_processes, size=figures[name]["bytes"]) as port:
            yardstick[name] = _figures(fire(port, [shot("GET", port, "/")], connections=CONNECTIONS, seconds=2))
    return figures, yardstick


def _figures(volley: Volley) -> Figures:
    size = round(volley.bytes / max(1, volley.answered))
    return {"per_second": volley.per_second, **volley.times, "bytes": size}
