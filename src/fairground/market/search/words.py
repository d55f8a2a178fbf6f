"""Prices in the words of a query: "teapot under 200", "茶壶 200元以内", "100-200 元"."""

import re
from typing import Final

import msgspec

from fairground.kit.money import parse_major

_AMOUNT: Final = r"(?P<{}>\d{{1,7}}(?:\.\d{{1,2}})?)"
_SIGN: Final = r"(?:[¥￥$€£]\s*|(?:cny|rmb|usd|eur)\s*)?"
_UNIT: Final = r"\s*(?:元|块钱|块|圆|yuan|rmb|cny|usd|eur|dollars?|euros?)?"
_NAMED: Final = r"\s*(?:元|块钱|块|圆|yuan|rmb|cny|usd|eur|dollars?|euros?)"
# A bare number before 以内 is a price; 500 毫升以内 is not, as its unit stands between.
_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:价格|价钱)?{_SIGN}{_AMOUNT.format('low')}{_UNIT}\s*[-–~～到至]\s*{_SIGN}{_AMOUNT.format('high')}{_NAMED}(?:之间)?的?",
        rf"\bbetween\s+{_SIGN}{_AMOUNT.format('low')}{_UNIT}\s+and\s+{_SIGN}{_AMOUNT.format('high')}{_UNIT}(?![\w-])",
        rf"[¥￥$€£]\s*{_AMOUNT.format('low')}\s*[-–~～]\s*{_SIGN}{_AMOUNT.format('high')}(?![\w-])",
        rf"(?:价格|价钱)?(?:低于|不超过|最多){_SIGN}{_AMOUNT.format('high')}{_UNIT}",
        rf"(?:价格|价钱)?{_SIGN}{_AMOUNT.format('high')}{_UNIT}\s*(?:以内|以下|之内|之下)的?",
        rf"(?:价格|价钱)?(?:高于|至少|最少){_SIGN}{_AMOUNT.format('low')}{_UNIT}",
        rf"(?:价格|价钱)?{_SIGN}{_AMOUNT.format('low')}{_UNIT}\s*(?:以上|之上|起)的?",
        rf"\b(?:under|below|less than|cheaper than|up to|at most)\s+{_SIGN}{_AMOUNT.format('high')}{_UNIT}(?![\w-])",
        rf"\b(?:over|above|more than|at least)\s+{_SIGN}{_AMOUNT.format('low')}{_UNIT}(?![\w-])",
    )
)
_EDGES: Final = " ,，、。;；"


class Asked(msgspec.Struct, frozen=True):
    """The words that are left, and the prices that were read out of them, in minor units."""

    words: str
    min_price: int | None = None
    max_price: int | None = None


def read_prices(text: str, currency: str) -> Asked:
    """Read a price out of a query; what was read is left out of the words."""
    for pattern in _PATTERNS:
        found = pattern.search(text)
        if not found:
            continue
        low, high = (_minor(found.groupdict().get(name), currency) for name in ("low", "high"))
        if low is not None and high is not None and low > high:
            low, high = high, low
        left = " ".join(f"{text[: found.start()].rstrip(_EDGES)} {text[found.end() :].lstrip(_EDGES)}".split())
        return Asked(left.strip(_EDGES), low, high)
    return Asked(" ".join(text.split()))


def _minor(text: str | None, currency: str) -> int | None:
    money = parse_major(text, currency) if text else None
    return None if money is None else money.amount
