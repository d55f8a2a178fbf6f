"""Reads of imports and their reports; finding a shop's products by the codes of a file."""

from collections.abc import Iterable, Sequence

import msgspec

from fairground.kit.db import Reader, Row
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.catalog.exchange.errors import ImportNotFound
from fairground.market.catalog.exchange.model import (
    FileFormat,
    Import,
    ImportId,
    ImportState,
    Refusal,
    Terms,
    Told,
)
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.model.categories import Tree
from fairground.market.catalog.queries.categories import load_tree
from fairground.market.shops.model import ShopId


async def get_import(reader: Reader, shop_id: ShopId, import_id: ImportId) -> Import:
    """Get an import of a shop.

    Raises:
        ImportNotFound
    """
    row = await reader.row(
        "select * from catalog.imports where bucket = $1 and id = $2 and shop_id = $3",
        shop_id.bucket,
        import_id,
        shop_id,
    )
    if row is None:
        raise ImportNotFound
    return import_from(row)


async def list_imports(reader: Reader, shop_id: ShopId, *, limit: int = 10) -> list[Import]:
    """List a shop's last imports, the newest first."""
    rows = await reader.rows(
        "select * from catalog.imports where bucket = $1 and shop_id = $2 order by id desc limit $3",
        shop_id.bucket,
        shop_id,
        limit,
    )
    return [import_from(row) for row in rows]


async def list_refusals(
    reader: Reader, import_id: ImportId, *, notes: bool = False, after: str | None = None, limit: int | None = None
) -> Page[Refusal]:
    """List the refused lines of an import in the order of the file, or the notes."""
    size = page_size(limit)
    return await _list_refusals(reader, import_id, notes, after, size)


async def list_all_refusals(reader: Reader, import_id: ImportId, *, notes: bool, most: int) -> list[Refusal]:
    """List up to `most` refused lines, or notes, at once: for programs."""
    return (await _list_refusals(reader, import_id, notes, None, most)).items


async def _list_refusals(
    reader: Reader, import_id: ImportId, notes: bool, after: str | None, size: int
) -> Page[Refusal]:
    line, refusal_id = read_cursor(after, int, int) or (None, None)
    rows = await reader.rows(
        """
        select id, line, field, code, message, params, is_note from catalog.import_refusals
         where bucket = $1 and import_id = $2 and is_note = $3 and ($4::int is null or (line, id) > ($4, $5::bigint))
         order by line, id limit $6
        """,
        import_id.bucket,
        import_id,
        notes,
        line,
        refusal_id,
        size + 1,
    )
    found, more = cut(rows, size)
    last = write_cursor(found[-1]["line"], found[-1]["id"]) if more else None
    return Page([refusal_from(row) for row in found], last)


async def map_codes(reader: Reader, shop_id: ShopId, codes: Iterable[str]) -> dict[str, ProductId]:
    """Map codes of variants to a shop's products that have no handle of their own: those were made by hand."""
    wanted = sorted(set(codes) - {""})
    if not wanted:
        return {}
    rows = await reader.rows(
        """
        select v.sku, min(p.id) as id from unnest($3::text[]) as t(code)
          join catalog.variants v on v.bucket = $1 and v.sku = t.code and v.sku <> '' and v.removed_at is null
          join catalog.products p on p.bucket = $1 and p.id = v.product_id
         where p.shop_id = $2 and p.handle is null
         group by v.sku having count(distinct p.id) = 1
        """,
        shop_id.bucket,
        shop_id,
        wanted,
    )
    return {row["sku"]: ProductId(row["id"]) for row in rows}


async def read_terms(reader: Reader, currency: str, language: str) -> Terms:
    """Read what a reader of files must know of the market."""
    return Terms(currency, language, reader.now, names_of(await load_tree(reader, depth=10)))


def names_of(tree: Tree) -> dict[str, str]:
    """Map names and slugs of categories, in small letters, to slugs; of two with one name the higher one is meant."""
    names: dict[str, str] = {}
    for category in sorted(tree.categories.values(), key=lambda c: (-len(c.path), c.slug)):
        for name in (category.name_zh, category.name_en, category.slug):
            if name:
                names[name.casefold()] = category.slug
    return names


def import_from(row: Row) -> Import:
    """Build an import from its row."""
    return Import(
        id=ImportId(row["id"]),
        shop_id=ShopId(row["shop_id"]),
        format=FileFormat(row["format"]),
        file_name=row["file_name"],
        is_dry_run=row["is_dry_run"],
        state=ImportState(row["state"]),
        lines_all=row["lines_all"],
        lines=row["lines"],
        products=row["products"],
        created=row["created"],
        updated=row["updated"],
        unchanged=row["unchanged"],
        refused=row["refused"],
        notes=row["notes"],
        pictures_asked=row["pictures_asked"],
        pictures_failed=row["pictures_failed"],
        trouble=None if row["trouble"] is None else msgspec.convert(row["trouble"], Told),
        can_repeat=row["is_dry_run"] and row["file_key"] is not None,
        asked_at=row["asked_at"],
        done_at=row["done_at"],
    )


def refusal_from(row: Row) -> Refusal:
    """Build a refusal from its row."""
    return Refusal(row["line"], row["field"], row["code"], row["message"], row["params"], row["is_note"])


async def map_import_pictures(
    reader: Reader, shop_id: ShopId, ids: Sequence[ProductId]
) -> dict[ProductId, dict[int, int]]:
    """Map products to the pictures that came from files: picture → its place in the gallery."""
    rows = await reader.rows(
        """
        select product_id, media_id, position from catalog.import_pictures
         where bucket = $1 and product_id = any($2) and state = 'done'
        """,
        shop_id.bucket,
        list(ids),
    )
    found: dict[ProductId, dict[int, int]] = {}
    for row in rows:
        found.setdefault(ProductId(row["product_id"]), {})[row["media_id"]] = row["position"]
    return found
