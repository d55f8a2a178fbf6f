"""What a file changes of a product that is there already. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from fairground.market.catalog.exchange.model import ReadProduct
from fairground.market.catalog.model import Option, Picture, Product, ProductChange, Variant, VariantChange, VariantId
from fairground.market.media.model import MediaId

_OF_PRODUCT: Final = (
    "title",
    "description",
    "description_format",
    "language",
    "category",
    "attributes",
    "translations",
)
_OF_VARIANT: Final = ("price", "compare_at", "sku", "barcode", "weight_grams")


class Merged(msgspec.Struct, frozen=True):
    """The change, where in its list each variant of the file stands, and whether it changes anything.

    Stock is compared elsewhere, for all products at once.
    """

    change: ProductChange
    places: list[int]
    differs: bool


def merge(
    read: ReadProduct,
    old: Product,
    known: Mapping[str, MediaId],
    pictures: list[Picture] | UnsetType,
    *,
    is_own: bool,
) -> Merged:
    """Line up a product as read with the one that is there."""
    fields = _fields(read, old, is_own=is_own)
    named = _variants(read, old, known)
    variants, options = _keep_others(read, old, named)
    change = ProductChange(**fields, options=options, variants=variants, pictures=pictures)
    same_pictures = pictures is UNSET or pictures == old.pictures
    differs = (
        any(getattr(old, field) != value for field, value in fields.items())
        or options != old.options
        or not same_pictures
        or not _same_variants(variants, old)
    )
    return Merged(change, [variants.index(variant) for variant in named], differs)


def _fields(read: ReadProduct, old: Product, *, is_own: bool) -> dict[str, Any]:
    """Take the fields that the file states. Others know our categories only by chance, so an empty one states none."""
    stated = set(read.columns)
    if "description" in stated:
        stated.add("description_format")
    if not is_own:
        stated -= {"language", "translations", "attributes"}
        if read.product.category is None:
            stated.discard("category")
        elif read.product.category != old.category:
            stated.add("attributes")
    if read.product.language is None:
        stated.discard("language")
    fields = {field: getattr(read.product, field) for field in _OF_PRODUCT if field in stated}
    handle = read.product.handle
    return fields | ({"handle": handle} if handle is not None and handle != old.handle else {})


def _variants(read: ReadProduct, old: Product, known: Mapping[str, MediaId]) -> list[VariantChange]:
    by_options = {_key(variant.options): variant for variant in old.variants}
    codes = [variant.sku for variant in old.variants]
    by_code = {variant.sku: variant for variant in old.variants if variant.sku and codes.count(variant.sku) == 1}
    shown = {at: known[p.address] for p in read.pictures if p.address in known for at in p.variants}
    taken: set[VariantId] = set()
    changes: list[VariantChange] = []
    for at, variant in enumerate(read.product.variants):
        found = by_options.get(_key(variant.options)) or by_code.get(variant.sku)
        if found is not None and found.id in taken:
            found = None
        if found is not None:
            taken.add(found.id)
        stated = {field: getattr(variant, field) for field in _OF_VARIANT if field in read.columns or field == "price"}
        changes.append(
            VariantChange(
                id=None if found is None else found.id,
                options=variant.options,
                stock=variant.stock if found is None else UNSET,
                picture_id=shown.get(at, UNSET),
                **_without_contradiction(stated, found),
            )
        )
    return changes


def _without_contradiction(stated: dict[str, Any], found: Variant | None) -> dict[str, Any]:
    """Let a former price go that the new price has reached, where the file has no word about it."""
    before = None if found is None else found.compare_at
    if "compare_at" not in stated and before is not None and before.amount <= stated["price"].amount:
        return {**stated, "compare_at": None}
    return stated


def _keep_others(
    read: ReadProduct, old: Product, changes: list[VariantChange]
) -> tuple[list[VariantChange], list[Option]]:
    """Keep variants whose lines were refused, in their place: a mistake in a price must not take anything away."""
    options = list(read.product.options)
    if read.is_whole or [option.name for option in options] != [option.name for option in old.options]:
        return changes, options
    by_id = {change.id: change for change in changes}
    kept = [by_id.get(variant.id) or VariantChange(id=variant.id) for variant in old.variants]
    options = [
        Option(now.name, list(dict.fromkeys([*was.values, *now.values])))
        for was, now in zip(old.options, options, strict=True)
    ]
    return [*kept, *(change for change in changes if change.id is None)], options


def _key(options: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(options.items()))


def _same_variants(changes: Sequence[VariantChange], old: Product) -> bool:
    if [change.id for change in changes] != [variant.id for variant in old.variants]:
        return False
    return all(
        value is UNSET or field in {"id", "stock"} or value == getattr(variant, field)
        for change, variant in zip(changes, old.variants, strict=True)
        for field in change.__struct_fields__
        for value in (getattr(change, field),)
    )
