"""What inventory announces. Sales tell only of the marks they cross: a row for each sold piece would help nobody."""

from fairground.kit.events import Event
from fairground.kit.ids import Id


class _OfVariant(Event, frozen=True, kw_only=True):
    variant_id: Id
    owner_id: Id

    @property
    def subject(self) -> Id:
        return self.variant_id


class StockChanged(_OfVariant, frozen=True, kw_only=True):
    """The shop counted anew; `on_hand` is None where it does not count any more."""

    on_hand: int | None


class StockRanLow(_OfVariant, frozen=True, kw_only=True):
    """Sales brought the stock down to the low mark."""

    on_hand: int


class SoldOut(_OfVariant, frozen=True, kw_only=True):
    """Nothing is left."""


class BackInStock(_OfVariant, frozen=True, kw_only=True):
    """There is something again where nothing was."""
