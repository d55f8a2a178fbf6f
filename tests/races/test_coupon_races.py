"""Many hands, few coupons."""

import asyncio

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database, Tx
from fairground.market.promotions.actions.taking import take_coupon
from fairground.market.promotions.actions.use import return_coupons
from fairground.market.promotions.errors import CouponAllTaken, CouponTakenAlready
from fairground.market.promotions.model import CouponId, Used
from tests.support.promotions import (
    SELLER,
    assert_counters_agree,
    claim,
    counters,
    draft,
    make_coupon,
    person_id,
    use_now,
)


async def test_without_the_guard_more_are_counted_than_there_are(wide_db: Database) -> None:
    """The race: look first, then count. This is what `take_coupon` must not do."""
    coupon = await make_coupon(wide_db)
    gate = asyncio.Barrier(8)

    async def careless(tx: Tx, coupon_id: CouponId) -> bool:
        taken = await tx.value(
            "select taken_count from promotions.coupons where bucket = $1 and id = $2", coupon_id.bucket, coupon_id
        )
        async with gate:  # all have looked before anybody counts
            pass
        if taken >= 3:
            return False
        await tx.execute(
            "update promotions.coupons set taken_count = taken_count + 1 where bucket = $1 and id = $2",
            coupon_id.bucket,
            coupon_id,
        )
        return True

    got = await asyncio.gather(*[wide_db.write(SELLER, lambda tx: careless(tx, coupon.id)) for _ in range(8)])
    assert sum(got) == 8 > 3


async def test_forty_people_and_three_coupons(wide_db: Database) -> None:
    coupon = await make_coupon(wide_db, draft(wide_db, total=3))

    async def try_one() -> bool:
        who = person_id(wide_db)
        try:
            await wide_db.write(person(who), lambda tx: take_coupon(tx, who, coupon.id))
        except CouponAllTaken:
            return False
        return True

    got = await asyncio.gather(*[try_one() for _ in range(40)])
    assert sum(got) == 3
    assert await counters(wide_db, coupon.id) == (3, 0)
    await assert_counters_agree(wide_db)


async def test_one_person_with_twenty_hands(wide_db: Database) -> None:
    coupon, who = await make_coupon(wide_db, draft(wide_db, each=2)), person_id(wide_db)
    got = await asyncio.gather(
        *[wide_db.write(person(who), lambda tx: take_coupon(tx, who, coupon.id)) for _ in range(20)],
        return_exceptions=True,
    )
    assert sum(isinstance(x, CouponTakenAlready) for x in got) == 18
    assert await counters(wide_db, coupon.id) == (2, 0)
    await assert_counters_agree(wide_db)


@pytest.mark.parametrize("total", [10, None])
async def test_checkouts_and_returns_side_by_side_keep_the_counters(wide_db: Database, total: int | None) -> None:
    coupons = [await make_coupon(wide_db, draft(wide_db, total=total)) for _ in range(4)]
    claims = [claim(wide_db, person_id(wide_db), *(coupons if n % 2 else reversed(coupons))) for n in range(24)]

    async def buy_and_regret(n: int) -> int:
        answer = (await use_now(wide_db, claims[n]))[0]
        if isinstance(answer, Used) and n % 3 == 0:
            return -await wide_db.write(SELLER, lambda tx: return_coupons(tx, [u.use_id for u in claims[n].uses]))
        return 4 * isinstance(answer, Used)

    await asyncio.gather(*[buy_and_regret(n) for n in range(24)])
    await assert_counters_agree(wide_db)
    for coupon in coupons:
        taken, used = await counters(wide_db, coupon.id)
        assert used <= taken <= (total or 24)
