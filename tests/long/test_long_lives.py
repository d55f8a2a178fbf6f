"""The life of orders against a plain model, for longer: `tests/property` has the short of it."""

from typing import Any

import pytest

from tests.support.order_life import live

pytestmark = pytest.mark.long


def test_orders_live_long_as_the_rules_say_and_the_books_always_balance(dsn: str, clock: Any, given: Any) -> None:
    live(dsn, clock, given, examples=40, steps=30)
