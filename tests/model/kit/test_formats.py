"""Moments and spans as people say them, in both languages."""

from contextvars import copy_context
from datetime import UTC, datetime, timedelta

import pytest

from fairground.kit.i18n import formats
from fairground.kit.i18n.words import Language, set_language

NOW = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "now", "现在"),
        (0.9, "now", "现在"),
        (-0.9, "now", "现在"),
        (5, "in 5 seconds", "5秒钟后"),
        (-5, "5 seconds ago", "5秒钟前"),
        (3 * 3600, "in 3 hours", "3小时后"),
        (-2 * 86400, "2 days ago", "2天前"),
    ],
)
def test_a_moment_is_told_as_seen_from_now(seconds: float, english: str, chinese: str) -> None:
    assert (told("en", seconds), told("zh-CN", seconds)) == (english, chinese)


def told(lang: Language, seconds: float) -> str:
    """Tell a moment in a language, without leaving that language behind."""

    def tell() -> str:
        set_language(lang)
        return formats.relative(NOW + timedelta(seconds=seconds), NOW)

    return copy_context().run(tell)
