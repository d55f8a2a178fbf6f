"""A shop's orders: the list by state, one order, and what may be done with it."""

import secrets
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.i18n.words import gettext, say
from fairground.market.aftersale.queries.cases import list_cases_of_order
from fairground.market.orders.model import Order, OrderId, OrderRules, OrderState, WaysToPay, read_number
from fairground.market.orders.queries.orders import find_order_by_number, get_order_in_full, rules_of
from fairground.market.orders.queries.shop_figures import list_to_ship
from fairground.market.orders.queries.shop_orders import list_orders_of_shop
from fairground.market.shipping.queries import list_parcels, map_events
from fairground.market.shops.policy import may_ship
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, may_see_orders, seller_page
from fairground.web.seller.orders.rows import Row, row_of
from fairground.web.seller.orders.view import OrderView, see_order
from fairground.web.told import Told

TABS: Final = (None, *OrderState)
SHOWN: Final = 24


class ListView(msgspec.Struct, frozen=True):
    """A page of a shop's orders."""

    tabs: list[tuple[str, str, int | None, bool]]
    rows: list[Row]
    next_href: str | None
    q: str
    missed: bool  # a number was asked for and is no order of this shop
    to_ship: bool
    packs: bool
    home: str


class OrderPage(msgspec.Struct, frozen=True):
    """One order with its forms: their keys, and what was wrong with the last one."""

    order: OrderView
    key: str
    errors: Told = Told()
    filled: dict[str, Any] = {}
    case_href: str | None = None  # its open after-sale case


def tab_words(wanted: OrderState | None) -> str:
    """Name a tab."""
    names = {
        OrderState.PLACED: gettext("Not paid"),
        OrderState.PAID: gettext("To ship"),
        OrderState.SHIPPED: gettext("On the way"),
        OrderState.RECEIVED: gettext("Received"),
        OrderState.CLOSED: gettext("Closed"),
    }
    return gettext("All") if wanted is None else names[wanted]


@get("/seller/{slug:str}/orders", include_in_schema=False)
async def show_orders(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """List a shop's orders, or go to the one whose number is asked for."""
    asked = request.query_params
    wanted = next((s for s in OrderState if s == asked.get("state")), None)
    q, after = asked.get("q", "").strip()[:40], asked.get("after")

    async def look(reader: Reader) -> tuple[Room, ListView | OrderId]:
        room = await enter_room(reader, caller, slug, may_see_orders)
        if q:
            found = await _find(reader, room, q)
            if found is not None:
                return room, found
        return room, await _list(reader, room, wanted, after, q)

    room, view = await db.read(look)
    if isinstance(view, OrderId):
        return go(request, f"{room.home}/orders/{int(view)}")
    return seller_page(request, "orders/page", room, title=gettext("Orders"), view=view)


async def _find(reader: Reader, room: Room, q: str) -> OrderId | None:
    order = await find_order_by_number(reader, q) if read_number(q) is not None else None
    return None if order is None or order.shop_id != room.shop.id else order.id


async def _list(reader: Reader, room: Room, wanted: OrderState | None, after: str | None, q: str) -> ListView:
    if wanted is OrderState.PAID:
        page = await list_to_ship(reader, room.shop.id, after=after, limit=SHOWN)
    else:
        page = await list_orders_of_shop(reader, room.shop.id, state=wanted, after=after, limit=SHOWN)
    home = room.home
    tabs = [(_href(home, tab), tab_words(tab), room.waiting.get(tab) if tab else None, tab is wanted) for tab in TABS]
    return ListView(
        tabs,
        [row_of(order, home, reader.now, room.zone) for order in page.items],
        _href(home, wanted, page.next) if page.next else None,
        q,
        bool(q),
        wanted is OrderState.PAID,
        may_ship(room.role),
        home,
    )


def _href(home: str, wanted: OrderState | None, after: str | None = None) -> str:
    query = urlencode({k: str(v) for k, v in (("state", wanted), ("after", after)) if v})
    return f"{home}/orders" + (f"?{query}" if query else "")


@get("/seller/{slug:str}/orders/{order_id:str}", include_in_schema=False)
async def show_order(
    request: AnyRequest,
    slug: FromPath[str],
    order_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Show one order of a shop: what to send where, its parcels, what the shop gets."""
    return await order_page(request, db, caller, slug, an_id(OrderId, order_id))


async def order_page(  # noqa: PLR0913 - one order's page, shown again after a refusal
    request: AnyRequest,
    db: Database,
    caller: Caller,
    slug: str,
    order_id: OrderId,
    *,
    status: int = 200,
    errors: Told | None = None,
    filled: dict[str, Any] | None = None,
    key: str | None = None,
) -> Response[bytes]:
    """Answer with the page of one order; after a refusal with what was typed and what was wrong."""
    rules = db.given(OrderRules)
    sandbox = "sandbox" in db.given(WaysToPay)

    async def look(reader: Reader) -> tuple[Room, OrderView, str | None]:
        room = await enter_room(reader, caller, slug, may_see_orders)
        full = await get_order_in_full(reader, order_id, shop_id=room.shop.id)
        parcels = await list_parcels(reader, order_id) if full.order.parcels else []
        events = await map_events(reader, [p.id for p in parcels]) if parcels else {}
        asked = full.order.cancel_asked_at
        silence = timedelta(hours=(await rules_of(reader, full.order)).cancel_silence_hours) if asked else timedelta()
        view = see_order(
            full,
            parcels,
            events,
            role=room.role,
            home=room.home,
            rules=rules,
            cancel_due=None if asked is None else asked + silence,
            now=reader.now,
            zone=room.zone,
            sandbox=sandbox,
        )
        return room, view, await _case_href(reader, full.order, room)

    room, view, case_href = await db.read(look)
    title = say("Order %(number)s", {"number": view.number})
    shown = OrderPage(view, key or secrets.token_urlsafe(16), errors or Told(), filled or {}, case_href)
    return seller_page(request, "order/page", room, title=title, status=status, view=shown)


async def _case_href(reader: Reader, order: Order, room: Room) -> str | None:
    if order.case_hold is None:
        return None
    found = await list_cases_of_order(reader, order.id)
    return next((f"{room.home}/cases/{case.id}" for case in found if case.is_open), None)


HANDLERS: Final[list[Any]] = [show_orders, show_order]
