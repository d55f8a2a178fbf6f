"""Who may touch a product: the people of its shop, in the right role."""

from fairground.kit.db import Tx
from fairground.market.catalog.errors import ProductNotFound, VariantNotFound
from fairground.market.catalog.model import Product, ProductId, VariantId
from fairground.market.catalog.queries.products import find_shop_of_variant, get_product
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import Shop, ShopId
from fairground.market.shops.policy import May


async def enter_by_product(tx: Tx, product_id: ProductId, may: May) -> tuple[Shop, Product]:
    """Let the actor at a product; to strangers there is none.

    Raises:
        ProductNotFound, RoleTooSmall, ShopClosed
    """
    product = await get_product(tx, product_id)
    try:
        return await enter(tx, product.shop_id, may), product
    except ShopNotFound:
        raise ProductNotFound from None


async def enter_by_variant(tx: Tx, variant_id: VariantId, may: May) -> tuple[ShopId, ProductId]:
    """Let the actor at a variant; to strangers there is none.

    Raises:
        VariantNotFound, RoleTooSmall, ShopClosed
    """
    shop_id, product_id = await find_shop_of_variant(tx, variant_id)
    try:
        await enter(tx, shop_id, may)
    except ShopNotFound:
        raise VariantNotFound from None
    return shop_id, product_id
