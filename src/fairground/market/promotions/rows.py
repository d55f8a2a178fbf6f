"""Coupons and drops from rows, and the coupons' copy in wallets."""

from typing import Any

import msgspec

from fairground.kit.db import Row
from fairground.kit.ids import Id, from_plain, to_plain
from fairground.market.promotions.model import (
    AmountOff,
    Coupon,
    CouponId,
    CouponState,
    Drop,
    DropGoods,
    DropId,
    DropRoom,
    HeldCoupon,
    PercentOff,
)
from fairground.market.shops.model import ShopId


def coupon_from(row: Row) -> Coupon:
    """Build a coupon from its row."""
    products = row["product_ids"]
    return Coupon(
        id=CouponId(row["id"]),
        shop_id=ShopId(row["shop_id"]),
        title=row["title"],
        code=row["code"],
        effect=AmountOff(row["amount_off"])
        if row["amount_off"] is not None
        else PercentOff(row["percent_off"], row["cap"]),
        threshold=row["threshold"],
        currency=row["currency"],
        product_ids=None if products is None else tuple(Id(p) for p in products),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        total_limit=row["total_limit"],
        per_person_limit=row["per_person_limit"],
        borne_by_market=row["borne_by_market"],
        state=CouponState(row["state"]),
        taken_count=row["taken_count"],
        used_count=row["used_count"],
        created_at=row["created_at"],
    )


def to_copy(coupon: Coupon) -> dict[str, Any]:
    """Write a coupon down as plain data, for the wallet's copy."""
    copy: dict[str, Any] = msgspec.to_builtins(coupon, enc_hook=to_plain)
    return copy


def held_from(row: Row) -> HeldCoupon:
    """Build a held coupon from its wallet row."""
    coupon = msgspec.convert(row["coupon"], Coupon, dec_hook=from_plain)
    return HeldCoupon(coupon, row["taken"], row["used"])


def drop_from(row: Row) -> Drop:
    """Build a drop from its row."""
    return Drop(
        id=DropId(row["id"]),
        shop_id=ShopId(row["shop_id"]),
        title=row["title"],
        words=row["words"],
        language=row["language"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        announced_at=row["announced_at"],
        cancelled_at=row["cancelled_at"],
        has_room=row["has_room"],
        per_minute=row["per_minute"],
        burst=row["burst"],
        pay_minutes=row["pay_minutes"],
        version=row["version"],
        created_at=row["created_at"],
    )


def room_from(row: Row) -> DropRoom | None:
    """Build a waiting room from a row; None where the drop has none."""
    if row["next_number"] is None:
        return None
    return DropRoom(row["next_number"], row["early"], row["seed"], row["opened_at"])


def goods_from(row: Row) -> DropGoods:
    """Build one variant of a drop from its row."""
    return DropGoods(
        Id(row["variant_id"]),
        Id(row["product_id"]),
        row["price"],
        row["currency"],
        row["quota"],
        row["per_person"],
        row["sold"],
        row["turn"],
    )
