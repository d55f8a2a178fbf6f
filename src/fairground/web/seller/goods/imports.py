"""Files of goods: bring one, look first what would happen, see how far it is and what was refused; take all away."""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, Conflict, Invalid, NotFound, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_files, read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.place import Place
from fairground.kit.safe_text import escape_cell
from fairground.kit.storage import Storage
from fairground.market.catalog.exchange.actions import Upload, repeat_import, request_import
from fairground.market.catalog.exchange.errors import ImportNotFound
from fairground.market.catalog.exchange.model import (
    NAMES,
    ExchangeRules,
    FileFormat,
    Import,
    ImportId,
    ImportState,
    Refusal,
    Terms,
)
from fairground.market.catalog.exchange.queries import get_import, list_all_refusals, list_imports, list_refusals
from fairground.market.catalog.exchange.uploads import keep_upload
from fairground.market.catalog.exchange.words import reason_of, trouble_of
from fairground.market.catalog.exchange.writing import KINDS, write_goods
from fairground.market.shops.policy import may_manage_goods
from fairground.web.render import go, part, wants_part
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.told import Told, tell_fields

FORMAT_NOTES: Final = {
    FileFormat.SHOPIFY: N_("Products → Export, as CSV"),
    FileFormat.WOOCOMMERCE: N_("Products → Export, all columns"),
    FileFormat.TAOBAO: N_("The data pack’s .csv from 淘宝助理"),
    FileFormat.GOOGLE: N_("A product feed as .tsv or .csv"),
    FileFormat.FAIRGROUND: N_("A file that you took out here, .csv or .jsonl"),
}
STATE_WORDS: Final = {
    ImportState.QUEUED: N_("Waiting"),
    ImportState.RUNNING: N_("Running"),
    ImportState.DONE: N_("Done"),
    ImportState.FAILED: N_("Failed"),
}
STATE_KINDS: Final = {
    ImportState.QUEUED: "",
    ImportState.RUNNING: "new",
    ImportState.DONE: "ok",
    ImportState.FAILED: "bad",
}


class ImportForm(msgspec.Struct):
    """The form beside the file; `step` is `look` for a dry run."""

    format: str = ""
    step: str = "look"


class ImportRow(msgspec.Struct, frozen=True):
    """An import in the list."""

    found: Import
    href: str
    format: str
    state: str
    state_kind: str


class FilesView(msgspec.Struct, frozen=True):
    """Bringing and taking files."""

    action: str
    formats: list[tuple[str, str, str]]
    chosen: str
    imports: list[ImportRow]
    most_mib: int
    back: str
    exports: list[tuple[str, str]]
    errors: Told = Told()


class RefusalRow(msgspec.Struct, frozen=True):
    """A refused line, or a note."""

    line: int
    field: str
    reason: str


class ReportView(msgspec.Struct, frozen=True):
    """One import and its report."""

    row: ImportRow
    here: str
    back: str
    goods: str
    trouble: str | None
    refused: list[RefusalRow]
    notes: list[RefusalRow]
    next_href: str | None


@get("/seller/{slug:str}/goods/import", include_in_schema=False)
async def show_files(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show how to bring a file, and the last ones."""
    return await _files_page(request, caller, db, slug)


async def _files_page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    slug: str,
    chosen: str = FileFormat.SHOPIFY,
    errors: Told | None = None,
) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[Room, list[Import]]:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        return room, await list_imports(reader, room.shop.id)

    room, imports = await db.read(look)
    goods = f"{room.home}/goods"
    view = FilesView(
        action=f"{goods}/import",
        formats=[(f, gettext(NAMES[f]), gettext(note)) for f, note in FORMAT_NOTES.items()],
        chosen=chosen,
        imports=[_row(room, found) for found in imports],
        most_mib=db.given(ExchangeRules).file_bytes_most // 1024**2,
        back=goods,
        exports=[(f"{goods}/export/{kind}", f".{kind}") for kind in KINDS],
        errors=errors or Told(),
    )
    status = 422 if errors else 200
    return seller_page(request, "goods/files", room, title=gettext("Files of goods"), status=status, view=view)


def _row(room: Room, found: Import) -> ImportRow:
    href = f"{room.home}/goods/import/{found.id}"
    return ImportRow(
        found, href, gettext(NAMES[found.format]), gettext(STATE_WORDS[found.state]), STATE_KINDS[found.state]
    )


@post("/seller/{slug:str}/goods/import", include_in_schema=False)
async def bring(
    request: AnyRequest,
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Take a file in, to look first or for real."""
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_manage_goods))
    form = await read_form(request, ImportForm)
    try:
        upload, data = await _upload(request, form)
        terms = Terms(db.given(Place).currency, room.shop.language, db.clock.now())
        kept = await keep_upload(storage, room.shop.id, data, upload, terms=terms, rules=db.given(ExchangeRules))
        asked = await db.write(caller.actor, lambda tx: request_import(tx, room.shop.id, kept))
    except (Invalid, Conflict) as trouble:
        return await _files_page(request, caller, db, slug, form.format, tell_fields(trouble, "file"))
    return go(request, f"{room.home}/goods/import/{asked.id}")


async def _upload(request: AnyRequest, form: ImportForm) -> tuple[Upload, bytes]:
    if form.format not in list(FileFormat):
        raise invalid("/format", "exchange.format", N_("Please choose whose file it is."))
    files = await read_files(request, "file", at_most=1)
    if not files:
        raise invalid("/file", "required", N_("Please choose a file."))
    name, data = files[0]
    return Upload(FileFormat(form.format), name, None, is_dry_run=form.step == "look"), data


@get("/seller/{slug:str}/goods/import/{import_id:str}", include_in_schema=False)
async def show_report(
    request: AnyRequest,
    slug: FromPath[str],
    import_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show how far an import is, and what was refused; the part alone to a script that asks again."""
    wanted = an_id(ImportId, import_id)

    async def look(reader: Reader) -> tuple[Room, ReportView]:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        found = await get_import(reader, room.shop.id, wanted)
        refused = await list_refusals(reader, wanted, after=after, limit=50)
        notes = [] if after else await list_all_refusals(reader, wanted, notes=True, most=50)
        here, goods = f"{room.home}/goods/import/{wanted}", f"{room.home}/goods"
        return room, ReportView(
            row=_row(room, found),
            here=here,
            back=f"{goods}/import",
            goods=goods,
            trouble=trouble_of(found),
            refused=_rows(refused.items),
            notes=_rows(notes),
            next_href=f"{here}?after={quote(refused.next)}" if refused.next else None,
        )

    room, view = await db.read(look)
    if wants_part(request):
        return part(request, "seller/goods/_report.html", view=view)
    return seller_page(request, "goods/report", room, title=view.row.found.file_name, view=view)


def _rows(refusals: Sequence[Refusal]) -> list[RefusalRow]:
    return [RefusalRow(refusal.line, refusal.field, reason_of(refusal)) for refusal in refusals]


@post("/seller/{slug:str}/goods/import/{import_id:str}", include_in_schema=False)
async def repeat(
    request: AnyRequest,
    slug: FromPath[str],
    import_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Import for real what was looked at."""
    wanted = an_id(ImportId, import_id)
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_manage_goods))
    try:
        asked = await db.write(caller.actor, lambda tx: repeat_import(tx, room.shop.id, wanted))
    except ImportNotFound:
        say = gettext("That file is not kept any more. Please choose it once again.")
        return go(request, f"{room.home}/goods/import", say=say, kind="mind")
    except Conflict as trouble:
        here = f"{room.home}/goods/import/{wanted}"
        return go(request, here, say=tell_fields(trouble).at("") or "", kind="mind")
    return go(request, f"{room.home}/goods/import/{asked.id}")


@get("/seller/{slug:str}/goods/import/{import_id:str}/refused.csv", include_in_schema=False)
async def show_refused(
    slug: FromPath[str],
    import_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Give the refused lines as a table, to work them off."""
    wanted = an_id(ImportId, import_id)

    async def look(reader: Reader) -> list[Refusal]:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        await get_import(reader, room.shop.id, wanted)
        most = reader.given(ExchangeRules).reported_most
        return await list_all_refusals(reader, wanted, notes=False, most=most)

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([gettext("Line"), gettext("Column"), gettext("Why")])
    for refusal in await db.read(look):
        writer.writerow([refusal.line, escape_cell(refusal.field), escape_cell(reason_of(refusal))])
    headers = {"content-disposition": 'attachment; filename="refused.csv"', "cache-control": "private, no-store"}
    return Response(text.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


@get("/seller/{slug:str}/goods/export/{kind:str}", include_in_schema=False)
async def export(
    slug: FromPath[str], kind: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Stream:
    """Give all goods of a shop as a file that the import takes back."""
    if kind not in KINDS:
        raise NotFound
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_manage_goods))
    headers = {
        "content-disposition": f'attachment; filename="{room.shop.slug}-goods.{kind}"',
        "cache-control": "private, no-store",
    }
    return Stream(write_goods(db, room.shop.id, kind), media_type=KINDS[kind], headers=headers)


HANDLERS: list[Any] = [show_files, bring, show_report, repeat, show_refused, export]
