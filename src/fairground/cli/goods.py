"""Commands on goods: import a merchant's file, take a shop's goods out, import a published taxonomy."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairground.cli.console import fail, run_async, settings_or_fail, tell, tell_json
from fairground.cli.open_market import Data

if TYPE_CHECKING:
    from fairground.app.outfit import Outfit
    from fairground.market.catalog.exchange.model import Import, Refusal
    from fairground.market.shops.model import Shop

Json = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]
ShopSlug = Annotated[str, typer.Option("--shop", help="The shop, by its address (slug).")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("import")(import_goods)
    app.command("export")(export_shop)
    app.command("import-taxonomy")(import_taxonomy)


def import_goods(
    file: Annotated[Path, typer.Argument(help="The merchant's own file.")],
    shop: ShopSlug,
    format: Annotated[str, typer.Option("--format", help="shopify, woocommerce, taobao, google or fairground.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; tell what would happen.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Take products in from a merchant's own file, with a row for each line refused and why."""
    settings = settings_or_fail(data=data)
    from fairground.market.catalog.exchange.model import FileFormat

    if format not in list(FileFormat):
        fail(f"--format {format!r}: expected one of {', '.join(FileFormat)}", 2)
    if not file.is_file():
        fail(f"{file}: there is no such file", 2)

    async def run() -> "tuple[Import, list[Refusal]]":
        from fairground.app.outfit import open_outfit

        async with open_outfit(settings, "import") as outfit:
            found = await _find_shop(outfit, shop)
            return await _import(outfit, found, file, FileFormat(format), dry_run=dry_run)

    done, refusals = run_async(run)
    _tell_json(done, refusals) if json else _tell(done, refusals)
    from fairground.market.catalog.exchange.words import trouble_of

    trouble = trouble_of(done)
    if trouble is not None:
        fail(f"{file}: {trouble}")


async def _find_shop(outfit: "Outfit", slug: str) -> "Shop":
    from fairground.market.shops.errors import ShopNotFound
    from fairground.market.shops.queries import find_shop_by_slug

    found = await outfit.db.read(lambda reader: find_shop_by_slug(reader, slug))
    if found is None:
        raise ShopNotFound
    return found


async def _import(
    outfit: "Outfit", shop: "Shop", file: Path, format: Any, *, dry_run: bool
) -> "tuple[Import, list[Refusal]]":
    from fairground.kit.actor import system
    from fairground.market.catalog.exchange.actions import (
        BROKEN_OFF,
        Upload,
        finish_import,
        request_import,
        start_import,
    )
    from fairground.market.catalog.exchange.model import ExchangeRules, Told
    from fairground.market.catalog.exchange.queries import get_import, list_all_refusals
    from fairground.market.catalog.exchange.runs import import_file

    db, actor = outfit.db, system("import")
    upload = Upload(format, file.name, None, is_dry_run=dry_run)
    asked = await db.write(actor, lambda tx: request_import(tx, shop.id, upload))
    row = await db.write(actor, lambda tx: start_import(tx, asked.id, 0))
    trouble: Told | None = Told("exchange.broken_off", BROKEN_OFF)
    try:
        with file.open("rb") as opened, _progress() as tell_progress:
            await import_file(db, outfit.storage, row, opened, folder=file.parent, tell=tell_progress)
        trouble = None
    finally:
        await db.write(actor, lambda tx: finish_import(tx, asked.id, trouble))
    done = await db.read(lambda reader: get_import(reader, shop.id, asked.id))
    most = db.given(ExchangeRules).reported_most
    refused = await db.read(lambda reader: list_all_refusals(reader, asked.id, notes=False, most=most))
    notes = await db.read(lambda reader: list_all_refusals(reader, asked.id, notes=True, most=most))
    return done, sorted([*refused, *notes], key=lambda refusal: refusal.line)


def _progress() -> Any:
    """Show a bar on stderr, where somebody looks."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    @contextmanager
    def shown() -> Any:
        console = Console(stderr=True)
        columns = (TextColumn("{task.completed:,.0f} of {task.total:,.0f} lines"), BarColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("import", total=1)
            yield lambda line, of: bar.update(task, completed=line, total=of)

    return shown()


def _tell(done: "Import", refusals: "list[Refusal]") -> None:
    from fairground.market.catalog.exchange.words import reason_of

    for refusal in refusals:
        kind = "note   " if refusal.is_note else "refused"
        field = f" [{refusal.field}]" if refusal.field else ""
        tell(f"{kind} line {refusal.line}{field}: {reason_of(refusal)} ({refusal.code})")
    verb = "would be " if done.is_dry_run else ""
    tell(
        f"{done.created} products {verb}created, {done.updated} {verb}updated, {done.unchanged} unchanged; "
        f"{done.refused} lines refused; {done.pictures_asked} pictures {verb}asked for"
    )


def _tell_json(done: "Import", refusals: "list[Refusal]") -> None:
    from fairground.market.catalog.exchange.words import reason_of, trouble_of

    lines = [
        {"line": r.line, "field": r.field, "reason": reason_of(r), "code": r.code, "is_note": r.is_note}
        for r in refusals
    ]
    tell_json(
        {
            "id": str(done.id),
            "state": done.state,
            "dry_run": done.is_dry_run,
            "created": done.created,
            "updated": done.updated,
            "unchanged": done.unchanged,
            "refused_count": done.refused,
            "pictures_asked": done.pictures_asked,
            "trouble": trouble_of(done),
            "refused": [line for line in lines if not line["is_note"]],
            "notes": [line for line in lines if line["is_note"]],
        }
    )


def export_shop(
    shop: ShopSlug,
    to: Annotated[Path, typer.Option("--to", help="The folder to write; made where it is not there.")],
    data: Data = None,
    json: Json = False,
) -> None:
    """Take out everything a shop owns, in open formats; its goods come back by `import`."""
    settings = settings_or_fail(data=data)
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        fail(f"{to}: expected a new or an empty folder", 2)

    async def run() -> Any:
        from fairground.app.outfit import open_outfit
        from fairground.cli.shop_folder import take_out

        async with open_outfit(settings, "export") as outfit:
            return await take_out(outfit, await _find_shop(outfit, shop), to)

    import msgspec

    done = msgspec.to_builtins(run_async(run))
    if json:
        tell_json({**done, "folder": str(to)})
    else:
        tell(", ".join(f"{count} {what}" for what, count in done.items()) + f" written to {to}")


def import_taxonomy(
    file: Annotated[Path, typer.Argument(help="Shopify's categories.txt or Google's taxonomy-with-ids.txt.")],
    language: Annotated[str, typer.Option("--language", help="The language of its names; English first.")] = "en",
    data: Data = None,
    json: Json = False,
) -> None:
    """Take in a published tree of product categories."""
    settings = settings_or_fail(data=data)
    if not file.is_file():
        fail(f"{file}: there is no such file", 2)
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        fail(f"{file}: this is no text in UTF-8")

    async def run() -> Any:
        from fairground.app.outfit import open_outfit
        from fairground.kit.actor import system
        from fairground.market.catalog.actions.categories import import_taxonomy as take_in

        async with open_outfit(settings, "import") as outfit:
            return await outfit.db.write(system("import"), lambda tx: take_in(tx, lines, language=language))

    done = run_async(run)
    if json:
        tell_json({"created": done.created, "updated": done.updated})
    else:
        tell(f"{done.created} categories created, {done.updated} updated")
