"""The order of goods: one formula, and a share of each first page for young shops.

    score = text × quality × freshness × exposure

    text       the index's own score, of the best match 1; without words 1
    quality    1 + quality% × standing, where standing (0…1; −1 of shops dimmed for breaking rights) is
               rating_share% × (rating, shrunk to the prior while reviews are few, from 1…5 to 0…1)
               + the rest × log(1 + sold) / log(1 + sold_full)
    freshness  1 + freshness% × ½ ^ (age / half-life)
    exposure   1 + unseen% × (what is missing of the shows every listing is promised, in its first days)
                 + young_shop% (shops younger than 90 days)

Then each further thing of one shop keeps `again%` of its score for each one above it, so that nobody fills a page, and
at least `young_slots%` of the first page go to young shops, where their things match at least `young_floor%` as well as
the best. Every number is a setting in `SearchRules`. Nothing here knows money paid for places: there is none.
"""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from fairground.kit.text_index import Hit
from fairground.market.search.model import SearchRules

FULL: Final = 1000  # standing is kept in thousandths
DAY: Final = timedelta(days=1).total_seconds()


class Candidate(msgspec.Struct, frozen=True):
    """One thing found, with what its place depends on. Moments in seconds; `text` of the best match is 1."""

    id: int
    text: float
    standing: int
    created: int
    sold: int
    shown: int
    maker: int
    opened: int


def standing(rules: SearchRules, rating_sum: int, rating_count: int, sold: int) -> int:
    """Tell how well something stands, in thousandths: its shrunk rating and what was sold."""
    prior, weight = rules.rating_prior_tenths / 10, rules.rating_prior_reviews
    rating = (rating_sum + prior * weight) / (rating_count + weight) if rating_count + weight else prior
    loved = min(1.0, max(0.0, (rating - 1) / 4))
    bought = min(1.0, math.log1p(max(0, sold)) / math.log1p(max(1, rules.sold_full)))
    share = rules.rating_share_percent / 100
    return round(FULL * (share * loved + (1 - share) * bought))


def candidates(hits: Sequence[Hit]) -> list[Candidate]:
    """Make candidates of hits that brought their signals (in the order of `schema.SIGNALS`)."""
    best = max((hit.score for hit in hits), default=0.0)
    return [Candidate(hit.id, hit.score / best if best > 0 else 1.0, *hit.values) for hit in hits]


def score(rules: SearchRules, thing: Candidate, now: datetime) -> float:
    """Give the score of one thing, by the formula above."""
    age = max(0.0, now.timestamp() - thing.created) / DAY
    quality = 1 + rules.quality_percent / 100 * thing.standing / FULL
    freshness: float = 1 + rules.freshness_percent / 100 * 0.5 ** (age / max(1, rules.freshness_half_life_days))
    missing = max(0.0, 1 - thing.shown / max(1, rules.shown_at_least)) if age <= rules.shown_within_days else 0.0
    exposure = 1 + rules.unseen_percent / 100 * missing
    if is_young(rules, thing, now):
        exposure += rules.young_shop_percent / 100
    return thing.text * quality * freshness * exposure


def is_young(rules: SearchRules, thing: Candidate, now: datetime) -> bool:
    """Tell whether it is sold by a young shop."""
    return now.timestamp() - thing.opened < rules.young_shop_days * DAY


def ranked(rules: SearchRules, things: Sequence[Candidate], now: datetime, page: int) -> list[Candidate]:
    """Order things by the formula; the first page keeps its share for young shops."""
    scores = {thing.id: score(rules, thing, now) for thing in things}
    ordered = sorted(things, key=lambda thing: (-scores[thing.id], -thing.id))
    above: Counter[int] = Counter()
    for thing in ordered:
        scores[thing.id] *= (rules.again_percent / 100) ** above[thing.maker]
        above[thing.maker] += 1
    ordered.sort(key=lambda thing: (-scores[thing.id], -thing.id))
    return with_share_for_the_young(rules, ordered, now, page)


def with_share_for_the_young(rules: SearchRules, ordered: list[Candidate], now: datetime, page: int) -> list[Candidate]:
    """Bring things of young shops up into the first page until they have their share of it, where they match."""
    wanted = min(page, len(ordered)) * rules.young_slots_percent // 100
    first = ordered[:page]
    missing = wanted - sum(is_young(rules, thing, now) for thing in first)
    if missing <= 0:
        return ordered
    floor = rules.young_floor_percent / 100
    risen = [t for t in ordered[page:] if is_young(rules, t, now) and t.text >= floor][:missing]
    if not risen:
        return ordered
    # Those who make room are the last of the older ones; the risen stand apart, from the middle of the page on.
    older = [thing for thing in first if not is_young(rules, thing, now)]
    leaving = set(older[len(older) - len(risen) :])
    page_now = [thing for thing in first if thing not in leaving]
    step = max(1, (page - page // 4) // len(risen))
    for number, thing in enumerate(risen):
        page_now.insert(min(len(page_now), page // 4 + number * step), thing)
    taken = {thing.id for thing in page_now}
    return [*page_now, *(thing for thing in ordered if thing.id not in taken)]


def turned_over(rules: SearchRules, things: Sequence[Candidate], now: datetime) -> list[Candidate]:
    """Order things the other way round: young shops first, then what was shown and sold least; better matches first."""
    return sorted(
        things,
        key=lambda t: (-is_young(rules, t, now), -round(t.text * 4), t.shown, t.sold, -t.opened, -t.id),
    )
