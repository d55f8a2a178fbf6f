"""Which coupons to use: the best one for each shop."""

from collections.abc import Iterable, Sequence

from fairground.kit.ids import Id
from fairground.market.promotions.model.coupons import Coupon, promotion_of
from fairground.market.promotions.model.pricing import PriceLine, Promotion, price_checkout


def choose_coupons(
    lines: Sequence[PriceLine], coupons: Iterable[Coupon], others: Iterable[Promotion] = ()
) -> list[Coupon]:
    """Choose at most one coupon for each shop so that the shop's goods cost least.

    Exact: a shop's coupon touches only its own lines, so each shop is tried by itself, with whatever else of
    `others` holds for that shop alone. Of two that save the same, the one that ends sooner is used up first.
    """
    by_shop: dict[Id, list[Coupon]] = {}
    for coupon in coupons:
        by_shop.setdefault(coupon.shop_id, []).append(coupon)
    fixed = [p for p in others if p.shop_id is not None]
    chosen = []
    for shop_id in dict.fromkeys(line.shop_id for line in lines):
        mine = [line for line in lines if line.shop_id == shop_id]
        best = _best(mine, by_shop.get(shop_id, ()), [p for p in fixed if p.shop_id == shop_id])
        if best is not None:
            chosen.append(best)
    return chosen


def _best(lines: Sequence[PriceLine], coupons: Iterable[Coupon], others: Sequence[Promotion]) -> Coupon | None:
    best, least = None, price_checkout(lines, others, "").total
    for coupon in sorted(coupons, key=lambda c: (c.ends_at, c.id)):
        total = price_checkout(lines, [*others, promotion_of(coupon)], "").total
        if total < least:
            best, least = coupon, total
    return best
