"""What bribed jurors can do: the page says what the program gives, and drawing agrees with the formula."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    """The program of tools/."""
    spec = importlib.util.spec_from_file_location("simulate_juries", ROOT / "tools" / "simulate_juries.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_says_what_the_program_gives(simulation: ModuleType) -> None:
    text = simulation.PAGE.read_text("utf-8")
    assert simulation.written(text) == text, "run `python tools/simulate_juries.py`"


def test_ten_per_cent_colluding_turn_few_cases(simulation: ModuleType) -> None:
    for seats, most in ((17, 0.03), (31, 0.01)):
        assert simulation.exact(simulation.World(0.1), seats).wrong < most
        honest = simulation.exact(simulation.World(0.0), seats).wrong
        assert simulation.exact(simulation.World(0.1), seats).wrong > honest


def test_drawing_agrees_with_the_formula(simulation: ModuleType) -> None:
    for colluding in (0.1, 0.3):
        world = simulation.World(colluding)
        by_formula, by_draw = simulation.exact(world, 17), simulation.drawn(world, 17, cases=1_500)
        assert by_draw.right == pytest.approx(by_formula.right, abs=0.04)
        assert by_draw.wrong == pytest.approx(by_formula.wrong, abs=0.04)
