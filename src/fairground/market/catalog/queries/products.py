"""Reads of products, variants and offers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id, from_plain
from fairground.kit.money import Money
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.catalog.errors import ProductNotFound, VariantNotFound
from fairground.market.catalog.model import (
    Format,
    Offer,
    Option,
    Picture,
    Product,
    ProductId,
    ProductState,
    ProductVersion,
    Translation,
    Variant,
    VariantId,
)
from fairground.market.catalog.model.attributes import NO_RETURN_KINDS
from fairground.market.media.model import MediaId
from fairground.market.shops.model import ShopId


async def get_product(reader: Reader, product_id: ProductId) -> Product:
    """Get a product in any state, with its variants.

    Raises:
        ProductNotFound
    """
    found = await map_products(reader, [product_id])
    if product_id not in found:
        raise ProductNotFound
    return found[product_id]


async def map_products(reader: Reader, ids: Iterable[ProductId]) -> dict[ProductId, Product]:
    """Map products to themselves with their variants, in two statements for any number."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    buckets = [i.bucket for i in wanted]
    rows = await reader.rows(
        """
        select p.* from catalog.products p join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on p.bucket = t.b and p.id = t.i
        """,
        buckets,
        wanted,
    )
    variants = await reader.rows(
        """
        select v.* from catalog.variants v join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on v.bucket = t.b and v.product_id = t.i
         where v.removed_at is null order by v.product_id, v.position, v.id
        """,
        buckets,
        wanted,
    )
    by_product: Mapping[int, list[Row]] = defaultdict(list)
    for variant in variants:
        by_product[variant["product_id"]].append(variant)
    return {ProductId(row["id"]): product_from(row, by_product[row["id"]]) for row in rows}


async def map_offers(reader: Reader, variant_ids: Iterable[VariantId]) -> dict[VariantId, Offer]:
    """Map variants to what cart and checkout need of them; removed ones are not in the answer."""
    wanted = sorted(set(variant_ids))
    if not wanted:
        return {}
    rows = await reader.rows(
        """
        select v.id, v.product_id, p.shop_id, p.title, p.language, p.options as names, v.options, v.price, v.compare_at,
               v.currency, coalesce(v.picture_id, p.picture_id) as picture_id, v.weight_grams, v.sku, p.category,
               p.state = 'on_sale' and p.shop_sells as on_sale, p.version, p.attributes ->> 'no-return' as no_return
          from unnest($1::smallint[], $2::bigint[]) as t(b, i)
          join catalog.variants v on v.bucket = t.b and v.id = t.i
          join catalog.products p on p.bucket = v.bucket and p.id = v.product_id
         where v.removed_at is null
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {VariantId(row["id"]): offer_from(row) for row in rows}


async def map_versions(reader: Reader, ids: Iterable[ProductId]) -> dict[ProductId, int]:
    """Map products that are on sale to their version: one that is not in the answer cannot be bought."""
    wanted = sorted(set(ids))
    rows = await reader.rows(
        """
        select p.id, p.version from catalog.products p join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on p.bucket = t.b and p.id = t.i
         where p.state = 'on_sale' and p.shop_sells
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {ProductId(row["id"]): row["version"] for row in rows}


async def map_handles(reader: Reader, shop_id: ShopId, handles: Iterable[str]) -> dict[str, ProductId]:
    """Map a shop's own codes to its products, for an import that comes again."""
    rows = await reader.rows(
        "select handle, id from catalog.products where bucket = $1 and shop_id = $2 and handle = any($3)",
        shop_id.bucket,
        shop_id,
        sorted(set(handles)),
    )
    return {row["handle"]: ProductId(row["id"]) for row in rows}


async def find_shop_of_variant(reader: Reader, variant_id: VariantId) -> tuple[ShopId, ProductId]:
    """Find whose a variant is.

    Raises:
        VariantNotFound: there is none, or it was removed.
    """
    row = await reader.row(
        """
        select p.shop_id, p.id from catalog.variants v
          join catalog.products p on p.bucket = v.bucket and p.id = v.product_id
         where v.bucket = $1 and v.id = $2 and v.removed_at is null
        """,
        variant_id.bucket,
        variant_id,
    )
    if row is None:
        raise VariantNotFound
    return ShopId(row["shop_id"]), ProductId(row["id"])


async def list_product_versions(
    reader: Reader, product_id: ProductId, *, after: str | None = None, limit: int | None = None
) -> Page[ProductVersion]:
    """List the changes of a product, the latest first."""
    size = page_size(limit)
    (version,) = read_cursor(after, int) or (None,)
    rows = await reader.rows(
        """
        select version, changed, before, actor, actor_id, at from catalog.product_versions
         where bucket = $1 and product_id = $2 and ($3::int is null or version < $3) order by version desc limit $4
        """,
        product_id.bucket,
        product_id,
        version,
        size + 1,
    )
    found, more = cut(rows, size)
    items = [
        ProductVersion(
            row["version"],
            row["changed"],
            row["before"],
            row["actor"],
            None if row["actor_id"] is None else Id(row["actor_id"]),
            row["at"],
        )
        for row in found
    ]
    return Page(items, write_cursor(items[-1].version) if more else None)


def product_from(row: Row, variants: Sequence[Row]) -> Product:
    """Build a product from its row and those of its variants."""
    options = msgspec.convert(row["options"], list[Option])
    names = [option.name for option in options]
    return Product(
        id=ProductId(row["id"]),
        shop_id=ShopId(row["shop_id"]),
        handle=row["handle"],
        title=row["title"],
        description=row["description"],
        description_format=Format(row["description_format"]),
        language=row["language"],
        translations=msgspec.convert(row["translations"], dict[str, Translation]),
        category=row["category"],
        attributes=row["attributes"],
        options=options,
        pictures=msgspec.convert(row["pictures"], list[Picture], dec_hook=from_plain),
        state=ProductState(row["state"]),
        state_reason=row["state_reason"],
        shop_sells=row["shop_sells"],
        variants=[variant_from(variant, names) for variant in variants],
        sold=row["sold"],
        rating_sum=row["rating_sum"],
        rating_count=row["rating_count"],
        version=row["version"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        listed_at=row["listed_at"],
    )


def variant_from(row: Row, names: Sequence[str]) -> Variant:
    """Build a variant from its row; `names` are those of the product's options."""
    return Variant(
        id=VariantId(row["id"]),
        options=dict(zip(names, row["options"], strict=True)),
        price=Money(row["price"], row["currency"]),
        compare_at=None if row["compare_at"] is None else Money(row["compare_at"], row["currency"]),
        sku=row["sku"],
        barcode=row["barcode"],
        weight_grams=row["weight_grams"],
        picture_id=_media(row["picture_id"]),
    )


def offer_from(row: Row) -> Offer:
    """Build an offer from its joined row."""
    return Offer(
        variant_id=VariantId(row["id"]),
        product_id=ProductId(row["product_id"]),
        shop_id=ShopId(row["shop_id"]),
        title=row["title"],
        language=row["language"],
        options=dict(zip((option["name"] for option in row["names"]), row["options"], strict=True)),
        price=Money(row["price"], row["currency"]),
        compare_at=None if row["compare_at"] is None else Money(row["compare_at"], row["currency"]),
        picture_id=_media(row["picture_id"]),
        weight_grams=row["weight_grams"],
        sku=row["sku"],
        category=row["category"],
        on_sale=row["on_sale"],
        product_version=row["version"],
        no_return=row["no_return"] if row["no_return"] in NO_RETURN_KINDS else None,
    )


def _media(value: int | None) -> MediaId | None:
    return None if value is None else MediaId(value)
