"""Reports as values: what may be reported and why, what the desk may do about each kind of thing."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.ids import Id


class PileId(Id):
    """The id of all open reports of one thing; lives in that thing's bucket."""


class ReportRules(msgspec.Struct, frozen=True):
    """The market's rules about reports."""

    a_day: int = 20  # of one person
    words_most: int = 2000


class SubjectKind(StrEnum):
    """What may be reported."""

    PRODUCT = "product"
    SHOP = "shop"
    REVIEW = "review"
    MESSAGE = "message"  # a conversation; only its two sides report it


class ReportWhy(StrEnum):
    """What is said to be wrong."""

    FORBIDDEN = "forbidden"
    MISLEADING = "misleading"
    UNSAFE = "unsafe"
    OFFENSIVE = "offensive"
    SPAM = "spam"
    OTHER = "other"


class ReportOutcome(StrEnum):
    """What the desk does."""

    DISMISS = "dismiss"
    WARN = "warn"
    HIDE = "hide"  # until it was put right
    REMOVE = "remove"  # for good


OUTCOMES: Final = {
    SubjectKind.PRODUCT: (ReportOutcome.DISMISS, ReportOutcome.WARN, ReportOutcome.HIDE, ReportOutcome.REMOVE),
    SubjectKind.SHOP: (ReportOutcome.DISMISS, ReportOutcome.WARN, ReportOutcome.REMOVE),
    SubjectKind.REVIEW: (ReportOutcome.DISMISS, ReportOutcome.WARN, ReportOutcome.REMOVE),
    SubjectKind.MESSAGE: (ReportOutcome.DISMISS, ReportOutcome.WARN),
}


class Subject(msgspec.Struct, frozen=True):
    """What is reported; a message by its conversation."""

    kind: SubjectKind
    id: Id


class Pile(msgspec.Struct, frozen=True):
    """All reports of one thing. `shop_id` and `person_id` say whose it is, where a shop or a person made it."""

    id: PileId
    subject: Subject
    shop_id: Id | None
    person_id: Id | None
    title: str
    is_open: bool
    reports: int
    first_at: datetime
    last_at: datetime
    outcome: ReportOutcome | None
    reason: str
    decided_by: Id | None
    decided_at: datetime | None


class Report(msgspec.Struct, frozen=True):
    """One person's report."""

    pile_id: PileId
    person_id: Id
    why: ReportWhy
    words: str
    made_at: datetime
