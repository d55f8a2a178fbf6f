"""Scores, names and windows of reviews, without a database."""

import pytest

from fairground.market.reviews.model import Spread, mean_score, shorten_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [("小文", "小***"), ("Ming", "M***"), ("émile", "É***"), ("é", "É***"), ("  lin ", "L***"), ("", ""), ("   ", "")],
)
def test_of_a_name_only_the_first_sign_is_shown(name: str, shown: str) -> None:
    assert shorten_name(name) == shown


def test_a_combining_accent_stays_with_its_letter() -> None:
    assert shorten_name("e\u0301va") == "E\u0301***"


def test_few_buyers_are_drawn_towards_the_markets_mean() -> None:
    assert mean_score(1, 1, None, 10) == 100
    assert mean_score(1, 1, 480, 10) == 445  # (100 + 10 × 480) / 11
    assert mean_score(1000, 1000, 480, 10) == 104  # many are heard as they are


def test_a_spread_knows_its_mean() -> None:
    assert Spread().average is None
    spread = Spread((1, 0, 0, 0, 3))
    assert (spread.total, spread.sum, spread.average) == (4, 16, 4.0)
