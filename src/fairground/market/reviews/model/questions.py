"""Questions about products as values, and what their texts may say."""

import random
import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.ids import Id
from fairground.market.reviews.model.reviews import Review, ReviewRules, Spread, check_words

_CONTACT: Final = re.compile(
    r"[\w.+-]+@[\w-]+\.\w|(?:\d[ -]?){7,}\d|(?:微信|wechat|whatsapp|telegram)\W{0,3}\w{5,}", re.IGNORECASE
)


class QuestionId(Id):
    """The id of a question; lives in its shop's bucket."""


class AnswerId(Id):
    """The id of an answer; lives in its question's bucket."""


class AnswerSide(StrEnum):
    """Who answers."""

    SHOP = "shop"
    BUYER = "buyer"


class Answer(msgspec.Struct, frozen=True):
    """An answer as everybody may read it; the shop's has no name."""

    side: AnswerSide
    shown_name: str
    language: str
    words: str
    written_at: datetime


class Question(msgspec.Struct, frozen=True):
    """A question as everybody may read it, with its first answers: the shop's in front."""

    id: QuestionId
    product_id: Id
    shop_id: Id
    asker_id: Id
    shown_name: str
    language: str
    words: str
    asked_at: datetime
    shop_answered_at: datetime | None
    answers: tuple[Answer, ...] = ()


class Glance(msgspec.Struct, frozen=True):
    """What a product page shows of its reviews and questions."""

    spread: Spread
    reviews: list[Review]
    questions: list[Question]


def check_public_words(findings: Findings, text: str, rules: ReviewRules) -> str:
    """Note a text that is missing, too long, or gives away how somebody is reached; gives it clean."""
    text = check_words(findings, text, "/words", rules.question_words_most, required=True)
    open_ = _CONTACT.search(text) is None
    findings.check(open_, "/words", "contact", N_("Everybody reads this: please leave out numbers and addresses."))
    return text


def draw_people(people: Sequence[Id], most: int, seed: int) -> list[Id]:
    """Draw some people by lot; the same seed draws the same ones again."""
    # Not a secret: whoever knows the seed gains nothing, and a deed that is run again asks nobody else.
    return sorted(random.Random(seed).sample(sorted(people), min(most, len(people))))  # noqa: S311
