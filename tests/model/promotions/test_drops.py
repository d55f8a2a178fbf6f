"""Drops as values: their state by the clock, the shuffle, the honest place in the line."""

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.model import Drop, DropId, DropRoom, DropState, Ticket, rank, standing
from fairground.market.promotions.model.shuffle import shuffled
from fairground.market.shops.model import ShopId

NOON = datetime(2026, 6, 18, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def drop(per_minute: int = 60, burst: int = 0) -> Drop:
    return Drop(
        id=DropId(1),
        shop_id=ShopId(1),
        title="Noon drop",
        words="",
        language="en",
        starts_at=NOON,
        ends_at=NOON + timedelta(hours=1),
        announced_at=NOON - timedelta(hours=1),
        cancelled_at=None,
        has_room=True,
        per_minute=per_minute,
        burst=burst,
        pay_minutes=15,
        version=1,
        created_at=NOON - timedelta(hours=2),
    )


def ticket(number: int) -> Ticket:
    return Ticket(DropId(1), PersonId(Id(number)), number, early=True)


def opened(early: int, seed: bytes = b"seed") -> DropRoom:
    return DropRoom(early + 1, early, seed, NOON)


@given(st.integers(1, 300), st.binary(min_size=16, max_size=16))
@settings(max_examples=60, deadline=None)
def test_the_shuffle_gives_every_place_to_exactly_one(count: int, seed: bytes) -> None:
    assert sorted(shuffled(place, count, seed) for place in range(count)) == list(range(count))


def test_no_number_is_likelier_than_another_to_be_first() -> None:
    count, draws = 10, 4_000
    firsts = Counter(shuffled(3, count, n.to_bytes(16)) for n in range(draws))
    expected = draws / count
    spread = sum((firsts[place] - expected) ** 2 / expected for place in range(count))
    assert spread < 27.9  # chi-squared with 9 degrees of freedom, one in a thousand


def test_neighbours_in_the_line_are_not_neighbours_after_the_shuffle() -> None:
    places = [shuffled(place, 10_000, b"any seed of ours") for place in range(1_000)]
    near = sum(abs(a - b) < 100 for a, b in itertools.pairwise(places))
    assert near < 60  # about 20 by chance


def test_early_comers_are_shuffled_among_themselves_and_late_ones_keep_their_number() -> None:
    room = opened(early=50)
    assert sorted(rank(ticket(n), room) or 0 for n in range(1, 51)) == list(range(50))
    assert [rank(ticket(n), room) for n in range(1, 51)] != list(range(50))
    assert [rank(ticket(n), room) for n in (51, 52, 53)] == [50, 51, 52]


def test_nobody_knows_a_place_before_the_seed_is_drawn() -> None:
    waiting = DropRoom(next_number=51)
    assert rank(ticket(1), waiting) is None
    for moment in (NOON - timedelta(hours=1), NOON, NOON + SECOND):
        found = standing(ticket(7), waiting, drop(), moment)
        assert (found.position, found.admitted, found.admitted_at) == (None, False, None)
        assert 1 <= found.poll_after_seconds <= 60


def test_nobody_is_let_in_before_the_beginning_even_with_a_drawn_seed() -> None:
    assert not standing(ticket(1), opened(1), drop(burst=100), NOON - SECOND).admitted


@given(st.integers(1, 500), st.integers(1, 60_000), st.integers(0, 300), st.integers(0, 40_000))
@settings(max_examples=200, deadline=None)
def test_a_position_is_the_number_of_people_before_one_and_never_grows(
    number: int, per_minute: int, burst: int, seconds: int
) -> None:
    sale, room = drop(per_minute, burst), opened(early=200)
    moment = NOON + seconds * SECOND
    place = rank(ticket(number), room)
    assert place is not None
    now, next_ = (standing(ticket(number), room, sale, m) for m in (moment, moment + SECOND))
    assert now.position is not None
    assert next_.position is not None
    let_in = sale.let_in_by(moment)
    assert now.admitted == (place < let_in)
    assert now.position == max(0, place - let_in)
    assert next_.position <= now.position
    assert next_.admitted >= now.admitted
    assert now.admitted_at is not None
    assert standing(ticket(number), room, sale, now.admitted_at).admitted
    early = now.admitted_at - SECOND
    assert early < NOON or not standing(ticket(number), room, sale, early).admitted
    assert (now.poll_after_seconds == 0) == now.admitted


def test_people_are_let_in_at_the_rate_after_a_first_burst() -> None:
    sale, room = drop(per_minute=120, burst=10), opened(early=0)
    let_in = [
        sum(standing(ticket(n), room, sale, NOON + s * SECOND).admitted for n in range(1, 200)) for s in (0, 1, 30, 60)
    ]
    assert let_in == [10, 12, 70, 130]


def test_the_state_of_a_drop_is_told_by_its_row_and_the_clock() -> None:
    sale = drop()
    assert sale.state_at(NOON - SECOND) is DropState.ANNOUNCED
    assert sale.state_at(NOON) is DropState.OPEN
    assert sale.state_at(sale.ends_at) is DropState.ENDED
    assert msgspec.structs.replace(sale, announced_at=None).state_at(NOON) is DropState.PLANNED
    assert msgspec.structs.replace(sale, cancelled_at=NOON).state_at(NOON) is DropState.CANCELLED
