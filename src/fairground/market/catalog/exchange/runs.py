"""How a file becomes products: read in steps, taken in batches, each in a transaction with its tally.

An import that was interrupted goes on where its last batch ended: the file is read again, what was taken is skipped.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import structlog

from fairground.kit.actor import Actor, person, system
from fairground.kit.db import Database, Reader, Row, Tx
from fairground.kit.errors import N_, Trouble, Unavailable
from fairground.kit.ids import Id
from fairground.kit.images import PictureTrouble
from fairground.kit.place import Place
from fairground.kit.storage import FileMissing, Storage
from fairground.market.catalog.exchange.actions import Tally, finish_import, note_tally, start_import
from fairground.market.catalog.exchange.batch import Into, take_products
from fairground.market.catalog.exchange.building import local_name
from fairground.market.catalog.exchange.model import (
    ExchangeRules,
    FileFormat,
    ImportId,
    ReadProduct,
    Refusal,
    Terms,
    Told,
)
from fairground.market.catalog.exchange.pictures import find_own
from fairground.market.catalog.exchange.queries import read_terms
from fairground.market.catalog.exchange.reading import read_goods
from fairground.market.media.actions import store_picture
from fairground.market.media.model import StoredPicture
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import get_shop

VARIANTS_OF_A_BATCH: Final = 1000
log = structlog.get_logger(__name__)


class _Undo(Exception):
    """Ends the transaction of a dry run, which must leave nothing; carries what would have come of it."""

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self.tally = tally


class Stack(msgspec.Struct):
    """What was read for one transaction: products, refusals, and the last line of both."""

    products: list[ReadProduct] = []
    refusals: list[Refusal] = []
    line: int = 0


async def run_import(db: Database, storage: Storage, import_id: ImportId) -> None:
    """Run an import whose file lies in the storage; one that is over stays so.

    Raises:
        Unavailable: database or storage is away; a later run goes on where this one ended.
    """
    row = await db.write(_actor(None), lambda tx: start_import(tx, import_id, 0))
    if row is None:
        return
    try:
        with tempfile.TemporaryFile() as file:
            file.write(await storage.get(row["file_key"]))
            await import_file(db, storage, row, file)
    except FileMissing:
        await _fail(db, import_id, Told("exchange.file_gone", N_("The file is gone. Please send it once more.")))
    key = await _end(db, import_id)
    if key is not None:
        await storage.delete(key)


async def import_file(
    db: Database,
    storage: Storage,
    row: Row,
    file: BinaryIO,
    *,
    folder: Path | None = None,
    tell: Callable[[int, int], None] = lambda _line, _of: None,
) -> None:
    """Import an open file for an import that has begun; whatever goes wrong is written down with it.

    `folder` holds pictures that the file names by their path; `tell` hears the line reached, and of how many.

    Raises:
        Unavailable
    """
    import_id, actor = ImportId(row["id"]), _actor(row["asked_by"])
    try:
        lines_all = await asyncio.to_thread(_count_lines, file)
        await db.write(actor, lambda tx: start_import(tx, import_id, lines_all))
        into = Into(import_id, ShopId(row["shop_id"]), FileFormat(row["format"]))
        terms = await db.read(lambda r: _terms(r, into.shop_id))
        async for stack in _read_stacks(file, into.format, terms, row["products"], db.given(ExchangeRules).batch):
            stored = await _read_local(storage, into.shop_id, stack.products, folder, db)
            await _take(db, actor, into, stack, stored, is_dry_run=row["is_dry_run"])
            tell(stack.line, lines_all)
    except Unavailable:
        raise
    except Trouble as trouble:
        await _fail(db, import_id, Told(trouble.code, trouble.message, trouble.params))
    except Exception as trouble:
        log.exception("import stopped", import_id=str(import_id), exc_info=trouble)
        words = N_("Something went wrong on our side. What was taken is done; the same file may be sent again.")
        await _fail(db, import_id, Told("exchange.stopped", words))


async def _terms(reader: Reader, shop_id: ShopId) -> Terms:
    shop = await get_shop(reader, shop_id)
    return await read_terms(reader, reader.given(Place).currency, shop.language)


async def _read_stacks(
    file: BinaryIO,
    format: FileFormat,  # noqa: A002
    terms: Terms,
    skip: int,
    size: int,
) -> AsyncIterator[Stack]:
    """Read in a thread: a large file must not hold up the pages and events of this process."""
    stacks = stacks_of(read_goods(file, format, terms), skip, size)
    while (stack := await asyncio.to_thread(next, stacks, None)) is not None:
        yield stack


def stacks_of(read: Iterator[ReadProduct | Refusal], skip: int, size: int) -> Iterator[Stack]:
    """Cut what is read into batches; the first `skip` products are passed over with the refusals before them.

    A product that the file holds twice is refused the second time: the later would silently undo the earlier.
    """
    seen: dict[int, int] = {}
    stack, passed, variants = Stack(), 0, 0
    for item in read:
        found: ReadProduct | Refusal = item if isinstance(item, Refusal) else _once(item, seen)
        stack.line = max(stack.line, found.line)
        if isinstance(found, Refusal):
            stack.refusals.append(found)
        elif passed < skip:
            passed += 1
            stack = Stack()
        else:
            stack.products.append(found)
            variants += len(found.lines)
        if len(stack.products) >= size or variants >= VARIANTS_OF_A_BATCH or len(stack.refusals) >= size * 10:
            yield stack
            stack, variants = Stack(), 0
    if stack.products or stack.refusals:
        yield stack


def _once(product: ReadProduct, seen: dict[int, int]) -> ReadProduct | Refusal:
    name = product.own_id or product.product.handle
    first = product.line if name is None else seen.setdefault(hash(name), product.line)
    if first == product.line:
        return product
    words = N_("The same product stands in line %(first)d already.")
    return Refusal(product.line, product.columns.get("handle", ""), "exchange.twice", words, {"first": first})


async def _take(
    db: Database,
    actor: Actor,
    into: Into,
    stack: Stack,
    stored: Mapping[str, StoredPicture],
    *,
    is_dry_run: bool,
) -> None:
    async def deed(tx: Tx) -> None:
        tally = await take_products(tx, into, stack.products, stored)
        tally.line, tally.refusals = stack.line, [*stack.refusals, *tally.refusals]
        if is_dry_run:
            raise _Undo(tally)
        await note_tally(tx, into.import_id, tally)

    try:
        await db.write(actor, deed)
    except _Undo as undo:
        tally = undo.tally
        await db.write(actor, lambda tx: note_tally(tx, into.import_id, tally))


async def _read_local(
    storage: Storage, shop_id: ShopId, products: Sequence[ReadProduct], folder: Path | None, db: Database
) -> dict[str, StoredPicture]:
    """Take in the pictures that lie beside a file of this machine; a bad one is left to the fetching, which says so."""
    stored: dict[str, StoredPicture] = {}
    addresses = {p.address for product in products for p in product.pictures} if folder else set()
    own = await db.read(lambda reader: find_own(reader, shop_id, addresses))
    for address in sorted(addresses - own.keys()):
        name = local_name(address)
        if name is None or folder is None:
            continue
        data = await asyncio.to_thread(_bytes_of, folder, name)
        if data is not None:
            try:
                stored[address] = await store_picture(storage, shop_id, data, db.clock.now())
            except PictureTrouble as trouble:
                log.warning("picture beside the file not taken", address=address, code=trouble.code)
    return stored


def _bytes_of(folder: Path, name: str) -> bytes | None:
    path = (folder / name).resolve()
    return path.read_bytes() if path.is_relative_to(folder.resolve()) and path.is_file() else None


def _count_lines(file: BinaryIO) -> int:
    file.seek(0)
    count, last = 0, b"\n"
    while piece := file.read(1 << 20):
        count, last = count + piece.count(b"\n"), piece[-1:]
    return count + (last != b"\n")


async def _fail(db: Database, import_id: ImportId, trouble: Told) -> None:
    await db.write(_actor(None), lambda tx: finish_import(tx, import_id, trouble))


async def _end(db: Database, import_id: ImportId) -> str | None:
    return await db.write(_actor(None), lambda tx: finish_import(tx, import_id))


def _actor(person_id: int | None) -> Actor:
    return system("import") if person_id is None else person(Id(person_id))
