"""Count, take and give back. Whoever writes stock locks its rows first, in the order of (bucket, id)."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.events import Event, publish
from fairground.kit.ids import Id
from fairground.market.inventory.allot import allot, in_lock_order, variants_of, wanted_of
from fairground.market.inventory.errors import StockNotFound
from fairground.market.inventory.events import BackInStock, SoldOut, StockChanged, StockRanLow
from fairground.market.inventory.model import Allotted, Claim, Hold, InventoryRules, MoveReason, Taken


class _Locked(msgspec.Struct, frozen=True):
    """A stock row as it was when we locked it."""

    variant_id: Id
    owner_id: Id
    counted: bool
    on_hand: int
    version: int

    @property
    def free(self) -> int | None:
        return self.on_hand if self.counted else None


class _Change(msgspec.Struct, frozen=True):
    """One move to be written."""

    variant_id: Id
    quantity: int
    reason: MoveReason
    claim_id: Id | None = None


async def open_stock(tx: Tx, owner_id: Id, stock: Sequence[tuple[Id, int | None]]) -> None:
    """Open the stock of new variants of a shop, any number at once; None = not counted."""
    if not stock:
        return
    check_stock([on_hand for _, on_hand in stock], tx.given(InventoryRules))
    ids = [variant_id for variant_id, _ in stock]
    buckets = [variant_id.bucket for variant_id in ids]
    counted = [on_hand is not None for _, on_hand in stock]
    numbers = [on_hand or 0 for _, on_hand in stock]
    await tx.execute(
        """
        insert into inventory.stock (bucket, variant_id, owner_id, counted, on_hand, version, changed_at)
        select b, v, $5, c, n, 1, $6
          from unnest($1::smallint[], $2::bigint[], $3::boolean[], $4::int[]) as t(b, v, c, n)
        """,
        buckets,
        ids,
        counted,
        numbers,
        owner_id,
        tx.now,
    )
    await _insert_moves(tx, [(_Change(i, n, MoveReason.OPENED), 1, n) for i, n in zip(ids, numbers, strict=True)])


async def set_stock(tx: Tx, variant_id: Id, stock: int | None) -> None:
    """Set what the shop counted of a variant; None = not counted from now on.

    Raises:
        StockNotFound: there is no such variant.
        Invalid: the number is below zero or past the limit (`/stock`).
    """
    await set_stocks(tx, [(variant_id, stock)])


async def set_stocks(
    tx: Tx, counted: Sequence[tuple[Id, int | None]], *, pointers: Sequence[str] = ("/stock",)
) -> None:
    """Set what was counted of many variants at once; numbers that did not change leave no move.

    Raises:
        StockNotFound: there is no such variant.
        Invalid: a number is below zero or past the limit; `pointers` names the field of each.
    """
    check_stock([stock for _, stock in counted], tx.given(InventoryRules), pointers)
    wished = dict(counted)
    locked = await _lock(tx, wished)
    if locked.keys() != wished.keys():
        raise StockNotFound()
    changes, free, events = [], {}, []
    for variant_id, row in locked.items():
        stock = wished[variant_id]
        if stock == row.free:
            continue
        reason = MoveReason.UNCOUNTED if stock is None else MoveReason.COUNTED
        changes.append(_Change(variant_id, (stock or 0) - row.on_hand, reason))
        free[variant_id] = stock
        events.append(
            StockChanged(variant_id=variant_id, owner_id=row.owner_id, on_hand=stock, version=row.version + 1)
        )
    await _move(tx, locked, changes, free)
    await publish(tx, *events)


def check_stock(numbers: Sequence[int | None], rules: InventoryRules, pointers: Sequence[str] = ("/stock",)) -> None:
    """Refuse numbers that cannot be stock; raises `Invalid` with all of them."""
    findings = Findings()
    for index, number in enumerate(numbers):
        findings.check(
            number is None or 0 <= number <= rules.most_on_hand,
            pointers[min(index, len(pointers) - 1)],
            "range",
            N_("Between 0 and %(most)d, please, or nothing at all if you do not count."),
            most=rules.most_on_hand,
        )
    findings.raise_any()


async def take(tx: Tx, claims: Sequence[Claim]) -> list[Allotted]:
    """Take the pieces of any number of claims out of stock; answers stand in the order of the claims.

    Greedy in order of arrival, all or nothing for each claim. A refused claim leaves nothing behind. The pieces
    are held for the claim until `mark_sold` or `give_back`. The same claim cannot take a variant twice.
    """
    ids = variants_of(claims)
    locked = await _lock_counted(tx, ids)
    free: dict[Id, int | None] = {i: row.on_hand for i, row in locked.items()}
    if len(locked) < len(ids):
        # Not counted, or unknown. Read after the locks, so that a row that lost its number while we waited is seen;
        # one that got a number in between is refused, and the buyer's next try finds it.
        free |= await _uncounted(tx, [i for i in ids if i not in locked])
    answers = allot(free, claims)
    changes = [
        _Change(variant_id, -quantity, MoveReason.TAKEN, claim.claim_id)
        for claim, answer in zip(claims, answers, strict=True)
        if isinstance(answer, Taken)
        for variant_id, quantity in wanted_of(claim).items()
        if variant_id in locked
    ]
    await _hold(tx, changes)
    await _move(tx, locked, changes)
    return answers


async def mark_sold(tx: Tx, holds: Iterable[Hold]) -> int:
    """Mark held pieces as sold, so that no sweep returns them; gives how many reservations changed.

    `holds` are pairs of (claim, variant); one that holds nothing (uncounted stock, marked before) is passed over.
    """
    claims, variants = _columns(holds)
    return await tx.execute(
        """
        update inventory.reservations r set state = 'sold', changed_at = $4
          from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, c, v)
         where r.bucket = t.b and r.claim_id = t.c and r.variant_id = t.v and r.state = 'held'
        """,
        [v.bucket for v in variants],
        claims,
        variants,
        tx.now,
    )


async def give_back(tx: Tx, holds: Iterable[Hold]) -> int:
    """Give held or sold pieces back to stock; gives how many reservations were returned.

    `holds` are pairs of (claim, variant); what was returned before is passed over, so it may be called twice.
    Where the shop has stopped counting in the meantime the reservation ends and no number moves.
    """
    claims, variants = _columns(holds)
    # Stock first, as in `take`: whoever locked reservations first would wait for us while we wait for them.
    locked = await _lock_counted(tx, in_lock_order(variants))
    rows = await tx.rows(
        """
        update inventory.reservations r set state = 'returned', changed_at = $4
          from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, c, v)
         where r.bucket = t.b and r.claim_id = t.c and r.variant_id = t.v and r.state in ('held', 'sold')
        returning r.claim_id, r.variant_id, r.quantity
        """,
        [v.bucket for v in variants],
        claims,
        variants,
        tx.now,
    )
    changes = [
        _Change(Id(row["variant_id"]), row["quantity"], MoveReason.RETURNED, Id(row["claim_id"]))
        for row in rows
        if row["variant_id"] in locked
    ]
    await _move(tx, locked, changes)
    return len(rows)


def _columns(holds: Iterable[Hold]) -> tuple[list[Id], list[Id]]:
    pairs = sorted(set(holds), key=lambda hold: (hold[1].bucket, hold[1], hold[0]))
    return [claim for claim, _ in pairs], [variant for _, variant in pairs]


async def _lock(tx: Tx, variant_ids: Iterable[Id]) -> dict[Id, _Locked]:
    ids = in_lock_order(variant_ids)
    rows = await tx.rows(
        """
        select s.variant_id, s.owner_id, s.counted, s.on_hand, s.version
          from inventory.stock s join unnest($1::smallint[], $2::bigint[]) as t(b, v)
            on s.bucket = t.b and s.variant_id = t.v
         order by s.bucket, s.variant_id for no key update of s
        """,
        [i.bucket for i in ids],
        ids,
    )
    return {Id(r[0]): _Locked(Id(r[0]), Id(r[1]), r[2], r[3], r[4]) for r in rows}


async def _lock_counted(tx: Tx, ids: list[Id]) -> dict[Id, _Locked]:
    """The same for counted rows only: one that is not counted would be a lock for nothing, on the best seller."""
    rows = await tx.rows(
        """
        select s.variant_id, s.owner_id, s.counted, s.on_hand, s.version
          from inventory.stock s join unnest($1::smallint[], $2::bigint[]) as t(b, v)
            on s.bucket = t.b and s.variant_id = t.v
         where s.counted order by s.bucket, s.variant_id for no key update of s
        """,
        [i.bucket for i in ids],
        ids,
    )
    return {Id(r[0]): _Locked(Id(r[0]), Id(r[1]), r[2], r[3], r[4]) for r in rows}


async def _uncounted(tx: Tx, ids: list[Id]) -> dict[Id, None]:
    rows = await tx.rows(
        """
        select s.variant_id from inventory.stock s join unnest($1::smallint[], $2::bigint[]) as t(b, v)
            on s.bucket = t.b and s.variant_id = t.v
         where not s.counted
        """,
        [i.bucket for i in ids],
        ids,
    )
    return {Id(row["variant_id"]): None for row in rows}


async def _hold(tx: Tx, changes: list[_Change]) -> None:
    if not changes:
        return
    await tx.execute(
        """
        insert into inventory.reservations (bucket, claim_id, variant_id, quantity, state, taken_at, changed_at)
        select b, c, v, q, 'held', $5, $5
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::int[]) as t(b, c, v, q)
        """,
        [c.variant_id.bucket for c in changes],
        [c.claim_id for c in changes],
        [c.variant_id for c in changes],
        [-c.quantity for c in changes],
        tx.now,
    )


async def _move(
    tx: Tx, locked: Mapping[Id, _Locked], changes: Sequence[_Change], free: Mapping[Id, int | None] | None = None
) -> None:
    """Write moves to locked rows; `free` gives the number (or None) of rows that were counted anew."""
    if not changes:
        return
    numbered: list[tuple[_Change, int, int]] = []
    after: dict[Id, _Locked] = {}
    for change in changes:
        row = after.get(change.variant_id) or locked[change.variant_id]
        on_hand, version = row.on_hand + change.quantity, row.version + 1
        counted = row.counted if free is None else free[change.variant_id] is not None
        after[change.variant_id] = msgspec.structs.replace(row, on_hand=on_hand, version=version, counted=counted)
        numbered.append((change, version, on_hand))
    await _update(tx, [(locked[i], row) for i, row in after.items()])
    await _insert_moves(tx, numbered)
    await publish(tx, *[event for i, row in after.items() for event in _marks(tx, locked[i], row)])


async def _update(tx: Tx, rows: list[tuple[_Locked, _Locked]]) -> None:
    # The version is the guard: whatever was decided above holds only for the row as it was locked.
    touched = await tx.execute(
        """
        update inventory.stock s
           set on_hand = t.on_hand, counted = t.counted, version = t.after, changed_at = $7
          from unnest($1::smallint[], $2::bigint[], $3::int[], $4::boolean[], $5::int[], $6::int[])
               as t(b, v, on_hand, counted, before, after)
         where s.bucket = t.b and s.variant_id = t.v and s.version = t.before
        """,
        [after.variant_id.bucket for _, after in rows],
        [after.variant_id for _, after in rows],
        [after.on_hand for _, after in rows],
        [after.counted for _, after in rows],
        [before.version for before, _ in rows],
        [after.version for _, after in rows],
        tx.now,
    )
    assert touched == len(rows), "a locked stock row was changed by somebody else"


async def _insert_moves(tx: Tx, moves: Sequence[tuple[_Change, int, int]]) -> None:
    await tx.execute(
        """
        insert into inventory.moves
          (bucket, variant_id, number, quantity, balance, reason, claim_id, actor, actor_id, at)
        select b, v, n, q, l, r, c, $8, $9, $10
          from unnest($1::smallint[], $2::bigint[], $3::int[], $4::int[], $5::int[], $6::text[], $7::bigint[])
               as t(b, v, n, q, l, r, c)
        """,
        [change.variant_id.bucket for change, _, _ in moves],
        [change.variant_id for change, _, _ in moves],
        [number for _, number, _ in moves],
        [change.quantity for change, _, _ in moves],
        [balance for _, _, balance in moves],
        [change.reason for change, _, _ in moves],
        [change.claim_id for change, _, _ in moves],
        tx.actor.name,
        tx.actor.person_id,
        tx.now,
    )


def _marks(tx: Tx, before: _Locked, after: _Locked) -> list[Event]:
    """Tell which marks a row crossed."""
    variant_id, owner_id, version = after.variant_id, after.owner_id, after.version
    had, has = before.free, after.free
    if has == 0 and had != 0:
        return [SoldOut(variant_id=variant_id, owner_id=owner_id, version=version)]
    if had == 0 and has != 0:
        return [BackInStock(variant_id=variant_id, owner_id=owner_id, version=version)]
    low = tx.given(InventoryRules).low_stock
    if has is not None and has <= low and (had is None or had > low):
        return [StockRanLow(variant_id=variant_id, owner_id=owner_id, on_hand=has, version=version)]
    return []
