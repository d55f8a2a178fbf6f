"""Reads of products and categories."""

from fairground.market.catalog.queries.categories import (
    get_category,
    list_categories,
    load_tree,
    tree_of,
)
from fairground.market.catalog.queries.lists import (
    list_in_review,
    list_newest_products,
    list_products_of_category,
    list_products_of_shop,
    map_product_cards,
)
from fairground.market.catalog.queries.products import (
    find_shop_of_variant,
    get_product,
    list_product_versions,
    map_handles,
    map_offers,
    map_products,
    map_versions,
)

__all__ = [
    "find_shop_of_variant",
    "get_category",
    "get_product",
    "list_categories",
    "list_in_review",
    "list_newest_products",
    "list_product_versions",
    "list_products_of_category",
    "list_products_of_shop",
    "load_tree",
    "map_handles",
    "map_offers",
    "map_product_cards",
    "map_products",
    "map_versions",
    "tree_of",
]
