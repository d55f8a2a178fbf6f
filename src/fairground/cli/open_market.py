"""Commands that open the market: `up`, `serve`, `work`, `migrate`."""

import os
from typing import Annotated, Any, Final

import typer

from fairground.cli.console import fail, run_async, settings_or_fail, tell

Data = Annotated[str | None, typer.Option("--data", help="Folder for everything the market keeps. [FAIRGROUND_DATA]")]
Host = Annotated[str | None, typer.Option("--host", help="Address to listen on. [FAIRGROUND_HOST]")]
Leash = Annotated[bool, typer.Option("--leash", hidden=True, help="Stop when standard input ends.")]
Port = Annotated[int | None, typer.Option("--port", help="Port to listen on. [FAIRGROUND_PORT]")]

# Buyers come first: where cores are short, letters and copies wait for them, not they for letters.
NICE: Final = 5


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (up, serve, work, migrate):
        app.command()(command)


def up(
    data: Data = None,
    host: Host = None,
    port: Port = None,
    demo: Annotated[bool, typer.Option("--demo", help="Fill an empty market with the demo fair first.")] = False,
) -> None:
    """Open the whole market on this machine: database, pages, API and background work. Ctrl-C closes it."""
    from fairground.app.supervisor import CannotOpen, open_market

    settings = settings_or_fail(data=data, host=host, port=port, demo=demo or None)
    try:
        open_market(settings, tell)
    except CannotOpen as trouble:
        fail(str(trouble))


def serve(data: Data = None, host: Host = None, port: Port = None, leash: Leash = False) -> None:
    """Serve pages and API, against DATABASE_URL or a running `up`."""
    _put_on(leash)
    settings = settings_or_fail(data=data, host=host, port=port)
    from fairground.adapters.postgres.errors import PostgresTrouble
    from fairground.app.reach import NotReady
    from fairground.app.server import PortTaken, serve_web
    from fairground.kit.migrations import NewerDatabase

    try:
        serve_web(settings, is_checked=leash)
    except (PortTaken, NotReady, NewerDatabase, PostgresTrouble) as trouble:
        fail(str(trouble))


def work(data: Data = None, leash: Leash = False) -> None:
    """Do the background work only, against DATABASE_URL or a running `up`."""
    _put_on(leash)
    settings = settings_or_fail(data=data)
    os.nice(NICE)

    async def run() -> None:
        from fairground.app.background import work_until_told

        await work_until_told(settings)

    run_async(run)


def _put_on(leash: bool) -> None:
    if leash:
        from fairground.app.leash import end_with_parent

        end_with_parent()


def migrate(data: Data = None) -> None:
    """Bring the database's schema up to date."""
    settings = settings_or_fail(data=data)

    async def run() -> list[str]:
        return await bring_up_to_date(settings)

    names = run_async(run)
    tell("\n".join(names) if names else "nothing to do")


async def bring_up_to_date(settings: Any) -> list[str]:
    """Migrate the database of the settings."""
    from fairground.app.outfit import open_outfit
    from fairground.app.reach import find_dsn, wait_for_database
    from fairground.app.schema import MIGRATIONS
    from fairground.kit.actor import system
    from fairground.kit.migrations import migrate as run_migrations
    from fairground.market.catalog.actions.categories import plant_categories

    dsn = find_dsn(settings)
    await wait_for_database(dsn, settings.database_wait)
    names = await run_migrations(dsn, MIGRATIONS)
    async with open_outfit(settings, "migrate") as outfit:
        # Safe to repeat: what the operator changed stays.
        await outfit.db.write(system("migrate"), plant_categories)
    return names
