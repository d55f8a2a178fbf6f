"""The life of after-sale cases, for longer: `tests/property` has the short of it."""

from typing import Any

import pytest

from tests.support.case_life import live

pytestmark = pytest.mark.long


def test_cases_live_long_and_end_in_their_days(dsn: str, clock: Any, given: Any) -> None:
    live(dsn, clock, given, examples=40, steps=40)
