"""Coupons are used by checkouts, many at once, and come back when an order falls through."""

from collections.abc import Iterable, Mapping, Sequence

from fairground.kit.db import Tx
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.actions.taking import copy_to_wallets
from fairground.market.promotions.allot import Counters, HolderKey, Holding, UseKey
from fairground.market.promotions.events import CouponReturned
from fairground.market.promotions.model import Coupon, CouponClaim, CouponId, CouponUse, Used
from fairground.market.promotions.model.coupons import Answer
from fairground.market.promotions.rows import coupon_from


async def use_coupons(tx: Tx, claims: Sequence[CouponClaim]) -> list[Answer]:
    """Use coupons for any number of checkouts; answers stand in the order of the claims.

    In order of arrival, all or nothing for each claim; a refused claim leaves nothing and does not touch its
    neighbours. A coupon not in hand is taken now, within its limits. The same use again is granted and counts once.
    """
    if not any(claim.uses for claim in claims):
        return [Used(claim.claim_id) for claim in claims]
    coupons = await _lock(tx, {use.coupon_id for claim in claims for use in claim.uses})
    holders = sorted({(use.coupon_id, claim.person_id) for claim in claims for use in claim.uses})
    uses = {(use.coupon_id, use.use_id) for claim in claims for use in claim.uses}
    counters = Counters(coupons, await _holdings(tx, holders), await _standing(tx, uses))
    answers = counters.allot(claims, tx.now)
    if counters.fresh:
        await _write(tx, counters)
    return answers


async def return_coupons(tx: Tx, use_ids: Iterable[Id]) -> int:
    """Give back what was used for these orders; gives how many coupons came back. Safe to repeat.

    A coupon that has ended in the meantime comes back too, and is of no more use.
    """
    named = await _used_for(tx, sorted(set(use_ids)))
    if not named:
        return 0
    # The coupon's row first, as everywhere: it is the lock of all counting.
    coupons = await _lock(tx, {coupon_id for coupon_id, _ in named})
    back = await _end_uses(tx, named)
    if not back:
        return 0
    holdings = await _holdings(tx, sorted({(coupon_id, person_id) for coupon_id, person_id, _ in back}))
    for coupon_id, person_id, _ in back:
        old = holdings[coupon_id, person_id]
        holdings[coupon_id, person_id] = Holding(old.taken, old.used - 1)
    await _count(tx, [(c, 0, -1) for c, _, _ in back])
    await _write_holdings(tx, coupons, holdings)
    await _forget_uses(tx, [(coupon_id, use_id) for coupon_id, _, use_id in back])
    await publish(tx, *[CouponReturned(coupon_id=c, person_id=p, use_id=u) for c, p, u in back])
    return len(back)


async def _lock(tx: Tx, coupon_ids: set[CouponId]) -> dict[CouponId, Coupon]:
    ids = sorted(coupon_ids, key=lambda i: (i.bucket, i))
    rows = await tx.rows(
        """
        select c.* from promotions.coupons c join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on c.bucket = t.b and c.id = t.i
         order by c.bucket, c.id for no key update of c
        """,
        [i.bucket for i in ids],
        ids,
    )
    return {CouponId(row["id"]): coupon_from(row) for row in rows}


async def _holdings(tx: Tx, keys: Sequence[HolderKey]) -> dict[HolderKey, Holding]:
    rows = await tx.rows(
        """
        select h.coupon_id, h.person_id, h.taken, h.used from promotions.holders h
          join unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, c, p)
            on h.bucket = t.b and h.coupon_id = t.c and h.person_id = t.p
        """,
        [coupon_id.bucket for coupon_id, _ in keys],
        [coupon_id for coupon_id, _ in keys],
        [person_id for _, person_id in keys],
    )
    return {(CouponId(r["coupon_id"]), PersonId(r["person_id"])): Holding(r["taken"], r["used"]) for r in rows}


async def _standing(tx: Tx, keys: set[UseKey]) -> list[UseKey]:
    pairs = list(keys)
    rows = await tx.rows(
        """
        select u.coupon_id, u.use_id from promotions.uses u
          join unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, c, u)
            on u.bucket = t.b and u.coupon_id = t.c and u.use_id = t.u
         where u.returned_at is null
        """,
        [coupon_id.bucket for coupon_id, _ in pairs],
        [coupon_id for coupon_id, _ in pairs],
        [use_id for _, use_id in pairs],
    )
    return [(CouponId(row["coupon_id"]), Id(row["use_id"])) for row in rows]


async def _write(tx: Tx, counters: Counters) -> None:
    coupons, fresh = counters.coupons, counters.fresh
    taken = {i: counters.taken[i] - coupon.taken_count for i, coupon in coupons.items()}
    await _count(tx, [(use.coupon_id, 0, 1) for _, use in fresh] + [(i, more, 0) for i, more in taken.items() if more])
    touched = {(use.coupon_id, claim.person_id) for claim, use in fresh}
    await _write_holdings(tx, coupons, {key: counters.holdings[key] for key in touched})
    await _write_uses(tx, coupons, fresh)


async def _count(tx: Tx, changes: Sequence[tuple[CouponId, int, int]]) -> None:
    """Raise or lower the counters of coupons whose rows we hold: (coupon, taken, used)."""
    sums: dict[CouponId, tuple[int, int]] = {}
    for coupon_id, taken, used in changes:
        before = sums.get(coupon_id, (0, 0))
        sums[coupon_id] = (before[0] + taken, before[1] + used)
    await tx.execute(
        """
        update promotions.coupons c set taken_count = c.taken_count + t.taken, used_count = c.used_count + t.used
          from unnest($1::smallint[], $2::bigint[], $3::int[], $4::int[]) as t(b, i, taken, used)
         where c.bucket = t.b and c.id = t.i
        """,
        [i.bucket for i in sums],
        list(sums),
        [taken for taken, _ in sums.values()],
        [used for _, used in sums.values()],
    )


async def _write_holdings(tx: Tx, coupons: Mapping[CouponId, Coupon], holdings: Mapping[HolderKey, Holding]) -> None:
    """Write what people hold, by coupon and in their own wallets."""
    keys = sorted(holdings, key=lambda k: (k[0].bucket, k))
    await tx.execute(
        """
        insert into promotions.holders (bucket, coupon_id, person_id, taken, used, at_most)
        select * from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::int[], $5::int[], $6::int[])
        on conflict (bucket, coupon_id, person_id) do update set taken = excluded.taken, used = excluded.used
        """,
        [coupon_id.bucket for coupon_id, _ in keys],
        [coupon_id for coupon_id, _ in keys],
        [person_id for _, person_id in keys],
        [holdings[key].taken for key in keys],
        [holdings[key].used for key in keys],
        [coupons[coupon_id].per_person_limit for coupon_id, _ in keys],
    )
    await copy_to_wallets(tx, [(coupons[key[0]], key[1], holdings[key]) for key in keys])


async def _write_uses(
    tx: Tx, coupons: Mapping[CouponId, Coupon], fresh: Sequence[tuple[CouponClaim, CouponUse]]
) -> None:
    columns = (
        [use.coupon_id for _, use in fresh],
        [use.use_id for _, use in fresh],
        [claim.person_id for claim, _ in fresh],
        [use.amount for _, use in fresh],
        [coupons[use.coupon_id].currency for _, use in fresh],
    )
    await tx.execute(
        """
        insert into promotions.uses (bucket, coupon_id, use_id, person_id, amount, currency, used_at)
        select b, c, u, p, a, m, $7 from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
                                                $6::text[]) as t(b, c, u, p, a, m)
        on conflict (bucket, coupon_id, use_id) do update
           set amount = excluded.amount, used_at = excluded.used_at, returned_at = null
        """,
        [use.coupon_id.bucket for _, use in fresh],
        *columns,
        tx.now,
    )
    await tx.execute(
        """
        insert into promotions.wallet_uses (bucket, coupon_id, use_id, person_id, amount, currency, used_at)
        select b, c, u, p, a, m, $7 from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
                                                $6::text[]) as t(b, c, u, p, a, m)
        on conflict (bucket, use_id, coupon_id) do nothing
        """,
        [use.use_id.bucket for _, use in fresh],
        *columns,
        tx.now,
    )


async def _used_for(tx: Tx, use_ids: Sequence[Id]) -> list[UseKey]:
    rows = await tx.rows(
        """
        select w.coupon_id, w.use_id from promotions.wallet_uses w
          join unnest($1::smallint[], $2::bigint[]) as t(b, u) on w.bucket = t.b and w.use_id = t.u
        """,
        [i.bucket for i in use_ids],
        list(use_ids),
    )
    return [(CouponId(row["coupon_id"]), Id(row["use_id"])) for row in rows]


async def _end_uses(tx: Tx, keys: Sequence[UseKey]) -> list[tuple[CouponId, PersonId, Id]]:
    rows = await tx.rows(
        """
        update promotions.uses u set returned_at = $4
          from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, c, u)
         where u.bucket = t.b and u.coupon_id = t.c and u.use_id = t.u and u.returned_at is null
        returning u.coupon_id, u.person_id, u.use_id
        """,
        [coupon_id.bucket for coupon_id, _ in keys],
        [coupon_id for coupon_id, _ in keys],
        [use_id for _, use_id in keys],
        tx.now,
    )
    return [(CouponId(r["coupon_id"]), PersonId(r["person_id"]), Id(r["use_id"])) for r in rows]


async def _forget_uses(tx: Tx, keys: Sequence[UseKey]) -> None:
    await tx.execute(
        """
        delete from promotions.wallet_uses w using unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, u, c)
         where w.bucket = t.b and w.use_id = t.u and w.coupon_id = t.c
        """,
        [use_id.bucket for _, use_id in keys],
        [use_id for _, use_id in keys],
        [coupon_id for coupon_id, _ in keys],
    )
