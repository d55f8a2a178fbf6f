"""A drop's crowd at the same moment, through several transactions: the quota, the limit of a person, the numbers."""

import asyncio
from unittest.mock import patch

from fairground.kit.actor import person
from fairground.kit.db import Database, Tx
from fairground.market.accounts.model import PersonId
from fairground.market.orders.actions.cancel import cancel_order
from fairground.market.orders.errors import OutOfStock
from fairground.market.orders.intake.prepared import Placed
from fairground.market.orders.model.quote import CheckoutRequest
from fairground.market.promotions.actions import drop_use, rooms
from fairground.market.promotions.actions.drop_use import return_drops, use_drops
from fairground.market.promotions.actions.drops import announce_drop, cancel_drop, plan_drop
from fairground.market.promotions.actions.rooms import join_rooms
from fairground.market.promotions.allot_drops import Counted, GoodsKey
from fairground.market.promotions.errors import VariantInDrop
from fairground.market.promotions.model import Drop, DropClaim, DropId, DropRoom, DropTaken, Joining, Ticket
from fairground.market.promotions.queries.drops import get_drop
from tests.support.catalog import make_product
from tests.support.drops import MARKET, assert_drops_agree, drop_claim, drop_draft, drop_now, open_drop
from tests.support.inventory import stock_of
from tests.support.orders import arrival as arriving
from tests.support.orders import assert_all_clean, check_out, lines_of, make_buyer, orders_of, placed
from tests.support.promotions import person_id
from tests.support.shops import make_shop

BUYERS = 200


async def use(db: Database, *claims: DropClaim) -> list[bool]:
    answers = await db.write(MARKET, lambda tx: use_drops(tx, claims))
    return [isinstance(answer, DropTaken) for answer in answers]


async def test_without_the_lock_a_quota_of_one_is_given_to_many(wide_db: Database) -> None:
    """The race: look at what is left, then count. The constraint of the table is all that stands in the way."""
    shop = await make_shop(wide_db)
    face = await open_drop(wide_db, shop.id, drop_draft(wide_db, await make_product(wide_db, shop), quota=1))
    gate = asyncio.Barrier(8)

    async def look(tx: Tx, keys: list[GoodsKey]) -> dict[GoodsKey, Counted]:
        goods = (await get_drop(tx, face.id)).goods[0]
        async with gate:  # all have looked before anybody counts
            pass
        counted = Counted(goods.left, goods.per_person, True, face.drop.starts_at, face.drop.ends_at)
        return {keys[0]: counted}

    with patch.object(drop_use, "_lock", look):
        claims = [drop_claim(wide_db, person_id(wide_db), face) for _ in range(8)]
        answers = await asyncio.gather(*(use(wide_db, claim) for claim in claims), return_exceptions=True)
    broken = [a for a in answers if isinstance(a, BaseException)]
    assert len(broken) == 7
    assert all("drop_sold_within_quota" in str(trouble) for trouble in broken)


async def test_two_hundred_buyers_and_a_quota_of_one(wide_db: Database) -> None:
    shop = await make_shop(wide_db)
    face = await open_drop(wide_db, shop.id, drop_draft(wide_db, await make_product(wide_db, shop), quota=1))
    claims = [drop_claim(wide_db, person_id(wide_db), face) for _ in range(BUYERS)]
    batches = [claims[n : n + 10] for n in range(0, BUYERS, 10)]
    got = await asyncio.gather(*(use(wide_db, *batch) for batch in batches))
    assert sum(map(sum, got)) == 1
    assert (await drop_now(wide_db, face)).left == 0
    await assert_drops_agree(wide_db)


async def test_one_person_with_twenty_hands_gets_what_one_person_may_have(wide_db: Database) -> None:
    shop, who = await make_shop(wide_db), person_id(wide_db)
    face = await open_drop(wide_db, shop.id, drop_draft(wide_db, await make_product(wide_db, shop), each=3))
    got = await asyncio.gather(*(use(wide_db, drop_claim(wide_db, who, face)) for _ in range(20)))
    assert sum(map(sum, got)) == 3
    await assert_drops_agree(wide_db)


async def test_taking_and_giving_back_side_by_side_in_any_order_of_goods(wide_db: Database) -> None:
    shop = await make_shop(wide_db)
    goods = [await make_product(wide_db, shop) for _ in range(4)]
    face = await open_drop(wide_db, shop.id, drop_draft(wide_db, *goods, quota=9, each=2))
    variants = [g.variant_id for g in face.goods]

    async def buy_and_regret(n: int) -> None:
        order = variants if n % 2 else variants[::-1]
        claim = drop_claim(wide_db, person_id(wide_db), face, 1, *order)
        if (await use(wide_db, claim))[0] and n % 3 == 0:
            await wide_db.write(MARKET, lambda tx: return_drops(tx, [t.use_id for t in claim.takings]))

    await asyncio.gather(*(buy_and_regret(n) for n in range(24)))
    await assert_drops_agree(wide_db)
    assert all(g.sold <= 9 for g in (await drop_now(wide_db, face)).goods)


async def test_stopping_a_drop_while_people_buy_ends_the_sale_at_once(wide_db: Database) -> None:
    shop = await make_shop(wide_db)
    face = await open_drop(wide_db, shop.id, drop_draft(wide_db, await make_product(wide_db, shop), quota=50))
    deeds = [use(wide_db, drop_claim(wide_db, person_id(wide_db), face)) for _ in range(20)]
    await asyncio.gather(*deeds, wide_db.write(MARKET, lambda tx: cancel_drop(tx, face.id)))
    sold = (await drop_now(wide_db, face)).goods[0].sold
    assert await use(wide_db, drop_claim(wide_db, person_id(wide_db), face)) == [False]
    assert (await drop_now(wide_db, face)).goods[0].sold == sold
    await assert_drops_agree(wide_db)


async def test_of_two_drops_of_one_variant_announced_at_once_one_stands(wide_db: Database) -> None:
    shop = await make_shop(wide_db)
    draft = drop_draft(wide_db, await make_product(wide_db, shop))
    planned = [await wide_db.write(MARKET, lambda tx: plan_drop(tx, shop.id, draft)) for _ in range(6)]
    got = await asyncio.gather(
        *(wide_db.write(MARKET, lambda tx, p=p: announce_drop(tx, p.id)) for p in planned), return_exceptions=True
    )
    assert sum(isinstance(one, VariantInDrop) for one in got) == 5


async def test_without_the_lock_two_people_get_one_number(wide_db: Database) -> None:
    shop = await make_shop(wide_db)
    face = await open_drop(wide_db, shop.id, drop_draft(wide_db, await make_product(wide_db, shop), room=True))
    gate = asyncio.Barrier(4)

    async def look(tx: Tx, drop_ids: set[DropId]) -> dict[DropId, tuple[Drop, DropRoom]]:
        now = await get_drop(tx, face.id)
        async with gate:
            pass
        return {face.id: (now.drop, now.room or DropRoom())}

    with patch.object(rooms, "_lock", look):
        got = await asyncio.gather(
            *(_join(wide_db, face.id, person_id(wide_db)) for _ in range(4)), return_exceptions=True
        )
    assert sum("drop_ticket_numbers" in str(one) for one in got) == 3


async def _join(db: Database, drop_id: DropId, *people: PersonId) -> list[Ticket]:
    answers = await db.write(MARKET, lambda tx: join_rooms(tx, [Joining(drop_id, who) for who in people]))
    return [answer for answer in answers if isinstance(answer, Ticket)]


async def test_a_crowd_that_joins_at_the_opening_gets_all_numbers_once(wide_db: Database) -> None:
    shop = await make_shop(wide_db)
    face = await open_drop(wide_db, shop.id, drop_draft(wide_db, await make_product(wide_db, shop), room=True))
    people = [person_id(wide_db) for _ in range(60)]
    hands = [people[n : n + 5] for n in range(0, 60, 5)] * 2  # everybody asks twice
    got = await asyncio.gather(*(_join(wide_db, face.id, *some) for some in hands))
    tickets = {ticket for some in got for ticket in some}
    assert sorted(ticket.number for ticket in tickets) == list(range(1, 61))
    assert len({ticket.person_id for ticket in tickets}) == 60


async def test_checkouts_and_cancellations_of_drop_goods_keep_quota_and_stock_together(wide_db: Database) -> None:
    shop = await make_shop(wide_db)
    pot = await make_product(wide_db, shop, stock=8)
    face = await open_drop(wide_db, shop.id, drop_draft(wide_db, pot, quota=6))
    buyers = [await make_buyer(wide_db, f"Ming {n}") for n in range(10)]

    async def buy(n: int) -> None:
        who, address = buyers[n]
        request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1)))
        (outcome,) = await check_out(wide_db, arriving(who, request))
        assert isinstance(outcome, Placed | OutOfStock)
        if isinstance(outcome, Placed) and n % 2:
            (order,) = await orders_of(wide_db, placed(outcome))
            await wide_db.write(person(who), lambda tx: cancel_order(tx, order.id))

    await asyncio.gather(*(buy(n) for n in range(10)))
    left = (await drop_now(wide_db, face)).left
    assert await stock_of(wide_db, pot.variants[0].id) == 8 - (6 - left)
    await assert_all_clean(wide_db)
