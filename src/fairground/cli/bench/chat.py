"""Open conversations and people who write: how soon what is said stands on the other's page, and what a page costs."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg
import msgspec

from fairground.app.outfit import Outfit
from fairground.app.seed.fill import Wanted, seed
from fairground.app.seed.people import SEED
from fairground.cli.bench.chat_load import FILES_MORE, Outcome, Plan, Talk, raise_file_limit
from fairground.cli.bench.frame import Figures, Result, result, times_ms
from fairground.cli.bench.stage import Stage, open_stage
from fairground.kit.actor import person
from fairground.kit.db import Tx
from fairground.market.accounts.actions.bulk import open_sessions
from fairground.market.service.actions.chat import open_thread
from fairground.market.service.model.chat import InboxId

TALKS_OF_A_SHOP: Final = 10  # a person may have twelve pages open in one process
AT_ONCE: Final = 50
WRITERS: Final = 64
MOST: Final = 250  # milliseconds
CHANNEL: Final = "bench"
FROM_NOW: Final = 999_999_999  # what was said before is not asked for


def measure(*, connections: int = 5_000, per_second: float = 500, seconds: float = 20, warm: float = 2) -> Result:
    """Open so many pages, two of each conversation, and write so many messages a second."""
    raise_file_limit(connections + FILES_MORE)  # the market's processes inherit it
    with open_stage() as stage:
        talks = stage.with_outfit(lambda outfit: _cast(outfit, connections // 2))
        stage.start("serve", "work")
        with _Load(Plan(stage.port, talks[:TALKS_OF_A_SHOP], per_second / 10, warm, 4)) as load:
            load.carry_out()  # warm: templates, connections, statements
        before = memory_of(stage)
        with _Load(Plan(stage.port, talks, per_second, seconds, WRITERS)) as load:
            opened = memory_of(stage)
            used = stage.cpu_seconds()
            outcome = load.carry_out()
            used = {name: spent - used[name] for name, spent in stage.cpu_seconds().items()}
            after = memory_of(stage)
        stage.stop()
        yardstick = asyncio.run(_bare(stage.dsn, per_second, min(seconds, 5)))
    figures: Figures = {
        "connections": outcome.opened,
        "opened_per_second": round(outcome.opened / max(1e-9, outcome.open_seconds), 1),
        "sent": outcome.sent,
        "per_second": round(outcome.sent / max(1e-9, outcome.seconds), 1),
        "delivered": outcome.delivered,
        "statuses": outcome.statuses,
        **times_ms(outcome.times or [0.0]),
        "sending": times_ms(outcome.sending or [0.0]),
        "memory_mib": {"before": round(before, 1), "opened": round(opened, 1), "after": round(after, 1)},
        "bytes_per_connection": round((opened - before) * 1024 * 1024 / max(1, outcome.opened)),
        **{f"cpu_{name}_ms": round(1000 * spent / max(1, outcome.sent), 3) for name, spent in used.items()},
    }
    checks = {
        "every_page_opened": outcome.opened == len(talks) * 2,
        "every_message_taken": outcome.sent == round(per_second * seconds),
        "nothing_lost_or_twice": outcome.delivered == outcome.expected and outcome.out_of_order == 0,
        "no_page_closed": outcome.lost_pages == 0,
        "p99_within_250_ms": figures["p99_ms"] <= MOST,
    }
    ratio = figures["p99_ms"] / max(0.01, yardstick["p99_ms"])
    return result("chat", figures, yardstick=yardstick, ratio=ratio, checks=checks)


async def _cast(outfit: Outfit, count: int) -> list[Talk]:
    """Seed shops and buyers, sign all of them in, and let each buyer have a conversation with a shop."""
    shops = -(-count // TALKS_OF_A_SHOP)
    seeded = await seed(outfit, Wanted(shops, shops, count, 0), reindexed=False)
    people = [buyer.person_id for buyer in seeded.buyers]
    tokens = await outfit.db.write(SEED, lambda tx: open_sessions(tx, people))
    owners = await outfit.db.write(SEED, lambda tx: open_sessions(tx, [stall.owner_id for stall in seeded.stalls]))
    talks: list[Talk] = []
    for first in range(0, count, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, count))
        pairs = [(people[n], InboxId(seeded.stalls[n // TALKS_OF_A_SHOP].shop_id)) for n in numbers]
        ids = await outfit.db.write(SEED, lambda tx, pairs=pairs: _open(tx, pairs))  # type: ignore[misc]
        for number, thread_id in zip(numbers, ids, strict=True):
            stall, shop = seeded.stalls[number // TALKS_OF_A_SHOP], number // TALKS_OF_A_SHOP
            talks.append(
                Talk(
                    str(thread_id),
                    f"/messages/{thread_id}/live?after={FROM_NOW}",
                    f"/seller/{stall.slug}/messages/{thread_id}/live?after={FROM_NOW}",
                    tokens[number],
                    owners[shop],
                )
            )
    await outfit.db.write(SEED, lambda tx: tx.execute("analyze"))
    return talks


async def _open(tx: Tx, pairs: Sequence[tuple[Any, InboxId]]) -> list[int]:
    tx.actor = person(pairs[0][0])
    return [int((await open_thread(tx, who, inbox_id)).id) for who, inbox_id in pairs]


class _Load:
    """The process of the load: entered with all pages open, left with it ended."""

    def __init__(self, plan: Plan) -> None:
        argv = [sys.executable, "-m", "fairground.cli.bench.chat_load"]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._plan = plan

    def __enter__(self) -> "_Load":
        self._say(msgspec.json.encode(self._plan))
        assert self._process.stdout is not None
        told = self._process.stdout.readline()
        if told != b"opened\n":
            raise RuntimeError("the load did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def carry_out(self) -> Outcome:
        """Let the writers begin; gives what came of it."""
        self._say(b"")
        assert self._process.stdout is not None
        return msgspec.json.decode(self._process.stdout.readline(), type=Outcome)

    def _say(self, line: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()


def memory_of(stage: Stage) -> float:
    """Give the memory of the web processes alone in MiB: what each has for itself (USS), and that of their server."""
    total, waiting = 0.0, [stage.web_pid]
    while waiting:
        pid = waiting.pop()
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                waiting += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
        own = [line.split()[1] for line in rollup.splitlines() if line.startswith(("Private_Clean", "Private_Dirty"))]
        total += sum(map(int, own)) / 1024
    return total


async def _bare(dsn: str, per_second: float, seconds: float) -> Figures:
    """Write the same number of plain rows a second, and hear of each by a notification: no market, no HTTP."""
    times: list[float] = []
    ear: Any = await asyncpg.connect(dsn)
    pool: Any = await asyncpg.create_pool(dsn, min_size=8, max_size=8)
    await ear.add_listener(CHANNEL, lambda *told: times.append((time.monotonic_ns() - int(told[3])) / 1e9))
    try:
        await ear.execute("create table if not exists public.bench_chat (id bigint primary key, words text not null)")
        began, total = time.perf_counter(), round(per_second * seconds)
        slots = iter(range(total))

        async def writer() -> None:
            for slot in slots:
                await asyncio.sleep(max(0.0, began + slot / per_second - time.perf_counter()))
                at = time.monotonic_ns()
                async with pool.acquire() as conn:
                    await conn.fetchval("insert into public.bench_chat values ($1, 'said') returning id", at)
                    await conn.fetchval("select pg_notify($1, $2)", CHANNEL, str(at))

        await asyncio.gather(*(writer() for _ in range(8)))
        await asyncio.sleep(0.2)
        took = time.perf_counter() - began
    finally:
        await pool.close()
        await ear.close()
    return {"per_second": round(len(times) / took, 1), **times_ms(times or [0.0])}
