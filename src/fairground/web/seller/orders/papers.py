"""Packing slips and labels of chosen orders, as one PDF to print."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, NotFound, invalid
from fairground.kit.http.caller import Caller
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, language
from fairground.kit.ids import Id
from fairground.market.orders.errors import OrderNotFound
from fairground.market.orders.model import HOLDING, Order, OrderId, OrderLine
from fairground.market.orders.queries.orders import map_lines, map_orders
from fairground.market.shipping.model import Parcel, find_carrier
from fairground.market.shipping.model.rates import STANDARD_NAME
from fairground.market.shipping.papers import Label, Slip, SlipLine, labels, packing_slips
from fairground.market.shipping.queries import map_parcels
from fairground.market.shops.model import Shop
from fairground.market.shops.policy import may_ship
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, enter_room

AT_ONCE: Final = 100


class _Chosen(msgspec.Struct, frozen=True):
    shop: Shop
    orders: list[Order]
    lines: dict[OrderId, tuple[OrderLine, ...]]
    parcels: dict[Id, list[Parcel]]


@get("/seller/{slug:str}/orders/papers", include_in_schema=False)
async def print_papers(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Draw packing slips (`kind=slips`) or labels (`kind=labels`) of the orders named by `order`.

    Where none is chosen, of all that stand on the page (`page`).
    """
    kind = request.query_params.get("kind", "slips")
    if kind not in {"slips", "labels"}:
        raise NotFound
    names = request.query_params.getall("order", []) or request.query_params.getall("page", [])
    chosen = await db.read(lambda reader: _choose(reader, caller, slug, names))
    if not chosen.orders:
        words = gettext("Please choose some orders first.")
        return go(request, f"/seller/{slug}/orders?state=paid", say=words, kind="mind")
    zone = formats.zone(chosen.shop.time_zone)
    if kind == "slips":
        slips = [_slip(chosen, order, formats.date(order.placed_at, zone)) for order in chosen.orders]
        body = await asyncio.to_thread(packing_slips, slips, chosen.shop.country)
    else:
        pieces = [label for order in chosen.orders for label in _labels(chosen, order)]
        body = await asyncio.to_thread(labels, pieces, chosen.shop.country)
    name = f"{kind}-{chosen.orders[0].number:012d}.pdf" if len(chosen.orders) == 1 else f"{kind}.pdf"
    headers = {"content-disposition": f'inline; filename="{name}"', "cache-control": "private, no-store"}
    return Response(body, media_type="application/pdf", headers=headers)


async def _choose(reader: Reader, caller: Caller, slug: str, names: Sequence[str]) -> _Chosen:
    """Read the chosen orders; one that is not this shop's, or not for sending, is none."""
    room = await enter_room(reader, caller, slug, may_ship)
    if len(names) > AT_ONCE:
        raise invalid("/order", "too_many", N_("At most %(most)d orders at a time, please."), most=AT_ONCE)
    wanted = [found for name in dict.fromkeys(names) if (found := OrderId.parse(name)) is not None]
    known = await map_orders(reader, wanted)
    orders = [known[i] for i in wanted if i in known and known[i].shop_id == room.shop.id]
    sendable = [order for order in orders if order.state in HOLDING]
    if len(sendable) < len(set(names)):
        raise OrderNotFound
    ids = [order.id for order in sendable]
    return _Chosen(room.shop, sendable, await map_lines(reader, ids), await map_parcels(reader, ids))


def _slip(chosen: _Chosen, order: Order, day: str) -> Slip:
    lines = tuple(
        SlipLine(line.title, ", ".join(line.options.values()), line.sku, line.quantity)
        for line in chosen.lines[order.id]
    )
    delivery = order.delivery.name or gettext(STANDARD_NAME)
    return Slip(order.shown_number, chosen.shop.name, order.address, lines, delivery, order.note, day)


def _labels(chosen: _Chosen, order: Order) -> list[Label]:
    """Give a label for each parcel that is on its way; before, one with the order's number."""
    sender = None if chosen.shop.return_address is None else msgspec.to_builtins(chosen.shop.return_address)
    parcels = chosen.parcels.get(order.id, [])
    if not parcels:
        return [Label(order.shown_number, chosen.shop.name, order.address, sender)]
    return [
        Label(
            order.shown_number,
            chosen.shop.name,
            order.address,
            sender,
            _carrier(parcel),
            parcel.tracking_number,
            (at, len(parcels)),
        )
        for at, parcel in enumerate(parcels, start=1)
    ]


def _carrier(parcel: Parcel) -> str:
    found = find_carrier(parcel.carrier) if parcel.carrier else None
    return found.name(language()) if found else ""


HANDLERS: Final[list[Any]] = [print_papers]
