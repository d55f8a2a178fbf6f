"""Categories: a tree of at most a few levels, named in two languages."""

import msgspec

from fairground.market.catalog.model.attributes import Attribute


class Category(msgspec.Struct, frozen=True):
    """A category. `path` runs from the root to itself; `attributes` are its own, those above it come on top."""

    slug: str
    parent: str | None
    path: list[str]
    name_en: str
    name_zh: str
    sort: int
    attributes: list[Attribute]

    def name_in(self, language: str) -> str:
        """Name it in a language; English where there is no other name."""
        return self.name_zh if language.startswith("zh") and self.name_zh else self.name_en


class Tree(msgspec.Struct, frozen=True):
    """Some categories with all those above them."""

    categories: dict[str, Category]

    def attributes_of(self, slug: str) -> list[Attribute]:
        """List the attributes of a category: those from above first; one of its own replaces one of the same key."""
        found: dict[str, Attribute] = {}
        for above in self.categories[slug].path:
            found |= {attribute.key: attribute for attribute in self.categories[above].attributes}
        return list(found.values())

    def children_of(self, slug: str | None) -> list[Category]:
        """List the categories directly below one, or the roots."""
        return [category for category in self.categories.values() if category.parent == slug]

    def trail_of(self, slug: str) -> list[Category]:
        """List the categories from the root to one."""
        return [self.categories[above] for above in self.categories[slug].path]

    def __contains__(self, slug: str) -> bool:
        return slug in self.categories
