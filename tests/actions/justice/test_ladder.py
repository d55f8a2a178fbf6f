"""The ladder of shops and the fast lane of complainants, with a moved clock."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.market.accounts.model import Person
from fairground.market.catalog.actions.create import create_product
from fairground.market.catalog.actions.state import list_product, withdraw_product
from fairground.market.catalog.model import Product, ProductState
from fairground.market.catalog.queries.watched import list_dimmed
from fairground.market.justice.model.complaints import ComplaintKind, ComplaintSide
from fairground.market.justice.model.ladder import Step
from fairground.market.justice.queries.complaints import has_fast_lane
from fairground.market.justice.queries.ladder import get_standing, list_strikes
from fairground.market.search.feed import entries_of
from fairground.market.shops.actions.state import suspend_shop
from fairground.market.shops.model import Shop, ShopState
from tests.support.accounts import make_person
from tests.support.catalog import make_product, new_product, product_now
from tests.support.complaints import appeal, complain, counter, decide
from tests.support.shops import desk_clerk, make_shop, news, shop_now
from tests.support.world import pump

DAY = timedelta(days=1)


async def a_shop(db: Database) -> tuple[Shop, Person]:
    """Open a shop."""
    owner = await make_person(db, "Seller")
    return await make_shop(db, owner.id), owner


async def offend(
    db: Database, shop: Shop, kind: ComplaintKind = ComplaintKind.COUNTERFEIT, goods: Sequence[Product] = ()
) -> None:
    """Let complaints about a shop's goods (or one new thing) be upheld by its silence, all at the same moment."""
    due = [await complain(db, product, kind=kind) for product in goods or [await make_product(db, shop)]]
    db.clock.move(due[-1].counter_by - db.clock.now())
    await pump(db)


async def step(db: Database, shop: Shop) -> Step:
    """Tell where a shop stands."""
    return (await db.read(lambda reader: get_standing(reader, shop.id))).step


async def test_steps_go_up_with_strikes_and_fade_to_the_second(db: Database) -> None:
    shop, _ = await a_shop(db)
    await offend(db, shop, ComplaintKind.PATENT)
    assert await step(db, shop) is Step.WARNING
    fades_at = db.clock.now() + 180 * DAY
    db.clock.move(10 * DAY)
    await offend(db, shop)
    assert await step(db, shop) is Step.LIMITS
    (first, second) = await db.read(lambda reader: list_strikes(reader, shop.id))
    assert (first.until, first.points, second.points) == (fades_at, 1, 2)
    db.clock.move(fades_at - db.clock.now() - timedelta(seconds=1))
    await pump(db)
    assert (await db.read(lambda reader: get_standing(reader, shop.id))).points == 3
    db.clock.move(timedelta(seconds=1))
    await pump(db)
    assert (await db.read(lambda reader: get_standing(reader, shop.id))).points == 2
    db.clock.move(second.until - db.clock.now())
    await pump(db)
    standing = await db.read(lambda reader: get_standing(reader, shop.id))
    assert (standing.step, standing.points) == (Step.NONE, 0)
    assert not await db.read(lambda r: r.rows("select * from kit.deadlines where kind = 'justice.ladder_due'"))


async def test_with_limits_the_desk_looks_at_new_listings_first(db: Database) -> None:
    shop, owner = await a_shop(db)
    standing = await make_product(db, shop, title="Before")
    await offend(db, shop)
    made = await db.write(person(owner.id), lambda tx: create_product(tx, shop.id, new_product(title="After")))
    assert made.state is ProductState.IN_REVIEW
    assert (await product_now(db, standing.id)).state is ProductState.ON_SALE
    await db.write(person(owner.id), lambda tx: withdraw_product(tx, standing.id))
    again = await db.write(person(owner.id), lambda tx: list_product(tx, standing.id))
    assert again.state is ProductState.IN_REVIEW
    db.clock.move(180 * DAY)
    await pump(db)
    free = await db.write(person(owner.id), lambda tx: create_product(tx, shop.id, new_product(title="Free")))
    assert free.state is ProductState.ON_SALE


async def test_a_suspension_ends_by_itself_and_is_not_served_twice(db: Database) -> None:
    shop, _ = await a_shop(db)
    *goods, spare = [await make_product(db, shop) for _ in range(4)]
    await offend(db, shop, goods=goods)
    standing = await db.read(lambda reader: get_standing(reader, shop.id))
    assert (standing.step, standing.suspended_until) == (Step.SUSPENSION, db.clock.now() + 14 * DAY)
    assert (await shop_now(db, shop.id)).state is ShopState.SUSPENDED
    db.clock.move(14 * DAY - timedelta(seconds=1))
    await pump(db)
    assert (await shop_now(db, shop.id)).state is ShopState.SUSPENDED
    db.clock.move(timedelta(seconds=1))
    await pump(db)
    assert (await shop_now(db, shop.id)).state is ShopState.OPEN
    assert await step(db, shop) is Step.EXPOSURE
    await offend(db, shop, ComplaintKind.COPYRIGHT, [spare])
    assert await step(db, shop) is Step.SUSPENSION
    assert (await shop_now(db, shop.id)).state is ShopState.SUSPENDED


async def test_a_suspension_of_the_desks_own_is_not_ended_by_the_ladder(db: Database) -> None:
    shop, _ = await a_shop(db)
    clerk = await desk_clerk(db)
    due = [await complain(db, await make_product(db, shop)) for _ in range(3)]
    await db.write(clerk, lambda tx: suspend_shop(tx, shop.id, "Unreachable"))
    db.clock.move(due[-1].counter_by - db.clock.now())
    await pump(db)
    db.clock.move(14 * DAY)
    await pump(db)
    assert (await shop_now(db, shop.id)).state is ShopState.SUSPENDED


async def test_a_won_appeal_takes_the_step_back_at_once(db: Database) -> None:
    shop, owner = await a_shop(db)
    *goods, spare = [await make_product(db, shop) for _ in range(3)]
    await offend(db, shop, goods=goods)
    complaint = await counter(db, await complain(db, spare), owner.id)
    upheld = await decide(db, complaint, await desk_clerk(db), upheld=True)
    assert (await shop_now(db, shop.id)).state is ShopState.SUSPENDED
    await appeal(db, upheld, owner.id, ComplaintSide.SHOP)
    await decide(db, upheld, await desk_clerk(db), upheld=False)
    assert await step(db, shop) is Step.EXPOSURE
    assert await db.read(lambda reader: list_dimmed(reader, [shop.id])) == {shop.id}
    assert (await shop_now(db, shop.id)).state is ShopState.OPEN
    assert "justice.ShopChangedStep" in await news(db)


async def test_strikes_at_the_same_moment_are_all_counted(wide_db: Database) -> None:
    db = wide_db
    shop, owner = await a_shop(db)
    waiting = [
        await counter(db, await complain(db, await make_product(db, shop), kind=ComplaintKind.PATENT), owner.id)
        for _ in range(4)
    ]
    clerk = await desk_clerk(db)
    await asyncio.gather(*(decide(db, complaint, clerk, upheld=True) for complaint in waiting))
    standing = await db.read(lambda reader: get_standing(reader, shop.id))
    assert (standing.points, standing.step) == (4, Step.EXPOSURE)


@pytest.fixture
async def good_complainant(db: Database) -> Person:
    """Somebody whose five complaints were all upheld."""
    who = await make_person(db, "Owner of the right")
    for _ in range(5):
        shop, owner = await a_shop(db)
        complaint = await counter(db, await complain(db, await make_product(db, shop), who=who), owner.id)
        await decide(db, complaint, await desk_clerk(db), upheld=True)
    await pump(db)
    return who


async def test_the_fast_lane_takes_a_listing_off_sale_while_it_is_checked(
    db: Database, good_complainant: Person
) -> None:
    who = good_complainant
    assert await db.read(lambda reader: has_fast_lane(reader, who.id))
    shop, owner = await a_shop(db)
    product = await make_product(db, shop)
    complaint = await complain(db, product, who=who)
    assert complaint.is_fast
    assert (await product_now(db, product.id)).state is ProductState.OFF_SALE
    await counter(db, complaint, owner.id)
    await decide(db, complaint, await desk_clerk(db), upheld=False)
    assert (await product_now(db, product.id)).state is ProductState.ON_SALE


async def test_losing_the_fast_lane_costs_three_months(db: Database, good_complainant: Person) -> None:
    who = good_complainant
    shop, owner = await a_shop(db)
    complaint = await counter(db, await complain(db, await make_product(db, shop), who=who), owner.id)
    await decide(db, complaint, await desk_clerk(db), upheld=False)
    await pump(db)
    lost = db.clock.now()
    assert not await db.read(lambda reader: has_fast_lane(reader, who.id))
    db.clock.move(60 * DAY)
    for _ in range(20):
        shop, owner = await a_shop(db)
        complaint = await counter(db, await complain(db, await make_product(db, shop), who=who), owner.id)
        await decide(db, complaint, await desk_clerk(db), upheld=True)
        db.clock.move(timedelta(hours=3))
    await pump(db)
    assert not await db.read(lambda reader: has_fast_lane(reader, who.id))
    db.clock.move(lost + 90 * DAY - db.clock.now() - timedelta(seconds=1))
    assert not await db.read(lambda reader: has_fast_lane(reader, who.id))
    db.clock.move(timedelta(seconds=1))
    assert await db.read(lambda reader: has_fast_lane(reader, who.id))


async def test_a_dimmed_shops_things_are_indexed_below_all_others_and_come_back(db: Database) -> None:
    shop, _ = await a_shop(db)
    *goods, spare = [await make_product(db, shop) for _ in range(3)]
    await offend(db, shop, goods=goods)
    assert await step(db, shop) is Step.EXPOSURE
    (entry,) = (await db.read(lambda reader: entries_of(reader, [spare.id]))).values()
    assert entry is not None
    assert entry.numbers["standing"] == -1000
    touched = (await product_now(db, spare.id)).version
    db.clock.move(180 * DAY)
    await pump(db)
    (entry,) = (await db.read(lambda reader: entries_of(reader, [spare.id]))).values()
    assert entry is not None
    assert entry.numbers["standing"] >= 0
    assert (await product_now(db, spare.id)).version > touched
