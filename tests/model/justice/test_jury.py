"""Juries as arithmetic: draws that anybody can check and that favour nobody, majorities, guards."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.justice.model.jury import (
    Candidate,
    Draw,
    JuryRules,
    Verdict,
    WhyNot,
    check_draw,
    decided,
    is_good_enough,
    rank,
)
from fairground.market.justice.model.practice import PRACTICE, cases_of
from fairground.market.justice.policy import why_not_juror

NOW = datetime(2026, 6, 18, tzinfo=UTC)
RULES = JuryRules()
GOOD = Candidate(person_id=Id(7), verified_since=NOW - timedelta(days=90))


def test_nothing_speaks_against_a_good_candidate() -> None:
    assert why_not_juror(GOOD, RULES, NOW) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"is_here": False}, WhyNot.GONE),
        ({"is_staff": True}, WhyNot.STAFF),
        ({"verified_since": None}, WhyNot.UNVERIFIED),
        ({"verified_since": NOW - timedelta(days=90) + timedelta(seconds=1)}, WhyNot.UNVERIFIED),
        ({"is_party": True}, WhyNot.PARTY),
        ({"has_dealings": True}, WhyNot.DEALINGS),
        ({"sells_the_same": True}, WhyNot.SELLS_THE_SAME),
    ],
)
def test_each_guard_alone_keeps_somebody_out(change: dict[str, object], why: WhyNot) -> None:
    """With the guard's fact taken away, the same person sits: it is this guard, and no other, that refused."""
    assert why_not_juror(msgspec.structs.replace(GOOD, **change), RULES, NOW) is why
    assert why_not_juror(GOOD, RULES, NOW) is None


def test_a_draw_can_be_done_again_and_a_forged_one_is_found() -> None:
    pool = tuple(range(1, 101))
    order = rank("seed", pool)
    assert rank("seed", reversed(pool)) == order
    honest = Draw("seed", pool, tuple(order[:2] + order[3:18]), ((order[2], "party"),))
    assert check_draw(honest)
    friend = order[60]
    assert not check_draw(msgspec.structs.replace(honest, drawn=(*honest.drawn[:-1], friend)))
    assert not check_draw(msgspec.structs.replace(honest, seed="another"))
    assert not check_draw(msgspec.structs.replace(honest, passed_over=()))
    assert not check_draw(msgspec.structs.replace(honest, passed_over=((friend, "party"),)))


def test_draws_favour_nobody() -> None:
    """Chi-squared over 4,000 draws of 17 out of 100 with fixed seeds; 99 degrees of freedom, p = 0.001 at 148.2."""
    seeds = random.Random(8)
    times: Counter[int] = Counter()
    for _ in range(4_000):
        times.update(rank(f"{seeds.getrandbits(128):032x}", range(1, 101))[:17])
    expected = 4_000 * 17 / 100
    # Each draw is without replacement, which makes the spread smaller by (1 - 17/100).
    chi = sum((times[i] - expected) ** 2 / expected for i in range(1, 101)) / (1 - 17 / 100)
    assert chi < 148.2
    assert chi > 56  # and not suspiciously even: p = 0.9999


def test_places_beside_each_other_are_drawn_together_no_more_than_others() -> None:
    seeds = random.Random(9)
    together = Counter[tuple[int, int]]()
    for _ in range(6_000):
        drawn = set(rank(f"{seeds.getrandbits(128):032x}", range(1, 41))[:17])
        together.update((i, i + 1) for i in range(1, 40) if i in drawn and i + 1 in drawn)
    expected = 6_000 * (17 / 40) * (16 / 39)
    assert all(abs(n - expected) < 4.5 * expected**0.5 for n in together.values())


@pytest.mark.parametrize(
    ("votes", "winner"),
    [((8, 0), None), ((9, 0), Verdict.BUYER), ((8, 8), None), ((8, 9), Verdict.SHOP), ((0, 9), Verdict.SHOP)],
)
def test_most_of_the_seats_decide_not_most_of_the_votes(votes: tuple[int, int], winner: Verdict | None) -> None:
    assert decided(*votes, seats=17) is winner


def test_the_bigger_jury_sits_from_its_worth_on() -> None:
    assert RULES.seats_for(Money(99_999, "CNY")) == 17
    assert RULES.seats_for(Money(100_000, "CNY")) == 31
    assert RULES.seats_for(Money(1_000, "JPY")) == 31


def test_four_of_five_are_good_enough_and_three_are_not() -> None:
    assert is_good_enough([True] * 4 + [False], RULES)
    assert not is_good_enough([True] * 3 + [False] * 2, RULES)
    assert is_good_enough([True] * 10 + [False] * 10, RULES)  # the latest ten count
    assert not is_good_enough([False] * 3 + [True] * 17, RULES)


def test_practice_is_fair_and_changes_after_a_rest() -> None:
    verdicts = Counter(case.verdict for case in PRACTICE)
    assert verdicts[Verdict.BUYER] == verdicts[Verdict.SHOP]
    first, second = cases_of(1, RULES), cases_of(2, RULES)
    assert len(first) == len(second) == 5
    assert not {case.key for case in first} & {case.key for case in second}
    for cases in (first, second):  # answering always the same does not pass
        for always in Verdict:
            assert not is_good_enough([case.verdict is always for case in cases], RULES)
