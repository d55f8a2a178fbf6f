"""Which variant is meant, and where each value of an option leads."""

from collections.abc import Mapping, Sequence

import msgspec

from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.market.catalog.model import Product, Variant, VariantId


class Way(msgspec.Struct, frozen=True):
    """One value of an option, as a link to the variant that has it."""

    label: str
    href: str
    picture: Id | None
    is_chosen: bool
    is_gone: bool  # sold out, or there is no such combination
    note: str | None


class OptionWays(msgspec.Struct, frozen=True):
    """An option with its values."""

    name: str
    chosen: str
    ways: list[Way]


def choose(product: Product, wanted: VariantId | None, stock: Mapping[Id, int | None]) -> Variant:
    """Give the variant that the address names, else the first that can be had, else the first."""
    for variant in product.variants:
        if variant.id == wanted:
            return variant
    return next((v for v in product.variants if is_there(v, stock)), product.variants[0])


def is_there(variant: Variant, stock: Mapping[Id, int | None]) -> bool:
    """Tell whether a variant can be had; what has no stock row yet cannot."""
    return stock.get(variant.id, 0) != 0


def option_ways(product: Product, chosen: Variant, stock: Mapping[Id, int | None]) -> list[OptionWays]:
    """List the options, each value leading to the variant nearest to the chosen one."""
    found = []
    for option in product.options:
        with_pictures = _pictures(product.variants, option.name)
        ways = [_way(product, chosen, stock, (option.name, value), with_pictures.get(value)) for value in option.values]
        used = [way for way in ways if way is not None]
        if used:
            found.append(OptionWays(option.name, chosen.options.get(option.name, ""), used))
    return found


def _way(
    product: Product, chosen: Variant, stock: Mapping[Id, int | None], option: tuple[str, str], picture: Id | None
) -> Way | None:
    name, value = option
    having = [v for v in product.variants if v.options.get(name) == value]
    if not having:
        return None
    exact = next((v for v in having if v.options == {**chosen.options, name: value}), None)
    near = exact or max(having, key=lambda v: (_alike(v, chosen), is_there(v, stock)))
    gone = exact is None or not is_there(exact, stock)
    return Way(
        label=value,
        href=f"/p/{product.id}?v={near.id}",
        picture=picture,
        is_chosen=chosen.options.get(name) == value,
        is_gone=gone,
        note=gettext("sold out") if exact is not None and gone else None,
    )


def _alike(one: Variant, other: Variant) -> int:
    return sum(one.options.get(name) == value for name, value in other.options.items())


def _pictures(variants: Sequence[Variant], name: str) -> dict[str, Id]:
    """Map values to pictures, where each value of the option has its own."""
    found: dict[str, Id] = {}
    for variant in variants:
        value = variant.options.get(name, "")
        if variant.picture_id is None:
            return {}
        found.setdefault(value, variant.picture_id)
    return found if len(set(found.values())) == len(found) else {}
