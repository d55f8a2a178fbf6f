"""Lists of products as cards, by keyset.

Those of the storefront read across shops: on a cluster each shard answers with its first few by its partial index.
Finding by words, facets and rank is the search room's.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from fairground.kit.db import Reader, Row
from fairground.kit.money import Money
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.catalog.model import CategoryId, ProductCard, ProductId, ProductState
from fairground.market.media.model import MediaId
from fairground.market.shops.model import ShopId


class WaitingProduct(msgspec.Struct, frozen=True):
    """A product that waits for the desk."""

    product_id: ProductId
    shop_id: ShopId
    title: str
    asked_at: datetime


async def map_product_cards(reader: Reader, ids: Iterable[ProductId]) -> dict[ProductId, ProductCard]:
    """Map products in any state to their cards."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = await reader.rows(
        """
        select p.id, p.shop_id, p.title, p.language, p.translations, p.category, p.price_low, p.price_high,
               p.compare_at, p.currency, p.pictures, p.state, p.shop_sells, p.sold, p.rating_sum,
               p.rating_count, p.listed_at
          from catalog.products p join unnest($1::smallint[], $2::bigint[]) as t(b, i) on p.bucket = t.b and p.id = t.i
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {ProductId(row["id"]): card_from(row) for row in rows}


async def list_products_of_shop(
    reader: Reader,
    shop_id: ShopId,
    *,
    state: ProductState | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page[ProductCard]:
    """List a shop's products in one state, or in all, the last changed first: the seller's list."""
    size = page_size(limit)
    moment, product_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from catalog.products
         where bucket = $1 and shop_id = $2 and ($3::text is null or state = $3)
           and ($4::timestamptz is null or (changed_at, id) < ($4, $5::bigint))
         order by changed_at desc, id desc limit $6
        """,
        shop_id.bucket,
        shop_id,
        state,
        moment,
        product_id,
        size + 1,
    )
    found, more = cut(rows, size)
    return Page([card_from(r) for r in found], write_cursor(found[-1]["changed_at"], found[-1]["id"]) if more else None)


async def list_on_sale_of_shop(
    reader: Reader, shop_id: ShopId, *, after: str | None = None, limit: int | None = None
) -> Page[ProductCard]:
    """List what a shop has on sale, the newest first: the shop's page."""
    size = page_size(limit)
    moment, product_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from catalog.products
         where bucket = $1 and shop_id = $2 and state = 'on_sale'
           and ($3::timestamptz is null or (listed_at, id) < ($3, $4::bigint))
         order by listed_at desc, id desc limit $5
        """,
        shop_id.bucket,
        shop_id,
        moment,
        product_id,
        size + 1,
    )
    return _by_listing(rows, size)


async def count_products_of_shop(reader: Reader, shop_id: ShopId) -> dict[ProductState, int]:
    """Count a shop's products of each state."""
    rows = await reader.rows(
        "select state, count(*) as number from catalog.products where bucket = $1 and shop_id = $2 group by state",
        shop_id.bucket,
        shop_id,
    )
    return {ProductState(row["state"]): row["number"] for row in rows}


async def list_newest_products(
    reader: Reader, *, after: str | None = None, limit: int | None = None
) -> Page[ProductCard]:
    """List what is on sale in the market, the newest first."""
    size = page_size(limit)
    moment, product_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from catalog.products
         where state = 'on_sale' and shop_sells and ($1::timestamptz is null or (listed_at, id) < ($1, $2::bigint))
         order by listed_at desc, id desc limit $3
        """,
        moment,
        product_id,
        size + 1,
    )
    return _by_listing(rows, size)


async def list_products_of_category(
    reader: Reader, category: CategoryId, *, after: str | None = None, limit: int | None = None
) -> Page[ProductCard]:
    """List what is on sale in one category (not in those below), the newest first."""
    size = page_size(limit)
    moment, product_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from catalog.products
         where category = $1 and state = 'on_sale' and shop_sells
           and ($2::timestamptz is null or (listed_at, id) < ($2, $3::bigint))
         order by listed_at desc, id desc limit $4
        """,
        category,
        moment,
        product_id,
        size + 1,
    )
    return _by_listing(rows, size)


async def list_in_review(reader: Reader, *, after: str | None = None, limit: int | None = None) -> Page[WaitingProduct]:
    """List the products that wait for the desk, the longest waiting first."""
    size = page_size(limit)
    moment, product_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select product_id, shop_id, title, asked_at from catalog.in_review
         where $1::timestamptz is null or (asked_at, product_id) > ($1, $2::bigint)
         order by asked_at, product_id limit $3
        """,
        moment,
        product_id,
        size + 1,
    )
    found, more = cut(rows, size)
    items = [WaitingProduct(ProductId(r[0]), ShopId(r[1]), r[2], r[3]) for r in found]
    return Page(items, write_cursor(items[-1].asked_at, items[-1].product_id) if more else None)


async def measure_in_review(reader: Reader, most: int = 1000) -> tuple[int, datetime | None]:
    """Tell how many products wait for the desk, up to a number past which nobody counts, and since when."""
    row = await reader.row(
        """
        select count(*) as number, min(asked_at) as since from (
          select asked_at from catalog.in_review order by asked_at, product_id limit $1) few
        """,
        most,
    )
    assert row is not None
    return row["number"], row["since"]


async def list_all_products(
    reader: Reader, buckets: tuple[int, int], *, after: ProductId | None = None, limit: int = 500
) -> list[ProductId]:
    """List the products on sale of a range of buckets in the order of (bucket, id), to fill an index anew."""
    rows = await reader.rows(
        """
        select id from catalog.products
         where bucket between $1 and $2 and state = 'on_sale'
           and ($3::smallint is null or (bucket, id) > ($3, $4::bigint))
         order by bucket, id limit $5
        """,
        *buckets,
        None if after is None else after.bucket,
        after,
        limit,
    )
    return [ProductId(row["id"]) for row in rows]


def _by_listing(rows: list[Row], size: int) -> Page[ProductCard]:
    found, more = cut(rows, size)
    return Page([card_from(r) for r in found], write_cursor(found[-1]["listed_at"], found[-1]["id"]) if more else None)


def card_from(row: Row) -> ProductCard:
    """Build a card from a product's row."""
    currency, first = row["currency"], row["pictures"][0] if row["pictures"] else None
    return ProductCard(
        id=ProductId(row["id"]),
        shop_id=ShopId(row["shop_id"]),
        title=row["title"],
        language=row["language"],
        titles={language: words["title"] for language, words in row["translations"].items()},
        category=row["category"],
        price_low=Money(row["price_low"], currency),
        price_high=Money(row["price_high"], currency),
        compare_at=None if row["compare_at"] is None else Money(row["compare_at"], currency),
        picture_id=None if first is None else MediaId(first["media_id"]),
        picture_alt="" if first is None else first["alt"],
        state=ProductState(row["state"]),
        on_sale=row["state"] == ProductState.ON_SALE and row["shop_sells"],
        sold=row["sold"],
        rating_sum=row["rating_sum"],
        rating_count=row["rating_count"],
        listed_at=row["listed_at"],
    )
