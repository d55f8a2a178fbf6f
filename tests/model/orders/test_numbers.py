"""Order numbers: found by their bucket, noticed when mistyped, silent about sales."""

import random

from fairground.kit.ids import BUCKETS
from fairground.market.orders.model import bucket_of, make_number, read_number, show_number
from fairground.market.orders.model.numbers import ROOM


def test_a_number_tells_its_bucket_and_reads_back() -> None:
    draw = random.Random(6)
    for bucket in (0, 1, 511, BUCKETS - 1):
        for part in (0, ROOM - 1, draw.randrange(ROOM), draw.randrange(ROOM)):
            number = make_number(bucket, part)
            assert bucket_of(number) == bucket
            assert read_number(show_number(number)) == number
            assert len(show_number(number)) == 14


def test_different_parts_give_different_numbers() -> None:
    draw = random.Random(7)
    wanted = {(bucket, draw.randrange(ROOM)) for bucket in range(BUCKETS) for _ in range(20)}
    assert len({make_number(bucket, part) for bucket, part in wanted}) == len(wanted)


def test_every_wrong_digit_and_every_swapped_pair_is_noticed() -> None:
    digits = show_number(make_number(700, 12_345_678)).replace(" ", "")
    for place in range(12):
        for digit in "0123456789":
            if digit != digits[place]:
                assert read_number(digits[:place] + digit + digits[place + 1 :]) is None
        if place < 11 and digits[place] != digits[place + 1]:
            assert read_number(digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]) is None


def test_what_cannot_be_a_number_is_none() -> None:
    for text in ("", "12", "2606 1847 003", "abcd efgh ijkl", "１２３４５６７８９０１２", "2606 1847 0032 1"):
        assert read_number(text) is None


def test_neighbours_in_one_bucket_do_not_look_alike() -> None:
    first, second = make_number(5, 100), make_number(5, 101)
    assert abs(first - second) > 10**9
