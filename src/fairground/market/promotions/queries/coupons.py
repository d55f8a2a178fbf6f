"""Look at coupons: a shop's, those a reader may take, a wallet."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from fairground.kit.db import Reader, Row
from fairground.kit.errors import N_, FieldError, Findings
from fairground.kit.ids import Id, to_text
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.errors import CouponNotFound
from fairground.market.promotions.model import Coupon, CouponFault, CouponId, HeldCoupon, TakeableCoupon
from fairground.market.promotions.rows import coupon_from, held_from
from fairground.market.shops.model import ShopId

SHOWN_MOST: Final = 20  # coupons of a shop on one page
HELD_MOST: Final = 200  # coupons of some shops looked at for one checkout


async def get_coupon(reader: Reader, coupon_id: CouponId) -> Coupon:
    """Get a coupon.

    Raises:
        CouponNotFound: there is none.
    """
    row = await reader.row(
        "select * from promotions.coupons where bucket = $1 and id = $2", coupon_id.bucket, coupon_id
    )
    if row is None:
        raise CouponNotFound
    return coupon_from(row)


async def map_coupons(reader: Reader, coupon_ids: Sequence[CouponId]) -> dict[CouponId, Coupon]:
    """Map ids to coupons; those that do not exist are left out."""
    rows = await reader.rows(
        """
        select c.* from promotions.coupons c join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on c.bucket = t.b and c.id = t.i
        """,
        [i.bucket for i in coupon_ids],
        list(coupon_ids),
    )
    return {CouponId(row["id"]): coupon_from(row) for row in rows}


async def list_coupons_of_shop(
    reader: Reader, shop_id: ShopId, after: str | None = None, limit: int | None = None
) -> Page[Coupon]:
    """List all coupons of a shop for its seller, the newest first."""
    size = page_size(limit)
    cursor = read_cursor(after, int)
    rows = await reader.rows(
        """
        select * from promotions.coupons where bucket = $1 and shop_id = $2 and ($3::bigint is null or id < $3)
         order by id desc limit $4
        """,
        shop_id.bucket,
        shop_id,
        cursor[0] if cursor else None,
        size + 1,
    )
    shown, more = cut(rows, size)
    return Page([coupon_from(row) for row in shown], write_cursor(shown[-1]["id"]) if more else None)


async def list_takeable(
    reader: Reader, shop_id: ShopId, person_id: PersonId | None = None, product_id: Id | None = None
) -> list[TakeableCoupon]:
    """List the coupons that a shop's page, or a product's page, offers to a reader; those that end first come first.

    Those with a code are for people who know it and are not shown.
    """
    rows = await reader.rows(
        """
        select c.*, h.taken, h.used
          from promotions.coupons c
          left join promotions.holders h on h.bucket = c.bucket and h.coupon_id = c.id and h.person_id = $3
         where c.bucket = $1 and c.shop_id = $2 and c.state = 'open' and c.code is null
           and c.starts_at <= $4 and c.ends_at > $4
           and (c.total_limit is null or c.taken_count < c.total_limit or h.taken > h.used)
           and ($5::bigint is null or c.product_ids is null or $5 = any(c.product_ids))
         order by c.ends_at, c.id limit $6
        """,
        shop_id.bucket,
        shop_id,
        person_id,
        reader.now,
        product_id,
        SHOWN_MOST,
    )
    return [TakeableCoupon(coupon_from(row), row["taken"] or 0, row["used"] or 0) for row in rows]


async def map_takeable(
    reader: Reader, shop_ids: Sequence[ShopId], person_id: PersonId | None = None
) -> dict[ShopId, list[TakeableCoupon]]:
    """The same for several shops at once, as a cart shows them; each with at most a page of coupons."""
    rows = await reader.rows(
        """
        select c.*, h.taken, h.used
          from unnest($1::smallint[], $2::bigint[]) as t(b, s)
          cross join lateral (
               select * from promotions.coupons c
                where c.bucket = t.b and c.shop_id = t.s and c.state = 'open' and c.code is null
                  and c.starts_at <= $4 and c.ends_at > $4
                order by c.ends_at, c.id limit $5) c
          left join promotions.holders h on h.bucket = c.bucket and h.coupon_id = c.id and h.person_id = $3
         where c.total_limit is null or c.taken_count < c.total_limit or h.taken > h.used
         order by c.ends_at, c.id
        """,
        [s.bucket for s in shop_ids],
        list(shop_ids),
        person_id,
        reader.now,
        SHOWN_MOST,
    )
    found: dict[ShopId, list[TakeableCoupon]] = {shop_id: [] for shop_id in shop_ids}
    for row in rows:
        found[ShopId(row["shop_id"])].append(TakeableCoupon(coupon_from(row), row["taken"] or 0, row["used"] or 0))
    return found


async def list_wallet(
    reader: Reader, person_id: PersonId, *, past: bool = False, after: str | None = None, limit: int | None = None
) -> Page[HeldCoupon]:
    """List what a person holds and can still use, what ends first first; with `past`, what was used up or has ended."""
    size = page_size(limit)
    cursor = read_cursor(after, int)
    rows = await reader.rows(
        """
        select coupon_id, taken, used, coupon from promotions.wallets
         where bucket = $1 and person_id = $2 and (ends_at > $3 and used < taken) <> $4
           and ($5::bigint is null or (ends_at, coupon_id) >
                (select w.ends_at, w.coupon_id from promotions.wallets w
                  where w.bucket = $1 and w.person_id = $2 and w.coupon_id = $5))
         order by ends_at, coupon_id limit $6
        """,
        person_id.bucket,
        person_id,
        reader.now,
        past,
        cursor[0] if cursor else None,
        size + 1,
    )
    shown, more = cut(rows, size)
    return Page([held_from(row) for row in shown], write_cursor(shown[-1]["coupon_id"]) if more else None)


async def export_wallet(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give all coupons that somebody holds or held, for the export of personal data."""
    rows = await reader.rows(
        """
        select coupon_id, taken, used, coupon from promotions.wallets
         where bucket = $1 and person_id = $2 order by ends_at, coupon_id
        """,
        person_id.bucket,
        person_id,
    )
    return {"coupons": [msgspec.to_builtins(held_from(row), enc_hook=to_text) for row in rows]}


async def list_usable(reader: Reader, person_id: PersonId, shop_ids: Sequence[ShopId]) -> list[HeldCoupon]:
    """List what a person holds of some shops and may use now."""
    rows = await reader.rows(
        """
        select coupon_id, taken, used, coupon from promotions.wallets
         where bucket = $1 and person_id = $2 and shop_id = any($3) and starts_at <= $4 and ends_at > $4
           and used < taken
         order by ends_at, coupon_id limit $5
        """,
        person_id.bucket,
        person_id,
        list(shop_ids),
        reader.now,
        HELD_MOST,
    )
    return [held_from(row) for row in rows]


async def find_wished(
    reader: Reader, person_id: PersonId, shop_ids: Sequence[ShopId], wishes: Sequence[str]
) -> list[Coupon]:
    """Find the coupons that a buyer named for a checkout over some shops, by id or by code.

    A code names the coupon of each of these shops that has it. Each found coupon is good now, and held by the
    person or free to be taken; the price engine tells whether its threshold is reached.

    Raises:
        Invalid: at `/coupons/N`: unknown, of another shop, over, used up, or the second one for a shop.
    """
    if not wishes:
        return []
    rows = await _named(reader, person_id, shop_ids, wishes)
    findings, chosen = Findings(), dict[ShopId, Coupon]()
    for place, wish in enumerate(wishes):
        pointer = f"/coupons/{place}"
        fitting = [row for row in rows if str(row["id"]) == wish or row["code"] == wish.strip().upper()]
        good = [row for row in fitting if _why_not(row, reader) is None]
        if not good:
            error = _why_not(fitting[0], reader) if fitting else _UNKNOWN
            assert error is not None
            findings.add(pointer, error.code, error.message)
        for coupon in map(coupon_from, good):
            if chosen.setdefault(coupon.shop_id, coupon).id != coupon.id:
                findings.add(pointer, "promotions.one_for_a_shop", N_("One coupon for each shop, please."))
    findings.raise_any()
    return list(chosen.values())


_UNKNOWN: Final = FieldError("", "promotions.coupon_not_found", N_("None of these shops has such a coupon."))
_OVER: Final = FieldError("", "promotions.coupon_over", N_("This coupon is not good at the moment."))
_USED_UP: Final = FieldError("", "promotions.coupon_used_up", N_("You have used this coupon already."))
_ALL_TAKEN: Final = FieldError("", "promotions.coupon_all_taken", N_("All of these coupons have been taken."))


def _why_not(row: Row, reader: Reader) -> FieldError | None:
    coupon, taken, used = coupon_from(row), row["taken"] or 0, row["used"] or 0
    if not coupon.is_good_at(reader.now):
        return _OVER
    if used < taken:
        return None
    if taken >= coupon.per_person_limit:
        return _USED_UP
    if coupon.left == 0:
        return _ALL_TAKEN
    return None if coupon.can_be_taken_at(reader.now) else _OVER


async def _named(reader: Reader, person_id: PersonId, shop_ids: Sequence[ShopId], wishes: Sequence[str]) -> list[Row]:
    ids = [number for wish in wishes if (number := Id.parse(wish)) is not None]
    return await reader.rows(
        """
        select c.*, h.taken, h.used
          from unnest($1::smallint[], $2::bigint[]) as t(b, s)
          join promotions.coupons c on c.bucket = t.b and c.shop_id = t.s
          left join promotions.holders h on h.bucket = c.bucket and h.coupon_id = c.id and h.person_id = $3
         where (c.id = any($4) and (c.code is null or h.taken > h.used)) or (c.code = any($5) and c.state = 'open')
         order by c.id
        """,
        [s.bucket for s in shop_ids],
        list(shop_ids),
        person_id,
        ids,
        [wish.strip().upper() for wish in wishes],
    )


async def map_uses(reader: Reader, use_ids: Sequence[Id]) -> dict[Id, list[CouponId]]:
    """Map orders to the coupons that stand as used for them."""
    rows = await reader.rows(
        """
        select w.use_id, w.coupon_id from promotions.wallet_uses w
          join unnest($1::smallint[], $2::bigint[]) as t(b, u) on w.bucket = t.b and w.use_id = t.u
         order by w.use_id, w.coupon_id
        """,
        [i.bucket for i in use_ids],
        list(use_ids),
    )
    found: dict[Id, list[CouponId]] = {}
    for row in rows:
        found.setdefault(Id(row["use_id"]), []).append(CouponId(row["coupon_id"]))
    return found


async def audit_coupons(reader: Reader) -> list[CouponFault]:
    """Prove the counters: each coupon's equal the sums of its holders, and these the uses that stand."""
    rows = await reader.rows(
        """
        select c.id, c.taken_count, c.used_count, coalesce(h.taken, 0) as taken, coalesce(h.used, 0) as used,
               coalesce(u.uses, 0) as uses
          from promotions.coupons c
          left join (select bucket, coupon_id, sum(taken) as taken, sum(used) as used
                       from promotions.holders group by 1, 2) h on h.bucket = c.bucket and h.coupon_id = c.id
          left join (select bucket, coupon_id, count(*) as uses from promotions.uses
                      where returned_at is null group by 1, 2) u on u.bucket = c.bucket and u.coupon_id = c.id
         where (c.taken_count, c.used_count) is distinct from (coalesce(h.taken, 0), coalesce(h.used, 0))
            or c.used_count <> coalesce(u.uses, 0)
         order by c.bucket, c.id limit 1000
        """
    )
    faults = []
    for row in rows:
        for what, expected, found in (
            ("taken by holders", row["taken"], row["taken_count"]),
            ("used by holders", row["used"], row["used_count"]),
            ("uses that stand", row["uses"], row["used_count"]),
        ):
            if expected != found:
                faults.append(CouponFault(CouponId(row["id"]), what, int(expected), found))
    return faults
