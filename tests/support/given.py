"""What the market is given in tests: the defaults, except where they would only cost time."""

from datetime import UTC, datetime

from fairground.kit.db import Given
from fairground.kit.passwords import Passwords
from fairground.kit.place import Place
from fairground.kit.seal import Keyring, new_key

QUICK = (Passwords(memory_kib=8, passes=1),)


def test_given(*more: object) -> Given:
    """Give the rules; things handed over replace their kind."""
    return Given(Place(), Keyring.from_setting(new_key(datetime(2026, 1, 1, tzinfo=UTC))), *QUICK, *more)


test_given.__test__ = False  # type: ignore[attr-defined]
