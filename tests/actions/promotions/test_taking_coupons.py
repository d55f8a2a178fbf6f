"""Buyers take coupons, and see what they hold."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.ids import Id
from fairground.market.promotions.actions.selling import stop_coupon
from fairground.market.promotions.actions.taking import take_coupon, take_coupon_by_code
from fairground.market.promotions.errors import CouponAllTaken, CouponNotFound, CouponOver, CouponTakenAlready
from fairground.market.promotions.model import CouponId
from fairground.market.promotions.queries.coupons import (
    export_wallet,
    list_takeable,
    list_usable,
    list_wallet,
    map_takeable,
)
from tests.support.promotions import (
    SELLER,
    assert_counters_agree,
    claim,
    counters,
    draft,
    make_coupon,
    person_id,
    shop_id,
    take_now,
    use_now,
)


async def test_what_was_taken_lies_in_the_wallet(db: Database) -> None:
    who, coupon = person_id(db), await make_coupon(db)
    await take_now(db, who, coupon)
    held = (await db.read(lambda r: list_wallet(r, who))).items
    assert [(h.coupon.id, h.coupon.effect, h.taken, h.used, h.left) for h in held] == [
        (coupon.id, coupon.effect, 1, 0, 1)
    ]
    assert (await counters(db, coupon.id)) == (1, 0)
    await assert_counters_agree(db)


async def test_the_wallet_is_taken_along_with_everything_else(db: Database) -> None:
    who, coupon = person_id(db), await make_coupon(db)
    await take_now(db, who, coupon)
    (held,) = (await db.read(lambda r: export_wallet(r, who)))["coupons"]
    assert (held["coupon"]["id"], held["taken"], held["used"]) == (str(int(coupon.id)), 1, 0)
    assert await db.read(lambda r: export_wallet(r, person_id(db))) == {"coupons": []}


async def test_nobody_takes_more_than_one_person_may(db: Database) -> None:
    who, coupon = person_id(db), await make_coupon(db, draft(db, each=2))
    await take_now(db, who, coupon)
    await take_now(db, who, coupon)
    with pytest.raises(CouponTakenAlready):
        await take_now(db, who, coupon)
    assert (await counters(db, coupon.id)) == (2, 0)
    await assert_counters_agree(db)


async def test_what_is_gone_is_gone(db: Database) -> None:
    coupon = await make_coupon(db, draft(db, total=1))
    await take_now(db, person_id(db), coupon)
    with pytest.raises(CouponAllTaken):
        await take_now(db, person_id(db), coupon)
    assert (await counters(db, coupon.id)) == (1, 0)


async def test_a_coupon_is_taken_in_its_time_only(db: Database) -> None:
    who, coupon = person_id(db), await make_coupon(db, draft(db, starts_in=1, days=2))
    with pytest.raises(CouponOver):
        await take_now(db, who, coupon)
    db.clock.move(timedelta(days=1))
    await take_now(db, who, coupon)
    db.clock.move(timedelta(days=2))
    with pytest.raises(CouponOver):
        await take_now(db, person_id(db), coupon)


async def test_a_stopped_coupon_is_not_taken_but_stays_good_for_who_holds_it(db: Database) -> None:
    shop, who = await shop_id(db), person_id(db)
    coupon = await make_coupon(db, shop=shop)
    await take_now(db, who, coupon)
    await db.write(SELLER, lambda tx: stop_coupon(tx, shop, coupon.id))
    with pytest.raises(CouponOver):
        await take_now(db, person_id(db), coupon)
    assert [h.coupon.id for h in await db.read(lambda r: list_usable(r, who, [shop]))] == [coupon.id]
    assert type((await use_now(db, claim(db, who, coupon)))[0]).__name__ == "Used"


async def test_an_unknown_coupon_is_not_found(db: Database) -> None:
    who = person_id(db)
    with pytest.raises(CouponNotFound):
        await db.write(person(who), lambda tx: take_coupon(tx, who, CouponId(12345)))


async def test_a_coupon_with_a_code_is_for_those_who_know_it(db: Database) -> None:
    shop, who = await shop_id(db), person_id(db)
    coupon, other = await make_coupon(db, draft(db, code="TEA"), shop=shop), await shop_id(db)
    assert await db.read(lambda r: list_takeable(r, shop)) == []
    with pytest.raises(CouponNotFound):
        await take_now(db, who, coupon)
    with pytest.raises(CouponNotFound):
        await db.write(person(who), lambda tx: take_coupon_by_code(tx, who, shop, "COFFEE"))
    with pytest.raises(CouponNotFound):
        await db.write(person(who), lambda tx: take_coupon_by_code(tx, who, other, "TEA"))
    held = await db.write(person(who), lambda tx: take_coupon_by_code(tx, who, shop, " tea "))
    assert held.coupon.id == coupon.id


async def test_pages_show_what_can_be_taken_and_what_the_reader_has(db: Database) -> None:
    shop, who = await shop_id(db), person_id(db)
    late = await make_coupon(db, draft(db, days=9), shop=shop)
    soon = await make_coupon(db, draft(db, days=2), shop=shop)
    one = await make_coupon(db, draft(db, days=5, products=(Id(77),)), shop=shop)
    await make_coupon(db, draft(db, starts_in=1), shop=shop)
    gone = await make_coupon(db, draft(db, total=1), shop=shop)
    await take_now(db, person_id(db), gone)
    await take_now(db, who, soon)

    on_shop = await db.read(lambda r: list_takeable(r, shop, who))
    assert [(t.coupon.id, t.may_take) for t in on_shop] == [(soon.id, False), (one.id, True), (late.id, True)]
    on_product = await db.read(lambda r: list_takeable(r, shop, None, Id(77)))
    assert [t.coupon.id for t in on_product] == [soon.id, one.id, late.id]
    on_other = await db.read(lambda r: list_takeable(r, shop, None, Id(78)))
    assert [t.coupon.id for t in on_other] == [soon.id, late.id]
    other = await shop_id(db)
    both = await db.read(lambda r: map_takeable(r, [shop, other], who))
    assert list(both.values()) == [on_shop, []]


async def test_the_wallet_tells_the_good_ones_from_the_past_and_is_paged(db: Database) -> None:
    who = person_id(db)
    made = [await make_coupon(db, draft(db, days=days)) for days in (9, 3, 6, 1)]
    for coupon in made:
        await take_now(db, who, coupon)
    await use_now(db, claim(db, who, made[2]))
    db.clock.move(timedelta(days=2))
    first = await db.read(lambda r: list_wallet(r, who, limit=1))
    rest = await db.read(lambda r: list_wallet(r, who, after=first.next, limit=1))
    assert [h.coupon.id for h in first.items + rest.items] == [made[1].id, made[0].id]
    assert rest.next is None
    past = await db.read(lambda r: list_wallet(r, who, past=True))
    assert [h.coupon.id for h in past.items] == [made[3].id, made[2].id]
