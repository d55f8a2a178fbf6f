"""Files of goods, by API: bring one, see how far it is and what was refused, take all goods away as a file."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_files, read_form
from fairground.kit.place import Place
from fairground.kit.storage import Storage
from fairground.market.catalog.exchange.actions import Upload, repeat_import, request_import
from fairground.market.catalog.exchange.model import (
    ExchangeRules,
    FileFormat,
    Import,
    ImportId,
    ImportState,
    Refusal,
    Terms,
)
from fairground.market.catalog.exchange.queries import get_import, list_all_refusals, list_imports
from fairground.market.catalog.exchange.uploads import keep_upload
from fairground.market.catalog.exchange.words import reason_of, trouble_of
from fairground.market.catalog.exchange.writing import KINDS, write_goods
from fairground.market.shops.model import Shop
from fairground.market.shops.policy import may_manage_goods
from fairground.market.shops.queries import get_shop_for

SHOWN_MOST: Final = 20_000
YES: Final = frozenset({"1", "true", "yes", "on"})


class ImportForm(msgspec.Struct):
    """What is sent beside the file; `dry_run` changes nothing and tells what would happen."""

    format: str
    dry_run: str | None = None


class RefusedLine(msgspec.Struct):
    """A line that was not taken (or a note on one that was): `reason` in the caller's language, `code` for programs."""

    line: int
    field: str
    reason: str
    code: str


class ImportView(msgspec.Struct):
    """An import. `state` is queued, running, done or failed; a failed one tells why in `trouble`."""

    id: ImportId
    state: ImportState
    format: FileFormat
    file_name: str
    dry_run: bool
    lines: int
    lines_all: int
    created: int
    updated: int
    unchanged: int
    refused_count: int
    pictures_asked: int
    pictures_failed: int
    trouble: str | None
    asked_at: datetime
    done_at: datetime | None
    refused: list[RefusedLine] = []
    notes: list[RefusedLine] = []


class Imports(msgspec.Struct):
    """A shop's last imports, without their reports."""

    items: list[ImportView]
    next: None = None


def refused_line(refusal: Refusal) -> RefusedLine:
    """Tell a refusal in the language of the caller."""
    return RefusedLine(refusal.line, refusal.field, reason_of(refusal), refusal.code)


def import_view(found: Import) -> ImportView:
    """Show an import without its report."""
    return ImportView(
        id=found.id,
        state=found.state,
        format=found.format,
        file_name=found.file_name,
        dry_run=found.is_dry_run,
        lines=found.lines,
        lines_all=found.lines_all,
        created=found.created,
        updated=found.updated,
        unchanged=found.unchanged,
        refused_count=found.refused,
        pictures_asked=found.pictures_asked,
        pictures_failed=found.pictures_failed,
        trouble=trouble_of(found),
        asked_at=found.asked_at,
        done_at=found.done_at,
    )


def read_format(text: str) -> FileFormat:
    """Read the name of a format.

    Raises:
        Invalid: it is none.
    """
    try:
        return FileFormat(text.strip().lower())
    except ValueError:
        words = N_("One of these, please: %(choices)s.")
        raise invalid("/format", "exchange.format", words, choices=", ".join(FileFormat)) from None


async def _shop(reader: Reader, slug: str, caller: Caller) -> Shop:
    return await get_shop_for(reader, slug, caller.need_person(), may_manage_goods)


@post("/api/v1/shops/{slug:str}/imports", status_code=202, tags=["Imports"])
async def create_import(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> ImportView:
    """Bring a file of goods (multipart: `file`, `format` = shopify, woocommerce, taobao, google or fairground).

    The file is imported by a job: `GET` the import to see how far it is. `dry_run=true` only tells what would happen.
    """
    shop = await db.read(lambda reader: _shop(reader, slug, caller))
    form = await read_form(request, ImportForm)
    wished = read_format(form.format)
    files = await read_files(request, "file", at_most=1)
    if not files:
        raise invalid("/file", "required", N_("This is needed."))
    name, data = files[0]
    upload = await keep_upload(
        storage,
        shop.id,
        data,
        Upload(wished, name, None, (form.dry_run or "").lower() in YES),
        terms=Terms(db.given(Place).currency, shop.language, db.clock.now()),
        rules=db.given(ExchangeRules),
    )
    return import_view(await db.write(caller.actor, lambda tx: request_import(tx, shop.id, upload)))


@get("/api/v1/shops/{slug:str}/imports", tags=["Imports"])
async def show_imports(slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Imports:
    """List a shop's last imports."""

    async def look(reader: Reader) -> list[Import]:
        return await list_imports(reader, (await _shop(reader, slug, caller)).id, limit=50)

    return Imports([import_view(found) for found in await db.read(look)])


@get("/api/v1/shops/{slug:str}/imports/{import_id:str}", tags=["Imports"])
async def show_import(
    slug: FromPath[str],
    import_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> ImportView:
    """Show an import with every line that was refused, and why."""
    wanted = an_id(ImportId, import_id)

    async def look(reader: Reader) -> ImportView:
        shop = await _shop(reader, slug, caller)
        view = import_view(await get_import(reader, shop.id, wanted))
        refused = await list_all_refusals(reader, wanted, notes=False, most=SHOWN_MOST)
        notes = await list_all_refusals(reader, wanted, notes=True, most=SHOWN_MOST)
        view.refused, view.notes = [refused_line(r) for r in refused], [refused_line(n) for n in notes]
        return view

    return await db.read(look)


@post("/api/v1/shops/{slug:str}/imports/{import_id:str}/repetition", status_code=202, tags=["Imports"])
async def create_repetition(
    slug: FromPath[str],
    import_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> ImportView:
    """Import for real the file of a dry run."""
    shop = await db.read(lambda reader: _shop(reader, slug, caller))
    wanted = an_id(ImportId, import_id)
    return import_view(await db.write(caller.actor, lambda tx: repeat_import(tx, shop.id, wanted)))


@get("/api/v1/shops/{slug:str}/export", tags=["Imports"])
async def show_export(
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    format: FromQuery[str] = "csv",  # noqa: A002
) -> Stream:
    """Take all goods of a shop as a file (`format` = csv or jsonl) that the import takes back."""
    shop = await db.read(lambda reader: _shop(reader, slug, caller))
    if format not in KINDS:
        words = N_("One of these, please: %(choices)s.")
        raise invalid("/format", "exchange.kind_of_file", words, choices=", ".join(KINDS))
    headers = {
        "content-disposition": f'attachment; filename="{shop.slug}-goods.{format}"',
        "cache-control": "private, no-store",
    }
    return Stream(write_goods(db, shop.id, format), media_type=KINDS[format], headers=headers)


HANDLERS = (create_import, show_imports, show_import, create_repetition, show_export)
