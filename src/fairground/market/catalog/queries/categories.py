"""Reads of the category tree."""

from collections.abc import Iterable

import msgspec

from fairground.kit.db import Reader, Row
from fairground.market.catalog.errors import CategoryNotFound
from fairground.market.catalog.model import Attribute, Category
from fairground.market.catalog.model.categories import Tree


async def get_category(reader: Reader, slug: str) -> Category:
    """Get a category.

    Raises:
        CategoryNotFound
    """
    row = await reader.row("select * from catalog.categories where slug = $1", slug)
    if row is None:
        raise CategoryNotFound
    return category_from(row)


async def list_categories(reader: Reader, parent: str | None = None) -> list[Category]:
    """List the categories directly below one, or the roots, in their order."""
    rows = await reader.rows(
        "select * from catalog.categories where parent is not distinct from $1 order by sort, slug limit 1000", parent
    )
    return [category_from(row) for row in rows]


async def tree_of(reader: Reader, slugs: Iterable[str]) -> Tree:
    """Read some categories with all those above them; unknown ones are not in the answer."""
    wanted = sorted(set(slugs))
    if not wanted:
        return Tree({})
    rows = await reader.rows(
        """
        select * from catalog.categories
         where slug in (select unnest(path) from catalog.categories where slug = any($1))
        """,
        wanted,
    )
    return Tree({row["slug"]: category_from(row) for row in rows})


async def load_tree(reader: Reader, *, depth: int = 3) -> Tree:
    """Read the tree down to a depth, in the order of its pages."""
    rows = await reader.rows(
        "select * from catalog.categories where cardinality(path) <= $1 order by cardinality(path), sort, slug", depth
    )
    return Tree({row["slug"]: category_from(row) for row in rows})


def category_from(row: Row) -> Category:
    """Build a category from its row."""
    return Category(
        row["slug"],
        row["parent"],
        row["path"],
        row["name_en"],
        row["name_zh"],
        row["sort"],
        msgspec.convert(row["attributes"], list[Attribute]),
    )
