"""Many buyers, one variant, little stock: exactly the stock is sold, and everybody else is told so quickly."""

from typing import Any, Final

from fairground.app.audit import audit
from fairground.app.outfit import Outfit
from fairground.app.seed.fill import Wanted
from fairground.app.seed.people import SEED
from fairground.cli.bench.bare import serving
from fairground.cli.bench.cast import CHECKOUT, Cast, checkout, engage
from fairground.cli.bench.frame import Result, result
from fairground.cli.bench.load import Shot, Volley, fire
from fairground.cli.bench.stage import open_stage
from fairground.market.inventory.actions import set_stock
from fairground.market.orders.model.quote import AskedLine

CONNECTIONS: Final = 256
ANSWER: Final = 400  # bytes of the yardsticks' answer, as long as a refusal


def measure(*, buyers: int = 20_000, pieces: int = 1_000) -> Result:
    """Let every buyer try once, all at the same time; then the same requests against the yardsticks."""
    with open_stage() as stage:

        async def prepare(outfit: Outfit) -> tuple[list[Shot], int]:
            cast = await engage(outfit, Wanted(1, 1, buyers, 0))
            variant_id = cast.seeded.stalls[0].variant_ids[0]
            await outfit.db.write(SEED, lambda tx: set_stock(tx, variant_id, pieces))
            return _shots(cast, stage.port), int(variant_id)

        shots, variant_id = stage.with_outfit(prepare)
        stage.start("serve", "work")
        # Before and after, since other work on the machine comes and goes: the market is held against both.
        before = _yardstick("framework", shots, stage.web_processes)
        used = stage.cpu_seconds()
        volley = fire(stage.port, shots, connections=CONNECTIONS, seconds=600, once=True)
        used = {name: seconds - used[name] for name, seconds in stage.cpu_seconds().items()}
        stage.stop()
        after = _yardstick("framework", shots, stage.web_processes)
        sold = stage.with_outfit(lambda outfit: _count(outfit, variant_id))
        bare = _yardstick("constant", shots, stage.web_processes)
    figures = {
        "client": volley.client,
        "buyers": buyers,
        "pieces": pieces,
        "sold": sold["sold"],
        "attempts_per_second": volley.per_second,
        "statuses": volley.statuses,
        **volley.times,
        **{f"cpu_{name}_ms": round(1000 * seconds / buyers, 3) for name, seconds in used.items()},
    }
    checks = {
        "exactly_sold": sold["sold"] == min(pieces, buyers) and sold["left"] == max(0, pieces - buyers),
        "each_sale_was_answered": volley.statuses.get("201", 0) == sold["orders"],
        "everybody_was_answered": volley.answered == buyers and not volley.broken,
        "books_clean": sold["clean"],
    }
    usual = round((before.per_second + after.per_second) / 2, 1)
    yardstick = {
        "framework": {"per_second": usual, "before": before.per_second, "after": after.per_second},
        "bare_server": {"per_second": bare.per_second, **bare.times},
    }
    ratio = volley.per_second / max(1.0, usual)
    return result("flash", figures, yardstick=yardstick, ratio=ratio, checks=checks)


def _shots(cast: Cast, port: int) -> list[Shot]:
    lines = [AskedLine(cast.seeded.stalls[0].variant_ids[0], 1)]
    pairs = zip(cast.seeded.buyers, cast.tokens, strict=True)
    return [checkout(port, token, int(buyer.address_id), lines) for buyer, token in pairs]


async def _count(outfit: Outfit, variant_id: int) -> dict[str, Any]:
    """Count what was sold, by the reservations, the orders, and what is left."""
    row = await outfit.db.read(
        lambda reader: reader.row(
            """
            select (select coalesce(sum(quantity), 0) from inventory.reservations where variant_id = $1) as sold,
                   (select count(*) from orders.orders) as orders,
                   (select on_hand from inventory.stock where variant_id = $1) as left
            """,
            variant_id,
        )
    )
    assert row is not None, "an aggregate always has a row"
    return {**dict(row), "clean": not await audit(outfit.db)}


def _yardstick(kind: str, shots: list[Shot], processes: int) -> Volley:
    assert shots[0].head.startswith(f"POST {CHECKOUT} ".encode()), "both answer at the same address"
    with serving(kind, processes=processes, size=ANSWER) as port:
        fire(port, shots, connections=CONNECTIONS, seconds=2)  # warm
        return fire(port, shots, connections=CONNECTIONS, seconds=600, once=True)
