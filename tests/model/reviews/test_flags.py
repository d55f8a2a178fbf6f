"""What the statistics find odd among reviews, and what they leave alone."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairground.kit.ids import Id
from fairground.market.reviews.model import (
    FlagKind,
    Pace,
    ReviewId,
    ReviewRules,
    Seen,
    better_by,
    find_bursts,
    find_duplicates,
    find_oddities,
    find_paid_words,
    find_rings,
    level_of,
    likeness,
    shingles_of,
    verdict_of,
)

RULES = ReviewRules()
NOW = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)
PRAISE = "This teapot pours without a single drop, and the lid fits as if it had grown there."


def seen(number: int, buyer: int, shop: int = 1, *, stars: int = 5, words: str = "") -> Seen:
    return Seen(ReviewId(number), Id(shop), Id(buyer), stars, words, NOW + timedelta(minutes=number))


def test_nearly_the_same_text_by_two_people_is_flagged() -> None:
    texts = [
        PRAISE,
        PRAISE.upper().replace(",", " !!"),
        "A bowl of plain blue, a little smaller than I had thought it.",
    ]
    (odd,) = find_duplicates([seen(n, n, words=text) for n, text in enumerate(texts, 1)], RULES)
    assert (odd.kind, odd.reviews, odd.shop_id) == (FlagKind.DUPLICATE, (1, 2), 1)
    assert odd.evidence == {"reviews": 2, "people": 2, "shops": 1}


def test_one_persons_own_words_and_short_ones_are_left_alone() -> None:
    assert find_duplicates([seen(1, 7, words=PRAISE), seen(2, 7, words=PRAISE)], RULES) == []
    assert find_duplicates([seen(n, n, words="很好，喜欢！") for n in range(1, 9)], RULES) == []


def test_chinese_texts_are_compared_by_signs() -> None:
    text = "壶嘴出水很顺，一滴都不漏，盖子严丝合缝，泡茶特别香，家里人都说好看，包装也很用心"
    (odd,) = find_duplicates([seen(1, 1, words=text), seen(2, 2, shop=2, words=text + "！！！")], RULES)
    assert (len(odd.reviews), odd.shop_id) == (2, None)


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_between_nothing_and_the_same_and_has_no_direction(one: str, other: str) -> None:
    a, b = shingles_of(one), shingles_of(other)
    assert 0 <= likeness(a, b) == likeness(b, a) <= 1
    assert likeness(a, a) == (1 if a else 0)


def crowd(dice: random.Random, people: int = 400, shops: int = 120) -> list[Seen]:
    """People who buy by chance."""
    pairs = [(person, dice.randrange(1, shops)) for person in range(1000, 1000 + people) for _ in range(4)]
    return [seen(n, person, shop) for n, (person, shop) in enumerate(pairs, 1)]


@pytest.mark.parametrize("dice", range(5))
def test_people_who_choose_by_chance_are_no_ring(dice: int) -> None:
    assert find_rings(crowd(random.Random(dice)), RULES) == []


@pytest.mark.parametrize("dice", range(5))
def test_a_ring_is_found_in_a_crowd(dice: int) -> None:
    reviews = crowd(random.Random(dice))
    ring = [seen(10_000 + 10 * person + shop, person, shop) for person in range(1, 5) for shop in (201, 202, 203)]
    (odd,) = find_rings([*reviews, *ring], RULES)
    assert set(odd.reviews) == {review.id for review in ring}
    assert (odd.evidence["people"], odd.evidence["shops"]) == (4, 3)
    assert odd.evidence["surprise"] >= 4


def test_two_people_and_blame_are_no_ring() -> None:
    reviews = crowd(random.Random(1))
    two = [seen(10_000 + 10 * person + shop, person, shop) for person in (1, 2) for shop in (201, 202, 203)]
    bad = [seen(20_000 + 10 * p + shop, p, shop, stars=1) for p in range(1, 5) for shop in (211, 212, 213)]
    assert find_rings([*reviews, *two, *bad], RULES) == []


def test_sudden_and_better_is_flagged_and_either_alone_is_not() -> None:
    reviews = [seen(n, n) for n in range(1, 31)]
    (odd,) = find_bursts(reviews, [Pace(Id(1), 30, 30, 40, 20, 83)], RULES)
    assert (odd.shop_id, len(odd.reviews)) == (1, 30)
    more_of_the_same, better_slowly = Pace(Id(1), 30, 15, 40, 20, 83), Pace(Id(1), 10, 10, 160, 80, 83)
    too_few, new = Pace(Id(1), 9, 9, 40, 20, 83), Pace(Id(1), 30, 30, 0, 0, 83)
    assert find_bursts(reviews, [more_of_the_same, better_slowly, too_few, new], RULES) == []


def test_a_spotless_record_that_stays_spotless_is_not_better() -> None:
    assert better_by(Pace(Id(1), 30, 30, 40, 40, 83)) == 0


def test_words_about_payment_are_flagged_one_by_one() -> None:
    texts = ["好评返现五元", "They gave me a gift card for this review", "A gift for my mother, and she likes it"]
    odd = find_paid_words([seen(n, n, words=text) for n, text in enumerate(texts, 1)])
    assert [one.reviews for one in odd] == [(1,), (2,)]


def test_nothing_is_odd_about_nothing() -> None:
    assert find_oddities([], [], RULES) == []


@pytest.mark.parametrize(
    ("points", "level"), [(-5, 0), (3, 0), (4, 1), (10, 1), (11, 2), (250, 5), (251, 6), (10_000_001, 20), (10**9, 20)]
)
def test_points_make_levels(points: int, level: int) -> None:
    assert level_of(points, RULES.ladder) == level


def test_the_ladder_has_twenty_steps_that_rise() -> None:
    assert len(RULES.ladder) == 20
    assert list(RULES.ladder) == sorted(set(RULES.ladder))


def test_stars_come_to_good_neutral_and_bad() -> None:
    assert [int(verdict_of(stars, RULES)) for stars in (1, 2, 3, 4, 5)] == [-1, -1, 0, 1, 1]
