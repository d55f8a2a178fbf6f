"""What changes on sale is marked for the indexes."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.catalog.events import ProductChanged, ProductListed, ProductWithdrawn
from fairground.market.catalog.model import ProductId
from fairground.market.orders.events import OrderClosed, OrderPaid
from fairground.market.orders.queries.orders import map_lines
from fairground.market.reviews.events import ProductRated
from fairground.market.search.actions import touch_listed, touch_products, touch_shops
from fairground.market.shops.events import (
    ShopCameBack,
    ShopChanged,
    ShopReopened,
    ShopSuspended,
    ShopWasClosed,
    ShopWentOnHoliday,
)

OfProduct = ProductListed | ProductChanged | ProductWithdrawn
OfShop = ShopChanged | ShopWentOnHoliday | ShopCameBack | ShopSuspended | ShopReopened | ShopWasClosed


async def hear_of_products(tx: Tx, events: Sequence[OfProduct]) -> None:
    """Mark the products."""
    await touch_products(tx, [(event.product_id, event.shop_id) for event in events])


async def hear_of_shops(tx: Tx, events: Sequence[OfShop]) -> None:
    """Mark all products of the shops."""
    await touch_shops(tx, [event.shop_id for event in events])


async def hear_of_sales(tx: Tx, events: Sequence[OrderPaid | OrderClosed]) -> None:
    """Mark what was sold or given back: its place depends on it."""
    lines = await map_lines(tx, [event.order_id for event in events])
    await touch_listed(tx, [ProductId(line.product_id) for of_order in lines.values() for line in of_order])


async def hear_of_ratings(tx: Tx, events: Sequence[ProductRated]) -> None:
    """Mark what was reviewed."""
    await touch_listed(tx, [ProductId(event.product_id) for event in events])


def subscribers() -> list[Subscriber]:
    """List who hears what."""
    of_products = (ProductListed, ProductChanged, ProductWithdrawn)
    of_shops = (ShopChanged, ShopWentOnHoliday, ShopCameBack, ShopSuspended, ShopReopened, ShopWasClosed)
    return [
        Subscriber("search.mark_products", of_products, hear_of_products, batch=True),
        Subscriber("search.mark_shops", of_shops, hear_of_shops, batch=True),
        Subscriber("search.mark_sold", (OrderPaid, OrderClosed), hear_of_sales, batch=True),
        Subscriber("search.mark_rated", (ProductRated,), hear_of_ratings, batch=True),
    ]
