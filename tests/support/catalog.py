"""Makers of products."""

from collections.abc import Sequence
from typing import Any

from fairground.kit.db import Database
from fairground.kit.money import Money
from fairground.market.catalog.actions.categories import plant_categories
from fairground.market.catalog.actions.create import create_product
from fairground.market.catalog.model import NewProduct, NewVariant, Option, Product, ProductId
from fairground.market.catalog.queries import get_product
from fairground.market.shops.model import Shop
from tests.support.shops import MARKET


def yuan(amount: float) -> Money:
    """Give an amount in CNY: yuan(19.9)."""
    return Money(round(amount * 100), "CNY")


def new_product(*, title: str = "Teapot", price: int = 19_900, stock: int | None = 10, **more: Any) -> NewProduct:
    """Describe a product of one variant; `price` in minor units."""
    return NewProduct(title=title, variants=[NewVariant(price=Money(price, "CNY"), stock=stock)], **more)


def new_shirt(
    colours: Sequence[str] = ("red", "blue"), sizes: Sequence[str] = ("S", "M"), *, price: int = 9_900, **more: Any
) -> NewProduct:
    """Describe a product with two options and a variant for each combination, each with 5 pieces."""
    return NewProduct(
        title="Shirt",
        options=[Option("Colour", list(colours)), Option("Size", list(sizes))],
        variants=[
            NewVariant(price=Money(price, "CNY"), options={"Colour": colour, "Size": size}, stock=5)
            for colour in colours
            for size in sizes
        ],
        **more,
    )


async def make_product(
    db: Database, shop: Shop, *, title: str = "Teapot", price: int = 19_900, stock: int | None = 10, **more: Any
) -> Product:
    """Put a product of one variant on sale; `price` in minor units, `stock=None` = not counted."""
    wish = new_product(title=title, price=price, stock=stock, **more)
    return await db.write(MARKET, lambda tx: create_product(tx, shop.id, wish))


async def make_shirt(db: Database, shop: Shop, **more: Any) -> Product:
    """Put a product with four variants on sale."""
    wish = new_shirt(**more)
    return await db.write(MARKET, lambda tx: create_product(tx, shop.id, wish))


async def make_categories(db: Database) -> None:
    """Plant the market's own tree."""
    await db.write(MARKET, plant_categories)


async def product_now(db: Database, product_id: ProductId) -> Product:
    """Read a product again."""
    return await db.read(lambda r: get_product(r, product_id))
