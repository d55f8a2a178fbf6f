"""Held money goes to the shop, or comes back: two deeds with one key, one in each bucket.

`release` and `take_back` do both in one transaction; on several nodes the two halves are called one by one, and
clearing shows what is between them.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

from fairground.kit.db import Tx
from fairground.kit.ids import Id
from fairground.market.ledger.actions import post
from fairground.market.ledger.model import AccountKind, Posting, owned_account, system_account
from fairground.market.payments.errors import ReleaseTooHigh
from fairground.market.payments.model import Release, TakeBack

_Move: TypeAlias = Release | TakeBack


async def release(tx: Tx, releases: Sequence[Release]) -> None:
    """Give held money to shops, less commission; a key used before does nothing.

    Raises:
        ReleaseTooHigh: less is held. The transaction cannot go on.
    """
    await release_from_held(tx, releases)
    await release_to_shops(tx, releases)


async def release_from_held(tx: Tx, releases: Sequence[Release]) -> None:
    """Do the first half, in the buyers' buckets: held → clearing.

    Raises:
        ReleaseTooHigh
    """
    fresh = await _note(tx, releases, "release")
    await _move_parts(tx, [(r, r.amount) for r in fresh])
    await post(
        tx,
        [
            Posting(
                f"release/{r.key}/out",
                system_account(AccountKind.HELD, r.payment_id.bucket, r.currency),
                system_account(AccountKind.CLEARING, r.payment_id.bucket, r.currency),
                r.amount,
                "payments.released",
                r.order_id,
            )
            for r in fresh
        ],
    )


async def release_to_shops(tx: Tx, releases: Sequence[Release]) -> None:
    """Do the second half, in the shops' buckets: clearing → shop and commission. The books know each key once."""
    postings = []
    for r in releases:
        assert 0 <= r.commission <= r.amount, f"{r.key}: commission {r.commission} of {r.amount}"
        bucket = r.shop_id.bucket
        clearing = system_account(AccountKind.CLEARING, bucket, r.currency)
        shop = owned_account(AccountKind.SHOP, r.shop_id, r.currency)
        commission = system_account(AccountKind.COMMISSION, bucket, r.currency)
        # The whole goes to the shop and the commission out of it: a statement then shows both lines.
        postings.append(Posting(f"release/{r.key}/in", clearing, shop, r.amount, "payments.sale", r.order_id))
        if r.commission:
            postings.append(
                Posting(
                    f"release/{r.key}/commission", shop, commission, r.commission, "payments.commission", r.order_id
                )
            )
    await post(tx, postings)


async def take_back(tx: Tx, moves: Sequence[TakeBack]) -> None:
    """Bring released money back to be held (a refund after receipt follows it); a key used before does nothing.

    Raises:
        InsufficientFunds: a shop has less. The transaction cannot go on.
        ReleaseTooHigh: less was released. The transaction cannot go on.
    """
    await take_from_shops(tx, moves)
    await return_to_held(tx, moves)


async def take_from_shops(tx: Tx, moves: Sequence[TakeBack]) -> None:
    """Do the first half, in the shops' buckets: shop, commission and market → clearing.

    The commission goes back to the shop first, so that a shop's statement shows both lines.

    Raises:
        InsufficientFunds
    """
    postings = []
    for m in moves:
        bucket = m.shop_id.bucket
        clearing = system_account(AccountKind.CLEARING, bucket, m.currency)
        shop = owned_account(AccountKind.SHOP, m.shop_id, m.currency)
        commission = system_account(AccountKind.COMMISSION, bucket, m.currency)
        market = system_account(AccountKind.MARKET, bucket, m.currency)
        steps = (
            ("commission", commission, shop, m.from_commission, "payments.commission_returned"),
            ("out", shop, clearing, m.from_shop + m.from_commission, "payments.taken_back"),
            ("market", market, clearing, m.from_market, "payments.compensated"),
        )
        postings += [
            Posting(f"take_back/{m.key}/{step}", debit, credit, amount, reason, m.order_id)
            for step, debit, credit, amount, reason in steps
            if amount
        ]
    await post(tx, postings)


async def return_to_held(tx: Tx, moves: Sequence[TakeBack]) -> None:
    """Do the second half, in the buyers' buckets: clearing → held.

    Raises:
        ReleaseTooHigh
    """
    fresh = await _note(tx, moves, "take_back")
    await _move_parts(tx, [(m, -m.amount) for m in fresh])
    await post(
        tx,
        [
            Posting(
                f"take_back/{m.key}/in",
                system_account(AccountKind.CLEARING, m.payment_id.bucket, m.currency),
                system_account(AccountKind.HELD, m.payment_id.bucket, m.currency),
                m.amount,
                "payments.returned_to_held",
                m.order_id,
            )
            for m in fresh
        ],
    )


async def _note(tx: Tx, moves: Sequence[_Move], kind: str) -> list[_Move]:
    """Write the moves down; give those whose key is new. One with a known key must be the same move."""
    by_key = {(m.payment_id.bucket, m.key): m for m in reversed(moves)}
    keys = sorted(by_key)
    ordered = [by_key[key] for key in keys]
    rows = await tx.rows(
        """
        insert into payments.releases (bucket, key, kind, payment_id, order_id, purpose, shop_id, amount, at)
        select b, k, $8, p, o, u, s, a, $9
          from unnest($1::smallint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[])
               as t(b, k, p, o, u, s, a)
        on conflict (bucket, key, kind) do nothing returning bucket, key
        """,
        [bucket for bucket, _ in keys],
        [key for _, key in keys],
        [m.payment_id for m in ordered],
        [m.order_id for m in ordered],
        [m.purpose for m in ordered],
        [m.shop_id for m in ordered],
        [m.amount for m in ordered],
        kind,
        tx.now,
    )
    fresh = {(row["bucket"], row["key"]) for row in rows}
    await _assert_same(tx, [m for key, m in by_key.items() if key not in fresh], kind)
    return [by_key[key] for key in keys if key in fresh]


async def _assert_same(tx: Tx, moves: Sequence[_Move], kind: str) -> None:
    if not moves:
        return
    rows = await tx.rows(
        """
        select r.bucket, r.key, r.payment_id, r.order_id, r.purpose, r.shop_id, r.amount
          from unnest($1::smallint[], $2::text[]) as t(b, k)
          join payments.releases r on r.bucket = t.b and r.key = t.k and r.kind = $3
        """,
        [m.payment_id.bucket for m in moves],
        [m.key for m in moves],
        kind,
    )
    known = {(row["bucket"], row["key"]): tuple(row)[2:] for row in rows}
    for m in moves:
        asked = (m.payment_id, m.order_id, m.purpose, m.shop_id, m.amount)
        assert known[(m.payment_id.bucket, m.key)] == asked, f"{kind} {m.key} was made before with other content"


async def _move_parts(tx: Tx, moves: Sequence[tuple[_Move, int]]) -> None:
    """Move amounts from held to released (negative: back); the guard is in the UPDATE itself."""
    sums: dict[tuple[int, Id, Id, str], int] = defaultdict(int)
    for m, amount in moves:
        sums[(m.payment_id.bucket, m.payment_id, m.order_id, m.purpose)] += amount
    keys = sorted(sums)
    if not keys:
        return
    touched = await tx.execute(
        """
        update payments.parts p set held = p.held - t.a, released = p.released + t.a
          from (select * from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[])
                as t(b, i, o, u, a) order by b, i, o, u) t
         where p.bucket = t.b and p.payment_id = t.i and p.order_id = t.o and p.purpose = t.u
           and p.held >= t.a and p.released >= -t.a
        """,
        [bucket for bucket, _, _, _ in keys],
        [payment_id for _, payment_id, _, _ in keys],
        [order_id for _, _, order_id, _ in keys],
        [purpose for _, _, _, purpose in keys],
        [sums[key] for key in keys],
    )
    if touched != len(keys):
        raise ReleaseTooHigh
