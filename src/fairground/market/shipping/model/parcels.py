"""Parcels and what carriers tell about them."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.errors import N_
from fairground.kit.ids import Id
from fairground.market.shops.model import ShopId


class ParcelId(Id):
    """The id of a parcel; lives in its order's (the buyer's) bucket."""


class ParcelState(StrEnum):
    """Where a parcel is."""

    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    LOST = "lost"


class TrackingKind(StrEnum):
    """What a carrier's event means."""

    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    TROUBLE = "trouble"
    LOST = "lost"


EVENT_WORDS: Final = {
    TrackingKind.PICKED_UP: N_("Picked up by the carrier"),
    TrackingKind.IN_TRANSIT: N_("On its way"),
    TrackingKind.OUT_FOR_DELIVERY: N_("Out for delivery"),
    TrackingKind.DELIVERED: N_("Delivered"),
    TrackingKind.TROUBLE: N_("Something came in between"),
    TrackingKind.LOST: N_("The carrier cannot find it"),
}


class TrackingEvent(msgspec.Struct, frozen=True):
    """One event of a carrier; `external_id` is the carrier's own, `words` what it wrote ("" = ours)."""

    external_id: str
    at: datetime
    kind: TrackingKind
    place: str = ""
    words: str = ""


class ParcelLine(msgspec.Struct, frozen=True):
    """So many pieces of an order's line, of `ordered` in all."""

    order_line_id: Id
    quantity: int
    ordered: int


class ParcelDraft(msgspec.Struct, frozen=True):
    """What a seller sends; without a carrier (pickup, virtual goods) there is no number."""

    order_id: Id
    shop_id: ShopId
    lines: tuple[ParcelLine, ...]
    carrier: str | None = None
    tracking_number: str | None = None


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel of one order."""

    id: ParcelId
    order_id: Id
    shop_id: ShopId
    carrier: str | None
    tracking_number: str | None
    state: ParcelState
    lines: dict[Id, int]  # order line → pieces
    shipped_at: datetime
    delivered_at: datetime | None


class TrackedParcel(msgspec.Struct, frozen=True):
    """What a carrier is asked about."""

    id: ParcelId
    carrier: str
    tracking_number: str
    shipped_at: datetime


_RAISED_BY: Final = {
    TrackingKind.PICKED_UP: ParcelState.IN_TRANSIT,
    TrackingKind.IN_TRANSIT: ParcelState.IN_TRANSIT,
    TrackingKind.OUT_FOR_DELIVERY: ParcelState.IN_TRANSIT,
    TrackingKind.DELIVERED: ParcelState.DELIVERED,
    TrackingKind.LOST: ParcelState.LOST,
}


def state_after(events: Iterable[TrackingEvent]) -> ParcelState:
    """Tell where a parcel is after all its events, in whatever order they were told.

    Delivered stays delivered; one that was lost is found again by any later event.
    """
    state = ParcelState.SHIPPED
    for event in sorted(events, key=lambda e: (e.at, e.external_id)):
        if state is not ParcelState.DELIVERED:
            state = _RAISED_BY.get(event.kind, state)
    return state
