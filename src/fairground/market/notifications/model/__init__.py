"""The kinds of letters with their texts, and letters as values."""

from typing import Final

from fairground.market.notifications.model.kind import Kind, Param, Receiver
from fairground.market.notifications.model.letters import (
    Letter,
    LetterId,
    LetterShown,
    MailState,
    NotificationRules,
    Preference,
    plain_params,
)
from fairground.market.notifications.model.of_accounts import OF_ACCOUNTS
from fairground.market.notifications.model.of_answers import OF_ANSWERS
from fairground.market.notifications.model.of_buyers import OF_BUYERS
from fairground.market.notifications.model.of_cases import OF_CASES
from fairground.market.notifications.model.of_chat import OF_CHAT
from fairground.market.notifications.model.of_complaints import OF_COMPLAINTS
from fairground.market.notifications.model.of_disputes import OF_DISPUTES
from fairground.market.notifications.model.of_jurors import OF_JURORS
from fairground.market.notifications.model.of_reports import OF_REPORTS
from fairground.market.notifications.model.of_shops import OF_SHOPS
from fairground.market.notifications.model.of_tickets import OF_TICKETS

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        *OF_ACCOUNTS,
        *OF_BUYERS,
        *OF_JURORS,
        *OF_CASES,
        *OF_CHAT,
        *OF_COMPLAINTS,
        *OF_DISPUTES,
        *OF_REPORTS,
        *OF_SHOPS,
        *OF_TICKETS,
        *OF_ANSWERS,
    )
}


def stoppable_kinds() -> list[Kind]:
    """List the kinds that a person may have by mail or not."""
    return [kind for kind in KINDS.values() if not kind.is_security]


__all__ = [
    "KINDS",
    "Kind",
    "Letter",
    "LetterId",
    "LetterShown",
    "MailState",
    "NotificationRules",
    "Param",
    "Preference",
    "Receiver",
    "plain_params",
    "stoppable_kinds",
]
