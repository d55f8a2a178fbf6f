"""Read the published product taxonomies.

Shopify's `categories.txt` (github.com/Shopify/product-taxonomy, `dist/LANGUAGE/categories.txt`):
`gid://shopify/TaxonomyCategory/ap-2-1 : Animals & Pet Supplies > Pet Supplies > Bird Supplies`; the code is the tree.
Google's `taxonomy-with-ids.LANGUAGE.txt` (`3237 - Animals & Pet Supplies > Live Animals`) and `taxonomy.LANGUAGE.txt`
(the same without numbers): the names carry the tree, so the file with numbers is needed for a second language.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from fairground.market.catalog.errors import TaxonomyUnreadable
from fairground.market.catalog.model import Category

_SHOPIFY: Final = re.compile(r"gid://shopify/TaxonomyCategory/([a-z]{2}(?:-\d+)*)\s*:\s*(\S.*)")
_GOOGLE: Final = re.compile(r"(?:(\d{1,8}) - )?(\S.*)")
MOST: Final = 50_000


def read_taxonomy(lines: Iterable[str], *, language: str = "en") -> tuple[str, list[Category]]:
    """Read a taxonomy file; gives its source (`shopify` or `google`) and its categories, parents first.

    Raises:
        TaxonomyUnreadable: a line is none of such a file, or there are too many.
    """
    found: list[Category] = []
    slugs: dict[tuple[str, ...], str] = {}
    source = ""
    for number, raw in enumerate(lines, 1):
        line = raw.strip().lstrip("\ufeff")
        if not line or line.startswith("#"):
            continue
        shopify = _SHOPIFY.fullmatch(line)
        source = source or ("shopify" if shopify else "google")
        if len(found) >= MOST or (source == "shopify") != bool(shopify):
            raise TaxonomyUnreadable(line=number)
        if shopify:
            path, name = _shopify_path(shopify[1]), shopify[2].rpartition(" > ")[2].strip()
        else:
            path, name = _google_path(line, slugs, number)
        found.append(_category(path, name, len(found), language))
    if not found:
        raise TaxonomyUnreadable(line=1)
    known = {category.slug for category in found}
    orphan = next((i for i, c in enumerate(found) if c.parent is not None and c.parent not in known), None)
    if orphan is not None:
        raise TaxonomyUnreadable(line=orphan + 1)
    return source, found


def _shopify_path(code: str) -> list[str]:
    parts = code.split("-")
    return ["-".join(parts[: i + 1]) for i in range(len(parts))]


def _google_path(line: str, slugs: dict[tuple[str, ...], str], number: int) -> tuple[list[str], str]:
    match = _GOOGLE.fullmatch(line)
    names = tuple(name.strip() for name in match[2].split(" > ")) if match else ()
    if match is None or not all(names) or len(names) > 12 or len(line) > 500:
        raise TaxonomyUnreadable(line=number)
    parent = slugs.get(names[:-1])
    if len(names) > 1 and parent is None:
        raise TaxonomyUnreadable(line=number)
    slugs[names] = f"google-{match[1]}" if match[1] else _slug_of(names)
    return [slugs[names[: i + 1]] for i in range(len(names))], names[-1]


def _slug_of(names: tuple[str, ...]) -> str:
    plain = unicodedata.normalize("NFKD", " ".join(names)).encode("ascii", "ignore").decode().lower()
    return "google-" + "-".join(re.findall(r"[a-z0-9]+", plain))


def _category(path: list[str], name: str, sort: int, language: str) -> Category:
    chinese = language.startswith("zh")
    return Category(
        slug=path[-1],
        parent=path[-2] if len(path) > 1 else None,
        path=path,
        name_en="" if chinese else name,
        name_zh=name if chinese else "",
        sort=sort,
        attributes=[],
    )
