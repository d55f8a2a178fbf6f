"""What the market asks of a carrier."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from fairground.market.shipping.model import ParcelId, TrackedParcel, TrackingEvent


class Carrier(Protocol):
    """A carrier that can be asked where parcels are: the sandbox's, or one reached over a network."""

    async def track(
        self, parcels: Sequence[TrackedParcel], now: datetime
    ) -> Mapping[ParcelId, Sequence[TrackingEvent]]:
        """Tell all events known of these parcels; those it does not know are left out."""
        ...
