"""Coupons of shops: their terms, who holds them, what became of a use."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.model.pricing import AmountOff, Kind, PercentOff, Promotion
from fairground.market.shops.model import ShopId

CouponEffect: TypeAlias = AmountOff | PercentOff


class CouponId(Id):
    """The id of a coupon; lives in its shop's bucket."""


class PromotionRules(msgspec.Struct, frozen=True):
    """Numbers of the market about promotions."""

    coupon_days_most: int = 180  # from the first to the last moment of a coupon
    coupon_ahead_days_most: int = 180  # how far ahead a coupon may begin
    coupons_open_most: int = 50  # of one shop at a time
    coupon_percent_most: int = 9_000  # basis points
    coupon_total_most: int = 1_000_000  # pieces of one coupon
    coupon_per_person_most: int = 100
    coupon_products_most: int = 200  # products a coupon may be narrowed to
    coupon_title_most: int = 60  # characters
    coupon_code_least: int = 3
    coupon_code_most: int = 24


class CouponState(StrEnum):
    """Whether a coupon may still be taken; what was taken before stays good until its end."""

    OPEN = "open"
    STOPPED = "stopped"


class CouponDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a seller writes down. With a `code` it is for those who know the code, and not shown on pages."""

    title: str
    effect: CouponEffect
    threshold: int = 0
    starts_at: datetime
    ends_at: datetime
    total_limit: int | None = None
    per_person_limit: int = 1
    code: str | None = None
    product_ids: tuple[Id, ...] | None = None


class Coupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon and its counters: used ≤ taken ≤ total limit. Only state and counters ever change."""

    id: CouponId
    shop_id: ShopId
    title: str
    code: str | None
    effect: CouponEffect
    threshold: int
    currency: str
    product_ids: tuple[Id, ...] | None
    starts_at: datetime
    ends_at: datetime
    total_limit: int | None
    per_person_limit: int
    borne_by_market: int
    state: CouponState
    taken_count: int
    used_count: int
    created_at: datetime

    @property
    def left(self) -> int | None:
        """How many can still be taken; None without a limit."""
        return None if self.total_limit is None else self.total_limit - self.taken_count

    def is_good_at(self, moment: datetime) -> bool:
        """Tell whether the coupon may be used at a moment."""
        return self.starts_at <= moment < self.ends_at

    def can_be_taken_at(self, moment: datetime) -> bool:
        """Tell whether anybody may still take one."""
        return self.state is CouponState.OPEN and self.is_good_at(moment) and self.left != 0


class HeldCoupon(msgspec.Struct, frozen=True):
    """A coupon in somebody's wallet: so many taken, so many of them used. Counters of `coupon` are of the taking."""

    coupon: Coupon
    taken: int
    used: int

    @property
    def left(self) -> int:
        """How many uses the person has left."""
        return self.taken - self.used


class TakeableCoupon(msgspec.Struct, frozen=True):
    """A coupon on a shop's page, and how many of it the reader has taken and used."""

    coupon: Coupon
    taken: int = 0
    used: int = 0

    @property
    def may_take(self) -> bool:
        """Tell whether the reader may take one more."""
        return self.taken < self.coupon.per_person_limit and self.coupon.left != 0


class CouponUse(msgspec.Struct, frozen=True):
    """One coupon used for one order, and what it took off."""

    coupon_id: CouponId
    use_id: Id  # the order, in the person's bucket
    amount: int


class CouponClaim(msgspec.Struct, frozen=True):
    """What one checkout wants to use: all of it, or none."""

    claim_id: Id
    person_id: PersonId
    uses: tuple[CouponUse, ...]


class RefusedReason(StrEnum):
    """Why a coupon could not be used."""

    UNKNOWN = "unknown"
    NOT_NOW = "not_now"  # before its beginning, or past its end
    USED_UP = "used_up"  # this person has none left
    ALL_TAKEN = "all_taken"  # nobody can take one any more


class Used(msgspec.Struct, frozen=True):
    """The claim got all its coupons."""

    claim_id: Id


class Refused(msgspec.Struct, frozen=True):
    """The claim used nothing; names the first coupon that stood in the way."""

    claim_id: Id
    coupon_id: CouponId
    reason: RefusedReason


Answer: TypeAlias = Used | Refused


class CouponFault(msgspec.Struct, frozen=True):
    """A broken promise found by the audit."""

    coupon_id: CouponId
    what: str
    expected: int
    found: int


def promotion_of(coupon: Coupon) -> Promotion:
    """Show a coupon to the price engine."""
    return Promotion(
        id=coupon.id,
        kind=Kind.SHOP_COUPON,
        effect=coupon.effect,
        shop_id=coupon.shop_id,
        threshold=coupon.threshold,
        products=None if coupon.product_ids is None else frozenset(coupon.product_ids),
        borne_by_market=coupon.borne_by_market,
        title=coupon.title,
    )
