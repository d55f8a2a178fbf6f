"""Feeding the index of this machine: one process writes, from what `search.listings` says was touched.

Each machine keeps its own mark beside its index, so any number of machines follow the same rows. The mark is a moment
and is looked behind by `LOOK_BACK`: a row that was touched by a transaction still open at the last look is not missed.
What was fed in that span is remembered, and fed again only if it was touched again. The index can always be made anew
from the catalog: without a mark, or with an empty folder, that is what happens.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from fairground.kit.db import GONE, Database, Reader
from fairground.kit.errors import Unavailable
from fairground.kit.ids import BUCKETS
from fairground.kit.text_index import Entry, IndexBusy, IndexRebuild, IndexUnavailable, TextIndexWriter
from fairground.kit.wake import Listener
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries import map_products, tree_of
from fairground.market.catalog.queries.lists import list_all_products
from fairground.market.catalog.queries.watched import list_dimmed
from fairground.market.search.model import SearchRules
from fairground.market.search.queries import list_touched, map_shown
from fairground.market.search.schema import SCHEMA, entry_of
from fairground.market.shops.queries import map_shops

log = structlog.get_logger(__name__)
LOOK_BACK: Final = timedelta(minutes=1)  # longer than any transaction that touches may take
LOOK_BACK_EVERY: Final = 10  # rounds; those between look behind by a moment only
A_MOMENT: Final = timedelta(seconds=3)
CHUNK: Final = 500
POLL: Final = 1.0
STEP_ASIDE: Final = 10.0  # while another process of this machine writes
AFTER_TROUBLE: Final = 5.0


class IndexFeeder:
    """Writes the index of this machine for as long as it lives; several may try, one holds the lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark_file = path / "fed"
        self._writer: TextIndexWriter | None = None
        self._mark: datetime | None = None
        self._fed: dict[ProductId, tuple[datetime, int]] = {}
        self._rounds = 0

    async def feed(self, db: Database) -> int:
        """Bring the index up to date; gives how many products were looked at.

        Raises:
            IndexBusy: another process feeds it.
        """
        await self._open()
        if self._mark is None:
            return await self._begin_anew(db)
        done = 0
        async for touched in self._touched(db):
            entries = await db.read(lambda reader, ids=list(touched): entries_of(reader, ids))  # type: ignore[misc]
            await asyncio.to_thread(self._write, entries)
            self._fed |= touched
            self._keep_mark(max(at for at, _ in touched.values()))
            done += len(touched)
        return done

    async def _open(self) -> None:
        if self._writer is not None and not (self._path / "current").exists():
            self.close()  # somebody removed the folder
        if self._writer is not None:
            return
        self._writer = await asyncio.to_thread(TextIndexWriter, self._path, SCHEMA)
        self._mark = None if self._writer.was_reset else self._read_mark()

    async def _begin_anew(self, db: Database) -> int:
        assert self._writer is not None
        began = db.clock.now()
        done = await reindex(db, self._path)
        self._fed.clear()
        self._keep_mark(began)
        log.info("search index made anew", products=done)
        return done

    async def _touched(self, db: Database) -> AsyncIterator[dict[ProductId, tuple[datetime, int]]]:
        assert self._mark is not None
        self._fed = {key: seen for key, seen in self._fed.items() if seen[0] >= self._mark - LOOK_BACK}
        self._rounds += 1
        behind = LOOK_BACK if self._rounds % LOOK_BACK_EVERY == 1 else A_MOMENT
        after: tuple[datetime, int] = (self._mark - behind, 0)
        while True:
            rows = await db.read(lambda reader, place=after: list_touched(reader, place, CHUNK))  # type: ignore[misc]
            fresh = {key: (at, touches) for key, at, touches in rows if self._fed.get(key) != (at, touches)}
            if fresh:
                yield fresh
            if len(rows) < CHUNK:
                return
            after = (rows[-1][1], rows[-1][0])

    def _write(self, entries: dict[ProductId, Entry | None]) -> None:
        assert self._writer is not None
        for product_id, entry in entries.items():
            if entry is None:
                self._writer.delete(product_id)
            else:
                self._writer.put(entry)
        self._writer.commit()

    def _read_mark(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self._mark_file.read_text("ascii").strip())
        except (OSError, ValueError):
            return None

    def _keep_mark(self, at: datetime) -> None:
        self._mark = at if self._mark is None else max(self._mark, at)
        fresh = self._mark_file.with_suffix(".new")
        fresh.write_text(self._mark.isoformat(), "ascii")
        fresh.replace(self._mark_file)

    def close(self) -> None:
        """Let another process write."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


@asynccontextmanager
async def feeding(db: Database, path: Path) -> AsyncIterator[None]:
    """Feed the index of this machine while the block runs, as long as no other process of it does."""
    stop = asyncio.Event()
    task = asyncio.create_task(_keep_feeding(db, path, stop), name="search index")
    try:
        yield
    finally:
        stop.set()
        done, _ = await asyncio.wait({task}, timeout=10)
        if not done:
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_feeding(db: Database, path: Path, stop: asyncio.Event) -> None:
    feeder, listener = IndexFeeder(path), Listener(db.dsn)
    try:
        while not stop.is_set():
            pause = 0.0
            try:
                await feeder.feed(db)
            except IndexBusy:
                pause = STEP_ASIDE
            except IndexUnavailable as trouble:
                log.error("search index cannot be written", error=repr(trouble.__cause__ or trouble))
                feeder.close()
                pause = AFTER_TROUBLE
            except Unavailable as trouble:
                log.warning("search index waits", error=str(trouble))
                pause = AFTER_TROUBLE
            except Exception:
                log.exception("search index not fed")
                pause = AFTER_TROUBLE
            if pause:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)
            else:
                await listener.wait(POLL)
    finally:
        feeder.close()
        with contextlib.suppress(*GONE):
            await listener.close()


async def reindex(db: Database, path: Path) -> int:
    """Make the index of this machine anew beside the running one and swap it in; gives how many products it holds.

    Raises:
        IndexBusy: another process is at it.
    """
    count = 0
    with IndexRebuild(path, SCHEMA) as rebuild:
        async for entries in _all_entries(db):
            await asyncio.to_thread(_put_all, rebuild, entries)
            count += len(entries)
        while not await asyncio.to_thread(rebuild.publish):
            missed = [ProductId(number) for number in rebuild.missed()]
            changed = await db.read(lambda reader, ids=missed: entries_of(reader, ids))  # type: ignore[misc]
            for product_id, anew in changed.items():
                if anew is None:
                    rebuild.delete(product_id)
                else:
                    rebuild.put(anew)
    return count


def _put_all(rebuild: IndexRebuild, entries: Sequence[Entry]) -> None:
    for entry in entries:
        rebuild.put(entry)


async def _all_entries(db: Database) -> AsyncIterator[Sequence[Entry]]:
    after: ProductId | None = None
    while True:
        ids = await db.read(
            lambda reader, last=after: list_all_products(reader, (0, BUCKETS - 1), after=last, limit=CHUNK)  # type: ignore[misc]
        )
        if not ids:
            return
        found = await db.read(lambda reader, ids=ids: entries_of(reader, ids))  # type: ignore[misc]
        yield [entry for entry in found.values() if entry is not None]
        after = ids[-1]


async def entries_of(reader: Reader, ids: Iterable[ProductId]) -> dict[ProductId, Entry | None]:
    """Map products to their entries; None where they are not to be found: gone, not on sale, their shop closed."""
    wanted = sorted(set(ids))
    found = await map_products(reader, wanted)
    on_sale = {product_id: product for product_id, product in found.items() if product.on_sale and product.variants}
    shops = await map_shops(reader, {product.shop_id for product in on_sale.values()})
    tree = await tree_of(reader, {product.category for product in on_sale.values() if product.category})
    shown, dimmed = await map_shown(reader, on_sale), await list_dimmed(reader, shops)
    rules = reader.given(SearchRules)
    entries: dict[ProductId, Entry | None] = dict.fromkeys(wanted)
    for product_id, product in on_sale.items():
        shop = shops.get(product.shop_id)
        if shop is not None and shop.sells:
            times = shown.get(product_id, 0)
            entries[product_id] = entry_of(product, shop, times, tree, rules, dimmed=shop.id in dimmed)
    return entries
