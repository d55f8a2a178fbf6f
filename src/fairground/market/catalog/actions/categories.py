"""Plant the market's own tree of categories, and take in the published ones."""

from collections.abc import Iterable, Sequence

import msgspec

from fairground.kit.db import Tx
from fairground.market.catalog.actions.rows import as_json
from fairground.market.catalog.model import Category
from fairground.market.catalog.taxonomy import read_taxonomy
from fairground.market.catalog.tree import TREE


class Imported(msgspec.Struct, frozen=True):
    """What an import of a taxonomy did."""

    created: int
    updated: int


async def plant_categories(tx: Tx) -> Imported:
    """Write the market's own tree; safe to run again: names and attributes follow the program."""
    return await _write(tx, TREE, "fairground")


async def import_taxonomy(tx: Tx, lines: Iterable[str], *, language: str = "en") -> Imported:
    """Take in Shopify's `categories.txt` or Google's `taxonomy-with-ids.txt` (with or without numbers).

    The file of another language, imported after the English one, gives the same categories their other names.

    Raises:
        TaxonomyUnreadable: a line is none of a published taxonomy.
    """
    source, categories = read_taxonomy(lines, language=language)
    return await _write(tx, categories, source)


async def _write(tx: Tx, categories: Sequence[Category], source: str) -> Imported:
    created = 0
    depth = max((len(c.path) for c in categories), default=0)
    for level in range(1, depth + 1):  # parents before children
        rows = [c for c in categories if len(c.path) == level]
        created += await _write_level(tx, rows, source)
    return Imported(created, len(categories) - created)


async def _write_level(tx: Tx, rows: Sequence[Category], source: str) -> int:
    written = await tx.rows(
        """
        insert into catalog.categories (slug, parent, path, name_en, name_zh, sort, attributes, source)
        select slug, parent, string_to_array(path, ' '), name_en, name_zh, sort, attributes::jsonb, $8
          from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[])
               as t(slug, parent, path, name_en, name_zh, sort, attributes)
        on conflict (slug) do update
           set parent = excluded.parent, path = excluded.path, sort = excluded.sort,
               name_en = case when $9 then excluded.name_en else catalog.categories.name_en end,
               name_zh = case when excluded.name_zh = '' then catalog.categories.name_zh else excluded.name_zh end,
               attributes = case when excluded.attributes = '[]' then catalog.categories.attributes
                                 else excluded.attributes end
        returning xmax = 0 as created
        """,
        [c.slug for c in rows],
        [c.parent for c in rows],
        [" ".join(c.path) for c in rows],
        [c.name_en or c.name_zh for c in rows],
        [c.name_zh for c in rows],
        [c.sort for c in rows],
        [as_json(c.attributes) for c in rows],
        source,
        all(c.name_en for c in rows),
    )
    return sum(row["created"] for row in written)
