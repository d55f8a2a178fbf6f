"""Products in review: look, approve, send back with words."""

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from markupsafe import Markup

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid, NotFound
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.safe_text import render
from fairground.market.catalog.actions.state import approve_product, refuse_product, take_down_product
from fairground.market.catalog.errors import ProductInWrongState
from fairground.market.catalog.model import Product, ProductId, ProductState
from fairground.market.catalog.queries.lists import WaitingProduct, list_in_review
from fairground.market.catalog.queries.products import get_product
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.queries import map_shops
from fairground.web.desk.frame import AnyRequest, Queues, count_queues, desk_page
from fairground.web.desk.shops import ReasonForm
from fairground.web.render import go
from fairground.web.told import Told, tell_fields


class ProductsView(msgspec.Struct, frozen=True):
    """What waits, with its shops."""

    products: list[WaitingProduct]
    shops: dict[ShopId, ShopCard]
    next_href: str | None


class ProductView(msgspec.Struct, frozen=True):
    """A product as the desk looks at it."""

    product: Product
    shop: ShopCard
    description: Markup
    options: list[str]  # of each variant, in one line


@get("/desk/products", include_in_schema=False)
async def show_products(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show the products that wait for a look, the longest waiting first."""
    caller.need_staff()

    async def look(reader: Reader) -> tuple[ProductsView, Queues]:
        found = await list_in_review(reader, after=after)
        shops = await map_shops(reader, [product.shop_id for product in found.items])
        next_href = f"/desk/products?after={found.next}" if found.next else None
        return ProductsView(found.items, shops, next_href), await count_queues(reader)

    view, queues = await db.read(look)
    return desk_page(request, "products", title=gettext("Products to look at"), queues=queues, view=view)


@get("/desk/products/{product_id:str}", include_in_schema=False)
async def show_product(
    request: AnyRequest, product_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show a product in any state, as its shop wrote it."""
    return await _page(request, caller, db, an_id(ProductId, product_id))


async def _page(
    request: AnyRequest, caller: Caller, db: Database, product_id: ProductId, errors: Told | None = None
) -> Response[bytes]:
    caller.need_staff()

    async def look(reader: Reader) -> ProductView:
        product = await get_product(reader, product_id)
        shop = (await map_shops(reader, [product.shop_id]))[product.shop_id]
        description = Markup(render(product.description, product.description_format))  # noqa: S704 - sanitised there
        return ProductView(product, shop, description, [" ".join(v.options.values()) for v in product.variants])

    view = await db.read(look)
    return desk_page(
        request,
        "product",
        title=view.product.title,
        status=422 if errors else 200,
        view=view,
        errors=errors or Told(),
        waits=view.product.state is ProductState.IN_REVIEW,
        on_sale=view.product.state is ProductState.ON_SALE,
    )


@post("/desk/products/{product_id:str}/{answer:str}", include_in_schema=False)
async def decide(
    request: AnyRequest,
    product_id: FromPath[str],
    answer: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Approve a product, send it back with words, or take one on sale down."""
    caller.need_staff()
    wanted, form = an_id(ProductId, product_id), await read_form(request, ReasonForm)
    said = {
        "approval": gettext("Approved: it is on sale."),
        "refusal": gettext("Sent back, with your words."),
        "removal": gettext("Taken off sale, with your words."),
    }
    if answer not in said:
        raise NotFound
    try:
        if answer == "approval":
            await db.write(caller.actor, lambda tx: approve_product(tx, wanted))
        elif answer == "refusal":
            await db.write(caller.actor, lambda tx: refuse_product(tx, wanted, form.reason))
        else:
            await db.write(caller.actor, lambda tx: take_down_product(tx, wanted, form.reason))
    except Invalid as trouble:
        return await _page(request, caller, db, wanted, tell_fields(trouble))
    except ProductInWrongState:
        return go(request, "/desk/products", say=gettext("Somebody has decided this already."), kind="mind")
    return go(request, "/desk/products", say=said[answer])


HANDLERS = (show_products, show_product, decide)
