"""A shop plans a drop, changes it while nobody knows, announces it, cancels it."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.market.promotions.actions.drops import announce_drop, cancel_drop, change_drop, plan_drop
from fairground.market.promotions.errors import DropFixed, DropOver, DropTooSoon, TooManyDrops, VariantInDrop
from fairground.market.promotions.model import DropDraft, DropRules, DropState, GoodsWish
from fairground.market.promotions.queries.drops import list_coming_drops, list_shop_drops, map_drop_prices
from fairground.market.shops.errors import ShopNotFound
from tests.support.catalog import make_product
from tests.support.drops import MARKET, drop_draft, drop_now, open_drop
from tests.support.shops import make_owner, make_shop

HOUR = timedelta(hours=1)


async def test_a_planned_drop_is_the_shops_alone_until_it_is_announced(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    pot = await make_product(db, shop)
    planned = await db.write(person(owner), lambda tx: plan_drop(tx, shop.id, drop_draft(db, pot, starts_in=HOUR)))
    assert planned.drop.state_at(db.clock.now()) is DropState.PLANNED
    assert planned.goods[0].left == 10
    assert planned.room is None
    assert await db.read(list_coming_drops) == []
    assert (await db.read(lambda r: list_shop_drops(r, shop.id))).items == [planned]

    announced = await db.write(person(owner), lambda tx: announce_drop(tx, planned.id))
    assert announced.drop.state_at(db.clock.now()) is DropState.ANNOUNCED
    assert await db.read(list_coming_drops) == [announced]
    assert await db.read(lambda r: map_drop_prices(r, [pot.variants[0].id])) == {}
    db.clock.move(HOUR)
    offers = await db.read(lambda r: map_drop_prices(r, [pot.variants[0].id]))
    assert offers[pot.variants[0].id].goods.price == 5_000
    db.clock.move(HOUR)
    assert await db.read(list_coming_drops) == []
    assert await db.read(lambda r: map_drop_prices(r, [pot.variants[0].id])) == {}


async def test_a_stranger_finds_no_drop_to_plan_or_announce(db: Database) -> None:
    shop = await make_shop(db)
    pot, stranger = await make_product(db, shop), person(await make_owner(db, "Hua"))
    planned = await db.write(MARKET, lambda tx: plan_drop(tx, shop.id, drop_draft(db, pot, starts_in=HOUR)))
    for deed in (
        lambda tx: plan_drop(tx, shop.id, drop_draft(db, pot)),
        lambda tx: change_drop(tx, planned.id, drop_draft(db, pot)),
        lambda tx: announce_drop(tx, planned.id),
        lambda tx: cancel_drop(tx, planned.id),
    ):
        with pytest.raises(ShopNotFound):
            await db.write(stranger, deed)
    assert await drop_now(db, planned) == planned


async def test_everything_wrong_with_a_draft_is_told_at_once(db: Database) -> None:
    shop, other = await make_shop(db), await make_shop(db, slug="other-shop")
    pot, theirs = await make_product(db, shop), await make_product(db, other)
    now = db.clock.now()
    draft = DropDraft(
        title=" ",
        language="en",
        starts_at=now,
        ends_at=now - HOUR,
        goods=(
            GoodsWish(pot.variants[0].id, 10**9, 0, 0),
            GoodsWish(theirs.variants[0].id, 100, 1),
            GoodsWish(pot.variants[0].id, 100, 1),
        ),
        has_room=True,
        per_minute=0,
        burst=-1,
    )
    with pytest.raises(Invalid) as trouble:
        await db.write(MARKET, lambda tx: plan_drop(tx, shop.id, draft))
    assert {e.pointer for e in trouble.value.errors} == {
        "/title",
        "/ends_at",
        "/per_minute",
        "/burst",
        "/goods/0/price",
        "/goods/0/quota",
        "/goods/0/per_person",
        "/goods/1/variant_id",
        "/goods/2/variant_id",
    }
    assert (await db.read(lambda r: list_shop_drops(r, shop.id))).items == []


async def test_a_planned_drop_is_changed_and_an_announced_one_is_not(db: Database) -> None:
    shop = await make_shop(db)
    pot, jug = await make_product(db, shop), await make_product(db, shop)
    planned = await db.write(MARKET, lambda tx: plan_drop(tx, shop.id, drop_draft(db, pot, starts_in=HOUR)))
    wish = drop_draft(db, jug, starts_in=2 * HOUR, title="Jugs", quota=3, each=2, room=True, per_minute=30, burst=5)
    changed = await db.write(MARKET, lambda tx: change_drop(tx, planned.id, wish))
    assert (changed.drop.title, changed.drop.per_minute, changed.drop.burst) == ("Jugs", 30, 5)
    assert [(g.variant_id, g.quota, g.per_person) for g in changed.goods] == [(jug.variants[0].id, 3, 2)]
    announced = await db.write(MARKET, lambda tx: announce_drop(tx, planned.id))
    assert announced.room is not None
    with pytest.raises(DropFixed):
        await db.write(MARKET, lambda tx: change_drop(tx, planned.id, wish))
    with pytest.raises(DropFixed):
        await db.write(MARKET, lambda tx: announce_drop(tx, planned.id))
    assert await drop_now(db, planned) == announced


async def test_a_shop_announces_early_enough_for_every_process_to_hear_of_it(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    pot = await make_product(db, shop)
    draft = drop_draft(db, pot, starts_in=timedelta(seconds=59))
    planned = await db.write(person(owner), lambda tx: plan_drop(tx, shop.id, draft))
    with pytest.raises(DropTooSoon):
        await db.write(person(owner), lambda tx: announce_drop(tx, planned.id))
    assert await db.read(list_coming_drops) == []


async def test_a_variant_runs_in_one_announced_drop_at_a_time(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop)
    first = await open_drop(db, shop.id, drop_draft(db, pot))
    second = await db.write(MARKET, lambda tx: plan_drop(tx, shop.id, drop_draft(db, pot, starts_in=2 * HOUR)))
    with pytest.raises(VariantInDrop):
        await db.write(MARKET, lambda tx: announce_drop(tx, second.id))
    assert await db.read(list_coming_drops) == [first]
    db.clock.move(HOUR)
    await db.write(MARKET, lambda tx: announce_drop(tx, second.id))
    db.clock.move(HOUR)
    offers = await db.read(lambda r: map_drop_prices(r, [pot.variants[0].id]))
    assert offers[pot.variants[0].id].drop.id == second.id


async def test_a_shop_has_so_many_announced_drops_and_no_more(db: Database) -> None:
    shop = await make_shop(db)
    most = DropRules().announced_most
    for _ in range(most):
        await open_drop(db, shop.id, drop_draft(db, await make_product(db, shop)))
    with pytest.raises(TooManyDrops):
        await open_drop(db, shop.id, drop_draft(db, await make_product(db, shop)))
    assert len(await db.read(list_coming_drops)) == most


async def test_a_cancelled_or_stopped_drop_sells_nothing_and_lets_go_of_its_goods(db: Database) -> None:
    shop = await make_shop(db)
    pot = await make_product(db, shop)
    coming = await open_drop(db, shop.id, drop_draft(db, pot, starts_in=HOUR))
    cancelled = await db.write(MARKET, lambda tx: cancel_drop(tx, coming.id))
    assert cancelled.drop.state_at(db.clock.now()) is DropState.CANCELLED
    running = await open_drop(db, shop.id, drop_draft(db, pot))
    assert await db.read(lambda r: map_drop_prices(r, [pot.variants[0].id]))
    stopped = await db.write(MARKET, lambda tx: cancel_drop(tx, running.id))
    assert await db.write(MARKET, lambda tx: cancel_drop(tx, running.id)) == stopped
    assert await db.read(lambda r: map_drop_prices(r, [pot.variants[0].id])) == {}
    assert await db.read(list_coming_drops) == []
    ended = await open_drop(db, shop.id, drop_draft(db, pot))
    db.clock.move(HOUR)
    with pytest.raises(DropOver):
        await db.write(MARKET, lambda tx: cancel_drop(tx, ended.id))
