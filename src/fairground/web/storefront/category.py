"""A category with what is below it."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec.structs import replace

from fairground.kit.db import Database
from fairground.kit.i18n.words import gettext, language, say
from fairground.kit.place import Place
from fairground.market.catalog.errors import CategoryNotFound
from fairground.market.catalog.model.categories import Tree
from fairground.market.search.finder import Finder
from fairground.web.render import market_name
from fairground.web.storefront.finding import answer, find, wish_of
from fairground.web.storefront.goods import kind_of


class Below(msgspec.Struct, frozen=True):
    """A category below, with its drawing."""

    href: str
    name: str
    kind: str | None


class CategoryView(msgspec.Struct, frozen=True):
    """The category, the way to it, and what is below it."""

    name: str
    trail: list[tuple[str, str]]
    below: list[Below]


@get("/c/{slug:str}", include_in_schema=False)
async def show_category(
    slug: FromPath[str],
    request: Request[Any, Any, Any],
    db: NamedDependency[Database],
    finder: NamedDependency[Finder],
) -> Response[bytes]:
    """Show what is on sale in a category and below it."""
    if slug not in finder.tree:
        await finder.refresh(db)  # it may be a minute young
    if slug not in finder.tree:
        raise CategoryNotFound
    wish = replace(wish_of(request), category=slug)
    path = f"/c/{slug}"
    results, _ = await db.read(lambda reader: find(reader, finder, wish, path))
    view = _view(finder.tree, slug)
    results = replace(results, clear_href=path)
    words = say("%(name)s at %(market)s: made by someone, sold by whoever made it.", _named(view, db.given(Place)))
    return answer(
        request,
        "storefront/category/page.html",
        results,
        title=view.name,
        description=words,
        address=path,
        view=view,
        q=wish.q,
    )


def _named(view: CategoryView, place: Place) -> dict[str, str]:
    return {"name": view.name, "market": market_name(place)}


def _view(tree: Tree, slug: str) -> CategoryView:
    lang = language()
    trail = [("/", gettext("Home")), *((f"/c/{c.slug}", c.name_in(lang)) for c in tree.trail_of(slug))]
    below = [Below(f"/c/{c.slug}", c.name_in(lang), kind_of(c.slug)) for c in tree.children_of(slug)]
    return CategoryView(tree.categories[slug].name_in(lang), trail, below)


HANDLERS: Final[list[ControllerRouterHandler]] = [show_category]
