"""A voucher for one person: nobody asked for it, nobody else can take it."""

from datetime import timedelta

import msgspec

from fairground.kit.db import Tx
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.actions.taking import copy_to_wallets
from fairground.market.promotions.allot import Holding
from fairground.market.promotions.model import Coupon, CouponId
from fairground.market.promotions.rows import coupon_from
from fairground.market.shops.model import ShopId


class Voucher(msgspec.Struct, frozen=True):
    """An amount off at one shop, which bears it; `code` names the reason and makes it one of its kind."""

    code: str
    title: str
    amount: int
    currency: str
    days: int


async def grant_voucher(tx: Tx, shop_id: ShopId, person_id: PersonId, voucher: Voucher) -> Coupon | None:
    """Put a voucher into somebody's wallet; None where the one with this code was granted before.

    It is stopped from the beginning, so it is on no page and counts as none of the shop's open coupons; what is in a
    wallet stays good until its end.
    """
    row = await tx.row(
        """
        insert into promotions.coupons (bucket, id, shop_id, title, code, amount_off, threshold, currency, starts_at,
               ends_at, total_limit, per_person_limit, borne_by_market, state, taken_count, created_at, stopped_at)
        select $1, $2, $3, $4, $5, $6, 0, $7, $8, $9, 1, 1, 0, 'stopped', 1, $8, $8
         where not exists (select 1 from promotions.coupons where bucket = $1 and shop_id = $3 and code = $5)
        returning *
        """,
        shop_id.bucket,
        tx.new_id(CouponId, shop_id.bucket),
        shop_id,
        voucher.title,
        voucher.code,
        voucher.amount,
        voucher.currency,
        tx.now,
        tx.now + timedelta(days=voucher.days),
    )
    if row is None:
        return None
    coupon = coupon_from(row)
    await tx.execute(
        "insert into promotions.holders (bucket, coupon_id, person_id, taken, at_most) values ($1, $2, $3, 1, 1)",
        coupon.id.bucket,
        coupon.id,
        person_id,
    )
    await copy_to_wallets(tx, [(coupon, person_id, Holding(1, 0))])
    return coupon
