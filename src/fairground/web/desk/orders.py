"""Orders at the desk: looked up by number, e-mail, payment or shop, and only looked at. Each look is logged."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.i18n.formats import money
from fairground.kit.i18n.words import gettext, language
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.accounts.model import Person, PersonId
from fairground.market.accounts.queries import find_person_by_email, get_person
from fairground.market.ledger.model import AccountKind, Transfer
from fairground.market.ledger.queries import list_transfers
from fairground.market.orders.model import Deed, Order, OrderId, OrderInFull, OrderLine, OrderState
from fairground.market.orders.queries.orders import (
    find_order_by_number,
    get_order,
    get_order_in_full,
    list_orders_of_buyer,
    map_orders,
)
from fairground.market.orders.queries.shop_orders import list_orders_of_shop
from fairground.market.payments.model import Payment, PaymentId, PaymentState, Refund, RefundState
from fairground.market.payments.queries import find_payment, list_refunds_of_order, map_payments
from fairground.market.shipping.model import Parcel
from fairground.market.shipping.model.carriers import find_carrier
from fairground.market.shipping.queries import list_parcels
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.queries import find_shop_id, map_shops
from fairground.web.cards import Entry
from fairground.web.desk.frame import AnyRequest, count_queues, desk_page, note_look
from fairground.web.desk.words import gateway_words, reason_words
from fairground.web.render import go

FOUND: Final = 50


class FoundOrder(msgspec.Struct, frozen=True):
    """One line of a result."""

    id: OrderId
    number: str
    state: OrderState
    total: Money
    placed_at: datetime


class SearchView(msgspec.Struct, frozen=True):
    """What was asked and found; None before anything was asked."""

    q: str
    orders: list[FoundOrder] | None


class OrderView(msgspec.Struct, frozen=True):
    """An order with whom it is between and what happened."""

    full: OrderInFull
    buyer: Person
    shop: ShopCard
    lines: list[tuple[str, int, str]]  # what, how many, paid
    sums: list[tuple[str, str]]  # the last one is the total
    parcels: list[tuple[str, Parcel]]  # with the carrier's name
    entries: list[Entry]
    state: str


class MoneyView(msgspec.Struct, frozen=True):
    """Where the money of an order is."""

    order_id: OrderId
    number: str
    currency: str
    payment: Payment | None
    refunds: list[Refund]
    transfers: list[tuple[str, Transfer, str]]  # whose books, what moved, how much


def order_state(state: OrderState) -> str:
    """Say where an order stands."""
    return {
        OrderState.PLACED: gettext("Waiting for payment"),
        OrderState.PAID: gettext("Paid"),
        OrderState.SHIPPED: gettext("Shipped"),
        OrderState.RECEIVED: gettext("Received"),
        OrderState.CLOSED: gettext("Closed"),
    }[state]


def deed_label(deed: Deed) -> str:
    """Say what moved an order."""
    return {
        Deed.PLACE: gettext("Ordered"),
        Deed.PAY: gettext("Paid"),
        Deed.SHIP: gettext("Shipped"),
        Deed.RECEIVE: gettext("Received"),
        Deed.CLOSE: gettext("Closed"),
        Deed.SHIP_PART: gettext("Partly shipped"),
        Deed.EXTEND: gettext("More time to confirm"),
        Deed.ASK_CANCEL: gettext("Buyer wants to cancel"),
        Deed.REFUSE_CANCEL: gettext("Shop refused to cancel"),
        Deed.REFUND_PART: gettext("Partly refunded"),
        Deed.COMPENSATE: gettext("Late: compensated"),
    }[deed]


def payment_state(state: PaymentState) -> str:
    """Say where a payment stands."""
    return {
        PaymentState.PENDING: gettext("Waiting for payment"),
        PaymentState.PAID: gettext("Paid"),
        PaymentState.FAILED: gettext("Failed"),
        PaymentState.EXPIRED: gettext("Expired"),
        PaymentState.REFUNDED: gettext("Refunded"),
    }[state]


def refund_state(state: RefundState) -> str:
    """Say where a refund stands."""
    return {
        RefundState.PENDING: gettext("On its way"),
        RefundState.DONE: gettext("Done"),
        RefundState.FAILED: gettext("Failed"),
    }[state]


def account_label(kind: AccountKind) -> str:
    """Say what an account stands for."""
    return {
        AccountKind.GATEWAY: gettext("With the gateways"),
        AccountKind.HELD: gettext("Held for orders"),
        AccountKind.REFUND: gettext("Owed back to buyers"),
        AccountKind.STRAY: gettext("Fits no order yet"),
        AccountKind.CLEARING: gettext("Between two places"),
        AccountKind.COMMISSION: gettext("Commission"),
        AccountKind.MARKET: gettext("The market's own"),
        AccountKind.ADJUSTMENT: gettext("Corrections by hand"),
        AccountKind.SHOP: gettext("Shops' available money"),
        AccountKind.PAYOUT: gettext("On its way to banks"),
        AccountKind.BUYER_CREDIT: gettext("Buyers' credit"),
    }[kind]


@get("/desk/orders", include_in_schema=False)
async def search(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database], q: FromQuery[str] = ""
) -> Response[bytes]:
    """Look orders up by number, e-mail, payment or order id, or the address of a shop; logged."""
    caller.need_staff()
    q = q.strip()[:200]
    if q:
        await note_look(db, caller, "desk.look_up_orders", None, q)
    found = await db.read(lambda reader: _search(reader, q)) if q else None
    if isinstance(found, OrderId):
        return go(request, f"/desk/orders/{found}")
    queues = await db.read(count_queues)
    return desk_page(
        request, "orders", title=gettext("Look up orders"), queues=queues, view=SearchView(q, found), state=order_state
    )


async def _search(reader: Reader, q: str) -> OrderId | list[FoundOrder]:
    """Give the one order that is meant, or a list."""
    order = await find_order_by_number(reader, q)
    if order is not None:
        return order.id
    if "@" in q:
        person = await find_person_by_email(reader, q)
        return [] if person is None else await _of_buyer(reader, person.id)
    some_id = Id.parse(q)
    if some_id is not None:
        return await _of_id(reader, some_id)
    shop_id = await find_shop_id(reader, q.lower())
    if shop_id is None:
        return []
    copies = (await list_orders_of_shop(reader, shop_id, limit=FOUND)).items
    orders = await map_orders(reader, [copy.order_id for copy in copies])
    return [_found(orders[copy.order_id]) for copy in copies if copy.order_id in orders]


async def _of_id(reader: Reader, some_id: Id) -> OrderId | list[FoundOrder]:
    if await map_orders(reader, [OrderId(some_id)]):
        return OrderId(some_id)
    payment = await find_payment(reader, PaymentId(some_id))
    if payment is None:
        return []
    orders = await map_orders(reader, [OrderId(part.order_id) for part in payment.parts])
    return [_found(order) for order in orders.values()]


async def _of_buyer(reader: Reader, buyer_id: PersonId) -> list[FoundOrder]:
    return [_found(order) for order in (await list_orders_of_buyer(reader, buyer_id, limit=FOUND)).items]


def _found(order: Order) -> FoundOrder:
    return FoundOrder(order.id, order.shown_number, order.state, order.total_money, order.placed_at)


@get("/desk/orders/{order_id:str}", include_in_schema=False)
async def show_order(
    request: AnyRequest, order_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show an order as both sides see it; logged."""
    caller.need_staff()
    wanted = an_id(OrderId, order_id)
    view = await db.read(lambda reader: _order(reader, wanted))
    await note_look(db, caller, "desk.look_at_order", wanted)
    title = gettext("Order %(number)s") % {"number": view.full.order.shown_number}
    return desk_page(request, "order", title=title, view=view)


async def _order(reader: Reader, order_id: OrderId) -> OrderView:
    full = await get_order_in_full(reader, order_id)
    shop_id = ShopId(full.order.shop_id)
    entries = [
        Entry(text=deed_label(move.deed), at=move.at, note=" · ".join(filter(None, (_side(move.actor), move.reason))))
        for move in reversed(full.moves)
    ]
    return OrderView(
        full,
        await get_person(reader, PersonId(full.order.buyer_id)),
        (await map_shops(reader, [shop_id]))[shop_id],
        [_line(full, line) for line in full.lines],
        _sums(full.order),
        [(_carrier(p), p) for p in await list_parcels(reader, order_id)] if full.order.parcels else [],
        entries,
        order_state(full.order.state),
    )


def _carrier(parcel: Parcel) -> str:
    known = find_carrier(parcel.carrier) if parcel.carrier else None
    return known.name(language()) if known else parcel.carrier or gettext("Carrier unknown")


def _line(full: OrderInFull, line: OrderLine) -> tuple[str, int, str]:
    what = " · ".join(filter(None, (line.title, " ".join(line.options.values()))))
    return what, line.quantity, money(Money(line.paid, full.order.currency))


def _sums(order: Order) -> list[tuple[str, str]]:
    """List how the total came about; what is nothing is left out, and what came after the sale is said before it."""
    rows = [
        (gettext("Goods"), order.goods),
        (gettext("Off, by the shop"), -order.off_shop),
        (gettext("Off, by the market"), -order.off_market),
        (gettext("Delivery"), order.shipping),
        (gettext("Commission of it"), order.commission),
        (gettext("Refunded"), order.refunded),
    ]
    shown = [(label, money(Money(amount, order.currency))) for label, amount in rows if amount]
    return [*shown, (gettext("Total"), money(order.total_money))]


def _side(actor: str) -> str:
    return {"buyer": gettext("the buyer"), "shop": gettext("the shop")}.get(actor, gettext("the market"))


@get("/desk/orders/{order_id:str}/money", include_in_schema=False)
async def show_money(
    request: AnyRequest, order_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show where the money of an order is and how it moved, in the buyer's bucket and the shop's; logged."""
    caller.need_staff()
    wanted = an_id(OrderId, order_id)
    view = await db.read(lambda reader: _money(reader, wanted))
    await note_look(db, caller, "desk.look_at_order_money", wanted)
    title = gettext("Money of order %(number)s") % {"number": view.number}
    labels = {
        "account": account_label,
        "payment": payment_state,
        "refund": refund_state,
        "reason": reason_words,
        "gateway": gateway_words,
    }
    return desk_page(request, "order_money", title=title, view=view, labels=labels)


async def _money(reader: Reader, order_id: OrderId) -> MoneyView:
    order = await get_order(reader, order_id)
    payment_id = PaymentId(order.payment_id)
    payments = await map_payments(reader, [payment_id])
    refunds = await list_refunds_of_order(reader, order_id)
    here: Sequence[Transfer] = await list_transfers(reader, order_id.bucket, order_id)
    there: Sequence[Transfer] = []
    if order.shop_id.bucket != order_id.bucket:
        there = await list_transfers(reader, order.shop_id.bucket, order_id)
    sides = [(gettext("the buyer's"), t) for t in here] + [(gettext("the shop's"), t) for t in there]
    return MoneyView(
        order_id,
        order.shown_number,
        order.currency,
        payments.get(payment_id),
        refunds,
        [(side, t, money(Money(t.posting.amount, t.posting.debit.currency))) for side, t in _in_time(sides)],
    )


def _in_time(sides: list[tuple[str, Transfer]]) -> list[tuple[str, Transfer]]:
    return sorted(sides, key=lambda side: side[1].at)


HANDLERS = (search, show_order, show_money)
