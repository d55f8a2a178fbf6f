"""Public order numbers: twelve digits like `2606 1847 0032`, the last one a check digit.

The eleven before it hold the order's bucket and a random part, mixed by a permutation of 0…10¹¹-1. So a number tells
nothing about how much a market sells, an order is found by its number without a table of all numbers, and a slip of
the pen is noticed.
"""

from typing import Final

from fairground.kit.ids import BUCKETS

_SPACE: Final = 10**11
ROOM: Final = _SPACE // BUCKETS  # random parts of one bucket: 97,656,250
# An affine permutation: any odd factor that 5 does not divide has an inverse modulo a power of ten.
_FACTOR: Final = 61_803_398_877
_SHIFT: Final = 27_182_818_283
_INVERSE: Final = pow(_FACTOR, -1, _SPACE)
# H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004): finds every wrong digit and every swapped pair.
_TABLE: Final = tuple(
    tuple(map(int, row))
    for row in (
        "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
        "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
    )
)  # fmt: skip


def make_number(bucket: int, part: int) -> int:
    """Make the number of an order in a bucket from a random part, 0…ROOM-1."""
    assert 0 <= bucket < BUCKETS, bucket
    assert 0 <= part < ROOM, part
    body = ((bucket * ROOM + part) * _FACTOR + _SHIFT) % _SPACE
    return body * 10 + _check_digit(body)


def read_number(text: str) -> int | None:
    """Read a number as people write it; None where it cannot be one."""
    digits = "".join(text.split()).replace("-", "")
    if len(digits) != 12 or not digits.isascii() or not digits.isdigit():
        return None
    number = int(digits)
    return number if number % 10 == _check_digit(number // 10) else None


def bucket_of(number: int) -> int:
    """Tell the bucket that an order with this number lives in."""
    return ((number // 10 - _SHIFT) * _INVERSE % _SPACE) // ROOM


def show_number(number: int) -> str:
    """Write a number for people: `2606 1847 0032`."""
    digits = f"{number:012d}"
    return f"{digits[:4]} {digits[4:8]} {digits[8:]}"


def _check_digit(body: int) -> int:
    interim = 0
    for digit in f"{body:011d}":
        interim = _TABLE[interim][ord(digit) - 48]
    return interim
