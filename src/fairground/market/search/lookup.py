"""Looking into the index: from a request to ranked ids and counts. Blocks for milliseconds; run it in a thread."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from fairground.kit.text_index import Hit, Query, TextIndexReader, Width
from fairground.market.catalog.model import ProductId
from fairground.market.search.model import PAGE, TOP, Facets, SearchRequest, SearchRules, Sort
from fairground.market.search.ranking import candidates, ranked, turned_over
from fairground.market.search.schema import SIGNALS, bands
from fairground.market.search.words import Asked
from fairground.market.shops.model import ShopId

DEEPEST: Final = 10_000  # further down nobody pages; narrowing leads there
FACETS_MOST: Final = 200
ORDERS: Final = {
    Sort.PRICE: "price",
    Sort.DEAREST: "-price",
    Sort.NEWEST: "-created",
    Sort.SALES: "-sold",
}
# Without words every score is the same, so the things to be ranked are brought by number: (sort, how many).
BROWSED: Final = {
    Sort.RELEVANCE: (("-standing", TOP // 2), ("-created", TOP // 2)),
    Sort.UNDERDOG: (("-opened", TOP // 2), ("sold", TOP // 2)),
}


class Looked(msgspec.Struct, frozen=True):
    """What the index gave: one page of ids, how many there are, whether more pages follow."""

    ids: list[ProductId]
    total: int
    more: bool
    width: Width
    facets: Facets
    did_you_mean: str | None = None


class Terms(msgspec.Struct, frozen=True):
    """In what terms the market looks: its rules, its currency, the moment."""

    rules: SearchRules
    currency: str
    now: datetime


def look(index: TextIndexReader, request: SearchRequest, asked: Asked, offset: int, terms: Terms) -> Looked | None:
    """Look for one page of a request; None where the index is still empty.

    Raises:
        IndexUnavailable
    """
    query = query_of(request, asked)
    by_number = ORDERS.get(request.sort)
    if by_number is not None:
        found = index.search(replace(query, sort=by_number, limit=request.limit, offset=offset))
        page, reachable = found.hits, min(found.total, DEEPEST)
        total, width = found.total, found.width
    else:
        hits, total, width = _best(index, query, request.sort)
        things = candidates(hits)
        if request.sort is Sort.UNDERDOG:
            order = turned_over(terms.rules, things, terms.now)
        else:
            order = ranked(terms.rules, things, terms.now, PAGE)
        page, reachable = [Hit(t.id, t.text) for t in order[offset : offset + request.limit]], len(order)
    if not total and not index.count():
        return None
    return Looked(
        [ProductId(hit.id) for hit in page],
        total,
        offset + len(page) < reachable and bool(page),
        width,
        facets_of(index, query, request, width, terms) if offset == 0 else Facets(),
        _correction(index, asked.words, total, width),
    )


def query_of(request: SearchRequest, asked: Asked) -> Query:
    """Make the index's query of a request and the words and prices read out of it."""
    low = asked.min_price if request.min_price is None else request.min_price
    high = asked.max_price if request.max_price is None else request.max_price
    keywords: dict[str, Sequence[str]] = {}
    if request.category is not None:
        keywords["category"] = [request.category]
    if request.shop_id is not None:
        keywords["shop"] = [str(int(request.shop_id))]
    return Query(
        asked.words,
        keywords,
        [("attribute", values) for values in by_name(request.attributes).values()],
        numbers={} if low is None and high is None else {"price": (low, high)},
    )


def by_name(attributes: Sequence[str]) -> dict[str, list[str]]:
    """Sort `name=value` by name."""
    groups: dict[str, list[str]] = {}
    for attribute in attributes:
        groups.setdefault(attribute.partition("=")[0], []).append(attribute)
    return groups


def _best(index: TextIndexReader, query: Query, sort: Sort) -> tuple[list[Hit], int, Width]:
    if query.words:
        found = index.search(replace(query, limit=TOP, values=SIGNALS))
        return found.hits, found.total, found.width
    things: dict[int, Hit] = {}
    total = 0
    for order, limit in BROWSED[sort]:
        found = index.search(replace(query, sort=order, limit=limit, values=SIGNALS))
        total = found.total
        things.update((hit.id, hit) for hit in found.hits)
    return list(things.values()), total, Width.WORDS


def facets_of(index: TextIndexReader, query: Query, request: SearchRequest, width: Width, terms: Terms) -> Facets:
    """Count what each further choice would leave; a group that is chosen from is counted without its own filter."""

    def counts(asked: Query, *fields: str) -> dict[str, dict[str, int]]:
        return index.facet_counts(asked, fields, width=width, size=FACETS_MOST)

    all_of_them = counts(query, "category", "shop", "attribute", "band")
    if request.shop_id is not None:
        without = {name: values for name, values in query.keywords.items() if name != "shop"}
        all_of_them |= counts(replace(query, keywords=without), "shop")
    if query.numbers:
        all_of_them |= counts(replace(query, numbers={}), "band")
    attributes = dict(all_of_them["attribute"])
    for name, values in by_name(request.attributes).items():
        others = [group for group in query.besides if list(group[1]) != values]
        wider = counts(replace(query, besides=others), "attribute")["attribute"]
        attributes |= {value: n for value, n in wider.items() if value.startswith(f"{name}=")}
    return Facets(
        all_of_them["category"],
        {ShopId(shop): n for shop, n in all_of_them["shop"].items()},
        attributes,
        [
            (low, high, n)
            for number, (low, high) in enumerate(bands(terms.currency, terms.rules))
            if (n := all_of_them["band"].get(str(number), 0))
        ],
    )


def _correction(index: TextIndexReader, words: str, total: int, width: Width) -> str | None:
    if not words or (total >= 3 and width is Width.WORDS):
        return None
    better = index.did_you_mean(words)
    if better is None or not index.search(Query(better, limit=1, enough=1)).total:
        return None
    return better
