"""What one process of the market works with, made from the settings: database, keys, pictures' store, mail.

Start and stop belong together: `async with open_outfit(settings, "web") as outfit`.
"""

import asyncio
import contextlib
import hashlib
import os
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import httpx
import structlog

from fairground.adapters.carriers.sandbox import SandboxCarrier
from fairground.adapters.language_models import OpenAiClient
from fairground.app.bindings import leaving, sight
from fairground.app.gateways import make_gateways, ways_to_pay
from fairground.app.reach import check_schema, data_folder, find_dsn, wait_for_database
from fairground.app.settings import BadSetting, Settings, offset_seconds
from fairground.kit.actor import system
from fairground.kit.clock import Clock
from fairground.kit.db import GONE, Database, Given
from fairground.kit.errors import Unavailable
from fairground.kit.ids import IdMaker
from fairground.kit.leases import give_process_back, renew_process, take_process
from fairground.kit.live import Caller
from fairground.kit.mail import Mailer, OutboxMailer, Security, SmtpMailer, SmtpServer
from fairground.kit.place import Place
from fairground.kit.rate_limit import RateScale
from fairground.kit.seal import Keyring, load_or_create_keyring
from fairground.kit.storage import ObjectStorage, open_storage
from fairground.kit.wake import Waker
from fairground.market.search.finder import Finder
from fairground.market.service.queries.attendant import Attendant
from fairground.market.shipping.ports import Carrier

log = structlog.get_logger(__name__)
RENEW: Final = 30.0


class Outfit:
    """What a process works with."""

    def __init__(
        self,
        settings: Settings,
        dsn: str,
        *,
        clock: Clock | None = None,
        more: Sequence[object] = (),
        to_sandbox: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Make it; nothing is opened yet.

        `more` replaces what the rooms are given (tests, with quick passwords); `to_sandbox` leads to a play bank in
        the same process.
        """
        self.settings = settings
        self.place: Place = settings.place
        self.folder = data_folder(settings)
        self.clock = clock or Clock(timedelta(seconds=offset_seconds(settings.clock_offset or "0s")))
        self.keyring = open_keyring(settings, self.clock)
        self.secret = hashlib.sha256(self.keyring.fingerprint("csrf", "fairground.app").encode()).digest()
        self.secure = (
            settings.public_url.startswith("https") if settings.secure_cookies is None else (settings.secure_cookies)
        )
        self.waker = Waker(dsn)
        self.caller = Caller(dsn)
        self.to_sandbox = to_sandbox
        self.gateways = make_gateways(settings, self.keyring, self.clock, to_sandbox)
        self.db = Database(
            dsn,
            clock=self.clock,
            ids=IdMaker(0),
            given=Given(self.place, self.keyring, self.caller, ways_to_pay(self.gateways), *_given(settings), *more),
            connections=settings.connections,
            wake=self.waker.wake,
        )
        # The carriers' own interfaces come with contracts; without one the sandbox carrier tells parcels' journeys.
        self.carriers: dict[str, Carrier] = {"sandbox": SandboxCarrier()} if settings.sandbox else {}
        self.storage = make_storage(settings, self.folder)
        self.mailer = make_mailer(settings, self.folder)
        self.index_folder = self.folder / "index"
        self.finder = Finder(self.index_folder)
        self.attendant = make_attendant(settings)


def make_attendant(settings: Settings) -> Attendant:
    """Make the attendant; embeddings and a language model only where the operator named them."""
    ways = (
        (settings.embeddings_url, settings.embeddings_name, settings.embeddings_key),
        (settings.language_model_url, settings.language_model_name, settings.language_model_key),
    )
    embedder, model = (None if url is None else OpenAiClient(url, name, key) for url, name, key in ways)
    return Attendant(embedder, model)


def _given(settings: Settings) -> list[object]:
    return [*settings.given_rules(), RateScale(settings.rate_limit_scale), leaving(), sight()]


def open_keyring(settings: Settings, clock: Clock) -> Keyring:
    """Open the keys that seal and sign: from the setting, or a file in the data folder made at the first start."""
    try:
        if settings.secret_key:
            return Keyring.from_setting(settings.secret_key)
        return load_or_create_keyring(data_folder(settings) / "keys", clock.now())
    except ValueError as trouble:
        raise BadSetting(f"secret_key: {trouble}") from None


def make_storage(settings: Settings, folder: Path) -> ObjectStorage:
    """Open the store for pictures: the one of the setting, or a folder."""
    options = dict(pair.split("=", 1) for pair in (settings.storage_options or "").split(",") if "=" in pair)
    try:
        return open_storage(settings.storage_url or str(folder / "media"), options)
    except ValueError as trouble:
        raise BadSetting(f"storage_url: {trouble}") from None


def make_mailer(settings: Settings, folder: Path) -> Mailer:
    """Open the way for letters: a mail server, or a folder.

    `smtp_url` is `smtp://USER:PASSWORD@HOST:PORT` (STARTTLS demanded), `smtps://…` (TLS from the start) or
    `smtp+plain://…` (neither: only for a server on this machine).
    """
    if not settings.smtp_url:
        return OutboxMailer(folder / "outbox", settings.mail_from)
    ways = {
        "smtp": (Security.STARTTLS, 587),
        "smtps": (Security.TLS, 465),
        "smtp+plain": (Security.PLAIN, 25),
    }
    parts = urlsplit(settings.smtp_url)
    if parts.scheme not in ways or not parts.hostname:
        raise BadSetting("smtp_url: expected smtp://, smtps:// or smtp+plain://USER:PASSWORD@HOST:PORT")
    security, port = ways[parts.scheme]
    server = SmtpServer(
        host=parts.hostname,
        port=parts.port or port,
        security=security,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )
    return SmtpMailer(server, settings.mail_from)


@asynccontextmanager
async def open_outfit(settings: Settings, name: str) -> AsyncIterator[Outfit]:
    """Open what a process works with, wait for the database, lease a process number for ids.

    Raises:
        NotReady: there is no database, or its schema is not up to date.
    """
    outfit = Outfit(settings, find_dsn(settings))
    async with opened(outfit, name):
        yield outfit


@asynccontextmanager
async def opened(outfit: Outfit, name: str) -> AsyncIterator[None]:
    """Open an outfit for a process of this name, and close it.

    Raises:
        NotReady: the database does not answer, or its schema is not up to date.
    """
    await wait_for_database(outfit.db.dsn, outfit.settings.database_wait)
    await check_schema(outfit.db.dsn)
    await outfit.db.open()
    outfit.waker.start()
    outfit.caller.start()
    holder = f"{name}:{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
    number = await outfit.db.write(system(name), lambda tx: take_process(tx, holder))
    outfit.db.ids = IdMaker(number)
    renewing = asyncio.create_task(_keep_process(outfit.db, number, holder), name="process lease")
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        with contextlib.suppress(Unavailable, *GONE):
            await outfit.db.write(system(name), lambda tx: give_process_back(tx, number, holder))
        await outfit.caller.stop()
        await outfit.attendant.close()
        await outfit.waker.stop()
        await outfit.db.close()


async def _keep_process(db: Database, number: int, holder: str) -> None:
    """Renew the lease; where it was lost (a long sleep), take another number before the next id."""
    while True:
        await asyncio.sleep(RENEW)
        with contextlib.suppress(Unavailable):
            if not await db.write(system("lease"), lambda tx, n=number: renew_process(tx, n, holder)):  # type: ignore[misc]
                number = await db.write(system("lease"), lambda tx: take_process(tx, holder))
                db.ids = IdMaker(number)
                log.warning("took another process number", number=number)
