"""Juries: their numbers, how seats are drawn so that it can be checked, when a case is decided."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.ids import Id
from fairground.kit.money import Money, digits
from fairground.kit.safe_text import clean_text
from fairground.market.justice.model.disputes import DisputeId


class JuryRules(msgspec.Struct, frozen=True):
    """The numbers of juries."""

    seats: int = 17
    seats_above: int = 31
    above_units: int = 1000  # of the currency: from this worth on the bigger jury sits
    verified_days: int = 90
    practice_cases: int = 5
    right_percent: int = 80  # of the known cases
    known_last: int = 10  # so many known cases count, the latest
    rest_days: int = 30
    open_hours: int = 48
    reason_least: int = 10  # characters
    reason_most: int = 1000

    def seats_for(self, worth: Money) -> int:
        """Tell how many sit where so much is at stake."""
        is_big = worth.amount >= self.above_units * int(10 ** digits(worth.currency))
        return self.seats_above if is_big else self.seats


class Verdict(StrEnum):
    """Whose claim is right: the buyer gets what was claimed, or the shop gives nothing."""

    BUYER = "buyer"
    SHOP = "shop"


class JuryState(StrEnum):
    """Where a jury stands; a failed one leaves its case to the staff."""

    OPEN = "open"
    DECIDED = "decided"
    FAILED = "failed"


class JurorStanding(StrEnum):
    """Where a juror stands."""

    PRACTISING = "practising"
    READY = "ready"
    RESTING = "resting"
    LEFT = "left"


class Juror(msgspec.Struct, frozen=True):
    """Somebody who wants to sit on juries."""

    person_id: Id
    attempt: int
    is_ready: bool
    rests_until: datetime | None
    joined_at: datetime
    left_at: datetime | None

    def standing(self, now: datetime) -> JurorStanding:
        """Tell where the juror stands; who has rested practises anew."""
        if self.left_at is not None:
            return JurorStanding.LEFT
        if self.is_ready:
            return JurorStanding.READY
        resting = self.rests_until is not None and now < self.rests_until
        return JurorStanding.RESTING if resting else JurorStanding.PRACTISING


class Said(msgspec.Struct, frozen=True):
    """What a side said, without persons; `pictures` only counts them: a picture may show a person."""

    side: str
    round: int
    words: str
    pictures: int


class CaseFile(msgspec.Struct, frozen=True):
    """What jurors see of a case: nobody's name, the goods by their category alone."""

    kind: str
    goods: str
    claimed: Money
    language: str
    said: tuple[Said, ...]


class Jury(msgspec.Struct, frozen=True):
    """The jury of a dispute."""

    dispute_id: DisputeId
    file: CaseFile
    seats: int
    state: JuryState
    for_buyer: int
    for_shop: int
    opened_at: datetime
    closes_at: datetime
    ended_at: datetime | None


class Seat(msgspec.Struct, frozen=True):
    """A seat and how it voted."""

    juror_id: Id
    verdict: Verdict | None
    reason: str
    voted_at: datetime | None


class Draw(msgspec.Struct, frozen=True):
    """How the seats were drawn, for checking it: `passed_over` is (person, why)."""

    seed: str
    pool: tuple[int, ...]
    drawn: tuple[int, ...]
    passed_over: tuple[tuple[int, str], ...]


class WhyNot(StrEnum):
    """Why somebody who was drawn cannot sit."""

    GONE = "gone"
    STAFF = "staff"
    UNVERIFIED = "unverified"
    PARTY = "party"
    DEALINGS = "dealings"
    SELLS_THE_SAME = "sells_the_same"


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of somebody who was drawn, about one dispute."""

    person_id: Id
    is_here: bool = True  # neither left nor kept out by the desk
    is_staff: bool = False
    verified_since: datetime | None  # e-mail confirmed and an order received: the later of the two
    is_party: bool = False  # the buyer, or who works in the shop
    has_dealings: bool = False  # bought in the shop, or sold to the buyer
    sells_the_same: bool = False  # a shop of theirs sells goods of the category


def rank(seed: str, pool: Iterable[int]) -> list[int]:
    """Put people into the order in which they are drawn: by SHA-256 of "seed:id". Anybody can do it again."""
    return sorted(pool, key=lambda i: (hashlib.sha256(f"{seed}:{int(i)}".encode()).digest(), int(i)))


def check_draw(draw: Draw) -> bool:
    """Tell whether a draw is what its seed says: nobody before the last drawn left out, but with a reason."""
    walked = len(draw.drawn) + len(draw.passed_over)
    order, passed = rank(draw.seed, draw.pool)[:walked], {person for person, _ in draw.passed_over}
    return [i for i in order if i not in passed] == list(draw.drawn) and passed <= set(order)


def most_of(seats: int) -> int:
    """Tell how many votes are most of the seats."""
    return seats // 2 + 1


def decided(for_buyer: int, for_shop: int, seats: int) -> Verdict | None:
    """Tell what a jury has decided, as soon as nobody who has not voted can change it."""
    if for_buyer >= most_of(seats):
        return Verdict.BUYER
    return Verdict.SHOP if for_shop >= most_of(seats) else None


def is_good_enough(answers: Sequence[bool], rules: JuryRules) -> bool:
    """Tell whether the latest answers (the newest first) are right often enough."""
    latest = answers[: rules.known_last]
    return sum(latest) * 100 >= rules.right_percent * len(latest)


def check_vote(reason: str, rules: JuryRules) -> str:
    """Check the reason of a vote and give it clean.

    Raises:
        Invalid
    """
    findings, reason = Findings(), clean_text(reason)
    least, most = rules.reason_least, rules.reason_most
    findings.check(
        len(reason) >= least, "/reason", "too_short", N_("Please give a reason, at least %(least)d signs."), least=least
    )
    findings.check(len(reason) <= most, "/reason", "too_long", N_("At most %(most)d characters."), most=most)
    findings.raise_any()
    return reason
