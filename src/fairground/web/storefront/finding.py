"""Results: what the address asks for, what was found, how it can be narrowed; for search, category and shop."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from msgspec.structs import replace

from fairground.kit.db import Reader
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, language
from fairground.kit.money import Money, parse_major
from fairground.kit.place import Place
from fairground.market.catalog.model import AttributeKind
from fairground.market.catalog.model.categories import Tree
from fairground.market.catalog.queries import map_product_cards
from fairground.market.promotions.board import Board
from fairground.market.search.finder import Finder
from fairground.market.search.model import Facets, SearchRequest, SearchResult, Sort
from fairground.market.search.queries import search_products
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.queries import map_shops, map_slugs
from fairground.web import cards
from fairground.web.cards import FacetChoice, FacetGroup
from fairground.web.render import page, part, wants_part
from fairground.web.storefront.drops.prices import running_prices, with_drop_prices
from fairground.web.storefront.goods import product_cards, shops_of

SHOPS_SHOWN: Final = 8
VALUES_SHOWN: Final = 12
ATTRIBUTES_MOST: Final = 20
INSTEAD: Final = 10
VARY: Final = {"vary": "accept-language, cookie, hx-request"}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What an address asks for, as text: prices in units of the currency, the shop by its slug."""

    q: str = ""
    category: str | None = None
    shop: str | None = None
    attributes: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    sort: Sort = Sort.RELEVANCE
    after: str | None = None

    def address(self, path: str, **changed: Any) -> str:
        """Write the address of this wish, changed; without `after` it begins at the first page."""
        wish = replace(self, **{"after": None, **changed})
        pairs = [
            ("q", wish.q),
            ("category", wish.category or ""),
            ("shop", wish.shop or ""),
            *(("attr", attribute) for attribute in wish.attributes),
            ("min_price", wish.low),
            ("max_price", wish.high),
            ("sort", "" if wish.sort is Sort.RELEVANCE else wish.sort.value),
            ("after", wish.after or ""),
        ]
        query = urlencode([(name, value) for name, value in pairs if value])
        return f"{path}?{query}" if query else path


class ResultsView(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, ready to show."""

    path: str
    q: str
    total: int
    products: list[cards.ProductCard]
    groups: list[FacetGroup]
    hidden: list[tuple[str, str]]
    sorts: list[tuple[str, str]]
    sort: str
    chips: list[tuple[str, str]]
    clear_href: str
    turn_href: str
    is_turned: bool
    next_href: str | None
    did_you_mean: tuple[str, str] | None
    is_widened: bool
    is_ready: bool
    instead: list[cards.ProductCard]


def wish_of(request: Request[Any, Any, Any]) -> Wish:
    """Read what an address asks for; what cannot be meant is left out, a page is better than a refusal."""
    asked = request.query_params

    def text(name: str, most: int = 100) -> str:
        return " ".join(str(asked.get(name) or "").split())[:most]

    sort = text("sort")
    attributes = [str(value)[:200] for value in asked.getall("attr", []) if "=" in str(value)]
    return Wish(
        q=text("q", 200),
        category=text("category") or None,
        shop=text("shop").lower() or None,
        attributes=tuple(dict.fromkeys(attributes))[:ATTRIBUTES_MOST],
        low=text("min_price", 12),
        high=text("max_price", 12),
        sort=Sort(sort) if sort in set(Sort) else Sort.RELEVANCE,
        after=text("after", 300) or None,
    )


def _minor(text: str, currency: str) -> int | None:
    money = parse_major(text.lstrip("¥￥$€£ "), currency) if text else None
    return money.amount if money is not None and money.amount >= 0 else None


async def find(
    reader: Reader, finder: Finder, wish: Wish, path: str, shop_id: ShopId | None = None
) -> tuple[ResultsView, SearchResult]:
    """Look for what is wished and make it ready to show; `shop_id` is that of the shop whose page this is."""
    currency = reader.given(Place).currency
    named = shop_id or ((await map_slugs(reader, [wish.shop])).get(wish.shop, ShopId(0)) if wish.shop else None)
    request = SearchRequest(
        q=wish.q,
        category=wish.category,
        shop_id=named,
        attributes=wish.attributes,
        min_price=_minor(wish.low, currency),
        max_price=_minor(wish.high, currency),
        sort=wish.sort,
        after=wish.after,
    )
    result = await search_products(finder.index, reader, request)
    finder.note(request, result, language(), reader.now)
    found = await map_product_cards(reader, result.ids)
    most = sorted(result.facets.shops, key=lambda i: -result.facets.shops[i])[:SHOPS_SHOWN]
    counted = {ShopId(i) for i in most} | ({named} if named else set())
    shops = await map_shops(reader, shops_of(found.values()) | counted)
    tree = finder.tree
    view = ResultsView(
        path=path,
        q=wish.q,
        total=result.total,
        products=with_drop_prices(
            product_cards(result.ids, found, {} if shop_id else shops), running_prices(reader.given(Board), reader.now)
        ),
        groups=_groups(result.facets, wish, path, tree, shops if shop_id is None else {}, currency),
        hidden=[("category", wish.category)] if wish.category and not path.startswith("/c/") else [],
        sorts=_sorts(),
        sort=wish.sort.value,
        chips=_chips(result, wish, path, tree, shops, currency),
        clear_href=Wish(q=wish.q).address(path),
        turn_href=wish.address(path, sort=Sort.RELEVANCE if wish.sort is Sort.UNDERDOG else Sort.UNDERDOG),
        is_turned=wish.sort is Sort.UNDERDOG,
        next_href=wish.address(path, after=result.next) if result.next else None,
        did_you_mean=None
        if result.did_you_mean is None
        else (wish.address(path, q=result.did_you_mean), result.did_you_mean),
        is_widened=result.is_widened,
        is_ready=result.is_ready,
        instead=[] if result.ids or wish.after else await _instead(reader, finder, shop_id),
    )
    return view, result


async def _instead(reader: Reader, finder: Finder, shop_id: ShopId | None) -> list[cards.ProductCard]:
    """Give the newest things, for a page that would be empty."""
    newest = await search_products(
        finder.index, reader, SearchRequest(shop_id=shop_id, sort=Sort.NEWEST, limit=INSTEAD)
    )
    found = await map_product_cards(reader, newest.ids)
    return product_cards(newest.ids, found, await map_shops(reader, shops_of(found.values())))


def answer(request: Request[Any, Any, Any], template: str, results: ResultsView, **frame: Any) -> Response[bytes]:
    """Answer with the page, or, to htmx that asks for more, with the further things alone."""
    if wants_part(request):
        return part(request, "storefront/_goods/_more.html", products=results.products, next_href=results.next_href)
    if frame.get("address") and frame.get("image") is None:
        frame["image"] = next((card.picture for card in results.products if isinstance(card.picture, int)), None)
    return page(request, template, public=True, headers=VARY, results=results, **frame)


def _sorts() -> list[tuple[str, str]]:
    return [
        (Sort.RELEVANCE, gettext("Best match")),
        (Sort.NEWEST, gettext("Newest")),
        (Sort.SALES, gettext("Most sold")),
        (Sort.PRICE, gettext("Price, low first")),
        (Sort.DEAREST, gettext("Price, high first")),
        (Sort.UNDERDOG, gettext("Turned over")),
    ]


def _groups(
    facets: Facets, wish: Wish, path: str, tree: Tree, shops: Mapping[ShopId, ShopCard], currency: str
) -> list[FacetGroup]:
    groups = [_categories(facets, wish, path, tree), _prices(facets, wish, path, currency)]
    groups += [
        FacetGroup(name="price", title=gettext("Your own price"), kind="range", low=wish.low, high=wish.high),
        *_attributes(facets, wish, tree),
    ]
    chosen = [
        FacetChoice(value=shop.slug, label=shop.name, count=facets.shops.get(i, 0), checked=shop.slug == wish.shop)
        for i, shop in sorted(shops.items(), key=lambda pair: -facets.shops.get(pair[0], 0))
        if facets.shops.get(i)
    ][:SHOPS_SHOWN]
    if len(chosen) > 1 or wish.shop:
        everywhere = FacetChoice(value="", label=gettext("All shops"), checked=not wish.shop)
        groups.append(
            FacetGroup(name="shop", title=gettext("Shop"), kind="radio", choices=(everywhere, *chosen), open=False)
        )
    return [group for group in groups if group.choices or group.kind == "range"]


def _categories(facets: Facets, wish: Wish, path: str, tree: Tree) -> FacetGroup:
    at = wish.category if wish.category and wish.category in tree else None
    on_page = path.startswith("/c/")

    def href(slug: str | None) -> str:
        if not on_page:
            return wish.address(path, category=slug)
        return wish.address(f"/c/{slug}" if slug else "/search", category=None)

    below = [(c, facets.categories.get(c.slug, 0)) for c in tree.children_of(at)]
    choices = [
        FacetChoice(value=c.slug, label=c.name_in(language()), count=n, href=href(c.slug)) for c, n in below if n
    ]
    if at is not None:
        parent = tree.categories[at].parent
        above = tree.categories[parent].name_in(language()) if parent else gettext("All categories")
        choices.insert(0, FacetChoice(value="", label=f"← {above}", href=href(parent)))
    return FacetGroup(name="category", title=gettext("Category"), kind="link", choices=tuple(choices))


def _prices(facets: Facets, wish: Wish, path: str, currency: str) -> FacetGroup:
    choices = []
    for low, high, n in facets.prices:
        from_, to = _major(low, currency) if low else "", "" if high is None else _major(high, currency)
        label = band_words(Money(low, currency) if low else None, None if high is None else Money(high, currency))
        checked = (wish.low, wish.high) == (from_, to)
        href = wish.address(path, low="" if checked else from_, high="" if checked else to)
        choices.append(FacetChoice(value="", label=label, count=n, checked=checked, href=href))
    return FacetGroup(name="band", title=gettext("Price"), kind="link", choices=tuple(choices))


def band_words(low: Money | None, high: Money | None) -> str:
    """Write a price band: up to ¥50, ¥50 to ¥100, from ¥1,000."""
    if low is None and high is not None:
        return gettext("Up to %(high)s") % {"high": _round(high)}
    if high is None and low is not None:
        return gettext("From %(low)s") % {"low": _round(low)}
    assert low is not None
    assert high is not None
    return gettext("%(low)s to %(high)s") % {"low": _round(low), "high": _round(high)}


def _round(money: Money) -> str:
    parts = formats.money_parts(money)
    cents = parts.cents if parts.cents.strip(".,0") else ""
    return f"{parts.sign}{parts.symbol}{parts.whole}{cents}"


def _major(amount: int, currency: str) -> str:
    text = f"{Money(amount, currency).major:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _attributes(facets: Facets, wish: Wish, tree: Tree) -> list[FacetGroup]:
    """Group the counted `name=value` by attribute, as the categories in view name them."""
    slugs = [slug for slug in (wish.category, *facets.categories) if slug and slug in tree]
    known = {a.key: a for slug in slugs for a in tree.attributes_of(slug)}
    values: dict[str, list[FacetChoice]] = {}
    for pair, n in facets.attributes.items():
        name, _, value = pair.partition("=")
        attribute = known.get(name)
        if attribute is None:
            continue
        if attribute.kind is AttributeKind.YES_NO:
            label = gettext("Yes") if value == "yes" else gettext("No")
        else:
            label = attribute.value_in(value, language())
        values.setdefault(name, []).append(
            FacetChoice(value=pair, label=label, count=n, checked=pair in wish.attributes)
        )
    return [
        FacetGroup(
            name="attr",
            title=known[name].name_in(language()),
            choices=tuple(choices[:VALUES_SHOWN]),
            open=any(choice.checked for choice in choices),
        )
        for name, choices in values.items()
    ]


def _chips(
    result: SearchResult,
    wish: Wish,
    path: str,
    tree: Tree,
    shops: Mapping[ShopId, ShopCard],
    currency: str,
) -> list[tuple[str, str]]:
    """List what narrows the results, each with the address without it."""
    chips = []
    if wish.category and wish.category in tree and not path.startswith("/c/"):
        name = tree.categories[wish.category].name_in(language())
        chips.append((wish.address(path, category=None), name))
    name_of = {shop.slug: shop.name for shop in shops.values()}
    if wish.shop in name_of:
        chips.append((wish.address(path, shop=None), name_of[wish.shop]))
    low, high = result.min_price, result.max_price
    if low is not None or high is not None:
        words = band_words(
            None if low is None else Money(low, currency), None if high is None else Money(high, currency)
        )
        chips.append((wish.address(path, q=result.words, low="", high=""), words))
    keys = {a.key: a for c in tree.categories.values() for a in c.attributes}
    for pair in wish.attributes:
        name, _, value = pair.partition("=")
        others = tuple(other for other in wish.attributes if other != pair)
        if name in keys:
            yes_no = keys[name].kind is AttributeKind.YES_NO
            shown = keys[name].name_in(language()) if yes_no else keys[name].value_in(value, language())
            chips.append((wish.address(path, attributes=others), shown))
    return chips
