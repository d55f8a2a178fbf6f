"""What has just been seen to be sold out, in the memory of one web process: a crowd is refused without the database.

An early refusal and nothing more: it never sells, it is never older than a second, and it speaks only where a crowd
asks: few askers are always answered by the database. Half-way through its second one asker is let through to look
again; if pieces came back it gets one, and the memory is gone for everybody.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from fairground.kit.ids import Id
from fairground.market.orders.errors import OutOfStock
from fairground.market.orders.intake.prepared import PreparedCheckout
from fairground.market.orders.model import OrderRules
from fairground.market.orders.model.quote import CheckoutRequest

SECONDS: Final = 1.0  # the longest that anybody is refused a piece that came back
CROWD: Final = 32  # refusals by the database, none of them a second after the one before, that make a crowd
MOST: Final = 10_000  # variants remembered


class _Seen(msgspec.Struct):
    at: float  # the moment before the look, so that what was seen is no older
    refused: int = 1
    asked_again: bool = False


class SoldOut:
    """Remembers for a second; `note` what a look has shown, `refusal` of a request that has no chance."""

    def __init__(
        self, rules: OrderRules, *, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rules = rules
        self._seconds = seconds
        self.now = clock
        self._seen: dict[Id, _Seen] = {}

    def note(self, looked: Sequence[object], began: float) -> None:
        """Remember what a look that began at a moment has shown: what had sold out, and what can be bought again."""
        for one in looked:
            if isinstance(one, OutOfStock):
                for variant in one.params["variants"]:
                    if variant["left"] == 0:
                        self._remember(Id(int(variant["variant_id"])), began)
            elif isinstance(one, PreparedCheckout) and self._seen:
                for shop in one.quote.shops:
                    for line in shop.lines:
                        self._forget(line.variant_id, began)

    def refusal(self, request: CheckoutRequest) -> OutOfStock | None:
        """Give the refusal of a plain request for things that are all known to be sold out; None: it has to be asked.

        Whatever might be refused for another reason, or needs more to be told right, is asked as ever.
        """
        if not self._seen or not self._is_plain(request):
            return None
        lines, now = request.lines or (), self.now()
        found = [self._seen.get(line.variant_id) for line in lines]
        seen = [one for one in found if one and one.refused >= CROWD and now - one.at < self._seconds]
        if len(seen) < len(lines):
            return None
        for one in seen:
            if now - one.at >= self._seconds / 2 and not one.asked_again:
                one.asked_again = True
                return None
        return OutOfStock(variants=[{"variant_id": str(int(line.variant_id)), "left": 0} for line in lines])

    def _is_plain(self, request: CheckoutRequest) -> bool:
        lines = request.lines
        if not lines or request.address_id is None or len(lines) > self._rules.lines_most:
            return False
        if request.coupons or request.deliveries or request.notes or request.gateway is not None:
            return False
        if not all(1 <= line.quantity <= self._rules.quantity_most for line in lines):
            return False
        return len({line.variant_id for line in lines}) == len(lines)

    def _remember(self, variant_id: Id, began: float) -> None:
        known = self._seen.pop(variant_id, None)
        if known is None or began - known.at >= self._seconds:
            known = _Seen(began)
        elif known.at < began:
            known = _Seen(began, known.refused + 1)
        else:
            known.refused += 1
        self._seen[variant_id] = known
        if len(self._seen) > MOST:
            del self._seen[next(iter(self._seen))]  # the one seen longest ago

    def _forget(self, variant_id: Id, began: float) -> None:
        known = self._seen.get(variant_id)
        if known is not None and known.at <= began:
            del self._seen[variant_id]
