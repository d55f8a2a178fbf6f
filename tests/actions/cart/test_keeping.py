"""Hearts: products kept for later, shops followed."""

import pytest

from fairground.kit.actor import person as acting
from fairground.kit.db import Database, Given
from fairground.market.accounts.actions.closing import close_account
from fairground.market.cart.actions import follow_shop, keep_product, let_go_product, unfollow_shop
from fairground.market.cart.errors import KeptFull
from fairground.market.cart.model import CartRules
from fairground.market.cart.queries import export_kept, list_follows, list_kept, which_hearts
from fairground.market.catalog.errors import ProductNotFound
from fairground.market.catalog.model import ProductId, ProductState
from fairground.market.shops.actions.state import suspend_shop
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import ShopId
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.given import test_given
from tests.support.shops import MARKET, make_owner, make_shop
from tests.support.world import pump


@pytest.fixture
def given() -> Given:
    return test_given(CartRules(kept_most=3))


async def test_a_heart_is_pressed_once_and_let_go(db: Database) -> None:
    who, shop = await make_owner(db), await make_shop(db)
    tea, cup = [await make_product(db, shop, title=title) for title in ("Teapot", "Cup")]
    assert await db.write(acting(who), lambda tx: keep_product(tx, who, tea.id))
    assert not await db.write(acting(who), lambda tx: keep_product(tx, who, tea.id))
    assert await db.write(acting(who), lambda tx: follow_shop(tx, who, shop.id))
    assert not await db.write(acting(who), lambda tx: follow_shop(tx, who, shop.id))
    assert await db.read(lambda r: which_hearts(r, who, [tea.id, cup.id, shop.id])) == {tea.id, shop.id}
    (kept,) = (await db.read(lambda r: list_kept(r, who))).items
    assert (kept.title, kept.price.amount, kept.shop_id) == ("Teapot", 19_900, shop.id)
    other = await make_owner(db)
    assert await db.read(lambda r: which_hearts(r, other, [tea.id, shop.id])) == set()
    names = [
        row["name"] for row in await db.read(lambda r: r.rows("select name from kit.outbox where name like 'cart.%'"))
    ]
    assert sorted(names) == ["cart.ProductKept", "cart.ShopFollowed"]
    assert await db.write(acting(who), lambda tx: let_go_product(tx, who, tea.id))
    assert not await db.write(acting(who), lambda tx: let_go_product(tx, who, tea.id))
    assert await db.write(acting(who), lambda tx: unfollow_shop(tx, who, shop.id))
    assert not await db.write(acting(who), lambda tx: unfollow_shop(tx, who, shop.id))


async def test_what_nobody_may_see_cannot_be_kept(db: Database) -> None:
    who, shop = await make_owner(db), await make_shop(db)
    draft = await make_product(db, shop, state=ProductState.DRAFT)
    for wanted in (draft.id, ProductId(7)):
        with pytest.raises(ProductNotFound):
            await db.write(acting(who), lambda tx, i=wanted: keep_product(tx, who, i))
    await db.write(MARKET, lambda tx: suspend_shop(tx, shop.id, "forged goods"))
    for nowhere in (shop.id, ShopId(7)):
        with pytest.raises(ShopNotFound):
            await db.write(acting(who), lambda tx, i=nowhere: follow_shop(tx, who, i))
    assert await db.read(lambda r: which_hearts(r, who, [draft.id, shop.id])) == set()


async def test_there_is_room_for_so_many_and_pages_go_on(db: Database) -> None:
    who, shop = await make_owner(db), await make_shop(db)
    things = [await make_product(db, shop, title=f"Cup {n}") for n in range(4)]
    for thing in things[:3]:
        await db.write(acting(who), lambda tx, i=thing.id: keep_product(tx, who, i))
    with pytest.raises(KeptFull):
        await db.write(acting(who), lambda tx: keep_product(tx, who, things[3].id))
    assert not await db.write(acting(who), lambda tx: keep_product(tx, who, things[0].id)), "that one is there already"
    first = await db.read(lambda r: list_kept(r, who, limit=2))
    rest = await db.read(lambda r: list_kept(r, who, after=first.next, limit=2))
    assert {k.product_id for k in (*first.items, *rest.items)} == {t.id for t in things[:3]}
    assert rest.next is None
    shops = [await make_shop(db, name=f"Shop {n}") for n in range(4)]
    for one in shops[:3]:
        await db.write(acting(who), lambda tx, i=one.id: follow_shop(tx, who, i))
    with pytest.raises(KeptFull):
        await db.write(acting(who), lambda tx: follow_shop(tx, who, shops[3].id))
    followed = await db.read(lambda r: list_follows(r, who, limit=2))
    more = await db.read(lambda r: list_follows(r, who, after=followed.next, limit=2))
    assert len(followed.items) + len(more.items) == 3


async def test_it_is_exported_and_goes_with_the_person(db: Database) -> None:
    someone, shop = await make_person(db), await make_shop(db)
    tea = await make_product(db, shop)
    await db.write(acting(someone.id), lambda tx: keep_product(tx, someone.id, tea.id))
    await db.write(acting(someone.id), lambda tx: follow_shop(tx, someone.id, shop.id))
    known = (await db.read(lambda r: export_kept(r, someone.id)))["cart"]
    assert [k["product_id"] for k in known["kept"]] == [str(tea.id)]
    assert [f["shop_id"] for f in known["follows"]] == [str(shop.id)]
    await db.write(acting(someone.id), lambda tx: close_account(tx, someone.id, []))
    await pump(db)
    for table in ("kept", "follows"):
        assert await db.read(lambda r, t=table: r.value(f"select count(*) from cart.{t}")) == 0
