"""Working days, the fast lane, the steps: arithmetic without a database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from fairground.market.justice.model.complaints import (
    ComplaintId,
    ComplaintKind,
    ComplaintRules,
    Record,
    after_working_days,
    deserves_lane,
    points_of,
)
from fairground.market.justice.model.ladder import Step, Strike, step_of, way_back

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = ComplaintRules()
NOW = datetime(2026, 6, 18, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("made", "ends"),
    [
        ("2026-06-15T10:00", "2026-06-19T00:00"),  # Monday → end of Thursday
        ("2026-06-18T23:59", "2026-06-24T00:00"),  # Thursday → end of Tuesday, over a weekend
        ("2026-06-20T08:00", "2026-06-25T00:00"),  # Saturday → end of Wednesday
        ("2026-06-19T00:00", "2026-06-25T00:00"),  # the first second of Friday → end of Wednesday
    ],
)
def test_three_working_days_end_with_the_third_day_in_the_markets_zone(made: str, ends: str) -> None:
    moment = datetime.fromisoformat(made).replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert after_working_days(moment, 3, SHANGHAI) == datetime.fromisoformat(ends).replace(tzinfo=SHANGHAI)


def test_a_day_of_23_hours_is_a_day() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    made = datetime(2026, 3, 27, 12, tzinfo=berlin)  # clocks go forward on the 29th
    assert after_working_days(made, 1, berlin) == datetime(2026, 3, 31, 0, tzinfo=berlin)


@pytest.mark.parametrize(
    ("record", "good"),
    [
        (Record(4, 4, 0), False),  # too few
        (Record(5, 5, 0), True),
        (Record(20, 18, 1), True),  # 90 %, 5 %
        (Record(20, 17, 1), False),
        (Record(20, 18, 2), False),
    ],
)
def test_the_fast_lane_needs_nine_of_ten_and_few_lost_to_a_counter(record: Record, good: bool) -> None:
    assert deserves_lane(record, RULES) is good


def test_each_step_has_its_points() -> None:
    steps = [step_of(points, RULES) for points in range(8)]
    assert steps == [
        Step.NONE, Step.WARNING, Step.LIMITS, Step.LIMITS, Step.EXPOSURE, Step.EXPOSURE, Step.SUSPENSION,
        Step.SUSPENSION,
    ]  # fmt: skip
    assert step_of(6, RULES, served_points=6) is Step.EXPOSURE
    assert step_of(7, RULES, served_points=6) is Step.SUSPENSION
    assert points_of(ComplaintKind.COUNTERFEIT, RULES) == 2
    assert points_of(ComplaintKind.PATENT, RULES) == 1


def test_the_way_back_tells_each_day_that_takes_something_away() -> None:
    strikes = [
        Strike(ComplaintId(i), points, NOW, NOW + timedelta(days=days), NOW if lifted else None)
        for i, (points, days, lifted) in enumerate([(2, 30, False), (2, 10, False), (2, 20, True), (1, 0, False)])
    ]
    fades = way_back(strikes, RULES, NOW)
    assert [((f.at - NOW).days, f.points, f.step) for f in fades] == [(10, 2, Step.LIMITS), (30, 0, Step.NONE)]
