"""Rate limits in memory, for one process: the generic cell rate algorithm (ITU-T I.371).

A key costs one float and one dict place; the number of keys is bounded, so that somebody with many addresses fills
nothing but our patience. The library `limits` was measured as well (3–6 µs a hit): it keeps every key it has ever been
shown until a timer comes by, and that growth is what a flood would use.
"""

import ipaddress
import math
import threading
import time
from collections.abc import Callable
from typing import Final

import msgspec

_CAPACITY: Final = 100_000


class RateLimit(msgspec.Struct, frozen=True):
    """`times` deeds in `seconds`, spread evenly but for a burst of up to `times` (or `burst`) at once."""

    name: str
    times: float
    seconds: float
    burst: float | None = None


class RateScale(msgspec.Struct, frozen=True):
    """What multiplies every limit, given to the rooms that count tries in rows; see the setting of this name."""

    scale: float = 1.0


class RateLimiter:
    """Counts deeds by limit and key. `scale` multiplies what every limit allows."""

    def __init__(
        self, *, scale: float = 1.0, capacity: int = _CAPACITY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if not scale > 0:
            raise ValueError("the scale of the rate limits must be greater than 0")
        self._scale = scale
        self._capacity = capacity
        self._clock = clock
        # When each key will have caught up with its limit; least lately used first.
        self._even_at: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def take(self, limit: RateLimit, key: str, cost: float = 1.0) -> float:
        """Take one deed (or `cost`) if the limit allows it: 0.0, else the seconds after which it will."""
        allowed = limit.times * self._scale
        interval = limit.seconds / allowed
        burst = max(1.0, (limit.burst or limit.times) * self._scale)
        now, place = self._clock(), (limit.name, key)
        with self._lock:
            even_at = max(self._even_at.get(place, now), now)
            wait = even_at + cost * interval - now - burst * interval
            # A cost above the whole burst is allowed when all is even, else it would be refused for ever.
            if wait > _SLACK and even_at > now:
                return min(wait, even_at - now)
            self._even_at.pop(place, None)
            self._even_at[place] = even_at + cost * interval
            if len(self._even_at) > self._capacity:
                self._make_room(now)
        return 0.0

    def forget(self, limit: RateLimit, key: str) -> None:
        """Forget what a key has used up, as after a right password."""
        with self._lock:
            self._even_at.pop((limit.name, key), None)

    def __len__(self) -> int:
        return len(self._even_at)

    def _make_room(self, now: float) -> None:
        """Drop keys that are even; if that is not enough, an eighth of those not seen for longest."""
        even = [place for place, even_at in self._even_at.items() if even_at <= now]
        too_many = len(self._even_at) - len(even) - self._capacity * 7 // 8
        if too_many > 0:
            even += [place for place, even_at in self._even_at.items() if even_at > now][:too_many]
        for place in even:
            del self._even_at[place]


_SLACK: Final = 1e-9  # what adding floats may lose


def whole_seconds(wait: float) -> int:
    """Round a wait up to what a `Retry-After` header carries."""
    return max(1, math.ceil(wait))


def address_key(address: str) -> str:
    """Give the key of a caller's address: IPv4 whole, IPv6 by its /64, which one household has to itself."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return str(parsed)
