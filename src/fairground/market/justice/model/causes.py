"""Causes of what went wrong, and what the market decided about each."""

from datetime import datetime
from enum import StrEnum

import msgspec

from fairground.kit.ids import Id


class CauseId(Id):
    """The id of a cause."""


class CauseRules(msgspec.Struct, frozen=True):
    """How causes are shown."""

    top: int = 10  # so many are public, those with most behind them first
    days: int = 365  # what was linked in the last days counts
    title_most: int = 200
    words_most: int = 2000


class CauseDecision(StrEnum):
    """What the market does about a cause."""

    RULE = "rule"
    CHANGE = "change"  # of the program
    NONE = "none"  # and why not


class ClosedKind(StrEnum):
    """What may belong to a cause once it is closed."""

    COMPLAINT = "complaint"
    REPORT = "report"
    TICKET = "ticket"
    DISPUTE = "dispute"


class Closed(msgspec.Struct, frozen=True):
    """One closed thing."""

    kind: ClosedKind
    id: Id


class Cause(msgspec.Struct, frozen=True):
    """A cause with the market's decision; texts in both languages, the Chinese may be missing. `count`: how much."""

    id: CauseId
    title: str
    title_zh: str
    decision: CauseDecision | None
    words: str
    words_zh: str
    link: str
    decided_at: datetime | None
    count: int

    def title_in(self, language: str) -> str:
        """Give the title in a language, as far as it is there."""
        return self.title_zh if language.startswith("zh") and self.title_zh else self.title

    def words_in(self, language: str) -> str:
        """Give the decision's words in a language, as far as they are there."""
        return self.words_zh if language.startswith("zh") and self.words_zh else self.words


class Unlinked(msgspec.Struct, frozen=True):
    """A closed thing that belongs to no cause yet."""

    closed: Closed
    title: str
    closed_at: datetime
