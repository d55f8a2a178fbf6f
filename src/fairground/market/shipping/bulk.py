"""Bulk shipping: a list of order number, carrier, tracking number, as sellers' programs and spreadsheets write it."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from fairground.kit.errors import N_, invalid
from fairground.kit.ids import Id
from fairground.kit.spreadsheets import text_of
from fairground.market.shipping.model import ShippingRules, find_carrier, looks_right, read_number

ORDER: Final = "order_number"
CARRIER: Final = "carrier"
NUMBER: Final = "tracking_number"
_HEADINGS: Final = {
    ORDER: ("ordernumber", "order", "orderid", "orderno", "订单编号", "订单号"),
    CARRIER: ("carrier", "shippingcompany", "courier", "物流公司", "快递公司", "承运商"),
    NUMBER: ("trackingnumber", "tracking", "trackingno", "waybill", "物流单号", "快递单号", "运单号"),
}


class ShipmentRow(msgspec.Struct, frozen=True):
    """One order to be sent as a whole. `doubtful`: the number does not look like this carrier's."""

    line: int  # in the file, from 1
    order_id: Id
    carrier: str
    tracking_number: str
    doubtful: bool


class RefusedRow(msgspec.Struct, frozen=True):
    """A row that cannot be used, and why; `reason` is a msgid."""

    line: int
    field: str
    reason: str


class ShipmentList(msgspec.Struct, frozen=True):
    """What was read: rows to ship, and rows refused."""

    rows: list[ShipmentRow]
    refused: list[RefusedRow]


def read_shipments(data: bytes, rules: ShippingRules) -> ShipmentList:
    """Read a list for bulk shipping: UTF-8 or GB 18030, commas, semicolons or tabs, headings in English or Chinese.

    Raises:
        Invalid: at `/file`: too big, no text, no headings we know, too many rows.
    """
    lines = _records(_text(data, rules))
    columns = _columns(next(lines, (0, []))[1])
    rows: list[ShipmentRow] = []
    refused: list[RefusedRow] = []
    seen: dict[tuple[Id, str], int] = {}
    for count, (line, cells) in enumerate(lines, start=1):
        if count > rules.csv_rows_most:
            raise invalid(
                "/file", "shipping.file_long", N_("At most %(most)d rows at a time, please."), most=rules.csv_rows_most
            )
        row = _read_row(line, cells, columns)
        if isinstance(row, ShipmentRow) and seen.setdefault((row.order_id, row.tracking_number), line) != line:
            row = RefusedRow(line, ORDER, N_("The same parcel stands in an earlier row."))
        if isinstance(row, ShipmentRow):
            rows.append(row)
        else:
            refused.append(row)
    return ShipmentList(rows, refused)


def _text(data: bytes, rules: ShippingRules) -> str:
    if len(data) > rules.csv_bytes_most:
        raise invalid(
            "/file", "shipping.file_big", N_("The file is too big: at most %(most)d bytes."), most=rules.csv_bytes_most
        )
    text = text_of(data)
    if text is None:
        raise invalid("/file", "shipping.file_no_text", N_("This is not a CSV file: please save your list as CSV."))
    return text


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [_cell(cell) for cell in cells]
    except csv.Error as trouble:
        raise invalid(
            "/file", "shipping.file_no_text", N_("This is not a CSV file: please save your list as CSV.")
        ) from trouble


def _cell(text: str) -> str:
    """Undo what spreadsheets are told so that they keep long numbers: ="123", '123."""
    text = text.strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    return text.lstrip("'").strip()


def _columns(headings: Sequence[str]) -> dict[str, int]:
    plain = ["".join(c for c in heading.casefold() if c.isalnum()) for heading in headings]
    columns = {name: place for name, words in _HEADINGS.items() for place, word in enumerate(plain) if word in words}
    if missing := [name for name in _HEADINGS if name not in columns]:
        raise invalid(
            "/file",
            "shipping.file_headings",
            N_("The first row must name the columns order_number, carrier and tracking_number; missing: %(missing)s."),
            missing=", ".join(missing),
        )
    return columns


def _read_row(line: int, cells: Sequence[str], columns: dict[str, int]) -> ShipmentRow | RefusedRow:
    values = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
    order_id = Id.parse("".join(values[ORDER].split()))  # public numbers are written in groups of four
    if order_id is None:
        return RefusedRow(line, ORDER, N_("This is not an order number."))
    carrier = find_carrier(values[CARRIER])
    if carrier is None:
        return RefusedRow(line, CARRIER, N_("We do not know this carrier; choose Other."))
    number = read_number(values[NUMBER])
    if number is None:
        return RefusedRow(line, NUMBER, N_("A tracking number has 4 to 40 letters and digits."))
    return ShipmentRow(line, order_id, carrier.code, number, not looks_right(carrier, number))
