"""How often bribed jurors turn a case: exact, and by drawing juries as the market draws them.

`python tools/simulate_juries.py` writes the tables of docs/algorithms/jury.md anew.
"""

import random
from collections.abc import Iterator
from math import comb
from pathlib import Path
from typing import Final

import msgspec

from fairground.market.justice.model.jury import JuryRules, Verdict, decided, most_of, rank

PAGE: Final = Path(__file__).parents[1] / "docs" / "algorithms" / "jury.md"
BEGIN, END = "<!-- tables: python tools/simulate_juries.py -->", "<!-- end of tables -->"
SEEDS: Final = 20_260_618
CASES, POOL = 2_000, 400


class World(msgspec.Struct, frozen=True):
    """Who sits: a share of the pool colludes and votes wrongly; the others come, and are right, so often."""

    colluding: float
    right: float = 0.8
    turnout: float = 0.9


class Ends(msgspec.Struct, frozen=True):
    """How often a case ends rightly, wrongly, and with the staff because no verdict has most of the seats."""

    right: float
    wrong: float
    staff: float


def exact(world: World, seats: int) -> Ends:
    """Compute it: each seat votes rightly, wrongly or not at all, by itself; two binomial tails."""
    honest = (1 - world.colluding) * world.turnout
    right = _tail(seats, honest * world.right)
    wrong = _tail(seats, world.colluding + honest * (1 - world.right))
    return Ends(right, wrong, max(0.0, 1 - right - wrong))


def _tail(seats: int, p: float) -> float:
    return sum(comb(seats, k) * p**k * (1 - p) ** (seats - k) for k in range(most_of(seats), seats + 1))


def drawn(world: World, seats: int, cases: int = CASES, pool: int = POOL) -> Ends:
    """Draw juries with the market's own function out of a pool, let them vote, and end them as the market does."""
    chance = random.Random(SEEDS)  # noqa: S311 - the same numbers every time
    ends: dict[Verdict | None, int] = {Verdict.BUYER: 0, Verdict.SHOP: 0, None: 0}
    people = range(1, pool + 1)
    colluding = set(chance.sample(people, round(world.colluding * pool)))
    for _ in range(cases):
        jury = rank(f"{chance.getrandbits(128):032x}", people)[:seats]
        right = wrong = 0
        for juror in jury:  # the buyer is in the right
            if juror in colluding:
                wrong += 1
            elif chance.random() < world.turnout:
                is_right = chance.random() < world.right
                right, wrong = right + is_right, wrong + (not is_right)
        ends[decided(right, wrong, seats)] += 1
    return Ends(ends[Verdict.BUYER] / cases, ends[Verdict.SHOP] / cases, ends[None] / cases)


def tables() -> str:
    """Write all tables."""
    return "\n".join(_tables())


def _tables() -> Iterator[str]:
    rules = JuryRules()
    sizes = (rules.seats, rules.seats_above)
    yield "Honest jurors come to 90 % and are right in 80 % of the cases. In per cent of the cases:\n"
    yield "| colluding | seats | right | wrong | staff | drawn: right | wrong | staff |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for colluding in (0.0, 0.05, 0.1, 0.2, 0.3):
        for seats in sizes:
            world = World(colluding)
            by_formula, by_draw = exact(world, seats), drawn(world, seats)
            yield f"| {colluding:.0%} | {seats} | {_cells(by_formula)} | {_cells(by_draw)} |"
    yield "\nTen per cent colluding, by how good honest jurors are and how many come (exact):\n"
    yield "| right | turnout | seats | right | wrong | staff |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for right in (0.7, 0.8, 0.9):
        for turnout in (1.0, 0.8, 0.6):
            for seats in sizes:
                ends = exact(World(0.1, right, turnout), seats)
                yield f"| {right:.0%} | {turnout:.0%} | {seats} | {_cells(ends)} |"


def _cells(ends: Ends) -> str:
    return " | ".join(f"{100 * share:.2f}" for share in (ends.right, ends.wrong, ends.staff))


def written(text: str) -> str:
    """Put the tables into the page's text."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{tables()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
