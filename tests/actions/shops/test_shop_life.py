"""A shop's face, its holidays, and what the desk does to it."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.market.shops.actions.face import change_shop, set_commission
from fairground.market.shops.actions.state import close_shop, come_back, go_on_holiday, reopen_shop, suspend_shop
from fairground.market.shops.errors import (
    RoleTooSmall,
    ShopClosed,
    ShopInWrongState,
    ShopNotFound,
    SlugTaken,
    StaffOnly,
)
from fairground.market.shops.jobs import deadline_handlers
from fairground.market.shops.model import ReturnAddress, Role, ShopChange, ShopState
from fairground.market.shops.queries import count_shops, get_shop_by_slug, list_memberships, list_shops
from tests.support.shops import MARKET, days_from, desk_clerk, make_owner, make_shop, make_staff, news, shop_now
from tests.support.world import pump

HOME = ReturnAddress(
    "A. Person", "+86 21 5555 0100", "cn", "上海市", "上海市", "徐汇区", [" 示例路  1 号 ", ""], "200030"
)


async def test_the_face_changes_and_what_is_left_out_stays(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    change = ShopChange(name="Clay & Lantern", cloth=7, return_address=HOME)
    changed = await db.write(person(owner), lambda tx: change_shop(tx, shop.id, change))
    assert (changed.name, changed.cloth, changed.about, changed.version) == ("Clay & Lantern", 7, shop.about, 2)
    assert changed.return_address is not None
    assert (changed.return_address.country, changed.return_address.lines) == ("CN", ["示例路 1 号"])
    assert changed.return_address.phone == "+862155550100"
    assert [m.name for m in await db.read(lambda r: list_memberships(r, owner))] == ["Clay & Lantern"]
    gone = await db.write(person(owner), lambda tx: change_shop(tx, shop.id, ShopChange(return_address=None)))
    assert gone.return_address is None
    assert (await news(db))[-1] == "shops.ShopChanged"


async def test_no_change_is_no_new_version(db: Database) -> None:
    shop = await make_shop(db)
    same = await db.write(MARKET, lambda tx: change_shop(tx, shop.id, ShopChange(name=shop.name)))
    assert same.version == shop.version
    assert "shops.ShopChanged" not in await news(db)


async def test_every_wrong_field_of_a_face_is_named(db: Database) -> None:
    shop = await make_shop(db)
    bad = ReturnAddress("", "", "CN", region="Atlantis", lines=[])
    change = ShopChange(name="", cloth=10, time_zone="Mars/Base", return_address=bad)
    with pytest.raises(Invalid) as refusal:
        await db.write(MARKET, lambda tx: change_shop(tx, shop.id, change))
    assert {e.pointer for e in refusal.value.errors} == {
        "/name",
        "/cloth",
        "/time_zone",
        "/return_address/name",
        "/return_address/phone",
        "/return_address/lines",
        "/return_address/region",
        "/return_address/city",
    }
    assert await shop_now(db, shop.id) == shop


@pytest.mark.parametrize(
    ("part", "value", "code"),
    [
        ("country", "XX", "shops.address_unknown"),
        ("phone", "not a number", "shops.address_invalid"),
        ("postal_code", "20003X", "shops.address_invalid"),
        ("lines", ["1", "2", "3", "4", "5"], "shops.address_too_long"),
        ("name", "x" * 121, "shops.address_too_long"),
    ],
)
async def test_a_return_address_is_checked_as_its_country_writes_it(
    db: Database, part: str, value: Any, code: str
) -> None:
    shop = await make_shop(db)
    change = ShopChange(return_address=msgspec.structs.replace(HOME, **{part: value}))
    with pytest.raises(Invalid) as refusal:
        await db.write(MARKET, lambda tx: change_shop(tx, shop.id, change))
    assert [(e.pointer, e.code) for e in refusal.value.errors] == [(f"/return_address/{part}", code)]
    assert await shop_now(db, shop.id) == shop


async def test_a_clerk_may_not_and_a_stranger_finds_nothing(db: Database) -> None:
    shop = await make_shop(db)
    clerk, stranger = await make_staff(db, shop, Role.CLERK), await make_owner(db)
    deeds: list[Any] = [
        lambda tx: change_shop(tx, shop.id, ShopChange(name="Mine")),
        lambda tx: go_on_holiday(tx, shop.id),
        lambda tx: come_back(tx, shop.id),
        lambda tx: close_shop(tx, shop.id),
    ]
    for deed in deeds:
        with pytest.raises(RoleTooSmall):
            await db.write(person(clerk), deed)
        with pytest.raises(ShopNotFound):
            await db.write(person(stranger), deed)
    assert await shop_now(db, shop.id) == shop


async def test_a_holiday_ends_by_itself(db: Database) -> None:
    shop = await make_shop(db)
    away = await db.write(
        MARKET, lambda tx: go_on_holiday(tx, shop.id, note="  Back after the festival ", until=days_from(db, 7))
    )
    assert (away.state, away.holiday_note, away.sells, away.is_seen) == (
        ShopState.HOLIDAY,
        "Back after the festival",
        False,
        True,
    )
    db.clock.move(timedelta(days=6))
    await pump(db, [], deadline_handlers())
    assert (await shop_now(db, shop.id)).state is ShopState.HOLIDAY
    db.clock.move(timedelta(days=1, seconds=1))
    await pump(db, [], deadline_handlers())
    back = await shop_now(db, shop.id)
    assert (back.state, back.holiday_note, back.holiday_until) == (ShopState.OPEN, "", None)
    assert await db.read(count_shops) == {ShopState.OPEN: 1}


async def test_a_shop_back_early_is_not_brought_back_again(db: Database) -> None:
    shop = await make_shop(db)
    await db.write(MARKET, lambda tx: go_on_holiday(tx, shop.id, until=days_from(db, 1)))
    await db.write(MARKET, lambda tx: come_back(tx, shop.id))
    await db.write(MARKET, lambda tx: go_on_holiday(tx, shop.id))
    db.clock.move(timedelta(days=2))
    await pump(db, [], deadline_handlers())
    assert (await shop_now(db, shop.id)).state is ShopState.HOLIDAY


@pytest.mark.parametrize("days", [-1, 200])
async def test_a_holiday_that_cannot_be_is_refused(db: Database, days: int) -> None:
    shop = await make_shop(db)
    with pytest.raises(Invalid) as refusal:
        await db.write(MARKET, lambda tx: go_on_holiday(tx, shop.id, until=days_from(db, days)))
    assert refusal.value.errors[0].pointer == "/until"
    assert (await shop_now(db, shop.id)).state is ShopState.OPEN


async def test_a_suspended_shop_is_not_seen_until_it_is_reopened(db: Database) -> None:
    shop, clerk = await make_shop(db), await desk_clerk(db)
    gone = await db.write(clerk, lambda tx: suspend_shop(tx, shop.id, "Counterfeits."))
    assert (gone.state, gone.state_reason) == (ShopState.SUSPENDED, "Counterfeits.")
    with pytest.raises(ShopNotFound):
        await db.read(lambda r: get_shop_by_slug(r, shop.slug))
    assert (await db.read(list_shops)).items == []
    with pytest.raises(ShopInWrongState):
        await db.write(MARKET, lambda tx: close_shop(tx, shop.id))
    back = await db.write(clerk, lambda tx: reopen_shop(tx, shop.id, "It was a mistake."))
    assert (back.state, back.state_reason) == (ShopState.OPEN, "")
    assert await db.read(lambda r: get_shop_by_slug(r, shop.slug)) == back
    assert [n for n in await news(db) if n.startswith("shops.Shop")] == [
        "shops.ShopOpened",
        "shops.ShopSuspended",
        "shops.ShopReopened",
    ]
    deeds = await db.read(lambda r: r.rows("select deed, words from accounts.staff_deeds order by id"))
    assert [tuple(d) for d in deeds] == [
        ("shops.suspend", "Counterfeits."),
        ("shops.reopen", "It was a mistake."),
    ]


async def test_only_the_desk_suspends_reopens_and_sets_commissions(db: Database) -> None:
    owner = await make_owner(db)
    shop, clerk = await make_shop(db, owner), await desk_clerk(db)
    deeds: list[Any] = [
        lambda tx: suspend_shop(tx, shop.id, "x"),
        lambda tx: reopen_shop(tx, shop.id, "x"),
        lambda tx: set_commission(tx, shop.id, 0),
    ]
    for deed in deeds:
        with pytest.raises(StaffOnly):
            await db.write(person(owner), deed)
    assert await shop_now(db, shop.id) == shop
    with pytest.raises(Invalid):
        await db.write(clerk, lambda tx: set_commission(tx, shop.id, 10_001))
    assert (await db.write(clerk, lambda tx: set_commission(tx, shop.id, 250))).commission_basis_points == 250


async def test_a_closed_shop_is_closed_for_good_and_keeps_its_address(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner, slug="tea-house")
    await db.write(person(owner), lambda tx: close_shop(tx, shop.id))
    with pytest.raises(ShopClosed):
        await db.write(person(owner), lambda tx: change_shop(tx, shop.id, ShopChange(name="Again")))
    with pytest.raises(SlugTaken):
        await make_shop(db, slug="tea-house")
    with pytest.raises(ShopInWrongState):
        await db.write(await desk_clerk(db), lambda tx: reopen_shop(tx, shop.id, "x"))
