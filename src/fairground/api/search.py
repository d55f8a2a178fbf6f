"""Finding goods, by API."""

from datetime import datetime
from typing import Final

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.types import ControllerRouterHandler

from fairground.api.product_bodies import ProductLine, product_line
from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, invalid
from fairground.kit.http.caller import Caller
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.paging import page_size
from fairground.kit.place import Place
from fairground.market.catalog.queries import map_product_cards
from fairground.market.search.finder import Finder
from fairground.market.search.model import Facets, SearchRequest, SearchResult, Sort, SuggestionKind
from fairground.market.search.queries import search_products, suggest
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import find_shop_id, map_shops

FACETS_MOST: Final = 50


class CategoryCount(msgspec.Struct):
    """So many of the things found are in this category, or below it."""

    slug: str
    name: str
    count: int


class ShopCount(msgspec.Struct):
    """So many are this shop's."""

    slug: str
    name: str
    count: int


class AttributeCount(msgspec.Struct):
    """So many have this value; narrow by it with `attribute=name%3Dvalue`."""

    name: str
    value: str
    count: int


class PriceCount(msgspec.Struct):
    """So many cost between these two, both included; `high` null: no end."""

    low: Money
    high: Money | None
    count: int


class FoundFacets(msgspec.Struct):
    """What can be narrowed by; with the first page only."""

    categories: list[CategoryCount]
    shops: list[ShopCount]
    attributes: list[AttributeCount]
    prices: list[PriceCount]


class FoundProducts(msgspec.Struct):
    """One page of what was found, and how many there are in all.

    `words` is what was looked for after prices (`under 200`, `200 元以内`) were read out of it. `is_ready` is false
    while the index is being prepared: then these are only the newest things.
    """

    items: list[ProductLine]
    next: str | None
    total: int
    facets: FoundFacets
    words: str
    did_you_mean: str | None
    is_ready: bool


class SuggestionView(msgspec.Struct):
    """A suggestion for somebody who types; `target` is a category's slug or a product's id."""

    kind: SuggestionKind
    text: str
    target: str | None


class Suggestions(msgspec.Struct):
    """What somebody who types may mean."""

    items: list[SuggestionView]
    next: None = None


@get("/api/v1/products", tags=["Products"])
async def find_products(  # noqa: PLR0913, PLR0917 - one parameter for each of the query string
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    finder: NamedDependency[Finder],
    q: FromQuery[str] = "",
    category: FromQuery[str | None] = None,
    shop: FromQuery[str | None] = None,
    attribute: FromQuery[list[str] | None] = None,
    min_price: FromQuery[int | None] = None,
    max_price: FromQuery[int | None] = None,
    sort: FromQuery[Sort] = Sort.RELEVANCE,
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> FoundProducts:
    """Find goods by words in Chinese or English, narrowed and sorted; prices in minor units of the currency."""
    for name, price in (("min_price", min_price), ("max_price", max_price)):
        if price is not None and not 0 <= price < 2**53:
            raise invalid(f"/{name}", "range", N_("A price cannot be below zero or past every limit."))
    size = page_size(limit)

    async def look(reader: Reader) -> FoundProducts:
        request = SearchRequest(
            q=q,
            category=category,
            shop_id=await _shop(reader, shop),
            attributes=tuple(attribute or ()),
            min_price=min_price,
            max_price=max_price,
            sort=sort,
            after=after,
            limit=size,
        )
        result = await search_products(finder.index, reader, request)
        _note(finder, request, result, caller, reader.now)
        return await _view(reader, finder, result, caller.language)

    return await db.read(look)


@get("/api/v1/suggestions", tags=["Products"])
async def show_suggestions(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    finder: NamedDependency[Finder],
    q: FromQuery[str] = "",
) -> Suggestions:
    """Suggest what somebody who types may mean: what many asked for, categories, titles."""
    found = await db.read(lambda reader: suggest(finder.index, reader, q, caller.language, finder.tree))
    return Suggestions([SuggestionView(s.kind, s.text, s.target) for s in found])


def _note(finder: Finder, request: SearchRequest, result: SearchResult, caller: Caller, now: datetime) -> None:
    finder.note(request, result, caller.language, now)


async def _shop(reader: Reader, slug: str | None) -> ShopId | None:
    if slug is None:
        return None
    found = await find_shop_id(reader, slug)
    if found is None:
        raise ShopNotFound
    return found


async def _view(reader: Reader, finder: Finder, result: SearchResult, language: str) -> FoundProducts:
    cards = await map_product_cards(reader, result.ids)
    return FoundProducts(
        [product_line(cards[i], language) for i in result.ids if i in cards],
        result.next,
        result.total,
        await _facets(reader, finder, result.facets, language),
        result.words,
        result.did_you_mean,
        result.is_ready,
    )


async def _facets(reader: Reader, finder: Finder, facets: Facets, language: str) -> FoundFacets:
    most = sorted(facets.shops.items(), key=lambda pair: (-pair[1], pair[0]))[:FACETS_MOST]
    shops: dict[Id, int] = dict(most)
    marks = await map_shops(reader, [ShopId(i) for i in shops])
    currency = reader.given(Place).currency
    known = finder.tree.categories
    return FoundFacets(
        [
            CategoryCount(slug, known[slug].name_in(language), n)
            for slug, n in facets.categories.items()
            if slug in known
        ],
        [ShopCount(marks[ShopId(i)].slug, marks[ShopId(i)].name, n) for i, n in shops.items() if ShopId(i) in marks],
        [AttributeCount(pair.partition("=")[0], pair.partition("=")[2], n) for pair, n in facets.attributes.items()],
        [
            PriceCount(Money(low, currency), None if high is None else Money(high, currency), n)
            for low, high, n in facets.prices
        ],
    )


HANDLERS: Final[list[ControllerRouterHandler]] = [find_products, show_suggestions]
