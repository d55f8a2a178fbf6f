"""Money: integer minor units and an ISO 4217 currency. No floats, ever."""

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Self

import msgspec
from babel.numbers import get_currency_precision

MAX_AMOUNT = 10**15  # ten trillion units of two decimals: past it something is wrong


class CurrencyMismatch(AssertionError):
    """Two currencies met in one sum: a broken promise of our own."""


class Money(msgspec.Struct, frozen=True, order=False):
    """An amount in minor units (fen, cents) of one currency."""

    amount: int
    currency: str

    def __add__(self, other: Self) -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Self) -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.amount * times, self.currency)

    def __lt__(self, other: Self) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Self) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __bool__(self) -> bool:
        return self.amount != 0

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} met {other.currency}")

    @property
    def major(self) -> Decimal:
        """The amount in units of the currency, exact."""
        return Decimal(self.amount).scaleb(-digits(self.currency))


def digits(currency: str) -> int:
    """Tell how many minor digits a currency has (CNY 2, JPY 0)."""
    return get_currency_precision(currency)


def zero(currency: str) -> Money:
    """Give nothing, in a currency."""
    return Money(0, currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add up; the currency is needed for an empty sum."""
    result = zero(currency)
    for amount in amounts:
        result += amount
    return result


def parse_major(text: str, currency: str) -> Money | None:
    """Read "19.9" as an amount; None where it is no number, has too many digits, or is past every limit."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) > MAX_AMOUNT:
        return None
    scaled = number.scaleb(digits(currency))
    if scaled != scaled.to_integral_value() or abs(scaled) > MAX_AMOUNT:
        return None
    return Money(int(scaled), currency)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Share an amount by weights so that the parts add up to it (largest remainder).

    Weights are non-negative; all zero shares evenly. Ties go to the earlier part.
    """
    if not weights:
        if amount:
            raise ValueError("an amount cannot be shared among nobody")
        return []
    if amount < 0:
        return [-part for part in split(-amount, weights)]
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def share(amount: int, basis_points: int) -> int:
    """Take a share in basis points (1/100 %), half a minor unit rounded up."""
    return (amount * basis_points + 5_000) // 10_000
