"""Look into carts."""

from collections.abc import Iterable

from fairground.kit.db import Reader, Row
from fairground.kit.money import Money
from fairground.market.accounts.model import PersonId
from fairground.market.cart.model import CartLine, CartOwner
from fairground.market.catalog.model import VariantId
from fairground.market.shops.model import ShopId


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
