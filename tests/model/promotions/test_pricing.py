"""The price engine, by examples worked out by hand."""

import pytest

from fairground.kit.ids import Id
from fairground.market.promotions.model import (
    EVALUATION,
    AmountOff,
    FixedPrice,
    Kind,
    PercentOff,
    PerFull,
    Priced,
    PriceLine,
    Promotion,
    Unused,
    UnusedReason,
    price_checkout,
)

SHOP, OTHER = Id(1), Id(2)


def line(variant: int, price: int, quantity: int = 1, *, shop: Id = SHOP, category: str | None = None) -> PriceLine:
    return PriceLine(Id(variant), Id(variant * 10), shop, category, price, quantity)


def price(lines: list[PriceLine], *promotions: Promotion) -> Priced:
    return price_checkout(lines, promotions, "CNY")


def coupon(id_: int, amount: int, threshold: int = 0, shop: Id = SHOP, **more: object) -> Promotion:
    return Promotion(
        id=Id(id_), kind=Kind.SHOP_COUPON, effect=AmountOff(amount), shop_id=shop, threshold=threshold, **more
    )


ALL_STEPS = (
    Promotion(id=Id(6), kind=Kind.CREDIT, effect=AmountOff(500), borne_by_market=10_000),
    Promotion(id=Id(5), kind=Kind.MARKET_SPEND_SAVE, effect=PerFull(10_000, 1_000), borne_by_market=3_000),
    Promotion(id=Id(4), kind=Kind.MARKET_COUPON, effect=PercentOff(1_000), borne_by_market=10_000),
    Promotion(id=Id(3), kind=Kind.SHOP_SPEND_SAVE, effect=PerFull(20_000, 2_000), shop_id=SHOP),
    Promotion(id=Id(2), kind=Kind.SHOP_COUPON, effect=AmountOff(1_000), shop_id=SHOP, threshold=20_000),
    Promotion(id=Id(1), kind=Kind.LIMITED_PRICE, effect=FixedPrice({Id(7): 8_000}), shop_id=SHOP),
)


def test_nothing_promoted_costs_what_it_costs() -> None:
    priced = price([line(1, 1999, 3), line(2, 500)])
    assert (priced.total, priced.goods, priced.saved) == (6497, 6497, 0)
    assert priced.steps == priced.unused == ()


def test_every_kind_has_its_place_in_the_evaluation() -> None:
    assert [step.kind for step in EVALUATION] == list(Kind)


def test_each_step_counts_on_what_the_steps_before_left_over() -> None:
    # 3 × 100.00; limited price 80.00 → 240.00; coupon −10 → 230.00; 200−20 → 210.00; −10 % → 189.00;
    # 100−10 → 179.00; red packet −5 → 174.00
    priced = price([line(7, 10_000, 3)], *ALL_STEPS)
    assert [step.left for step in priced.steps] == [24_000, 23_000, 21_000, 18_900, 17_900, 17_400]
    assert [step.kind for step in priced.steps] == list(Kind)
    assert priced.total == 17_400


def test_who_bears_it_stands_on_every_share() -> None:
    priced = price([line(7, 10_000, 3)], *ALL_STEPS)
    borne = {share.kind: (share.borne_by_shop, share.borne_by_market) for share in priced.lines[0].shares}
    assert borne[Kind.SHOP_COUPON] == (1_000, 0)
    assert borne[Kind.MARKET_COUPON] == (0, 2_100)
    assert borne[Kind.MARKET_SPEND_SAVE] == (700, 300)
    assert priced.shops[0].borne_by_market == 2_100 + 300 + 500


def test_the_threshold_counts_what_is_left_after_the_limited_price() -> None:
    limited = Promotion(id=Id(1), kind=Kind.LIMITED_PRICE, effect=FixedPrice({Id(7): 4_000}), shop_id=SHOP)
    priced = price([line(7, 10_000)], limited, coupon(2, 1_000, threshold=5_000))
    assert priced.total == 4_000
    assert priced.unused == (Unused(Id(2), Kind.SHOP_COUPON, UnusedReason.BELOW_THRESHOLD, missing=1_000),)


def test_a_limited_price_is_never_higher_than_the_products_own() -> None:
    dear = Promotion(id=Id(1), kind=Kind.LIMITED_PRICE, effect=FixedPrice({Id(7): 12_000}))
    priced = price([line(7, 10_000)], dear)
    assert priced.total == 10_000
    assert priced.unused[0].reason is UnusedReason.NOTHING_LEFT


def test_a_limited_price_holds_for_so_many_pieces() -> None:
    two = Promotion(id=Id(1), kind=Kind.LIMITED_PRICE, effect=FixedPrice({Id(7): 1_000}, pieces=2))
    assert price([line(7, 10_000, 5)], two).total == 2 * 1_000 + 3 * 10_000


def test_a_coupon_touches_its_own_shop_only() -> None:
    priced = price([line(1, 3_000), line(2, 3_000, shop=OTHER)], coupon(9, 1_000))
    assert [x.total for x in priced.lines] == [2_000, 3_000]
    assert [(s.shop_id, s.total) for s in priced.shops] == [(SHOP, 2_000), (OTHER, 3_000)]


def test_a_coupon_for_some_products_reaches_its_threshold_with_these_alone() -> None:
    narrow = coupon(9, 1_000, threshold=4_000, products=frozenset({Id(10)}))
    priced = price([line(1, 3_000), line(2, 3_000)], narrow)
    assert priced.unused == (Unused(Id(9), Kind.SHOP_COUPON, UnusedReason.BELOW_THRESHOLD, missing=1_000),)
    assert price([line(1, 4_000), line(2, 3_000)], narrow).lines[1].shares == ()


def test_a_promotion_for_a_category_covers_it_alone() -> None:
    tea = Promotion(
        id=Id(9),
        kind=Kind.MARKET_COUPON,
        effect=PercentOff(5_000),
        categories=frozenset({"tea"}),
        borne_by_market=10_000,
    )
    priced = price([line(1, 3_000, category="tea"), line(2, 3_000, category="lamps")], tea)
    assert [x.total for x in priced.lines] == [1_500, 3_000]


def test_a_percentage_stops_at_its_cap() -> None:
    capped = Promotion(id=Id(1), kind=Kind.SHOP_COUPON, effect=PercentOff(2_000, cap=1_500), shop_id=SHOP)
    assert price([line(1, 5_000)], capped).total == 4_000
    assert price([line(1, 50_000)], capped).total == 48_500


def test_spend_and_save_counts_every_full_one_over_all_shops() -> None:
    fair = Promotion(id=Id(1), kind=Kind.MARKET_SPEND_SAVE, effect=PerFull(30_000, 4_000))
    priced = price([line(1, 35_000), line(2, 30_000, shop=OTHER)], fair)
    assert priced.saved == 8_000
    assert [x.goods - x.total for x in priced.lines] == [4_308, 3_692]  # 8000 × 35/65 = 4307.7, × 30/65 = 3692.3


def test_what_is_missing_for_the_first_full_one_is_told() -> None:
    fair = Promotion(id=Id(1), kind=Kind.MARKET_SPEND_SAVE, effect=PerFull(30_000, 4_000))
    assert price([line(1, 29_900)], fair).unused[0].missing == 100


def test_an_amount_above_the_price_leaves_nothing_to_pay_and_no_debt() -> None:
    priced = price([line(1, 300), line(2, 200)], coupon(1, 1_000))
    assert (priced.total, priced.saved) == (0, 500)
    assert [x.total for x in priced.lines] == [0, 0]


def test_only_one_coupon_of_a_shop_is_counted() -> None:
    priced = price([line(1, 5_000)], coupon(2, 900), coupon(1, 100))
    assert [step.promotion_id for step in priced.steps] == [Id(1)]
    assert priced.unused[0].reason is UnusedReason.NOT_WITH_ANOTHER


def test_a_coupon_whose_threshold_is_missed_does_not_block_another() -> None:
    priced = price([line(1, 5_000)], coupon(1, 900, threshold=9_000), coupon(2, 100))
    assert priced.total == 4_900


def test_an_odd_cent_goes_to_the_largest_remainder() -> None:
    priced = price([line(1, 100), line(2, 100), line(3, 100)], coupon(1, 100))
    assert [x.total for x in priced.lines] == [66, 67, 67]


def test_a_kind_refuses_an_effect_that_is_not_its_own() -> None:
    with pytest.raises(AssertionError):
        Promotion(id=Id(1), kind=Kind.SHOP_COUPON, effect=FixedPrice({}), shop_id=SHOP)
    with pytest.raises(AssertionError):
        Promotion(id=Id(1), kind=Kind.SHOP_COUPON, effect=AmountOff(1))
    with pytest.raises(AssertionError):
        Promotion(id=Id(1), kind=Kind.CREDIT, effect=AmountOff(1), shop_id=SHOP)
