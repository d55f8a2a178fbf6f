"""Precedents as values: what was decided, without the persons it was about."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.i18n.words import Language
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.safe_text import clean_line, clean_text
from fairground.market.justice.model.disputes import RULE_KEY
from fairground.market.justice.model.redaction import looks_personal

TITLE_MOST: Final = 120
TEXT_MOST: Final = 12_000


class PrecedentId(Id):
    """The id of a precedent."""


class PrecedentState(StrEnum):
    """Whether somebody has looked, and what they found."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHHELD = "withheld"


class Source(StrEnum):
    """What a precedent came from."""

    CASE = "case"  # the two sides ended it themselves
    DISPUTE = "dispute"


class PrecedentTexts(msgspec.Struct, frozen=True):
    """The words of a precedent: what it is about, what both sides said, why it was decided so, by which rule."""

    title: str
    story: str
    reasons: str
    rule_key: str


class Precedent(msgspec.Struct, frozen=True):
    """A precedent; `claimed` and `refund` are what was asked for and what was given back."""

    id: PrecedentId
    source: Source
    source_id: Id
    kind: str
    state: PrecedentState
    outcome: str
    decider: str
    language: Language
    texts: PrecedentTexts
    claimed: Money
    refund: Money
    happened_on: date
    made_at: datetime
    checked_at: datetime | None
    withheld_because: str


def check_texts(texts: PrecedentTexts, language: Language) -> PrecedentTexts:
    """Give texts that may be published, clean.

    Raises:
        Invalid: something is missing or too long, or still looks like a person's: a number, an address, an account.
    """
    findings = Findings()
    rule_key = texts.rule_key.strip().lower()
    clean = PrecedentTexts(clean_line(texts.title), clean_text(texts.story), clean_text(texts.reasons), rule_key)
    for name, most in (("title", TITLE_MOST), ("story", TEXT_MOST), ("reasons", TEXT_MOST)):
        text = getattr(clean, name)
        findings.check(bool(text) or name == "story", f"/{name}", "required", N_("This is needed."))
        findings.check(len(text) <= most, f"/{name}", "too_long", N_("At most %(most)d characters."), most=most)
        findings.check(
            not looks_personal(text, language),
            f"/{name}",
            "personal",
            N_("Something here still looks like a name, a number or an address. Please say it in other words."),
        )
    findings.check(
        not rule_key or RULE_KEY.fullmatch(rule_key) is not None, "/rule", "unknown", N_("There is no such rule.")
    )
    findings.raise_any()
    return clean
