"""What one keeps for later, by API: products with a heart, shops one follows."""

from datetime import datetime
from typing import Final

import msgspec
from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.api.accounts import person_of
from fairground.api.product_bodies import ProductLine, product_line
from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.money import Money
from fairground.kit.paging import page_size
from fairground.market.cart.actions import follow_shop, keep_product, let_go_product, unfollow_shop
from fairground.market.cart.queries import list_follows, list_kept
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import find_shop_id, map_shops


class KeptView(msgspec.Struct):
    """A product kept for later, with title and price of that day; `product` is null where it is not sold now."""

    product_id: ProductId
    title: str
    price: Money
    kept_at: datetime
    product: ProductLine | None


class KeptProducts(msgspec.Struct):
    """Products kept for later, the latest first."""

    items: list[KeptView]
    next: str | None


class FollowView(msgspec.Struct):
    """A shop that one follows."""

    shop: str
    name: str
    followed_at: datetime


class FollowedShops(msgspec.Struct):
    """Shops that one follows, the latest first."""

    items: list[FollowView]
    next: str | None


@get("/api/v1/me/saved", tags=["Cart"])
async def show_kept(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> KeptProducts:
    """List the products one keeps for later."""
    person_id, size = person_of(caller), page_size(limit)

    async def look(reader: Reader) -> KeptProducts:
        found = await list_kept(reader, person_id, after=after, limit=size)
        cards = await map_product_cards(reader, [kept.product_id for kept in found.items])
        sold = {i: product_line(card, caller.language) for i, card in cards.items() if card.on_sale}
        items = [KeptView(k.product_id, k.title, k.price, k.at, sold.get(k.product_id)) for k in found.items]
        return KeptProducts(items, found.next)

    return await db.read(look)


@put("/api/v1/me/saved/{product_id:str}", tags=["Cart"], status_code=204)
async def keep(product_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> None:
    """Keep a product for later; once is enough."""
    person_id, wanted = person_of(caller), an_id(ProductId, product_id)
    await db.write(caller.actor, lambda tx: keep_product(tx, person_id, wanted))


@delete("/api/v1/me/saved/{product_id:str}", tags=["Cart"])
async def let_go(product_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> None:
    """Keep a product no longer."""
    person_id, wanted = person_of(caller), an_id(ProductId, product_id)
    await db.write(caller.actor, lambda tx: let_go_product(tx, person_id, wanted))


@get("/api/v1/me/follows", tags=["Cart"])
async def show_follows(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> FollowedShops:
    """List the shops one follows."""
    person_id, size = person_of(caller), page_size(limit)

    async def look(reader: Reader) -> FollowedShops:
        found = await list_follows(reader, person_id, after=after, limit=size)
        shops = await map_shops(reader, [follow.shop_id for follow in found.items])
        items = [FollowView(shops[f.shop_id].slug, shops[f.shop_id].name, f.at) for f in found.items]
        return FollowedShops(items, found.next)

    return await db.read(look)


@put("/api/v1/me/follows/{slug:str}", tags=["Cart"], status_code=204)
async def follow(slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> None:
    """Follow a shop; once is enough."""
    person_id = person_of(caller)
    shop_id = await _shop(db, slug)
    await db.write(caller.actor, lambda tx: follow_shop(tx, person_id, shop_id))


@delete("/api/v1/me/follows/{slug:str}", tags=["Cart"])
async def unfollow(slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> None:
    """Follow a shop no longer."""
    person_id = person_of(caller)
    shop_id = await _shop(db, slug)
    await db.write(caller.actor, lambda tx: unfollow_shop(tx, person_id, shop_id))


async def _shop(db: Database, slug: str) -> ShopId:
    found = await db.read(lambda reader: find_shop_id(reader, slug))
    if found is None:
        raise ShopNotFound
    return found


HANDLERS: Final = (show_kept, keep, let_go, show_follows, follow, unfollow)
