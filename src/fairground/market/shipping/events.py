"""What happens to parcels."""

from fairground.kit.events import Event
from fairground.kit.ids import Id
from fairground.market.shipping.model import ParcelId, ParcelState
from fairground.market.shops.model import ShopId


class ParcelSent(Event, frozen=True, kw_only=True):
    """A parcel was handed to a carrier."""

    parcel_id: ParcelId
    order_id: Id
    shop_id: ShopId

    @property
    def subject(self) -> Id:
        """The parcel."""
        return self.parcel_id


class ParcelMoved(Event, frozen=True, kw_only=True):
    """A parcel is somewhere else than before: on its way, delivered, lost."""

    parcel_id: ParcelId
    order_id: Id
    shop_id: ShopId
    state: ParcelState

    @property
    def subject(self) -> Id:
        """The parcel."""
        return self.parcel_id
