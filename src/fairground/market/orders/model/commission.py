"""Commission: the most specific rate wins: product, then shop, then the nearest category, then the market's."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from fairground.kit.ids import Id


class RateKind(StrEnum):
    """What a rate of its own is set for, beside shops."""

    PRODUCT = "product"
    CATEGORY = "category"


class CommissionRates(msgspec.Struct, frozen=True):
    """Rates in basis points; `trails` maps a category to itself and those above it, from the root down."""

    products: Mapping[Id, int]
    categories: Mapping[str, int]
    trails: Mapping[str, Sequence[str]]
    usual: int

    def rate(self, product_id: Id, shop_rate: int | None, category: str | None) -> int:
        """Tell the rate of a product."""
        if product_id in self.products:
            return self.products[product_id]
        if shop_rate is not None:
            return shop_rate
        for slug in reversed(self.trails.get(category or "", ())):
            if slug in self.categories:
                return self.categories[slug]
        return self.usual
