"""Balances, statements, and the proof of the books."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.ledger.model import AccountKind, AccountRef, Discrepancy, Entry, Posting, Transfer

# Money that left one bucket and is not yet in the other is explained for so long: events are heard much sooner.
IN_TRANSIT: Final = timedelta(minutes=15)
FINDINGS: Final = 1000


def transfer_from(row: Row) -> Transfer:
    """Build a transfer from its row."""
    debit = AccountRef(row["bucket"], row["debit_owner"], AccountKind(row["debit_kind"]), row["currency"])
    credit = AccountRef(row["bucket"], row["credit_owner"], AccountKind(row["credit_kind"]), row["currency"])
    return Transfer(
        Posting(row["key"], debit, credit, row["amount"], row["reason"], Id(row["subject"])),
        row["debit_entry"],
        row["debit_balance"],
        row["credit_entry"],
        row["credit_balance"],
        row["at"],
    )


def entry_from(row: Row) -> Entry:
    """Build a statement's line from its row."""
    return Entry(
        row["entry"],
        row["amount"],
        row["balance"],
        row["currency"],
        row["reason"],
        Id(row["subject"]),
        AccountKind(row["other"]),
        row["key"],
        row["at"],
    )


async def balance(reader: Reader, ref: AccountRef) -> Money:
    """Read a balance; an account never used stands at zero."""
    return (await map_balances(reader, [ref]))[ref]


async def map_balances(reader: Reader, refs: Sequence[AccountRef]) -> dict[AccountRef, Money]:
    """Read many balances."""
    rows = await reader.rows(
        """
        select a.bucket, a.owner, a.kind, a.currency, a.balance
          from unnest($1::smallint[], $2::bigint[], $3::text[], $4::text[]) as t(b, o, k, c)
          join ledger.accounts a on a.bucket = t.b and a.owner = t.o and a.kind = t.k and a.currency = t.c
        """,
        [ref.bucket for ref in refs],
        [ref.owner for ref in refs],
        [ref.kind for ref in refs],
        [ref.currency for ref in refs],
    )
    found = {(r["bucket"], r["owner"], r["kind"], r["currency"]): r["balance"] for r in rows}
    return {ref: Money(found.get((ref.bucket, ref.owner, ref.kind, ref.currency), 0), ref.currency) for ref in refs}


async def list_entries(
    reader: Reader, ref: AccountRef, after: str | None = None, limit: int | None = None
) -> Page[Entry]:
    """List what happened on a shop's or a person's account, the newest first."""
    assert ref.owner > 0, "the market's own accounts have no statement; their figures are sums"
    size, cursor = page_size(limit), read_cursor(after, int)
    rows = await _entries(reader, ref, 1, cursor[0] - 1 if cursor else 2**62, size + 1)
    entries, more = cut([entry_from(row) for row in rows], size)
    return Page(entries, write_cursor(entries[-1].entry) if more else None)


async def list_entries_between(reader: Reader, ref: AccountRef, first: int, last: int, limit: int) -> list[Entry]:
    """List the entries numbered `first` to `last` of an owned account, the newest first, at most `limit`."""
    assert ref.owner > 0, "the market's own accounts have no statement; their figures are sums"
    return [entry_from(row) for row in await _entries(reader, ref, first, last, limit)]


async def _entries(reader: Reader, ref: AccountRef, first: int, last: int, limit: int) -> list[Row]:
    return await reader.rows(
        """
        (select debit_entry as entry, -amount as amount, debit_balance as balance, credit_kind as other,
                currency, reason, subject, key, at
           from ledger.transfers
          where bucket = $1 and debit_owner = $2 and debit_owner > 0 and debit_kind = $3 and currency = $4
            and debit_entry between $5 and $6 order by debit_entry desc limit $7)
        union all
        (select credit_entry, amount, credit_balance, debit_kind, currency, reason, subject, key, at
           from ledger.transfers
          where bucket = $1 and credit_owner = $2 and credit_owner > 0 and credit_kind = $3 and currency = $4
            and credit_entry between $5 and $6 order by credit_entry desc limit $7)
        order by entry desc limit $7
        """,
        ref.bucket,
        ref.owner,
        ref.kind,
        ref.currency,
        first,
        last,
        limit,
    )


async def list_transfers(reader: Reader, bucket: int, subject: Id, limit: int = 200) -> list[Transfer]:
    """List what moved in one bucket because of an order, a refund or a payout, the oldest first."""
    rows = await reader.rows(
        """
        select * from ledger.transfers where bucket = $1 and subject = $2
         order by at, credit_kind, credit_entry, key limit $3
        """,
        bucket,
        subject,
        limit,
    )
    return [transfer_from(row) for row in rows]


async def list_balances(reader: Reader, kind: AccountKind) -> list[tuple[AccountRef, Money]]:
    """List the balances of one kind in every bucket (for the market's figures and for audits of the rooms above)."""
    rows = await reader.rows(
        "select bucket, owner, currency, balance from ledger.accounts where kind = $1 order by bucket, owner", kind
    )
    return [
        (AccountRef(r["bucket"], r["owner"], kind, r["currency"]), Money(r["balance"], r["currency"])) for r in rows
    ]


async def sum_balances(reader: Reader) -> list[tuple[AccountKind, Money]]:
    """Add up the balances of each kind and currency over all buckets."""
    rows = await reader.rows(
        "select kind, currency, sum(balance)::bigint as total from ledger.accounts group by 1, 2 order by 1, 2"
    )
    return [(AccountKind(row["kind"]), Money(row["total"], row["currency"])) for row in rows]


async def audit_ledger(reader: Reader) -> list[Discrepancy]:
    """Prove the books: give whatever is not as promised, at most a thousand lines of each kind."""
    return [
        *await _audit_sums(reader),
        *await _audit_balances(reader),
        *await _audit_entries(reader),
        *await _audit_clearing(reader, reader.now - IN_TRANSIT),
    ]


async def _audit_sums(reader: Reader) -> list[Discrepancy]:
    # Both legs lie in one bucket, so not only all the books but each bucket's add up to zero.
    rows = await reader.rows(
        """
        select bucket, currency, sum(balance)::bigint as total from ledger.accounts
         group by bucket, currency having sum(balance) <> 0 order by 1, 2 limit $1
        """,
        FINDINGS,
    )
    return [Discrepancy("ledger.sum_is_zero", f"bucket {r['bucket']} {r['currency']}", 0, r["total"]) for r in rows]


async def _audit_balances(reader: Reader) -> list[Discrepancy]:
    rows = await reader.rows(
        """
        with lines as (
          select bucket, debit_owner as owner, debit_kind as kind, currency, -amount as amount from ledger.transfers
          union all
          select bucket, credit_owner, credit_kind, currency, amount from ledger.transfers),
        sums as (
          select bucket, owner, kind, currency, sum(amount)::bigint as total from lines group by 1, 2, 3, 4)
        select bucket, owner, kind, currency, coalesce(s.total, 0) as total, coalesce(a.balance, 0) as balance
          from ledger.accounts a full join sums s using (bucket, owner, kind, currency)
         where coalesce(s.total, 0) <> coalesce(a.balance, 0) order by 1, 2, 3, 4 limit $1
        """,
        FINDINGS,
    )
    return [
        Discrepancy(
            "ledger.balance_is_sum_of_entries",
            f"bucket {r['bucket']} {r['kind']} {r['owner']} {r['currency']}",
            r["total"],
            r["balance"],
        )
        for r in rows
    ]


async def _audit_entries(reader: Reader) -> list[Discrepancy]:
    """Every account counts its entries; the count must be that of its transfers, or one was removed."""
    rows = await reader.rows(
        """
        with lines as (
          select bucket, debit_owner as owner, debit_kind as kind, currency from ledger.transfers
          union all select bucket, credit_owner, credit_kind, currency from ledger.transfers),
        counts as (select bucket, owner, kind, currency, count(*) as n from lines group by 1, 2, 3, 4)
        select bucket, owner, kind, currency, coalesce(n, 0) as n, coalesce(a.entries, 0) as entries
          from ledger.accounts a full join counts using (bucket, owner, kind, currency)
         where coalesce(n, 0) <> coalesce(a.entries, 0) order by 1, 2, 3, 4 limit $1
        """,
        FINDINGS,
    )
    return [
        Discrepancy(
            "ledger.entries_are_counted",
            f"bucket {r['bucket']} {r['kind']} {r['owner']} {r['currency']}",
            r["entries"],
            r["n"],
        )
        for r in rows
    ]


async def _audit_clearing(reader: Reader, settled_before: datetime) -> list[Discrepancy]:
    """What left one bucket through clearing for a subject must have come into another, unless it left just now."""
    rows = await reader.rows(
        """
        select subject, currency, total from (
          select subject, currency, max(at) as last,
                 sum(case when credit_kind = 'clearing' then amount else -amount end)::bigint as total
            from ledger.transfers where credit_kind = 'clearing' or debit_kind = 'clearing'
           group by subject, currency) t
         where total <> 0 and last < $1 order by 1, 2 limit $2
        """,
        settled_before,
        FINDINGS,
    )
    return [
        Discrepancy("ledger.clearing_is_empty", f"subject {r['subject']} {r['currency']}", 0, r["total"]) for r in rows
    ]
