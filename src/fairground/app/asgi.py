"""The web process: the ASGI application, made once per process from the settings."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ASGIApp, Receive, Scope, Send

from fairground.app.door import Door, before_request
from fairground.app.gateways import start_payments
from fairground.app.logs import set_up_logs
from fairground.app.memory import settle
from fairground.app.methods import Methods
from fairground.app.outfit import Outfit, open_outfit
from fairground.app.quick import Counter
from fairground.app.reach import NotReady
from fairground.app.routes import HANDLERS
from fairground.app.settings import BadSetting, Settings, load
from fairground.app.troubles import on_http_exception, on_trouble, on_unexpected
from fairground.app.web_life import play_bank_beside, web_life
from fairground.kit.errors import Trouble
from fairground.kit.http.caller import caller_of
from fairground.kit.http.forms import from_text
from fairground.kit.ids import Id, to_text
from fairground.kit.migrations import NewerDatabase
from fairground.market.orders.intake.gather import make_intake, make_till
from fairground.market.promotions.line import Line
from fairground.market.service.live import Live
from fairground.web.public.metrics import Figures

MIB = 1024 * 1024
EXPECTED = (BadSetting, NotReady, NewerDatabase)  # at a start
# In the state, for handlers.
KEPT = ("outfit", "db", "storage", "keyring", "gateways", "finder", "intake", "till", "line", "live", "attendant")


class Market:
    """The ASGI application of one process: opened with the server's lifespan, closed with it.

    The outfit (and with it Litestar's application) is made when the server starts the process, not before: it needs
    a running loop.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the life of the process."""
        if scope["type"] == "lifespan":  # type: ignore[comparison-overlap]
            await self._live(receive, send)
            return
        assert self._app is not None, "served before the start"
        await self._app(scope, receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        try:
            async with open_outfit(self._settings, "web") as outfit, market_app(outfit) as app:
                self._app = app
                settle()
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except EXPECTED as trouble:
            sys.stderr.write(f"fairground: {trouble}\n")  # and nothing else: raised on, it would bring its traces
            await send({"type": "lifespan.startup.failed", "message": str(trouble)})
            return
        except Exception as trouble:
            if self._app is None:
                await send({"type": "lifespan.startup.failed", "message": str(trouble)})
            raise
        await send({"type": "lifespan.shutdown.complete"})


@asynccontextmanager
async def market_app(outfit: Outfit, app: Litestar | None = None) -> AsyncIterator[ASGIApp]:
    """Give the application of an outfit, with what runs beside it in a web process.

    `app` is one that served another outfit before and does no longer.
    """
    app = app or make_app(outfit.settings.max_upload_mib)
    fill_state(app.state, outfit)
    stop = asyncio.Event()
    door = Door(Counter(app, app.state["intake"], app.state["till"], outfit.gateways), outfit, app.state["figures"])
    async with web_life(app.state, outfit, stop), play_bank_beside(outfit, door, stop) as whole:
        yield Methods(whole)


def make_app(max_upload_mib: int) -> Litestar:
    """Make Litestar's application: handlers, what they are given, how trouble is told. `fill_state` opens it."""
    return Litestar(
        route_handlers=HANDLERS,
        dependencies={
            "caller": Provide(caller_of_request, sync_to_thread=False),
            **{name: _kept(name) for name in KEPT},
        },
        before_request=before_request,
        exception_handlers={Trouble: on_trouble, HTTPException: on_http_exception, Exception: on_unexpected},
        type_encoders={Id: to_text},
        type_decoders=[(lambda kind: isinstance(kind, type) and issubclass(kind, Id), from_text)],
        request_max_body_size=max_upload_mib * MIB,
        openapi_config=OpenAPIConfig(
            title="Fairground", version="1", path="/openapi", render_plugins=[JsonRenderPlugin()]
        ),
        logging_config=None,
    )


def fill_state(state: State, outfit: Outfit) -> None:
    """Lay ready what handlers are given."""
    url = outfit.place.url
    state.update(
        {
            "outfit": outfit,
            "db": outfit.db,
            "storage": outfit.storage,
            "keyring": outfit.keyring,
            "gateways": outfit.gateways,
            "finder": outfit.finder,
            "attendant": outfit.attendant,
            "intake": make_intake(outfit.db, after=lambda placed: start_payments(outfit.gateways, url, placed)),
            "till": make_till(outfit.db),
            "line": Line(outfit.db),
            "live": Live(outfit.db),
            "figures": Figures(),
        }
    )


def _kept(name: str) -> Provide:
    def give(state: State) -> Any:
        return state[name]

    return Provide(give, sync_to_thread=False)


def caller_of_request(request: Any) -> Any:
    """Provide the caller of a request."""
    return caller_of(request)


def create() -> Market:
    """Make the application for a server (Granian's factory), with settings from environment and file."""
    settings = load()
    set_up_logs(settings.log_level)
    return Market(settings)
