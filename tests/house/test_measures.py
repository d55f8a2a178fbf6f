"""Every measure is told in docs/performance.md, with its command."""

from pathlib import Path

import pytest

from fairground.cli.bench.command import MEASURES

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_a_measure_is_documented(name: str) -> None:
    assert f"fairground bench {name}" in PAGE.read_text("utf-8")


def test_what_the_contract_names_is_there() -> None:
    assert {"checkout", "flash", "search", "pages", "growth", "start"} <= set(MEASURES)
