"""Every complaint listed in docs/peers.md has its test, and those that belong to what is built are listed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LISTED = dict(re.findall(r"^\| (\d+) \| (.+) \|$", (ROOT / "docs" / "peers.md").read_text("utf-8"), re.MULTILINE))
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@pytest.mark.parametrize("number", sorted(LISTED, key=int))
def test_a_complaint_has_its_test(number: str) -> None:
    tests = TEST.findall(LISTED[number])
    assert tests
    for file, name in tests:
        assert re.search(rf"^ *(async )?def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE), (file, name)


def test_what_the_first_fair_owes_is_listed() -> None:
    assert {int(number) for number in LISTED} >= {1, 2, 3, 4, 5, 6, 7, 10, 11, 13, 17, 18}
