"""The number that a buyer writes on a bank transfer: the payment's id in a form for people, with check digits.

`FG-` and 13 characters of Crockford's base 32 (no I, L, O, U) and two check digits (ISO 7064, MOD 97-10), in fives.
"""

import re
from typing import Final

from fairground.market.payments.model.payment import PaymentId

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {letter: value for value, letter in enumerate(_ALPHABET)} | {"I": 1, "L": 1, "O": 0}
_PREFIX: Final = "FG"
_BODY: Final = 13


def write_reference(payment_id: PaymentId) -> str:
    """Write a payment's reference: FG-0A1B2-C3D4E-5F697."""
    body, rest = "", int(payment_id)
    for _ in range(_BODY):
        rest, value = divmod(rest, 32)
        body = _ALPHABET[value] + body
    whole = f"{body}{98 - int(payment_id) * 100 % 97:02}"
    return "-".join((_PREFIX, whole[:5], whole[5:10], whole[10:]))


def find_references(words: str) -> list[PaymentId]:
    """Find the payments whose references stand in a text, however it was spaced or typed; wrong digits find nothing."""
    letters = re.sub(r"[^0-9A-Z]", "", words.upper())
    found: list[PaymentId] = []
    for match in re.finditer(f"(?={_PREFIX}([0-9A-Z]{{{_BODY}}})([0-9ILO]{{2}}))", letters):
        body, check = ([_VALUES.get(letter) for letter in group] for group in match.groups())
        if None in body or None in check:
            continue
        number = 0
        for value in body:
            number = number * 32 + (value or 0)
        given = (check[0] or 0) * 10 + (check[1] or 0)
        if 0 < number < 2**63 and (number * 100 + given) % 97 == 1 and PaymentId(number) not in found:
            found.append(PaymentId(number))
    return found
