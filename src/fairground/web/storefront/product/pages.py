"""The page of a product."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec.structs import replace

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.cart.model import CartRules
from fairground.market.catalog.errors import ProductNotFound
from fairground.market.catalog.model import Product, ProductId, ProductState, VariantId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.catalog.queries.one import get_product_at_once
from fairground.market.inventory.queries import map_stock
from fairground.market.orders.model import OrderRules
from fairground.market.promotions.board import Board
from fairground.market.promotions.queries.coupons import list_takeable
from fairground.market.reviews.queries import get_glance
from fairground.market.search.finder import Finder
from fairground.market.search.model import SearchRequest
from fairground.market.search.queries import search_products
from fairground.market.shops.model import SEEN, ShopState
from fairground.market.shops.queries import map_shops
from fairground.web import cards
from fairground.web.render import page
from fairground.web.storefront.drops.prices import drop_of, kept_until_change
from fairground.web.storefront.finding import VARY
from fairground.web.storefront.goods import coupon_card, product_cards, shop_card
from fairground.web.storefront.product.choice import choose
from fairground.web.storefront.product.meta import Meta, meta_of
from fairground.web.storefront.product.view import Around, ProductView, product_view

RELATED: Final = 5
SHOWN: Final = frozenset({ProductState.ON_SALE, ProductState.OFF_SALE})


@get("/p/{product_id:str}", include_in_schema=False)
async def show_product(
    product_id: FromPath[str],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    finder: NamedDependency[Finder],
) -> Response[bytes]:
    """Show a product with the variant that `v` names."""
    wanted = an_id(ProductId, product_id)
    variant_id = VariantId.parse(str(request.query_params.get("v", "")))
    person_id = None if caller.person_id is None else PersonId(caller.person_id)
    view, meta = await db.read(lambda reader: _look(reader, finder, (wanted, variant_id), person_id))
    return page(
        request,
        "storefront/product/page.html",
        title=view.title,
        description=meta.description,
        public=True,
        address=f"/p/{wanted}",
        image=meta.image,
        headers={**VARY, **kept_until_change(caller, view.drop)},
        view=view,
        meta=meta,
    )


async def _look(
    reader: Reader, finder: Finder, wanted: tuple[ProductId, VariantId | None], person_id: PersonId | None
) -> tuple[ProductView, Meta]:
    product = await get_product_at_once(reader, wanted[0])
    if product.state not in SHOWN or not product.variants:
        raise ProductNotFound
    shops = await map_shops(reader, [product.shop_id])
    shop = shops.get(product.shop_id)
    if shop is not None and shop.state not in SEEN:
        shop = None
    stock = await map_stock(reader, [variant.id for variant in product.variants])
    chosen = choose(product, wanted[1], stock)
    sells = product.on_sale and shop is not None
    offered = await list_takeable(reader, product.shop_id, person_id, product.id) if sells else []
    place = reader.given(Place)
    around = Around(
        tree=finder.tree,
        stock=stock,
        offered=offered,
        coupons=[coupon_card(one, place) for one in offered],
        shop=None if shop is None else _with_ask(shop_card(shop), shop.slug, product.id),
        price_days=0 if shop is None else shop.price_days,
        shop_rests=shop is not None and shop.state is ShopState.HOLIDAY,
        glance=await get_glance(reader, product.id),
        related=await _related(reader, finder, product),
        now=reader.now,
        drop=drop_of(reader.given(Board), chosen.id, reader.now) if sells else None,
    )
    view = product_view(product, chosen, around, reader.given(OrderRules), reader.given(CartRules))
    return view, meta_of(product, view, chosen, place)


def _with_ask(card: cards.ShopCard, slug: str, product_id: ProductId) -> cards.ShopCard:
    """Let the shop be asked about this product: it goes along with the message."""
    return replace(card, ask_href=f"/messages/new?shop={slug}&product={product_id}")


async def _related(reader: Reader, finder: Finder, product: Product) -> list[cards.ProductCard]:
    """Choose what stands beside: alike by category, else by title's words, else by shop."""
    if not finder.is_there():
        return []
    wishes = (
        SearchRequest(category=product.category, limit=RELATED + 1) if product.category else None,
        SearchRequest(shop_id=product.shop_id, limit=RELATED + 1),
        SearchRequest(limit=RELATED + 1),
    )
    ids: dict[ProductId, None] = {}
    for wish in wishes:
        if wish is not None and len(ids) < RELATED:
            found = await search_products(finder.index, reader, wish)
            ids |= dict.fromkeys(i for i in found.ids if i != product.id)
    chosen = list(ids)[:RELATED]
    found_cards = await map_product_cards(reader, chosen)
    return product_cards(chosen, found_cards, {})


HANDLERS: Final[list[ControllerRouterHandler]] = [show_product]
