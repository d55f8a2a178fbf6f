"""What people consider, as others may hear it."""

from fairground.kit.events import Event
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import ProductId
from fairground.market.shops.model import ShopId


class _OfPerson(Event, frozen=True, kw_only=True):
    person_id: PersonId
    shop_id: ShopId

    @property
    def subject(self) -> PersonId:
        """The person."""
        return self.person_id


class ProductKept(_OfPerson, frozen=True, kw_only=True):
    """Somebody keeps a product for later."""

    product_id: ProductId


class ShopFollowed(_OfPerson, frozen=True, kw_only=True):
    """Somebody follows a shop."""
