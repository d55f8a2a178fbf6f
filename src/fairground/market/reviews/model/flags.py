"""Plain statistics over reviews: texts that resemble each other, rings, bursts of praise, words about payment.

None of it proves anything: a flag says what is odd and by how much, and people look. The formulas and their weak points
stand in `docs/algorithms/review-flags.md`.
"""

import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import combinations
from typing import Final

import msgspec

from fairground.kit.ids import Id
from fairground.market.reviews.model.reviews import ReviewId, ReviewRules

SHINGLE: Final = 3  # signs
SKETCH: Final = 8  # of the smallest hashes of a text
MEET: Final = 4  # of them two texts share before they are compared sign by sign
CROWD: Final = 200  # texts with the same hash that are looked at, the latest
_PAID: Final = re.compile(
    r"好评返|返现|返红包|好评有礼|刷单|晒图返|cash ?back for|refund(ed)? for (a|my|5|five)"
    r"|paid (me )?for (a|this) review"
    r"|gift card for (a|my|this) review|free (item|product) (in exchange )?for (a|my|this) review",
    re.IGNORECASE,
)


class FlagId(Id):
    """The id of a flag."""


class FlagKind(StrEnum):
    """What is odd."""

    DUPLICATE = "duplicate"
    RING = "ring"
    BURST = "burst"
    PAID_WORDS = "paid_words"


class FlagState(StrEnum):
    """Whether somebody has looked."""

    OPEN = "open"
    KEPT = "kept"
    REMOVED = "removed"


class Seen(msgspec.Struct, frozen=True):
    """What the statistics know of a review."""

    id: ReviewId
    shop_id: Id
    buyer_id: Id
    stars: int
    words: str
    written_at: datetime


class Oddity(msgspec.Struct, frozen=True):
    """Something odd: which reviews, and the figures that say so; `shop_id` where it is about one shop."""

    kind: FlagKind
    reviews: tuple[ReviewId, ...]
    evidence: dict[str, float]
    shop_id: Id | None = None


class Flag(msgspec.Struct, frozen=True):
    """An oddity before the desk, open or decided."""

    id: FlagId
    kind: FlagKind
    shop_id: Id | None
    reviews: tuple[ReviewId, ...]
    evidence: dict[str, float]
    found_at: datetime
    state: FlagState
    decided_at: datetime | None
    reason: str


class Pace(msgspec.Struct, frozen=True):
    """How many reviews a shop got lately and in the days before, and how many of them were good."""

    shop_id: Id
    fresh: int
    fresh_good: int
    earlier: int
    earlier_good: int
    earlier_days: int


def find_oddities(seen: Sequence[Seen], paces: Iterable[Pace], rules: ReviewRules) -> list[Oddity]:
    """Find all that is odd among reviews, the oldest first."""
    return [
        *find_duplicates(seen, rules),
        *find_rings(seen, rules),
        *find_bursts(seen, paces, rules),
        *find_paid_words(seen),
    ]


def shingles_of(words: str) -> frozenset[int]:
    """Cut a text into hashes of three signs each, blind to case, spaces and punctuation."""
    plain = "".join(sign for sign in words.casefold() if sign.isalnum())
    return frozenset(zlib.crc32(plain[i : i + SHINGLE].encode()) for i in range(len(plain) - SHINGLE + 1))


def likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """Tell how much two texts have in common (Jaccard): 1 is the same, 0 nothing."""
    return len(one & other) / len(one | other) if one or other else 0.0


def find_duplicates(seen: Sequence[Seen], rules: ReviewRules) -> list[Oddity]:
    """Find groups of texts by several people that are nearly the same.

    Each text is led by the first one it resembles. Only those that share enough of their smallest hashes are compared
    (Broder, *On the resemblance and containment of documents*, 1997), so the work grows with the number of texts.
    """
    groups: list[tuple[frozenset[int], list[Seen]]] = []
    by_hash: dict[int, list[int]] = defaultdict(list)
    for review in seen:
        if sum(sign.isalnum() for sign in review.words) < rules.duplicate_signs:
            continue
        shingles = shingles_of(review.words)
        sketch = sorted(shingles)[:SKETCH]
        near = Counter(i for value in sketch for i in by_hash[value][-CROWD:]).most_common(5)
        for i, common in near:
            if common >= MEET and 100 * likeness(groups[i][0], shingles) >= rules.duplicate_percent:
                groups[i][1].append(review)
                break
        else:
            for value in sketch:
                by_hash[value].append(len(groups))
            groups.append((shingles, [review]))
    return [_duplicates(members, rules) for _, members in groups if len({m.buyer_id for m in members}) > 1]


def _duplicates(members: list[Seen], rules: ReviewRules) -> Oddity:
    people, shops = {m.buyer_id for m in members}, {m.shop_id for m in members}
    evidence = {"reviews": float(len(members)), "people": float(len(people)), "shops": float(len(shops))}
    chosen = members[: rules.flag_size_most]
    return Oddity(FlagKind.DUPLICATE, _ids(chosen), evidence, next(iter(shops)) if len(shops) == 1 else None)


def find_rings(seen: Sequence[Seen], rules: ReviewRules) -> list[Oddity]:
    """Find groups of people who praise the same small shops, more of them than chance explains.

    Two people share a shop that n of N praise with chance n/N each; the surprise of several is the sum of log10(N/n).
    """
    fans: dict[Id, set[Id]] = defaultdict(set)
    for review in seen:
        if review.stars >= rules.good_stars:
            fans[review.shop_id].add(review.buyer_id)
    everybody = len({buyer for group in fans.values() for buyer in group})
    shared: dict[tuple[Id, Id], list[Id]] = defaultdict(list)
    for shop_id, group in sorted(fans.items()):
        if len(group) <= rules.ring_shop_most:
            for pair in combinations(sorted(group), 2):
                shared[pair].append(shop_id)
    odd = {pair: shops for pair, shops in shared.items() if len(shops) >= rules.ring_shops}
    surprise = {pair: sum(math.log10(everybody / len(fans[s])) for s in shops) for pair, shops in odd.items()}
    pairs = [pair for pair, value in surprise.items() if value >= rules.ring_surprise]
    rings = [ring for ring in _groups(pairs) if len(ring) >= rules.ring_people]
    return [_ring(ring, odd, surprise, seen, rules) for ring in rings]


def _ring(
    ring: set[Id],
    odd: Mapping[tuple[Id, Id], list[Id]],
    surprise: Mapping[tuple[Id, Id], float],
    seen: Sequence[Seen],
    rules: ReviewRules,
) -> Oddity:
    pairs = [pair for pair in odd if set(pair) <= ring]
    shops = {shop_id for pair in pairs for shop_id in odd[pair]}
    praise = [r for r in seen if r.buyer_id in ring and r.shop_id in shops and r.stars >= rules.good_stars]
    least = min(value for pair in pairs if (value := surprise[pair]) >= rules.ring_surprise)
    evidence = {
        "people": float(len(ring)), "shops": float(len(shops)), "reviews": float(len(praise)),
        "surprise": round(least, 1),
    }  # fmt: skip
    return Oddity(FlagKind.RING, _ids(praise[: rules.flag_size_most]), evidence)


def _groups(pairs: Iterable[tuple[Id, Id]]) -> list[set[Id]]:
    """Put together who hangs together."""
    leads: dict[Id, Id] = {}

    def lead(one: Id) -> Id:
        while leads.setdefault(one, one) != one:
            leads[one] = one = leads[leads[one]]
        return one

    for one, other in pairs:
        leads[lead(one)] = lead(other)
    groups: dict[Id, set[Id]] = defaultdict(set)
    for one in list(leads):
        groups[lead(one)].add(one)
    return [groups[key] for key in sorted(groups)]


def find_bursts(seen: Sequence[Seen], paces: Iterable[Pace], rules: ReviewRules) -> list[Oddity]:
    """Find shops that suddenly get many more reviews than before, and clearly better ones."""
    found = []
    for pace in paces:
        if pace.fresh < rules.burst_least or pace.earlier == 0:
            continue
        times = pace.fresh / rules.burst_days / (pace.earlier / max(pace.earlier_days, 1))
        deviations = better_by(pace)
        if times < rules.burst_times or deviations < rules.burst_deviations:
            continue
        praise = [r for r in seen if r.shop_id == pace.shop_id and r.stars >= rules.good_stars]
        if praise:
            evidence = {"reviews": float(pace.fresh), "times": round(times, 1), "deviations": round(deviations, 1)}
            chosen = praise[-min(pace.fresh, rules.flag_size_most) :]
            found.append(Oddity(FlagKind.BURST, _ids(chosen), evidence, pace.shop_id))
    return found


def better_by(pace: Pace) -> float:
    """Tell by how many standard deviations the share of good reviews has risen (two proportions, pooled)."""
    both = pace.fresh + pace.earlier
    # One good and one bad more on both sides, so that a spotless record is not beyond all doubt.
    pooled = (pace.fresh_good + pace.earlier_good + 1) / (both + 2)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / pace.fresh + 1 / pace.earlier))
    return (pace.fresh_good / pace.fresh - pace.earlier_good / pace.earlier) / spread


def find_paid_words(seen: Sequence[Seen]) -> list[Oddity]:
    """Find reviews that speak of money for a review."""
    return [
        Oddity(FlagKind.PAID_WORDS, (review.id,), {"reviews": 1.0}, review.shop_id)
        for review in seen
        if _PAID.search(review.words)
    ]


def _ids(reviews: Iterable[Seen]) -> tuple[ReviewId, ...]:
    return tuple(review.id for review in reviews)
