"""Look into carts."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id, to_text
from fairground.kit.money import Money
from fairground.kit.paging import MOST, Page, cut, page_size, read_cursor, write_cursor
from fairground.market.accounts.model import PersonId
from fairground.market.cart.model import CartLine, CartOwner, Follow, Kept
from fairground.market.catalog.model import ProductId, VariantId
from fairground.market.shops.model import ShopId

T = TypeVar("T")


async def get_cart(reader: Reader, owner: CartOwner) -> list[CartLine]:
    """Get the lines of a cart, what was put in last first; a cart nobody ever touched is empty."""
    rows = await reader.rows(
        """
        select variant_id, shop_id, title, quantity, selected, added_price, currency, added_at from cart.lines
         where bucket = $1 and owner_id = $2 order by added_at desc, variant_id desc
        """,
        owner.id.bucket,
        owner.id,
    )
    return [line_from(row) for row in rows]


async def list_selected(reader: Reader, owner: CartOwner) -> list[CartLine]:
    """List the chosen lines of a cart; a checkout leaves out those that cannot be bought (see `look_at_cart`)."""
    return [line for line in await get_cart(reader, owner) if line.selected]


async def map_selected(reader: Reader, person_ids: Iterable[PersonId]) -> dict[PersonId, list[CartLine]]:
    """Map people to the chosen lines of their carts, as `list_selected`; those who chose nothing are left out."""
    wanted = sorted(set(person_ids))
    if not wanted:
        return {}
    rows = await reader.rows(
        """
        select l.owner_id, l.variant_id, l.shop_id, l.title, l.quantity, l.selected, l.added_price, l.currency,
               l.added_at
          from cart.lines l join unnest($1::smallint[], $2::bigint[]) as t(b, o) on l.bucket = t.b and l.owner_id = t.o
         where l.selected order by l.owner_id, l.added_at desc, l.variant_id desc
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    found: dict[PersonId, list[CartLine]] = {}
    for row in rows:
        found.setdefault(PersonId(row["owner_id"]), []).append(line_from(row))
    return found


async def count_lines(reader: Reader, owner: CartOwner) -> int:
    """Count the lines of a cart, for the number beside its icon."""
    count = await reader.value(
        "select line_count from cart.carts where bucket = $1 and owner_id = $2", owner.id.bucket, owner.id
    )
    return count or 0


def line_from(row: Row) -> CartLine:
    """Build a line from its row."""
    return CartLine(
        variant_id=VariantId(row["variant_id"]),
        shop_id=ShopId(row["shop_id"]),
        title=row["title"],
        quantity=row["quantity"],
        selected=row["selected"],
        added_price=Money(row["added_price"], row["currency"]),
        added_at=row["added_at"],
    )


async def list_kept(
    reader: Reader, person_id: PersonId, *, after: str | None = None, limit: int | None = None
) -> Page[Kept]:
    """List the products that a person keeps for later, the latest first."""
    size = page_size(limit)
    moment, last = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select product_id, shop_id, title, price, currency, kept_at from cart.kept
         where bucket = $1 and person_id = $2
           and ($3::timestamptz is null or (kept_at, product_id) < ($3, $4::bigint))
         order by kept_at desc, product_id desc limit $5
        """,
        person_id.bucket,
        person_id,
        moment,
        last,
        size + 1,
    )
    found, more = cut(rows, size)
    kept = [
        Kept(
            ProductId(row["product_id"]),
            ShopId(row["shop_id"]),
            row["title"],
            Money(row["price"], row["currency"]),
            row["kept_at"],
        )
        for row in found
    ]
    return Page(kept, write_cursor(kept[-1].at, int(kept[-1].product_id)) if more else None)


async def list_follows(
    reader: Reader, person_id: PersonId, *, after: str | None = None, limit: int | None = None
) -> Page[Follow]:
    """List the shops that a person follows, the latest first."""
    size = page_size(limit)
    moment, last = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select shop_id, followed_at from cart.follows
         where bucket = $1 and person_id = $2
           and ($3::timestamptz is null or (followed_at, shop_id) < ($3, $4::bigint))
         order by followed_at desc, shop_id desc limit $5
        """,
        person_id.bucket,
        person_id,
        moment,
        last,
        size + 1,
    )
    found, more = cut(rows, size)
    follows = [Follow(ShopId(row["shop_id"]), row["followed_at"]) for row in found]
    return Page(follows, write_cursor(follows[-1].at, int(follows[-1].shop_id)) if more else None)


async def which_hearts(reader: Reader, person_id: PersonId, ids: Iterable[Id]) -> set[Id]:
    """Tell which of these products a person keeps and which of these shops they follow, in one look."""
    wanted = sorted(set(ids))
    rows = await reader.rows(
        """
        select product_id as id from cart.kept where bucket = $1 and person_id = $2 and product_id = any($3)
        union all
        select shop_id from cart.follows where bucket = $1 and person_id = $2 and shop_id = any($3)
        """,
        person_id.bucket,
        person_id,
        wanted,
    )
    return {Id(row["id"]) for row in rows}


async def export_kept(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give what this room knows about a person, for the export of personal data."""
    things = {
        "lines": await get_cart(reader, CartOwner(person_id)),
        "kept": await _all(list_kept, reader, person_id),
        "follows": await _all(list_follows, reader, person_id),
    }
    return {"cart": msgspec.to_builtins(things, enc_hook=to_text)}


async def _all(listing: Callable[..., Awaitable[Page[T]]], reader: Reader, person_id: PersonId) -> list[T]:
    found = await listing(reader, person_id, limit=MOST)
    items = list(found.items)
    while found.next is not None:
        found = await listing(reader, person_id, after=found.next, limit=MOST)
        items += found.items
    return items
