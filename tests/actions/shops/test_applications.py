"""What shops ask of the desk."""

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database, Given
from fairground.kit.errors import Invalid
from fairground.kit.seal import Keyring, SealBroken
from fairground.market.shops.actions.applications import (
    apply_for_mall,
    approve_application,
    ask_again_for_stall,
    refuse_application,
    withdraw_application,
    withdraw_mall_badge,
)
from fairground.market.shops.errors import (
    ApplicationNotFound,
    ApplicationWaiting,
    MallAlready,
    RoleTooSmall,
    ShopNotFound,
    StaffOnly,
)
from fairground.market.shops.model import Application, ApplicationState, Role, Shop, ShopRules, ShopState, Tier
from fairground.market.shops.queries import (
    get_application,
    list_applications_of_shop,
    list_same_number,
    list_waiting_applications,
    unseal_number,
)
from tests.support.given import test_given
from tests.support.shops import MARKET, desk_clerk, make_owner, make_shop, make_staff, news, shop_now

NUMBER = "91110000600037341L"


@pytest.fixture
def given() -> Given:
    return test_given(ShopRules(approve_stalls=True), Keyring({"t1": b"k" * 32}))


async def _apply(db: Database, shop: Shop, number: str = NUMBER) -> Application:
    return await db.write(
        MARKET, lambda tx: apply_for_mall(tx, shop.id, company="东山茶业有限公司", country="CN", number=number)
    )


async def test_an_approved_stall_may_sell(db: Database) -> None:
    shop, clerk = await make_shop(db), await desk_clerk(db)
    (waiting,) = (await db.read(list_waiting_applications)).items
    await db.write(clerk, lambda tx: approve_application(tx, waiting.id))
    assert (await shop_now(db, shop.id)).state is ShopState.OPEN
    assert "shops.ShopOpened" in await news(db)
    assert await db.read(lambda r: r.value("select deed from accounts.staff_deeds")) == "shops.approve_stall"


async def test_a_refused_stall_reads_the_reason_and_asks_again(db: Database) -> None:
    owner = await make_owner(db)
    shop, clerk = await make_shop(db, owner), await desk_clerk(db)
    (waiting,) = (await db.read(list_waiting_applications)).items
    with pytest.raises(Invalid):
        await db.write(clerk, lambda tx: refuse_application(tx, waiting.id, "  "))
    await db.write(clerk, lambda tx: refuse_application(tx, waiting.id, "Please say what you sell."))
    assert (await shop_now(db, shop.id)).state is ShopState.PENDING
    await db.write(person(owner), lambda tx: ask_again_for_stall(tx, shop.id))
    states = [(a.state, a.reason) for a in await db.read(lambda r: list_applications_of_shop(r, shop.id))]
    assert set(states) == {("waiting", ""), ("refused", "Please say what you sell.")}


async def test_a_checked_business_gets_the_badge(db: Database) -> None:
    shop, clerk = await make_shop(db), await desk_clerk(db)
    application = await _apply(db, shop)
    assert (application.number_tail, application.number_kind) == ("341L", "cn.uscc")
    assert await db.read(lambda r: unseal_number(r, application.id)) == NUMBER
    await db.write(clerk, lambda tx: approve_application(tx, application.id))
    assert (await shop_now(db, shop.id)).tier is Tier.MALL
    with pytest.raises(MallAlready):
        await _apply(db, shop)
    await db.write(clerk, lambda tx: withdraw_mall_badge(tx, shop.id, "The licence ran out."))
    assert (await shop_now(db, shop.id)).tier is Tier.STALL
    assert [n for n in await news(db) if "Mall" in n] == ["shops.MallBadgeGranted", "shops.MallBadgeWithdrawn"]


async def test_a_number_with_a_wrong_check_digit_is_refused(db: Database) -> None:
    shop = await make_shop(db)
    with pytest.raises(Invalid) as refusal:
        await _apply(db, shop, "91110000600037342L")
    assert [e.pointer for e in refusal.value.errors] == ["/number"]
    assert [a.kind for a in await db.read(lambda r: list_applications_of_shop(r, shop.id))] == ["stall"]


async def test_the_number_lies_sealed_and_opens_for_its_shop_only(db: Database) -> None:
    shop, other = await make_shop(db), await make_shop(db)
    one, two = await _apply(db, shop), await _apply(db, other)
    row = await db.read(lambda r: r.row("select * from shops.applications where id = $1", one.id))
    assert row is not None
    assert NUMBER not in str(dict(row))
    assert await db.read(lambda r: list_same_number(r, one.id)) == [other.id]
    swap = "update shops.applications set number_sealed = $2 where id = $1"
    await db.write(MARKET, lambda tx: tx.execute(swap, two.id, row["number_sealed"]))
    with pytest.raises(SealBroken):
        await db.read(lambda r: unseal_number(r, two.id))


async def test_one_application_waits_at_a_time_and_can_be_taken_back(db: Database) -> None:
    shop = await make_shop(db)
    application = await _apply(db, shop)
    with pytest.raises(ApplicationWaiting):
        await _apply(db, shop)
    gone = await db.write(MARKET, lambda tx: withdraw_application(tx, shop.id, application.id))
    assert gone.state is ApplicationState.WITHDRAWN
    with pytest.raises(ApplicationNotFound):
        await db.write(MARKET, lambda tx: withdraw_application(tx, shop.id, application.id))
    await _apply(db, shop)


async def test_only_the_desk_decides_and_only_once(db: Database) -> None:
    owner = await make_owner(db)
    shop, clerk = await make_shop(db, owner), await desk_clerk(db)
    application = await _apply(db, shop)
    with pytest.raises(StaffOnly):
        await db.write(person(owner), lambda tx: approve_application(tx, application.id))
    await db.write(clerk, lambda tx: refuse_application(tx, application.id, "No."))
    with pytest.raises(ApplicationNotFound):
        await db.write(clerk, lambda tx: approve_application(tx, application.id))
    assert (await db.read(lambda r: get_application(r, application.id))).state is ApplicationState.REFUSED


async def test_strangers_and_managers_do_not_apply(db: Database) -> None:
    shop = await make_shop(db)
    manager, stranger = await make_staff(db, shop, Role.MANAGER), await make_owner(db)
    for who, refusal in ((manager, RoleTooSmall), (stranger, ShopNotFound)):
        with pytest.raises(refusal):
            await db.write(
                person(who), lambda tx: apply_for_mall(tx, shop.id, company="A", country="CN", number=NUMBER)
            )
    assert len(await db.read(lambda r: list_applications_of_shop(r, shop.id))) == 1
