"""Whatever is promoted: sums are kept, nothing falls below zero, the order of evaluation is the one there is."""

import itertools
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from fairground.kit.ids import Id
from fairground.market.promotions.model import (
    EVALUATION,
    AmountOff,
    Coupon,
    CouponId,
    CouponState,
    FixedPrice,
    Kind,
    PercentOff,
    PerFull,
    Priced,
    PriceLine,
    Promotion,
    UnusedReason,
    choose_coupons,
    price_checkout,
    promotion_of,
)
from fairground.market.shops.model import ShopId

SHOPS = [ShopId(n) for n in (1, 2, 3)]
PLACE = {step.kind: place for place, step in enumerate(EVALUATION)}
amounts = st.integers(0, 50_000)


@st.composite
def line_lists(draw: st.DrawFn) -> list[PriceLine]:
    count = draw(st.integers(0, 6))
    return [
        PriceLine(
            Id(n + 1),
            Id(draw(st.integers(10, 13))),
            draw(st.sampled_from(SHOPS)),
            draw(st.sampled_from(["tea", "lamps", None])),
            draw(amounts),
            draw(st.integers(1, 9)),
        )
        for n in range(count)
    ]


@st.composite
def effects(draw: st.DrawFn, kind: Kind) -> AmountOff | PercentOff | PerFull | FixedPrice:
    allowed = EVALUATION[PLACE[kind]].effects
    made = draw(st.sampled_from(allowed))
    if made is FixedPrice:
        prices = draw(st.dictionaries(st.integers(1, 6).map(Id), amounts, max_size=6))
        return FixedPrice(prices, draw(st.none() | st.integers(1, 5)))
    if made is PercentOff:
        return PercentOff(draw(st.integers(1, 10_000)), draw(st.none() | amounts))
    if made is PerFull:
        return PerFull(draw(st.integers(1, 50_000)), draw(amounts), draw(st.none() | st.integers(1, 3)))
    return AmountOff(draw(amounts))


@st.composite
def promotions(draw: st.DrawFn) -> list[Promotion]:
    made = []
    for n in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from(list(Kind)))
        made.append(
            Promotion(
                id=Id(100 + n),
                kind=kind,
                effect=draw(effects(kind)),
                shop_id=draw(st.sampled_from(SHOPS)) if kind.value.startswith("shop") else None,
                threshold=draw(st.sampled_from([0, 0, 1_000, 20_000, 80_000])),
                products=draw(st.none() | st.frozensets(st.integers(10, 13).map(Id), min_size=1)),
                borne_by_market=draw(st.sampled_from([0, 3_333, 5_000, 10_000])),
            )
        )
    return made


@given(line_lists(), promotions())
@settings(max_examples=400, deadline=None)
def test_sums_are_kept_and_nothing_falls_below_zero(lines: list[PriceLine], offered: list[Promotion]) -> None:
    priced = price_checkout(lines, offered, "CNY")
    for line in priced.lines:
        assert line.goods == line.line.unit_price * line.line.quantity
        assert line.goods - sum(share.amount for share in line.shares) == line.total >= 0
        assert all(share.amount > 0 and 0 <= share.borne_by_market <= share.amount for share in line.shares)
    assert priced.total == sum(line.total for line in priced.lines) == sum(shop.total for shop in priced.shops)
    assert priced.saved == sum(step.saved for step in priced.steps) == sum(shop.saved for shop in priced.shops)
    assert all(shop.goods - shop.saved == shop.total for shop in priced.shops)
    assert len(priced.steps) + len(priced.unused) == len(offered)
    _shares_add_up_to_their_steps(priced, offered)


def _shares_add_up_to_their_steps(priced: Priced, offered: list[Promotion]) -> None:
    by_id = {promotion.id: promotion for promotion in offered}
    for step in priced.steps:
        mine = [s for line in priced.lines for s in line.shares if s.promotion_id == step.promotion_id]
        assert sum(share.amount for share in mine) == step.saved
        market = (step.saved * by_id[step.promotion_id].borne_by_market + 5_000) // 10_000
        assert sum(share.borne_by_market for share in mine) == market


@given(line_lists(), promotions(), st.randoms())
@settings(max_examples=200, deadline=None)
def test_the_order_of_evaluation_does_not_hang_on_the_order_of_writing(
    lines: list[PriceLine], offered: list[Promotion], random: object
) -> None:
    shuffled = list(offered)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    priced = price_checkout(lines, offered, "CNY")
    assert price_checkout(lines, shuffled, "CNY") == priced
    places = [PLACE[step.kind] for step in priced.steps]
    assert places == sorted(places)


@given(line_lists(), promotions())
@settings(max_examples=300, deadline=None)
def test_thresholds_count_what_remains_after_the_earlier_steps(
    lines: list[PriceLine], offered: list[Promotion]
) -> None:
    priced = price_checkout(lines, offered, "CNY")
    used = [step.promotion_id for step in priced.steps]
    missed = {unused.promotion_id: unused for unused in priced.unused}
    for promotion in offered:
        key = (PLACE[promotion.kind], promotion.id)
        earlier = {p.id for p in offered if (PLACE[p.kind], p.id) < key}
        base = sum(
            line.goods - sum(s.amount for s in line.shares if s.promotion_id in earlier)
            for line in priced.lines
            if promotion.covers(line.line)
        )
        if promotion.id in used:
            assert base >= promotion.threshold
        elif missed[promotion.id].reason is UnusedReason.BELOW_THRESHOLD:
            full = promotion.effect.every if isinstance(promotion.effect, PerFull) else 0
            assert base + missed[promotion.id].missing == max(promotion.threshold, full) > base


@st.composite
def coupon_lists(draw: st.DrawFn) -> list[Coupon]:
    when = datetime(2026, 6, 18, tzinfo=UTC)
    return [
        Coupon(
            id=CouponId(n + 1),
            shop_id=draw(st.sampled_from(SHOPS)),
            title="",
            code=None,
            effect=draw(effects(Kind.SHOP_COUPON)),  # type: ignore[arg-type]
            threshold=draw(st.sampled_from([0, 5_000, 40_000])),
            currency="CNY",
            product_ids=draw(st.none() | st.just((Id(10), Id(11)))),
            starts_at=when,
            ends_at=when.replace(year=2027 + draw(st.integers(0, 2))),
            total_limit=None,
            per_person_limit=1,
            borne_by_market=0,
            state=CouponState.OPEN,
            taken_count=0,
            used_count=0,
            created_at=when,
        )
        for n in range(draw(st.integers(0, 6)))
    ]


@given(line_lists(), coupon_lists())
@settings(max_examples=150, deadline=None)
def test_the_suggestion_is_the_best_of_all_choices(lines: list[PriceLine], coupons: list[Coupon]) -> None:
    choices = itertools.product(*[[None, *[c for c in coupons if c.shop_id == shop]] for shop in SHOPS])
    best = min(
        price_checkout(lines, [promotion_of(c) for c in choice if c is not None], "CNY").total for choice in choices
    )
    chosen = choose_coupons(lines, coupons)
    priced = price_checkout(lines, [promotion_of(c) for c in chosen], "CNY")
    assert priced.total == best
    assert not priced.unused, "a coupon that saves nothing is not suggested"
