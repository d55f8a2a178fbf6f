"""Opening a shop."""

import asyncio

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database, Given
from fairground.kit.errors import Invalid
from fairground.market.shops.actions.opening import open_shop, suggest_free_slug
from fairground.market.shops.errors import ShopNotFound, SlugTaken, TooManyShops
from fairground.market.shops.model import Role, ShopDraft, ShopRules, ShopState, Tier
from fairground.market.shops.queries import (
    count_shops,
    find_shop_by_slug,
    get_shop_by_slug,
    get_shop_for,
    list_memberships,
    list_shops,
    list_waiting_applications,
    map_shops,
    map_slugs,
    role_in,
)
from tests.support.given import test_given
from tests.support.shops import make_owner, make_shop, news
from tests.support.statements import StatementFailed, fail_at


async def test_a_stall_opens_at_once(db: Database) -> None:
    owner = await make_owner(db)
    draft = ShopDraft(
        name="  Lantern   & Clay ", slug="Lantern-Clay", about="Pots.\r\n\r\n**Hand-made.**", country="de"
    )
    shop = await db.write(person(owner), lambda tx: open_shop(tx, owner, draft))
    assert (shop.name, shop.slug, shop.about, shop.country) == (
        "Lantern & Clay",
        "lantern-clay",
        "Pots.\n\n**Hand-made.**",
        "DE",
    )
    assert (shop.state, shop.tier, shop.language, shop.time_zone) == (
        ShopState.OPEN,
        Tier.STALL,
        "zh-CN",
        "Asia/Shanghai",
    )
    assert await db.read(lambda r: get_shop_by_slug(r, "lantern-clay")) == shop
    assert await db.read(lambda r: role_in(r, shop.id, owner)) is Role.OWNER
    assert [m.slug for m in await db.read(lambda r: list_memberships(r, owner))] == ["lantern-clay"]
    assert "shops.ShopOpened" in await news(db)


async def test_every_wrong_field_is_named_at_once(db: Database) -> None:
    owner = await make_owner(db)
    draft = ShopDraft(name=" ", slug="admin", about="x" * 5000, country="Utopia", language="<b>")
    with pytest.raises(Invalid) as refusal:
        await db.write(person(owner), lambda tx: open_shop(tx, owner, draft))
    assert [e.pointer for e in refusal.value.errors] == ["/name", "/slug", "/about", "/country", "/language"]
    assert await db.read(lambda r: list_memberships(r, owner)) == []


async def test_a_taken_slug_is_refused_with_one_that_is_free(db: Database) -> None:
    await make_shop(db, slug="tea-house")
    owner = await make_owner(db)
    with pytest.raises(SlugTaken) as refusal:
        await make_shop(db, owner, slug="tea-house")
    assert refusal.value.params == {"suggestion": "tea-house-2"}
    assert await db.read(lambda r: list_memberships(r, owner)) == []


async def test_two_shops_that_want_one_slug_at_once_get_one_each_or_none(db: Database) -> None:
    people = [await make_owner(db) for _ in range(5)]
    done = await asyncio.gather(*(make_shop(db, p, slug="tea-house") for p in people), return_exceptions=True)
    assert sum(not isinstance(d, Exception) for d in done) == 1
    assert all(isinstance(d, SlugTaken) for d in done if isinstance(d, Exception))
    assert await db.read(count_shops) == {ShopState.OPEN: 1}


async def test_a_shop_without_a_slug_gets_one_from_its_name(db: Database) -> None:
    assert [(await make_shop(db)).slug for _ in range(3)] == ["lantern-clay", "lantern-clay-2", "lantern-clay-3"]
    chinese = await make_shop(db, name="东山茶铺")
    assert chinese.slug.startswith("shop-")
    assert len(chinese.slug) == 11
    assert await db.read(lambda r: suggest_free_slug(r, "Lantern & Clay")) == "lantern-clay-4"


async def test_one_person_owns_only_so_many_shops(dsn: str, db: Database) -> None:
    few = Database(dsn, clock=db.clock, ids=db.ids, given=test_given(ShopRules(owned_most=2)), connections=2)
    await few.open()
    try:
        owner = await make_owner(few)
        await make_shop(few, owner)
        await make_shop(few, owner)
        with pytest.raises(TooManyShops):
            await make_shop(few, owner)
        assert len(await few.read(lambda r: list_memberships(r, owner))) == 2
    finally:
        await few.close()


async def test_strangers_and_guests_find_no_inside(db: Database) -> None:
    shop, stranger = await make_shop(db), await make_owner(db)
    for who in (stranger, None):
        with pytest.raises(ShopNotFound):
            await db.read(lambda r, w=who: get_shop_for(r, shop.slug, w))


async def test_shops_are_listed_newest_first_in_pages(db: Database) -> None:
    from datetime import timedelta

    made = []
    for number in range(3):
        made.append(await make_shop(db, slug=f"shop-no{number}"))
        db.clock.move(timedelta(minutes=1))
    first = await db.read(lambda r: list_shops(r, limit=2))
    rest = await db.read(lambda r: list_shops(r, limit=2, after=first.next))
    assert [c.slug for c in first.items + rest.items] == ["shop-no2", "shop-no1", "shop-no0"]
    assert rest.next is None
    assert set(await db.read(lambda r: map_shops(r, [s.id for s in made]))) == {s.id for s in made}
    assert await db.read(lambda r: map_slugs(r, ["shop-no1", "none"])) == {"shop-no1": made[1].id}


async def test_opening_fails_at_each_statement_and_leaves_nothing(db: Database) -> None:
    owner = await make_owner(db)
    for n in range(20):
        try:
            with fail_at(n):
                await make_shop(db, owner, slug="tea-house")
        except StatementFailed:
            assert await db.read(lambda r: find_shop_by_slug(r, "tea-house")) is None
            assert await db.read(lambda r: list_memberships(r, owner)) == []
        else:
            break
    assert n > 5
    assert await db.read(lambda r: find_shop_by_slug(r, "tea-house")) is not None


class TestWithApproval:
    """Where the operator wants to see stalls first."""

    @pytest.fixture
    def given(self) -> Given:
        return test_given(ShopRules(approve_stalls=True))

    async def test_a_new_stall_waits_for_the_desk(self, db: Database) -> None:
        shop = await make_shop(db, slug="tea-house")
        assert shop.state is ShopState.PENDING
        with pytest.raises(ShopNotFound):
            await db.read(lambda r: get_shop_by_slug(r, "tea-house"))
        waiting = (await db.read(list_waiting_applications)).items
        assert [(a.shop_id, a.kind) for a in waiting] == [(shop.id, "stall")]
        assert "shops.ShopOpened" not in await news(db)
