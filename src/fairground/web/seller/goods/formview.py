"""What the page of a product's form shows."""

from collections.abc import Sequence
from typing import Final

import msgspec
from markupsafe import Markup

from fairground.kit.errors import N_
from fairground.kit.i18n.formats import money_parts
from fairground.kit.i18n.words import gettext, language
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.safe_text import render
from fairground.market.catalog.model import (
    Attribute,
    AttributeKind,
    CatalogRules,
    Format,
    Product,
    ProductState,
)
from fairground.market.catalog.model.categories import Tree
from fairground.web.seller.frame import Room
from fairground.web.seller.goods.form import ProductForm, Row, options_of, pictures_of, rows_of
from fairground.web.seller.words import LANGUAGE_NAMES, STATE_KINDS, STATE_NAMES
from fairground.web.told import Told

CHINESE, ENGLISH = "zh-CN", "en"
SHOWN_MOST: Final = 800  # categories in one list


class AttributeField(msgspec.Struct, frozen=True):
    """A field of the category; `options` for choices, `values` those chosen or typed."""

    name: str
    label: str
    kind: str
    unit: str
    options: list[tuple[str, str]]
    several: bool
    required: bool
    values: list[str]
    error: str | None


class VariantRow(msgspec.Struct, frozen=True):
    """A row of the table with what is wrong in it; `errors` by the names of the form's fields."""

    at: int
    label: str
    row: Row
    errors: dict[str, str]


class PictureRow(msgspec.Struct, frozen=True):
    """A picture in its place."""

    id: Id
    alt: str
    order: int


class FormView(msgspec.Struct, frozen=True):
    """The form of a product. `product_href` leads to its page; None for one that nobody else sees."""

    action: str
    form: ProductForm
    categories: list[tuple[str, str]]
    attributes: list[AttributeField]
    options: list[str]
    rows: list[VariantRow]
    pictures: list[PictureRow]
    pictures_most: int
    preview: Markup
    languages: list[tuple[str, str]]
    formats: list[tuple[str, str]]
    other_name: str
    currency_sign: str
    errors: Told
    summary: list[tuple[str, str]]
    is_new: bool
    state: str = ""
    state_kind: str = ""
    state_reason: str = ""
    is_on_sale: bool = False
    in_review: bool = False
    product_href: str | None = None
    history_href: str = ""


def other_language(own: str) -> str:
    """Give the language that a translation is asked for: Chinese for English goods, English for all others."""
    return CHINESE if own.startswith("en") else ENGLISH


def view_of(
    form: ProductForm,
    room: Room,
    tree: Tree,
    attributes: Sequence[Attribute],
    *,
    product: Product | None,
    currency: str,
    rules: CatalogRules,
    errors: Told,
) -> FormView:
    """Show a form as it stands."""
    here = f"{room.home}/goods/{'new' if product is None else product.id}"
    view = FormView(
        action=here,
        form=form,
        categories=category_choices(tree, form.category),
        attributes=[_field(attribute, form, errors) for attribute in attributes],
        options=[option.name for option in options_of(form)],
        rows=[_row(at, row, errors) for at, row in enumerate(rows_of(form))],
        pictures=[PictureRow(p.media_id, p.alt, at) for at, p in enumerate(pictures_of(form), 1)],
        pictures_most=rules.pictures_most,
        preview=Markup(render(form.description, _format(form.description_format))),  # noqa: S704 - made safe there
        languages=_languages(form.language),
        formats=[("markdown", "Markdown"), ("html", "HTML"), ("plain", gettext("Plain text"))],
        other_name=LANGUAGE_NAMES.get(form.other_language, form.other_language),
        currency_sign=money_parts(Money(0, currency)).symbol,
        errors=errors,
        summary=_summary(form, errors),
        is_new=product is None,
    )
    if product is None:
        return view
    return msgspec.structs.replace(
        view,
        state=gettext(STATE_NAMES[product.state]),
        state_kind=STATE_KINDS[product.state],
        state_reason=product.state_reason,
        is_on_sale=product.state is ProductState.ON_SALE,
        in_review=product.state is ProductState.IN_REVIEW,
        product_href=f"/p/{product.id}" if product.state is ProductState.ON_SALE else None,
        history_href=f"{here}/history",
    )


def _summary(form: ProductForm, errors: Told) -> list[tuple[str, str]]:
    """Tell all that is wrong with the name of its field, and of its row."""
    rows = rows_of(form)
    told = []
    for field, words in errors.all:
        parts = field.split("-")
        label = gettext(_LABELS[parts[-1]]) if parts[-1] in _LABELS else ""
        row = " · ".join(rows[int(parts[1])].values) if parts[0] == "variants" and len(parts) > 2 else ""
        names = " – ".join(name for name in (row, label) if name)
        told.append((field, f"{names}: {words}" if names else words))
    return told


def _format(text: str) -> Format:
    return Format(text) if text in list(Format) else Format.MARKDOWN


def _languages(own: str) -> list[tuple[str, str]]:
    known = dict(LANGUAGE_NAMES)
    return list((known if not own or own in known else {own: own, **known}).items())


def category_choices(tree: Tree, chosen: str) -> list[tuple[str, str]]:
    """List the categories as a tree in lines; of a very large one the upper levels, and the chosen one."""
    lang, choices = language(), list[tuple[str, str]]()
    levels = [len(category.path) for category in tree.categories.values()]
    depth = max((d for d in (1, 2, 3) if sum(level <= d for level in levels) <= SHOWN_MOST), default=1)

    def below(parent: str | None, level: int) -> None:
        for category in tree.children_of(parent):
            choices.append((category.slug, "\u2003" * level + category.name_in(lang)))
            if level + 1 < depth:
                below(category.slug, level + 1)

    below(None, 0)
    if chosen and chosen not in {slug for slug, _ in choices}:
        name = " › ".join(c.name_in(lang) for c in tree.trail_of(chosen)) if chosen in tree else chosen
        choices.insert(0, (chosen, name))
    return choices


def _field(attribute: Attribute, form: ProductForm, errors: Told) -> AttributeField:
    lang = language()
    options = [(c.key, c.zh if lang.startswith("zh") and c.zh else c.en) for c in attribute.choices]
    if attribute.kind is AttributeKind.YES_NO:
        options = [("yes", gettext("Yes")), ("no", gettext("No"))]
    return AttributeField(
        f"a-{attribute.key}",
        attribute.name_in(lang),
        attribute.kind,
        attribute.unit,
        options,
        attribute.several,
        attribute.required,
        form.attributes.get(attribute.key, []),
        errors.at(f"attributes-{attribute.key}"),
    )


_LABELS: Final = {
    "title": N_("Title"),
    "description": N_("Description"),
    "pictures": N_("Pictures"),
    "language": N_("Language"),
    "category": N_("Category"),
    "price": N_("Price"),
    "compare_at": N_("Former price"),
    "stock": N_("Pieces in stock"),
    "weight_grams": N_("Weight"),
    "sku": N_("Code"),
    "barcode": N_("Barcode"),
    "handle": N_("Code"),
    "values": N_("Its values"),
}
_ERRORS: Final = {
    "price": "price",
    "compare_at": "compare_at",
    "stock": "stock",
    "sku": "sku",
    "barcode": "barcode",
    "weight_grams": "weight",
    "options": "options",
}


def _row(at: int, row: Row, errors: Told) -> VariantRow:
    found = {name: words for field, name in _ERRORS.items() if (words := errors.at(f"variants-{at}-{field}"))}
    return VariantRow(at, " · ".join(row.values), row, found)
