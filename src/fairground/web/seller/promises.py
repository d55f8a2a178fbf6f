"""What a shop promises: what binds every shop, and that its prices hold, which it may promise of its own accord."""

from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import read_form
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext
from fairground.market.orders.model import OrderRules
from fairground.market.service.model.promises import PromiseRules
from fairground.market.shops.actions.promises import promise_prices
from fairground.market.shops.model import ServiceClock
from fairground.market.shops.policy import may_manage_goods
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.told import Told, tell_fields


class PromisesView(msgspec.Struct, frozen=True):
    """The promises and the service clock of a shop; `late` is what a late parcel costs, in words."""

    days: str
    orders: OrderRules
    rules: PromiseRules
    late: str
    clock: ServiceClock | None
    href: str
    errors: Told


class DaysForm(msgspec.Struct):
    """For how many days a price holds."""

    price_days: str = "0"


@get("/seller/{slug:str}/promises", include_in_schema=False)
async def show_promises(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show what the shop promises."""
    return await _page(request, caller, db, slug)


async def _page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    slug: str,
    *,
    typed: str | None = None,
    errors: Told | None = None,
) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[Room, PromisesView]:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        orders = reader.given(OrderRules)
        days = str(room.shop.price_days) if typed is None else typed
        late = formats.percent(orders.late_voucher_bp)
        href, rules = f"{room.home}/promises", reader.given(PromiseRules)
        return room, PromisesView(days, orders, rules, late, room.shop.clock, href, errors or Told())

    room, view = await db.read(look)
    title = gettext("Promises")
    return seller_page(request, "promises/page", room, title=title, status=422 if errors else 200, view=view)


@post("/seller/{slug:str}/promises", include_in_schema=False)
async def do_promise(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Promise that prices hold for some days, or no longer."""
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_manage_goods))
    form, most = await read_form(request, DaysForm), db.given(PromiseRules).price_days_most
    days = int(form.price_days) if form.price_days.isascii() and form.price_days.isdigit() else -1
    try:
        await db.write(caller.actor, lambda tx: promise_prices(tx, room.shop.id, min(days, most + 1), most=most))
    except Invalid as trouble:
        return await _page(request, caller, db, slug, typed=form.price_days, errors=tell_fields(trouble))
    return go(request, f"{room.home}/promises", say=gettext("Promised: the pages of your goods say so from now on."))


HANDLERS: Final = (show_promises, do_promise)
