"""Twenty times something is killed in the middle of a rush; nothing that was acknowledged is lost."""

import asyncio
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from fairground.adapters.postgres.folder import DataFolder
from fairground.adapters.postgres.postmaster import read_pid_file
from fairground.app.outfit import Outfit, open_outfit
from fairground.app.seed.fill import Wanted
from fairground.app.settings import load
from fairground.cli.bench.cast import engage
from tests.support.program import Opened, environment, opened, run, until
from tests.support.rush import Rush, assert_all_there

pytestmark = pytest.mark.long
SEED: Final = 20261122
KILLS: Final = 20
BUYERS: Final = 12  # at the same moment
BACK_WITHIN: Final = 10.0
WEB: Final = 2
PLENTY: Final = {
    "FAIRGROUND_WEB_PROCESSES": str(WEB),
    "FAIRGROUND_RATE_LIMIT_SCALE": "100000",
    "FAIRGROUND_LOG_LEVEL": "warning",
}


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder that the embedded server's user can reach; pytest's own is closed to it."""
    path = Path(tempfile.mkdtemp(prefix="fg-kills-", dir="/var/tmp"))
    path.chmod(0o711)
    yield path / "data"
    shutil.rmtree(path)


class Parts:
    """The processes of a running market, found afresh each time."""

    def __init__(self, market: Opened, data: Path) -> None:
        self._market = market
        self._folder = DataFolder(data)

    def server(self) -> list[int]:
        """The parent of the web processes."""
        return [pid for pid in _children(self._market.process.pid) if "serve" in _words(pid)]

    def web(self) -> list[int]:
        """The web processes."""
        return [pid for parent in self.server() for pid in _children(parent) if "serve" in _words(pid)]

    def worker(self) -> list[int]:
        """The worker."""
        return [pid for pid in _children(self._market.process.pid) if "work" in _words(pid)]

    def database(self) -> list[int]:
        """PostgreSQL's first process."""
        told = read_pid_file(self._folder)
        return [told.pid] if told is not None and told.ready else []

    def backend(self) -> list[int]:
        """The processes of PostgreSQL that serve connections: if one is killed, all start again."""
        return [c for p in self.database() for c in _children(p) if "fairground" in " ".join(_words(c))]

    def count(self) -> list[int]:
        """How many run of each: server, web processes, worker, database."""
        return [len(kind()) for kind in (self.server, self.web, self.worker, self.database)]

    def are_complete(self) -> bool:
        """Whether everything runs that ran at the beginning."""
        return self.count() == [1, WEB, 1, 1]


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


async def _kill_and_watch(parts: Parts, rush: Rush, victim: Callable[[], list[int]], dice: random.Random) -> float:
    """Kill one of the victims; gives the seconds until the market sold again."""
    chosen = dice.choice(victim())
    os.kill(chosen, signal.SIGKILL)
    killed_at = time.monotonic()
    sold_after = await rush.sells_after(killed_at, within=6 * BACK_WITHIN)
    whole = await asyncio.to_thread(until, lambda: parts.are_complete() and victim() and chosen not in victim(), 60)
    assert whole, (victim.__name__, chosen, parts.count())
    return sold_after


def _others_take() -> float:
    """How much slower this machine is for us because others work on it too: the rush alone keeps two per core busy."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1) / 2)


async def _until_paid(outfit: Outfit, payment_ids: list[str]) -> bool:
    """Wait until everything the bank took has reached the books: its notices are sent again until they are heard."""
    for _ in range(600):
        open_ = await outfit.db.read(
            lambda r: r.value(
                "select count(*) from payments.payments where id = any($1) and state <> 'paid'",
                [int(i) for i in payment_ids],
            )
        )
        if not open_:
            return True
        await asyncio.sleep(0.1)
    return False


async def _kill_on(parts: Parts, rush: Rush, dice: random.Random) -> list[tuple[str, float]]:
    """Kill each kind as often as the others, in drawn order; gives how long it took to sell again, and how long may."""
    kinds = [parts.server, parts.web, parts.worker, parts.database, parts.backend] * (KILLS // 5)
    dice.shuffle(kinds)
    took = []
    for kind in kinds:
        await asyncio.sleep(dice.uniform(0.3, 1.0))  # somewhere in the middle of the rush
        took.append((kind.__name__, round(await _kill_and_watch(parts, rush, kind, dice) / _others_take(), 2)))
    return took


async def test_nothing_acknowledged_is_lost_whoever_is_killed(data: Path) -> None:
    with opened(data, **PLENTY) as market:
        parts = Parts(market, data)
        assert await asyncio.to_thread(until, parts.are_complete)
        settings = load(environment=environment(data, FAIRGROUND_SANDBOX="true", **PLENTY))
        async with open_outfit(settings, "test") as outfit:
            cast = await engage(outfit, Wanted(shops=4, products=24, buyers=200, orders=0))
            rush = Rush(cast, int(market.url.rpartition(":")[2]), buyers=BUYERS, seed=SEED)
            rush.start()
            took = await _kill_on(parts, rush, random.Random(SEED))
            await rush.stop()
            assert await _until_paid(outfit, rush.paid)
            await assert_all_there(outfit, rush)
        audited = run(data, "audit", "--json", **PLENTY)
        assert audited.code == 0, audited
    assert max(seconds for _, seconds in took) <= BACK_WITHIN, took
    assert len(rush.acknowledged) > 10 * KILLS
    assert len(rush.paid) > KILLS
