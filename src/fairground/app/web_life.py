"""What lives beside the handlers in a web process: the pages' templates, the head's categories, the play bank."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import structlog
from litestar.datastructures import State
from litestar.types import ASGIApp, Receive, Send

from fairground.adapters.sandbox.app import MOUNT
from fairground.adapters.sandbox.courier import run_courier
from fairground.app.gateways import SANDBOX, play_bank
from fairground.app.outfit import Outfit
from fairground.kit.errors import Unavailable
from fairground.kit.i18n.words import LANGUAGES
from fairground.market.orders.intake.gather import Intake, Till
from fairground.market.promotions.line import Line
from fairground.market.service.live import Live
from fairground.web.render import Pages

log = structlog.get_logger(__name__)
NOTES_EVERY: Final = 10.0
CATEGORIES_EVERY: Final = 6  # rounds of notes
HEAD_MOST: Final = 8  # categories in the head of a page


@asynccontextmanager
async def web_life(state: State, outfit: Outfit, stop: asyncio.Event) -> AsyncIterator[None]:
    """Set up what the handlers find in the application's state, and take it down."""
    pages = Pages(outfit.place, cache=_template_folder(outfit), secure_cookies=outfit.secure)
    pages.watch_clock(outfit.clock.now)
    state["pages"] = pages
    await _refresh(pages, outfit)
    keeping = asyncio.create_task(_keep(pages, outfit, stop), name="web life")
    intake: Intake = state["intake"]
    till: Till = state["till"]
    await intake.start()
    await till.start()
    line: Line = state["line"]
    await line.start()
    live: Live = state["live"]
    await live.start()
    try:
        yield
    finally:
        stop.set()
        await intake.stop()
        await till.stop()
        await line.stop()
        await live.stop()
        await asyncio.gather(keeping, return_exceptions=True)


def _template_folder(outfit: Outfit) -> Path | None:
    """Where compiled templates are kept from start to start; without such a place they are compiled anew."""
    folder = outfit.folder / "templates"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder


@asynccontextmanager
async def play_bank_beside(outfit: Outfit, app: ASGIApp, stop: asyncio.Event) -> AsyncIterator[ASGIApp]:
    """Mount the play bank at `/sandbox`, where it is switched on, and let its courier run."""
    if SANDBOX not in outfit.gateways:
        yield app
        return
    async with play_bank(outfit.settings, outfit.db, outfit.keyring) as (bank, config):
        courier = asyncio.create_task(run_courier(config, stop, outfit.to_sandbox), name="sandbox courier")

        async def both(scope: Any, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"].startswith(f"{MOUNT}/"):
                await bank(scope, receive, send)  # type: ignore[arg-type]
            else:
                await app(scope, receive, send)

        try:
            yield both
        finally:
            stop.set()
            config.woken.set()
            await asyncio.gather(courier, return_exceptions=True)


async def _keep(pages: Pages, outfit: Outfit, stop: asyncio.Event) -> None:
    """Write down what was asked and shown, and keep the categories fresh."""
    rounds = 0
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), NOTES_EVERY)
        rounds += 1
        try:
            await outfit.finder.write_notes(outfit.db)
        except Unavailable:
            log.info("search notes wait for the database")
        except Exception:
            log.exception("search notes not written")
        if stop.is_set():
            return
        if rounds % CATEGORIES_EVERY == 0:
            await _refresh(pages, outfit)


async def _refresh(pages: Pages, outfit: Outfit) -> None:
    try:
        await outfit.finder.refresh(outfit.db)
    except Unavailable:
        return  # the old ones stand
    roots = outfit.finder.tree.children_of(None)[:HEAD_MOST]
    for language in LANGUAGES:
        pages.categories[language] = [(f"/c/{root.slug}", root.name_in(language)) for root in roots]
