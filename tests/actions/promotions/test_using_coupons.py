"""Checkouts use coupons, many at once; orders that fall through give them back."""

from datetime import timedelta

import msgspec
import pytest

from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.market.promotions.actions.selling import stop_coupon
from fairground.market.promotions.actions.use import return_coupons, use_coupons
from fairground.market.promotions.model import CouponClaim, CouponId, Refused, RefusedReason, Used
from fairground.market.promotions.queries.coupons import find_wished, list_wallet, map_uses
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
from tests.support.statements import StatementFailed, fail_at, statements


async def test_a_coupon_in_hand_is_used(db: Database) -> None:
    who, coupon = person_id(db), await make_coupon(db)
    await take_now(db, who, coupon)
    wish = claim(db, who, coupon)
    assert await use_now(db, wish) == [Used(wish.claim_id)]
    assert await counters(db, coupon.id) == (1, 1)
    held = (await db.read(lambda r: list_wallet(r, who, past=True))).items
    assert [(h.taken, h.used) for h in held] == [(1, 1)]
    use_id = wish.uses[0].use_id
    assert await db.read(lambda r: map_uses(r, [use_id])) == {use_id: [coupon.id]}
    await assert_counters_agree(db)


async def test_a_coupon_not_in_hand_is_taken_on_the_way(db: Database) -> None:
    who, coupon = person_id(db), await make_coupon(db)
    assert isinstance((await use_now(db, claim(db, who, coupon)))[0], Used)
    assert await counters(db, coupon.id) == (1, 1)
    await assert_counters_agree(db)


async def test_a_refused_claim_is_told_why_and_its_neighbours_do_not_mind(db: Database) -> None:
    scarce, plenty = await make_coupon(db, draft(db, total=2)), await make_coupon(db)
    people = [person_id(db) for _ in range(4)]
    claims = [claim(db, who, plenty, scarce) for who in people]
    answers = await use_now(db, *claims)
    assert answers == [
        Used(claims[0].claim_id),
        Used(claims[1].claim_id),
        Refused(claims[2].claim_id, scarce.id, RefusedReason.ALL_TAKEN),
        Refused(claims[3].claim_id, scarce.id, RefusedReason.ALL_TAKEN),
    ]
    # All or nothing: the refused ones hold nothing of the other coupon either.
    assert await counters(db, plenty.id) == (2, 2)
    assert (await db.read(lambda r: list_wallet(r, people[2], past=True))).items == []
    await assert_counters_agree(db)


async def test_the_same_person_twice_in_one_batch_is_used_up_the_second_time(db: Database) -> None:
    who, coupon = person_id(db), await make_coupon(db)
    first, second = claim(db, who, coupon), claim(db, who, coupon)
    assert await use_now(db, first, second) == [
        Used(first.claim_id),
        Refused(second.claim_id, coupon.id, RefusedReason.USED_UP),
    ]
    assert await counters(db, coupon.id) == (1, 1)


async def test_unknown_early_ended_and_stopped_coupons_are_refused(db: Database) -> None:
    who, shop = person_id(db), await shop_id(db)
    early = await make_coupon(db, draft(db, starts_in=1))
    ended = await make_coupon(db, draft(db, days=0.5))
    stopped = await make_coupon(db, shop=shop)
    await db.write(SELLER, lambda tx: stop_coupon(tx, shop, stopped.id))
    db.clock.move(timedelta(hours=13))
    claims = [claim(db, who, c) for c in (CouponId(99), early.id, ended.id, stopped.id)]
    assert [a.reason for a in await use_now(db, *claims) if isinstance(a, Refused)] == [
        RefusedReason.UNKNOWN,
        RefusedReason.NOT_NOW,
        RefusedReason.NOT_NOW,
        RefusedReason.NOT_NOW,
    ]
    assert await counters(db, stopped.id) == (0, 0)


async def test_the_same_use_again_counts_once(db: Database) -> None:
    who, coupon = person_id(db), await make_coupon(db)
    wish = claim(db, who, coupon)
    for _ in range(3):
        assert await use_now(db, wish) == [Used(wish.claim_id)]
    assert await counters(db, coupon.id) == (1, 1)
    await assert_counters_agree(db)


async def test_a_coupon_comes_back_once_and_can_be_used_again(db: Database) -> None:
    who, coupon = person_id(db), await make_coupon(db)
    wish = claim(db, who, coupon)
    await use_now(db, wish)
    use_id = wish.uses[0].use_id
    back = [await db.write(SELLER, lambda tx: return_coupons(tx, [use_id])) for _ in range(3)]
    assert back == [1, 0, 0]
    assert await counters(db, coupon.id) == (1, 0)
    assert [h.left for h in (await db.read(lambda r: list_wallet(r, who))).items] == [1]
    await assert_counters_agree(db)
    assert isinstance((await use_now(db, claim(db, who, coupon)))[0], Used)
    assert isinstance((await use_now(db, wish))[0], Refused)  # the only one is in use by the other order
    await assert_counters_agree(db)


async def test_many_orders_give_back_in_one_go(db: Database) -> None:
    coupons = [await make_coupon(db, draft(db, each=3)) for _ in range(3)]
    people = [person_id(db) for _ in range(4)]
    claims = [claim(db, who, *coupons) for who in people] + [claim(db, people[0], coupons[0])]
    assert all(isinstance(a, Used) for a in await use_now(db, *claims))
    use_ids = [use.use_id for c in claims[1:] for use in c.uses]
    assert await db.write(SELLER, lambda tx: return_coupons(tx, use_ids)) == 10
    assert [await counters(db, c.id) for c in coupons] == [(5, 1), (4, 1), (4, 1)]
    await assert_counters_agree(db)


async def test_a_checkout_without_coupons_asks_the_database_nothing(db: Database) -> None:
    who = person_id(db)
    with statements() as seen:
        answers = await use_now(db, CouponClaim(who, who, ()))
    assert isinstance(answers[0], Used)
    assert seen == []


async def test_a_batch_costs_the_same_statements_as_one(db: Database) -> None:
    coupon = await make_coupon(db)
    with statements() as one:
        await use_now(db, claim(db, person_id(db), coupon))
    with statements() as many:
        await use_now(db, *[claim(db, person_id(db), coupon) for _ in range(50)])
    assert len(many) == len(one) <= 8


async def test_a_failure_at_any_statement_changes_nothing(db: Database) -> None:
    coupon = await make_coupon(db)
    with statements() as seen:
        await use_now(db, claim(db, person_id(db), coupon))
    wish = claim(db, person_id(db), coupon)
    for n in range(len(seen)):
        with fail_at(n), pytest.raises(StatementFailed):
            await db.write(SELLER, lambda tx: use_coupons(tx, [wish]))
        assert await counters(db, coupon.id) == (1, 1)
        await assert_counters_agree(db)
    assert await use_now(db, wish) == [Used(wish.claim_id)]


async def test_a_buyer_names_coupons_by_id_or_code(db: Database) -> None:
    who, shop, other = person_id(db), await shop_id(db), await shop_id(db)
    public = await make_coupon(db, shop=shop)
    coded = await make_coupon(db, draft(db, code="TEA"), shop=other)
    found = await db.read(lambda r: find_wished(r, who, [shop, other], [str(int(public.id)), " tea"]))
    assert {c.id for c in found} == {public.id, coded.id}
    assert await db.read(lambda r: find_wished(r, who, [shop], [])) == []


async def test_a_wish_that_cannot_be_is_named_with_its_reason(db: Database) -> None:
    who, shop = person_id(db), await shop_id(db)
    first, second = await make_coupon(db, shop=shop), await make_coupon(db, shop=shop)
    used = await make_coupon(db, shop=shop)
    gone = await make_coupon(db, draft(db, total=1), shop=shop)
    early = await make_coupon(db, draft(db, starts_in=2), shop=shop)
    coded = await make_coupon(db, draft(db, code="TEA"), shop=shop)
    elsewhere = await make_coupon(db)
    await use_now(db, claim(db, who, used), claim(db, person_id(db), gone))
    wishes = [str(int(c.id)) for c in (first, second, used, gone, early, coded, elsewhere)] + ["'; drop table"]
    with pytest.raises(Invalid) as refused:
        await db.read(lambda r: find_wished(r, who, [shop], wishes))
    assert {e.pointer: e.code.removeprefix("promotions.") for e in refused.value.errors} == {
        "/coupons/1": "one_for_a_shop",
        "/coupons/2": "coupon_used_up",
        "/coupons/3": "coupon_all_taken",
        "/coupons/4": "coupon_over",
        "/coupons/5": "coupon_not_found",
        "/coupons/6": "coupon_not_found",
        "/coupons/7": "coupon_not_found",
    }


async def test_the_database_itself_refuses_what_no_count_allows(db: Database) -> None:
    import asyncpg

    coupon = await make_coupon(db, draft(db, total=1))
    for statement in (
        "update promotions.coupons set taken_count = 2 where id = $1",
        "update promotions.coupons set used_count = 1 where id = $1",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await db.write(SELLER, lambda tx, s=statement: tx.execute(s, coupon.id))  # type: ignore[misc]
    assert msgspec.structs.asdict(coupon)["taken_count"] == 0
