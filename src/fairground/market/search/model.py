"""What is asked, what is answered, and the numbers of the formula."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.ids import Id
from fairground.market.catalog.model import ProductId

PAGE: Final = 24
TOP: Final = 1000  # so many are brought from the index and ranked anew


class QueryId(Id):
    """The id of a written-down query; its bucket is drawn."""


class Sort(StrEnum):
    """In which order goods are shown."""

    RELEVANCE = "relevance"
    PRICE = "price"
    DEAREST = "-price"
    NEWEST = "newest"
    SALES = "sales"
    UNDERDOG = "underdog"  # turned over: new makers and things few have seen come first


class SearchRules(msgspec.Struct, frozen=True):
    """Numbers of the market about the order of goods; the formula is in `ranking.py`."""

    quality_percent: int = 60  # how much the best loved may gain over something unknown
    rating_share_percent: int = 60  # of quality; the rest is what was sold
    rating_prior_tenths: int = 42  # what a rating is shrunk to while reviews are few
    rating_prior_reviews: int = 5
    sold_full: int = 10_000  # so many sold count in full
    freshness_percent: int = 30  # what a new listing gains
    freshness_half_life_days: int = 30
    unseen_percent: int = 40  # what a listing gains that nobody was shown yet
    shown_at_least: int = 200  # every listing, in its first days
    shown_within_days: int = 14
    young_shop_days: int = 90
    young_shop_percent: int = 15  # what goods of a young shop gain
    young_slots_percent: int = 20  # of a first page, where relevance allows
    young_floor_percent: int = 50  # relevance allows: so much of the best match's score
    again_percent: int = 92  # each further thing of one shop keeps so much of its score
    price_bands_units: str = "50,100,200,500,1000"  # of the currency, not its cents
    words_most: int = 200  # characters of a query that are read
    keep_queries_days: int = 365
    suggest_after: int = 5  # a query is suggested to others once so many asked it
    suggest_days: int = 30

    @property
    def bands(self) -> list[int]:
        """The upper ends of the price bands, in units of the currency."""
        return sorted({int(part) for part in self.price_bands_units.split(",") if part.strip().isdigit()})


class SearchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody looks for. Prices in minor units; `attributes` are `name=value`, of one name any."""

    q: str = ""
    category: str | None = None
    shop_id: Id | None = None
    attributes: tuple[str, ...] = ()
    min_price: int | None = None
    max_price: int | None = None
    sort: Sort = Sort.RELEVANCE
    after: str | None = None
    limit: int = PAGE

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but words narrows it."""
        return bool(self.category or self.shop_id or self.attributes or self.min_price or self.max_price)


class Facets(msgspec.Struct, frozen=True):
    """How many things each further choice would leave: categories by slug, shops by id, `name=value`, price bands.

    Bands are pairs of minor units, the last one open; each group is counted without its own filter.
    """

    categories: dict[str, int] = {}
    shops: dict[Id, int] = {}
    attributes: dict[str, int] = {}
    prices: list[tuple[int, int | None, int]] = []


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: one page of ids in their order.

    `words` is what was looked for after prices were read out of it; `is_widened` where not all words were found
    together; `is_ready` is false where the index is not there and these are only the newest things.
    """

    ids: list[ProductId]
    total: int
    next: str | None = None
    facets: Facets = Facets()
    words: str = ""
    min_price: int | None = None
    max_price: int | None = None
    did_you_mean: str | None = None
    is_widened: bool = False
    is_ready: bool = True


class SuggestionKind(StrEnum):
    """Where a suggestion comes from."""

    QUERY = "query"
    CATEGORY = "category"
    PRODUCT = "product"


class Suggestion(msgspec.Struct, frozen=True):
    """A suggestion for somebody who types; `target` is the category's slug or the product's id."""

    kind: SuggestionKind
    text: str
    target: str | None = None


class AskedQuery(msgspec.Struct, frozen=True):
    """A query as it is written down: no person, no address, no session."""

    at: datetime
    words: str
    language: str
    filters: tuple[str, ...]
    found: int
