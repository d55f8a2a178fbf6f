"""Searching, suggesting, and what the feeder of an index reads."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from fairground.kit.db import Reader
from fairground.kit.i18n.words import Language
from fairground.kit.paging import read_cursor, write_cursor
from fairground.kit.place import Place
from fairground.kit.text_index import IndexUnavailable, Query, TextIndexReader, Width
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.model.categories import Tree
from fairground.market.catalog.queries import list_newest_products, list_products_of_category, map_product_cards
from fairground.market.catalog.queries.lists import list_on_sale_of_shop
from fairground.market.search.lookup import DEEPEST, Terms, look
from fairground.market.search.model import SearchRequest, SearchResult, SearchRules, Suggestion, SuggestionKind
from fairground.market.search.words import Asked, read_prices
from fairground.market.shops.model import ShopId

SUGGESTED: Final = 8
NEWEST: Final = "newest"


async def search_products(index: TextIndexReader, reader: Reader, request: SearchRequest) -> SearchResult:
    """Find goods; where the index is not there, give the newest of the category, shop or market instead.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    rules = reader.given(SearchRules)
    terms = Terms(rules, reader.given(Place).currency, reader.now)
    asked = read_prices(request.q[: rules.words_most], terms.currency)
    if request.after is not None and request.after.startswith(NEWEST):
        return await _newest(reader, request, asked)
    (offset,) = read_cursor(request.after, int) or (0,)
    offset = max(0, min(offset, DEEPEST))
    try:
        looked = await asyncio.to_thread(look, index, request, asked, offset, terms)
    except IndexUnavailable:
        looked = None
    if looked is None:
        return await _newest(reader, request, asked)
    return SearchResult(
        ids=looked.ids,
        total=looked.total,
        next=write_cursor(offset + len(looked.ids)) if looked.more else None,
        facets=looked.facets,
        words=asked.words,
        min_price=asked.min_price if request.min_price is None else request.min_price,
        max_price=asked.max_price if request.max_price is None else request.max_price,
        did_you_mean=looked.did_you_mean,
        is_widened=looked.width is Width.SOME,
    )


async def _newest(reader: Reader, request: SearchRequest, asked: Asked) -> SearchResult:
    after = (request.after or "").removeprefix(NEWEST) or None
    if request.shop_id is not None:
        page = await list_on_sale_of_shop(reader, ShopId(request.shop_id), after=after, limit=request.limit)
    elif request.category is not None:
        page = await list_products_of_category(reader, request.category, after=after, limit=request.limit)
    else:
        page = await list_newest_products(reader, after=after, limit=request.limit)
    return SearchResult(
        ids=[card.id for card in page.items],
        total=len(page.items),
        next=None if page.next is None else NEWEST + page.next,
        words=asked.words,
        is_ready=not page.items,  # an empty market has nothing to prepare
    )


async def suggest(
    index: TextIndexReader, reader: Reader, text: str, language: Language, tree: Tree
) -> list[Suggestion]:
    """Suggest what somebody who types may mean: what many asked for, categories, titles."""
    beginning = " ".join(text.split())[: reader.given(SearchRules).words_most]
    if not beginning:
        return []
    rows = await reader.rows(
        """
        select words from search.popular where language = $1 and starts_with(words, $2) and words <> $2
         order by times desc, words limit 4
        """,
        language,
        beginning.lower(),
    )
    found = [Suggestion(SuggestionKind.QUERY, row["words"]) for row in rows]
    found += _categories(tree, beginning.lower(), language)
    found += await _titles(index, reader, beginning, language)
    seen: set[str] = set()
    unique = [s for s in found if not (s.text.lower() in seen or seen.add(s.text.lower()))]  # type: ignore[func-returns-value]
    return unique[:SUGGESTED]


def _categories(tree: Tree, beginning: str, language: Language) -> list[Suggestion]:
    fitting = [
        category
        for category in tree.categories.values()
        if any(beginning in name.lower() for name in (category.name_en, category.name_zh))
    ]
    return [Suggestion(SuggestionKind.CATEGORY, c.name_in(language), c.slug) for c in fitting[:2]]


async def _titles(index: TextIndexReader, reader: Reader, beginning: str, language: Language) -> list[Suggestion]:
    query = Query(beginning, limit=SUGGESTED, unfinished=True, enough=1)
    try:
        hits = (await asyncio.to_thread(index.search, query)).hits
    except IndexUnavailable:
        return []
    cards = await map_product_cards(reader, [ProductId(hit.id) for hit in hits])
    known = [card for hit in hits if (card := cards.get(ProductId(hit.id))) is not None and card.on_sale]
    return [Suggestion(SuggestionKind.PRODUCT, card.title_in(language)[0], str(int(card.id))) for card in known]


async def list_touched(
    reader: Reader, after: tuple[datetime, int], limit: int
) -> list[tuple[ProductId, datetime, int]]:
    """List what was touched after a place in the order of touching: product, moment, how often so far."""
    rows = await reader.rows(
        """
        select product_id, touched_at, touches from search.listings
         where (touched_at, product_id) > ($1, $2::bigint) order by touched_at, product_id limit $3
        """,
        *after,
        limit,
    )
    return [(ProductId(row["product_id"]), row["touched_at"], row["touches"]) for row in rows]


async def map_shown(reader: Reader, ids: Iterable[ProductId]) -> dict[ProductId, int]:
    """Map products to how often they were shown."""
    wanted = sorted(ids)
    rows = await reader.rows(
        """
        select l.product_id, l.shown from search.listings l
          join unnest($1::smallint[], $2::bigint[]) as t(b, p) on l.bucket = t.b and l.product_id = t.p
        """,
        [product_id.bucket for product_id in wanted],
        wanted,
    )
    return {ProductId(row["product_id"]): row["shown"] for row in rows}
