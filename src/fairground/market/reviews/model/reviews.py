"""Reviews as values, their rules, and how scores are made of them."""

import unicodedata
from datetime import datetime, timedelta
from typing import Final

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.ids import Id
from fairground.kit.safe_text import clean_text
from fairground.market.media.model import MediaId

STARS: Final = range(1, 6)
HIDDEN: Final = "***"


class ReviewId(Id):
    """The id of a review; lives in its shop's bucket."""


class ReviewRules(msgspec.Struct, frozen=True):
    """The market's rules about reviews."""

    window_days: int = 15  # after receipt
    change_days: int = 30  # after writing; once
    change_most_stars: int = 3  # a good review stays as it is, so that nobody can be pressed into taking it back
    follow_up_days: int = 180  # after writing; once
    answer_edit_hours: int = 48  # after the answer
    words_most: int = 2000
    pictures_most: int = 6
    score_days: int = 183  # six months
    scores_a_month: int = 3  # of one buyer for one shop that count
    score_weight: int = 10  # so many buyers of its category's mean are added to a shop's own
    history_days: int = 366  # of daily scores that are kept
    good_stars: int = 4  # so many and more: +1 on the ladder
    bad_most_stars: int = 2  # so many and fewer: -1
    rating_words_most: int = 500  # of a shop about a buyer
    question_words_most: int = 500  # and of an answer
    questions_a_day: int = 5  # of one person
    asked_people: int = 5  # who have the thing, for one question
    asked_lately: int = 3  # questions within `asked_days` that one person is bothered with, at most
    asked_days: int = 30
    asked_from: int = 200  # people are drawn from so many who received it last
    flag_days: int = 90  # of reviews that the statistics look at
    flag_reviews_most: int = 20_000  # the newest of them
    flag_size_most: int = 50  # reviews that one flag shows
    duplicate_signs: int = 24  # shorter texts resemble each other by chance
    duplicate_percent: int = 80  # so much alike two texts are duplicates
    ring_people: int = 3  # and more that praise the same shops
    ring_shops: int = 3  # and more that two of them share
    ring_shop_most: int = 50  # a shop that more people praise tells nothing of two of them
    ring_surprise: int = 4  # so many zeros after the point has the chance that two share these shops by accident
    burst_days: int = 7
    burst_least: int = 10  # reviews in those days
    burst_times: int = 3  # as many as in the days before
    burst_deviations: int = 3  # by so many standard deviations more of them are good
    ladder: tuple[int, ...] = (
        4, 11, 41, 91, 151, 251, 501, 1_001, 2_001, 5_001, 10_001, 20_001, 50_001, 100_001, 200_001,
        500_001, 1_000_001, 2_000_001, 5_000_001, 10_000_001,
    )  # fmt: skip


class ReviewDraft(msgspec.Struct, frozen=True):
    """What a buyer says of one line of an order; `position` is None for every line not reviewed yet."""

    stars: int
    words: str = ""
    pictures: tuple[MediaId, ...] = ()
    position: int | None = None


class Scores(msgspec.Struct, frozen=True):
    """What a buyer gives a shop with an order, 1…5 each."""

    described: int
    service: int
    shipping: int


class Review(msgspec.Struct, frozen=True):
    """A review as everybody may read it; texts are plain. `options` is what was bought, by the option's name.

    Nobody but its buyer reads it before `visible_at`. Of one that the market took away the reason is left.
    """

    id: ReviewId
    shop_id: Id
    product_id: Id
    order_id: Id
    position: int
    buyer_id: Id
    title: str
    options: dict[str, str]
    shown_name: str
    language: str
    stars: int
    words: str
    pictures: tuple[MediaId, ...]
    written_at: datetime
    changed_at: datetime | None
    more_words: str
    more_pictures: tuple[MediaId, ...]
    more_at: datetime | None
    answer: str
    answered_at: datetime | None
    version: int
    visible_at: datetime
    helpful: int = 0
    removed_at: datetime | None = None
    removed_why: str = ""

    @property
    def bought(self) -> str:
        """The chosen options in one line."""
        return " ".join(self.options.values())


class Spread(msgspec.Struct, frozen=True):
    """How many reviews of a product gave how many stars, from one to five."""

    counts: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    with_pictures: int = 0

    @property
    def total(self) -> int:
        """How many reviews there are."""
        return sum(self.counts)

    @property
    def sum(self) -> int:
        """All stars together."""
        return sum(stars * n for stars, n in zip(STARS, self.counts, strict=True))

    @property
    def average(self) -> float | None:
        """The mean, for showing; None without reviews."""
        return self.sum / self.total if self.total else None


class Invitation(msgspec.Struct, frozen=True):
    """A received order with lines still to review."""

    order_id: Id
    shop_id: Id
    lines: int
    until: datetime


class ReviewFault(msgspec.Struct, frozen=True):
    """A broken promise found by the audit."""

    check: str
    where: str
    expected: str
    found: str


def may_review(received_at: datetime, rules: ReviewRules, now: datetime) -> bool:
    """Tell whether an order that was received then may still be reviewed."""
    return now < received_at + timedelta(days=rules.window_days)


def may_change(review: Review, rules: ReviewRules, now: datetime) -> bool:
    """Tell whether the buyer may still change a review: once, a neutral or bad one, within the time."""
    in_time = now < review.written_at + timedelta(days=rules.change_days)
    fits = review.changed_at is None and review.removed_at is None and review.stars <= rules.change_most_stars
    return fits and in_time


def may_follow_up(review: Review, rules: ReviewRules, now: datetime) -> bool:
    """Tell whether the buyer may still add something: once, within the time."""
    open_ = review.more_at is None and review.removed_at is None
    return open_ and now < review.written_at + timedelta(days=rules.follow_up_days)


def may_answer_now(review: Review, rules: ReviewRules, now: datetime) -> bool:
    """Tell whether the shop may answer, or still change its answer."""
    return review.answered_at is None or now < review.answered_at + timedelta(hours=rules.answer_edit_hours)


def shorten_name(name: str) -> str:
    """Show of a name only its first sign: "小***"."""
    name = name.strip()
    if not name:
        return ""
    end = 1
    while end < len(name) and unicodedata.combining(name[end]):
        end += 1
    return name[:end].upper() + HIDDEN


def check_words(findings: Findings, text: str, pointer: str, most: int, *, required: bool = False) -> str:
    """Note a text that is missing or too long; gives it clean."""
    text = clean_text(text)
    if required:
        findings.check(bool(text), pointer, "required", N_("Please write something."))
    findings.check(len(text) <= most, pointer, "too_long", N_("At most %(most)d characters."), most=most)
    return text


def check_stars(findings: Findings, stars: int, pointer: str) -> None:
    """Note stars that are none."""
    findings.check(stars in STARS, pointer, "range", N_("Between 1 and 5 stars, please."))


def mean_score(total: int, n: int, around: int | None, weight: int) -> int:
    """Give a shop's score in hundredths of a star, drawn towards its category's while few buyers stand behind it.

    (total + weight × around) / (n + weight), the Bayesian average; without a mean around it the plain one.
    """
    assert n > 0, "a score needs somebody who gave it"
    weight = 0 if around is None else weight
    return round((100 * total + weight * (around or 0)) / (n + weight))
