"""Shopify's product CSV: one line for each variant or further picture, lines of one product together by handle.

help.shopify.com/manual/products/import-export/using-csv; both its older column names and those of 2024 and later.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

from fairground.kit.errors import N_
from fairground.market.catalog.exchange.building import (
    Draft,
    Row,
    compare_at,
    find_category,
    finish,
    open_table,
    state_of,
    try_row,
    without_product,
)
from fairground.market.catalog.exchange.cells import BadCell, read_amount, read_count, read_price, read_weight, read_yes
from fairground.market.catalog.exchange.model import FileFormat, ReadPicture, ReadProduct, Refusal, Terms
from fairground.market.catalog.exchange.table import Line, Table
from fairground.market.catalog.model import Format, NewVariant

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "handle": ("Handle", "URL handle"),
    "title": ("Title",),
    "body": ("Body (HTML)", "Body HTML", "Description"),
    "vendor": ("Vendor",),
    "type": ("Type",),
    "category": ("Product Category", "Google Shopping / Google Product Category"),
    "published": ("Published", "Published on online store"),
    "status": ("Status",),
    "sku": ("Variant SKU", "SKU"),
    "grams": ("Variant Grams", "Weight value (grams)"),
    "tracker": ("Variant Inventory Tracker", "Inventory tracker"),
    "quantity": ("Variant Inventory Qty", "Inventory quantity"),
    "policy": ("Variant Inventory Policy", "Continue selling when out of stock"),
    "price": ("Variant Price", "Price"),
    "before": ("Variant Compare At Price", "Compare-at price"),
    "barcode": ("Variant Barcode", "Barcode"),
    "image": ("Image Src", "Product image URL"),
    "position": ("Image Position",),
    "alt": ("Image Alt Text",),
    "gift_card": ("Gift Card",),
    "variant_image": ("Variant Image", "Variant image URL"),
    **{f"name{n}": (f"Option{n} Name",) for n in (1, 2, 3)},
    **{f"value{n}": (f"Option{n} Value",) for n in (1, 2, 3)},
}


def read_shopify(file: BinaryIO, terms: Terms) -> Iterator[ReadProduct | Refusal]:
    """Read a Shopify product export.

    Raises:
        FileUnreadable
    """
    table = Table(file, [spelling for spellings in COLUMNS.values() for spelling in spellings])
    open_table(table, FileFormat.SHOPIFY, ("handle", "title", "price"), COLUMNS)
    group: list[Line] = []
    closed: set[str] = set()
    for line in table.lines():
        if isinstance(line, Refusal):
            yield line
            continue
        handle = line["handle"]
        if not handle:
            yield Refusal(line.number, table.name_of("handle"), "required", N_("Please fill this in."))
            continue
        if group and group[0]["handle"] != handle:
            closed.add(group[0]["handle"])
            yield from _read_group(group, table, terms)
            group = []
        if handle in closed:
            words = N_("The lines of one product must follow one another; “%(handle)s” came before.")
            yield Refusal(line.number, table.name_of("handle"), "exchange.scattered", words, {"handle": handle[:80]})
        else:
            group.append(line)
    if group:
        yield from _read_group(group, table, terms)


def _read_group(lines: list[Line], table: Table, terms: Terms) -> Iterator[ReadProduct | Refusal]:
    first, refusals = lines[0], list[Refusal]()
    fields = try_row(first, lambda: _fields(first, table, terms), refusals)
    if fields is None:
        yield from refusals
        yield from without_product((line.number for line in lines), first.number)
        return
    names = _option_names(lines)
    draft = Draft(first.number, fields, [])
    for line in lines:
        if not _is_variant(line):
            continue
        row = try_row(line, lambda line=line: _variant(line, names, table, terms), refusals)  # type: ignore[misc]
        if row is not None:
            draft.rows.append(row)
    draft.pictures = _pictures(lines)
    draft.is_whole = not refusals
    yield from refusals
    if draft.rows:
        yield finish(draft, _columns(table))
    elif not refusals:
        yield Refusal(first.number, table.name_of("price"), "required", N_("Please fill this in."))


def _fields(first: Line, table: Table, terms: Terms) -> dict[str, object]:
    if not first["title"]:
        raise BadCell(table.name_of("title"), "required", N_("Please fill this in."))
    if read_yes(first["gift_card"], table.name_of("gift_card")):
        raise BadCell(table.name_of("gift_card"), "exchange.gift_card", N_("Gift cards are not sold here."))
    status = first["status"].lower()
    published = read_yes(first["published"], table.name_of("published"), default=True)
    category = find_category(first["category"], terms) or find_category(first["type"], terms)
    return {
        "title": first["title"],
        "description": first.raw("body"),
        "description_format": Format.HTML,
        "handle": first["handle"],
        "category": category,
        "attributes": {"brand": first["vendor"]} if category and first["vendor"] else {},
        "language": terms.language,
        "state": state_of(on_sale=published and status in {"", "active"}, draft=status == "draft"),
    }


def _option_names(lines: list[Line]) -> list[str]:
    """Name the options in use; the only variant of a product without any is called "Title: Default Title"."""
    names = [next((line[f"name{n}"] for line in lines if line[f"name{n}"]), "") for n in (1, 2, 3)]
    values = {line["value1"] for line in lines if _is_variant(line)}
    if names[0].lower() == "title" and values <= {"Default Title", ""} and not any(names[1:]):
        return []
    return names if any(names) else []


def _is_variant(line: Line) -> bool:
    return bool(line["price"] or line["value1"] or line["sku"] or line["title"])


def _variant(line: Line, names: list[str], table: Table, terms: Terms) -> Row:
    options = {}
    for n, name in enumerate(names, 1):
        if name:
            if not line[f"value{n}"]:
                raise BadCell(table.name_of(f"value{n}"), "required", N_("Please fill this in."))
            options[name] = line[f"value{n}"]
    price = read_price(line["price"], table.name_of("price"), terms.currency)
    before = read_amount(line["before"], table.name_of("before"), terms.currency) if line["before"] else None
    variant = NewVariant(
        price=price,
        compare_at=compare_at(price, before),
        options=options,
        stock=_stock(line, table),
        sku=line["sku"].lstrip("'"),  # Shopify's own mark for spreadsheets, so that 007 stays 007
        barcode=line["barcode"].lstrip("'"),
        weight_grams=read_weight(line["grams"], table.name_of("grams"), "g"),
    )
    return Row(line.number, variant, line["variant_image"])


def _stock(line: Line, table: Table) -> int | None:
    """Count only what the merchant counts, and what is not sold on beyond its end."""
    goes_on = line["policy"].lower() in {"continue", "true", "yes"}
    if goes_on or not line["tracker"]:
        return None
    return max(0, read_count(line["quantity"] or "0", table.name_of("quantity")))


def _pictures(lines: list[Line]) -> list[ReadPicture]:
    found = []
    for at, line in enumerate(lines):
        if line["image"]:
            position = line["position"]
            found.append((int(position) if position.isdigit() else at + 1, at, ReadPicture(line["image"], line["alt"])))
    return [picture for _, _, picture in sorted(found, key=lambda entry: entry[:2])]


def _columns(table: Table) -> dict[str, str]:
    words = {
        "title": "title",
        "description": "body",
        "handle": "handle",
        "category": "category",
        "options": "name1",
        "price": "price",
        "compare_at": "before",
        "stock": "quantity",
        "sku": "sku",
        "barcode": "barcode",
        "weight_grams": "grams",
        "pictures": "image",
    }
    return {field: table.name_of(word) for field, word in words.items() if word in table.columns}
