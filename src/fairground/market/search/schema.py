"""What the index holds of a product."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from fairground.kit.money import digits
from fairground.kit.safe_text import to_plain
from fairground.kit.text_index import Entry, IndexSchema, TextField
from fairground.market.catalog.model import Attribute, AttributeKind, Product
from fairground.market.catalog.model.categories import Tree
from fairground.market.search.model import SearchRules
from fairground.market.search.ranking import FULL, standing
from fairground.market.shops.model import ShopCard

SCHEMA: Final = IndexSchema(
    texts=(TextField("title", 3.0), TextField("keywords", 1.5), TextField("body", 0.4, characters=False)),
    keywords=("category", "shop", "attribute", "band"),
    numbers=("price", "created", "sold", "standing", "shown", "maker", "opened"),
)
SIGNALS: Final = ("standing", "created", "sold", "shown", "maker", "opened")
BODY_MOST: Final = 5_000  # characters of a description that are read


def entry_of(
    product: Product, shop: ShopCard, shown: int, tree: Tree, rules: SearchRules, *, dimmed: bool = False
) -> Entry:
    """Make the entry of a product that is on sale; things of a dimmed shop lose what the best loved gain."""
    known = product.category is not None and product.category in tree
    trail = tree.trail_of(product.category) if known and product.category else []
    attributes = tree.attributes_of(product.category) if known and product.category else []
    titles = [product.title, *(words.title for words in product.translations.values())]
    bodies = [product.description, *(words.description for words in product.translations.values())]
    keywords = [
        *(name for category in trail for name in (category.name_en, category.name_zh)),
        *_attribute_words(attributes, product.attributes),
        *(value for option in product.options for value in option.values),
        *sorted({variant.sku for variant in product.variants if variant.sku}),
        shop.name,
    ]
    price = product.price_low
    return Entry(
        product.id,
        {
            "title": "\n".join(titles),
            "keywords": "\n".join(keywords),
            "body": "\n".join(to_plain(b, product.description_format.value, BODY_MOST) for b in bodies if b),
        },
        {
            "category": [category.slug for category in trail],
            "shop": [str(product.shop_id)],
            "attribute": list(exact_attributes(attributes, product.attributes)),
            "band": [str(band) for band in bands_of(price.amount, price.currency, rules)],
        },
        {
            "price": price.amount,
            "created": seconds(product.listed_at or product.created_at),
            "sold": product.sold,
            "standing": -FULL if dimmed else standing(rules, product.rating_sum, product.rating_count, product.sold),
            "shown": shown,
            "maker": product.shop_id,
            "opened": seconds(shop.opened_at),
        },
    )


def seconds(moment: datetime) -> int:
    """Give a moment in whole seconds of Unix time."""
    return int(moment.timestamp())


def _attribute_words(attributes: Iterable[Attribute], values: Mapping[str, Any]) -> Iterable[str]:
    for attribute in attributes:
        value = values.get(attribute.key)
        if value is None or isinstance(value, bool):
            continue
        yield attribute.value_in(value, "en")
        if attribute.kind is AttributeKind.CHOICE:
            yield attribute.value_in(value, "zh-CN")


def exact_attributes(attributes: Iterable[Attribute], values: Mapping[str, Any]) -> Iterable[str]:
    """List what a product may be narrowed by, as `name=value`: choices, and yes or no."""
    for attribute in attributes:
        value = values.get(attribute.key)
        if value is None or not attribute.filterable:
            continue
        if attribute.kind is AttributeKind.YES_NO:
            yield f"{attribute.key}={'yes' if value else 'no'}"
        elif attribute.kind is AttributeKind.CHOICE:
            for choice in value if isinstance(value, list) else [value]:
                yield f"{attribute.key}={choice}"


def bands_of(amount: int, currency: str, rules: SearchRules) -> list[int]:
    """Tell in which price bands an amount lies; a round price lies in two, as people read them."""
    return [
        number
        for number, (low, high) in enumerate(bands(currency, rules))
        if low <= amount and (high is None or amount <= high)
    ]


def bands(currency: str, rules: SearchRules) -> list[tuple[int, int | None]]:
    """List the price bands in minor units, both ends included."""
    ends = [band * 10 ** digits(currency) for band in rules.bands]
    return list(zip([0, *ends], [*ends, None], strict=True))
