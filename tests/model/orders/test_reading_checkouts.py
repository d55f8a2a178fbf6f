"""A checkout read in one go means what it means when it is read the long way, and so does what is wrong with it."""

from typing import Any

import msgspec
import pytest

from fairground.app.quick import read_checkout
from fairground.kit.errors import Invalid
from fairground.kit.http.forms import Malformed, convert
from fairground.market.orders.model.quote import CheckoutRequest

LONG = b"9223372036854775807"
BODIES = [
    b"",
    b"{}",
    b'{"address_id": "%s", "lines": [{"variant_id": "12", "quantity": 2}]}' % LONG,
    b'{"lines": [{"variant_id": "12", "quantity": 2, "colour": "red"}], "unknown": {"a": [1, 2.5, null]}}',
    b'{"lines": [], "lines": null, "coupons": ["A"], "deliveries": {"clay": "post"}, "expected_total": 5}',
    '{"notes": {"clay": "红色"}}'.encode(),
    b'{"notes": {"clay": "a \\u0041 \\n"}}',
    b'{"notes": {"clay": "\\u0000"}}',
    b'{"notes": {"clay": "\\ud800"}}',
    b'{"notes": {"cl\\u0000ay": "a"}}',
    b'{"notes": {"clay": "\xff"}}',
    b'{"expected_total": 9999999999999999999999}',
    b'{"expected_total": 9223372036854775808}',
    b'{"lines": [{"variant_id": "12", "quantity": %s9}]}' % LONG,
    b'{"unknown": %s99}' % LONG,
    b'{"address_id": 12}',
    b'{"address_id": "-12"}',
    b'{"address_id": "12345678901234567890"}',
    b'{"address_id": "99999999999999999999999"}',
    b'{"lines": [{"variant_id": "12"}]}',
    b'{"lines": [{"variant_id": "12", "quantity": "2"}]}',
    b'{"lines": [{"variant_id": "12", "quantity": 2.0}]}',
    b'{"lines": {"variant_id": "12"}}',
    b'{"lines"',
    b"[]",
    b"null",
    b"\xef\xbb\xbf{}",
    b'{"unknown": ' + b"[" * 5000 + b"]" * 5000 + b"}",
]


def told(read: Any, body: bytes) -> Any:
    try:
        return read(body)
    except Invalid as trouble:
        return trouble.code, trouble.errors


def the_long_way(body: bytes) -> CheckoutRequest:
    try:
        data = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as trouble:
        raise Malformed from trouble
    return convert(data, CheckoutRequest)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:40].decode("ascii", "replace"))
def test_both_ways_say_the_same(body: bytes) -> None:
    assert told(read_checkout, body) == told(the_long_way, body)
