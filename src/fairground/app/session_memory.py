"""Sessions that were looked up a moment ago, for the one address that a crowd calls again and again."""

import time
from collections.abc import Callable
from typing import Final

from fairground.kit.clock import Clock
from fairground.kit.together import Look, Together
from fairground.market.accounts.model import SignedIn

MOST: Final = 50_000  # sessions remembered


class SessionMemory:
    """Looks up who is behind a token, many with one statement; `ask_lately` is content with what is some seconds old.

    A session that ended in between may so place orders for that long, in the processes that have seen it, and nothing
    else: every other address looks it up. Only sessions that were found are remembered.
    """

    def __init__(
        self,
        look: Look[str, SignedIn | None],
        clock: Clock,
        *,
        seconds: float,
        ticking: Callable[[], float] = time.monotonic,
    ) -> None:
        self._together: Together[str, SignedIn | None] = Together(look)
        self._clock = clock
        self._seconds = seconds
        self._ticking = ticking
        self._found: dict[str, tuple[float, SignedIn]] = {}

    async def ask(self, token: str) -> SignedIn | None:
        """Find who is behind a token, now."""
        return await self._together.ask(token)

    async def ask_lately(self, token: str) -> SignedIn | None:
        """Find who was behind a token at most so many seconds ago."""
        asked = self._ticking()  # before the look: what it finds is no older
        known = self._found.get(token)
        if known is not None and asked - known[0] < self._seconds and known[1].expires_at > self._clock.now():
            return known[1]
        found = await self._together.ask(token)
        self._found.pop(token, None)
        if found is not None and self._seconds > 0:
            self._found[token] = (asked, found)
            if len(self._found) > MOST:
                del self._found[next(iter(self._found))]  # the one looked up longest ago
        return found
