"""Indexes of tests: what the worker does, here and at once."""

from pathlib import Path

from fairground.kit.db import Database
from fairground.kit.text_index import TextIndexReader
from fairground.market.search.feed import IndexFeeder
from fairground.market.search.model import SearchRequest, SearchResult
from fairground.market.search.queries import search_products
from fairground.market.search.schema import SCHEMA
from tests.support.world import pump


async def feed_index(db: Database, folder: Path) -> int:
    """Let the news travel, and bring the index of a folder up to date."""
    await pump(db)
    feeder = IndexFeeder(folder)
    try:
        return await feeder.feed(db)
    finally:
        feeder.close()


async def find(db: Database, folder: Path, q: str = "", **more: object) -> SearchResult:
    """Search in the index of a folder."""
    index = TextIndexReader(folder, SCHEMA)
    request = SearchRequest(q=q, **more)  # type: ignore[arg-type]
    return await db.read(lambda reader: search_products(index, reader, request))


async def titles(db: Database, folder: Path, q: str = "", **more: object) -> list[str]:
    """Search, and give the titles found, in their order."""
    from fairground.market.catalog.queries import map_product_cards

    found = await find(db, folder, q, **more)
    cards = await db.read(lambda reader: map_product_cards(reader, found.ids))
    return [cards[i].title for i in found.ids]
