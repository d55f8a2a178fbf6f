"""An intake in a process of its own: `python -m tests.support.shopper`, told what to ask on its standard input.

What it does when its time has come is part of the orders: it can die where only a crash would end it.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from fairground.kit.clock import Clock
from fairground.kit.db import Database, watching
from fairground.kit.errors import Trouble
from fairground.kit.ids import Id, IdMaker
from fairground.market.accounts.model import AddressId, PersonId
from fairground.market.orders.intake.gather import Intake, make_intake
from fairground.market.orders.model.quote import CheckoutRequest
from tests.support.given import test_given

ROOT: Final = Path(__file__).parents[2]
AFTER_COMMIT: Final = -1


class Ask(msgspec.Struct, frozen=True):
    """One checkout."""

    person: int
    address: int
    key: str
    lines: list[tuple[int, int]]  # variant, pieces


class Told(msgspec.Struct, frozen=True):
    """What became of it: the checkout's id, or the code of the trouble."""

    id: str | None = None
    is_replayed: bool = False
    trouble: str | None = None


class Orders(msgspec.Struct, frozen=True):
    """What a process is started with. `dies_at`: the nth statement that writes, or after the commit."""

    dsn: str
    number: int
    now: datetime
    dies_at: int | None = None


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _main(orders: Orders) -> None:
    clock = Clock()
    clock.freeze(orders.now)
    db = Database(orders.dsn, clock=clock, ids=IdMaker(orders.number), given=test_given(), connections=4)
    await db.open()

    async def after(_: object) -> None:
        if orders.dies_at == AFTER_COMMIT:
            _die()

    count = 0

    def watch(sql: str) -> None:
        nonlocal count
        count += sql.lstrip().startswith(("insert", "update", "delete", "with"))
        if count == orders.dies_at:
            _die()

    with watching(watch):
        intake = make_intake(db, after=after)
        await intake.start()
    await _serve(intake)
    await intake.stop()
    await db.close()


async def _serve(intake: Intake) -> None:
    """Ask for all that a line names at the same moment, and say what became of each."""
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.buffer.readline):
        asks = msgspec.json.decode(line, type=list[Ask])
        answers = await asyncio.gather(*(_ask(intake, ask) for ask in asks))
        sys.stdout.buffer.write(msgspec.json.encode(answers) + b"\n")
        sys.stdout.buffer.flush()


async def _ask(intake: Intake, ask: Ask) -> Told:
    from tests.support.orders import arrival, lines_of

    wish = CheckoutRequest(address_id=AddressId(ask.address), lines=lines_of(*[(Id(v), n) for v, n in ask.lines]))
    try:
        placed = await intake.ask(arrival(PersonId(ask.person), wish, ask.key))
    except Trouble as trouble:
        return Told(trouble=trouble.code)
    return Told(placed.answer["id"], placed.replayed)


class Shopper:
    """The other end: a process that asks."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def say(self, asks: Sequence[Ask]) -> None:
        """Send it shopping; what it was told is heard by `hear`."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(list(asks)) + b"\n")
        self._process.stdin.flush()

    def hear(self) -> list[Told] | None:
        """Hear what it was told; None where it died."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return msgspec.json.decode(line, type=list[Told]) if line else None

    def how_it_ended(self) -> int:
        """Wait for its end, and give its exit code."""
        return self._process.wait(30)


@contextlib.contextmanager
def shoppers(db: Database, count: int = 1, *, dies_at: int | None = None) -> Iterator[list[Shopper]]:
    """Start so many processes, each with an intake of its own, ready to ask."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for number in range(10, 10 + count):
            orders = msgspec.json.encode(Orders(db.dsn, number, db.clock.now(), dies_at)).decode()
            argv = [sys.executable, "-m", "tests.support.shopper", orders]
            processes.append(
                subprocess.Popen(argv, cwd=ROOT, env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            )
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        yield [Shopper(process) for process in processes]
    finally:
        for process in processes:
            _end(process)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdout is not None
    process.stdout.close()


def all_told(shoppers_: Sequence[Shopper]) -> list[Any]:
    """Hear all of them, in their order."""
    return [told for shopper in shoppers_ for told in shopper.hear() or []]


if __name__ == "__main__":
    asyncio.run(_main(msgspec.json.decode(sys.argv[1], type=Orders)))
