"""The order of goods is the formula, and a share of the first page for young shops."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fairground.market.search.model import SearchRules
from fairground.market.search.ranking import (
    Candidate,
    is_young,
    ranked,
    score,
    standing,
    turned_over,
)

NOW = datetime(2026, 6, 18, tzinfo=UTC)
RULES = SearchRules()


def days_ago(days: float) -> int:
    return int((NOW - timedelta(days=days)).timestamp())


def thing(number: int = 1, **more: Any) -> Candidate:
    given = {
        "text": 1.0,
        "standing": 500,
        "created": days_ago(400),
        "sold": 0,
        "shown": 10_000,
        "maker": number,
        "opened": days_ago(400),
        **more,
    }
    return Candidate(number, **given)


def test_better_text_quality_freshness_and_exposure_each_raise_the_score() -> None:
    plain = score(RULES, thing(), NOW)
    assert score(RULES, thing(text=0.5), NOW) < plain
    assert score(RULES, thing(standing=900), NOW) > plain
    assert score(RULES, thing(created=days_ago(1)), NOW) > plain
    assert score(RULES, thing(opened=days_ago(10)), NOW) > plain
    unseen, seen = thing(created=days_ago(1), shown=0), thing(created=days_ago(1), shown=200)
    assert score(RULES, unseen, NOW) > score(RULES, seen, NOW)


def test_what_was_not_shown_gains_only_in_its_first_days() -> None:
    late = RULES.shown_within_days + 1
    assert score(RULES, thing(created=days_ago(late), shown=0), NOW) == score(RULES, thing(created=days_ago(late)), NOW)


def test_the_formula_is_the_one_in_the_book() -> None:
    sample = thing(text=0.8, standing=700, created=days_ago(30), shown=100, opened=days_ago(30))
    expected = 0.8 * (1 + 0.6 * 0.7) * (1 + 0.3 * 0.5) * (1 + 0.15)
    assert abs(score(RULES, sample, NOW) - expected) < 1e-9


def test_one_lonely_five_star_review_does_not_beat_many_good_ones() -> None:
    assert standing(RULES, 5, 1, 0) < standing(RULES, 48 * 10, 100, 0)
    assert standing(RULES, 0, 0, 0) < standing(RULES, 0, 0, 100) <= 1000
    assert standing(RULES, 1, 1, 0) < standing(RULES, 0, 0, 0)


def test_a_shop_does_not_fill_a_page() -> None:
    many = [thing(n, maker=1, standing=600) for n in range(10)]
    others = [thing(n, maker=n, standing=550) for n in range(10, 20)]
    first = ranked(RULES, [*many, *others], NOW, 24)[:5]
    assert sum(t.maker == 1 for t in first) <= 2


def test_young_shops_have_their_share_of_the_first_page_where_they_match() -> None:
    old = [thing(n, standing=900) for n in range(100)]
    young = [thing(n, standing=0, text=0.6, opened=days_ago(10)) for n in range(100, 110)]
    page = ranked(RULES, [*old, *young], NOW, 24)[:24]
    assert sum(is_young(RULES, t, NOW) for t in page) == 24 * RULES.young_slots_percent // 100
    assert not is_young(RULES, page[0], NOW)
    unfitting = [thing(n, standing=0, text=0.2, opened=days_ago(10)) for n in range(100, 110)]
    page = ranked(RULES, [*old, *unfitting], NOW, 24)[:24]
    assert not any(is_young(RULES, t, NOW) for t in page)


def test_nothing_is_lost_or_doubled_by_ranking() -> None:
    things = [thing(n, standing=n * 7 % 1000, maker=n % 4, opened=days_ago(n * 9)) for n in range(120)]
    for order in (ranked(RULES, things, NOW, 24), turned_over(RULES, things, NOW)):
        assert sorted(t.id for t in order) == list(range(120))


def test_turned_over_begins_with_new_makers_that_few_have_seen() -> None:
    famous = thing(1, standing=1000, sold=9_000)
    quiet = thing(2, shown=3)
    new = thing(3, opened=days_ago(5), shown=50)
    assert [t.id for t in turned_over(RULES, [famous, quiet, new], NOW)] == [3, 2, 1]
