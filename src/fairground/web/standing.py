"""Places on the ladder as words and look: a leaf, a lantern, a tent, the great wheel; five of each."""

from datetime import UTC, date, datetime, time
from typing import Final

import msgspec

from fairground.kit.errors import N_
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext
from fairground.market.reviews.model import ReviewRules, ScorePoint, Standing, level_of
from fairground.web.cards import Bar

STEPS: Final = 5
DRAWN: Final = 60  # points of a line, at most; every so many days are left out
TIERS: Final = (
    ("leaf", N_("Leaf")),
    ("lightbulb", N_("Lantern")),
    ("tent", N_("Tent")),
    ("ferris-wheel", N_("Great wheel")),
)


class StandingView(msgspec.Struct, frozen=True):
    """A place on the ladder: `name` in two words, `line` how it came about, `next` how far the next step is."""

    icon: str
    name: str
    line: str
    next: str
    level: int


def standing_view(standing: Standing, rules: ReviewRules) -> StandingView:
    """Put a place on the ladder into words."""
    level = level_of(standing.points, rules.ladder)
    tier, step = divmod(max(level - 1, 0), STEPS)
    icon, name = TIERS[min(tier, len(TIERS) - 1)]
    words = {"tier": gettext(name), "step": step + 1}
    shown = gettext("%(tier)s %(step)s") % words if level else gettext("No level yet")
    counts = {"good": standing.good, "neutral": standing.neutral, "bad": standing.bad}
    line = gettext("%(good)s good, %(neutral)s neutral, %(bad)s bad") % counts
    return StandingView(icon if level else "sparkles", shown, line, _next(standing, level, rules), level)


def _next(standing: Standing, level: int, rules: ReviewRules) -> str:
    if level >= len(rules.ladder):
        return gettext("Level %(level)s, the highest there is.") % {"level": level}
    missing = rules.ladder[level] - standing.points
    words = gettext("Level %(level)s of %(all)s; %(missing)s more good ones to the next.")
    return words % {"level": level, "all": len(rules.ladder), "missing": missing}


def history_bars(points: list[ScorePoint]) -> list[Bar]:
    """Make the points of a line of the scores day by day, not more than can be told apart."""
    every = max(1, -(-len(points) // DRAWN))
    chosen = [point for i, point in enumerate(reversed(points)) if i % every == 0][::-1]
    return [Bar(label=_day(point.day), value=point.mean, text=f"{point.mean:.2f} ({point.n})") for point in chosen]


def _day(day: date) -> str:
    return formats.date(datetime.combine(day, time(12), tzinfo=UTC), UTC)
