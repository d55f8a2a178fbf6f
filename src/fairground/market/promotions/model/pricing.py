"""The price engine: one order of evaluation for everything that lowers a price. Pure, and all in minor units.

product price → limited price → shop coupon → shop "spend X, save Y" → market coupon → cross-shop "spend X, save Y"
→ red packet or store credit.

Each step counts on what the steps before it left over. What a promotion takes off is shared over its lines by
largest remainder, so that a later refund of one line knows exactly what that line cost.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from fairground.kit.ids import Id
from fairground.kit.money import share, split

WHOLE: Final = 10_000  # basis points


class Kind(StrEnum):
    """What a promotion is."""

    LIMITED_PRICE = "limited_price"
    SHOP_COUPON = "shop_coupon"
    SHOP_SPEND_SAVE = "shop_spend_save"
    MARKET_COUPON = "market_coupon"
    MARKET_SPEND_SAVE = "market_spend_save"
    CREDIT = "credit"


class Reach(StrEnum):
    """Over whose goods a kind of promotion may go."""

    SHOP = "shop"
    MARKET = "market"
    EITHER = "either"


class FixedPrice(msgspec.Struct, frozen=True, tag="fixed_price"):
    """Another unit price by variant, for at most `pieces` of each (None: all); never a higher one."""

    prices: dict[Id, int]
    pieces: int | None = None


class AmountOff(msgspec.Struct, frozen=True, tag="amount_off"):
    """An amount off, once."""

    amount: int


class PercentOff(msgspec.Struct, frozen=True, tag="percent_off"):
    """A part off in basis points (1200 = 12 %), at most `cap`."""

    basis_points: int
    cap: int | None = None


class PerFull(msgspec.Struct, frozen=True, tag="per_full"):
    """An amount off for every full `every` (300−40), at most `times` times."""

    every: int
    save: int
    times: int | None = None


Effect: TypeAlias = FixedPrice | AmountOff | PercentOff | PerFull


class Step(msgspec.Struct, frozen=True):
    """One step of the evaluation: its reach, the effects it knows, and whether one excludes another of its kind."""

    kind: Kind
    reach: Reach
    effects: tuple[type[Effect], ...]
    one_only: bool = False  # one for each shop, or one for the whole checkout


EVALUATION: Final = (
    Step(Kind.LIMITED_PRICE, Reach.EITHER, (FixedPrice,)),
    Step(Kind.SHOP_COUPON, Reach.SHOP, (AmountOff, PercentOff), one_only=True),
    Step(Kind.SHOP_SPEND_SAVE, Reach.SHOP, (PerFull, AmountOff)),
    Step(Kind.MARKET_COUPON, Reach.MARKET, (AmountOff, PercentOff), one_only=True),
    Step(Kind.MARKET_SPEND_SAVE, Reach.MARKET, (PerFull, AmountOff)),
    Step(Kind.CREDIT, Reach.MARKET, (AmountOff,)),
)
_STEPS: Final = {step.kind: (place, step) for place, step in enumerate(EVALUATION)}


class PriceLine(msgspec.Struct, frozen=True):
    """What is bought: so many pieces of a variant at the product's own price."""

    variant_id: Id
    product_id: Id
    shop_id: Id
    category: str | None
    unit_price: int
    quantity: int


class Promotion(msgspec.Struct, frozen=True, kw_only=True):
    """One promotion as the engine sees it; `shop_id` None reaches over all shops.

    `products` and `categories` narrow it to some goods. `threshold` is what these goods must come to after the
    earlier steps. `borne_by_market` in basis points: 0 = the shop bears it, 10,000 = the market does.
    """

    id: Id
    kind: Kind
    effect: Effect
    shop_id: Id | None = None
    threshold: int = 0
    products: frozenset[Id] | None = None
    categories: frozenset[str] | None = None
    borne_by_market: int = 0
    title: str = ""

    def __post_init__(self) -> None:
        step = _STEPS[self.kind][1]
        assert isinstance(self.effect, step.effects), f"{self.kind} cannot be a {type(self.effect).__name__}"
        assert step.reach is not Reach.SHOP or self.shop_id is not None, f"{self.kind} belongs to a shop"
        assert step.reach is not Reach.MARKET or self.shop_id is None, f"{self.kind} reaches over all shops"
        assert 0 <= self.borne_by_market <= WHOLE, "a share is between none and all"

    def covers(self, line: PriceLine) -> bool:
        """Tell whether the promotion goes over a line."""
        return (
            (self.shop_id is None or line.shop_id == self.shop_id)
            and (self.products is None or line.product_id in self.products)
            and (self.categories is None or line.category in self.categories)
        )


class Share(msgspec.Struct, frozen=True):
    """What one promotion takes off one line, and how much of it the market bears; the shop bears the rest."""

    promotion_id: Id
    kind: Kind
    amount: int
    borne_by_market: int = 0

    @property
    def borne_by_shop(self) -> int:
        """The part that lowers what the shop receives."""
        return self.amount - self.borne_by_market


class PricedLine(msgspec.Struct, frozen=True):
    """A line with its final total and how it came about: `goods` − all shares = `total`."""

    line: PriceLine
    goods: int
    shares: tuple[Share, ...]
    total: int


class PricedShop(msgspec.Struct, frozen=True):
    """The sums of one shop, `goods` − `saved` = `total`; of what was saved, the market bears a part."""

    shop_id: Id
    goods: int
    saved: int
    borne_by_market: int
    total: int


class PricedStep(msgspec.Struct, frozen=True):
    """One promotion that was counted: what it saved, and what was left to pay after it."""

    kind: Kind
    promotion_id: Id
    shop_id: Id | None
    title: str
    saved: int
    left: int


class UnusedReason(StrEnum):
    """Why a promotion was not counted."""

    NO_GOODS = "no_goods"  # nothing in the checkout that it covers
    BELOW_THRESHOLD = "below_threshold"  # `missing` more would do
    NOT_WITH_ANOTHER = "not_with_another"  # another of its kind was counted
    NOTHING_LEFT = "nothing_left"  # the price is as low already


class Unused(msgspec.Struct, frozen=True):
    """A promotion that was not counted, and why."""

    promotion_id: Id
    kind: Kind
    reason: UnusedReason
    missing: int = 0


class Priced(msgspec.Struct, frozen=True):
    """The final price first, then how it came about. Lines stand as they were handed in; delivery is not in it."""

    total: int
    goods: int
    currency: str
    steps: tuple[PricedStep, ...]
    shops: tuple[PricedShop, ...]
    lines: tuple[PricedLine, ...]
    unused: tuple[Unused, ...]

    @property
    def saved(self) -> int:
        """All that was taken off."""
        return self.goods - self.total


class _Count:
    """What is left on each line while the steps go by."""

    def __init__(self, lines: Sequence[PriceLine]) -> None:
        self.lines = lines
        self.goods = [line.unit_price * line.quantity for line in lines]
        self.left = list(self.goods)
        self.shares: list[list[Share]] = [[] for _ in lines]
        self.steps: list[PricedStep] = []
        self.unused: list[Unused] = []
        self.taken: set[tuple[Kind, Id | None]] = set()

    def leave_out(self, promotion: Promotion, reason: UnusedReason, missing: int = 0) -> None:
        self.unused.append(Unused(promotion.id, promotion.kind, reason, missing))

    def take_off(self, promotion: Promotion, places: Sequence[int], amounts: Sequence[int]) -> None:
        saved = sum(amounts)
        by_market = split(share(saved, promotion.borne_by_market), amounts)
        for place, amount, market in zip(places, amounts, by_market, strict=True):
            if amount:
                self.left[place] -= amount
                self.shares[place].append(Share(promotion.id, promotion.kind, amount, market))
        self.taken.add((promotion.kind, promotion.shop_id))
        self.steps.append(
            PricedStep(promotion.kind, promotion.id, promotion.shop_id, promotion.title, saved, sum(self.left))
        )


def price_checkout(lines: Sequence[PriceLine], promotions: Iterable[Promotion], currency: str) -> Priced:
    """Find the final price of some lines under some promotions.

    Promotions are counted in the order of `EVALUATION`, within a step by their ids, whatever order they come in.
    """
    count = _Count(lines)
    for promotion in sorted(promotions, key=lambda p: (_STEPS[p.kind][0], p.id)):
        _count_in(count, promotion)
    priced = tuple(
        PricedLine(line, goods, tuple(shares), left)
        for line, goods, shares, left in zip(lines, count.goods, count.shares, count.left, strict=True)
    )
    return Priced(
        total=sum(count.left),
        goods=sum(count.goods),
        currency=currency,
        steps=tuple(count.steps),
        shops=_by_shop(priced),
        lines=priced,
        unused=tuple(count.unused),
    )


def _count_in(count: _Count, promotion: Promotion) -> None:
    places = [i for i, line in enumerate(count.lines) if promotion.covers(line)]
    if not places:
        return count.leave_out(promotion, UnusedReason.NO_GOODS)
    if _STEPS[promotion.kind][1].one_only and (promotion.kind, promotion.shop_id) in count.taken:
        return count.leave_out(promotion, UnusedReason.NOT_WITH_ANOTHER)
    base = [count.left[i] for i in places]
    missing = max(promotion.threshold, _first_full(promotion.effect)) - sum(base)
    if missing > 0:
        return count.leave_out(promotion, UnusedReason.BELOW_THRESHOLD, missing)
    amounts = _amounts(promotion.effect, [count.lines[i] for i in places], base)
    if not any(amounts):
        return count.leave_out(promotion, UnusedReason.NOTHING_LEFT)
    return count.take_off(promotion, places, amounts)


def _first_full(effect: Effect) -> int:
    return effect.every if isinstance(effect, PerFull) else 0


def _amounts(effect: Effect, lines: Sequence[PriceLine], base: Sequence[int]) -> list[int]:
    """Say what an effect takes off each line, never more than is left on it."""
    if isinstance(effect, FixedPrice):
        return [max(0, left - _limited(effect, line)) for line, left in zip(lines, base, strict=True)]
    whole = sum(base)
    match effect:
        case AmountOff(amount=amount):
            wanted = amount
        case PercentOff(basis_points=points, cap=cap):
            wanted = share(whole, points)
            wanted = wanted if cap is None else min(wanted, cap)
        case PerFull(every=every, save=save, times=times):
            fulls = whole // every
            wanted = save * (fulls if times is None else min(fulls, times))
    return split(min(wanted, whole), base)


def _limited(effect: FixedPrice, line: PriceLine) -> int:
    price = effect.prices.get(line.variant_id, line.unit_price)
    pieces = line.quantity if effect.pieces is None else min(line.quantity, effect.pieces)
    return price * pieces + line.unit_price * (line.quantity - pieces)


def _by_shop(lines: Sequence[PricedLine]) -> tuple[PricedShop, ...]:
    shops: dict[Id, list[PricedLine]] = {}
    for line in lines:
        shops.setdefault(line.line.shop_id, []).append(line)
    return tuple(
        PricedShop(
            shop_id,
            goods=sum(x.goods for x in mine),
            saved=sum(x.goods - x.total for x in mine),
            borne_by_market=sum(s.borne_by_market for x in mine for s in x.shares),
            total=sum(x.total for x in mine),
        )
        for shop_id, mine in shops.items()
    )
