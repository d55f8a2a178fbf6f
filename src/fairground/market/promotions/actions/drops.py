"""A seller plans a drop, changes it, announces it, cancels it."""

from collections.abc import Sequence
from datetime import timedelta

import asyncpg

from fairground.kit.db import Tx
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.kit.place import Place
from fairground.market.catalog.model import VariantId
from fairground.market.catalog.queries.products import map_offers
from fairground.market.promotions.draft_checks import check_drop
from fairground.market.promotions.errors import (
    DropFixed,
    DropNotFound,
    DropOver,
    DropTooSoon,
    TooManyDrops,
    VariantInDrop,
)
from fairground.market.promotions.events import DropAnnounced, DropCancelled
from fairground.market.promotions.model import Drop, DropDraft, DropFace, DropId, DropRules, DropState
from fairground.market.promotions.queries.drops import get_drop
from fairground.market.promotions.rows import drop_from
from fairground.market.shops.actions.doors import acts_for_market, enter
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_manage_goods


async def plan_drop(tx: Tx, shop_id: ShopId, draft: DropDraft) -> DropFace:
    """Write a drop down; nobody but the shop sees it until it is announced.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed: the actor may not.
        Invalid: something in the draft is wrong.
    """
    await enter(tx, shop_id, may_manage_goods)
    goods = await _check(tx, shop_id, draft)
    drop_id, rules = tx.new_id(DropId, shop_id.bucket), tx.given(DropRules)
    await tx.execute(
        """
        insert into promotions.drops (bucket, id, shop_id, title, words, language, starts_at, ends_at, has_room,
               per_minute, burst, pay_minutes, created_at, created_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """,
        drop_id.bucket,
        drop_id,
        shop_id,
        *_terms(draft, rules),
        rules.pay_minutes,
        tx.now,
        tx.actor.person_id,
    )
    await _write_goods(tx, drop_id, draft, goods)
    return await get_drop(tx, drop_id)


async def change_drop(tx: Tx, drop_id: DropId, draft: DropDraft) -> DropFace:
    """Write a planned drop down anew.

    Raises:
        DropNotFound, ShopNotFound, RoleTooSmall, ShopClosed: there is none, or the actor may not.
        Invalid: something in the draft is wrong.
        DropFixed: it has been announced, or was cancelled.
    """
    shop_id = await enter_drop(tx, drop_id)
    goods = await _check(tx, shop_id, draft)
    changed = await tx.execute(
        """
        update promotions.drops
           set title = $3, words = $4, language = $5, starts_at = $6, ends_at = $7, has_room = $8, per_minute = $9,
               burst = $10, version = version + 1
         where bucket = $1 and id = $2 and announced_at is null and cancelled_at is null
        """,
        drop_id.bucket,
        drop_id,
        *_terms(draft, tx.given(DropRules)),
    )
    if not changed:
        raise DropFixed
    where = (drop_id.bucket, drop_id)
    await tx.execute("delete from promotions.drop_goods where bucket = $1 and drop_id = $2", *where)
    await _write_goods(tx, drop_id, draft, goods)
    return await get_drop(tx, drop_id)


async def announce_drop(tx: Tx, drop_id: DropId) -> DropFace:
    """Tell everybody about a drop: its terms stand from here on, and its waiting room takes people.

    Raises:
        DropNotFound, ShopNotFound, RoleTooSmall, ShopClosed: there is none, or the actor may not.
        DropFixed: it has been announced before, or was cancelled.
        DropTooSoon: it begins before every web process will have heard of it.
        VariantInDrop: another announced drop has one of its goods.
        TooManyDrops: the shop has announced as many as it may.
    """
    shop_id = await enter_drop(tx, drop_id)
    drop = await _lock(tx, drop_id)
    if drop.state_at(tx.now) is not DropState.PLANNED:
        raise DropFixed
    rules = tx.given(DropRules)
    # The market itself (its demo, its tests) may open a drop at once: nobody is there yet who could be surprised.
    if not acts_for_market(tx) and drop.starts_at < tx.now + timedelta(seconds=rules.lead_seconds):
        raise DropTooSoon(seconds=rules.lead_seconds)
    if drop.ends_at <= tx.now:
        raise DropOver
    await _check_announced(tx, shop_id, rules)
    await _claim_variants(tx, drop_id)
    await tx.execute(
        "update promotions.drops set announced_at = $3, version = version + 1 where bucket = $1 and id = $2",
        drop_id.bucket,
        drop_id,
        tx.now,
    )
    if drop.has_room:
        await tx.execute("insert into promotions.drop_rooms (bucket, drop_id) values ($1, $2)", drop_id.bucket, drop_id)
    told = DropAnnounced(drop_id=drop_id, shop_id=shop_id, starts_at=drop.starts_at, ends_at=drop.ends_at)
    await publish(tx, told)
    return await get_drop(tx, drop_id)


async def cancel_drop(tx: Tx, drop_id: DropId) -> DropFace:
    """Cancel a drop before it begins, or stop it while it is open: nothing more is sold, what was ordered stands.

    Safe to repeat.

    Raises:
        DropNotFound, ShopNotFound, RoleTooSmall: there is none, or the actor may not.
        DropOver: it has ended.
    """
    shop_id = await enter_drop(tx, drop_id, even_closed=True)
    drop = await _lock(tx, drop_id)
    state = drop.state_at(tx.now)
    if state is DropState.ENDED:
        raise DropOver
    if state is not DropState.CANCELLED:
        await tx.execute(
            "update promotions.drops set cancelled_at = $3, version = version + 1 where bucket = $1 and id = $2",
            drop_id.bucket,
            drop_id,
            tx.now,
        )
        # Behind this lock no checkout is half-way through counting: whoever comes later finds the drop cancelled.
        await tx.execute(
            "update promotions.drop_goods set running = false, turn = turn + 1 where bucket = $1 and drop_id = $2",
            drop_id.bucket,
            drop_id,
        )
        await publish(tx, DropCancelled(drop_id=drop_id, shop_id=shop_id))
    return await get_drop(tx, drop_id)


async def enter_drop(tx: Tx, drop_id: DropId, *, even_closed: bool = False) -> ShopId:
    """Let the actor into the shop of a drop, if they may manage its goods.

    Raises:
        DropNotFound, ShopNotFound, RoleTooSmall, ShopClosed
    """
    number = await tx.value(
        "select shop_id from promotions.drops where bucket = $1 and id = $2", drop_id.bucket, drop_id
    )
    if number is None:
        raise DropNotFound
    await enter(tx, ShopId(number), may_manage_goods, even_closed=even_closed)
    return ShopId(number)


async def _lock(tx: Tx, drop_id: DropId) -> Drop:
    row = await tx.row(
        "select * from promotions.drops where bucket = $1 and id = $2 for no key update", drop_id.bucket, drop_id
    )
    assert row is not None, "drops are never deleted"
    return drop_from(row)


async def _check(tx: Tx, shop_id: ShopId, draft: DropDraft) -> list[Id]:
    """Check a draft; gives the products of its goods."""
    offers = await map_offers(tx, [VariantId(wish.variant_id) for wish in draft.goods])
    check_drop(draft, shop_id, offers, tx.given(DropRules), tx.now)
    return [offers[VariantId(wish.variant_id)].product_id for wish in draft.goods]


def _terms(draft: DropDraft, rules: DropRules) -> tuple[object, ...]:
    return (
        draft.title.strip(),
        draft.words.strip(),
        draft.language,
        draft.starts_at,
        draft.ends_at,
        draft.has_room,
        rules.per_minute if draft.per_minute is None else draft.per_minute,
        rules.burst if draft.burst is None else draft.burst,
    )


async def _write_goods(tx: Tx, drop_id: DropId, draft: DropDraft, products: Sequence[Id]) -> None:
    await tx.execute(
        """
        insert into promotions.drop_goods (bucket, drop_id, variant_id, product_id, position, price, currency, quota,
               per_person)
        select $1, $2, v, p, n, a, $3, q, l
          from unnest($4::bigint[], $5::bigint[], $6::bigint[], $7::int[], $8::int[]) with ordinality
               as t(v, p, a, q, l, n)
        """,
        drop_id.bucket,
        drop_id,
        tx.given(Place).currency,
        [wish.variant_id for wish in draft.goods],
        list(products),
        [wish.price for wish in draft.goods],
        [wish.quota for wish in draft.goods],
        [wish.per_person for wish in draft.goods],
    )


async def _check_announced(tx: Tx, shop_id: ShopId, rules: DropRules) -> None:
    count = await tx.value(
        """
        select count(*) from promotions.drops
         where bucket = $1 and shop_id = $2 and announced_at is not null and cancelled_at is null and ends_at > $3
        """,
        shop_id.bucket,
        shop_id,
        tx.now,
    )
    if count >= rules.announced_most:
        raise TooManyDrops(most=rules.announced_most)


async def _claim_variants(tx: Tx, drop_id: DropId) -> None:
    """Take the goods for this drop alone: a variant runs in one announced drop at a time, as an index holds."""
    where = (drop_id.bucket, drop_id)
    # Drops that have ended let go of theirs here: nobody has to do it at the moment of their end.
    await tx.execute(
        """
        update promotions.drop_goods g set running = false
          from promotions.drops d, promotions.drop_goods mine
         where mine.bucket = $1 and mine.drop_id = $2 and g.bucket = mine.bucket and g.variant_id = mine.variant_id
           and g.running and d.bucket = g.bucket and d.id = g.drop_id and d.ends_at <= $3
        """,
        *where,
        tx.now,
    )
    try:
        async with tx.savepoint():
            await tx.execute(
                "update promotions.drop_goods set running = true where bucket = $1 and drop_id = $2", *where
            )
    except asyncpg.UniqueViolationError as trouble:
        raise VariantInDrop from trouble
