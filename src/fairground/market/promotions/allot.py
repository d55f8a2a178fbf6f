"""Which claims get their coupons: in order of arrival, all or nothing for each claim. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import msgspec

from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.model import (
    Coupon,
    CouponClaim,
    CouponId,
    CouponState,
    CouponUse,
    Refused,
    RefusedReason,
    Used,
)
from fairground.market.promotions.model.coupons import Answer

HolderKey: TypeAlias = tuple[CouponId, PersonId]
UseKey: TypeAlias = tuple[CouponId, Id]


class Holding(msgspec.Struct, frozen=True):
    """How many of one coupon one person has taken and used."""

    taken: int = 0
    used: int = 0


class Counters:
    """The counters of some coupons while claims are decided; `known` are the uses that stand already."""

    def __init__(
        self, coupons: Mapping[CouponId, Coupon], holdings: Mapping[HolderKey, Holding], known: Iterable[UseKey]
    ) -> None:
        self.coupons = coupons
        self.taken = {coupon_id: coupon.taken_count for coupon_id, coupon in coupons.items()}
        self.holdings = dict(holdings)
        self.known = set(known)
        self.fresh: list[tuple[CouponClaim, CouponUse]] = []  # granted here, to be written

    def allot(self, claims: Sequence[CouponClaim], now: datetime) -> list[Answer]:
        """Decide over claims in the order given; a refused one leaves the counters as they were."""
        return [self._decide(claim, now) for claim in claims]

    def _decide(self, claim: CouponClaim, now: datetime) -> Answer:
        if not claim.uses:
            return Used(claim.claim_id)
        before = (dict(self.taken), dict(self.holdings), set(self.known), len(self.fresh))
        for use in claim.uses:
            reason = self._use(claim, use, now)
            if reason is not None:
                self.taken, self.holdings, self.known = before[:3]
                del self.fresh[before[3] :]
                return Refused(claim.claim_id, use.coupon_id, reason)
        return Used(claim.claim_id)

    def _use(self, claim: CouponClaim, use: CouponUse, now: datetime) -> RefusedReason | None:
        coupon = self.coupons.get(use.coupon_id)
        if coupon is None:
            return RefusedReason.UNKNOWN
        if (use.coupon_id, use.use_id) in self.known:
            return None
        if not coupon.is_good_at(now):
            return RefusedReason.NOT_NOW
        key = (use.coupon_id, claim.person_id)
        holding = self.holdings.get(key, Holding())
        if holding.used == holding.taken:  # none in hand: one is taken now, as on the shop's page
            reason = self._why_not_take(coupon, holding, now)
            if reason is not None:
                return reason
            self.taken[use.coupon_id] += 1
            holding = Holding(holding.taken + 1, holding.used)
        self.holdings[key] = Holding(holding.taken, holding.used + 1)
        self.known.add((use.coupon_id, use.use_id))
        self.fresh.append((claim, use))
        return None

    def _why_not_take(self, coupon: Coupon, holding: Holding, now: datetime) -> RefusedReason | None:
        if holding.taken >= coupon.per_person_limit:
            return RefusedReason.USED_UP
        if coupon.total_limit is not None and self.taken[coupon.id] >= coupon.total_limit:
            return RefusedReason.ALL_TAKEN
        # Not `can_be_taken_at`: its count is of the row, ours has moved on since.
        return None if coupon.state is CouponState.OPEN else RefusedReason.NOT_NOW
