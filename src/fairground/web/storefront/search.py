"""Results of a search."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database
from fairground.kit.i18n.words import gettext, say
from fairground.market.search.finder import Finder
from fairground.web.storefront.finding import answer, find, wish_of


@get("/search", include_in_schema=False)
async def show_results(
    request: Request[Any, Any, Any], db: NamedDependency[Database], finder: NamedDependency[Finder]
) -> Response[bytes]:
    """Show what was found, with ways to narrow it."""
    wish = wish_of(request)
    view, _ = await db.read(lambda reader: find(reader, finder, wish, "/search"))
    title = say("“%(words)s”", {"words": wish.q}) if wish.q else gettext("Everything on the tables")
    address = None if wish.q or view.chips else "/search"  # what somebody looked for is no page to be found
    return answer(request, "storefront/search/page.html", view, title=title, q=wish.q, address=address)


HANDLERS: Final[list[ControllerRouterHandler]] = [show_results]
