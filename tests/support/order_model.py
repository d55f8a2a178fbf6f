"""The plain model of checkouts and orders that the property machine holds the market against: dictionaries and sums."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

STOCK: Final = 6
COUPON_TOTAL: Final = 3
COUPON_EACH: Final = 2
UNPAID: Final = timedelta(hours=24)
UNPAID_IN_A_DROP: Final = timedelta(minutes=15)
DROPPED: Final = 2  # which of the goods drops are made of


class DropModel(msgspec.Struct):
    """A drop of one of the goods: how many are left, how many one may have, and who has some."""

    number: int
    left: int
    each: int
    ends_at: datetime
    taken: dict[int, int] = msgspec.field(default_factory=dict)  # by buyer


class OrderNow(msgspec.Struct):
    """An order as it should be now."""

    payment: int
    buyer: int
    pieces: dict[int, int]  # of each of the goods
    pay_by: datetime
    has_coupon: bool
    state: str = "placed"
    refunded: int = 0
    drop: int | None = None  # whose pieces it has


class OrderModel:
    """Pieces, drops, carts and orders; `now` is handed in, as everywhere."""

    def __init__(self, goods: int) -> None:
        self.free = [STOCK] * goods
        self.orders: dict[int, OrderNow] = {}
        self.carts: dict[int, dict[int, int]] = {0: {}, 1: {}}
        self.drop: DropModel | None = None
        self.drops = 0

    def open_drop(self, quota: int, each: int, ends_at: datetime) -> None:
        """Begin a drop."""
        self.drops += 1
        self.drop = DropModel(self.drops, quota, each, ends_at)

    def drop_at(self, now: datetime) -> DropModel | None:
        """Find the drop that is on."""
        return self.drop if self.drop is not None and now < self.drop.ends_at else None

    def fits(self, buyer: int, wish: Mapping[int, int], now: datetime) -> bool:
        """Tell whether a wish can be had just now: pieces, and of a drop the quota and the limit of a person."""
        drop, dropped = self.drop_at(now), wish.get(DROPPED, 0)
        if drop is not None and dropped and dropped > min(drop.left, drop.each - drop.taken.get(buyer, 0)):
            return False
        return bool(wish) and all(quantity <= self.free[which] for which, quantity in wish.items())

    def take(self, order_id: int, order: OrderNow, now: datetime) -> None:
        """Note an order that was placed."""
        self.orders[order_id] = order
        for which, quantity in order.pieces.items():
            self.free[which] -= quantity
        drop = self.drop_at(now)
        if drop is not None and DROPPED in order.pieces:
            order.drop = drop.number
            drop.left -= order.pieces[DROPPED]
            drop.taken[order.buyer] = drop.taken.get(order.buyer, 0) + order.pieces[DROPPED]

    def pay_by(self, wish: Mapping[int, int], now: datetime) -> datetime:
        """Tell until when a checkout may be paid."""
        return now + (UNPAID_IN_A_DROP if self.drop_at(now) is not None and DROPPED in wish else UNPAID)

    def close(self, order: OrderNow) -> None:
        """End an order without receipt: everything goes back."""
        for which, quantity in order.pieces.items():
            self.free[which] += quantity
        if self.drop is not None and order.drop == self.drop.number:
            self.drop.left += order.pieces[DROPPED]
            self.drop.taken[order.buyer] -= order.pieces[DROPPED]
        order.state = "closed"

    def close_payment(self, payment: int) -> None:
        """End what hangs on a payment that was not made."""
        for order in self.orders.values():
            if order.payment == payment and order.state == "placed":
                self.close(order)

    def pay(self, payment: int, now: datetime) -> None:
        """Let money come: in time it pays, after its time it closes what is still open, and goes back."""
        for order in self.orders.values():
            if order.payment == payment and order.state == "placed":
                if now > order.pay_by:
                    self.close(order)
                else:
                    order.state = "paid"

    def sweep(self, now: datetime) -> None:
        """Close what nobody paid in time."""
        for order in self.orders.values():
            if order.state == "placed" and order.pay_by <= now:
                self.close(order)

    def coupons_out(self) -> dict[int, int]:
        """Count by buyer the orders that stand with a coupon."""
        out = {0: 0, 1: 0}
        for order in self.orders.values():
            out[order.buyer] += order.has_coupon and order.state != "closed"
        return out
