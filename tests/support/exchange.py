"""Importing for tests: a file, from a path or from words, through the real actions."""

import io
import tempfile
from pathlib import Path

import msgspec

from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.storage import ObjectStorage, open_storage
from fairground.market.catalog.exchange.actions import Upload, finish_import, request_import, start_import
from fairground.market.catalog.exchange.model import FileFormat, Import, ImportId, ReadProduct, Refusal, Terms
from fairground.market.catalog.exchange.queries import get_import, list_all_refusals
from fairground.market.catalog.exchange.reading import read_goods
from fairground.market.catalog.exchange.runs import import_file
from fairground.market.catalog.model import Product
from fairground.market.catalog.queries import list_products_of_shop, map_products
from fairground.market.shops.model import Shop, ShopId
from tests.support.shops import MARKET

FIXTURES = Path(__file__).parents[1] / "fixtures"
DATA = Path(__file__).parents[3] / "shared" / "data"
"""Real files of merchants, beside the repository where they are there; tests that need them skip where they are not."""


class Report(msgspec.Struct):
    """An import that is over, and what it refused and noted."""

    done: Import
    refused: list[Refusal]
    notes: list[Refusal]


def terms(currency: str = "CNY", **categories: str) -> Terms:
    """Give the terms of a market."""
    from datetime import UTC, datetime

    return Terms(currency, "en", datetime(2026, 6, 18, 12, tzinfo=UTC), categories)


def read_all(
    data: bytes | str,
    format: FileFormat,  # noqa: A002
    given: Terms | None = None,
) -> tuple[list[ReadProduct], list[Refusal]]:
    """Read all of a file."""
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    found = list(read_goods(file, format, given or terms()))
    return [f for f in found if isinstance(f, ReadProduct)], [f for f in found if isinstance(f, Refusal)]


def some_storage() -> ObjectStorage:
    """Open a storage that nobody else sees."""
    return open_storage(tempfile.mkdtemp(prefix="fairground-test-files-"))


async def import_now(
    db: Database,
    shop: Shop,
    data: bytes | str,
    format: FileFormat,  # noqa: A002
    *,
    dry: bool = False,
    folder: Path | None = None,
    storage: ObjectStorage | None = None,
) -> Report:
    """Import a file into a shop, as the command does."""
    wish = Upload(format, "goods.csv", None, is_dry_run=dry)
    asked = await db.write(MARKET, lambda tx: request_import(tx, shop.id, wish))
    row = await db.write(MARKET, lambda tx: start_import(tx, asked.id, 0))
    assert row is not None
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    await import_file(db, storage or some_storage(), row, file, folder=folder)
    await db.write(system("import"), lambda tx: finish_import(tx, asked.id))
    return await report_of(db, shop.id, asked.id)


async def report_of(db: Database, shop_id: ShopId, import_id: ImportId) -> Report:
    """Read the report of an import."""
    done = await db.read(lambda r: get_import(r, shop_id, import_id))
    refused = await db.read(lambda r: list_all_refusals(r, import_id, notes=False, most=10_000))
    notes = await db.read(lambda r: list_all_refusals(r, import_id, notes=True, most=10_000))
    return Report(done, refused, notes)


async def products_of(db: Database, shop: Shop) -> dict[str, Product]:
    """Map handles (or titles) to the products of a shop."""
    cards = []
    after = None
    while True:
        page = await db.read(lambda r, after=after: list_products_of_shop(r, shop.id, after=after, limit=100))  # type: ignore[misc]
        cards += page.items
        after = page.next
        if after is None:
            break
    found = await db.read(lambda r: map_products(r, [card.id for card in cards]))
    return {product.handle or product.title: product for product in found.values()}
