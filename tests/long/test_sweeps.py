"""Ten thousand deadlines fall due at once: carried out in bounded lots, while buyers of the same goods get on."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from fairground.app.audit import audit
from fairground.app.wiring import deadline_handlers
from fairground.kit import deadlines
from fairground.kit.db import Database
from fairground.kit.deadlines import sweep
from fairground.kit.ids import IdMaker
from fairground.kit.leases import RANGES, range_of
from fairground.market.orders.actions.close import close_expired
from fairground.market.orders.actions.pay import confirm_payments
from fairground.market.orders.intake.gather import make_intake
from fairground.market.orders.model.quote import CheckoutRequest
from fairground.market.payments import jobs as payment_jobs
from fairground.market.payments.jobs import close_unpaid
from fairground.market.payments.model import GatewayNotice, Payment, PaymentId
from tests.support.flow import BOUGHT, Town, WatchedDatabase, build_town, longest_wait
from tests.support.orders import arrival, lines_of

pytestmark = pytest.mark.long
MANY: Final = 10_000
SHIPPED: Final = 600
WAIT_MOST: Final = 6  # transactions of a sweep between two purchases


class QuietGateway:
    """A gateway at the far end of the port to whom nobody paid anything."""

    name = "seed"
    asked = 0

    async def ask_many(self, payments: list[Payment]) -> dict[PaymentId, GatewayNotice]:
        self.asked += 1
        return {}


@pytest.fixture
async def watched(dsn: str, clock: Any, given: Any) -> AsyncIterator[tuple[list[str], Database]]:
    """A worker's database whose transactions are noted."""
    trail: list[str] = []
    database = WatchedDatabase(trail, dsn, clock=clock, ids=IdMaker(7), given=given, connections=4)
    await database.open()
    yield trail, database
    await database.close()


async def _sweep_all(db: Database) -> int:
    """Carry out what is due, as the worker does, until nothing is."""
    done, busy = 0, True
    while busy:
        round_ = [await sweep(db, deadline_handlers(), range_of(number)) for number in range(RANGES)]
        done, busy = done + sum(round_), any(round_)
    return done


async def _while_buying(db: Database, town: Town, trail: list[str], deed: Callable[[], Awaitable[int]]) -> int:
    """Do a deed while somebody buys what all the others have bought, one purchase after the other."""
    intake = make_intake(db)
    await intake.start()
    buyer, over = town.buyers[0], asyncio.Event()
    request = CheckoutRequest(address_id=buyer.address_id, lines=lines_of((town.stalls[0].variant_ids[0], 1)))

    async def buy() -> None:
        while not over.is_set():
            await intake.ask(arrival(buyer.person_id, request))
            trail.append(BOUGHT)

    buying = asyncio.create_task(buy())
    try:
        return await deed()
    finally:
        over.set()
        await buying
        await intake.stop()


async def _due(db: Database) -> int:
    return int(
        await db.read(lambda r: r.value("select count(*) from kit.deadlines where due_at <= $1", r.now))
        + await db.read(
            lambda r: r.value("select count(*) from payments.payments where state = 'pending' and ask_at <= $1", r.now)
        )
    )


async def test_ten_thousand_unpaid_checkouts_are_reminded_of_and_closed_while_others_buy(
    wide_db: Database, watched: tuple[list[str], Database]
) -> None:
    trail, worker = watched
    town = await build_town(wide_db, products=20)
    await town.order(MANY)

    wide_db.clock.move(timedelta(hours=23))
    reminded = await _while_buying(wide_db, town, trail, lambda: _sweep_all(worker))
    assert reminded == MANY
    assert await _due(wide_db) == 0
    assert trail.count("swept") >= MANY / deadlines.CHUNK
    assert longest_wait(trail) <= WAIT_MOST
    trail.clear()

    wide_db.clock.move(timedelta(hours=1))
    gateway = QuietGateway()
    gateways: Any = {"seed": gateway}
    closed = await _while_buying(
        wide_db, town, trail, lambda: close_unpaid(worker, gateways, confirm_payments, close_expired)
    )
    assert closed == MANY
    assert await _due(wide_db) == 0
    assert gateway.asked == math.ceil(MANY / payment_jobs.LOT)
    assert trail.count("swept") >= MANY / payment_jobs.LOT
    assert longest_wait(trail) <= WAIT_MOST
    assert await audit(wide_db) == []


async def test_silence_is_taken_for_receipt_by_the_hundred_while_others_buy(
    wide_db: Database, watched: tuple[list[str], Database]
) -> None:
    trail, worker = watched
    town = await build_town(wide_db, products=20)
    shipped = 0
    while shipped < SHIPPED:
        shipped += await town.ship(await town.order(100))
    wide_db.clock.move(timedelta(days=31))
    received = await _while_buying(wide_db, town, trail, lambda: _sweep_all(worker))
    assert received >= SHIPPED
    states = await wide_db.read(lambda r: r.rows("select state, count(*) from orders.orders group by 1"))
    assert dict(states)["received"] == shipped
    assert longest_wait(trail) <= WAIT_MOST
    assert await audit(wide_db) == []
