"""Quotes, checkouts, orders and what people do with them, by API."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from fairground.api.order_bodies import (
    OrderItem,
    Orders,
    OrderView,
    PaymentView,
    bought_item,
    order_view,
    payment_view,
    sold_item,
)
from fairground.api.quote_bodies import QuoteView, quote_view
from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_json
from fairground.kit.idempotency import check_key, fingerprint, once
from fairground.kit.ids import Id
from fairground.kit.paging import Page
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.orders.actions.cancel import agree_to_cancel, cancel_order, refund_by_shop, refuse_to_cancel
from fairground.market.orders.actions.extend import extend_receipt, extend_receipt_by_shop
from fairground.market.orders.actions.receipt import confirm_receipt
from fairground.market.orders.actions.ship import PackedLine, Shipment, ship_order
from fairground.market.orders.intake.gather import Intake
from fairground.market.orders.intake.prepared import Arrival
from fairground.market.orders.model import Order, OrderId, OrderState, ShopOrder
from fairground.market.orders.model.quote import CheckoutRequest, QuoteRequest
from fairground.market.orders.queries.look import look_at_order
from fairground.market.orders.queries.orders import list_orders_of_buyer, map_lines
from fairground.market.orders.queries.quote import quote
from fairground.market.orders.queries.shop_orders import list_orders_of_shop
from fairground.market.payments.model import PaymentId
from fairground.market.payments.queries import came_late, get_payment
from fairground.market.shops.model import Shop
from fairground.market.shops.policy import may_ship
from fairground.market.shops.queries import get_shop_for, list_memberships, map_shops


class Words(msgspec.Struct):
    """Why, in words; they may be empty."""

    reason: str = ""


class PackedBody(msgspec.Struct):
    """So many pieces of a line in the parcel."""

    line_id: str
    quantity: int


class ShipmentBody(msgspec.Struct):
    """One parcel. `lines` left out = all that is in no parcel yet; pickup and virtual goods have no carrier."""

    carrier: str | None = None
    tracking_number: str | None = None
    lines: list[PackedBody] | None = None


class CancellationAnswer(msgspec.Struct):
    """What the shop says to the buyer's wish to cancel."""

    answer: Literal["agree", "refuse"]
    reason: str = ""


class Extension(msgspec.Struct):
    """More time; `days` only from the shop, the buyer's are set by the rules."""

    days: int | None = None


class RefundBody(msgspec.Struct):
    """Money back before shipping, in minor units; all of it where `amount` is left out."""

    amount: int | None = None
    reason: str = ""


@post("/api/v1/quotes", status_code=200, tags=["Orders"])
async def make_quote(
    data: JSONBody[QuoteRequest], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> QuoteView:
    """Tell what an order would cost: the final price first, then how it came about. Changes nothing."""
    person_id = PersonId(caller.need_person())
    found = await db.read(lambda reader: quote(reader, person_id, caller.language, data))
    return quote_view(found, caller.language)


@post("/api/v1/checkouts", tags=["Orders"])
async def place_checkout(
    data: JSONBody[CheckoutRequest],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    intake: NamedDependency[Intake],
) -> Response[dict[str, Any]]:
    """Order what was quoted: one payment, one order for each shop. Needs `Idempotency-Key`."""
    person_id = PersonId(caller.need_person())
    key = check_key(request.headers.get("idempotency-key"))
    print_ = fingerprint("checkouts", data)
    placed = await intake.ask(Arrival(person_id, caller.language, data, key, print_, caller.address))
    return Response(placed.answer, status_code=201)


@get("/api/v1/payments/{payment_id:str}", tags=["Orders"])
async def show_payment(
    payment_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> PaymentView:
    """Show a payment of one's own."""
    person_id, wanted = caller.need_person(), an_id(PaymentId, payment_id)

    async def look(reader: Reader) -> PaymentView:
        payment = await get_payment(reader, wanted, person_id)
        return payment_view(payment, db.given(Place).url, late=await came_late(reader, payment))

    return await db.read(look)


@get("/api/v1/orders", tags=["Orders"])
async def show_orders(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    role: FromQuery[Literal["buyer", "seller"]] = "buyer",
    shop: FromQuery[str | None] = None,
    in_state: Annotated[OrderState | None, QueryParameter(name="state")] = None,
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> Orders:
    """List what one has bought, or (`role=seller`) what one's shop has sold; the latest first."""
    person_id = caller.need_person()

    async def bought(reader: Reader) -> Orders:
        page = await list_orders_of_buyer(reader, person_id, state=in_state, after=after, limit=limit)
        return Orders(await _bought(reader, page), page.next)

    async def sold(reader: Reader) -> Orders:
        mine = await _shop_of(reader, person_id, shop)
        page: Page[ShopOrder] = await list_orders_of_shop(reader, mine.id, state=in_state, after=after, limit=limit)
        return Orders([sold_item(order, mine.slug) for order in page.items], page.next)

    return await db.read(bought if role == "buyer" else sold)


async def _bought(reader: Reader, page: Page[Order]) -> list[OrderItem]:
    lines = await map_lines(reader, [order.id for order in page.items])
    shops = await map_shops(reader, {order.shop_id for order in page.items})
    return [bought_item(order, lines[order.id], shops[order.shop_id].slug) for order in page.items]


async def _shop_of(reader: Reader, person_id: Id, slug: str | None) -> Shop:
    """Find the shop that is meant: the one named, or the only one the person works in."""
    if slug is None:
        joined = [m.slug for m in await list_memberships(reader, person_id) if m.joined_at is not None]
        if len(joined) != 1:
            raise invalid("/shop", "required", N_("Please name the shop."))
        slug = joined[0]
    return await get_shop_for(reader, slug, person_id, may_ship)


@get("/api/v1/orders/{order_id:str}", tags=["Orders"])
async def show_order(
    order_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> OrderView:
    """Show an order to its buyer or to its shop."""
    person_id, wanted = caller.need_person(), an_id(OrderId, order_id)
    return await db.read(lambda reader: _view(reader, wanted, person_id))


async def _view(reader: Reader, order_id: OrderId, person_id: Id) -> OrderView:
    return order_view(await look_at_order(reader, order_id, person_id), reader.given(Place).url)


async def _do(db: Database, caller: Caller, order_id: OrderId, deed: Callable[[Tx], Awaitable[Order]]) -> OrderView:
    """Do a deed and show the order as it stands then, in one transaction."""
    person_id = caller.need_person()

    async def both(tx: Tx) -> OrderView:
        await deed(tx)
        return await _view(tx, order_id, person_id)

    return await db.write(caller.actor, both)


@post("/api/v1/orders/{order_id:str}/cancellation", tags=["Orders"])
async def cancel(
    order_id: FromPath[str],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> OrderView:
    """Cancel as the buyer (`{reason?}`): unpaid with its whole checkout, paid and unshipped with the money back."""
    wanted, words = an_id(OrderId, order_id), await read_json(request, Words)
    return await _do(db, caller, wanted, lambda tx: cancel_order(tx, wanted, words.reason))


@post("/api/v1/orders/{order_id:str}/cancellation/answer", tags=["Orders"])
async def answer_cancellation(
    order_id: FromPath[str],
    data: JSONBody[CancellationAnswer],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> OrderView:
    """Say yes or no, as the shop, to the buyer's wish to cancel."""
    wanted = an_id(OrderId, order_id)
    if data.answer == "agree":
        return await _do(db, caller, wanted, lambda tx: agree_to_cancel(tx, wanted))
    return await _do(db, caller, wanted, lambda tx: refuse_to_cancel(tx, wanted, data.reason))


@post("/api/v1/orders/{order_id:str}/shipment", tags=["Orders"])
async def ship(
    order_id: FromPath[str],
    data: JSONBody[ShipmentBody],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> OrderView:
    """Send a parcel, as the shop; the order is shipped when every piece is in one."""
    wanted = an_id(OrderId, order_id)
    lines = None
    if data.lines is not None:
        lines = tuple(PackedLine(_position(line.line_id), line.quantity) for line in data.lines)
    parcel = Shipment(data.carrier, data.tracking_number, lines)
    return await _do(db, caller, wanted, lambda tx: ship_order(tx, wanted, parcel))


def _position(line_id: str) -> int:
    return int(line_id) if line_id.isascii() and line_id.isdigit() and len(line_id) < 5 else 0


@post("/api/v1/orders/{order_id:str}/receipt", tags=["Orders"])
async def receive(order_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> OrderView:
    """Confirm receipt as the buyer: the shop gets its money."""
    wanted = an_id(OrderId, order_id)
    return await _do(db, caller, wanted, lambda tx: confirm_receipt(tx, wanted))


@post("/api/v1/orders/{order_id:str}/extension", tags=["Orders"])
async def extend(
    order_id: FromPath[str],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> OrderView:
    """Give more time before silence counts as receipt: the buyer once, the shop (`{days}`) as it likes."""
    wanted, wish = an_id(OrderId, order_id), await read_json(request, Extension)
    days = wish.days
    if days is None:
        return await _do(db, caller, wanted, lambda tx: extend_receipt(tx, wanted))
    return await _do(db, caller, wanted, lambda tx: extend_receipt_by_shop(tx, wanted, days))


@post("/api/v1/orders/{order_id:str}/refunds", tags=["Orders"])
async def refund(
    order_id: FromPath[str],
    data: JSONBody[RefundBody],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[Any]:
    """Give money back, as the shop, before anything was shipped. Needs `Idempotency-Key`."""
    person_id, wanted = caller.need_person(), an_id(OrderId, order_id)
    key = check_key(request.headers.get("idempotency-key"))

    async def deed(tx: Tx) -> Response[Any]:
        async def give() -> tuple[int, Any]:
            await refund_by_shop(tx, wanted, data.amount, data.reason)
            return 201, await _view(tx, wanted, person_id)

        answer = await once(tx, person_id, key, fingerprint("refunds", str(wanted), data), give)
        return Response(answer.body, status_code=answer.status)

    return await db.write(caller.actor, deed)


HANDLERS: Final = (
    make_quote,
    place_checkout,
    show_payment,
    show_orders,
    show_order,
    cancel,
    answer_cancellation,
    ship,
    receive,
    extend,
    refund,
)
