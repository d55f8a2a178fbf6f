"""Bank transfer: the buyer writes a reference number on a transfer, a clerk confirms it from the bank's statement."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from fairground.kit.errors import N_
from fairground.market.payments.errors import WebhookRefused
from fairground.market.payments.model import (
    BankAccount,
    GatewayNotice,
    Payment,
    PaymentId,
    PayoutOrder,
    RefundOrder,
    Sent,
    SentState,
    SettlementLine,
)
from fairground.market.payments.model.bank import BANK_TRANSFER
from fairground.market.payments.model.reference import write_reference
from fairground.market.payments.ports import Started, StartOrder, TransferInstructions


class BankTransferSettings(msgspec.Struct, frozen=True):
    """The market's own bank account, and how long a transfer may take."""

    account: BankAccount
    open_hours: int = 120


class BankTransfer:
    """Money by bank transfer; refunds and payouts are sent by hand and confirmed at the desk."""

    def __init__(self, settings: BankTransferSettings) -> None:
        self._settings = settings

    @property
    def name(self) -> str:
        """Give its stable name."""
        return BANK_TRANSFER

    @property
    def title(self) -> str:
        """Give what people call it."""
        return N_("Bank transfer")

    @property
    def open_hours(self) -> int | None:
        """A transfer takes longer than other ways of paying."""
        return self._settings.open_hours

    async def start(self, orders: Sequence[StartOrder]) -> dict[PaymentId, Started]:
        """Give the instructions for each payment."""
        account = self._settings.account
        return {
            order.payment_id: Started(
                instructions=TransferInstructions(
                    account.holder, account.number, account.bank, write_reference(order.payment_id), order.money
                )
            )
            for order in orders
        }

    async def ask(self, payment: Payment) -> GatewayNotice | None:
        """Nobody can be asked: what has come in is known from the statement."""
        return None

    async def ask_many(self, payments: Sequence[Payment]) -> dict[PaymentId, GatewayNotice]:
        """Nobody can be asked."""
        return {}

    async def refund(self, order: RefundOrder) -> Sent:
        """Leave it to a clerk."""
        return Sent(SentState.BY_HAND)

    async def pay_out(self, order: PayoutOrder) -> Sent:
        """Leave it to a clerk."""
        return Sent(SentState.BY_HAND)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> list[GatewayNotice]:
        """Refuse: a bank sends none."""
        raise WebhookRefused

    async def settlement(self, day: date) -> list[SettlementLine] | None:
        """There is none: the bank's statement itself is what a clerk confirms."""
        return None
