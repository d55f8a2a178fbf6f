"""The life of orders against a plain model: whatever people and time do, the books balance after every step."""

from typing import Any

from tests.support.order_life import live


def test_orders_live_as_the_rules_say_and_the_books_always_balance(dsn: str, clock: Any, given: Any) -> None:
    live(dsn, clock, given, examples=8, steps=16)
