"""Templates and parcels from rows."""

from typing import Any

import msgspec

from fairground.kit.db import Row
from fairground.kit.ids import Id
from fairground.market.shipping.model import (
    Parcel,
    ParcelId,
    ParcelState,
    ShippingTemplate,
    TemplateOption,
    TrackedParcel,
    TrackingEvent,
    TrackingKind,
)
from fairground.market.shops.model import ShopId


def template_from(row: Row) -> ShippingTemplate:
    """Build a template from its row."""
    return ShippingTemplate(
        ShopId(row["shop_id"]),
        row["currency"],
        msgspec.convert(row["options"], tuple[TemplateOption, ...]),
        row["version"],
        row["changed_at"],
    )


def options_to_row(options: tuple[TemplateOption, ...]) -> Any:
    """Write options down as plain data."""
    return msgspec.to_builtins(options)


def parcel_from(row: Row) -> Parcel:
    """Build a parcel from its row, with its lines beside it."""
    return Parcel(
        id=ParcelId(row["id"]),
        order_id=Id(row["order_id"]),
        shop_id=ShopId(row["shop_id"]),
        carrier=row["carrier"],
        tracking_number=row["tracking_number"],
        state=ParcelState(row["state"]),
        lines={Id(line): pieces for line, pieces in zip(row["line_ids"], row["quantities"], strict=True)},
        shipped_at=row["shipped_at"],
        delivered_at=row["delivered_at"],
    )


def tracked_from(row: Row) -> TrackedParcel:
    """Build what a carrier is asked about from a parcel's row."""
    return TrackedParcel(ParcelId(row["id"]), row["carrier"], row["tracking_number"], row["shipped_at"])


def event_from(row: Row) -> TrackingEvent:
    """Build a tracking event from its row."""
    return TrackingEvent(row["external_id"], row["at"], TrackingKind(row["kind"]), row["place"], row["words"])
