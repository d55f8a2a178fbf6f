"""What a shop's people see of their own goods: found by state and words, with the codes of their variants."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from fairground.kit.db import Reader
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.catalog.model import ProductCard, ProductId, ProductState, VariantId
from fairground.market.catalog.queries.lists import card_from
from fairground.market.shops.model import ShopId


class Goods(msgspec.Struct, frozen=True):
    """A product in the seller's list; variants in their order."""

    card: ProductCard
    handle: str | None
    variant_ids: list[VariantId]
    changed_at: datetime


async def list_goods(
    reader: Reader,
    shop_id: ShopId,
    *,
    state: ProductState | None = None,
    words: str = "",
    among: Sequence[VariantId] | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page[Goods]:
    """List a shop's goods, the last changed first; `words` are looked for in the title, or are a whole code.

    With `among` only the goods that one of these variants belongs to.
    """
    size = page_size(limit)
    moment, product_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select p.*, array(select v.id from catalog.variants v
                           where v.bucket = $1 and v.product_id = p.id and v.removed_at is null
                           order by v.position, v.id) as variant_ids
          from catalog.products p
         where p.bucket = $1 and p.shop_id = $2 and ($3::text is null or p.state = $3)
           and ($4::text is null or position($4 in lower(p.title)) > 0 or lower(p.handle) = $4
                or exists (select 1 from catalog.variants c
                            where c.bucket = $1 and c.product_id = p.id and lower(c.sku) = $4 and c.removed_at is null))
           and ($8::bigint[] is null
                or exists (select 1 from catalog.variants a where a.bucket = $1 and a.id = any($8)
                              and a.product_id = p.id and a.removed_at is null))
           and ($5::timestamptz is null or (p.changed_at, p.id) < ($5, $6::bigint))
         order by p.changed_at desc, p.id desc limit $7
        """,
        shop_id.bucket,
        shop_id,
        state,
        words.strip().lower() or None,
        moment,
        product_id,
        size + 1,
        None if among is None else list(among),
    )
    found, more = cut(rows, size)
    items = [
        Goods(card_from(row), row["handle"], [VariantId(i) for i in row["variant_ids"]], row["changed_at"])
        for row in found
    ]
    return Page(items, write_cursor(found[-1]["changed_at"], found[-1]["id"]) if more else None)


class VariantLine(msgspec.Struct, frozen=True):
    """A variant in the seller's lists: the values of its options in their order."""

    id: VariantId
    values: list[str]
    sku: str


async def map_variant_lines(
    reader: Reader, shop_id: ShopId, product_ids: Sequence[ProductId]
) -> dict[ProductId, list[VariantLine]]:
    """Map products of a shop to their variants."""
    rows = await reader.rows(
        """
        select product_id, id, options, sku from catalog.variants
         where bucket = $1 and product_id = any($2) and removed_at is null order by product_id, position, id
        """,
        shop_id.bucket,
        list(product_ids),
    )
    found: dict[ProductId, list[VariantLine]] = {product_id: [] for product_id in product_ids}
    for row in rows:
        found[ProductId(row["product_id"])].append(VariantLine(VariantId(row["id"]), row["options"], row["sku"]))
    return found
