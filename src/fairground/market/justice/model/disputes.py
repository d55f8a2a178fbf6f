"""Disputes as values: their states, what a side may say, what a decision says, and the rules with their numbers."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.ids import Id
from fairground.kit.safe_text import clean_text
from fairground.market.media.model import MediaId

RULE_KEY: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


class DisputeId(Id):
    """The id of a dispute; lives in its order's bucket."""


class DisputeState(StrEnum):
    """Where a dispute stands."""

    EVIDENCE = "evidence"  # both sides speak, in one round or two
    DECIDING = "deciding"  # waits for the staff
    JURY = "jury"  # waits for jurors whom both sides chose
    DECIDED = "decided"  # a ruling stands, and may be appealed against
    APPEALED = "appealed"  # waits for somebody else of the staff
    FINAL = "final"


OPEN: Final = frozenset(DisputeState) - {DisputeState.FINAL}
WAITS_FOR_STAFF: Final = frozenset({DisputeState.DECIDING, DisputeState.APPEALED})
TRANSITIONS: Final = {
    DisputeState.EVIDENCE: frozenset({DisputeState.DECIDING, DisputeState.JURY, DisputeState.FINAL}),
    DisputeState.DECIDING: frozenset({DisputeState.DECIDED, DisputeState.FINAL}),
    DisputeState.JURY: frozenset({DisputeState.DECIDED, DisputeState.DECIDING, DisputeState.FINAL}),
    DisputeState.DECIDED: frozenset({DisputeState.APPEALED, DisputeState.FINAL}),
    DisputeState.APPEALED: frozenset({DisputeState.FINAL}),
    DisputeState.FINAL: frozenset(),
}


class Side(StrEnum):
    """Who speaks."""

    BUYER = "buyer"
    SHOP = "shop"

    @property
    def other(self) -> "Side":
        """The side across the table."""
        return Side.SHOP if self is Side.BUYER else Side.BUYER


class Decider(StrEnum):
    """Who decided."""

    STAFF = "staff"
    JURY = "jury"
    SILENCE = "silence"  # nobody did in time, and the market pays


class Outcome(StrEnum):
    """How a dispute ended."""

    FULL = "full"  # the buyer gets what was claimed
    PART = "part"
    NONE = "none"
    MARKET_PAID = "market_paid"  # the staff was silent, and the market paid out of its own pocket
    SETTLED = "settled"  # the two agreed meanwhile
    WITHDRAWN = "withdrawn"


class DisputeRules(msgspec.Struct, frozen=True):
    """The market's rules about disputes."""

    round_hours: int = 48  # of each side, at the same time
    rounds_most: int = 2
    statements_most: int = 5  # of one side in one round
    words_most: int = 4000
    pictures_most: int = 9
    reasons_least: int = 20  # characters: a ruling without reasons is none
    staff_days: int = 3  # then a supervisor
    supervisor_days: int = 3  # then the buyer is refunded from the market's own account
    jury_hours: int = 72  # drawing and voting; then the staff decides
    appeal_hours: int = 72
    ruling_days: int = 30  # after escalation, at most

    @property
    def first_ruling_within(self) -> timedelta:
        """The longest way from escalation to a first ruling, all silences included."""
        hours = self.round_hours * self.rounds_most + self.jury_hours
        return timedelta(hours=hours, days=self.staff_days + self.supervisor_days)

    @property
    def ends_within(self) -> timedelta:
        """The longest way from escalation to the end, appeal included."""
        return (
            self.first_ruling_within
            + timedelta(hours=self.appeal_hours)
            + timedelta(days=self.staff_days + self.supervisor_days)
        )


class Escalation(msgspec.Struct, frozen=True):
    """What a dispute is about, as the case stood when it was escalated. `claimed` in minor units of `currency`."""

    case_id: Id
    order_id: Id
    buyer_id: Id
    shop_id: Id
    kind: str
    claimed: int
    currency: str


class Dispute(msgspec.Struct, frozen=True):
    """A dispute. `refund` (minor units) and `to_return` are what the last ruling says."""

    id: DisputeId
    case_id: Id
    order_id: Id
    buyer_id: Id
    shop_id: Id
    kind: str
    claimed: int
    currency: str
    state: DisputeState
    round: int
    round_ends_at: datetime
    buyer_done: bool
    shop_done: bool
    buyer_wants_jury: bool
    shop_wants_jury: bool
    is_senior: bool
    staff_by: datetime | None
    opened_at: datetime
    rule_by: datetime
    decided_at: datetime | None
    appeal_by: datetime | None
    appealed_by: Side | None
    appealed_at: datetime | None
    appeal_words: str
    refund: int
    to_return: bool
    outcome: Outcome | None
    final_at: datetime | None
    version: int

    def is_done(self, side: Side) -> bool:
        """Tell whether a side has nothing more to say."""
        return self.buyer_done if side is Side.BUYER else self.shop_done

    def wants_jury(self, side: Side) -> bool:
        """Tell whether a side chose the jury."""
        return self.buyer_wants_jury if side is Side.BUYER else self.shop_wants_jury

    @property
    def goes_to_jury(self) -> bool:
        """Tell whether both sides chose the jury."""
        return self.buyer_wants_jury and self.shop_wants_jury

    @property
    def deciding_stage(self) -> int:
        """1 for the first ruling, 2 for the one after an appeal."""
        return 2 if self.appealed_at is not None else 1


class StatementDraft(msgspec.Struct, frozen=True):
    """What a side says; `is_done`: and it has nothing more to say."""

    words: str
    pictures: tuple[MediaId, ...] = ()
    is_done: bool = False


class Statement(msgspec.Struct, frozen=True):
    """What a side said, and shows."""

    number: int
    side: Side
    person_id: Id
    round: int
    words: str
    pictures: tuple[MediaId, ...]
    at: datetime


class Decision(msgspec.Struct, frozen=True):
    """What somebody decides: what the buyer gets back (minor units), by which rule, and why."""

    refund: int
    rule_key: str
    reasons: str
    to_return: bool = False


class Ruling(msgspec.Struct, frozen=True):
    """A decision that was made. `stage` 1, or 2 after an appeal; `decided_by` is None for a jury and for silence."""

    stage: int
    decider: Decider
    decided_by: Id | None
    refund: int
    to_return: bool
    rule_key: str
    reasons: str
    at: datetime


class DisputeInFull(msgspec.Struct, frozen=True):
    """A dispute with what was said and ruled, the earliest first."""

    dispute: Dispute
    statements: tuple[Statement, ...]
    rulings: tuple[Ruling, ...]


class DisputeFault(msgspec.Struct, frozen=True):
    """A broken promise found by the audit."""

    check: str
    where: str
    expected: str
    found: str


def check_statement(draft: StatementDraft, rules: DisputeRules) -> StatementDraft:
    """Give a statement with its words clean.

    Raises:
        Invalid: nothing said, too much said, too many pictures.
    """
    findings, words = Findings(), clean_text(draft.words)
    findings.check(bool(words), "/words", "required", N_("Please say what happened."))
    most = rules.words_most
    findings.check(len(words) <= most, "/words", "too_long", N_("At most %(most)d characters."), most=most)
    few = len(draft.pictures) <= rules.pictures_most
    findings.check(few, "/pictures", "too_many", N_("At most %(most)d pictures."), most=rules.pictures_most)
    findings.raise_any()
    return msgspec.structs.replace(draft, words=words, pictures=tuple(dict.fromkeys(draft.pictures)))


def check_decision(decision: Decision, claimed: int, rules: DisputeRules) -> Decision:
    """Give a decision with its words clean.

    Raises:
        Invalid: more than was claimed, no reasons, no rule, a return of goods without money for them.
    """
    findings, reasons, rule_key = Findings(), clean_text(decision.reasons), decision.rule_key.strip().lower()
    findings.check(
        0 <= decision.refund <= claimed, "/refund", "range", N_("Between nothing and what was claimed, please.")
    )
    findings.check(
        not decision.to_return or decision.refund > 0,
        "/to_return",
        "no_refund",
        N_("Who sends something back gets money for it."),
    )
    least, most = rules.reasons_least, rules.words_most
    findings.check(
        len(reasons) >= least,
        "/reasons",
        "too_short",
        N_("Please give reasons, at least %(least)d signs."),
        least=least,
    )
    findings.check(len(reasons) <= most, "/reasons", "too_long", N_("At most %(most)d characters."), most=most)
    findings.check(
        RULE_KEY.fullmatch(rule_key) is not None, "/rule", "required", N_("Please name the rule the ruling rests on.")
    )
    findings.raise_any()
    return msgspec.structs.replace(decision, reasons=reasons, rule_key=rule_key)


def outcome_of(refund: int, claimed: int) -> Outcome:
    """Tell what a ruling means for the buyer."""
    if refund == 0:
        return Outcome.NONE
    return Outcome.FULL if refund == claimed else Outcome.PART
