"""Two hundred buyers and one piece, at the same moment, through several intakes (oversold by six code bases)."""

import asyncio
import itertools
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import asyncpg
import pytest

from fairground.kit import db as kit_db
from fairground.kit.db import Database, Tx
from fairground.kit.gather import Gatherer
from fairground.kit.idempotency import fingerprint
from fairground.kit.ids import Id, any_bucket
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import Product
from fairground.market.inventory import actions as inventory_actions
from fairground.market.inventory.actions import _lock_counted
from fairground.market.inventory.model import Claim, Taken
from fairground.market.orders.actions.cancel import cancel_order
from fairground.market.orders.errors import OrderInWrongState, OutOfStock
from fairground.market.orders.intake import commit as committing
from fairground.market.orders.intake.commit import commit
from fairground.market.orders.intake.gather import Intake
from fairground.market.orders.intake.keys import find_answers
from fairground.market.orders.intake.prepare import prepare
from fairground.market.orders.intake.prepared import Arrival, Placed, PreparedCheckout
from fairground.market.orders.model import OrderState
from fairground.market.orders.model.quote import CheckoutRequest
from tests.support.catalog import make_product
from tests.support.inventory import stock_of
from tests.support.orders import (
    WEB,
    arrival,
    assert_all_clean,
    buyer_of,
    expire,
    hear,
    lines_of,
    make_buyer,
    notice_for,
    order_now,
    place_order,
    receive,
    settle,
    ship,
)
from tests.support.shops import make_shop

BUYERS = 200


async def _many_prepared(db: Database, pot: Product, count: int) -> list[PreparedCheckout]:
    """One buyer's quote, for as many different people: their own registration would take most of the test."""
    who, address = await make_buyer(db)
    request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)))
    (ready,) = await db.read(lambda r: prepare(r, [arrival(who, request)]))
    assert isinstance(ready, PreparedCheckout)
    people = [db.ids.make(PersonId, any_bucket(), db.clock.now()) for _ in range(count)]
    return [
        PreparedCheckout(
            Arrival(person, "en", request, f"key {n}", fingerprint(request)),
            ready.quote,
            ready.versions,
            ready.from_cart,
            ready.gateway,
            ready.pay_hours,
        )
        for n, person in enumerate(people)
    ]


async def _look_then_take(tx: Tx, claims: list[Claim]) -> list[Taken]:
    """How one piece is sold many times: look at the stock, then write what is left of what was seen."""
    for claim in claims:
        for variant_id, quantity in claim.lines:
            where = (variant_id.bucket, variant_id)
            free = await tx.value("select on_hand from inventory.stock where bucket = $1 and variant_id = $2", *where)
            if free >= quantity:
                await tx.execute(
                    "update inventory.stock set on_hand = $3 where bucket = $1 and variant_id = $2",
                    *where,
                    free - quantity,
                )
    return [Taken(claim.claim_id) for claim in claims]


async def test_without_the_guard_the_last_piece_is_sold_to_several(wide_db: Database) -> None:
    pot = await make_product(wide_db, await make_shop(wide_db), stock=1)
    ready = await _many_prepared(wide_db, pot, 20)
    with patch.object(committing, "take", _look_then_take):
        outcomes = await asyncio.gather(*(wide_db.write(WEB, lambda tx, p=p: commit(tx, [p])) for p in ready))
    assert sum(isinstance(outcome, Placed) for (outcome,) in outcomes) > 1


async def test_two_hundred_buyers_one_piece_one_order_no_orphan(wide_db: Database) -> None:
    """Peers, complaint 11: oversold (magento2#6363 …); a race left an order without payment (medusa#16825)."""
    pot = await make_product(wide_db, await make_shop(wide_db), stock=1)
    ready = await _many_prepared(wide_db, pot, BUYERS)
    waiting = {p.arrival.key: p for p in ready}

    async def prepare_some(some: Any) -> list[Any]:
        return [waiting[one.key] for one in some]

    intakes: list[Intake] = [
        Gatherer(prepare_some, lambda some: wide_db.write(WEB, lambda tx: commit(tx, some))) for _ in range(4)
    ]
    for intake in intakes:
        await intake.start()
    answers = await asyncio.gather(
        *(intakes[n % 4].ask(p.arrival) for n, p in enumerate(ready)), return_exceptions=True
    )
    for intake in intakes:
        await intake.stop()

    assert sum(isinstance(answer, Placed) for answer in answers) == 1
    assert {type(answer) for answer in answers} == {Placed, OutOfStock}
    assert await stock_of(wide_db, pot.variants[0].id) == 0
    rows = await wide_db.read(
        lambda r: r.rows("select (select count(*) from orders.orders), (select count(*) from payments.payments)")
    )
    assert tuple(rows[0]) == (1, 1)
    await assert_all_clean(wide_db)


def _lock_as_they_lie() -> Any:
    """How carts block each other: each locks its goods one by one, in the order in which they lie in it."""
    turns, both = itertools.count(), asyncio.Barrier(2)

    async def lock(tx: Tx, ids: list[Id]) -> dict[Id, Any]:
        first, *others = ids[:: -1 if next(turns) % 2 else 1]
        locked = await _lock_counted(tx, [first])
        async with both:  # each has the first of its goods before it wants the next
            pass
        for variant_id in others:
            locked |= await _lock_counted(tx, [variant_id])
        return locked

    return lock


async def _buy_in_batches(db: Database, batches: int) -> list[Product]:
    """Let batches of carts with the same six goods, each in another order, come in side by side."""
    shop = await make_shop(db)
    goods = [await make_product(db, shop, stock=40) for _ in range(6)]
    buyers = [await make_buyer(db) for _ in range(8)]

    async def buy(turn: int) -> None:
        arrivals = []
        for n in range(5):
            who, address = buyers[(turn + n) % len(buyers)]
            order = goods[(turn + n) % 6 :] + goods[: (turn + n) % 6]
            lines = lines_of(*[(p, 1) for p in order])
            arrivals.append(arrival(who, CheckoutRequest(address_id=address.id, lines=lines)))
        ready = await db.read(lambda r: prepare(r, arrivals))
        outcomes = await db.write(WEB, lambda tx: commit(tx, [p for p in ready if isinstance(p, PreparedCheckout)]))
        assert not [o for o in outcomes if not isinstance(o, Placed | OutOfStock)]

    with patch.object(kit_db, "ATTEMPTS", 1):  # a deadlock would be tried again, and go unseen
        results = await asyncio.gather(*(buy(turn) for turn in range(batches)), return_exceptions=True)
    for trouble in results:
        if trouble is not None:
            raise trouble
    return goods


async def test_without_one_order_of_locks_carts_block_each_other(wide_db: Database) -> None:
    with (
        patch.object(inventory_actions, "_lock_counted", _lock_as_they_lie()),
        pytest.raises(asyncpg.DeadlockDetectedError),
    ):
        await _buy_in_batches(wide_db, 2)


async def test_batches_of_the_same_goods_in_any_order_do_not_block_each_other(wide_db: Database) -> None:
    goods = await _buy_in_batches(wide_db, 12)
    assert [await stock_of(wide_db, p.variants[0].id) for p in goods] == [0] * 6
    await assert_all_clean(wide_db)


async def _look_for_keys(tx: Tx, arrivals: Any, answers: Any) -> list[bool]:
    """How one key orders many times: look whether it is there, and keep it when all is done."""
    return [found is None for found in await find_answers(tx, arrivals)]


async def test_without_the_guard_the_same_key_orders_several_times(wide_db: Database) -> None:
    both_have_looked = asyncio.Barrier(2)

    async def look(tx: Tx, arrivals: Any, answers: Any) -> list[bool]:
        found = await _look_for_keys(tx, arrivals, answers)
        await both_have_looked.wait()
        return found

    pot = await make_product(wide_db, await make_shop(wide_db))
    who, address = await make_buyer(wide_db)
    one = arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1))), "the key")
    ready: Any = await wide_db.read(lambda r: prepare(r, [one]))
    with patch.object(committing, "keep_keys", look):
        outcomes = await asyncio.gather(*(wide_db.write(WEB, lambda tx: commit(tx, ready)) for _ in range(2)))
    assert len({outcome.answer["id"] for (outcome,) in outcomes if isinstance(outcome, Placed)}) == 2


async def test_the_same_key_at_the_same_moment_in_several_processes_orders_once(wide_db: Database) -> None:
    pot = await make_product(wide_db, await make_shop(wide_db))
    who, address = await make_buyer(wide_db)
    one = arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1))), "the key")
    ready = await wide_db.read(lambda r: prepare(r, [one]))
    outcomes = await asyncio.gather(*(wide_db.write(WEB, lambda tx: commit(tx, ready)) for _ in range(12)))
    answers = [outcome for (outcome,) in outcomes if isinstance(outcome, Placed)]
    assert len(answers) == 12
    assert [a.replayed for a in answers].count(False) == 1
    assert len({a.answer["id"] for a in answers}) == 1
    assert await stock_of(wide_db, pot.variants[0].id) == 9
    await assert_all_clean(wide_db)


async def test_payment_and_closing_at_the_same_moment_end_in_one_or_the_other(wide_db: Database) -> None:
    pot = await make_product(wide_db, await make_shop(wide_db), stock=20)
    orders = [await place_order(wide_db, await make_buyer(wide_db), (pot, 1)) for _ in range(12)]
    notices = [await notice_for(wide_db, order) for order in orders]

    async def pay_it(n: int) -> None:
        await hear(wide_db, notices[n])

    async def cancel_it(n: int) -> None:
        order = orders[n]
        with suppress(OrderInWrongState):
            await wide_db.write(buyer_of(order), lambda tx: cancel_order(tx, order.id))

    deeds = [deed(n) for n in range(12) for deed in (pay_it, cancel_it)]
    await asyncio.gather(*deeds, *(expire(wide_db, order.payment_id) for order in orders[:6]))
    assert {(await order_now(wide_db, order)).state for order in orders} == {OrderState.CLOSED}
    assert await stock_of(wide_db, pot.variants[0].id) == 20
    await assert_all_clean(wide_db)


async def test_cancelling_and_shipping_at_the_same_moment_end_in_one_or_the_other(wide_db: Database) -> None:
    pot = await make_product(wide_db, await make_shop(wide_db), stock=20)
    orders = [await place_order(wide_db, await make_buyer(wide_db), (pot, 1)) for _ in range(8)]
    await hear(wide_db, *[await notice_for(wide_db, order) for order in orders])
    deeds: list[Any] = []
    for order in orders:
        deeds += [wide_db.write(buyer_of(order), lambda tx, o=order: cancel_order(tx, o.id)), ship(wide_db, order)]
    results = await asyncio.gather(*deeds, return_exceptions=True)
    for n, order in enumerate(orders):
        now = await order_now(wide_db, order)
        done = [not isinstance(r, BaseException) for r in results[2 * n : 2 * n + 2]]
        assert done.count(True) == 1, results[2 * n : 2 * n + 2]
        assert now.state is (OrderState.CLOSED if done[0] else OrderState.SHIPPED)
        if now.state is OrderState.SHIPPED:
            await receive(wide_db, now)
    await settle(wide_db)
    assert isinstance(orders[0].id, Id)
    await assert_all_clean(wide_db)
