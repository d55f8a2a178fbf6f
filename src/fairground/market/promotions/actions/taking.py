"""A buyer takes a coupon, on a page or with a code."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.allot import Holding
from fairground.market.promotions.errors import CouponAllTaken, CouponNotFound, CouponOver, CouponTakenAlready
from fairground.market.promotions.model import Coupon, CouponId, HeldCoupon
from fairground.market.promotions.queries.coupons import get_coupon
from fairground.market.promotions.rows import coupon_from, to_copy
from fairground.market.shops.model import ShopId


async def take_coupon(tx: Tx, person_id: PersonId, coupon_id: CouponId) -> HeldCoupon:
    """Put one of a shop's coupons into a person's wallet.

    Raises:
        CouponNotFound: there is none that pages show.
        CouponOver, CouponAllTaken, CouponTakenAlready
    """
    return await _take(tx, person_id, coupon_id, code=None)


async def take_coupon_by_code(tx: Tx, person_id: PersonId, shop_id: ShopId, code: str) -> HeldCoupon:
    """Put the coupon of a shop that has this code into a person's wallet.

    Raises:
        CouponNotFound: the shop has no open coupon with this code.
        CouponOver, CouponAllTaken, CouponTakenAlready
    """
    code = code.strip().upper()
    number = await tx.value(
        "select id from promotions.coupons where bucket = $1 and shop_id = $2 and code = $3 and state = 'open'",
        shop_id.bucket,
        shop_id,
        code,
    )
    if number is None:
        raise CouponNotFound
    return await _take(tx, person_id, CouponId(number), code=code)


async def _take(tx: Tx, person_id: PersonId, coupon_id: CouponId, code: str | None) -> HeldCoupon:
    # The coupon's row is counted first: it is the lock behind which the holder's row is counted.
    row = await tx.row(
        """
        update promotions.coupons set taken_count = taken_count + 1
         where bucket = $1 and id = $2 and state = 'open' and starts_at <= $3 and ends_at > $3
           and (total_limit is null or taken_count < total_limit) and code is not distinct from $4
        returning *
        """,
        coupon_id.bucket,
        coupon_id,
        tx.now,
        code,
    )
    if row is None:
        raise await _why_not(tx, coupon_id, code)
    coupon = coupon_from(row)
    held = await tx.row(
        """
        insert into promotions.holders as h (bucket, coupon_id, person_id, taken, at_most) values ($1, $2, $3, 1, $4)
        on conflict (bucket, coupon_id, person_id) do update set taken = h.taken + 1 where h.taken < h.at_most
        returning taken, used
        """,
        coupon_id.bucket,
        coupon_id,
        person_id,
        coupon.per_person_limit,
    )
    if held is None:
        raise CouponTakenAlready
    await copy_to_wallets(tx, [(coupon, person_id, Holding(held["taken"], held["used"]))])
    return HeldCoupon(coupon, held["taken"], held["used"])


async def _why_not(tx: Tx, coupon_id: CouponId, code: str | None) -> Exception:
    coupon = await get_coupon(tx, coupon_id)
    if coupon.code != code:
        return CouponNotFound()
    return CouponAllTaken() if coupon.is_good_at(tx.now) and coupon.left == 0 else CouponOver()


async def copy_to_wallets(tx: Tx, holdings: Sequence[tuple[Coupon, PersonId, Holding]]) -> None:
    """Copy what people hold into their own buckets."""
    holdings = sorted(holdings, key=lambda h: (h[1].bucket, h[1], h[0].id))
    await tx.execute(
        """
        insert into promotions.wallets (bucket, person_id, coupon_id, shop_id, taken, used, starts_at, ends_at, coupon)
        select * from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::int[],
                             $7::timestamptz[], $8::timestamptz[], $9::jsonb[])
        on conflict (bucket, person_id, coupon_id) do update set taken = excluded.taken, used = excluded.used
        """,
        [person_id.bucket for _, person_id, _ in holdings],
        [person_id for _, person_id, _ in holdings],
        [coupon.id for coupon, _, _ in holdings],
        [coupon.shop_id for coupon, _, _ in holdings],
        [holding.taken for _, _, holding in holdings],
        [holding.used for _, _, holding in holdings],
        [coupon.starts_at for coupon, _, _ in holdings],
        [coupon.ends_at for coupon, _, _ in holdings],
        [to_copy(coupon) for coupon, _, _ in holdings],
    )
