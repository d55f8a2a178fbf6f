"""The life of after-sale cases: whatever both sides, justice and time do, each ends and the books balance."""

from typing import Any

from tests.support.case_life import live


def test_cases_end_in_their_days_and_the_books_always_balance(dsn: str, clock: Any, given: Any) -> None:
    live(dsn, clock, given, examples=6, steps=20)
