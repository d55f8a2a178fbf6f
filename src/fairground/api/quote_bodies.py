"""Quotes and lines as the API shows them."""

import msgspec

from fairground.kit.errors import N_
from fairground.kit.i18n.words import say
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.orders.model import OrderLine
from fairground.market.orders.model.quote import Quote, QuotedShop, QuoteProblem
from fairground.market.shipping.model import DeliveryKind
from fairground.market.shipping.model.rates import STANDARD_NAME

_STEPS = {"goods": N_("Goods"), "shipping": N_("Delivery")}


class StepView(msgspec.Struct):
    """One step from the prices to the total; what lowers it is negative."""

    kind: str
    title: str
    amount: Money
    shop: str | None


class LineView(msgspec.Struct):
    """One line as it is, or was at the sale; `total` is what is paid for it, without delivery."""

    id: str
    variant_id: Id
    product_id: Id
    title: str
    language: str
    options: dict[str, str]
    picture_id: Id | None
    sku: str
    quantity: int
    price: Money
    subtotal: Money
    saved: Money
    total: Money
    tax: Money


class OptionView(msgspec.Struct):
    """A way to have a shop's goods delivered; `days` least and most."""

    code: str
    name: str
    kind: DeliveryKind
    price: Money
    days: tuple[int, int]


class ProblemView(msgspec.Struct):
    """Why something cannot be ordered as asked."""

    code: str
    message: str
    shop: str | None
    variant_id: Id | None
    left: int | None


class QuotedShopView(msgspec.Struct):
    """One shop's part of a quote."""

    shop: str
    name: str
    total: Money
    goods: Money
    saved: Money
    shipping: Money
    delivery: str | None
    options: list[OptionView]
    lines: list[LineView]


class QuoteView(msgspec.Struct):
    """The final price first, then how it came about. With problems, no checkout is possible."""

    total: Money
    steps: list[StepView]
    shops: list[QuotedShopView]
    problems: list[ProblemView]
    coupons: list[str]


def quote_view(quote: Quote, language: str) -> QuoteView:
    """Show a quote."""
    slugs = {shop.shop_id: shop.slug for shop in quote.shops}
    currency = quote.total.currency
    return QuoteView(
        quote.total,
        [
            StepView(
                s.kind, say(_STEPS[s.kind]) if s.kind in _STEPS else s.title, s.amount, slugs.get(s.shop_id or Id(0))
            )
            for s in quote.steps
        ],
        [_quoted_shop(shop, currency, language) for shop in quote.shops],
        [_problem(p, slugs) for p in quote.problems],
        list(quote.coupons),
    )


def _problem(problem: QuoteProblem, slugs: dict[Id, str]) -> ProblemView:
    return ProblemView(
        problem.code,
        say(problem.message, problem.params),
        slugs.get(problem.shop_id or Id(0)),
        problem.variant_id,
        problem.params.get("left"),
    )


def _quoted_shop(shop: QuotedShop, currency: str, language: str) -> QuotedShopView:
    return QuotedShopView(
        shop.slug,
        shop.name,
        Money(shop.total, currency),
        Money(shop.goods, currency),
        Money(shop.off_shop + shop.off_market, currency),
        Money(shop.shipping, currency),
        shop.delivery.option if shop.delivery else None,
        [OptionView(o.code, o.label(language) or say(STANDARD_NAME), o.kind, o.price, o.days) for o in shop.options],
        [line_view(line, currency) for line in shop.lines],
    )


def line_view(line: OrderLine, currency: str) -> LineView:
    """Show a line."""
    return LineView(
        str(line.position),
        line.variant_id,
        line.product_id,
        line.title,
        line.language,
        line.options,
        line.picture_id,
        line.sku,
        line.quantity,
        Money(line.unit_price, currency),
        Money(line.subtotal, currency),
        Money(line.off_shop + line.off_market, currency),
        Money(line.paid, currency),
        Money(line.tax, currency),
    )
