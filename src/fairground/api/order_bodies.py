"""Orders and payments as the API shows them."""

from datetime import datetime
from typing import Any

import msgspec

from fairground.api.quote_bodies import LineView, line_view
from fairground.kit.i18n.words import say
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.orders.model import (
    CloseReason,
    Deed,
    Order,
    OrderId,
    OrderLine,
    OrderMove,
    OrderState,
    show_number,
)
from fairground.market.orders.model.order import FrozenDelivery, ShopOrder
from fairground.market.orders.queries.look import OrderLook
from fairground.market.payments.model import Payment, PaymentId, PaymentState
from fairground.market.shipping.model import DeliveryKind, Parcel, ParcelId, ParcelState
from fairground.market.shipping.model.rates import STANDARD_NAME


class ItemLine(msgspec.Struct):
    """A line as lists show it."""

    variant_id: Id
    title: str
    options: dict[str, str]
    picture_id: Id | None
    quantity: int


class OrderItem(msgspec.Struct):
    """An order in a list; a seller's list may be a second behind."""

    id: OrderId
    number: str
    shop: str
    state: OrderState
    close_reason: CloseReason | None
    total: Money
    lines: list[ItemLine]
    placed_at: datetime
    ship_by: datetime | None
    confirm_by: datetime | None


class Orders(msgspec.Struct):
    """A page of orders, the latest first."""

    items: list[OrderItem]
    next: str | None


def bought_item(order: Order, lines: tuple[OrderLine, ...], slug: str) -> OrderItem:
    """Show an order in its buyer's list."""
    return OrderItem(
        order.id,
        order.shown_number,
        slug,
        order.state,
        order.close_reason,
        order.total_money,
        [ItemLine(x.variant_id, x.title, x.options, x.picture_id, x.quantity) for x in lines],
        order.placed_at,
        order.ship_by,
        order.confirm_by,
    )


def sold_item(order: ShopOrder, slug: str) -> OrderItem:
    """Show an order in its shop's list."""
    lines = [
        ItemLine(
            Id(int(line["variant_id"])),
            line["title"],
            line["options"],
            None if line["picture_id"] is None else Id(int(line["picture_id"])),
            line["quantity"],
        )
        for line in order.lines
    ]
    return OrderItem(
        order.order_id,
        show_number(order.number),
        slug,
        order.state,
        order.close_reason,
        order.total,
        lines,
        order.placed_at,
        order.ship_by,
        order.confirm_by,
    )


class PaymentView(msgspec.Struct):
    """A payment; `pay_url` while it can be paid."""

    id: PaymentId
    state: PaymentState
    amount: Money
    gateway: str
    expires_at: datetime
    paid_at: datetime | None
    order_ids: list[Id]
    pay_url: str | None
    came_late: bool  # the money came when the orders were closed already, and went back


def payment_view(payment: Payment, url: str, *, late: bool = False) -> PaymentView:
    """Show a payment; `url` is the market's own."""
    open_ = payment.state in {PaymentState.PENDING, PaymentState.FAILED}
    return PaymentView(
        payment.id,
        payment.state,
        payment.total,
        payment.gateway,
        payment.expires_at,
        payment.paid_at,
        [part.order_id for part in payment.parts],
        f"{url}/pay/{int(payment.id)}" if open_ else None,
        late,
    )


def _came_late(order: Order, payment: Payment) -> bool:
    """What was never paid in time, and whose money went back, was paid too late."""
    return order.close_reason is CloseReason.UNPAID and payment.state is PaymentState.REFUNDED


class PackedView(msgspec.Struct):
    """So many pieces of a line in a parcel."""

    line_id: str
    quantity: int


class ParcelView(msgspec.Struct):
    """A parcel of the order."""

    id: ParcelId
    carrier: str | None
    tracking_number: str | None
    state: ParcelState
    lines: list[PackedView]
    shipped_at: datetime
    delivered_at: datetime | None


class MoveView(msgspec.Struct):
    """One entry of the order's history; `actor` is buyer, shop or market."""

    deed: Deed
    state: OrderState
    actor: str
    reason: str
    amount: Money | None
    at: datetime


class DeliveryView(msgspec.Struct):
    """The delivery that was chosen."""

    option: str
    name: str
    kind: DeliveryKind
    price: Money
    days: tuple[int, int]


class OrderView(msgspec.Struct):
    """An order; only its buyer sees the payment."""

    id: OrderId
    number: str
    checkout_id: Id
    shop: str
    shop_name: str
    state: OrderState
    close_reason: CloseReason | None
    total: Money
    goods: Money
    saved: Money
    shipping: Money
    tax: Money
    refunded: Money
    lines: list[LineView]
    address: dict[str, Any]
    note: str
    delivery: DeliveryView
    payment: PaymentView | None
    parcels: list[ParcelView]
    history: list[MoveView]
    placed_at: datetime
    pay_by: datetime
    paid_at: datetime | None
    ship_by: datetime | None
    shipped_at: datetime | None
    confirm_by: datetime | None
    received_at: datetime | None
    closed_at: datetime | None
    cancel_asked_at: datetime | None
    compensation: Money


def order_view(look: OrderLook, url: str) -> OrderView:
    """Show an order to one who may see it; `url` is the market's own."""
    order, currency = look.order, look.order.currency
    return OrderView(
        id=order.id,
        number=order.shown_number,
        checkout_id=order.checkout_id,
        shop=look.shop.slug,
        shop_name=look.shop.name,
        state=order.state,
        close_reason=order.close_reason,
        total=order.total_money,
        goods=Money(order.goods, currency),
        saved=Money(order.off_shop + order.off_market, currency),
        shipping=Money(order.shipping, currency),
        tax=Money(order.tax, currency),
        refunded=Money(order.refunded, currency),
        lines=[line_view(line, currency) for line in look.lines],
        address=order.address,
        note=order.note,
        delivery=_delivery(order.delivery, currency),
        payment=payment_view(look.payment, url, late=_came_late(order, look.payment)) if look.payment else None,
        parcels=[_parcel(parcel) for parcel in look.parcels],
        history=[
            MoveView(m.deed, m.state, m.actor, _why(m), None if m.amount is None else Money(m.amount, currency), m.at)
            for m in look.moves
        ],
        placed_at=order.placed_at,
        pay_by=order.pay_by,
        paid_at=order.paid_at,
        ship_by=order.ship_by,
        shipped_at=order.shipped_at,
        confirm_by=order.confirm_by,
        received_at=order.received_at,
        closed_at=order.closed_at,
        cancel_asked_at=order.cancel_asked_at,
        compensation=Money(order.compensation, currency),
    )


def _why(move: OrderMove) -> str:
    # The market's own reasons are texts of ours; people's words stay as they wrote them.
    return say(move.reason) if move.actor == "market" and move.reason else move.reason


def _delivery(delivery: FrozenDelivery, currency: str) -> DeliveryView:
    name = delivery.name or say(STANDARD_NAME)
    return DeliveryView(delivery.option, name, delivery.kind, Money(delivery.price, currency), delivery.days)


def _parcel(parcel: Parcel) -> ParcelView:
    return ParcelView(
        parcel.id,
        parcel.carrier,
        parcel.tracking_number,
        parcel.state,
        [PackedView(str(int(line)), quantity) for line, quantity in parcel.lines.items()],
        parcel.shipped_at,
        parcel.delivered_at,
    )
