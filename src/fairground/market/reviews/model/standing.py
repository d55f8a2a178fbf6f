"""How well shops and buyers stand: good and bad reviews make points, points make one of twenty levels."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime
from enum import IntEnum, StrEnum

import msgspec

from fairground.kit.ids import Id
from fairground.market.reviews.model.reviews import ReviewRules


class Verdict(IntEnum):
    """What a review comes to on the ladder, and what a shop says of a buyer."""

    GOOD = 1
    NEUTRAL = 0
    BAD = -1


class Whose(StrEnum):
    """Who stands on the ladder."""

    SHOP = "shop"
    BUYER = "buyer"


class Standing(msgspec.Struct, frozen=True):
    """How many reviews of each kind count."""

    good: int = 0
    neutral: int = 0
    bad: int = 0

    @property
    def points(self) -> int:
        """Good ones less bad ones."""
        return self.good - self.bad

    @property
    def n(self) -> int:
        """All of them."""
        return self.good + self.neutral + self.bad


class ScorePoint(msgspec.Struct, frozen=True):
    """A shop's scores as they stood on a day, in hundredths of a star."""

    day: date
    described: int
    service: int
    shipping: int
    n: int
    points: int

    @property
    def mean(self) -> float:
        """All three in one, in stars."""
        return (self.described + self.service + self.shipping) / 300


class BuyerRating(msgspec.Struct, frozen=True):
    """What a shop says of the buyer of an order."""

    order_id: Id
    shop_id: Id
    buyer_id: Id
    verdict: Verdict
    words: str
    rated_at: datetime
    visible_at: datetime


class ToRate(msgspec.Struct, frozen=True):
    """A received order whose shop may still say something of its buyer."""

    order_id: Id
    buyer_id: Id
    ends_at: datetime
    buyer_wrote: bool


def verdict_of(stars: int, rules: ReviewRules) -> Verdict:
    """Tell what so many stars come to."""
    if stars >= rules.good_stars:
        return Verdict.GOOD
    return Verdict.BAD if stars <= rules.bad_most_stars else Verdict.NEUTRAL


def level_of(points: int, ladder: Sequence[int]) -> int:
    """Tell the level of so many points: 0 below the first step, then one for each step reached."""
    return bisect_right(ladder, points)
