"""The service clock by its formulas, to the second."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fairground.market.service.model.chat import Side
from fairground.market.service.model.clock import ClockFigures, ClockRules, Round, Said, measure, rounds_in

ZONE, RULES = ZoneInfo("Asia/Shanghai"), ClockRules()
NOON = datetime(2026, 6, 18, 4, tzinfo=UTC)  # in Shanghai
NOW = NOON + timedelta(days=1)


def after(seconds: float, asked: datetime = NOON) -> Round:
    """Make a round answered so many seconds later."""
    return Round(asked, asked + timedelta(seconds=seconds))


def shown(*rounds: Round, now: datetime = NOW) -> ClockFigures:
    """Measure rounds."""
    return measure(rounds, ZONE, RULES, now)


def test_three_minutes_are_quick_and_a_second_more_is_not() -> None:
    assert shown(after(180), after(181)) == ClockFigures(2, 1, 180)


def test_a_wait_counts_ten_minutes_at_most() -> None:
    assert shown(after(60), after(6000)) == ClockFigures(2, 1, 330)


def test_no_answer_counts_as_the_longest_wait_once_that_is_over() -> None:
    asked = NOW - timedelta(seconds=600)
    assert shown(Round(asked), after(0)) == ClockFigures(2, 1, 300)
    assert shown(Round(asked), after(0), now=NOW - timedelta(seconds=1)) == ClockFigures(1, 1, 0)


@pytest.mark.parametrize(
    ("hour", "minute", "second", "counts"),
    [(7, 59, 59, False), (8, 0, 0, True), (23, 59, 59, True), (0, 0, 0, False), (3, 0, 0, False)],
)
def test_nights_do_not_count(hour: int, minute: int, second: int, counts: bool) -> None:
    asked = datetime(2026, 6, 18, hour, minute, second, tzinfo=ZONE)
    assert (shown(after(30, asked), now=asked + timedelta(days=1)).rounds == 1) is counts


def test_thirty_days_count_and_not_a_second_more() -> None:
    edge = NOW - timedelta(days=30)
    assert shown(after(1, edge)).rounds == 0
    assert shown(after(1, edge + timedelta(seconds=1))).rounds == 1


def test_nobody_asked_shows_nothing() -> None:
    assert shown() == ClockFigures(0, 0, 0)


def test_a_round_is_a_first_question_to_its_first_answer() -> None:
    moments = [NOON + timedelta(minutes=n) for n in range(7)]
    sides = [Side.HOUSE, Side.PERSON, Side.PERSON, Side.HOUSE, Side.HOUSE, Side.PERSON, Side.PERSON]
    said = [Said(side, at) for side, at in zip(sides, moments, strict=True)]
    assert rounds_in(said) == [Round(moments[1], moments[3]), Round(moments[5])]
    assert rounds_in([]) == []
    assert rounds_in(said[:1]) == []
