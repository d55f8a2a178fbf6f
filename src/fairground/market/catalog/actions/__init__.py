"""What can be done with products and categories; the only writers of their tables."""

from fairground.market.catalog.actions.change import change_product, set_price
from fairground.market.catalog.actions.create import Created, create_product, create_products, read_world
from fairground.market.catalog.actions.signals import note_ratings, note_sales, note_shop_sells
from fairground.market.catalog.actions.state import (
    approve_product,
    list_product,
    refuse_product,
    withdraw_product,
)
from fairground.market.catalog.actions.stock import count_stock, count_stocks

__all__ = [
    "Created",
    "approve_product",
    "change_product",
    "count_stock",
    "count_stocks",
    "create_product",
    "create_products",
    "list_product",
    "note_ratings",
    "note_sales",
    "note_shop_sells",
    "read_world",
    "refuse_product",
    "set_price",
    "withdraw_product",
]
