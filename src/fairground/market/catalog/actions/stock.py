"""Count stock of a shop's variants."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.market.catalog.actions.doors import enter_by_variant
from fairground.market.catalog.errors import VariantNotFound
from fairground.market.catalog.model import VariantId
from fairground.market.catalog.queries.products import map_offers
from fairground.market.inventory.actions import set_stock, set_stocks
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_count_stock


async def count_stock(tx: Tx, variant_id: VariantId, stock: int | None) -> None:
    """Set what the actor's shop counted of one variant; None = not counted.

    Raises:
        VariantNotFound, RoleTooSmall, ShopClosed
        Invalid: the number is below zero or past the limit (`/stock`).
    """
    await enter_by_variant(tx, variant_id, may_count_stock)
    await set_stock(tx, variant_id, stock)


async def count_stocks(tx: Tx, shop_id: ShopId, counted: Sequence[tuple[VariantId, int | None]]) -> None:
    """Set what a shop counted of many variants; all, or none. Faults stand below `/variants/{number}/stock`.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed
        VariantNotFound: one of them is not this shop's.
        Invalid: a number is below zero or past the limit.
    """
    await enter(tx, shop_id, may_count_stock)
    offers = await map_offers(tx, [variant_id for variant_id, _ in counted])
    if any(v not in offers or offers[v].shop_id != shop_id for v, _ in counted):
        raise VariantNotFound
    await set_stocks(tx, counted, pointers=[f"/variants/{i}/stock" for i in range(len(counted))])
