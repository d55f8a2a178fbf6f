"""Finding what answers a question, in both languages, and saying nothing where nothing fits."""

import pytest

from fairground.market.service.model.answers import (
    AttendantRules,
    Passage,
    Quote,
    Source,
    choose_passages,
    fit_all,
    keep_quotes,
    nearness,
    question_terms,
)

RULES = AttendantRules()
TEXTS = {
    "wash": ("Can the teapot go into the dishwasher?", "No. Rinse the teapot with warm water by hand."),
    "glaze": ("Is the glaze food safe?", "Yes, all our glazes are free of lead and tested."),
    "ship": ("How do you ship fragile things?", "In two boxes with straw between them."),
    "洗": ("茶壶可以放洗碗机吗？", "不可以，请用温水手洗。"),
    "铅": ("釉料含铅吗？", "不含铅，每批都检测。"),
    "包": ("易碎品怎么包装？", "双层纸箱，中间填稻草。"),
}
PASSAGES = [Passage(Source.SHOP, title, text, f"#{key}") for key, (title, text) in TEXTS.items()]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("dishwasher", "#wash"),
        ("is the teapot dishwasher safe", "#wash"),
        ("are your glazes tested for lead", "#glaze"),
        ("shipping fragile things", "#ship"),
        ("洗碗机", "#洗"),
        ("能放进洗碗机里吗", "#洗"),
        ("含不含铅", "#铅"),
        ("易碎品包装", "#包"),
    ],
)
def test_a_question_finds_its_answer(question: str, found: str) -> None:
    chosen = choose_passages(question, PASSAGES, RULES)
    assert chosen, question
    assert chosen[0].href == found


@pytest.mark.parametrize(
    "question",
    [
        "",
        "?",
        "how do i",
        "的吗",
        "Who is the president of France",
        "能开发票吗",
        "🙂",
        "x" * 5000,
        "how much is a kiln",
    ],
)
def test_what_nobody_wrote_is_not_answered(question: str) -> None:
    assert choose_passages(question, PASSAGES, RULES) == []


def test_no_passages_and_no_words_fit_nothing() -> None:
    assert fit_all("lead", []) == []
    assert [fit.share for fit in fit_all("how is it", ["lead"])] == [0.0]
    assert question_terms("How is it? 您好，请问什么是？") == []


def test_a_share_lies_between_nothing_and_all() -> None:
    for question in ("teapot", "teapot lead straw 铅", "包装 茶壶"):
        for fit in fit_all(question, [f"{p.title} {p.text}" for p in PASSAGES]):
            assert 0 <= fit.share <= 1


def test_only_what_stands_there_may_be_quoted() -> None:
    quotes = [
        Quote(0, "Rinse the  teapot\nwith warm water"), Quote(0, "It is dishwasher safe."),
        Quote(1, "Rinse the teapot"),        Quote(-1, "No"), Quote(99, "No"), Quote(1, " "),
    ]  # fmt: skip
    assert keep_quotes(quotes, PASSAGES) == [Quote(0, "Rinse the teapot with warm water")]


def test_nearness_is_the_cosine() -> None:
    assert nearness([1.0, 0.0], [2.0, 0.0]) == pytest.approx(1)
    assert nearness([1.0, 0.0], [0.0, 3.0]) == 0
    assert nearness([0.0, 0.0], [1.0, 1.0]) == 0
