import time

import pytest

from fairground.kit.rate_limit import RateLimit, RateLimiter, address_key, whole_seconds


class Hand:
    """A clock moved by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


SIGN_IN = RateLimit("sign-in", 5, 60)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def limiter(hand: Hand) -> RateLimiter:
    return RateLimiter(clock=hand)


def test_burst_passes_then_each_waits_its_turn(limiter: RateLimiter, hand: Hand) -> None:
    assert [limiter.take(SIGN_IN, "ann") for _ in range(5)] == [0.0] * 5
    wait = limiter.take(SIGN_IN, "ann")
    assert wait == pytest.approx(12)
    hand.now += wait - 0.01
    assert limiter.take(SIGN_IN, "ann") == pytest.approx(0.01)
    hand.now += 0.01
    assert limiter.take(SIGN_IN, "ann") == 0.0
    assert limiter.take(SIGN_IN, "ann") > 0


def test_refusals_cost_nothing(limiter: RateLimiter, hand: Hand) -> None:
    for _ in range(5):
        limiter.take(SIGN_IN, "ann")
    first = limiter.take(SIGN_IN, "ann")
    for _ in range(100):
        assert limiter.take(SIGN_IN, "ann") == first


def test_keys_and_limits_do_not_touch_each_other(limiter: RateLimiter) -> None:
    other = RateLimit("search", 5, 60)
    for _ in range(5):
        limiter.take(SIGN_IN, "ann")
    assert limiter.take(SIGN_IN, "ann") > 0
    assert limiter.take(SIGN_IN, "bob") == 0.0
    assert limiter.take(other, "ann") == 0.0
    limiter.forget(SIGN_IN, "ann")
    assert limiter.take(SIGN_IN, "ann") == 0.0


def test_over_an_hour_no_more_pass_than_the_limit_and_one_burst(limiter: RateLimiter, hand: Hand) -> None:
    passed = 0
    for _ in range(36_000):
        passed += limiter.take(SIGN_IN, "ann") == 0.0
        hand.now += 0.1
    assert 300 <= passed <= 305


def test_scale_multiplies_every_limit(hand: Hand) -> None:
    limiter = RateLimiter(scale=10, clock=hand)
    assert [limiter.take(SIGN_IN, "ann") for _ in range(50)] == [0.0] * 50
    assert limiter.take(SIGN_IN, "ann") == pytest.approx(1.2)
    small = RateLimiter(scale=0.01, clock=hand)
    assert small.take(SIGN_IN, "ann") == 0.0
    assert small.take(SIGN_IN, "ann") == pytest.approx(1200)
    with pytest.raises(ValueError, match="greater than 0"):
        RateLimiter(scale=0)


def test_burst_and_cost_are_counted(limiter: RateLimiter, hand: Hand) -> None:
    steady = RateLimit("feed", 60, 60, burst=1)
    assert limiter.take(steady, "x") == 0.0
    assert limiter.take(steady, "x") == pytest.approx(1)
    bulk = RateLimit("import", 100, 100)
    assert limiter.take(bulk, "x", 60) == 0.0
    assert limiter.take(bulk, "x", 60) == pytest.approx(20)
    assert limiter.take(bulk, "y", 500) == 0.0
    wait = limiter.take(bulk, "y")
    hand.now += wait
    assert limiter.take(bulk, "y") == 0.0


def test_flood_of_keys_stays_bounded_and_forgets_the_idle_first(hand: Hand) -> None:
    limiter = RateLimiter(clock=hand, capacity=1000)
    for _ in range(5):
        limiter.take(SIGN_IN, "ann")
    for number in range(5000):
        limiter.take(SIGN_IN, f"flood {number}")
        if number % 500 == 0:
            limiter.forget(SIGN_IN, "nobody")
        assert len(limiter) <= 1000
        if number % 300 == 0:
            hand.now += 12  # ann tries again as soon as she may, and is remembered
            assert limiter.take(SIGN_IN, "ann") == 0.0
            assert limiter.take(SIGN_IN, "ann") > 0
    hand.now += 10_000
    for number in range(1001):
        limiter.take(SIGN_IN, f"later {number}")
    assert len(limiter) <= 1000


def test_a_take_costs_microseconds() -> None:
    limiter = RateLimiter()
    wide = RateLimit("pages", 1e6, 1)
    start = time.process_time()
    for number in range(20_000):
        limiter.take(wide, str(number % 5000))
    assert (time.process_time() - start) / 20_000 < 20e-6


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"), ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"), ("unix:", "unix:"), ("x" * 100, "x" * 64),
    ],
)  # fmt: skip
def test_callers_are_told_apart_by_what_they_own(address: str, key: str) -> None:
    assert address_key(address) == key


def test_waits_are_rounded_up() -> None:
    assert [whole_seconds(wait) for wait in (0.01, 1.0, 1.2, 59.9)] == [1, 1, 2, 60]
