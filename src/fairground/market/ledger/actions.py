"""The one way to move money: `post`."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from fairground.kit.db import Tx
from fairground.market.ledger.errors import InsufficientFunds
from fairground.market.ledger.model import (
    FLOORLESS,
    AccountKind,
    AccountRef,
    Movement,
    Posting,
    Transfer,
    check_postings,
    movements,
    number_entries,
)
from fairground.market.ledger.queries import transfer_from


class SameKeyAtOnce(asyncpg.SerializationError):  # type: ignore[misc]
    """Two transactions posted one key at the same moment: the later is done anew and then finds it posted."""


async def post(tx: Tx, postings: Sequence[Posting]) -> list[Transfer]:
    """Make postings, all of them or none; one whose key was posted before is left as it is.

    Three statements for any number of postings. Accounts are opened at first use and locked in one order.
    Gives a transfer for each posting, in the same order; `is_new` tells which were made now.

    Raises:
        InsufficientFunds: an account would fall below its floor. The transaction cannot go on.
    """
    if not postings:
        return []
    check_postings(postings)
    known = await _find_posted(tx, postings)
    fresh: dict[tuple[int, str], Posting] = {}
    for posting in postings:
        where = (posting.debit.bucket, posting.key)
        earlier = known[where].posting if where in known else fresh.setdefault(where, posting)
        # A key stands for one movement: another content under it would be lost without a word.
        assert earlier == posting, f"{posting.key} was posted before as {earlier}"
    if fresh:
        new = list(fresh.values())
        transfers = number_entries(new, await _move_balances(tx, movements(new)), tx.now)
        await _write_transfers(tx, transfers)
        known |= {(t.posting.debit.bucket, t.posting.key): t for t in transfers}
    return [known[(posting.debit.bucket, posting.key)] for posting in postings]


async def allow_overdraft(tx: Tx, shop: AccountRef, floor: int) -> None:
    """Let a shop's account, once opened, fall to a floor (zero or below, minor units).

    Raises:
        InsufficientFunds: it stands lower than that already.
    """
    assert shop.kind == AccountKind.SHOP, "only a shop may go below zero"
    assert floor <= 0, "a floor above zero would lock money away"
    try:
        touched = await tx.execute(
            """
            update ledger.accounts set floor = $5
             where bucket = $1 and owner = $2 and kind = $3 and currency = $4
            """,
            *_key(shop),
            floor,
        )
    except asyncpg.CheckViolationError as trouble:
        raise _told(trouble) from trouble
    assert touched == 1, "the account is not open yet"


async def _find_posted(tx: Tx, postings: Sequence[Posting]) -> dict[tuple[int, str], Transfer]:
    rows = await tx.rows(
        """
        select t.* from unnest($1::smallint[], $2::text[]) as k(b, k)
          join ledger.transfers t on t.bucket = k.b and t.key = k.k
        """,
        [p.debit.bucket for p in postings],
        [p.key for p in postings],
    )
    return {(row["bucket"], row["key"]): transfer_from(row) for row in rows}


async def _move_balances(tx: Tx, moves: list[tuple[AccountRef, Movement]]) -> dict[AccountRef, tuple[int, int]]:
    """Open or move all accounts; give entries and balance of each as they stand now.

    An INSERT … ON CONFLICT takes its locks in the order of its rows, which an UPDATE … FROM does not promise. But its
    proposed row is checked before the conflict is seen, so a debit comes with balance 0 and its change in `moved`.
    """
    try:
        rows = await tx.rows(
            """
            insert into ledger.accounts as a (bucket, owner, kind, currency, balance, moved, entries, floor, opened_at)
            select b, o, k, c, case when f = 0 then greatest(m, 0) else m end, m, n, f, $8
              from unnest($1::smallint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
                          $7::bigint[]) with ordinality as t(b, o, k, c, m, n, f, i) order by i
            on conflict (bucket, owner, kind, currency) do update
               set balance = a.balance + excluded.moved, moved = excluded.moved, entries = a.entries + excluded.entries
            returning bucket, owner, kind, currency, entries, balance
            """,
            [ref.bucket for ref, _ in moves],
            [ref.owner for ref, _ in moves],
            [ref.kind for ref, _ in moves],
            [ref.currency for ref, _ in moves],
            [move.change for _, move in moves],
            [move.entries for _, move in moves],
            [None if ref.kind in FLOORLESS else 0 for ref, _ in moves],
            tx.now,
        )
        after = {
            AccountRef(r["bucket"], r["owner"], AccountKind(r["kind"]), r["currency"]): (r["entries"], r["balance"])
            for r in rows
        }
        for ref, move in moves:
            if move.change < 0 and ref.kind not in FLOORLESS and after[ref][0] == move.entries:
                await _refuse_new(tx, ref)
    except asyncpg.CheckViolationError as trouble:
        raise _told(trouble) from trouble
    return after


async def _refuse_new(tx: Tx, ref: AccountRef) -> None:
    """Let the database refuse an account that would begin with a debt, so that no caller can catch it and go on."""
    await tx.execute(
        "update ledger.accounts set balance = moved where bucket = $1 and owner = $2 and kind = $3 and currency = $4",
        *_key(ref),
    )
    raise AssertionError(f"{ref} began below its floor")


async def _write_transfers(tx: Tx, transfers: Sequence[Transfer]) -> None:
    postings = [t.posting for t in transfers]
    written = await tx.execute(
        """
        insert into ledger.transfers (bucket, key, debit_owner, debit_kind, debit_entry, debit_balance, credit_owner,
               credit_kind, credit_entry, credit_balance, amount, currency, reason, subject, at)
        select t.*, $15 from unnest($1::smallint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[],
               $7::bigint[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::text[],
               $14::bigint[]) as t
        on conflict (bucket, key) do nothing
        """,
        [p.debit.bucket for p in postings],
        [p.key for p in postings],
        [p.debit.owner for p in postings],
        [p.debit.kind for p in postings],
        [t.debit_entry for t in transfers],
        [t.debit_balance for t in transfers],
        [p.credit.owner for p in postings],
        [p.credit.kind for p in postings],
        [t.credit_entry for t in transfers],
        [t.credit_balance for t in transfers],
        [p.amount for p in postings],
        [p.debit.currency for p in postings],
        [p.reason for p in postings],
        [p.subject for p in postings],
        tx.now,
    )
    if written != len(transfers):
        raise SameKeyAtOnce("a key was posted by another transaction meanwhile")


def _key(ref: AccountRef) -> tuple[int, int, str, str]:
    return ref.bucket, ref.owner, ref.kind, ref.currency


def _told(trouble: Any) -> Exception:
    """Turn the database's refusal into ours; any other broken constraint stays what it is."""
    if trouble.constraint_name == "accounts_floor":
        return InsufficientFunds()
    raise trouble
