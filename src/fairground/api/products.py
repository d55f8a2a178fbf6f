"""Products, variants, stock, categories, by API. Finding products by words is in `search.py`."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType

from fairground.api.product_bodies import (
    Categories,
    ProductBody,
    ProductLines,
    ProductPatch,
    ProductView,
    category_view,
    change_from_body,
    product_from_body,
    product_line,
    product_view,
)
from fairground.api.shops import visit
from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.catalog.actions.change import change_product, set_price
from fairground.market.catalog.actions.create import create_product
from fairground.market.catalog.actions.state import list_product, withdraw_product
from fairground.market.catalog.actions.stock import count_stock
from fairground.market.catalog.errors import ProductNotFound
from fairground.market.catalog.model import Product, ProductId, ProductState, VariantId
from fairground.market.catalog.queries.categories import load_tree
from fairground.market.catalog.queries.lists import list_on_sale_of_shop, list_products_of_shop
from fairground.market.catalog.queries.products import get_product, list_product_versions
from fairground.market.inventory.queries import list_low_stock, map_stock
from fairground.market.shops.policy import may_count_stock, may_manage_goods
from fairground.market.shops.queries import get_shop_for, map_shops, role_in


class StockBody(msgspec.Struct):
    """What was counted; null = not counted from now on."""

    stock: int | None


class StockView(msgspec.Struct):
    """Free pieces of a variant."""

    id: Id
    stock: int | None


class LowStock(msgspec.Struct):
    """Variants that run out, the scarcest first."""

    items: list[StockView]
    next: str | None = None


class PriceBody(msgspec.Struct):
    """A new price; `compare_at` is the struck one, left out it stays."""

    price: Money
    compare_at: Money | UnsetType | None = UNSET


class VersionView(msgspec.Struct):
    """One change: which fields, with their values before."""

    version: int
    changed: list[str]
    before: dict[str, Any]
    person_id: Id | None
    at: datetime


class Versions(msgspec.Struct):
    """The changes of a product, the latest first."""

    items: list[VersionView]
    next: str | None = None


@post("/api/v1/shops/{slug:str}/products", tags=["Products"])
async def post_product(
    slug: FromPath[str], data: JSONBody[ProductBody], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> ProductView:
    """Make a product with its variants and stock; every wrong field is named."""
    person_id = caller.need_person()
    shop = await db.read(lambda reader: get_shop_for(reader, slug, person_id, may_manage_goods))
    product = await db.write(caller.actor, lambda tx: create_product(tx, shop.id, product_from_body(data)))
    return await db.read(lambda reader: _view(reader, product, inside=True))


@get("/api/v1/shops/{slug:str}/products", tags=["Products"])
async def show_products_of_shop(
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    only: Annotated[ProductState | None, QueryParameter(name="state")] = None,
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> ProductLines:
    """List a shop's products: to its people in every state (or the one asked for), to others what is on sale."""

    async def look(reader: Reader) -> ProductLines:
        shop, role = await visit(reader, slug, caller.person_id)
        if role is None:
            page = await list_on_sale_of_shop(reader, shop.id, after=after, limit=limit)
        else:
            page = await list_products_of_shop(reader, shop.id, state=only, after=after, limit=limit)
        return ProductLines([product_line(card, caller.language) for card in page.items], page.next)

    return await db.read(look)


@get("/api/v1/products/{product_id:str}", tags=["Products"])
async def show_product(
    product_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> ProductView:
    """Show a product; its shop's people see it in any state, others while it is on sale in a shop that is seen."""
    wanted = an_id(ProductId, product_id)

    async def look(reader: Reader) -> ProductView:
        product = await get_product(reader, wanted)
        inside = caller.person_id is not None and await role_in(reader, product.shop_id, caller.person_id) is not None
        return await _view(reader, product, inside=inside)

    return await db.read(look)


@patch("/api/v1/products/{product_id:str}", tags=["Products"])
async def patch_product(
    product_id: FromPath[str],
    data: JSONBody[ProductPatch],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> ProductView:
    """Change a product, put it on sale or take it off; what is left out stays."""
    caller.need_person()
    wanted, change = an_id(ProductId, product_id), change_from_body(data)

    async def deed(tx: Tx) -> Product:
        product = await change_product(tx, wanted, change, expected_version=data.version)
        return await _move(tx, product, data.state)

    product = await db.write(caller.actor, deed)
    return await db.read(lambda reader: _view(reader, product, inside=True))


async def _move(tx: Tx, product: Product, state: ProductState | UnsetType) -> Product:
    if isinstance(state, UnsetType) or state is product.state:
        return product
    if state is ProductState.ON_SALE:
        # Waiting for the desk already: that is what was asked for.
        return product if product.state is ProductState.IN_REVIEW else await list_product(tx, product.id)
    if state is ProductState.OFF_SALE and product.state is not ProductState.DRAFT:
        return await withdraw_product(tx, product.id)
    raise invalid("/state", "catalog.state", N_("A product goes on sale (on_sale) or off sale (off_sale)."))


@get("/api/v1/products/{product_id:str}/versions", tags=["Products"])
async def show_versions(
    product_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> Versions:
    """List the changes of a product, to its shop's people."""
    person_id, wanted = caller.need_person(), an_id(ProductId, product_id)

    async def look(reader: Reader) -> Versions:
        product = await get_product(reader, wanted)
        if await role_in(reader, product.shop_id, person_id) is None:
            raise ProductNotFound
        page = await list_product_versions(reader, wanted, after=after, limit=limit)
        return Versions([VersionView(v.version, v.changed, v.before, v.actor_id, v.at) for v in page.items], page.next)

    return await db.read(look)


@put("/api/v1/variants/{variant_id:str}/stock", tags=["Products"])
async def put_stock(
    variant_id: FromPath[str],
    data: JSONBody[StockBody],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> StockView:
    """Set what was counted of a variant."""
    caller.need_person()
    wanted = an_id(VariantId, variant_id)
    await db.write(caller.actor, lambda tx: count_stock(tx, wanted, data.stock))
    return StockView(wanted, data.stock)


@put("/api/v1/variants/{variant_id:str}/price", tags=["Products"])
async def put_price(
    variant_id: FromPath[str],
    data: JSONBody[PriceBody],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> ProductView:
    """Set the price of a variant."""
    caller.need_person()
    wanted = an_id(VariantId, variant_id)
    product = await db.write(caller.actor, lambda tx: set_price(tx, wanted, data.price, data.compare_at))
    return await db.read(lambda reader: _view(reader, product, inside=True))


@get("/api/v1/shops/{slug:str}/low-stock", tags=["Products"])
async def show_low_stock(
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> LowStock:
    """List a shop's variants that run out, to those who count."""
    person_id = caller.need_person()

    async def look(reader: Reader) -> LowStock:
        shop = await get_shop_for(reader, slug, person_id, may_count_stock)
        page = await list_low_stock(reader, shop.id, after=after, limit=limit)
        return LowStock([StockView(stock.variant_id, stock.on_hand) for stock in page.items], page.next)

    return await db.read(look)


@get("/api/v1/categories", tags=["Products"])
async def show_categories(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Categories:
    """List the tree of categories with their attributes."""
    tree = await db.read(load_tree)
    return Categories([category_view(c, tree.attributes_of(c.slug), caller.language) for c in tree.categories.values()])


async def _view(reader: Reader, product: Product, *, inside: bool) -> ProductView:
    shop = (await map_shops(reader, [product.shop_id]))[product.shop_id]
    if not inside and not (product.state is ProductState.ON_SALE and shop.state in {"open", "holiday"}):
        raise ProductNotFound
    stock = await map_stock(reader, [variant.id for variant in product.variants])
    return product_view(product, shop, stock, inside=inside)


HANDLERS = (
    post_product, show_products_of_shop, show_product, patch_product, show_versions, put_stock, put_price,
    show_low_stock, show_categories,
)  # fmt: skip
