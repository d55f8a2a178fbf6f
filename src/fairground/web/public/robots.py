"""What search engines ask for: where they may go, and what there is."""

from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database, Reader
from fairground.kit.place import Place
from fairground.market.catalog.queries import map_product_cards
from fairground.market.search.finder import Finder
from fairground.market.search.model import TOP, SearchRequest, Sort
from fairground.market.search.queries import search_products
from fairground.market.shops.queries import list_shops

CLOSED: Final = (
    "/cart",
    "/checkout",
    "/orders",
    "/account",
    "/seller",
    "/desk",
    "/strip",
    "/search?*after=",
    "/sandbox",
)
AN_HOUR: Final = {"cache-control": "public, max-age=3600"}
SHOPS_MOST: Final = 1_000


@get("/robots.txt", include_in_schema=False)
async def show_robots(db: NamedDependency[Database]) -> Response[str]:
    """Say where robots may go."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED), f"Sitemap: {db.given(Place).url}/sitemap.xml"]
    return Response("\n".join(lines) + "\n", media_type="text/plain", headers=AN_HOUR)


@get("/sitemap.xml", include_in_schema=False)
async def show_sitemap(db: NamedDependency[Database], finder: NamedDependency[Finder]) -> Response[str]:
    """List the front, the categories, the shops and the newest things."""
    pages = await db.read(lambda reader: _pages(reader, finder))
    base = db.given(Place).url
    rows = "".join(_row(base + path, changed) for path, changed in pages)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>\n'
    )
    return Response(body, media_type="application/xml", headers=AN_HOUR)


async def _pages(reader: Reader, finder: Finder) -> list[tuple[str, datetime | None]]:
    pages: list[tuple[str, datetime | None]] = [("/", None), ("/help", None)]
    pages += [(f"/c/{slug}", None) for slug in finder.tree.categories]
    after: str | None = None
    for _ in range(SHOPS_MOST // 100):
        shops = await list_shops(reader, after=after, limit=100)
        pages += [(f"/s/{shop.slug}", None) for shop in shops.items]
        after = shops.next
        if after is None:
            break
    found = await search_products(finder.index, reader, SearchRequest(sort=Sort.NEWEST, limit=_most(finder)))
    goods = await map_product_cards(reader, found.ids)
    return pages + [(f"/p/{i}", goods[i].listed_at) for i in found.ids if i in goods]


def _most(finder: Finder) -> int:
    return TOP if finder.is_there() else 100  # without the index it is a page of a list


def _row(address: str, changed: datetime | None) -> str:
    when = f"<lastmod>{changed:%Y-%m-%d}</lastmod>" if changed else ""
    return f"<url><loc>{escape(address)}</loc>{when}</url>"


HANDLERS: Final[list[ControllerRouterHandler]] = [show_robots, show_sitemap]
