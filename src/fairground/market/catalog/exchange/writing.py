"""Fairground's own files, written: what they carry out they bring back the same."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final

import msgspec

from fairground.kit.db import Database, Reader
from fairground.kit.place import Place
from fairground.kit.safe_text import escape_cell
from fairground.market.catalog.exchange.own import (
    OF_PRODUCT,
    OF_VARIANT,
    JsonPicture,
    JsonProduct,
    JsonVariant,
)
from fairground.market.catalog.model import CatalogRules, Product, ProductId, Variant
from fairground.market.catalog.queries.products import map_products
from fairground.market.inventory.queries import map_stock
from fairground.market.media.model import MediaId
from fairground.market.shops.model import ShopId

STEP: Final = 200
KINDS: Final = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
Stock = Mapping[int, int | None]
Address = Callable[[MediaId], str]
"""Gives the address under which a picture is written: one of the web, or a path beside the file."""


def csv_header(options: int) -> bytes:
    """Give the first line of the table, with columns for so many options; with a mark, so that Excel reads UTF-8."""
    names = [f"option{n}_{part}" for n in range(1, options + 1) for part in ("name", "value")]
    return b"\xef\xbb\xbf" + _csv_line([*OF_PRODUCT, *names, *OF_VARIANT])


def csv_lines(product: Product, stock: Stock, address: Address, options: int) -> bytes:
    """Write a product as lines of the table, one for each variant; what is of the product stands in the first."""
    lines = []
    for at, variant in enumerate(product.variants):
        head = _product_cells(product, address) if at == 0 else [str(product.id), *[""] * (len(OF_PRODUCT) - 1)]
        lines.append(
            _csv_line([*head, *_option_cells(product, variant, options), *_variant_cells(variant, stock, address)])
        )
    return b"".join(lines)


def _csv_line(cells: Sequence[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue().encode("utf-8", "replace")


def _product_cells(product: Product, address: Address) -> list[str]:
    cells = {
        "product": str(product.id),
        "handle": escape_cell(product.handle or ""),
        "title": escape_cell(product.title),
        "description": escape_cell(product.description),
        "description_format": product.description_format,
        "language": product.language,
        "category": product.category or "",
        "attributes": _json(product.attributes) if product.attributes else "",
        "state": product.state,
        "translations": _json(product.translations) if product.translations else "",
        "options": _json(product.options) if product.options else "",
        "pictures": " ".join(address(picture.media_id) for picture in product.pictures),
        "picture_texts": "\n".join(escape_cell(picture.alt) for picture in product.pictures),
    }
    return [cells[name] for name in OF_PRODUCT]


def _option_cells(product: Product, variant: Variant, options: int) -> list[str]:
    cells = []
    for option in product.options[:options]:
        cells += [escape_cell(option.name), escape_cell(variant.options[option.name])]
    return cells + [""] * (options * 2 - len(cells))


def _variant_cells(variant: Variant, stock: Stock, address: Address) -> list[str]:
    pieces = stock.get(variant.id)
    cells = {
        "sku": escape_cell(variant.sku),
        "barcode": escape_cell(variant.barcode),
        "price": str(variant.price.major),
        "compare_at": "" if variant.compare_at is None else str(variant.compare_at.major),
        "currency": variant.price.currency,
        "stock": "" if pieces is None else str(pieces),
        "weight_grams": "" if variant.weight_grams is None else str(variant.weight_grams),
        "variant_picture": "" if variant.picture_id is None else address(variant.picture_id),
    }
    return [cells[name] for name in OF_VARIANT]


def json_line(product: Product, stock: Stock, address: Address) -> bytes:
    """Write a product as a line of JSON."""
    line = JsonProduct(
        product=str(product.id),
        handle=product.handle,
        title=product.title,
        description=product.description,
        description_format=product.description_format,
        language=product.language,
        category=product.category,
        attributes=product.attributes,
        state=product.state,
        translations=product.translations,
        options=product.options,
        pictures=[JsonPicture(address(picture.media_id), picture.alt) for picture in product.pictures],
        variants=[_json_variant(variant, stock, address) for variant in product.variants],
    )
    return msgspec.json.encode(line) + b"\n"


def _json_variant(variant: Variant, stock: Stock, address: Address) -> JsonVariant:
    return JsonVariant(
        price=variant.price,
        options=variant.options,
        stock=stock.get(variant.id),
        compare_at=variant.compare_at,
        sku=variant.sku,
        barcode=variant.barcode,
        weight_grams=variant.weight_grams,
        picture="" if variant.picture_id is None else address(variant.picture_id),
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def walk_products(db: Database, shop_id: ShopId) -> AsyncIterator[tuple[list[Product], Stock]]:
    """Give all products of a shop in the order of their making, some at a time, with their stock."""
    after = ProductId(0)
    while True:

        async def look(reader: Reader, after: ProductId = after) -> tuple[list[Product], Stock]:
            return await _some(reader, shop_id, after)

        products, stock = await db.read(look)
        if not products:
            return
        yield products, stock
        after = products[-1].id


async def _some(reader: Reader, shop_id: ShopId, after: ProductId) -> tuple[list[Product], Stock]:
    rows = await reader.rows(
        "select id from catalog.products where bucket = $1 and shop_id = $2 and id > $3 order by id limit $4",
        shop_id.bucket,
        shop_id,
        after,
        STEP,
    )
    found = await map_products(reader, [ProductId(row["id"]) for row in rows])
    products = [found[i] for i in sorted(found)]
    stock = await map_stock(reader, [variant.id for product in products for variant in product.variants])
    return products, {int(i): pieces for i, pieces in stock.items()}


async def write_csv(db: Database, shop_id: ShopId, address: Address) -> AsyncIterator[bytes]:
    """Write all products of a shop as a table, piece by piece."""
    options = db.given(CatalogRules).options_most
    yield csv_header(options)
    async for products, stock in walk_products(db, shop_id):
        yield b"".join(csv_lines(product, stock, address, options) for product in products)


async def write_json(db: Database, shop_id: ShopId, address: Address) -> AsyncIterator[bytes]:
    """Write all products of a shop as lines of JSON, piece by piece."""
    async for products, stock in walk_products(db, shop_id):
        yield b"".join(json_line(product, stock, address) for product in products)


def write_goods(db: Database, shop_id: ShopId, kind: str) -> AsyncIterator[bytes]:
    """Write all products of a shop as one of `KINDS`, pictures by their public addresses."""
    url = db.given(Place).url

    def address(media_id: MediaId) -> str:
        return f"{url}/media/{media_id}/1600.webp"

    return write_csv(db, shop_id, address) if kind == "csv" else write_json(db, shop_id, address)
