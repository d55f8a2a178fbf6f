"""What a payment gateway must offer. Two real ones: the sandbox, and bank transfer."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol, runtime_checkable

import msgspec

from fairground.kit.money import Money
from fairground.market.payments.model.notice import GatewayNotice
from fairground.market.payments.model.payment import Payment, PaymentId
from fairground.market.payments.model.payout import PayoutOrder
from fairground.market.payments.model.refund import RefundOrder, Sent
from fairground.market.payments.model.settlement import SettlementLine


class StartOrder(msgspec.Struct, frozen=True):
    """What a gateway needs to begin: our id, the amount, and where the buyer comes back to."""

    payment_id: PaymentId
    money: Money
    return_url: str


class TransferInstructions(msgspec.Struct, frozen=True):
    """What a buyer writes on a bank transfer."""

    holder: str
    number: str
    bank: str
    reference: str
    money: Money


class Started(msgspec.Struct, frozen=True):
    """How the buyer pays: at an address, or by these instructions."""

    pay_url: str | None = None
    instructions: TransferInstructions | None = None


@runtime_checkable  # the web framework looks whether what it hands over is one
class Gateway(Protocol):
    """A payment gateway. Every sending may be repeated: our ids are the keys that make a second one harmless.

    What cannot be done now raises `kit.errors.Unavailable` and is tried again.
    """

    @property
    def name(self) -> str:
        """Its stable name, as in `/webhooks/payments/{name}`."""

    @property
    def title(self) -> str:
        """What people call it (a msgid)."""

    @property
    def open_hours(self) -> int | None:
        """How long its payments stay open, where that is longer than the market's rule."""

    async def start(self, orders: Sequence[StartOrder]) -> dict[PaymentId, Started]:
        """Make payments known to the gateway, in one call; starting again gives the same."""

    async def ask(self, payment: Payment) -> GatewayNotice | None:
        """Ask what became of a payment; None where nothing final happened."""

    async def ask_many(self, payments: Sequence[Payment]) -> dict[PaymentId, GatewayNotice]:
        """Ask what became of many payments, in one call; without those to which nothing final happened."""

    async def refund(self, order: RefundOrder) -> Sent:
        """Send money back for a charge."""

    async def pay_out(self, order: PayoutOrder) -> Sent:
        """Send money to a bank account."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> list[GatewayNotice]:
        """Verify and read a webhook (header names in lower case); raises `WebhookRefused`."""

    async def settlement(self, day: date) -> list[SettlementLine] | None:
        """Fetch the settlement file of a day (UTC); None where there is none (yet)."""
