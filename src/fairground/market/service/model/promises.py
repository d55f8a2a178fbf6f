"""What shops promise beside the market's own rules, and what a broken promise is worth."""

import msgspec

from fairground.kit.ids import Id


class PromiseRules(msgspec.Struct, frozen=True):
    """The numbers of promises."""

    price_days_most: int = 30  # that a shop may promise its prices for
    voucher_days: int = 30


class PricePromise(msgspec.Struct, frozen=True):
    """A line bought under the promise that its price holds; amounts in minor units, for one piece but `given`."""

    order_id: Id
    position: int
    shop_id: Id
    variant_id: Id
    buyer_id: Id
    quantity: int
    currency: str
    paid_each: int
    lowest: int
    given: int
    times: int

    def owed(self, price: int) -> int:
        """What is owed where a piece costs this now: the fall below all earlier prices, for all pieces."""
        return max(0, self.lowest - price) * self.quantity

    def code(self, order_number: int) -> str:
        """Name the next voucher, so that it is given once."""
        return f"PRICE{order_number:012d}{self.position:03d}{self.times + 1:03d}"
