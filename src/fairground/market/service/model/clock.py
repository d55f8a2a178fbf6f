"""The service clock: how quickly a shop answers, by rounds of question and answer.

A round is a first question of a person to the first answer of the house; further words of either side before and
after belong to it. Counted are rounds whose question came between 08 and 24 h of the shop's time in the last 30 days.
3-minute rate = rounds answered within 3 minutes / rounds; reply time = Σ min(wait, 10 minutes) / rounds
(design notes, market rules, "Service clock"). One that nobody answered counts with the longest wait, once that is over.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo

import msgspec

from fairground.market.service.model.chat import Side


class ClockRules(msgspec.Struct, frozen=True):
    """The numbers of the service clock."""

    quick_seconds: int = 180
    longest_seconds: int = 600  # what a round counts at most
    days: int = 30
    from_hour: int = 8  # of the shop's own time
    until_hour: int = 24
    messages_most: int = 100_000  # of one shop that are read


class Said(msgspec.Struct, frozen=True):
    """Who said something and when; all that the clock has to know."""

    side: Side
    at: datetime


class Round(msgspec.Struct, frozen=True):
    """A question, and when it was answered; None while it was not."""

    asked_at: datetime
    answered_at: datetime | None = None

    def seconds(self, longest: int) -> float:
        """How long the person waited, as far as it counts."""
        if self.answered_at is None:
            return longest
        return min(longest, (self.answered_at - self.asked_at).total_seconds())


class ClockFigures(msgspec.Struct, frozen=True):
    """What the clock shows: rounds, how many were quick, the mean wait in whole seconds."""

    rounds: int = 0
    quick: int = 0
    seconds: int = 0


def rounds_in(said: Iterable[Said]) -> list[Round]:
    """Cut one conversation, in its order, into rounds."""
    rounds: list[Round] = []
    asked: datetime | None = None
    for one in said:
        if one.side is Side.PERSON:
            asked = asked or one.at
        elif asked is not None:
            rounds.append(Round(asked, one.at))
            asked = None
    return rounds if asked is None else [*rounds, Round(asked)]


def measure(rounds: Sequence[Round], zone: tzinfo, rules: ClockRules, now: datetime) -> ClockFigures:
    """Tell what the clock of a shop shows now."""
    counted = [r for r in rounds if _counts(r, zone, rules, now)]
    if not counted:
        return ClockFigures()
    waits = [r.seconds(rules.longest_seconds) for r in counted]
    quick = sum(
        r.answered_at is not None and wait <= rules.quick_seconds for r, wait in zip(counted, waits, strict=True)
    )
    return ClockFigures(len(counted), quick, round(sum(waits) / len(counted)))


def _counts(one: Round, zone: tzinfo, rules: ClockRules, now: datetime) -> bool:
    if not now - timedelta(days=rules.days) < one.asked_at <= now:
        return False
    if not rules.from_hour <= one.asked_at.astimezone(zone).hour < rules.until_hour:
        return False
    return one.answered_at is not None or now >= one.asked_at + timedelta(seconds=rules.longest_seconds)
