"""Durable orders over HTTP: placed, and paid, each against the same rows written one by one by plain SQL.

Everything is on: fsync, default durability, sessions, limits, pricing, ledger, events; the worker runs beside, and its
share of the processor is counted until it has delivered the last event.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from fairground.adapters.gateways.signature import HEADER, WEBHOOK, sign
from fairground.app.audit import audit
from fairground.app.gateways import sandbox_secret
from fairground.app.outfit import Outfit
from fairground.app.seed.fill import Wanted
from fairground.cli.bench.cast import checkouts, engage, take_statistics, wait_until_heard
from fairground.cli.bench.frame import Figures, Result, result
from fairground.cli.bench.load import Shot, Volley, fire, shot
from fairground.cli.bench.replay import CONNECTIONS, Copied, Pace, copy_rows, pay_again, place_again
from fairground.cli.bench.stage import Stage, open_stage

PATH: Final = "/webhooks/payments/sandbox"
BUSY: Final = (64, 128, 256)  # connections among which the peak is looked for


class Spent(msgspec.Struct, frozen=True):
    """A load and the processor time of web, worker and database together, until the last event was delivered."""

    volley: Volley
    cpu: dict[str, float]

    def cpu_ms(self, requests: int) -> Figures:
        """Give milliseconds of one core for a request that was done, and of which process."""
        each = {f"cpu_{name}_ms": round(1000 * used / max(1, requests), 3) for name, used in self.cpu.items()}
        return {"cpu_ms": round(1000 * sum(self.cpu.values()) / max(1, requests), 3), **each}


def measure(*, products: int = 10_000, buyers: int = 5_000, seconds: float = 8, replayed: int = 3_000) -> Result:
    """Place orders as fast as it goes, then at four fifths of that, then one at a time; then pay them."""
    with open_stage() as stage:

        async def prepare(outfit: Outfit) -> list[Shot]:
            cast = await engage(outfit, Wanted(max(20, products // 100), products, buyers, 0))
            return checkouts(outfit, cast, stage.port, 4 * buyers)

        shots = stage.with_outfit(prepare)
        stage.start("serve", "work")
        fire(stage.port, shots, connections=64, seconds=3)  # warm
        stage.with_outfit(take_statistics)
        tried = {n: spend(stage, shots, connections=n, seconds=seconds) for n in BUSY}
        best = max(tried, key=lambda n: tried[n].volley.good_per_second)
        peak = tried[best].volley.good_per_second
        steady = fire(stage.port, shots, connections=best, seconds=seconds, rate=0.8 * peak)
        idle = fire(stage.port, shots, connections=1, seconds=min(seconds, 5), rate=15)
        copied = asyncio.run(copy_rows(stage.dsn, replayed))
        paid = spend(stage, webhooks(stage), connections=best, once=True)
        books = stage.with_outfit(_prove)
        stage.stop()
        yardstick = yardsticks(stage, copied)
    figures = _figures(tried[best], best, steady, idle, paid)
    figures["orders_per_checkout"] = round(books["orders"] / books["checkouts"], 2)
    figures["cpu_ms_per_order"] = round(figures["cpu_ms_per_checkout"] / figures["orders_per_checkout"], 3)
    checks = {
        "nothing_lost": books["checkouts"] >= sum(_good(one.volley) for one in tried.values()) + _good(steady),
        "all_paid": paid.volley.statuses.get("200", 0) == paid.volley.answered,
        "books_clean": books["clean"],
        "steady_p99_within_250_ms": steady.p99 <= 0.25,
        "idle_within_25_ms": idle.p50 <= 0.025,
        "an_order_within_2_ms_of_processor": figures["cpu_ms_per_order"] <= 2,
    }
    ratio = peak / yardstick["placed"]["per_second"]
    return result("checkout", figures, yardstick=yardstick, ratio=ratio, checks=checks)


def spend(stage: Stage, shots: Sequence[Shot], *, connections: int, seconds: float = 120, once: bool = False) -> Spent:
    """Fire, wait until every event is delivered, and count what the market's processes used for it."""
    before = stage.cpu_seconds()
    volley = fire(stage.port, shots, connections=connections, seconds=seconds, once=once)
    stage.with_outfit(wait_until_heard)
    after = stage.cpu_seconds()
    return Spent(volley, {name: after[name] - before[name] for name in after})


def webhooks(stage: Stage, most: int = 20_000) -> list[Shot]:
    """Write the bank's notices for the payments that are open: one webhook each, signed."""

    async def find(outfit: Outfit) -> list[Any]:
        return await outfit.db.read(
            lambda reader: reader.rows(
                "select id, amount, currency from payments.payments where state = 'pending' order by id limit $1", most
            )
        )

    async def secret(outfit: Outfit) -> str:
        return sandbox_secret(outfit.keyring)

    key, now = stage.with_outfit(secret), datetime.now(UTC)
    return [_webhook(stage.port, key, row, now) for row in stage.with_outfit(find)]


def _webhook(port: int, secret: str, row: Any, now: datetime) -> Shot:
    event = {
        "id": f"bench-{row['id']}",
        "kind": "paid",
        "merchant_reference": str(row["id"]),
        "reference": f"bench-{row['id']}",
        "amount": row["amount"],
        "currency": row["currency"],
        "at": now.isoformat(),
    }
    body = msgspec.json.encode({"events": [event]})
    return shot("POST", port, PATH, body=body, more=f"{HEADER}: {sign(secret, WEBHOOK, body, now)}\r\n")


async def _prove(outfit: Outfit) -> dict[str, Any]:
    count = await outfit.db.read(lambda reader: reader.value("select count(*) from orders.checkouts"))
    orders = await outfit.db.read(lambda reader: reader.value("select count(*) from orders.orders"))
    return {"checkouts": count, "orders": orders, "clean": not await audit(outfit.db)}


def yardsticks(stage: Stage, copied: Sequence[Copied]) -> Figures:
    """Write the same rows one order per transaction, placed and then paid, with nothing else running."""
    figures: Figures = {"connections": CONNECTIONS}
    for name, again in (("placed", place_again), ("paid", pay_again)):
        before, began = stage.cpu_seconds()["database"], time.process_time()
        pace: Pace = asyncio.run(again(stage.dsn, copied))
        count = max(1, len(copied) - pace.failed)
        figures[name] = {
            **msgspec.structs.asdict(pace),
            "cpu_database_ms": round(1000 * (stage.cpu_seconds()["database"] - before) / count, 3),
            "cpu_client_ms": round(1000 * (time.process_time() - began) / count, 3),
        }
    return figures


def _good(volley: Volley) -> int:
    return volley.answered - volley.refused


def _figures(best: Spent, connections: int, steady: Volley, idle: Volley, paid: Spent) -> Figures:
    placed_cpu, paid_cpu = best.cpu_ms(_good(best.volley)), paid.cpu_ms(paid.volley.answered)
    return {
        "client": best.volley.client,
        "placed": {
            "per_second": best.volley.good_per_second,
            "connections": connections,
            "refused": best.volley.refused,
            **best.volley.times,
            **placed_cpu,
        },
        "at_80_percent": {"per_second": steady.good_per_second, "refused": steady.refused, **steady.times},
        "idle": idle.times,
        "paid": {"per_second": paid.volley.good_per_second, **paid.volley.times, **paid_cpu},
        "cpu_ms_per_checkout": round(placed_cpu["cpu_ms"] + paid_cpu["cpu_ms"], 3),
    }
