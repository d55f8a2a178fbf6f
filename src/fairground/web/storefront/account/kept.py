"""What one keeps for later: products with a heart, and shops one follows."""

from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from msgspec.structs import replace

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller
from fairground.kit.i18n.words import gettext
from fairground.market.accounts.model import PersonId
from fairground.market.cart.model import Kept
from fairground.market.cart.queries import list_follows, list_kept
from fairground.market.catalog.model import ProductCard
from fairground.market.catalog.queries import map_product_cards
from fairground.market.shops.model import SEEN
from fairground.market.shops.queries import map_shops
from fairground.web import cards
from fairground.web.render import page
from fairground.web.storefront.account.overview import person_of
from fairground.web.storefront.goods import product_card, shop_card, shops_of

PAGE: Final = "/account/saved"
SHOWN: Final = 24


class Gone(msgspec.Struct, frozen=True):
    """A kept thing that cannot be bought now, or a shop that is not there any more."""

    id: int
    name: str


class KeptView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what is kept: products, or shops."""

    is_shops: bool
    products: list[cards.ProductCard]
    shops: list[cards.ShopCard]
    gone: list[Gone]
    next_href: str | None


@get(PAGE, include_in_schema=False)
async def show_kept(
    request: Request[Any, Any, Any], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the products that one keeps, or with `shops` the shops that one follows."""
    person_id, after = person_of(caller), request.query_params.get("after")
    look = _shops if request.query_params.get("shops") == "1" else _products
    view = await db.read(lambda reader: look(reader, person_id, after))
    return page(request, "storefront/account/kept.html", title=gettext("Kept"), view=view)


async def _products(reader: Reader, person_id: PersonId, after: str | None) -> KeptView:
    found = await list_kept(reader, person_id, after=after, limit=SHOWN)
    known = await map_product_cards(reader, [kept.product_id for kept in found.items])
    shops = await map_shops(reader, shops_of(known.values()))
    sold = [kept for kept in found.items if kept.product_id in known and known[kept.product_id].on_sale]
    return KeptView(
        is_shops=False,
        products=[_card(kept, known[kept.product_id], product_card(known[kept.product_id], shops)) for kept in sold],
        shops=[],
        gone=[Gone(kept.product_id, kept.title) for kept in found.items if kept not in sold],
        next_href=f"{PAGE}?{urlencode({'after': found.next})}" if found.next else None,
    )


def _card(kept: Kept, now: ProductCard, card: cards.ProductCard) -> cards.ProductCard:
    cheaper = now.price_low.currency == kept.price.currency and now.price_low.amount < kept.price.amount
    badge = ("ok", gettext("Cheaper than when you kept it")) if cheaper else None
    return replace(card, kept=True, badge=badge, before=kept.price if cheaper else card.before)


async def _shops(reader: Reader, person_id: PersonId, after: str | None) -> KeptView:
    found = await list_follows(reader, person_id, after=after, limit=SHOWN)
    known = await map_shops(reader, [follow.shop_id for follow in found.items])
    seen = [known[f.shop_id] for f in found.items if f.shop_id in known and known[f.shop_id].state in SEEN]
    ids = {shop.id for shop in seen}
    return KeptView(
        is_shops=True,
        products=[],
        shops=[replace(shop_card(shop), keep=str(shop.id), kept=True) for shop in seen],
        gone=[Gone(f.shop_id, known[f.shop_id].name) for f in found.items if f.shop_id in known.keys() - ids],
        next_href=f"{PAGE}?{urlencode({'shops': '1', 'after': found.next})}" if found.next else None,
    )


HANDLERS: Final[list[Any]] = [show_kept]
