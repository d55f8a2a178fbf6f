"""What happens to coupons and drops."""

from datetime import datetime

from fairground.kit.events import Event
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.model import CouponId, DropId
from fairground.market.shops.model import ShopId


class CouponOpened(Event, frozen=True, kw_only=True):
    """A shop put up a coupon."""

    coupon_id: CouponId
    shop_id: ShopId

    @property
    def subject(self) -> Id:
        """The coupon."""
        return self.coupon_id


class CouponStopped(Event, frozen=True, kw_only=True):
    """A shop takes a coupon away; what was taken stays good."""

    coupon_id: CouponId
    shop_id: ShopId

    @property
    def subject(self) -> Id:
        """The coupon."""
        return self.coupon_id


class CouponReturned(Event, frozen=True, kw_only=True):
    """A used coupon came back into its holder's wallet, because the order fell through."""

    coupon_id: CouponId
    person_id: PersonId
    use_id: Id

    @property
    def subject(self) -> Id:
        """The order it was used for."""
        return self.use_id


class DropAnnounced(Event, frozen=True, kw_only=True):
    """A shop told everybody about a drop; its terms stand from here on."""

    drop_id: DropId
    shop_id: ShopId
    starts_at: datetime
    ends_at: datetime

    @property
    def subject(self) -> Id:
        """The drop."""
        return self.drop_id


class DropCancelled(Event, frozen=True, kw_only=True):
    """A drop was cancelled before it began, or stopped while it was open; what was ordered stands."""

    drop_id: DropId
    shop_id: ShopId

    @property
    def subject(self) -> Id:
        """The drop."""
        return self.drop_id
