"""What orders announce: ids and amounts (minor units of `currency`), never names or addresses."""

from datetime import datetime

from fairground.kit.events import Event
from fairground.kit.ids import Id
from fairground.market.orders.model import CheckoutId, CloseReason, OrderId


class OrderEvent(Event, frozen=True, kw_only=True):
    """What happened to one order."""

    order_id: OrderId
    buyer_id: Id
    shop_id: Id

    @property
    def subject(self) -> Id:
        """The order."""
        return self.order_id


class OrderPlaced(OrderEvent, frozen=True, kw_only=True):
    """Somebody has ordered; not paid yet."""

    checkout_id: CheckoutId
    total: int
    currency: str


class OrderPaid(OrderEvent, frozen=True, kw_only=True):
    """The money is held; the shop may ship."""

    total: int
    currency: str


class OrderPartlyShipped(OrderEvent, frozen=True, kw_only=True):
    """Some of the lines are on their way."""


class OrderShipped(OrderEvent, frozen=True, kw_only=True):
    """The last line is on its way."""

    confirm_by: datetime


class OrderExtended(OrderEvent, frozen=True, kw_only=True):
    """The buyer has more time to confirm."""

    confirm_by: datetime


class OrderReceived(OrderEvent, frozen=True, kw_only=True):
    """The deal is done. `held` and, from the market, `subsidy` are in clearing; `shop` and `commission` share them."""

    payment_id: Id
    held: int
    subsidy: int
    shop: int
    commission: int
    currency: str


class OrderClosed(OrderEvent, frozen=True, kw_only=True):
    """The order ended without receipt; `refunded` went back to the buyer."""

    reason: CloseReason
    refunded: int
    currency: str


class OrderRefunded(OrderEvent, frozen=True, kw_only=True):
    """A part of the money went back to the buyer; the order goes on."""

    amount: int
    currency: str


class RefundedAfterReceipt(OrderEvent, frozen=True, kw_only=True):
    """Money went back though the shop was paid: it is in clearing, and what made it up is to come from the shop's side.

    held = from_shop + from_commission + from_market - subsidy: what the buyer got. `subsidy` is the market's share of
    promotions that the shop gives back, `from_market` what the market bears.
    """

    key: str
    payment_id: Id
    held: int
    from_shop: int
    from_commission: int
    from_market: int
    subsidy: int
    currency: str


class CancellationAsked(OrderEvent, frozen=True, kw_only=True):
    """The buyer wants to cancel; the shop's silence until `due_at` is a yes."""

    due_at: datetime


class CancellationRefused(OrderEvent, frozen=True, kw_only=True):
    """The shop has said no to the buyer's wish to cancel."""


class OrderShipsLate(OrderEvent, frozen=True, kw_only=True):
    """The shop has broken its promise to ship; `compensation` is what a voucher for the buyer is worth."""

    compensation: int
    currency: str


class PaymentReminderDue(Event, frozen=True, kw_only=True):
    """A checkout closes soon because it is not paid."""

    checkout_id: CheckoutId
    buyer_id: Id
    pay_by: datetime

    @property
    def subject(self) -> Id:
        """The checkout."""
        return self.checkout_id


OF_ORDERS: tuple[type[OrderEvent], ...] = (
    OrderPlaced,
    OrderPaid,
    OrderPartlyShipped,
    OrderShipped,
    OrderExtended,
    OrderReceived,
    OrderClosed,
    OrderRefunded,
    RefundedAfterReceipt,
    CancellationAsked,
    CancellationRefused,
    OrderShipsLate,
)
