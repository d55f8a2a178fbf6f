"""Letters as values, where their mail stands, the numbers of the room."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.notifications.model.kind import Param


class LetterId(Id):
    """The id of a letter; lives in its person's bucket."""


class MailState(StrEnum):
    """Where the mail of a letter stands; `refused` is the mail server's word, `failed` our giving up."""

    NONE = "none"
    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    FAILED = "failed"


class NotificationRules(msgspec.Struct, frozen=True):
    """The numbers of this room."""

    kept_days: int = 400
    unread_shown: int = 99  # the bell counts no further
    gather_minutes: int = 3  # how long news of a kind that may come many at a time wait for company; 0 = each by itself
    mail_tries: int = 8
    mail_wait_seconds: int = 60  # before the second try; three times as long before each further one
    stop_link_days: int = 400
    receipt_reminder_hours: int = 48  # before silence counts as receipt


class Letter(msgspec.Struct, frozen=True):
    """A letter as it is kept: params still plain, no language yet."""

    id: LetterId
    person_id: Id
    kind: str
    params: dict[str, Any]
    link: str | None
    mail: MailState
    created_at: datetime
    is_read: bool


class LetterShown(msgspec.Struct, frozen=True):
    """A letter in the reader's language, as the bell shows it."""

    id: LetterId
    kind: str
    title: str
    text: str
    link: str | None
    at: datetime
    is_read: bool


class Preference(msgspec.Struct, frozen=True):
    """Whether a person wants a kind of letter by mail."""

    kind: str
    label: str
    by_mail: bool


def plain_params(params: Mapping[str, Param]) -> dict[str, Any]:
    """Make params fit for keeping."""
    return {name: _plain(value) for name, value in params.items()}


def _plain(value: Param) -> Any:
    if isinstance(value, Money):
        return {"amount": value.amount, "currency": value.currency}
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return str(value) if isinstance(value, Id) else value
