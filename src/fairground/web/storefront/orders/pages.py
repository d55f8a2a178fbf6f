"""A buyer's orders and what may be done with them."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from fairground.kit.actor import Actor
from fairground.kit.db import Database, Reader
from fairground.kit.errors import Trouble
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.http.problems import status_of
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, say
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.aftersale.model import Case
from fairground.market.aftersale.queries.cases import list_cases_of_order
from fairground.market.orders.actions.cancel import cancel_order
from fairground.market.orders.actions.extend import extend_receipt
from fairground.market.orders.actions.receipt import confirm_receipt
from fairground.market.orders.model import Order, OrderId, OrderState
from fairground.market.orders.queries.orders import (
    count_open_of_buyer,
    get_order_in_full,
    list_orders_of_buyer,
    map_lines,
    rules_of,
)
from fairground.market.shipping.queries import list_parcels, map_events
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import map_shops
from fairground.web.render import go, page, part, wants_part
from fairground.web.storefront.orders.view import Line, OrderView, badge_of, next_of, see_line, see_order

TABS: Final = (None, OrderState.PLACED, OrderState.PAID, OrderState.SHIPPED, OrderState.RECEIVED)
SHOWN_LINES: Final = 3


class Row(msgspec.Struct, frozen=True):
    """One order in the list."""

    id: str
    number: str
    shop: str
    shop_href: str
    cloth: int
    face: Id | None
    badge: tuple[str, str]
    next: str
    total: Money
    placed_at: Any
    lines: list[Line]
    more: int
    pay_href: str | None
    may_confirm: bool
    may_review: bool


class ListView(msgspec.Struct, frozen=True):
    """A page of orders."""

    tabs: list[tuple[str, str, int | None, bool]]
    rows: list[Row]
    next_href: str | None


class CancelForm(msgspec.Struct):
    """Why the buyer cancels, if they say."""

    reason: str = ""


@get("/orders", include_in_schema=False)
async def show_orders(
    request: Request[Any, Any, Any], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """List a buyer's orders, each with what to do next."""
    person_id = PersonId(caller.need_person())
    wanted = _state(request.query_params.get("state"))
    after = request.query_params.get("after")
    view = await db.read(lambda reader: _list(reader, person_id, wanted, after))
    return page(request, "storefront/orders/page.html", title=gettext("My orders"), view=view)


@get("/orders/{order_id:str}", include_in_schema=False)
async def show_order(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    order_id: FromPath[str],
) -> Response[bytes]:
    """Show one order: how far it is, who has the money, its parcels, and what may be done."""
    view = await _look(db, PersonId(caller.need_person()), an_id(OrderId, order_id))
    return page(request, "storefront/order/page.html", title=view.title, view=view)


@post("/orders/{order_id:str}/receipt", include_in_schema=False)
async def create_receipt(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    order_id: FromPath[str],
) -> Response[bytes]:
    """Confirm that the goods are there: the shop is paid."""
    caller.need_person()
    wanted = an_id(OrderId, order_id)
    words = gettext("Thank you. The shop has its money now.")
    return await _do(request, caller, db, wanted, _Receipt(wanted), words)


@post("/orders/{order_id:str}/cancellation", include_in_schema=False)
async def create_cancellation(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    order_id: FromPath[str],
) -> Response[bytes]:
    """Cancel, or ask the shop to."""
    caller.need_person()
    wanted, form = an_id(OrderId, order_id), await read_form(request, CancelForm)
    words = gettext("Done. What was paid goes back to you, and the pieces go back to the shelf.")
    return await _do(request, caller, db, wanted, _Cancellation(wanted, form.reason), words)


@post("/orders/{order_id:str}/extension", include_in_schema=False)
async def create_extension(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    order_id: FromPath[str],
) -> Response[bytes]:
    """Give the buyer more time before the order counts as received."""
    caller.need_person()
    wanted = an_id(OrderId, order_id)
    return await _do(request, caller, db, wanted, _Extension(wanted), gettext("You have more time now."))


class _Receipt(msgspec.Struct, frozen=True):
    order_id: OrderId

    async def run(self, db: Database, actor: Actor) -> Order:
        return await db.write(actor, lambda tx: confirm_receipt(tx, self.order_id))


class _Cancellation(msgspec.Struct, frozen=True):
    order_id: OrderId
    reason: str

    async def run(self, db: Database, actor: Actor) -> Order:
        return await db.write(actor, lambda tx: cancel_order(tx, self.order_id, self.reason))


class _Extension(msgspec.Struct, frozen=True):
    order_id: OrderId

    async def run(self, db: Database, actor: Actor) -> Order:
        return await db.write(actor, lambda tx: extend_receipt(tx, self.order_id))


async def _do(
    request: Request[Any, Any, Any],
    caller: Caller,
    db: Database,
    order_id: OrderId,
    deed: _Receipt | _Cancellation | _Extension,
    words: str,
) -> Response[bytes]:
    """Do a deed and answer with the order as it is then; what stands against it is said beside the order."""
    told, kind, status = words, "ok", 200
    try:
        await deed.run(db, caller.actor)
    except Trouble as trouble:
        if status_of(trouble) in {404, 503}:
            raise
        told, kind, status = say(trouble.message, trouble.params), "mind", status_of(trouble)
    view = await _look(db, PersonId(caller.need_person()), order_id)
    if wants_part(request):
        return part(request, "storefront/order/_order.html", view=view, told=told, told_kind=kind)
    if kind == "ok":
        return go(request, f"/orders/{int(order_id)}", say=told)
    return page(request, "storefront/order/page.html", title=view.title, status=status, view=view, told=told)


async def _look(db: Database, person_id: PersonId, order_id: OrderId) -> OrderView:
    async def look(reader: Reader) -> OrderView:
        full = await get_order_in_full(reader, order_id, buyer_id=person_id)
        shop_id = ShopId(full.order.shop_id)
        shops = await map_shops(reader, [shop_id])
        parcels = await list_parcels(reader, order_id) if full.order.parcels else []
        events = await map_events(reader, [parcel.id for parcel in parcels]) if parcels else {}
        rules = await rules_of(reader, full.order)
        case = await _open_case(reader, order_id) if full.order.case_hold is not None else None
        return see_order(full, shops.get(shop_id), parcels, events, rules, reader.now, reader.given(Place), case)

    return await db.read(look)


async def _open_case(reader: Reader, order_id: OrderId) -> Case | None:
    return next((case for case in await list_cases_of_order(reader, order_id) if case.is_open), None)


async def _list(reader: Reader, person_id: PersonId, wanted: OrderState | None, after: str | None) -> ListView:
    found = await list_orders_of_buyer(reader, person_id, state=wanted, after=after, limit=12)
    lines = await map_lines(reader, [order.id for order in found.items])
    shops = await map_shops(reader, [ShopId(order.shop_id) for order in found.items])
    counts = await count_open_of_buyer(reader, person_id)
    zone = formats.zone(reader.given(Place).time_zone)
    rows = []
    for order in found.items:
        shop, mine = shops.get(ShopId(order.shop_id)), lines[order.id]
        rows.append(
            Row(
                id=str(int(order.id)),
                number=order.shown_number,
                shop=shop.name if shop else "",
                shop_href=f"/s/{shop.slug}" if shop else "/",
                cloth=shop.cloth if shop else 0,
                face=shop.avatar_id if shop else None,
                badge=badge_of(order),
                next=next_of(order, reader.now, zone),
                total=order.total_money,
                placed_at=order.placed_at,
                lines=[see_line(line, order.currency) for line in mine[:SHOWN_LINES]],
                more=max(0, len(mine) - SHOWN_LINES),
                pay_href=f"/pay/{int(order.payment_id)}" if order.state is OrderState.PLACED else None,
                may_confirm=order.state is OrderState.SHIPPED,
                may_review=order.state is OrderState.RECEIVED,
            )
        )
    base = f"/orders?state={wanted.value}&" if wanted else "/orders?"
    return ListView(_tabs(wanted, counts), rows, f"{base}after={found.next}" if found.next else None)


def _tabs(wanted: OrderState | None, counts: Mapping[OrderState, int]) -> list[tuple[str, str, int | None, bool]]:
    labels = {
        None: gettext("All"),
        OrderState.PLACED: gettext("To pay"),
        OrderState.PAID: gettext("Being packed"),
        OrderState.SHIPPED: gettext("On its way"),
        OrderState.RECEIVED: gettext("Received"),
    }
    return [
        (
            f"/orders?state={state.value}" if state else "/orders",
            labels[state],
            (counts.get(state) or None) if state else None,
            state is wanted,
        )
        for state in TABS
    ]


def _state(text: str | None) -> OrderState | None:
    return next((state for state in OrderState if state.value == text), None)


HANDLERS: Final[list[ControllerRouterHandler]] = [
    show_orders,
    show_order,
    create_receipt,
    create_cancellation,
    create_extension,
]
