"""Delivery and parcels as values.

Begin at: `templates.py`, `rates.py` (what delivery costs), `parcels.py`, `carriers.py`.
"""

from fairground.market.shipping.model.carriers import CARRIERS, CarrierInfo, find_carrier, looks_right, read_number
from fairground.market.shipping.model.parcels import (
    EVENT_WORDS,
    Parcel,
    ParcelDraft,
    ParcelId,
    ParcelLine,
    ParcelState,
    TrackedParcel,
    TrackingEvent,
    TrackingKind,
    state_after,
)
from fairground.market.shipping.model.rates import DeliveryOption, ShipLine, options_for
from fairground.market.shipping.model.regions import CHINA, Region, place_key
from fairground.market.shipping.model.templates import (
    DeliveryKind,
    Measure,
    ShippingRules,
    ShippingTemplate,
    TemplateOption,
    Zone,
    check_options,
)

__all__ = [
    "CARRIERS",
    "CHINA",
    "EVENT_WORDS",
    "CarrierInfo",
    "DeliveryKind",
    "DeliveryOption",
    "Measure",
    "Parcel",
    "ParcelDraft",
    "ParcelId",
    "ParcelLine",
    "ParcelState",
    "Region",
    "ShipLine",
    "ShippingRules",
    "ShippingTemplate",
    "TemplateOption",
    "TrackedParcel",
    "TrackingEvent",
    "TrackingKind",
    "Zone",
    "check_options",
    "find_carrier",
    "looks_right",
    "options_for",
    "place_key",
    "read_number",
    "state_after",
]
