"""Signatures between the market and the sandbox."""

from datetime import UTC, datetime, timedelta

import pytest

from fairground.adapters.gateways.signature import WEBHOOK, is_signed, sign

NOW = datetime(2026, 6, 18, 12, tzinfo=UTC)
HEADER = sign("secret", WEBHOOK, b"body", NOW)


def test_a_signed_message_is_believed_for_five_minutes() -> None:
    assert is_signed("secret", WEBHOOK, b"body", HEADER, NOW + timedelta(minutes=5))
    assert not is_signed("secret", WEBHOOK, b"body", HEADER, NOW + timedelta(minutes=5, seconds=1))
    assert not is_signed("secret", WEBHOOK, b"body", HEADER, NOW - timedelta(minutes=6))


@pytest.mark.parametrize(
    ("secret", "purpose", "body", "header"),
    [
        ("other", WEBHOOK, b"body", HEADER),
        ("secret", "POST /refunds", b"body", HEADER),
        ("secret", WEBHOOK, b"Body", HEADER),
        ("secret", WEBHOOK, b"body", None),
        ("secret", WEBHOOK, b"body", ""),
        ("secret", WEBHOOK, b"body", HEADER.replace("t=1", "t=2")),
        ("secret", WEBHOOK, b"body", f"{HEADER},v1=00"),
        ("secret", WEBHOOK, b"body", HEADER[:-1]),
    ],
)
def test_anything_else_is_not_believed(secret: str, purpose: str, body: bytes, header: str | None) -> None:
    assert not is_signed(secret, purpose, body, header, NOW)
