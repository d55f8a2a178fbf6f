"""What the catalog announces: ids only. Who wants to know more reads the product as it is by then."""

from fairground.kit.events import Event
from fairground.market.catalog.model import ProductId
from fairground.market.shops.model import ShopId


class _OfProduct(Event, frozen=True, kw_only=True):
    product_id: ProductId
    shop_id: ShopId

    @property
    def subject(self) -> ProductId:
        """The product."""
        return self.product_id


class ProductListed(_OfProduct, frozen=True, kw_only=True):
    """A product went on sale."""


class ProductChanged(_OfProduct, frozen=True, kw_only=True):
    """A product on sale changed: words, pictures, prices, variants, or whether its shop sells."""


class ProductWithdrawn(_OfProduct, frozen=True, kw_only=True):
    """A product is not on sale any more."""


class ProductSubmitted(_OfProduct, frozen=True, kw_only=True):
    """A product waits for the desk."""


class ProductRefused(_OfProduct, frozen=True, kw_only=True):
    """The desk sent a product back, with its reason."""
