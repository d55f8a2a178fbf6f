"""The client of the sandbox bank: the way a real gateway's client goes, over HTTP and signed on both sides."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import httpx
import msgspec

from fairground.adapters.gateways.signature import HEADER, WEBHOOK, is_signed, sign
from fairground.kit.clock import Clock
from fairground.kit.errors import N_, Unavailable
from fairground.kit.ids import Id
from fairground.market.payments.errors import WebhookRefused
from fairground.market.payments.model import (
    GatewayNotice,
    NoticeKind,
    Payment,
    PaymentId,
    PayoutOrder,
    RefundOrder,
    Sent,
    SentState,
    SettlementLine,
    read_settlement,
)
from fairground.market.payments.ports import Started, StartOrder

NAME: Final = "sandbox"
MOST_EVENTS: Final = 500


class WireEvent(msgspec.Struct, frozen=True):
    """One event as the sandbox tells it; ids are text, amounts minor units."""

    id: str
    kind: NoticeKind
    merchant_reference: str
    reference: str
    amount: int
    currency: str
    at: datetime
    words: str = ""


class WireEvents(msgspec.Struct, frozen=True):
    """The body of a webhook: one event or several."""

    events: list[WireEvent]


class WireSent(msgspec.Struct, frozen=True):
    """The sandbox's answer to a refund or a payout."""

    state: SentState
    reference: str | None = None
    at: datetime | None = None
    error: str | None = None


class _WireStarted(msgspec.Struct, frozen=True):
    merchant_reference: str
    pay_url: str


class SandboxGateway:
    """The sandbox gateway. `url` is where the sandbox is mounted, without a slash at the end.

    `transport` leads to a sandbox in the same process without a socket; `public_url` is what buyers' browsers open.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        clock: Clock,
        *,
        public_url: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._secret = secret
        self._clock = clock
        self._public_url = public_url or url
        self._client = httpx.AsyncClient(base_url=url, transport=transport, timeout=10)

    @property
    def name(self) -> str:
        """Give its stable name."""
        return NAME

    @property
    def title(self) -> str:
        """Give what people call it."""
        return N_("Sandbox (no real money)")

    @property
    def open_hours(self) -> int | None:
        """Its payments stay open as long as the market's rule says."""
        return None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def start(self, orders: Sequence[StartOrder]) -> dict[PaymentId, Started]:
        """Make payments known to the sandbox, in one call."""
        body = [
            {
                "merchant_reference": str(int(order.payment_id)),
                "amount": order.money.amount,
                "currency": order.money.currency,
                "return_url": order.return_url,
            }
            for order in orders
        ]
        answer = await self._call("POST", "/intents", body)
        started = msgspec.json.decode(answer.content, type=list[_WireStarted])
        return {
            PaymentId(int(one.merchant_reference)): Started(pay_url=f"{self._public_url}{one.pay_url}")
            for one in started
        }

    async def ask(self, payment: Payment) -> GatewayNotice | None:
        """Ask what became of a payment."""
        answer = await self._call("GET", f"/intents/{int(payment.id)}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        event = msgspec.json.decode(answer.content, type=WireEvent | None)
        return None if event is None else _notice(event)

    async def ask_many(self, payments: Sequence[Payment]) -> dict[PaymentId, GatewayNotice]:
        """Ask what became of many payments, in one call."""
        answer = await self._call("POST", "/results", [str(int(payment.id)) for payment in payments])
        events = msgspec.json.decode(answer.content, type=list[WireEvent])
        return {PaymentId(int(event.merchant_reference)): _notice(event) for event in events}

    async def refund(self, order: RefundOrder) -> Sent:
        """Send money back for a charge."""
        return await self._send(
            "/refunds",
            {
                "merchant_reference": str(int(order.id)),
                "charge": order.charge,
                "amount": order.money.amount,
                "currency": order.money.currency,
            },
        )

    async def pay_out(self, order: PayoutOrder) -> Sent:
        """Send money to a bank account."""
        return await self._send(
            "/payouts",
            {
                "merchant_reference": str(int(order.id)),
                "holder": order.account.holder,
                "account": order.account.number,
                "amount": order.money.amount,
                "currency": order.money.currency,
            },
        )

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> list[GatewayNotice]:
        """Verify and read a webhook.

        Raises:
            WebhookRefused: not signed by the sandbox, older than five minutes, or unreadable.
        """
        if not is_signed(self._secret, WEBHOOK, body, headers.get(HEADER), self._clock.now()):
            raise WebhookRefused
        try:
            events = msgspec.json.decode(body, type=WireEvents).events
            notices = [_notice(event) for event in events]
        except (msgspec.MsgspecError, ValueError):
            raise WebhookRefused from None
        if len(notices) > MOST_EVENTS:
            raise WebhookRefused
        return notices

    async def settlement(self, day: date) -> list[SettlementLine] | None:
        """Fetch the settlement file of a day."""
        answer = await self._call("GET", f"/settlements/{day.isoformat()}.csv")
        return None if answer.status_code == httpx.codes.NOT_FOUND else read_settlement(answer.text)

    async def _send(self, path: str, body: dict[str, Any]) -> Sent:
        answer = msgspec.json.decode((await self._call("POST", path, body)).content, type=WireSent)
        return Sent(answer.state, answer.reference, answer.at, answer.error)

    async def _call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        content = b"" if body is None else msgspec.json.encode(body)
        purpose = f"{method} {path}"
        headers = {
            "content-type": "application/json",
            HEADER: sign(self._secret, purpose, content, self._clock.now()),
        }
        try:
            answer = await self._client.request(method, path, content=content, headers=headers)
        except httpx.HTTPError as trouble:
            raise Unavailable(retry_after=5) from trouble
        if answer.is_success or answer.status_code == httpx.codes.NOT_FOUND:
            return answer
        raise Unavailable(retry_after=5)


def _notice(event: WireEvent) -> GatewayNotice:
    return GatewayNotice(
        gateway=NAME,
        event_id=event.id,
        kind=event.kind,
        subject=Id.parse(event.merchant_reference),
        reference=event.reference,
        amount=event.amount,
        currency=event.currency,
        at=event.at,
        words=event.words[:500],
    )
