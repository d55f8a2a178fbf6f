"""Numbers as people type them into a shop's forms."""

import unicodedata

from fairground.kit.errors import N_, invalid
from fairground.kit.money import Money, parse_major


def read_pieces(text: str, pointer: str) -> int | None:
    """Read a number of pieces; empty: not counted.

    Raises:
        Invalid
    """
    return _whole(text, pointer, N_("A whole number, please, or nothing at all if you do not count."))


def _whole(text: str, pointer: str, refusal: str) -> int | None:
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return None
    if not plain.isascii() or not plain.isdigit() or len(plain) > 9:
        raise invalid(pointer, "number", refusal)
    return int(plain)


def read_grams(text: str, pointer: str) -> int | None:
    """Read a weight in grams; empty: unknown.

    Raises:
        Invalid
    """
    return _whole(text, pointer, N_("A whole number of grams, please."))


def read_price(text: str, pointer: str, currency: str) -> Money | None:
    """Read an amount; empty is none.

    Raises:
        Invalid
    """
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix("¥").replace(",", "").strip()
    if not plain:
        return None
    found = parse_major(plain, currency)
    if found is None:
        raise invalid(pointer, "amount", N_("An amount such as 19.90, please."))
    return found


def write_price(price: Money | None) -> str:
    """Write an amount as it is typed."""
    return "" if price is None else str(price.major)
