"""WooCommerce's product CSV: products and their variations as lines of their own, in any order, tied by "Parent".

github.com/woocommerce/woocommerce/wiki/Product-CSV-Import-Schema. A variation that leaves an attribute open holds for
each of its values; the market sells what was chosen, so it becomes one variant for each.
"""

import itertools
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import BinaryIO, Final

import msgspec

from fairground.kit.errors import N_
from fairground.kit.money import Money
from fairground.kit.safe_text import unescape_cell
from fairground.market.catalog.exchange.building import (
    Draft,
    Row,
    Spool,
    compare_at,
    find_category,
    finish,
    open_table,
    state_of,
    try_row,
    without_product,
)
from fairground.market.catalog.exchange.cells import BadCell, read_amount, read_count, read_price, read_weight
from fairground.market.catalog.exchange.model import FileFormat, ReadPicture, ReadProduct, Refusal, Terms
from fairground.market.catalog.exchange.table import Line, Table
from fairground.market.catalog.model import Format, NewVariant

_PLAIN: Final = (
    "ID", "Type", "SKU", "Name", "Published", "Visibility in catalog", "Short description", "Description",
    "Date sale price starts", "Date sale price ends", "In stock?", "Stock", "Backorders allowed?", "Sale price",
    "Regular price", "Categories", "Images", "Parent",
)  # fmt: skip
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    **{name: (name,) for name in _PLAIN},
    "GTIN": ("GTIN, UPC, EAN, or ISBN", "GTIN"),
    **{f"Attribute {n} name": (f"Attribute {n} name",) for n in range(1, 21)},
    **{f"Attribute {n} value(s)": (f"Attribute {n} value(s)",) for n in range(1, 21)},
}
_WEIGHT: Final = re.compile(r"Weight \((\w+)\)", re.IGNORECASE)
_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_UNTAKEN: Final = {
    "grouped": ("exchange.grouped", N_("A group is no product of its own; its members are.")),
    "external": ("exchange.external", N_("This is sold elsewhere, so it cannot be sold here.")),
}


class _Sheet:
    """An opened file: its table, the weight's column and unit, and the market's terms."""

    def __init__(self, table: Table, terms: Terms) -> None:
        self.table, self.terms = table, terms
        found = next((m for name in table.header if (m := _WEIGHT.fullmatch(name))), None)
        self.weight, self.unit = (found[0], found[1]) if found else ("Weight (kg)", "kg")


def read_woocommerce(file: BinaryIO, terms: Terms) -> Iterator[ReadProduct | Refusal]:
    """Read a WooCommerce product export; the file is walked twice.

    Raises:
        FileUnreadable
    """
    table = Table(file, [spelling for spellings in COLUMNS.values() for spelling in spellings])
    open_table(table, FileFormat.WOOCOMMERCE, ("Type", "Name", "Regular price"), COLUMNS)
    sheet = _Sheet(table, terms)
    with Spool() as variations:
        for line in table.lines():
            if isinstance(line, Line) and "variation" in _types(line):
                variations.put(line["Parent"], line)
        for line in table.lines():
            if isinstance(line, Refusal):
                yield line
            elif "variation" not in _types(line):
                yield from _read_product(line, variations, sheet)
        for _, line in variations.rest(table.columns):
            words = N_("The file has no product “%(parent)s” that this would be a variation of.")
            yield Refusal(line.number, "Parent", "exchange.orphan", words, {"parent": line["Parent"][:80]})


def _types(line: Line) -> set[str]:
    return {word.strip().lower() for word in line["Type"].split(",")}


def _read_product(line: Line, variations: Spool, sheet: _Sheet) -> Iterator[ReadProduct | Refusal]:
    children = [
        child
        for key in (line["SKU"], f"id:{line['ID']}" if line["ID"] else "")
        if key
        for child in variations.take(key, sheet.table.columns)
    ]
    refusals: list[Refusal] = []
    fields = try_row(line, lambda: _fields(line, sheet.terms), refusals)
    if fields is None:
        yield from refusals
        yield from without_product((child.number for child in children), line.number)
        return
    draft = Draft(line.number, fields, [], _pictures(line))
    if "variable" in _types(line):
        draft.rows = _expand(line, children, sheet, refusals)
        if not draft.rows and not refusals:
            words = N_("The file has no variation of this product, so there is nothing to sell.")
            refusals.append(Refusal(line.number, "Type", "exchange.no_variation", words))
    else:
        variant = try_row(line, lambda: _variant(line, {}, sheet), refusals)
        draft.rows = [Row(line.number, variant)] if variant else []
        refusals += without_product((child.number for child in children), 0)
    draft.is_whole = all(refusal.is_note for refusal in refusals)
    if draft.rows and line["Visibility in catalog"].lower() == "hidden":
        words = N_("The product was hidden, so it came in off sale.")
        refusals.append(Refusal(line.number, "Visibility in catalog", "exchange.hidden", words, is_note=True))
    yield from refusals
    if draft.rows:
        yield finish(draft, _columns(sheet))


def _fields(line: Line, terms: Terms) -> dict[str, object]:
    untaken = next((_UNTAKEN[kind] for kind in _types(line) if kind in _UNTAKEN), None)
    if untaken:
        raise BadCell("Type", *untaken)
    if not _types(line) & {"simple", "variable"}:
        words = N_("Products of the kind “%(type)s” are not known here.")
        raise BadCell("Type", "exchange.kind", words, type=line["Type"][:40])
    if not line["Name"]:
        raise BadCell("Name", "required", N_("Please fill this in."))
    published = line["Published"].lower()
    description = line.raw("Description") or line.raw("Short description")
    category = next((c for path in line["Categories"].split(",") if (c := find_category(path, terms))), None)
    return {
        "title": unescape_cell(line["Name"]),
        "description": unescape_cell(description).replace("\\n", "\n"),
        "description_format": Format.HTML,
        "handle": _handle(line),
        "category": category,
        "language": terms.language,
        "state": state_of(
            on_sale=published in {"1", "true", "yes", ""} and line["Visibility in catalog"].lower() != "hidden",
            draft=published == "-1",
        ),
    }


def _handle(line: Line) -> str:
    return unescape_cell(line["SKU"]) or f"woocommerce-{line['ID'] or line['Name']}"


def _attributes(line: Line) -> dict[str, list[str]]:
    """List a line's attributes; commas inside a value are escaped by a backslash, older exports part by a bar."""
    found = {}
    for n in range(1, 21):
        name = line[f"Attribute {n} name"]
        if name:
            cell = line[f"Attribute {n} value(s)"]
            values = cell.split("|") if "|" in cell else re.split(r"(?<!\\),", cell)
            found[name] = [value.replace("\\,", ",").strip() for value in values if value.strip()]
    return found


def _expand(parent: Line, children: list[Line], sheet: _Sheet, refusals: list[Refusal]) -> list[Row]:
    """Make the variants of a variable product; one that names its values comes before one that leaves them open."""
    offered = _attributes(parent)
    found: dict[tuple[tuple[str, str], ...], tuple[int, Row]] = {}
    for child in children:
        rows = try_row(child, lambda child=child: _rows(child, offered, sheet, parent, refusals), refusals) or []  # type: ignore[misc]
        for row in rows:
            key = tuple(sorted(row.variant.options.items()))
            if key not in found or found[key][0] > len(rows):
                found[key] = (len(rows), row)
    place = {name: {value: at for at, value in enumerate(values)} for name, values in offered.items()}
    order = list(offered)

    def standing(row: Row) -> list[int]:
        chosen = row.variant.options
        return [place[name].get(chosen[name], len(place[name])) if name in chosen else -1 for name in order]

    return sorted((row for _, row in found.values()), key=standing)


def _rows(
    child: Line, offered: dict[str, list[str]], sheet: _Sheet, parent: Line, refusals: list[Refusal]
) -> list[Row]:
    if child["Published"] == "0":
        raise BadCell("Published", "exchange.disabled", N_("This variation was switched off."))
    choices: list[list[tuple[str, str]]] = []
    for name, values in _attributes(child).items():
        chosen = values[:1] or offered.get(name, [])
        if not chosen:
            raise BadCell("Attribute 1 value(s)", "exchange.any", N_("“%(name)s” has no values to choose."), name=name)
        choices.append([(name, value) for value in chosen])
    combinations = [dict(combination) for combination in itertools.product(*choices)]
    if len(combinations) > 1000:
        raise BadCell("Parent", "exchange.too_many_variants", N_("This would become more than 1,000 variants."))
    variant = _variant(child, {}, sheet, parent)
    if variant.stock and len(combinations) > 1:
        refusals.append(_shared(child.number))
        variant = msgspec.structs.replace(variant, stock=0)
    picture = next((p.address for p in _pictures(child)), "")
    return [Row(child.number, msgspec.structs.replace(variant, options=chosen), picture) for chosen in combinations]


def _shared(line: int) -> Refusal:
    words = N_("One number counts several variants together; they came in as sold out. Please count each.")
    return Refusal(line, "Stock", "exchange.shared_stock", words, is_note=True)


def _variant(line: Line, options: dict[str, str], sheet: _Sheet, parent: Line | None = None) -> NewVariant:
    price, before = _price(line, sheet.terms)
    weight = read_weight(line[sheet.weight], sheet.weight, sheet.unit)
    if weight is None and parent is not None:
        weight = read_weight(parent[sheet.weight], sheet.weight, sheet.unit)
    return NewVariant(
        price=price,
        compare_at=before,
        options=options,
        stock=_stock(line, parent),
        sku=unescape_cell(line["SKU"]),
        barcode=unescape_cell(line["GTIN"]),
        weight_grams=weight,
    )


def _price(line: Line, terms: Terms) -> tuple[Money, Money | None]:
    """Give the price in force, and the regular one where a sale is on."""
    regular = read_price(line["Regular price"], "Regular price", terms.currency)
    if not line["Sale price"]:
        return regular, None
    sale = read_amount(line["Sale price"], "Sale price", terms.currency)
    starts, ends = _day(line["Date sale price starts"]), _day(line["Date sale price ends"])
    over = ends is not None and terms.now.replace(tzinfo=None) >= ends + timedelta(days=1)
    if over or (starts is not None and terms.now.replace(tzinfo=None) < starts) or not 0 < sale.amount < regular.amount:
        return regular, None
    return sale, compare_at(sale, regular)


def _day(cell: str) -> datetime | None:
    found = _DATE.search(cell)
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3])) if found else None  # noqa: DTZ001 - days without a zone
    except ValueError:
        return None


def _stock(line: Line, parent: Line | None) -> int | None:
    """Count what is counted; what may be ordered beyond its end is not. A variation may share its product's number."""
    if line["Backorders allowed?"].lower() in {"1", "yes", "notify"} or line["In stock?"].lower() == "backorder":
        return None
    cell = line["Stock"]
    if parent is not None and cell.lower() in {"", "parent"} and parent["Stock"]:
        raise BadCell(
            "Stock",
            "exchange.counted_together",
            N_("The stock is counted for the whole product. Please give each variation a number of its own."),
        )
    if cell:
        return max(0, read_count(cell, "Stock"))
    return 0 if line["In stock?"].lower() in {"0", "no", "false"} else None


def _pictures(line: Line) -> list[ReadPicture]:
    addresses = re.split(r"\s*,\s*(?=https?://)|,\s+", line["Images"])
    return [ReadPicture(address.strip()) for address in addresses if address.strip()]


def _columns(sheet: _Sheet) -> dict[str, str]:
    words = {
        "title": "Name",
        "description": "Description",
        "handle": "SKU",
        "category": "Categories",
        "options": "Attribute 1 value(s)",
        "price": "Regular price",
        "compare_at": "Regular price",
        "stock": "Stock",
        "sku": "SKU",
        "barcode": "GTIN",
        "weight_grams": sheet.weight,
        "pictures": "Images",
    }
    return {field: word for field, word in words.items() if word in sheet.table.columns}
