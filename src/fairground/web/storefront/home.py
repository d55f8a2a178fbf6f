"""The front of the fair."""

from collections import Counter
from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler
from msgspec.structs import replace

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller
from fairground.kit.i18n.words import language, say
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import ProductCard, ProductId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.orders.model import OrderRules
from fairground.market.promotions.board import Board
from fairground.market.promotions.queries.coupons import map_takeable
from fairground.market.search.finder import Finder
from fairground.market.search.model import SearchRequest, SearchResult, SearchRules, Sort
from fairground.market.search.queries import search_products
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.queries import map_abouts, map_shops
from fairground.web import cards
from fairground.web.render import market_name, page
from fairground.web.storefront.drops.prices import running_prices, with_drop_prices
from fairground.web.storefront.drops.showcase import Showcase
from fairground.web.storefront.drops.view import DropView, drop_views
from fairground.web.storefront.finding import Wish
from fairground.web.storefront.goods import (
    coupon_card,
    kind_of,
    product_cards,
    same_shop,
    shop_card,
    shops_of,
)

FEED: Final = 24
NEW: Final = 10
LOOKED_AT: Final = 60  # of the newest: whoever sets out many at once does not fill the row
OF_ONE_SHOP: Final = 2
MAKERS: Final = 3
COUPONS: Final = 6
DROPS: Final = 3
A_DAY: Final = timedelta(days=1)
IN_A_ROW: Final = 3


class Stand(msgspec.Struct, frozen=True):
    """A category, with its drawing."""

    href: str
    name: str
    kind: str | None


class HomeView(msgspec.Struct, frozen=True, kw_only=True):
    """What stands at the front."""

    total: int
    ship_hours: int
    late_percent: int
    cancel_asks: bool
    stands: list[Stand]
    drops: list[DropView]
    new: list[cards.ProductCard]
    makers: list[cards.ShopCard]
    coupons: list[cards.CouponCard]
    feed: list[cards.ProductCard]
    next_href: str | None
    is_ready: bool


class Found(msgspec.Struct, frozen=True):
    """The three looks into the index that the page is made of."""

    feed: SearchResult
    new: SearchResult
    young: SearchResult

    @property
    def ids(self) -> set[ProductId]:
        """All things on the page."""
        return {*self.feed.ids, *self.new.ids, *self.young.ids}


@get("/", include_in_schema=False)
async def show_home(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    finder: NamedDependency[Finder],
) -> Response[bytes]:
    """Show the front of the fair."""
    person_id = None if caller.person_id is None else PersonId(caller.person_id)
    view = await db.read(lambda reader: _look(reader, finder, person_id))
    view = replace(view, drops=await _drops(db))
    return page(
        request,
        "storefront/home/page.html",
        title=market_name(db.given(Place)),
        public=True,
        address="/",
        image=next((p.picture for p in view.feed if isinstance(p.picture, int)), None),
        description=say("Things made by someone, sold by whoever made them."),
        view=view,
    )


async def _look(reader: Reader, finder: Finder, person_id: PersonId | None) -> HomeView:
    found = await _find(reader, finder)
    goods = await map_product_cards(reader, found.ids)
    shops = await map_shops(reader, shops_of(goods.values()))
    makers = _choose_makers(found, goods, shops)
    rules, place = reader.given(OrderRules), reader.given(Place)
    takeable = await map_takeable(reader, list(shops), person_id)
    offered = [(one, shops[shop_id].name) for shop_id, of_shop in takeable.items() for one in of_shop]
    finder.note_shown([*found.feed.ids, *_of_many(found.new.ids, goods)])
    running = running_prices(reader.given(Board), reader.now)
    return HomeView(
        total=found.feed.total,
        ship_hours=rules.ship_promise_hours,
        late_percent=rules.late_voucher_bp // 100,
        cancel_asks=rules.cancel_needs_yes,
        stands=[Stand(f"/c/{c.slug}", c.name_in(language()), kind_of(c.slug)) for c in finder.tree.children_of(None)],
        drops=[],
        new=with_drop_prices(product_cards(_of_many(found.new.ids, goods), goods, shops), running),
        makers=await _makers(reader, finder, makers, goods),
        coupons=_in_rows([coupon_card(one, place, name) for one, name in offered if one.may_take]),
        feed=with_drop_prices(product_cards(found.feed.ids, goods, shops), running),
        next_href=Wish().address("/search", after=found.feed.next) if found.feed.next else None,
        is_ready=found.feed.is_ready,
    )


async def _drops(db: Database) -> list[DropView]:
    """Today's drops: open ones, and those that begin within a day."""
    showcase, now = db.given(Showcase), db.clock.now()
    faces = [face for face in await showcase.live(db) if face.drop.starts_at - now <= A_DAY and face.goods]
    faces = sorted(faces, key=lambda face: (not face.left, face.drop.starts_at))[:DROPS]
    return drop_views(faces, await showcase.dress(db, faces), now)


async def _find(reader: Reader, finder: Finder) -> Found:
    async def of(sort: Sort, limit: int) -> SearchResult:
        return await search_products(finder.index, reader, SearchRequest(sort=sort, limit=limit))

    feed = await of(Sort.RELEVANCE, FEED)
    if not feed.is_ready:  # without an index there is one list, the newest
        return Found(feed, feed, feed)
    return Found(feed, await of(Sort.NEWEST, LOOKED_AT), await of(Sort.UNDERDOG, FEED))


def _of_many(ids: list[ProductId], goods: dict[ProductId, ProductCard]) -> list[ProductId]:
    """Choose the newest so that no shop fills the row."""
    chosen: list[ProductId] = []
    of_shop: Counter[ShopId] = Counter()
    for i in ids:
        if i in goods and of_shop[goods[i].shop_id] < OF_ONE_SHOP:
            of_shop[goods[i].shop_id] += 1
            chosen.append(i)
    return chosen[:NEW]


def _in_rows(offered: list[cards.CouponCard]) -> list[cards.CouponCard]:
    """Show whole rows; a row that is not full only where there is no other."""
    most = min(len(offered), COUPONS)
    return offered[: most - most % IN_A_ROW or most]


def _choose_makers(found: Found, goods: dict[ProductId, ProductCard], shops: dict[ShopId, ShopCard]) -> list[ShopCard]:
    """Choose makers by turns from those whose things stand first and from the newest ones: each has a share."""

    def in_order(ids: list[ProductId]) -> list[ShopId]:
        return list(dict.fromkeys(goods[i].shop_id for i in ids if i in goods))

    first, young = in_order(found.feed.ids), in_order(found.young.ids)
    turns = [shop_id for pair in zip(first, young, strict=False) for shop_id in pair]
    chosen = dict.fromkeys([*turns, *first, *young])
    return [shops[shop_id] for shop_id in chosen if shop_id in shops and shops[shop_id].sells][:MAKERS]


async def _makers(
    reader: Reader, finder: Finder, makers: list[ShopCard], goods: dict[ProductId, ProductCard]
) -> list[cards.ShopCard]:
    abouts = await map_abouts(reader, [shop.id for shop in makers])
    shown: dict[ShopId, list[ProductId]] = {}
    for shop in makers:
        request = SearchRequest(shop_id=shop.id, limit=3)
        shown[shop.id] = (await search_products(finder.index, reader, request)).ids if finder.is_there() else []
    missing = {i for ids in shown.values() for i in ids} - set(goods)
    more = {**goods, **await map_product_cards(reader, missing)}
    young_after = reader.now - timedelta(days=reader.given(SearchRules).young_shop_days)
    return [
        shop_card(
            shop,
            about=abouts.get(shop.id, ""),
            goods=[more[i] for i in shown[shop.id] if i in more] or same_shop(goods.values(), shop.id),
            young_after=young_after,
        )
        for shop in makers
    ]


HANDLERS: Final[list[ControllerRouterHandler]] = [show_home]
