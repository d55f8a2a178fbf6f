"""The intake commits many checkouts together: each gets its own answer, whatever happens to its neighbours."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid, Unavailable
from fairground.kit.gather import Gatherer, GatherLimits
from fairground.kit.idempotency import KeyReused
from fairground.market.cart.actions import set_line
from fairground.market.cart.model import CartOwner
from fairground.market.cart.queries import get_cart
from fairground.market.catalog.actions.change import set_price
from fairground.market.inventory.actions import set_stock
from fairground.market.orders.errors import (
    CouponGone,
    IntakeFull,
    NotForSale,
    NothingToOrder,
    OutOfStock,
    PriceChanged,
    TotalChanged,
)
from fairground.market.orders.intake.commit import commit
from fairground.market.orders.intake.gather import Intake, make_intake
from fairground.market.orders.intake.prepare import prepare
from fairground.market.orders.intake.prepared import Arrival, Outcome, Placed, Prepared, PreparedCheckout
from fairground.market.orders.intake.sold_out import CROWD
from fairground.market.orders.model import OrderState
from fairground.market.orders.model.quote import CheckoutRequest
from fairground.market.promotions.model import AmountOff
from fairground.market.shops.actions.state import go_on_holiday
from tests.support.catalog import make_product, yuan
from tests.support.inventory import stock_of
from tests.support.orders import (
    WEB,
    arrival,
    assert_all_clean,
    check_out,
    everything,
    lines_of,
    make_buyer,
    orders_of,
    placed,
    refusal,
)
from tests.support.promotions import counters, draft, make_coupon
from tests.support.shops import MARKET, make_shop
from tests.support.statements import statements


async def _ready(db: Database, *arrivals: Arrival) -> list[PreparedCheckout]:
    prepared = await db.read(lambda r: prepare(r, arrivals))
    assert all(isinstance(p, PreparedCheckout) for p in prepared), prepared
    return [p for p in prepared if isinstance(p, PreparedCheckout)]


async def test_the_first_by_arrival_get_the_last_pieces_and_the_refused_leave_nothing(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), stock=3)
    buyers = [await make_buyer(db) for _ in range(4)]
    arrivals = [
        arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, quantity))))
        for (who, address), quantity in zip(buyers, (2, 2, 1, 1), strict=True)
    ]
    ready = await _ready(db, *arrivals)

    outcomes = await db.write(WEB, lambda tx: commit(tx, ready))

    assert [isinstance(outcome, Placed) for outcome in outcomes] == [True, False, True, False]
    trouble = refusal(outcomes[1])
    assert isinstance(trouble, OutOfStock)
    assert trouble.params == {"variants": [{"variant_id": str(int(pot.variants[0].id)), "left": 1}]}
    assert await stock_of(db, pot.variants[0].id) == 0
    found = await everything(db)
    assert (len(found["orders"]), len(found["keys"]), len(found["payments"]), len(found["taken"])) == (2, 2, 2, 2)
    await assert_all_clean(db)


async def test_the_number_of_statements_does_not_grow_with_the_batch(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), stock=100)
    counts = []
    for size in (1, 2, 20):
        arrivals = []
        for _ in range(size):
            who, address = await make_buyer(db)
            arrivals.append(arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)))))
        with statements() as seen:
            await check_out(db, *arrivals)
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2] <= 22


async def test_the_same_key_gives_the_same_answer_later_and_in_the_same_batch(db: Database) -> None:
    pot = await make_product(db, await make_shop(db))
    who, address = await make_buyer(db)
    request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)))
    one = arrival(who, request, "the key")

    first, second = await check_out(db, one, one)
    (third,) = await check_out(db, one)

    assert placed(first) == placed(second) == placed(third)
    assert [o.replayed for o in (first, second, third) if isinstance(o, Placed)] == [False, True, True]
    assert await stock_of(db, pot.variants[0].id) == 9
    await assert_all_clean(db)


async def test_the_same_key_for_something_else_is_refused(db: Database) -> None:
    pot = await make_product(db, await make_shop(db))
    who, address = await make_buyer(db)
    one = arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1))), "the key")
    two = arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 2))), "the key")
    together = await check_out(db, one, two)
    (later,) = await check_out(db, two)
    placed(together[0])
    assert isinstance(refusal(together[1]), KeyReused)
    assert isinstance(refusal(later), KeyReused)
    assert await stock_of(db, pot.variants[0].id) == 9


async def test_a_refused_checkout_may_be_tried_again_with_its_key(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), stock=1)
    (who, address), (other, elsewhere) = await make_buyer(db), await make_buyer(db)
    taker = arrival(other, CheckoutRequest(address_id=elsewhere.id, lines=lines_of((pot, 1))))
    one = arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1))), "the key")
    ready = await _ready(db, taker, one)
    outcomes = await db.write(WEB, lambda tx: commit(tx, ready))
    assert isinstance(refusal(outcomes[1]), OutOfStock)

    await db.write(MARKET, lambda tx: set_stock(tx, pot.variants[0].id, 1))
    (again,) = await check_out(db, one)
    placed(again)


async def test_a_price_that_changed_in_between_is_refused_and_names_the_line(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), price=1_000)
    who, address = await make_buyer(db)
    ready = await _ready(db, arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)))))
    await db.write(MARKET, lambda tx: set_price(tx, pot.variants[0].id, yuan(9)))
    before = await everything(db)

    (outcome,) = await db.write(WEB, lambda tx: commit(tx, ready))

    trouble = refusal(outcome)
    assert isinstance(trouble, PriceChanged)
    assert trouble.params == {"lines": [{"variant_id": str(int(pot.variants[0].id))}]}
    assert await everything(db) == before


async def test_a_total_that_the_buyer_did_not_see_is_refused(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), price=1_000)
    who, address = await make_buyer(db)
    before = await everything(db)
    (outcome,) = await check_out(
        db, arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)), expected_total=999))
    )
    assert isinstance(refusal(outcome), TotalChanged)
    assert await everything(db) == before


async def test_a_shop_on_holiday_sells_nothing(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop)
    who, address = await make_buyer(db)
    await db.write(MARKET, lambda tx: go_on_holiday(tx, shop.id))
    before = await everything(db)
    (outcome,) = await check_out(db, arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)))))
    trouble = refusal(outcome)
    assert isinstance(trouble, NotForSale)
    assert [p["code"] for p in trouble.params["problems"]] == ["orders.not_for_sale"]
    assert await everything(db) == before


async def test_without_an_address_nothing_is_ordered(db: Database) -> None:
    pot = await make_product(db, await make_shop(db))
    who, _ = await make_buyer(db)
    (outcome,) = await check_out(db, arrival(who, CheckoutRequest(lines=lines_of((pot, 1)))))
    trouble = refusal(outcome)
    assert isinstance(trouble, Invalid)
    assert [e.pointer for e in trouble.errors] == ["/address_id"]


async def test_a_coupon_is_used_once_for_each_person_even_within_one_batch(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop, price=10_000, stock=10)
    coupon = await make_coupon(db, draft(db, AmountOff(1_000), code="ONCE"), shop=shop.id)
    who, address = await make_buyer(db)
    request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)), coupons=("ONCE",))
    ready = await _ready(db, arrival(who, request), arrival(who, request))
    outcomes = await db.write(WEB, lambda tx: commit(tx, ready))
    placed(outcomes[0])
    assert isinstance(refusal(outcomes[1]), CouponGone)
    assert await counters(db, coupon.id) == (1, 1)
    await assert_all_clean(db)


async def test_where_pieces_run_out_the_coupon_was_never_used(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop, price=10_000, stock=1)
    coupon = await make_coupon(db, draft(db, AmountOff(1_000), total=2, code="TWO"), shop=shop.id)
    arrivals = []
    for _ in range(3):
        who, address = await make_buyer(db)
        request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)), coupons=("TWO",))
        arrivals.append(arrival(who, request))
    ready = await _ready(db, *arrivals)
    outcomes = await db.write(WEB, lambda tx: commit(tx, ready))
    placed(outcomes[0])
    assert isinstance(refusal(outcomes[1]), OutOfStock)
    assert isinstance(refusal(outcomes[2]), CouponGone | OutOfStock)
    assert await counters(db, coupon.id) == (1, 1)
    await assert_all_clean(db)


async def test_what_costs_nothing_is_paid_at_once(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop, price=1_000)
    await make_coupon(db, draft(db, AmountOff(1_000), threshold=1_000, code="GIFT"), shop=shop.id)
    who, address = await make_buyer(db)
    request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)), coupons=("GIFT",))
    (outcome,) = await check_out(db, arrival(who, request))
    answer = placed(outcome)
    assert (answer["orders"][0]["state"], answer["payment"]["state"]) == ("paid", "paid")
    (order,) = await orders_of(db, answer)
    assert (order.state, order.total) == (OrderState.PAID, 0)
    await assert_all_clean(db)


async def test_what_was_ordered_leaves_the_cart(db: Database) -> None:
    pot = await make_product(db, await make_shop(db))
    who, address = await make_buyer(db)
    await db.write(person(who), lambda tx: set_line(tx, CartOwner(who), pot.variants[0].id, 2))
    await check_out(db, arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)))))
    assert len(await db.read(lambda r: get_cart(r, CartOwner(who)))) == 1  # bought at once, not from the cart
    await check_out(db, arrival(who, CheckoutRequest(address_id=address.id)))
    assert await db.read(lambda r: get_cart(r, CartOwner(who))) == []


async def test_an_idle_intake_writes_a_single_order_at_once_and_a_busy_one_many_together(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), stock=None)
    who, address = await make_buyer(db)
    request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)))
    intake = make_intake(db)
    await intake.start()
    await intake.ask(arrival(who, request))
    assert (intake.batches, intake.done) == (1, 1)
    await asyncio.gather(*(intake.ask(arrival(who, request)) for _ in range(60)))
    await intake.stop()
    assert intake.done == 61
    assert intake.batches <= 5
    await assert_all_clean(db)


async def test_a_client_that_hangs_up_gets_its_answer_when_it_asks_again(db: Database) -> None:
    pot = await make_product(db, await make_shop(db))
    who, address = await make_buyer(db)
    one = arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1))), "the key")
    intake = make_intake(db)
    await intake.start()
    client = asyncio.create_task(intake.ask(one))
    await asyncio.sleep(0)
    client.cancel()
    answer = await intake.ask(one)
    await intake.stop()
    assert answer.replayed
    assert await stock_of(db, pot.variants[0].id) == 9
    await assert_all_clean(db)


async def test_a_poisoned_batch_is_split_and_its_neighbours_are_written(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), stock=None)
    arrivals = []
    for number in range(9):
        who, address = await make_buyer(db)
        key = "poison" if number == 4 else f"key {number}"
        arrivals.append(arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1))), key))
    tries: list[int] = []

    async def commit_or_break(ready: Sequence[PreparedCheckout]) -> list[Outcome]:
        tries.append(len(ready))

        async def deed(tx: Any) -> list[Outcome]:
            outcomes = await commit(tx, ready)
            if any(p.arrival.key == "poison" for p in ready):
                await tx.execute("select 1 / 0")
            return outcomes

        return await db.write(WEB, deed)

    async def prepare_all(some: Sequence[Arrival]) -> list[Prepared]:
        return await db.read(lambda r: prepare(r, some))

    intake: Intake = Gatherer(prepare_all, commit_or_break)
    waiting = [asyncio.create_task(intake.ask(one)) for one in arrivals]
    await asyncio.sleep(0)
    await intake.start()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    await intake.stop()
    assert [isinstance(answer, Placed) for answer in answers] == [n != 4 for n in range(9)]
    assert type(answers[4]).__name__ == "DivisionByZeroError"
    assert tries[0] == 9
    assert len(tries) <= 9
    await assert_all_clean(db)


async def test_past_its_bounds_the_intake_says_when_to_come_again(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), stock=None)
    who, address = await make_buyer(db)
    request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)))
    intake = make_intake(db, limits=GatherLimits(queue_most=3))
    waiting = [asyncio.create_task(intake.ask(arrival(who, request))) for _ in range(5)]
    await asyncio.sleep(0)
    await intake.start()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    await intake.stop()
    assert [isinstance(answer, Placed) for answer in answers] == [True, True, True, False, False]
    assert isinstance(answers[4], IntakeFull)
    assert 1 <= answers[4].retry_after <= 30


async def test_without_a_database_everybody_is_told_to_come_again(db: Database) -> None:
    pot = await make_product(db, await make_shop(db))
    who, address = await make_buyer(db)
    request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)))
    intake = make_intake(db)
    await intake.start()
    await db.close()
    with pytest.raises(Unavailable):
        await intake.ask(arrival(who, request))
    await db.open()
    assert isinstance(await intake.ask(arrival(who, request)), Placed)
    await intake.stop()


async def test_the_same_key_is_answered_the_same_when_it_could_not_be_ordered_again(db: Database) -> None:
    """The first time emptied the cart and took the last piece; the answer to a lost one is kept all the same."""
    pot = await make_product(db, await make_shop(db), stock=1)
    who, address = await make_buyer(db)
    await db.write(WEB, lambda tx: set_line(tx, CartOwner(who), pot.variants[0].id, 1))
    from_cart = arrival(who, CheckoutRequest(address_id=address.id), key="k1")
    other = arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 2))), key="k1")
    intake = make_intake(db)
    await intake.start()
    first = await intake.ask(from_cart)
    before = await everything(db)
    again = await intake.ask(from_cart)
    with pytest.raises(KeyReused):
        await intake.ask(other)
    with pytest.raises(NothingToOrder):
        await intake.ask(arrival(who, from_cart.request, key="k2"))
    await intake.stop()
    assert (again.answer, first.replayed, again.replayed) == (first.answer, False, True)
    assert await everything(db) == before


async def test_a_crowd_that_comes_too_late_is_refused_without_the_queue_and_gets_what_comes_back(db: Database) -> None:
    pot = await make_product(db, await make_shop(db), stock=1)
    variant_id = pot.variants[0].id
    who, address = await make_buyer(db)
    request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)))
    intake = make_intake(db)
    await intake.start()
    bought = arrival(who, request, key="mine")
    first = await intake.ask(bought)
    crowd = [intake.ask(arrival(who, request)) for _ in range(CROWD)]
    assert {type(one) for one in await asyncio.gather(*crowd, return_exceptions=True)} == {OutOfStock}
    before = await everything(db)

    refused, again, another = await asyncio.gather(
        intake.ask(arrival(who, request)),
        intake.ask(bought),
        intake.ask(arrival(who, CheckoutRequest(address_id=address.id, lines=lines_of((pot, 2))), key="mine")),
        return_exceptions=True,
    )
    assert isinstance(refused, OutOfStock)
    assert refused.params == {"variants": [{"variant_id": str(int(variant_id)), "left": 0}]}
    assert isinstance(again, Placed)
    assert (again.answer, again.replayed) == (first.answer, True)
    assert isinstance(another, KeyReused)
    assert await everything(db) == before

    await db.write(WEB, lambda tx: set_stock(tx, variant_id, 1))
    began = time.monotonic()
    while isinstance(await _try(intake, arrival(who, request)), OutOfStock):
        assert time.monotonic() - began < 5, "a piece that came back is not sold"
    await intake.stop()
    assert await stock_of(db, variant_id) == 0
    await assert_all_clean(db)


async def _try(intake: Intake, one: Arrival) -> Placed | Exception:
    (answer,) = await asyncio.gather(intake.ask(one), return_exceptions=True)
    assert not isinstance(answer, BaseException) or isinstance(answer, OutOfStock)
    return answer
