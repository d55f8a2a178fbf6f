"""Which claims get pieces of drops: in order of arrival, all or nothing for each claim. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import msgspec

from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.model import (
    DropAnswer,
    DropClaim,
    DropId,
    DropReason,
    DropRefused,
    DropTaken,
    DropTaking,
)

GoodsKey: TypeAlias = tuple[DropId, Id]


class Counted(msgspec.Struct, frozen=True):
    """The row of one variant in a drop, as it was when we locked it."""

    left: int
    per_person: int
    running: bool
    starts_at: datetime
    ends_at: datetime


class DropTally:
    """What is left of some goods, and what some people have of them, while claims are decided."""

    def __init__(self, goods: Mapping[GoodsKey, Counted], have: Mapping[tuple[GoodsKey, PersonId], int]) -> None:
        self.goods = goods
        self.left = {key: row.left for key, row in goods.items()}
        self.have = dict(have)
        self.fresh: list[tuple[PersonId, DropTaking]] = []  # granted here, to be written

    def allot(self, claims: Sequence[DropClaim], now: datetime) -> list[DropAnswer]:
        """Decide over claims in the order given; a refused one takes nothing."""
        return [self._decide(claim, now) for claim in claims]

    def _decide(self, claim: DropClaim, now: datetime) -> DropAnswer:
        wanted: Counter[GoodsKey] = Counter()
        for taking in claim.takings:
            wanted[taking.drop_id, taking.variant_id] += taking.pieces
        for key, pieces in wanted.items():
            refused = self._why_not(claim, key, pieces, now)
            if refused is not None:
                return refused
        for key, pieces in wanted.items():
            self.left[key] -= pieces
            self.have[key, claim.person_id] = self.have.get((key, claim.person_id), 0) + pieces
        self.fresh += [(claim.person_id, taking) for taking in claim.takings]
        return DropTaken(claim.claim_id)

    def _why_not(self, claim: DropClaim, key: GoodsKey, pieces: int, now: datetime) -> DropRefused | None:
        row = self.goods.get(key)
        if row is None or not row.running or not row.starts_at <= now < row.ends_at:
            return DropRefused(claim.claim_id, key[1], DropReason.NOT_NOW)
        allowed = max(0, row.per_person - self.have.get((key, claim.person_id), 0))
        if pieces > allowed:
            return DropRefused(claim.claim_id, key[1], DropReason.OVER_LIMIT, allowed)
        if pieces > self.left[key]:
            return DropRefused(claim.claim_id, key[1], DropReason.SOLD_OUT, self.left[key])
        return None
