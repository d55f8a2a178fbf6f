"""Makers of coupons. Promotions knows people and orders by their ids only."""

from collections.abc import Sequence
from datetime import timedelta

from fairground.kit.actor import person, system
from fairground.kit.db import Database
from fairground.kit.ids import Id, any_bucket
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.actions.selling import create_coupon
from fairground.market.promotions.actions.taking import take_coupon
from fairground.market.promotions.actions.use import use_coupons
from fairground.market.promotions.model import (
    AmountOff,
    Coupon,
    CouponClaim,
    CouponDraft,
    CouponId,
    CouponUse,
    PercentOff,
)
from fairground.market.promotions.model.coupons import Answer
from fairground.market.promotions.queries.coupons import audit_coupons, get_coupon
from fairground.market.shops.model import ShopId
from tests.support.shops import make_shop

SELLER = system("tests")


async def shop_id(db: Database) -> ShopId:
    """Open a shop and give its id."""
    return (await make_shop(db)).id


def person_id(db: Database) -> PersonId:
    """Give the id of a person."""
    return db.ids.make(PersonId, any_bucket(), db.clock.now())


def order_id(db: Database, buyer: PersonId) -> Id:
    """Give the id of an order of a buyer."""
    return db.ids.make(Id, buyer.bucket, db.clock.now())


def draft(
    db: Database,
    effect: AmountOff | PercentOff | None = None,
    *,
    title: str = "Ten off",
    threshold: int = 5000,
    days: float = 30,
    starts_in: float = 0,
    total: int | None = None,
    each: int = 1,
    code: str | None = None,
    products: tuple[Id, ...] | None = None,
) -> CouponDraft:
    """Write a draft down; days from now."""
    start = db.clock.now() + timedelta(days=starts_in)
    return CouponDraft(
        title=title,
        effect=effect or AmountOff(1000),
        threshold=threshold,
        starts_at=start,
        ends_at=start + timedelta(days=days),
        total_limit=total,
        per_person_limit=each,
        code=code,
        product_ids=products,
    )


async def make_coupon(db: Database, wish: CouponDraft | None = None, *, shop: ShopId | None = None) -> Coupon:
    """Put up a coupon of a shop."""
    shop = shop or await shop_id(db)
    return await db.write(SELLER, lambda tx: create_coupon(tx, shop, wish or draft(db)))


async def take_now(db: Database, who: PersonId, coupon: Coupon) -> None:
    """Put a coupon into somebody's wallet."""
    await db.write(person(who), lambda tx: take_coupon(tx, who, coupon.id))


def claim(db: Database, who: PersonId, *coupons: Coupon | CouponId, amount: int = 1000) -> CouponClaim:
    """Write down that a checkout of somebody wants to use coupons, an order for each."""
    uses = tuple(CouponUse(c.id if isinstance(c, Coupon) else c, order_id(db, who), amount) for c in coupons)
    return CouponClaim(order_id(db, who), who, uses)


async def use_now(db: Database, *claims: CouponClaim) -> list[Answer]:
    """Use coupons."""
    return await db.write(SELLER, lambda tx: use_coupons(tx, claims))


async def counters(db: Database, coupon_id: CouponId) -> tuple[int, int]:
    """Give (taken, used) of a coupon."""
    now = await db.read(lambda r: get_coupon(r, coupon_id))
    return now.taken_count, now.used_count


async def assert_counters_agree(db: Database) -> None:
    """Prove all counters."""
    faults: Sequence[object] = await db.read(audit_coupons)
    assert not faults, faults
