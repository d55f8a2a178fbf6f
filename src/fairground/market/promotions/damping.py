"""Damping of bots: how often one person, and one network address, may try what many want at the same moment.

Counted in memory, by process: whoever spreads over processes gets as many times as much, which is still little.
"""

from typing import Final

from fairground.kit.errors import TooMany
from fairground.kit.ids import Id
from fairground.kit.rate_limit import RateLimit, RateLimiter, RateScale, address_key, whole_seconds
from fairground.market.promotions.model import DropRules

MINUTE: Final = 60


class Damper:
    """Counts tries to join waiting rooms, to check out drop goods, and looks at one's place."""

    def __init__(self, rules: DropRules, scale: RateScale) -> None:
        self._limiter = RateLimiter(scale=scale.scale)
        self._joins = (
            RateLimit("drop joins of a person", rules.joins_person, MINUTE),
            RateLimit("drop joins of an address", rules.joins_address, MINUTE),
        )
        self._checkouts = (
            RateLimit("drop checkouts of a person", rules.checkouts_person, MINUTE),
            RateLimit("drop checkouts of an address", rules.checkouts_address, MINUTE),
        )
        self._looks = RateLimit("drop looks of a person", rules.looks_person, MINUTE)

    def join(self, person_id: Id, address: str) -> None:
        """Count a try to join a waiting room.

        Raises:
            TooMany
        """
        self._both(self._joins, person_id, address)

    def check_out(self, person_id: Id, address: str) -> None:
        """Count a checkout with drop goods.

        Raises:
            TooMany
        """
        self._both(self._checkouts, person_id, address)

    def look(self, person_id: Id) -> None:
        """Count a look at one's place in a waiting room.

        Raises:
            TooMany
        """
        self._take(self._looks, str(int(person_id)))

    def _both(self, limits: tuple[RateLimit, RateLimit], person_id: Id, address: str) -> None:
        self._take(limits[0], str(int(person_id)))
        if address:
            self._take(limits[1], address_key(address))

    def _take(self, limit: RateLimit, key: str) -> None:
        wait = self._limiter.take(limit, key)
        if wait:
            raise TooMany(retry_after=whole_seconds(wait))
