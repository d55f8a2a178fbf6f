"""The form of a product: what was typed, the table of variants that follows from the options, and what it means.

Nothing here asks the database. Rows of repeated fields are lists of one length; the table's rows are known by the
values of their options, so that typed numbers stay when the options change.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET

from fairground.kit.errors import N_, FieldError, Findings, Invalid
from fairground.kit.money import Money
from fairground.market.catalog.model import (
    Attribute,
    AttributeKind,
    Format,
    NewProduct,
    NewVariant,
    Option,
    Picture,
    Product,
    ProductChange,
    ProductState,
    Translation,
    VariantChange,
    VariantId,
)
from fairground.market.media.model import MediaId
from fairground.web.seller.goods.amounts import read_grams, read_pieces, read_price, write_price

OPTIONS_SHOWN: Final = 3
ROWS_MOST: Final = 200
_PARTING: Final = re.compile(r"[,，、;；\n]")


class ProductForm(msgspec.Struct, kw_only=True):
    """The form as it is sent: one text for each field, lists for those that repeat."""

    option_name: list[str]
    option_values: list[str]
    variant_id: list[str]
    variant_values: list[str]  # the values of the options, as JSON
    price: list[str]
    compare_at: list[str]
    stock: list[str]
    stock_was: list[str]
    sku: list[str]
    barcode: list[str]
    weight: list[str]
    left_out: list[str]  # numbers of rows
    picture: list[str]
    picture_alt: list[str]
    picture_order: list[str]
    picture_gone: list[str]
    title: str = ""
    description: str = ""
    description_format: str = "markdown"
    language: str = ""
    category: str = ""
    handle: str = ""
    other_language: str = ""
    other_title: str = ""
    other_description: str = ""
    version: str = ""
    step: str = ""
    attributes: dict[str, list[str]] = {}  # read apart: their names depend on the category


class Row(msgspec.Struct, frozen=True):
    """One row of the table."""

    values: tuple[str, ...]
    variant_id: str = ""
    price: str = ""
    compare_at: str = ""
    stock: str = ""
    stock_was: str = ""
    sku: str = ""
    barcode: str = ""
    weight: str = ""
    left_out: bool = False

    @property
    def key(self) -> str:
        """The values as the form carries them."""
        return msgspec.json.encode(self.values).decode()


class Read(msgspec.Struct, frozen=True):
    """What a form means: the product, the rows its variants came from, which of them the stock was typed for."""

    product: NewProduct
    places: list[int]
    rows: list[Row]


def blank_form(language: str, other_language: str) -> ProductForm:
    """Give the form of a new product."""
    return _with_rows(
        _empty(language=language, other_language=other_language, description_format=Format.MARKDOWN), [Row(())]
    )


def _empty(**fields: Any) -> ProductForm:
    lists: dict[str, Any] = {
        name: [] for name, kind in ProductForm.__annotations__.items() if str(kind).startswith("list")
    }
    lists["option_name"] = lists["option_values"] = [""] * OPTIONS_SHOWN
    return ProductForm(**{**lists, **fields})


def form_of_product(product: Product, stock: Mapping[Any, int | None], other_language: str) -> ProductForm:
    """Give the form of a product that is there."""
    words = product.translations.get(other_language, Translation(""))
    options = [*product.options, *[Option("", [])] * max(0, OPTIONS_SHOWN - len(product.options))]
    form = _empty(
        title=product.title,
        description=product.description,
        description_format=product.description_format,
        language=product.language,
        category=product.category or "",
        handle=product.handle or "",
        attributes={key: _typed(value) for key, value in product.attributes.items()},
        option_name=[option.name for option in options],
        option_values=[", ".join(option.values) for option in options],
        picture=[str(picture.media_id) for picture in product.pictures],
        picture_alt=[picture.alt for picture in product.pictures],
        picture_order=[str(at) for at in range(1, len(product.pictures) + 1)],
        other_language=other_language,
        other_title=words.title,
        other_description=words.description,
        version=str(product.version),
    )
    rows = [_row_of(product, at, stock) for at in range(len(product.variants))]
    return with_options(_with_rows(form, rows), fresh_left_out=True)


def _row_of(product: Product, at: int, stock: Mapping[Any, int | None]) -> Row:
    variant = product.variants[at]
    pieces = stock.get(variant.id)
    counted = "" if pieces is None else str(pieces)
    return Row(
        tuple(variant.options[option.name] for option in product.options),
        str(variant.id),
        write_price(variant.price),
        write_price(variant.compare_at),
        counted,
        counted,
        variant.sku,
        variant.barcode,
        "" if variant.weight_grams is None else str(variant.weight_grams),
    )


def _typed(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]


def options_of(form: ProductForm) -> list[Option]:
    """Read the options; values are parted by commas of either kind. One that has neither name nor values is none."""
    options = []
    for name, values in zip(form.option_name, form.option_values, strict=False):
        words = list(dict.fromkeys(" ".join(word.split()) for word in _PARTING.split(values) if word.strip()))
        if name.strip() or words:
            options.append(Option(" ".join(name.split()), words))
    return options


def rows_of(form: ProductForm) -> list[Row]:
    """Read the table."""
    gone = set(form.left_out)
    rows = []
    for at, key in enumerate(form.variant_values[:ROWS_MOST]):
        cells = {name: _at(getattr(form, name), at) for name in _CELLS}
        rows.append(Row(_values(key), _at(form.variant_id, at), **cells, left_out=str(at) in gone))
    return rows


_CELLS: Final = ("price", "compare_at", "stock", "stock_was", "sku", "barcode", "weight")


def _at(values: Sequence[str], at: int) -> str:
    return values[at].strip() if at < len(values) else ""


def _values(key: str) -> tuple[str, ...]:
    try:
        return msgspec.json.decode(key, type=tuple[str, ...])
    except (msgspec.MsgspecError, RecursionError):
        return ()


def _with_rows(form: ProductForm, rows: Sequence[Row]) -> ProductForm:
    return msgspec.structs.replace(
        form,
        variant_id=[row.variant_id for row in rows],
        variant_values=[row.key for row in rows],
        left_out=[str(at) for at, row in enumerate(rows) if row.left_out],
        **{name: [getattr(row, name) for row in rows] for name in _CELLS},
    )


def _combinations(form: ProductForm) -> list[tuple[str, ...]]:
    """List what there could be to sell; a choice that has no values yet does not count."""
    values = [option.values for option in options_of(form) if option.values]
    return list(itertools.islice(itertools.product(*values), ROWS_MOST))


def with_options(form: ProductForm, *, fresh_left_out: bool = False) -> ProductForm:
    """Bring the table in line with the options: a row for each combination, what was typed stays.

    A new row takes price and weight of the one most like it; `fresh_left_out` leaves it out until somebody wants it.
    """
    wanted = _combinations(form)
    rows = rows_of(form) or [Row(())]
    known = {row.values: row for row in rows}
    if len(wanted) == 1 and len(rows) == 1:  # the only variant stays what it is, under whatever name
        return _with_rows(form, [msgspec.structs.replace(rows[0], values=wanted[0], left_out=False)])

    def fresh(values: tuple[str, ...]) -> Row:
        like = max(rows, key=lambda row: len(set(row.values) & set(values)))
        return Row(values, price=like.price, compare_at=like.compare_at, weight=like.weight, left_out=fresh_left_out)

    return _with_rows(form, [known.get(values) or fresh(values) for values in wanted])


def is_in_line(form: ProductForm) -> bool:
    """Tell whether the table is that of the options."""
    return {row.values for row in rows_of(form)} == set(_combinations(form))


def read_product(form: ProductForm, attributes: Sequence[Attribute], currency: str, state: ProductState) -> Read:
    """Read the form as a product.

    Raises:
        Invalid: numbers that are none, each under the pointer of its row.
    """
    findings, options = Findings(), options_of(form)
    rows = rows_of(form)
    places = [at for at, row in enumerate(rows) if not row.left_out]
    variants = [_variant(findings, rows[at], at, options, currency) for at in places]
    words = Translation(form.other_title, form.other_description)
    product = NewProduct(
        title=form.title,
        description=form.description,
        description_format=_format(form.description_format),
        language=form.language or None,
        category=form.category or None,
        attributes=read_attributes(form, attributes),
        options=options,
        variants=variants,
        pictures=pictures_of(form),
        handle=form.handle.strip() or None,
        state=state,
        translations={form.other_language: words} if form.other_language and form.other_title.strip() else {},
    )
    if findings:  # else the room says what is wrong with the title, and with all the rest
        findings.check(bool(form.title.strip()), "/title", "required", N_("Please fill this in."))
    findings.raise_any()
    return Read(product, places, rows)


def _variant(findings: Findings, row: Row, at: int, options: Sequence[Option], currency: str) -> NewVariant:
    pointer = f"/variants/{at}"
    price = _tried(findings, lambda: read_price(row.price, f"{pointer}/price", currency))
    if price is None and not row.price:
        findings.add(f"{pointer}/price", "required", N_("Please fill this in."))
    return NewVariant(
        price=Money(1, currency) if price is None else price,  # never used: a finding stands above
        options=dict(zip((option.name for option in options), row.values, strict=False)),
        stock=_tried(findings, lambda: read_pieces(row.stock, f"{pointer}/stock")),
        compare_at=_tried(findings, lambda: read_price(row.compare_at, f"{pointer}/compare_at", currency)),
        sku=row.sku,
        barcode=row.barcode,
        weight_grams=_tried(findings, lambda: read_grams(row.weight, f"{pointer}/weight_grams")),
    )


def _tried(findings: Findings, read: Any) -> Any:
    try:
        return read()
    except Invalid as trouble:
        for error in trouble.errors:
            findings.add(error.pointer, error.code, error.message, **error.params)
        return None


def _format(text: str) -> Format:
    return Format(text) if text in list(Format) else Format.MARKDOWN


def read_attributes(form: ProductForm, attributes: Sequence[Attribute]) -> dict[str, Any]:
    """Read the fields of the category; a number that is none stays text, and is refused with its rule."""
    found: dict[str, Any] = {}
    for attribute in attributes:
        typed = [text.strip() for text in form.attributes.get(attribute.key, []) if text.strip()]
        if not typed:
            continue
        if attribute.kind is AttributeKind.YES_NO:
            found[attribute.key] = typed[-1] == "yes"
        elif attribute.kind is AttributeKind.NUMBER:
            found[attribute.key] = _number(typed[-1])
        else:
            found[attribute.key] = typed if attribute.several else typed[-1]
    return found


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text.replace(",", "."))
        except ValueError:
            continue
    return text


def pictures_of(form: ProductForm) -> list[Picture]:
    """Read the pictures in the order that was typed, without those taken away."""
    found = []
    for at, text in enumerate(form.picture):
        media_id = MediaId.parse(text)
        if media_id is None or text in form.picture_gone:
            continue
        typed = _at(form.picture_order, at)
        order = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 999
        found.append((order, at, Picture(media_id, _at(form.picture_alt, at))))
    return [picture for _, _, picture in sorted(found, key=lambda entry: entry[:2])]


def with_pictures(form: ProductForm, added: Sequence[MediaId] = ()) -> ProductForm:
    """Put the pictures into their order, with new ones at the end."""
    pictures = [*pictures_of(form), *(Picture(media_id) for media_id in added)]
    return msgspec.structs.replace(
        form,
        picture=[str(picture.media_id) for picture in pictures],
        picture_alt=[picture.alt for picture in pictures],
        picture_order=[str(at) for at in range(1, len(pictures) + 1)],
        picture_gone=[],
    )


def change_of(read: Read, old: Product) -> ProductChange:
    """Give the change that makes a product what the form says.

    Stock is set only where another number was typed than was shown: in between, pieces were sold.
    """
    product = read.product
    variants = []
    for at, variant in zip(read.places, product.variants, strict=True):
        row = read.rows[at]
        variant_id = VariantId.parse(row.variant_id)
        retyped = variant_id is None or row.stock != row.stock_was
        variants.append(
            VariantChange(
                id=variant_id,
                options=variant.options,
                price=variant.price,
                compare_at=variant.compare_at,
                stock=variant.stock if retyped else UNSET,
                sku=variant.sku,
                barcode=variant.barcode,
                weight_grams=variant.weight_grams,
            )
        )
    translations = {**old.translations, **product.translations}
    return ProductChange(
        title=product.title,
        description=product.description,
        description_format=product.description_format,
        language=product.language or UNSET,
        category=product.category,
        attributes=product.attributes,
        options=product.options,
        variants=variants,
        pictures=product.pictures,
        handle=product.handle,
        translations=translations,
    )


def by_row(trouble: Invalid, places: Sequence[int]) -> Invalid:
    """Point errors of variants at the rows they came from."""

    def moved(error: FieldError) -> FieldError:
        parts = error.pointer.split("/")
        if len(parts) > 2 and parts[1] == "variants" and parts[2].isdigit() and int(parts[2]) < len(places):
            parts[2] = str(places[int(parts[2])])
            return FieldError("/".join(parts), error.code, error.message, error.params)
        return error

    return Invalid(*(moved(error) for error in trouble.errors))
