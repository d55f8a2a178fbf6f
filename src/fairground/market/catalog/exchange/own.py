"""Fairground's own files, read: a table with a line for each variant, or a line of JSON for each product."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

import msgspec

from fairground.kit.errors import N_
from fairground.kit.money import Money
from fairground.kit.safe_text import unescape_cell
from fairground.market.catalog.exchange.building import Draft, Row, finish, open_table, try_row, without_product
from fairground.market.catalog.exchange.cells import (
    BadCell,
    check_currency,
    read_amount,
    read_count,
    read_price,
    read_weight,
)
from fairground.market.catalog.exchange.model import FileFormat, ReadPicture, ReadProduct, Refusal, Terms
from fairground.market.catalog.exchange.table import Line, Table
from fairground.market.catalog.model import Format, NewProduct, NewVariant, Option, ProductState, Translation

LINE_MOST: Final = 8 << 20  # bytes of a line of JSON
OPTIONS_MOST: Final = 10  # columns read; how many a product may have is a rule of the catalog
OF_PRODUCT: Final = (
    "product", "handle", "title", "description", "description_format", "language", "category", "attributes", "state",
    "translations", "options", "pictures", "picture_texts",
)  # fmt: skip
OF_VARIANT: Final = (
    "sku", "barcode", "price", "compare_at", "currency", "stock", "weight_grams", "variant_picture"
)  # fmt: skip
OF_OPTIONS: Final = tuple(f"option{n}_{part}" for n in range(1, OPTIONS_MOST + 1) for part in ("name", "value"))
COLUMNS: Final[dict[str, tuple[str, ...]]] = {name: (name,) for name in (*OF_PRODUCT, *OF_VARIANT, *OF_OPTIONS)}
_FIELDS: Final = {name: name for name in (*OF_PRODUCT, *OF_VARIANT)} | {"options": "option1_value"}


class JsonPicture(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture in a line of JSON."""

    address: str
    alt: str = ""


class JsonVariant(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A variant in a line of JSON; `picture` is the address of one of the product's, or of one of its own."""

    price: Money
    options: dict[str, str] = {}
    stock: int | None = None
    compare_at: Money | None = None
    sku: str = ""
    barcode: str = ""
    weight_grams: int | None = None
    picture: str = ""


class JsonProduct(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A product in a line of JSON."""

    title: str
    variants: list[JsonVariant]
    product: str = ""
    handle: str | None = None
    description: str = ""
    description_format: Format = Format.MARKDOWN
    language: str | None = None
    category: str | None = None
    attributes: dict[str, Any] = {}
    state: ProductState = ProductState.ON_SALE
    translations: dict[str, Translation] = {}
    options: list[Option] = []
    pictures: list[JsonPicture] = []


def read_fairground(file: BinaryIO, terms: Terms) -> Iterator[ReadProduct | Refusal]:
    """Read one of our own files, whichever of the two it is.

    Raises:
        FileUnreadable
    """
    file.seek(0)
    if file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        yield from _read_json(file, terms)
    else:
        yield from _read_table(file, terms)


def _read_table(file: BinaryIO, terms: Terms) -> Iterator[ReadProduct | Refusal]:
    table = Table(file, list(COLUMNS))
    open_table(table, FileFormat.FAIRGROUND, ("title", "price"), COLUMNS)
    columns = {field: name for field, name in _FIELDS.items() if name in table.columns}
    group: list[Line] = []
    for line in table.lines():
        if isinstance(line, Refusal):
            yield line
            continue
        # A line goes on with the product above if it names the same one and has no title of its own.
        if group and (line["title"] or _key(line) != _key(group[0])):
            yield from _read_group(group, terms, columns)
            group = []
        group.append(line)
    if group:
        yield from _read_group(group, terms, columns)


def _key(line: Line) -> str:
    return line["product"] or line["handle"]


def _read_group(lines: list[Line], terms: Terms, columns: Mapping[str, str]) -> Iterator[ReadProduct | Refusal]:
    first, refusals = lines[0], list[Refusal]()
    fields = try_row(first, lambda: _fields(first), refusals)
    hints = try_row(first, lambda: _json(first, "options", list[Option]), refusals)
    if fields is None:
        yield from refusals
        yield from without_product((line.number for line in lines), first.number)
        return
    names = [first[f"option{n}_name"] for n in range(1, OPTIONS_MOST + 1)]
    draft = Draft(first.number, fields, [], _pictures(first))
    for line in lines:
        row = try_row(line, lambda line=line: _row(line, names, terms), refusals)  # type: ignore[misc]
        if row is not None:
            draft.rows.append(row)
    draft.is_whole = not refusals
    yield from refusals
    if draft.rows:
        read = finish(draft, columns)
        product = msgspec.structs.replace(read.product, options=_ordered(read.product.options, hints or []))
        yield msgspec.structs.replace(read, product=product, own_id=first["product"])


def _ordered(options: list[Option], hints: list[Option]) -> list[Option]:
    """Bring options into the order the shop gave them; lines may have come in another."""
    values = {hint.name: hint.values for hint in hints}
    place = {hint.name: at for at, hint in enumerate(hints)}
    full = [Option(o.name, list(dict.fromkeys([*values.get(o.name, []), *o.values]))) for o in options]
    return sorted(full, key=lambda option: place.get(option.name, len(place)))


def _fields(line: Line) -> dict[str, Any]:
    if not line["title"]:
        raise BadCell("title", "required", N_("Please fill this in."))
    return {
        "title": unescape_cell(line["title"]),
        "description": unescape_cell(line.raw("description")),
        "description_format": _kind(line, "description_format", Format, Format.MARKDOWN),
        "language": line["language"] or None,
        "category": line["category"] or None,
        "attributes": _json(line, "attributes", dict[str, Any]) or {},
        "state": _wished(_kind(line, "state", ProductState, ProductState.ON_SALE)),
        "translations": _json(line, "translations", dict[str, Translation]) or {},
        "handle": unescape_cell(line["handle"]) or None,
    }


def _row(line: Line, names: list[str], terms: Terms) -> Row:
    check_currency(line["currency"], "currency", terms.currency)
    options = {}
    for n, name in enumerate(names, 1):
        if name:
            if not line[f"option{n}_value"]:
                raise BadCell(f"option{n}_value", "required", N_("Please fill this in."))
            options[unescape_cell(name)] = unescape_cell(line[f"option{n}_value"])
    before = line["compare_at"]
    stock = read_count(line["stock"], "stock") if line["stock"] else None
    if stock is not None and stock < 0:
        raise BadCell("stock", "exchange.count", N_("“%(cell)s” is no number of pieces."), cell=line["stock"][:40])
    variant = NewVariant(
        price=read_price(line["price"], "price", terms.currency),
        compare_at=read_amount(before, "compare_at", terms.currency) if before else None,
        options=options,
        stock=stock,
        sku=unescape_cell(line["sku"]),
        barcode=unescape_cell(line["barcode"]),
        weight_grams=_grams(line["weight_grams"]),
    )
    return Row(line.number, variant, line["variant_picture"])


def _grams(cell: str) -> int | None:
    return 0 if cell == "0" else read_weight(cell, "weight_grams", "g")


def _kind(line: Line, column: str, kind: Any, default: Any) -> Any:
    if not line[column]:
        return default
    try:
        return kind(line[column])
    except ValueError:
        words = N_("“%(cell)s” is none of: %(known)s.")
        known = ", ".join(kind)
        raise BadCell(column, "exchange.unknown_word", words, cell=line[column][:40], known=known) from None


def _json(line: Line, column: str, kind: Any) -> Any:
    if not line[column]:
        return None
    try:
        return msgspec.json.decode(line.raw(column), type=kind)
    except (msgspec.MsgspecError, RecursionError):
        raise BadCell(column, "exchange.json", N_("This is no JSON of the form we write here.")) from None


def _wished(state: ProductState) -> ProductState:
    # What waited for the desk waits again: only the desk lets it past.
    return ProductState.ON_SALE if state is ProductState.IN_REVIEW else state


def _pictures(line: Line) -> list[ReadPicture]:
    texts = line.raw("picture_texts").split("\n")
    addresses = line["pictures"].split()
    return [
        ReadPicture(address, unescape_cell(texts[at].strip("\r")) if at < len(texts) else "")
        for at, address in enumerate(addresses)
    ]


def _read_json(file: BinaryIO, terms: Terms) -> Iterator[ReadProduct | Refusal]:
    file.seek(0)
    number = 0
    while raw := file.readline(LINE_MOST):
        number += 1
        data = raw.strip().removeprefix(b"\xef\xbb\xbf")
        if data:
            yield _json_product(number, data, terms)


def _json_product(number: int, data: bytes, terms: Terms) -> ReadProduct | Refusal:
    try:
        read = msgspec.json.decode(data, type=JsonProduct)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as trouble:
        words = N_("This line is no product in our JSON: %(why)s.")
        return Refusal(number, "", "exchange.json_line", words, {"why": str(trouble)[:200]})
    foreign = next((v for v in read.variants if v.price.currency != terms.currency), None)
    if foreign is not None:
        words = N_("The amount is in %(found)s; this market sells in %(currency)s.")
        params = {"found": foreign.price.currency[:20], "currency": terms.currency}
        return Refusal(number, "price", "exchange.other_currency", words, params)
    shown: dict[str, list[int]] = {}
    for at, variant in enumerate(read.variants):
        if variant.picture:
            shown.setdefault(variant.picture, []).append(at)
    pictures = [ReadPicture(p.address, p.alt, tuple(shown.pop(p.address, ()))) for p in read.pictures]
    pictures += [ReadPicture(address, "", tuple(at), in_gallery=False) for address, at in shown.items()]
    product = NewProduct(
        title=read.title,
        variants=[_new_variant(v) for v in read.variants],
        description=read.description,
        description_format=read.description_format,
        options=read.options,
        category=read.category,
        attributes=read.attributes,
        language=read.language,
        translations=read.translations,
        handle=read.handle,
        state=_wished(read.state),
    )
    return ReadProduct(product, number, [number] * len(read.variants), _FIELDS, pictures, own_id=read.product)


def _new_variant(variant: JsonVariant) -> NewVariant:
    return NewVariant(
        price=variant.price,
        options=variant.options,
        stock=variant.stock,
        compare_at=variant.compare_at,
        sku=variant.sku,
        barcode=variant.barcode,
        weight_grams=variant.weight_grams,
    )
