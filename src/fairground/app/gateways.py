"""The ways to pay of this installation, made from the settings; and the play bank that one of them talks to."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import httpx
import structlog

from fairground.adapters.gateways.bank_transfer import BankTransfer, BankTransferSettings
from fairground.adapters.gateways.sandbox import SandboxGateway
from fairground.adapters.sandbox.app import MOUNT, SandboxApp, sandbox_app
from fairground.adapters.sandbox.config import SandboxConfig, SandboxMischief
from fairground.app.settings import BadSetting, Settings
from fairground.kit.clock import Clock
from fairground.kit.db import Database
from fairground.kit.money import Money
from fairground.kit.seal import Keyring
from fairground.market.orders.intake.prepared import Placed
from fairground.market.orders.model import WaysToPay
from fairground.market.payments.model import BankAccount, PaymentId
from fairground.market.payments.ports import Gateway, StartOrder
from fairground.web.assets import asset_url

log = structlog.get_logger(__name__)
SANDBOX: Final = "sandbox"
BANK_TRANSFER: Final = "bank_transfer"
KNOWN: Final = (SANDBOX, BANK_TRANSFER)


def gateway_names(settings: Settings) -> list[str]:
    """Name the gateways that are switched on, the default first.

    Raises:
        BadSetting: one is unknown, or lacks what it needs.
    """
    names = [name.strip() for name in settings.gateways.split(",") if name.strip()]
    unknown = [name for name in names if name not in KNOWN]
    if unknown:
        raise BadSetting(f"gateways: there is no gateway {unknown[0]!r}; known: {', '.join(KNOWN)}")
    if settings.sandbox and SANDBOX not in names:
        names.append(SANDBOX)
    if settings.bank_number and BANK_TRANSFER not in names:
        names.append(BANK_TRANSFER)
    if BANK_TRANSFER in names and not (settings.bank_holder and settings.bank_number):
        raise BadSetting("gateways: bank_transfer needs bank_holder and bank_number")
    if SANDBOX in names and not settings.sandbox:
        raise BadSetting(
            "gateways: the sandbox moves no real money: it must be switched on with FAIRGROUND_SANDBOX=true"
        )
    return names


def make_gateways(
    settings: Settings, keyring: Keyring, clock: Clock, to_sandbox: httpx.AsyncBaseTransport | None = None
) -> dict[str, Gateway]:
    """Make the gateways by name, the default first; `to_sandbox` leads to a play bank in this process."""
    made: dict[str, Gateway] = {}
    for name in gateway_names(settings):
        if name == SANDBOX:
            url = f"{settings.own_url}{MOUNT}"
            public = f"{settings.public_url}{MOUNT}"
            made[name] = SandboxGateway(url, sandbox_secret(keyring), clock, public_url=public, transport=to_sandbox)
        else:
            account = BankAccount(settings.bank_holder or "", settings.bank_number or "", settings.bank_name or "")
            made[name] = BankTransfer(BankTransferSettings(account))
    return made


def ways_to_pay(gateways: dict[str, Gateway]) -> WaysToPay:
    """Tell the rooms which ways there are."""
    default = next(iter(gateways), "")
    return WaysToPay(default=default, open_hours={name: gateway.open_hours for name, gateway in gateways.items()})


def sandbox_secret(keyring: Keyring) -> str:
    """Give the secret between the market and its play bank; all processes of one market derive the same."""
    return hashlib.sha256(keyring.fingerprint("sandbox", "fairground.app").encode()).hexdigest()


@asynccontextmanager
async def play_bank(
    settings: Settings, db: Database, keyring: Keyring
) -> AsyncIterator[tuple[SandboxApp, SandboxConfig]]:
    """Open the play bank: its own connections and schema, its own view of the clock."""
    own = Database(db.dsn, clock=db.clock, ids=db.ids, connections=2, name="fairground sandbox")
    await own.open()
    config = SandboxConfig(
        db=own,
        secret=sandbox_secret(keyring),
        webhook_url=f"{settings.own_url}/webhooks/payments/{SANDBOX}",
        stylesheets=(asset_url("fairground.css"),),
        icon=asset_url("mark.svg"),
        mischief=_mischief(settings),
    )
    try:
        yield sandbox_app(config), config
    finally:
        await own.close()


def _mischief(settings: Settings) -> SandboxMischief:
    """Read `duplicate=20,lose=5,delay=10`, in per cent.

    Raises:
        BadSetting: it cannot be read.
    """
    fields = {"duplicate": "duplicated_percent", "lose": "lost_percent", "delay": "delayed_percent"}
    values: dict[str, int] = {}
    for part in filter(None, (p.strip() for p in settings.sandbox_mischief.split(","))):
        name, _, percent = part.partition("=")
        if name not in fields or not percent.isdigit() or int(percent) > 100:
            raise BadSetting("sandbox_mischief: expected duplicate=20,lose=5,delay=10 (per cent)")
        values[fields[name]] = int(percent)
    return SandboxMischief(**values)


async def start_payments(gateways: dict[str, Gateway], url: str, fresh: Sequence[Placed]) -> None:
    """Make the payments of fresh checkouts known to their gateway, in one call.

    Where it does not answer, the buyer's way to the cashier (`/pay/…`) starts the payment once more.
    """
    by_gateway: dict[str, list[StartOrder]] = {}
    for placed in fresh:
        if not placed.replayed:
            payment = placed.answer["payment"]
            money = Money(payment["amount"]["amount"], payment["amount"]["currency"])
            if money:
                order = StartOrder(PaymentId(int(payment["id"])), money, f"{url}/pay/{payment['id']}/done")
                by_gateway.setdefault(payment["gateway"], []).append(order)
    for name, orders in by_gateway.items():
        try:
            await gateways[name].start(orders)
        except Exception as trouble:  # noqa: BLE001 - the orders stand; the cashier starts it again
            log.warning("payments not started", gateway=name, payments=len(orders), error=repr(trouble))
