"""Pieces of drops are taken by checkouts, many at once, and go back when an order falls through."""

from datetime import timedelta

import pytest

from fairground.kit.db import Database
from fairground.kit.ids import Id
from fairground.market.promotions.actions.drop_use import return_drops, use_drops
from fairground.market.promotions.actions.drops import cancel_drop
from fairground.market.promotions.model import DropClaim, DropReason, DropRefused, DropTaken
from fairground.market.promotions.model.drops import DropAnswer
from fairground.market.promotions.queries.drops import audit_drops
from tests.support.catalog import make_product
from tests.support.drops import MARKET, assert_drops_agree, drop_claim, drop_draft, drop_now, open_drop
from tests.support.promotions import person_id
from tests.support.shops import make_shop
from tests.support.statements import statements


async def use(db: Database, *claims: DropClaim) -> list[DropAnswer]:
    return await db.write(MARKET, lambda tx: use_drops(tx, claims))


async def test_of_many_in_one_batch_the_first_by_arrival_get_the_pieces(db: Database) -> None:
    shop = await make_shop(db)
    face = await open_drop(db, shop.id, drop_draft(db, await make_product(db, shop), quota=3, each=2))
    claims = [drop_claim(db, person_id(db), face, pieces) for pieces in (2, 2, 1, 1)]
    answers = await use(db, *claims)
    variant = face.goods[0].variant_id
    assert answers == [
        DropTaken(claims[0].claim_id),
        DropRefused(claims[1].claim_id, variant, DropReason.SOLD_OUT, 1),
        DropTaken(claims[2].claim_id),
        DropRefused(claims[3].claim_id, variant, DropReason.SOLD_OUT, 0),
    ]
    assert (await drop_now(db, face)).goods[0].left == 0
    await assert_drops_agree(db)


async def test_the_limit_of_a_person_holds_in_a_batch_and_after_it(db: Database) -> None:
    shop, who = await make_shop(db), person_id(db)
    face = await open_drop(db, shop.id, drop_draft(db, await make_product(db, shop), each=3))
    claims = [drop_claim(db, who, face, 2), drop_claim(db, who, face, 2), drop_claim(db, who, face, 1)]
    answers = await use(db, *claims)
    variant = face.goods[0].variant_id
    assert answers[1] == DropRefused(claims[1].claim_id, variant, DropReason.OVER_LIMIT, 1)
    assert isinstance(answers[2], DropTaken)
    (later,) = await use(db, again := drop_claim(db, who, face))
    assert later == DropRefused(again.claim_id, variant, DropReason.OVER_LIMIT, 0)
    assert (await drop_now(db, face)).goods[0].sold == 3
    await assert_drops_agree(db)


async def test_a_claim_on_several_goods_gets_all_of_them_or_nothing(db: Database) -> None:
    shop = await make_shop(db)
    pot, jug = await make_product(db, shop), await make_product(db, shop)
    face = await open_drop(db, shop.id, drop_draft(db, pot, jug, quota=1))
    first = drop_claim(db, person_id(db), face, 1, face.goods[1].variant_id)
    both = drop_claim(db, person_id(db), face)
    last = drop_claim(db, person_id(db), face, 1, face.goods[0].variant_id)
    answers = await use(db, first, both, last)
    assert [type(a) for a in answers] == [DropTaken, DropRefused, DropTaken]
    await assert_drops_agree(db)


@pytest.mark.parametrize("moment", ["before", "after", "stopped"])
async def test_outside_its_window_a_drop_gives_nothing(db: Database, moment: str) -> None:
    shop = await make_shop(db)
    start = timedelta(hours=1) if moment == "before" else timedelta()
    face = await open_drop(db, shop.id, drop_draft(db, await make_product(db, shop), starts_in=start))
    if moment == "after":
        db.clock.move(timedelta(hours=1))
    if moment == "stopped":
        await db.write(MARKET, lambda tx: cancel_drop(tx, face.id))
    (answer,) = await use(db, drop_claim(db, person_id(db), face))
    assert isinstance(answer, DropRefused)
    assert answer.reason is DropReason.NOT_NOW
    assert (await drop_now(db, face)).goods[0].sold == 0
    await assert_drops_agree(db)


async def test_what_is_given_back_can_be_had_again_and_only_once(db: Database) -> None:
    shop, who = await make_shop(db), person_id(db)
    face = await open_drop(db, shop.id, drop_draft(db, await make_product(db, shop), quota=2, each=2))
    claim = drop_claim(db, who, face, 2)
    await use(db, claim)
    orders = [taking.use_id for taking in claim.takings]
    assert await db.write(MARKET, lambda tx: return_drops(tx, orders)) == 2
    assert await db.write(MARKET, lambda tx: return_drops(tx, orders)) == 0
    assert (await drop_now(db, face)).goods[0].left == 2
    await assert_drops_agree(db)
    assert isinstance((await use(db, drop_claim(db, who, face, 2)))[0], DropTaken)
    await assert_drops_agree(db)


async def test_pieces_come_back_also_after_the_end(db: Database) -> None:
    shop = await make_shop(db)
    face = await open_drop(db, shop.id, drop_draft(db, await make_product(db, shop)))
    claim = drop_claim(db, person_id(db), face)
    await use(db, claim)
    db.clock.move(timedelta(days=1))
    assert await db.write(MARKET, lambda tx: return_drops(tx, [t.use_id for t in claim.takings])) == 1
    assert (await drop_now(db, face)).goods[0].sold == 0
    await assert_drops_agree(db)


async def test_the_number_of_statements_does_not_depend_on_the_number_of_claims(db: Database) -> None:
    shop = await make_shop(db)
    face = await open_drop(db, shop.id, drop_draft(db, await make_product(db, shop), quota=100))
    with statements() as few:
        await use(db, drop_claim(db, person_id(db), face))
    with statements() as many:
        await use(db, *(drop_claim(db, person_id(db), face) for _ in range(20)))
    assert len(many) == len(few) <= 6
    with statements() as none:
        await use(db, DropClaim(Id(1), person_id(db), ()))
    assert none == []


async def test_the_audit_sees_counters_that_are_wrong(db: Database) -> None:
    shop = await make_shop(db)
    face = await open_drop(db, shop.id, drop_draft(db, await make_product(db, shop)))
    await use(db, drop_claim(db, person_id(db), face))
    await db.write(MARKET, lambda tx: tx.execute("update promotions.drop_goods set sold = sold + 1"))
    await db.write(MARKET, lambda tx: tx.execute("update promotions.drop_buyers set pieces = 0"))
    await db.write(MARKET, lambda tx: tx.execute("delete from promotions.drop_orders"))
    found = {fault.check for fault in await db.read(audit_drops)}
    assert found == {
        "what a drop sold is in orders that stand",
        "what a person has of a drop is in their orders",
        "an order finds what it took of drops",
    }
