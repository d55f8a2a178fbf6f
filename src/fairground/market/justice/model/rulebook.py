"""The rule book: rules by stable keys, their versions, and the consultation that each goes through."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.i18n.words import Language
from fairground.kit.ids import Id
from fairground.kit.safe_text import clean_line, clean_text

KEY: Final = re.compile(r"[a-z]+(\.[a-z_]+)+")


class RuleVersionId(Id):
    """The id of one version of a rule, from its draft on."""


class CommentId(Id):
    """The id of a comment on a draft; lives in its writer's bucket."""


class RuleBookRules(msgspec.Struct, frozen=True):
    """The numbers of the rule book."""

    consultation_days: int = 14
    consultation_days_least: int = 7  # nobody who is away for a week is passed over
    consultation_days_most: int = 60
    vote_quorum: int = 20  # from so many votes on, a majority against a draft keeps it out
    emergency_days_most: int = 30
    founding_days: int = 180  # how long the first rules stand before people were asked
    key_most: int = 60
    title_most: int = 120
    text_most: int = 8000
    comment_most: int = 1000
    comments_most: int = 20  # of one person on one draft


class Standing(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    IN_FORCE = "in_force"
    ENDED = "ended"
    DROPPED = "dropped"


class Vote(StrEnum):
    """What somebody thinks of a draft."""

    YES = "yes"
    NO = "no"


class Votes(msgspec.Struct, frozen=True):
    """How many are for a draft and against it."""

    yes: int = 0
    no: int = 0


class Wording(msgspec.Struct, frozen=True):
    """What a version says in one language: its title, its text, and why it is as it is."""

    title: str
    text: str
    why: str


class RuleDraft(msgspec.Struct, frozen=True):
    """A new version of a rule, whole in both languages; `part` is for a rule that is not there yet."""

    key: str
    english: Wording
    chinese: Wording
    part: str = ""


class RuleVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a rule. `numbers` are the settings that its text names, with their values of then."""

    id: RuleVersionId
    key: str
    version: int
    english: Wording
    chinese: Wording
    numbers: dict[str, int]
    opened_at: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None
    votes: Votes | None
    refused: bool
    in_force_at: datetime | None
    emergency_until: datetime | None
    emergency_reason: str
    ended_at: datetime | None
    dropped_at: datetime | None
    created_at: datetime

    def wording(self, language: Language) -> Wording:
        """Give what it says in a language."""
        return self.chinese if language == "zh-CN" else self.english

    @property
    def standing(self) -> Standing:
        """Tell where it stands."""
        if self.dropped_at is not None:
            return Standing.DROPPED
        if self.in_force_at is not None:
            return Standing.IN_FORCE if self.ended_at is None else Standing.ENDED
        if self.closed_at is not None:
            return Standing.CLOSED
        return Standing.DRAFT if self.opened_at is None else Standing.OPEN

    @property
    def is_open(self) -> bool:
        """Tell whether people are being asked; also a rule that an emergency put in force may still be asked about."""
        asked = self.opened_at is not None and self.closed_at is None
        return asked and self.dropped_at is None and self.ended_at is None

    @property
    def is_public(self) -> bool:
        """Tell whether everybody may read it: since its consultation began, or since it is in force."""
        return self.opened_at is not None or self.in_force_at is not None

    @property
    def may_come_into_force(self) -> bool:
        """Tell whether it was asked about and not refused."""
        return self.standing is Standing.CLOSED and not self.refused


class Rule(msgspec.Struct, frozen=True):
    """A rule with what is in force of it, if anything is."""

    key: str
    part: str
    in_force: RuleVersion | None


class Comment(msgspec.Struct, frozen=True):
    """What somebody says of a draft; the words are empty where the desk hid them."""

    id: CommentId
    shown_name: str
    words: str
    written_at: datetime
    hidden_reason: str


def is_refused(votes: Votes, rules: RuleBookRules) -> bool:
    """Tell whether the people refused a draft: enough of them voted, and more against it than for it."""
    return votes.yes + votes.no >= rules.vote_quorum and votes.no > votes.yes


def check_draft(draft: RuleDraft, rules: RuleBookRules) -> RuleDraft:
    """Check a draft and give it clean.

    Raises:
        Invalid: names each wrong field.
    """
    findings, key = Findings(), draft.key.strip().lower()
    good = bool(KEY.fullmatch(key)) and len(key) <= rules.key_most
    findings.check(good, "/key", "justice.rule_key", N_("Small letters with a dot between, as in orders.shipping."))
    english = _check_wording(findings, draft.english, "en", rules)
    chinese = _check_wording(findings, draft.chinese, "zh", rules)
    findings.raise_any()
    return RuleDraft(key, english, chinese, key.partition(".")[0])


def _check_wording(findings: Findings, wording: Wording, ending: str, rules: RuleBookRules) -> Wording:
    clean = Wording(clean_line(wording.title), clean_text(wording.text), clean_text(wording.why))
    limits = {"title": rules.title_most, "text": rules.text_most, "why": rules.text_most}
    for name, most in limits.items():
        said, pointer = getattr(clean, name), f"/{name}_{ending}"
        findings.check(bool(said), pointer, "required", N_("Please write something."))
        findings.check(len(said) <= most, pointer, "too_long", N_("At most %(most)d characters."), most=most)
    return clean


def check_days(days: int, least: int, most: int) -> timedelta:
    """Check for how many days something shall last.

    Raises:
        Invalid
    """
    findings = Findings()
    said = N_("Between %(least)d and %(most)d days, please.")
    findings.check(least <= days <= most, "/days", "range", said, least=least, most=most)
    findings.raise_any()
    return timedelta(days=days)
