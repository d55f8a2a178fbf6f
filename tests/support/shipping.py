"""Makers of templates and parcels. Shipping knows shops and orders by their ids only."""

import itertools
from datetime import timedelta

from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.ids import Id, any_bucket
from fairground.market.shipping.actions.parcels import add_parcel
from fairground.market.shipping.actions.templates import save_template
from fairground.market.shipping.model import (
    Measure,
    Parcel,
    ParcelDraft,
    ParcelLine,
    ShippingTemplate,
    TemplateOption,
    TrackingEvent,
    TrackingKind,
    Zone,
)
from fairground.market.shops.model import ShopId

SELLER = system("tests")
_numbers = itertools.count(1)
COURIER = TemplateOption(
    code="courier",
    name_zh="快递",
    name_en="Courier",
    zones=(
        Zone(places=("CN-广东省", "CN-上海市"), first_price=800, more_price=200, days=(1, 2)),
        Zone(places=("CN",), first_price=1200, more_price=300, free_from=20_000),
    ),
)
AIR = TemplateOption(
    code="air",
    name_en="Air parcel",
    measure=Measure.WEIGHT,
    zones=(Zone(first=500, first_price=9_000, more=500, more_price=4_000, days=(7, 20)),),
    handling_days=3,
)


def shop_id(db: Database) -> ShopId:
    """Give the id of a shop that nobody opened."""
    return db.ids.make(ShopId, any_bucket(), db.clock.now())


def order_id(db: Database) -> Id:
    """Give the id of an order of somebody."""
    return db.ids.make(Id, any_bucket(), db.clock.now())


def line_ids(db: Database, order: Id, count: int) -> list[Id]:
    """Give the ids of some lines of an order."""
    return [db.ids.make(Id, order.bucket, db.clock.now()) for _ in range(count)]


async def make_template(db: Database, shop: ShopId, *options: TemplateOption) -> ShippingTemplate:
    """Write a shop's template."""
    return await db.write(SELLER, lambda tx: save_template(tx, shop, options or (COURIER, AIR)))


async def make_parcel(
    db: Database,
    order: Id | None = None,
    *lines: ParcelLine,
    shop: ShopId | None = None,
    carrier: str | None = "sandbox",
    number: str | None = "",
) -> Parcel:
    """Send a parcel; of a new order with one line where none is given."""
    order = order or order_id(db)
    if number == "":
        number = f"SB{next(_numbers):010}"
    wish = ParcelDraft(
        order, shop or shop_id(db), lines or (ParcelLine(line_ids(db, order, 1)[0], 1, 1),), carrier, number
    )
    return await db.write(SELLER, lambda tx: add_parcel(tx, wish))


def told(db: Database, number: int, kind: TrackingKind, *, hours: float = 0) -> TrackingEvent:
    """Write down an event of a carrier, so many hours from now."""
    return TrackingEvent(f"e{number}", db.clock.now() + timedelta(hours=hours), kind, "Guangzhou")
