"""Pieces of drops are taken by checkouts, many at once, and go back to the quota when an order falls through.

Whoever counts locks the rows of the goods first, in the order of (bucket, drop, variant).
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from fairground.kit.db import Tx
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.allot_drops import Counted, DropTally, GoodsKey
from fairground.market.promotions.model import DropAnswer, DropClaim, DropId, DropTaken


async def use_drops(tx: Tx, claims: Sequence[DropClaim]) -> list[DropAnswer]:
    """Take pieces of drops for any number of checkouts; answers stand in the order of the claims.

    In order of arrival, all or nothing for each claim; a refused claim leaves nothing. An order takes once: its id
    was made for it.
    """
    wanted = sorted({(t.drop_id, t.variant_id) for claim in claims for t in claim.takings}, key=_in_order)
    if not wanted:
        return [DropTaken(claim.claim_id) for claim in claims]
    goods = await _lock(tx, wanted)
    askers = {((t.drop_id, t.variant_id), claim.person_id) for claim in claims for t in claim.takings}
    tally = DropTally(goods, await _pieces(tx, sorted(askers)))
    answers = tally.allot(claims, tx.now)
    if tally.fresh:
        await _count(tx, Counter({key: goods[key].left - left for key, left in tally.left.items()}))
        await _write_buyers(tx, tally)
        await _write_uses(tx, tally)
    return answers


async def return_drops(tx: Tx, use_ids: Iterable[Id]) -> int:
    """Give back to the quota what these orders took; gives how many pieces came back. Safe to repeat.

    Also after the end of a drop: then nobody can have them any more, but the books agree.
    """
    found = await _used_for(tx, sorted(set(use_ids)))
    if not found:
        return 0
    await _lock(tx, sorted({key for key, _ in found}, key=_in_order))
    back = await _end_uses(tx, found)
    sold: Counter[GoodsKey] = Counter()
    for key, _, pieces in back:
        sold[key] -= pieces
    await _count(tx, sold)
    await _take_from_buyers(tx, back)
    await _forget(tx, found)
    return sum(pieces for _, _, pieces in back)


def _in_order(key: GoodsKey) -> tuple[int, DropId, Id]:
    return key[0].bucket, *key


async def _lock(tx: Tx, keys: Sequence[GoodsKey]) -> dict[GoodsKey, Counted]:
    rows = await tx.rows(
        """
        select g.drop_id, g.variant_id, g.quota - g.sold as left, g.per_person, g.running, d.starts_at, d.ends_at
          from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, d, v)
          join promotions.drop_goods g on g.bucket = t.b and g.drop_id = t.d and g.variant_id = t.v
          join promotions.drops d on d.bucket = g.bucket and d.id = g.drop_id
         order by g.bucket, g.drop_id, g.variant_id for no key update of g
        """,
        [drop_id.bucket for drop_id, _ in keys],
        [drop_id for drop_id, _ in keys],
        [variant_id for _, variant_id in keys],
    )
    return {
        (DropId(r["drop_id"]), Id(r["variant_id"])): Counted(
            r["left"], r["per_person"], r["running"], r["starts_at"], r["ends_at"]
        )
        for r in rows
    }


async def _pieces(tx: Tx, askers: Sequence[tuple[GoodsKey, PersonId]]) -> dict[tuple[GoodsKey, PersonId], int]:
    rows = await tx.rows(
        """
        select h.drop_id, h.variant_id, h.person_id, h.pieces
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[]) as t(b, d, v, p)
          join promotions.drop_buyers h
            on h.bucket = t.b and h.drop_id = t.d and h.variant_id = t.v and h.person_id = t.p
        """,
        [key[0].bucket for key, _ in askers],
        [key[0] for key, _ in askers],
        [key[1] for key, _ in askers],
        [person_id for _, person_id in askers],
    )
    return {((DropId(r["drop_id"]), Id(r["variant_id"])), PersonId(r["person_id"])): r["pieces"] for r in rows}


async def _count(tx: Tx, sold: Counter[GoodsKey]) -> None:
    """Raise (or lower) what was sold of goods whose rows we hold."""
    changed = [key for key, pieces in sold.items() if pieces]
    await tx.execute(
        """
        update promotions.drop_goods g set sold = g.sold + t.n, turn = g.turn + 1
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::int[]) as t(b, d, v, n)
         where g.bucket = t.b and g.drop_id = t.d and g.variant_id = t.v
        """,
        [drop_id.bucket for drop_id, _ in changed],
        [drop_id for drop_id, _ in changed],
        [variant_id for _, variant_id in changed],
        [sold[key] for key in changed],
    )


async def _write_buyers(tx: Tx, tally: DropTally) -> None:
    touched = sorted({((taking.drop_id, taking.variant_id), person_id) for person_id, taking in tally.fresh})
    await tx.execute(
        """
        insert into promotions.drop_buyers (bucket, drop_id, variant_id, person_id, pieces, at_most)
        select * from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::int[])
        on conflict (bucket, drop_id, variant_id, person_id) do update set pieces = excluded.pieces
        """,
        [key[0].bucket for key, _ in touched],
        [key[0] for key, _ in touched],
        [key[1] for key, _ in touched],
        [person_id for _, person_id in touched],
        [tally.have[one] for one in touched],
        [tally.goods[key].per_person for key, _ in touched],
    )


async def _write_uses(tx: Tx, tally: DropTally) -> None:
    takings = [taking for _, taking in tally.fresh]
    columns = ([t.drop_id for t in takings], [t.variant_id for t in takings], [t.use_id for t in takings])
    await tx.execute(
        """
        insert into promotions.drop_uses (bucket, drop_id, variant_id, use_id, person_id, pieces, used_at)
        select b, d, v, u, p, n, $7
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[])
               as t(b, d, v, u, p, n)
        """,
        [t.drop_id.bucket for t in takings],
        *columns,
        [person_id for person_id, _ in tally.fresh],
        [t.pieces for t in takings],
        tx.now,
    )
    await tx.execute(
        """
        insert into promotions.drop_orders (bucket, drop_id, variant_id, use_id)
        select * from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[])
        """,
        [t.use_id.bucket for t in takings],
        *columns,
    )


async def _used_for(tx: Tx, use_ids: Sequence[Id]) -> list[tuple[GoodsKey, Id]]:
    rows = await tx.rows(
        """
        select o.drop_id, o.variant_id, o.use_id from unnest($1::smallint[], $2::bigint[]) as t(b, u)
          join promotions.drop_orders o on o.bucket = t.b and o.use_id = t.u
        """,
        [i.bucket for i in use_ids],
        list(use_ids),
    )
    return [((DropId(r["drop_id"]), Id(r["variant_id"])), Id(r["use_id"])) for r in rows]


async def _end_uses(tx: Tx, found: Sequence[tuple[GoodsKey, Id]]) -> list[tuple[GoodsKey, PersonId, int]]:
    rows = await tx.rows(
        """
        update promotions.drop_uses u set returned_at = $5
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[]) as t(b, d, v, u)
         where u.bucket = t.b and u.drop_id = t.d and u.variant_id = t.v and u.use_id = t.u and u.returned_at is null
        returning u.drop_id, u.variant_id, u.person_id, u.pieces
        """,
        [key[0].bucket for key, _ in found],
        [key[0] for key, _ in found],
        [key[1] for key, _ in found],
        [use_id for _, use_id in found],
        tx.now,
    )
    return [((DropId(r["drop_id"]), Id(r["variant_id"])), PersonId(r["person_id"]), r["pieces"]) for r in rows]


async def _take_from_buyers(tx: Tx, back: Sequence[tuple[GoodsKey, PersonId, int]]) -> None:
    sums: Counter[tuple[GoodsKey, PersonId]] = Counter()
    for key, person_id, pieces in back:
        sums[key, person_id] += pieces
    await tx.execute(
        """
        update promotions.drop_buyers h set pieces = h.pieces - t.n
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[]) as t(b, d, v, p, n)
         where h.bucket = t.b and h.drop_id = t.d and h.variant_id = t.v and h.person_id = t.p
        """,
        [key[0].bucket for key, _ in sums],
        [key[0] for key, _ in sums],
        [key[1] for key, _ in sums],
        [person_id for _, person_id in sums],
        list(sums.values()),
    )


async def _forget(tx: Tx, found: Sequence[tuple[GoodsKey, Id]]) -> None:
    await tx.execute(
        """
        delete from promotions.drop_orders o
         using unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[]) as t(b, u, d, v)
         where o.bucket = t.b and o.use_id = t.u and o.drop_id = t.d and o.variant_id = t.v
        """,
        [use_id.bucket for _, use_id in found],
        [use_id for _, use_id in found],
        [key[0] for key, _ in found],
        [key[1] for key, _ in found],
    )
