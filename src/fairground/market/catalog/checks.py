"""What a good product is. Everything wrong is noted at once, each under the JSON pointer of its field."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.money import Money
from fairground.kit.safe_text import clean_line
from fairground.market.catalog.model import (
    CatalogRules,
    NewProduct,
    NewVariant,
    Option,
    Picture,
    ProductState,
    Translation,
)
from fairground.market.catalog.model.attributes import check_attributes
from fairground.market.catalog.model.categories import Tree
from fairground.market.inventory.model import InventoryRules

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_BY_HAND: Final = frozenset({ProductState.DRAFT, ProductState.ON_SALE, ProductState.OFF_SALE})


class World(msgspec.Struct, frozen=True):
    """What a product is checked against: the categories it names (with those above), rules, currency."""

    tree: Tree
    rules: CatalogRules
    stock_rules: InventoryRules
    currency: str


def check_product(findings: Findings, product: NewProduct, world: World, at: str = "") -> NewProduct:
    """Note all that is wrong with a product; gives it in good form. `at` is where it stands in the body."""
    rules = world.rules
    options = _check_options(findings, product.options, rules, f"{at}/options")
    return NewProduct(
        title=_line(findings, product.title, rules.title_most, f"{at}/title", required=True),
        description=_block(findings, product.description, rules.description_most, f"{at}/description"),
        description_format=product.description_format,
        options=options,
        variants=_check_variants(findings, product.variants, options, world, f"{at}/variants"),
        category=product.category,
        attributes=_check_category(findings, product, world, at),
        pictures=_check_pictures(findings, product.pictures, rules, f"{at}/images"),
        language=None if product.language is None else _language(findings, product.language, f"{at}/language"),
        translations=_check_translations(findings, product.translations, rules, f"{at}/translations"),
        handle=_check_handle(findings, product.handle, rules, f"{at}/handle"),
        state=_check_state(findings, product.state, f"{at}/state"),
    )


def _line(findings: Findings, text: str, most: int, pointer: str, *, required: bool = False) -> str:
    text = clean_line(text)
    if required:
        findings.check(bool(text), pointer, "required", N_("Please fill this in."))
    findings.check(len(text) <= most, pointer, "too_long", N_("At most %(most)d characters."), most=most)
    return text


def _block(findings: Findings, text: str, most: int, pointer: str) -> str:
    # Kept as it came, so that an export gives it back; only what PostgreSQL cannot hold goes.
    text = text.replace("\x00", "")
    findings.check(len(text) <= most, pointer, "too_long", N_("At most %(most)d characters."), most=most)
    return text


def _language(findings: Findings, language: str, pointer: str) -> str:
    good = _LANGUAGE.fullmatch(language) is not None
    findings.check(good, pointer, "language", N_("Please give a language as a tag such as zh-CN, en or de."))
    return language


def _check_state(findings: Findings, state: ProductState, pointer: str) -> ProductState:
    findings.check(state in _BY_HAND, pointer, "catalog.state", N_("One of these, please: draft, on_sale, off_sale."))
    return state


def _check_handle(findings: Findings, handle: str | None, rules: CatalogRules, pointer: str) -> str | None:
    return _line(findings, handle, rules.handle_most, pointer) or None if handle is not None else None


def _check_category(findings: Findings, product: NewProduct, world: World, at: str) -> dict[str, Any]:
    if product.category is None:
        findings.check(
            not product.attributes,
            f"{at}/attributes",
            "catalog.attributes_without_category",
            N_("Attributes belong to a category. Please choose one first."),
        )
        return {}
    if product.category not in world.tree:
        findings.add(f"{at}/category", "catalog.category_unknown", N_("There is no such category."))
        return {}
    known = world.tree.attributes_of(product.category)
    complete = product.state is not ProductState.DRAFT
    return check_attributes(findings, known, product.attributes, f"{at}/attributes", complete=complete)


def _check_options(findings: Findings, options: list[Option], rules: CatalogRules, at: str) -> list[Option]:
    findings.check(
        len(options) <= rules.options_most, at, "too_many", N_("At most %(most)d of these."), most=rules.options_most
    )
    good, most = [], rules.option_word_most
    for i, option in enumerate(options):
        name = _line(findings, option.name, most, f"{at}/{i}/name", required=True)
        values = [_line(findings, v, most, f"{at}/{i}/values/{j}", required=True) for j, v in enumerate(option.values)]
        good.append(Option(name, values))
        findings.check(
            0 < len(values) <= rules.option_values_most,
            f"{at}/{i}/values",
            "catalog.option_values",
            N_("Between 1 and %(most)d values."),
            most=rules.option_values_most,
        )
        findings.check(
            len(set(values)) == len(values), f"{at}/{i}/values", "catalog.twice", N_("The same stands here twice.")
        )
    names = [option.name for option in good]
    findings.check(len(set(names)) == len(names), at, "catalog.twice", N_("The same stands here twice."))
    return good


def _check_variants(
    findings: Findings, variants: list[NewVariant], options: list[Option], world: World, at: str
) -> list[NewVariant]:
    most = world.rules.variants_most
    findings.check(0 < len(variants) <= most, at, "catalog.variants", N_("Between 1 and %(most)d variants."), most=most)
    good = [_check_variant(findings, v, options, world, f"{at}/{i}") for i, v in enumerate(variants[: most + 1])]
    seen: dict[tuple[str | None, ...], int] = {}
    for i, variant in enumerate(good):
        combination = tuple(variant.options.get(option.name) for option in options)
        findings.check(
            seen.setdefault(combination, i) == i,
            f"{at}/{i}/options",
            "catalog.same_options",
            N_("Another variant has the same options."),
        )
    return good


def _check_variant(findings: Findings, variant: NewVariant, options: list[Option], world: World, at: str) -> NewVariant:
    rules, most_stock = world.rules, world.stock_rules.most_on_hand
    _check_price(findings, variant.price, world, f"{at}/price")
    if variant.compare_at is not None and _check_price(findings, variant.compare_at, world, f"{at}/compare_at"):
        findings.check(
            variant.compare_at.amount > variant.price.amount,
            f"{at}/compare_at",
            "catalog.compare_at",
            N_("The former price must be above the price."),
        )
    findings.check(
        variant.stock is None or 0 <= variant.stock <= most_stock,
        f"{at}/stock",
        "range",
        N_("Between 0 and %(most)d, please, or nothing at all if you do not count."),
        most=most_stock,
    )
    findings.check(
        variant.weight_grams is None or 0 <= variant.weight_grams <= rules.weight_grams_most,
        f"{at}/weight_grams",
        "range",
        N_("Between 0 and %(most)d grams."),
        most=rules.weight_grams_most,
    )
    return msgspec.structs.replace(
        variant,
        options=_check_choice(findings, variant.options, options, f"{at}/options"),
        sku=_line(findings, variant.sku, rules.code_most, f"{at}/sku"),
        barcode=_line(findings, variant.barcode, rules.code_most, f"{at}/barcode"),
    )


def _check_price(findings: Findings, price: Money, world: World, pointer: str) -> bool:
    if not findings.check(
        price.currency == world.currency,
        pointer,
        "catalog.currency",
        N_("Prices here are in %(currency)s."),
        currency=world.currency,
    ):
        return False
    return findings.check(
        0 < price.amount <= world.rules.price_most,
        pointer,
        "catalog.price",
        N_("A price is above zero and at most %(most)d (in the smallest unit)."),
        most=world.rules.price_most,
    )


def _check_choice(findings: Findings, chosen: dict[str, str], options: list[Option], at: str) -> dict[str, str]:
    chosen = {clean_line(name): clean_line(value) for name, value in chosen.items()}
    known = {option.name: option.values for option in options}
    for name in chosen.keys() - known.keys():
        findings.add(_below(at, name), "catalog.option_unknown", N_("The product has no such option."))
    for name, values in known.items():
        if name not in chosen:
            findings.add(_below(at, name), "required", N_("Please fill this in."))
        else:
            findings.check(
                chosen[name] in values, _below(at, name), "catalog.value_unknown", N_("The option has no such value.")
            )
    return chosen


def _below(pointer: str, key: str) -> str:
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"


def _check_pictures(findings: Findings, pictures: list[Picture], rules: CatalogRules, at: str) -> list[Picture]:
    findings.check(
        len(pictures) <= rules.pictures_most, at, "too_many", N_("At most %(most)d of these."), most=rules.pictures_most
    )
    ids = [picture.media_id for picture in pictures]
    findings.check(len(set(ids)) == len(ids), at, "catalog.twice", N_("The same stands here twice."))
    return [
        Picture(picture.media_id, _line(findings, picture.alt, rules.alt_most, f"{at}/{i}/alt"))
        for i, picture in enumerate(pictures)
    ]


def _check_translations(
    findings: Findings, translations: dict[str, Translation], rules: CatalogRules, at: str
) -> dict[str, Translation]:
    most = rules.translations_most
    findings.check(len(translations) <= most, at, "too_many", N_("At most %(most)d of these."), most=most)
    good = {}
    for language, words in translations.items():
        where = _below(at, language)
        good[_language(findings, language, where)] = Translation(
            _line(findings, words.title, rules.title_most, f"{where}/title", required=True),
            _block(findings, words.description, rules.description_most, f"{where}/description"),
        )
    return good


def faults_of(products: Sequence[NewProduct], world: World) -> list[Findings]:
    """Tell what is wrong with each of many products; nothing stands in the findings of a good one."""
    found = []
    for product in products:
        findings = Findings()
        check_product(findings, product, world)
        found.append(findings)
    return found
