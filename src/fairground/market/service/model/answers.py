"""What the attendant knows and how it finds it: passages, terms of a text, how well a passage fits a question.

The fit is BM25 (Robertson and Zaragoza 2009, k1 = 1.2, b = 0.5) over the market's own words: Chinese by dictionary
and neighbouring pairs, Latin by stems, both in one. What decides whether a passage is shown is its share: how much of
the question's weight stands in it. Below the least share nothing is shown: the attendant does not guess.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from math import log, sqrt
from typing import Final

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.ids import Id
from fairground.kit.safe_text import clean_text
from fairground.kit.text_index.words import index_words, query_words, stem

K1: Final = 1.2
B: Final = 0.5
# Of the weight of a rare word, for one that stands nowhere; less for Chinese, which a dictionary cuts now so, now so.
UNKNOWN: Final = 0.9
UNKNOWN_CJK: Final = 0.5
PAIRS: Final = 0.5  # what the neighbouring pairs of a Chinese word count where the word itself is not there
# Words of questions that say nothing of what is asked.
_SAYS_NOTHING: Final = """
    a about am an and any are as at be been but by can could did do doe does for from get had has have how i if in is
    it its me my no not of on one or our please shall should so some that the their them then there thi this to us
    was we were what when where which who whi why will with would you your hello hi want know tell
    may might must need take
    的 了 吗 呢 啊 吧 我 我们 您 \u4f60 他 她 它 是 在 里 有 和 与 就 都 也 要 想 请 请问 什么 怎么 怎样
    如何 哪里 哪儿 哪个 多少 几 多久 可以 能 能不能 可不可以 会 不 没 没有 这 那 这个 那个 一个 知道 告诉 您好 放 放进
"""
STOP: Final = frozenset(_SAYS_NOTHING.split())


class AnswerId(Id):
    """The id of a shop's question with its answer; lives in the shop's bucket."""


class QuestionId(Id):
    """The id of a question that nobody has answered yet; lives in the shop's bucket."""


class AttendantRules(msgspec.Struct, frozen=True):
    """The numbers of the attendant."""

    least_share_percent: int = 55  # of a question's weight that a passage must hold to be shown
    shown_most: int = 3
    question_most: int = 300
    answer_most: int = 2000
    answers_most: int = 500  # of one shop
    questions_a_day: int = 10  # that one person may leave with a shop
    questions_open_most: int = 500  # of one shop
    question_days: int = 90  # an unanswered one is kept


class Source(StrEnum):
    """Where a passage comes from."""

    ORDER = "order"
    SHOP = "shop"
    RULE = "rule"


class Passage(msgspec.Struct, frozen=True):
    """Something that may be quoted, and where it stands."""

    source: Source
    title: str
    text: str
    href: str


class Fit(msgspec.Struct, frozen=True):
    """How well a passage fits: the share of the question it holds, and its BM25 score."""

    share: float
    score: float


class Quote(msgspec.Struct, frozen=True):
    """What a language model chose: words that stand in a passage, told by its place in the list."""

    passage: int
    words: str


class ShopAnswer(msgspec.Struct, frozen=True):
    """A question of a shop with its answer."""

    id: AnswerId
    shop_id: Id
    product_id: Id | None
    question: str
    answer: str
    changed_at: datetime
    version: int


class ShopQuestion(msgspec.Struct, frozen=True):
    """A question that waits for its shop."""

    id: QuestionId
    shop_id: Id
    product_id: Id | None
    person_id: Id
    question: str
    asked_at: datetime


class Term(msgspec.Struct, frozen=True):
    """A word of a question with the pieces it may be found by instead."""

    text: str
    pieces: tuple[str, ...] = ()


def question_terms(text: str) -> list[Term]:
    """Cut a question into what is to be found; nothing where it says nothing."""
    terms: dict[str, Term] = {}
    for word in query_words(text):
        key = word.text if word.cjk else stem(word.text)
        if word.text in STOP or key in STOP:
            continue
        pieces = tuple(p for p in word.parts if p != word.text) if word.cjk and len(word.text) > 1 else ()
        terms[key] = Term(key, pieces)
    return list(terms.values())


@lru_cache(maxsize=4096)
def text_terms(text: str) -> tuple[str, ...]:
    """Cut a text into what it is found by."""
    words, besides = index_words(text, characters=True)
    return tuple(dict.fromkeys([*words, *besides]))


def fit_all(question: str, texts: Sequence[str]) -> list[Fit]:
    """Tell how well each of some texts fits a question."""
    terms, documents = question_terms(question), [frozenset(text_terms(text)) for text in texts]
    if not terms or not documents:
        return [Fit(0.0, 0.0)] * len(documents)
    known = Counter(name for document in documents for name in document)
    mean = sum(len(document) for document in documents) / len(documents)
    weights = {term: _weight(term, known, len(documents)) for term in terms}
    total = sum(weights.values())
    return [_fit(document, weights, total, mean) for document in documents]


def _weight(term: Term, known: Mapping[str, int], n: int) -> float:
    # A word that stands nowhere weighs nearly as much as one that stands once: it was asked for, and is not known.
    found = max([known[term.text], *(known[piece] for piece in term.pieces)])
    weight = log(1 + (n - max(found, 1) + 0.5) / (max(found, 1) + 0.5))
    if found:
        return weight
    return weight * (UNKNOWN if term.text.isascii() else UNKNOWN_CJK)


def _fit(document: frozenset[str], weights: Mapping[Term, float], total: float, mean: float) -> Fit:
    held = score = 0.0
    length = 1 - B + B * len(document) / mean
    for term, weight in weights.items():
        there = 1.0 if term.text in document else _pieces_there(term, document)
        held += weight * there
        score += weight * there * (K1 + 1) / (1 + K1 * length)
    return Fit(held / total, score)


def _pieces_there(term: Term, document: frozenset[str]) -> float:
    if not term.pieces:
        return 0.0
    return PAIRS * sum(piece in document for piece in term.pieces) / len(term.pieces)


def choose_passages(question: str, passages: Sequence[Passage], rules: AttendantRules) -> list[Passage]:
    """Choose the passages that fit, the best first; none where nothing fits well enough."""
    fits = fit_all(question, [f"{passage.title}\n{passage.text}" for passage in passages])
    good = [
        (fit, place) for place, fit in enumerate(fits) if fit.share > 0 and 100 * fit.share >= rules.least_share_percent
    ]
    good.sort(key=lambda found: (-found[0].share, -found[0].score, found[1]))
    return [passages[place] for _, place in good[: rules.shown_most]]


def keep_quotes(quotes: Iterable[Quote], passages: Sequence[Passage]) -> list[Quote]:
    """Keep what really stands in the passage it names, in its own words but for spaces; anything else was made up."""
    kept = []
    for quote in quotes:
        words = " ".join(quote.words.split())
        if 0 <= quote.passage < len(passages) and words and words in " ".join(passages[quote.passage].text.split()):
            kept.append(Quote(quote.passage, words))
    return kept


def nearness(one: Sequence[float], other: Sequence[float]) -> float:
    """Give the cosine of two vectors; 0 where one says nothing."""
    size = sqrt(sum(x * x for x in one)) * sqrt(sum(x * x for x in other))
    return sum(x * y for x, y in zip(one, other, strict=True)) / size if size else 0.0


def check_question(text: str, rules: AttendantRules) -> str:
    """Give a question clean.

    Raises:
        Invalid
    """
    findings = Findings()
    text = _check(findings, text, "/question", rules.question_most)
    findings.raise_any()
    return text


def check_answer(question: str, answer: str, rules: AttendantRules) -> tuple[str, str]:
    """Give a question and its answer clean.

    Raises:
        Invalid
    """
    findings = Findings()
    question = _check(findings, question, "/question", rules.question_most)
    answer = _check(findings, answer, "/answer", rules.answer_most)
    findings.raise_any()
    return question, answer


def _check(findings: Findings, text: str, pointer: str, most: int) -> str:
    text = clean_text(text)
    findings.check(bool(text), pointer, "required", N_("Please write something."))
    findings.check(len(text) <= most, pointer, "too_long", N_("At most %(most)d characters."), most=most)
    return text
