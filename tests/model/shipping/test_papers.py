"""Slips and labels as PDF."""

import base64
import re
import zlib

from fairground.kit.i18n.words import speaking
from fairground.market.shipping.papers import (
    CHINESE,
    KOREAN,
    LATIN,
    Label,
    Slip,
    SlipLine,
    address_lines,
    break_lines,
    labels,
    packing_slips,
    runs,
)

MING = {
    "name": "王小明",
    "phone": "+86 138 0013 8000",
    "country": "CN",
    "region": "广东省",
    "city": "深圳市",
    "district": "南山区",
    "lines": ["粤海街道科技园一号楼"],
    "postal_code": "518057",
}
CUP = SlipLine("手工陶瓷杯 Hand-thrown cup", "蓝色", "CUP-1", 2)


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def words_of(pdf: bytes) -> str:
    """Read what is shown: Latin strings as they stand (font F1), Chinese as two bytes of UCS-2 a sign."""
    text = ""
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S):
        raw = zlib.decompress(base64.a85decode(b"<~" + stream.strip(), adobe=True))
        font = b""
        for chosen, shown in re.findall(rb"/(\S+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", raw, re.S):
            font = chosen or font
            plain = re.sub(rb"\\([0-7]{3}|.)", lambda m: _unescape(m[1]), shown, flags=re.S)
            text += plain.decode("cp1252" if font == b"F1" else "utf-16-be")
    return text


def _unescape(escape: bytes) -> bytes:
    return bytes([int(escape, 8)]) if len(escape) == 3 else {b"n": b"\n", b"r": b"\r"}.get(escape, escape)


def test_a_slip_shows_goods_and_address_and_no_price() -> None:
    with speaking("en"):
        pdf = packing_slips([Slip("7310582930185728", "Lantern & Clay", MING, (CUP,), "Courier", "A present")], "CN")
    assert pdf.startswith(b"%PDF-")
    assert pages_of(pdf) == 1
    words = words_of(pdf)
    for expected in ("王小明", "广东省深圳市南山区", "手工陶瓷杯", "2 ×", "7310582930185728"):
        assert expected in words, expected
    assert "CHINA" not in words


def test_a_long_slip_goes_on_over_more_pages() -> None:
    assert pages_of(packing_slips([Slip("1", "Shop", MING, (CUP,) * 40)])) > 1


def test_every_label_is_a_page_of_its_own_with_its_number() -> None:
    with speaking("zh-CN"):
        pdf = labels([
            Label("731", "灯笼", MING, MING, "顺丰速运", "SF1234567890123", (1, 2)),
            Label("731", "灯笼", MING, None, "顺丰速运", "SF1234567890124", (2, 2)),
        ])  # fmt: skip
    assert pages_of(pdf) == 2
    assert "SF1234567890123" in words_of(pdf)
    assert "1 / 2" in words_of(pdf)


def test_an_address_stands_as_its_country_writes_it() -> None:
    assert address_lines(MING, "CN") == ["518057", "广东省深圳市南山区", "粤海街道科技园一号楼"]
    lena = {"country": "DE", "city": "Berlin", "lines": ["Oranienstraße 12", "Hof"], "postal_code": "10999"}
    assert address_lines(lena, "CN") == ["Oranienstraße 12", "Hof", "10999 BERLIN", "GERMANY"]


def test_each_sign_stands_in_a_font_that_has_it() -> None:
    assert runs("Ünal 王 김") == [(LATIN, "Ünal "), (CHINESE, "王"), (LATIN, " "), (KOREAN, "김")]
    assert runs("Łukasz 🎁") == [(LATIN, "Lukasz ?")]


def test_words_break_at_blanks_and_chinese_anywhere() -> None:
    packing_slips([Slip("1", "", MING, ())])  # registers the fonts
    lines = break_lines("Hand-thrown cup with a handle", 10, 70, 9)
    assert " ".join(lines) == "Hand-thrown cup with a handle"
    assert len(lines) > 2
    assert "".join(break_lines("手工陶瓷杯子很好看", 10, 42, 9)) == "手工陶瓷杯子很好看"
    assert break_lines("one two three four five six seven", 10, 40, 2)[-1].endswith("…")
    assert break_lines("x" * 100_000, 10, 100, 3)[2].endswith("…")
