"""What is told of an import, in the reader's language."""

from typing import Any

from fairground.kit.i18n.words import say
from fairground.market.catalog.exchange.model import Import, Refusal


def reason_of(refusal: Refusal) -> str:
    """Say why a line was refused."""
    return _say(refusal.message, refusal.params)


def trouble_of(found: Import) -> str | None:
    """Say why an import failed, if it did."""
    return None if found.trouble is None else _say(found.trouble.message, found.trouble.params)


def _say(message: str, params: dict[str, Any]) -> str:
    return say(message, in_words(params))


def in_words(params: dict[str, Any]) -> dict[str, Any]:
    """Say the one param that is a word of ours ("a picture"); all others are the merchant's."""
    return {key: say(value) if key == "what" else value for key, value in params.items()}
