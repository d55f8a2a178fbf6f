"""Google's product feed, as text or XML: one line or item for each variant, tied together by `item_group_id`.

support.google.com/merchants/answer/7052112 (attributes), /answer/160569 (tab-delimited files), /answer/160589 (XML).
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

from fairground.kit.errors import N_
from fairground.kit.money import Money
from fairground.market.catalog.exchange.building import (
    Draft,
    Row,
    Spool,
    compare_at,
    find_category,
    finish,
    format_of,
    open_table,
    try_row,
    without_product,
)
from fairground.market.catalog.exchange.cells import BadCell, read_amount, read_count, read_price, read_weight
from fairground.market.catalog.exchange.feed import Feed, is_xml
from fairground.market.catalog.exchange.model import FileFormat, ReadPicture, ReadProduct, Refusal, Terms
from fairground.market.catalog.exchange.table import Line, Table
from fairground.market.catalog.model import NewVariant, ProductState

_NAMES: Final = (
    "id", "title", "description", "image_link", "additional_image_link", "availability", "price", "sale_price",
    "sale_price_effective_date", "item_group_id", "color", "size", "material", "pattern", "brand",
    "gtin", "mpn", "product_type", "google_product_category", "shipping_weight", "quantity",
)  # fmt: skip
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    **{name: (name, name.replace("_", " "), f"g:{name}") for name in _NAMES},
    "quantity": ("quantity", "sell on google quantity", "inventory"),
}
_CHOICES: Final = (("color", "Color"), ("size", "Size"), ("material", "Material"), ("pattern", "Pattern"))
_STATES: Final = frozenset({"in_stock", "out_of_stock", "preorder", "backorder"})


def read_google(file: BinaryIO, terms: Terms) -> Iterator[ReadProduct | Refusal]:
    """Read a product feed; the file is walked twice.

    Raises:
        FileUnreadable
    """
    table = _open(file)
    with Spool() as groups:
        for line in table.lines():
            if isinstance(line, Line) and line["item_group_id"]:
                groups.put(line["item_group_id"], line)
        for line in table.lines():
            if isinstance(line, Refusal):
                yield line
            elif not line["item_group_id"]:
                yield from _read_product([line], table, terms)
            elif lines := groups.take(line["item_group_id"], table.columns):
                yield from _read_product(lines, table, terms)


def _open(file: BinaryIO) -> Table | Feed:
    if is_xml(file):
        return Feed(file, list(COLUMNS))
    table = Table(file, [spelling for spellings in COLUMNS.values() for spelling in spellings])
    open_table(table, FileFormat.GOOGLE, ("id", "title", "price", "availability"), COLUMNS)
    return table


def _read_product(lines: list[Line], table: Table | Feed, terms: Terms) -> Iterator[ReadProduct | Refusal]:
    first, refusals = lines[0], list[Refusal]()
    fields = try_row(first, lambda: _fields(first, table, terms), refusals)
    if fields is None:
        yield from refusals
        yield from without_product((line.number for line in lines), first.number)
        return
    chosen = [(word, name) for word, name in _CHOICES if any(line[word] for line in lines)] if len(lines) > 1 else []
    draft = Draft(first.number, fields, [])
    for line in lines:
        row = try_row(line, lambda line=line: _row(line, chosen, table, terms), refusals)  # type: ignore[misc]
        if row is not None:
            draft.rows.append(row)
            addresses = [line["image_link"], *line["additional_image_link"].split(",")]
            draft.pictures += [ReadPicture(a.strip()) for a in addresses if a.strip()]
    draft.is_whole = not refusals
    yield from refusals
    if draft.rows:
        yield finish(draft, _columns(table))


def _fields(line: Line, table: Table | Feed, terms: Terms) -> dict[str, object]:
    for word in ("id", "title"):
        if not line[word]:
            raise BadCell(table.name_of(word), "required", N_("Please fill this in."))
    category = find_category(line["product_type"], terms) or find_category(line["google_product_category"], terms)
    return {
        "title": line["title"],
        "description": line.raw("description"),
        "description_format": format_of(line.raw("description")),
        "handle": line["item_group_id"] or line["id"],
        "category": category,
        "attributes": {"brand": line["brand"]} if category and line["brand"] else {},
        "language": terms.language,
        "state": ProductState.ON_SALE,
    }


def _row(line: Line, chosen: list[tuple[str, str]], table: Table | Feed, terms: Terms) -> Row:
    options = {}
    for word, name in chosen:
        if not line[word]:
            raise BadCell(table.name_of(word), "required", N_("Please fill this in."))
        options[name] = line[word]
    price, before = _price(line, table, terms)
    variant = NewVariant(
        price=price,
        compare_at=before,
        options=options,
        stock=_stock(line, table),
        sku=line["id"],
        barcode=line["gtin"],
        weight_grams=read_weight(line["shipping_weight"], table.name_of("shipping_weight"), "kg"),
    )
    return Row(line.number, variant, line["image_link"] if chosen else "")


def _price(line: Line, table: Table | Feed, terms: Terms) -> tuple[Money, Money | None]:
    regular = read_price(line["price"], table.name_of("price"), terms.currency)
    if not line["sale_price"]:
        return regular, None
    sale = read_amount(line["sale_price"], table.name_of("sale_price"), terms.currency)
    start, _, end = line["sale_price_effective_date"].partition("/")
    today = terms.now.date().isoformat()
    if not 0 < sale.amount < regular.amount or (start and start[:10] > today) or (end and end[:10] < today):
        return regular, None
    return sale, compare_at(sale, regular)


def _stock(line: Line, table: Table | Feed) -> int | None:
    """Say how many there are; a feed that only says "in stock" does not count."""
    state = line["availability"].lower().replace(" ", "_")
    if state not in _STATES:
        words = N_("“%(cell)s” is none of: in_stock, out_of_stock, preorder, backorder.")
        raise BadCell(table.name_of("availability"), "exchange.availability", words, cell=line["availability"][:40])
    if state in {"out_of_stock", "preorder"}:
        return 0
    if state == "in_stock" and line["quantity"]:
        return max(0, read_count(line["quantity"], table.name_of("quantity")))
    return None


def _columns(table: Table | Feed) -> dict[str, str]:
    words = {
        "title": "title",
        "description": "description",
        "handle": "id",
        "category": "product_type",
        "options": "color",
        "price": "price",
        "compare_at": "price",
        "stock": "availability",
        "sku": "id",
        "barcode": "gtin",
        "weight_grams": "shipping_weight",
        "pictures": "image_link",
    }
    return {field: table.name_of(word) for field, word in words.items() if word in table.columns}
