"""What stands in a cell: amounts, whole numbers, weights, yes and no. A bad one names its column and rule."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from babel.numbers import get_currency_symbol, list_currencies

from fairground.kit.errors import N_
from fairground.kit.money import MAX_AMOUNT, Money, digits
from fairground.market.catalog.exchange.model import Refusal

_ISO: Final = re.compile(r"(?<![A-Za-z])([A-Za-z]{3})(?![A-Za-z])")
_NUMBER: Final = re.compile(r"-?[\d.,' \u00a0\u202f]+")
_BY_COMMA: Final = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")  # 1,234.50
_BY_DOT: Final = re.compile(r"-?\d{1,3}(\.\d{3})+,\d{1,2}")  # 1.234,50
_COMMA: Final = re.compile(r"-?\d+,\d{1,2}")  # 19,90
_YES: Final = frozenset({"true", "1", "yes", "y", "on", "是", "有"})
_NO: Final = frozenset({"false", "0", "no", "n", "off", "否", "无", ""})
GRAMS: Final = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "mg": Decimal("0.001"),
    "lb": Decimal("453.59237"),
    "lbs": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
    "克": Decimal(1),
    "千克": Decimal(1000),
    "公斤": Decimal(1000),
    "斤": Decimal(500),
}


class BadCell(Exception):
    """A cell that cannot be taken: column, code, words. Caught by the reader, which knows the line."""

    def __init__(self, column: str, code: str, message: str, **params: Any) -> None:
        super().__init__(code)
        self.column, self.code, self.message, self.params = column, code, message, params

    def at(self, line: int) -> Refusal:
        """Make the refusal of a line."""
        return Refusal(line, self.column, self.code, self.message, self.params)


def read_price(cell: str, column: str, currency: str) -> Money:
    """Read an amount above zero.

    Raises:
        BadCell: empty, no number, in another currency, zero, or finer than the currency.
    """
    if not cell:
        raise BadCell(column, "required", N_("Please fill this in."))
    money = read_amount(cell, column, currency)
    if money.amount <= 0:
        raise BadCell(
            column, "exchange.price", N_("A price must be above zero; here stands “%(cell)s”."), cell=cell[:40]
        )
    return money


def read_amount(cell: str, column: str, currency: str) -> Money:
    """Read an amount, with or without its currency, with the separators of any country.

    Raises:
        BadCell
    """
    text = _without_currency(unicodedata.normalize("NFKC", cell), column, currency)
    number = _decimal(text) if _NUMBER.fullmatch(text) else None
    if number is None or abs(number) > MAX_AMOUNT:
        raise BadCell(column, "exchange.number", N_("“%(cell)s” is no number."), cell=cell[:40])
    scaled = number.scaleb(digits(currency))
    if scaled != scaled.to_integral_value():
        raise BadCell(
            column,
            "exchange.too_fine",
            N_("“%(cell)s” is finer than the smallest coin: %(currency)s has %(digits)d decimals."),
            cell=cell[:40],
            currency=currency,
            digits=digits(currency),
        )
    return Money(int(scaled), currency)


def check_currency(cell: str, column: str, currency: str) -> None:
    """Refuse another currency than the market's in a column of its own; an empty cell states none.

    Raises:
        BadCell
    """
    if cell and cell.upper() != currency:
        raise _other_currency(column, cell, currency)


def _without_currency(text: str, column: str, currency: str) -> str:
    """Take the currency off; refuse another than the market's. A bare ¥ or $ passes for all that have it."""
    for code in _ISO.findall(text):
        if code.upper() in _codes() and code.upper() != currency:
            raise _other_currency(column, code, currency)
    signs = {c for c in text if unicodedata.category(c) == "Sc"} | ({"元"} & set(text))
    if signs - _signs_of(currency):
        raise _other_currency(column, "".join(sorted(signs)), currency)
    bare = _ISO.sub(lambda found: "" if found[1].upper() == currency else found[0], text)
    return "".join(c for c in bare if c not in signs).strip()


def _other_currency(column: str, found: str, currency: str) -> BadCell:
    return BadCell(
        column,
        "exchange.other_currency",
        N_("The amount is in %(found)s; this market sells in %(currency)s."),
        found=found[:20].upper(),
        currency=currency,
    )


@lru_cache
def _codes() -> frozenset[str]:
    return frozenset(list_currencies())


@lru_cache
def _signs_of(currency: str) -> frozenset[str]:
    own = get_currency_symbol(currency, "en") + get_currency_symbol(currency, "zh_CN")
    signs = {c for c in unicodedata.normalize("NFKC", own) if unicodedata.category(c) == "Sc"}
    return frozenset(signs | ({"元", "¥"} if currency in {"CNY", "JPY"} else set()))


def _decimal(text: str) -> Decimal | None:
    text = re.sub(r"[' \u00a0\u202f]", "", text).rstrip(".,")
    if _BY_COMMA.fullmatch(text):
        text = text.replace(",", "")
    elif _BY_DOT.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    elif _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def read_count(cell: str, column: str) -> int:
    """Read a whole number of pieces; may be negative, where a merchant sold more than there was.

    Raises:
        BadCell
    """
    number = _decimal(unicodedata.normalize("NFKC", cell).strip())
    if number is None or number != number.to_integral_value() or abs(number) > 10**9:
        raise BadCell(column, "exchange.count", N_("“%(cell)s” is no number of pieces."), cell=cell[:40])
    return int(number)


def read_weight(cell: str, column: str, unit: str) -> int | None:
    """Read a weight as grams, rounded; empty and zero are no weight. The cell may name its own unit ("1.2 kg").

    Raises:
        BadCell
    """
    text = unicodedata.normalize("NFKC", cell).strip().lower()
    if not text:
        return None
    found = re.fullmatch(r"([\d.,]+)\s*([a-z\u4e00-\u9fff]*)", text)
    number = _decimal(found[1]) if found else None
    factor = GRAMS.get((found[2] if found else "") or unit.lower() or "g")
    if number is None or factor is None or number < 0 or number > 10**9:
        raise BadCell(column, "exchange.weight", N_("“%(cell)s” is no weight."), cell=cell[:40])
    return int((number * factor).to_integral_value()) or None


def read_yes(cell: str, column: str, *, default: bool = False) -> bool:
    """Read yes or no.

    Raises:
        BadCell
    """
    text = cell.strip().lower()
    if not text:
        return default
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise BadCell(column, "exchange.yes_no", N_("“%(cell)s” is neither yes nor no."), cell=cell[:40])
