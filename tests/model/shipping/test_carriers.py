"""Carriers and their numbers."""

import re

import pytest

from fairground.market.shipping.model import CARRIERS, find_carrier, looks_right, read_number


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("SF", "sf"),
        ("顺丰", "sf"),
        ("SF Express", "sf"),
        ("圆通速递", "yto"),
        ("EMS", "ems"),
        ("中国邮政 EMS", "ems"),
        ("DHL Express", "dhl"),
        ("deutsche post", "deutschepost"),
        ("其它", "other"),
        ("pigeon", None),
        ("", None),
    ],
)
def test_a_carrier_is_found_by_the_words_people_write(word: str, code: str | None) -> None:
    found = find_carrier(word)
    assert (found.code if found else None) == code


def test_codes_and_words_are_nobodys_but_one_carriers() -> None:
    words = [
        w for c in CARRIERS for w in {x.casefold().replace(" ", "") for x in (c.code, c.name_zh, c.name_en, *c.also)}
    ]
    assert len(words) == len(set(words))
    for carrier in CARRIERS:
        assert carrier.pattern is None or re.compile(carrier.pattern)


@pytest.mark.parametrize(
    ("code", "number", "good"),
    [
        ("sf", "SF1234567890123", True),
        ("sf", "1234", False),
        ("ups", "1Z999AA10123456784", True),
        ("ups", "1Z999AA1012345678", False),
        ("royalmail", "RR473124829GB", True),  # UPU's own example of the check digit
        ("royalmail", "RR473124828GB", False),
        ("usps", "9400110200881234567890", True),
        ("other", "whatever", True),
    ],
)
def test_a_number_looks_right_or_not(code: str, number: str, good: bool) -> None:
    carrier = find_carrier(code)
    assert carrier is not None
    assert looks_right(carrier, number) is good


@pytest.mark.parametrize(
    ("text", "number"),
    [(" sf 123 456 ", "SF123456"), ("AB-12", "AB-12"), ("abc", None), ("<script>", None), ("-1234", None), ("", None),
     ("1" * 41, None), ("１２３４５６", None)],
)  # fmt: skip
def test_a_number_is_read_kindly_and_checked_strictly(text: str, number: str | None) -> None:
    assert read_number(text) == number


def test_a_tracking_page_carries_the_number() -> None:
    carrier = find_carrier("ups")
    assert carrier is not None
    assert carrier.tracking_page("1Z 9") == "https://www.ups.com/track?tracknum=1Z%209"
    other = find_carrier("other")
    assert other is not None
    assert other.tracking_page("1") is None
