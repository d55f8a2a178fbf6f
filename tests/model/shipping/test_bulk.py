"""Reading a list for bulk shipping."""

import pytest

from fairground.kit.errors import Invalid
from fairground.market.shipping.bulk import ShipmentList, ShipmentRow, read_shipments
from fairground.market.shipping.model import ShippingRules

RULES = ShippingRules(csv_rows_most=3, csv_bytes_most=10_000)


def read(text: str | bytes) -> ShipmentList:
    return read_shipments(text.encode() if isinstance(text, str) else text, RULES)


def test_a_plain_list_is_read() -> None:
    got = read("order_number,carrier,tracking_number\n123,sf,SF1234567890123\n124,UPS,999\n125,other,AB 12 34\n")
    assert got.refused == [type(got.refused[0])(3, "tracking_number", got.refused[0].reason)]
    assert got.rows == [
        ShipmentRow(2, 123, "sf", "SF1234567890123", False),
        ShipmentRow(4, 125, "other", "AB1234", False),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_chinese_spreadsheets_are_read(encoding: str) -> None:
    text = '订单编号\t物流公司\t运单号\r\n="7310582930185728"\t顺丰速运\t\'SF1234567890123\r\n\r\n'
    got = read(text.encode(encoding))
    assert got.rows == [ShipmentRow(2, 7310582930185728, "sf", "SF1234567890123", False)]
    assert got.refused == []


def test_semicolons_other_orders_of_columns_and_more_columns_do() -> None:
    got = read("Name;Tracking No.;Order ID;Courier\nMing;SF1234567890123;5;SF\n")
    assert got.rows == [ShipmentRow(2, 5, "sf", "SF1234567890123", False)]


def test_a_number_that_does_not_look_like_the_carriers_is_marked() -> None:
    assert read("order,carrier,tracking\n5,ups,ABCDEFG\n").rows[0].doubtful


def test_each_refused_row_is_named_with_its_field() -> None:
    got = read("order,carrier,tracking\nfive,sf,SF1234567890123\n5,pigeon,SF1234567890123\n5\n")
    assert [(r.line, r.field) for r in got.refused] == [(2, "order_number"), (3, "carrier"), (4, "carrier")]
    assert got.rows == []


def test_the_same_parcel_twice_is_refused_the_second_time() -> None:
    got = read("order,carrier,tracking\n5,sf,SF1234567890123\n5,sf,sf1234567890123\n5,sf,SF1234567890124\n")
    assert [r.line for r in got.rows] == [2, 4]
    assert [r.line for r in got.refused] == [3]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "shipping.file_no_text"),
        (b"\xff\xfe\x00\x00\xff", "shipping.file_no_text"),
        (b"", "shipping.file_headings"),
        (b"a,b,c\n1,2,3\n", "shipping.file_headings"),
        (b"x" * 10_001, "shipping.file_big"),
        (b"order,carrier,tracking\n" + b"5,sf,SF1234567890123\n" * 4, "shipping.file_long"),
        (b'order,carrier,tracking\n5,sf,"' + b"9" * 9_000, None),
    ],
)
def test_what_is_no_list_is_told_so(data: bytes, code: str | None) -> None:
    if code is None:
        assert [r.field for r in read(data).refused] == ["tracking_number"]
        return
    with pytest.raises(Invalid) as refused:
        read(data)
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/file", code)]
