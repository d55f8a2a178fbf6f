"""An order and what it freezes at the sale."""

from datetime import datetime
from typing import Any

import msgspec

from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.accounts.model import PersonId
from fairground.market.orders.model.numbers import show_number
from fairground.market.orders.model.states import CaseHold, CheckoutId, CloseReason, Deed, OrderId, OrderState
from fairground.market.payments.model import PaymentId
from fairground.market.shipping.model import DeliveryKind
from fairground.market.shops.model import ShopId


class LineShare(msgspec.Struct, frozen=True):
    """What one promotion took off a line: who of shop and market bears how much of it, in minor units."""

    kind: str
    code: str
    title: str
    shop: int
    market: int

    @property
    def amount(self) -> int:
        """What the buyer saves on this line."""
        return self.shop + self.market


class OrderLine(msgspec.Struct, frozen=True):
    """What was bought, as it was at the sale. Amounts in minor units of the order's currency, for all pieces.

    `paid` is what the buyer pays for the line, without freight; `commission` is the market's share of the seller's.
    """

    position: int
    variant_id: Id
    product_id: Id
    product_version: int
    title: str
    options: dict[str, str]
    picture_id: Id | None
    sku: str
    language: str
    weight_grams: int
    unit_price: int
    quantity: int
    shares: tuple[LineShare, ...]
    off_shop: int
    off_market: int
    paid: int
    tax: int
    commission_bp: int
    commission: int
    refunded: int = 0  # by after-sale, its share of the freight included
    returned: bool = False  # its pieces are back in stock
    no_return: str | None = None  # why the law excepts it from the return without a reason

    @property
    def subtotal(self) -> int:
        """The price of all pieces before promotions."""
        return self.unit_price * self.quantity


class FrozenDelivery(msgspec.Struct, frozen=True):
    """The delivery that the buyer chose, as offered; `name` is "" for the standard one, `days` least and most."""

    option: str
    name: str
    kind: DeliveryKind
    price: int
    days: tuple[int, int]


class Order(msgspec.Struct, frozen=True):
    """One order: one buyer, one shop. Amounts in minor units of `currency`.

    total = goods - off_shop - off_market + shipping: what the buyer pays. `off_market` is paid to the shop by the
    market; `refunded` went back to the buyer.
    """

    id: OrderId
    checkout_id: CheckoutId
    payment_id: PaymentId
    number: int
    buyer_id: PersonId
    shop_id: ShopId
    state: OrderState
    close_reason: CloseReason | None
    version: int
    currency: str
    goods: int
    off_shop: int
    off_market: int
    shipping: int
    total: int
    tax: int
    commission: int
    refunded: int
    delivery: FrozenDelivery
    address: dict[str, Any]
    note: str
    language: str
    rules_version: str
    placed_at: datetime
    pay_by: datetime
    paid_at: datetime | None
    ship_by: datetime | None
    shipped_at: datetime | None
    confirm_by: datetime | None
    received_at: datetime | None
    closed_at: datetime | None
    changed_at: datetime
    parcels: int
    extensions: int
    cancel_asked_at: datetime | None
    cancel_reason: str
    compensation: int
    case_hold: CaseHold | None = None
    market_refunded: int = 0  # the part of `refunded` that the market bore

    @property
    def total_money(self) -> Money:
        """What the buyer pays, as money."""
        return Money(self.total, self.currency)

    @property
    def shown_number(self) -> str:
        """The public number for people."""
        return show_number(self.number)

    @property
    def held(self) -> int:
        """What is held with the order while it is open and paid."""
        return self.total - self.refunded

    @property
    def proceeds(self) -> "Proceeds":
        """What becomes of the money at receipt."""
        return proceeds_of(self.total, self.off_market, self.commission, self.refunded - self.market_refunded)


class Proceeds(msgspec.Struct, frozen=True):
    """How the money of an order is shared at receipt; `held + subsidy == shop + commission`."""

    held: int
    subsidy: int
    shop: int
    commission: int


def proceeds_of(total: int, off_market: int, commission: int, refunded: int) -> Proceeds:
    """Share the money of an order; what was refunded takes subsidy and commission back in proportion."""
    if refunded and total:
        off_market -= (off_market * refunded * 2 + total) // (2 * total)
        commission -= (commission * refunded * 2 + total) // (2 * total)
    held = total - refunded
    commission = min(commission, held + off_market)
    return Proceeds(held, off_market, held + off_market - commission, commission)


class OrderMove(msgspec.Struct, frozen=True):
    """One entry of an order's history. `actor` is buyer, shop or market; `amount` where money was part of it."""

    version: int
    deed: Deed
    state: OrderState
    actor: str
    reason: str
    amount: int | None
    at: datetime


class OrderInFull(msgspec.Struct, frozen=True):
    """An order with its lines and its history, the earliest first."""

    order: Order
    lines: tuple[OrderLine, ...]
    moves: tuple[OrderMove, ...]


class ShopOrder(msgspec.Struct, frozen=True):
    """A shop's copy of an order, for its lists; up to a second behind the order itself.

    `held` is with the order while it is paid and not received; `proceeds` is what the shop gets of it.
    """

    order_id: OrderId
    shop_id: ShopId
    number: int
    state: OrderState
    close_reason: CloseReason | None
    total: Money
    pieces: int
    lines: list[dict[str, Any]]
    recipient: str
    note: str
    cancel_asked_at: datetime | None
    placed_at: datetime
    paid_at: datetime | None
    ship_by: datetime | None
    confirm_by: datetime | None
    changed_at: datetime
    held: Money
    proceeds: Money
