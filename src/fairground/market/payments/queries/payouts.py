"""Payouts and bank accounts of shops."""

from collections.abc import Sequence

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.ledger.model import AccountKind, Entry, owned_account
from fairground.market.ledger.queries import list_entries_between, map_balances
from fairground.market.payments.errors import PayoutNotFound
from fairground.market.payments.model import (
    Destination,
    DestinationId,
    Payout,
    PayoutFigures,
    PayoutId,
    PayoutState,
)


def destination_from(row: Row) -> Destination:
    """Build a bank account from its row."""
    return Destination(
        DestinationId(row["id"]),
        Id(row["shop_id"]),
        row["sealed"],
        row["hint"],
        row["valid_from"],
        row["created_at"],
    )


def payout_from(row: Row) -> Payout:
    """Build a payout from its row."""
    return Payout(
        PayoutId(row["id"]),
        Id(row["shop_id"]),
        DestinationId(row["destination_id"]),
        row["gateway"],
        Money(row["amount"], row["currency"]),
        PayoutState(row["state"]),
        row["version"],
        row["first_entry"],
        row["last_entry"],
        row["requested_at"],
        row["sent_at"],
        row["settled_at"],
        row["attempts"],
        row["next_try_at"],
        row["reference"],
        row["error"],
    )


async def find_destination(reader: Reader, shop_id: Id) -> Destination | None:
    """Find the bank account that a payout would go to now."""
    row = await reader.row(
        """
        select * from payments.destinations
         where bucket = $1 and shop_id = $2 and withdrawn_at is null and valid_from <= $3
         order by valid_from desc, id desc limit 1
        """,
        shop_id.bucket,
        shop_id,
        reader.now,
    )
    return None if row is None else destination_from(row)


async def find_coming_destination(reader: Reader, shop_id: Id) -> Destination | None:
    """Find the changed bank account that still waits."""
    row = await reader.row(
        """
        select * from payments.destinations
         where bucket = $1 and shop_id = $2 and withdrawn_at is null and valid_from > $3
         order by valid_from desc, id desc limit 1
        """,
        shop_id.bucket,
        shop_id,
        reader.now,
    )
    return None if row is None else destination_from(row)


async def map_destinations(reader: Reader, ids: Sequence[DestinationId]) -> dict[DestinationId, Destination]:
    """Map ids to bank accounts, also those that were replaced: where payouts of the past went."""
    rows = await reader.rows(
        """
        select d.* from payments.destinations d join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on d.bucket = t.b and d.id = t.i
        """,
        [i.bucket for i in ids],
        list(ids),
    )
    return {DestinationId(row["id"]): destination_from(row) for row in rows}


async def list_destinations(reader: Reader, shop_id: Id) -> list[Destination]:
    """List a shop's bank account of now and the changed one that still waits, where there is one: at most two."""
    rows = await reader.rows(
        """
        select * from payments.destinations
         where bucket = $1 and shop_id = $2 and withdrawn_at is null order by valid_from desc, id desc limit 2
        """,
        shop_id.bucket,
        shop_id,
    )
    found = [destination_from(row) for row in rows]
    current = next((place for place, one in enumerate(found) if one.valid_from <= reader.now), len(found))
    return found[: current + 1][::-1]


async def get_payout(reader: Reader, payout_id: PayoutId, shop_id: Id | None = None) -> Payout:
    """Get a payout; with `shop_id` only if it is that shop's.

    Raises:
        PayoutNotFound
    """
    row = await reader.row(
        """
        select * from payments.payouts
         where bucket = $1 and id = $2 and ($3::bigint is null or shop_id = $3)
        """,
        payout_id.bucket,
        payout_id,
        shop_id,
    )
    if row is None:
        raise PayoutNotFound
    return payout_from(row)


async def list_payouts(reader: Reader, shop_id: Id, after: str | None = None, limit: int | None = None) -> Page[Payout]:
    """List a shop's payouts, the newest first."""
    size, cursor = page_size(limit), read_cursor(after, int)
    rows = await reader.rows(
        """
        select * from payments.payouts
         where bucket = $1 and shop_id = $2 and ($3::bigint is null or id < $3) order by id desc limit $4
        """,
        shop_id.bucket,
        shop_id,
        cursor[0] if cursor else None,
        size + 1,
    )
    payouts, more = cut([payout_from(row) for row in rows], size)
    return Page(payouts, write_cursor(int(payouts[-1].id)) if more else None)


async def list_payout_lines(reader: Reader, payout: Payout, limit: int = 5000) -> list[Entry]:
    """List the statement of a payout: every entry of the shop's account since the payout before, the newest first."""
    account = owned_account(AccountKind.SHOP, payout.shop_id, payout.money.currency)
    return await list_entries_between(reader, account, payout.first_entry, payout.last_entry, limit)


async def list_due_payouts(reader: Reader, limit: int) -> list[Payout]:
    """List what should be sent now, over all buckets."""
    rows = await reader.rows(
        """
        select * from payments.payouts where state = 'requested' and next_try_at is not null and next_try_at <= $1
         order by next_try_at limit $2
        """,
        reader.now,
        limit,
    )
    return [payout_from(row) for row in rows]


async def list_payouts_under_way(reader: Reader, limit: int = 200) -> list[Payout]:
    """List payouts that have not arrived, for the desk, the oldest first."""
    rows = await reader.rows(
        """
        select * from payments.payouts where state in ('requested', 'sent') order by requested_at limit $1
        """,
        limit,
    )
    return [payout_from(row) for row in rows]


async def payout_figures(reader: Reader, shop_id: Id, currency: str) -> PayoutFigures:
    """Tell what a shop could have paid out, what is under way, and what has arrived."""
    shop = owned_account(AccountKind.SHOP, shop_id, currency)
    payout = owned_account(AccountKind.PAYOUT, shop_id, currency)
    balances = await map_balances(reader, [shop, payout])
    paid = await reader.value(
        """
        select coalesce(sum(amount), 0)::bigint from payments.payouts
         where bucket = $1 and shop_id = $2 and currency = $3 and state = 'paid'
        """,
        shop_id.bucket,
        shop_id,
        currency,
    )
    return PayoutFigures(balances[shop], balances[payout], Money(paid, currency))
