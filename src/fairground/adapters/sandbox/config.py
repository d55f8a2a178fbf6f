"""What a sandbox is given."""

import asyncio

import msgspec

from fairground.kit.db import Database


class SandboxMischief(msgspec.Struct, frozen=True):
    """How badly webhooks are delivered, in per cent of them; all zero is a good day."""

    duplicated_percent: int = 0  # delivered once more, as another copy of the same event
    delayed_percent: int = 0  # delivered late, and so after others that happened later
    delayed_seconds: int = 5
    lost_percent: int = 0  # never delivered


class SandboxConfig(msgspec.Struct):
    """A sandbox's own database access, its secret, and where the merchant listens."""

    db: Database
    secret: str
    webhook_url: str  # …/webhooks/payments/sandbox
    stylesheets: tuple[str, ...] = ()  # addresses that the cashier page links, in the market's look
    icon: str = ""  # address of the page's icon
    mischief: SandboxMischief = SandboxMischief()
    bounce_suffix: str = "0000"  # payouts to account numbers that end so come back
    woken: asyncio.Event = msgspec.field(default_factory=asyncio.Event)  # there is a webhook to deliver
