"""What a product's page shows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from markupsafe import Markup

from fairground.kit.i18n.words import gettext, language
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.safe_text import Format, render, to_plain
from fairground.market.cart.model import CartRules
from fairground.market.catalog.model import AttributeKind, Product, Variant
from fairground.market.catalog.model.categories import Tree
from fairground.market.orders.model import OrderRules
from fairground.market.promotions.model import Coupon, DropOffer, TakeableCoupon
from fairground.market.promotions.model.coupons import promotion_of
from fairground.market.promotions.model.pricing import PriceLine, price_checkout
from fairground.market.promotions.model.suggestion import choose_coupons
from fairground.market.reviews.model import Glance, Question
from fairground.web import cards
from fairground.web.storefront.goods import foreign, kind_of
from fairground.web.storefront.product.choice import OptionWays, is_there, option_ways

FEW: Final = 20  # fewer than this many left are counted on the page


class FinalPrice(msgspec.Struct, frozen=True):
    """What one piece costs in the end, and how it comes about."""

    amount: Money
    rows: list[tuple[str, Money]]


class Original(msgspec.Struct, frozen=True):
    """Title and description as the shop wrote them, where the page shows a translation."""

    title: str
    html: Markup
    lang: str


class ReviewPart(msgspec.Struct, frozen=True, kw_only=True):
    """One review."""

    name: str
    stars: int
    at: datetime
    bought: str
    text: str
    lang: str | None
    pictures: list[Id]
    more: str
    answer: str


class ReviewsPart(msgspec.Struct, frozen=True):
    """What buyers say."""

    average: float | None
    total: int
    spread: list[tuple[str, int]]
    reviews: list[ReviewPart]


class Promises(msgspec.Struct, frozen=True):
    """What the market stands for."""

    ship_by: datetime
    late_percent: int
    cancel_asks: bool
    price_days: int = 0


class DropNote(msgspec.Struct, frozen=True, kw_only=True):
    """A drop that sells the chosen variant now, or is announced."""

    href: str
    title: str
    lang: str | None
    is_open: bool
    has_room: bool
    price: Money
    left: int
    quota: int
    per_person: int
    starts_at: datetime
    ends_at: datetime
    now: datetime

    @property
    def bars(self) -> bool:
        """Whether the thing is had only on the drop's own page for now: by the line, or not at all."""
        return self.is_open and (self.has_room or self.left == 0)


class ProductView(msgspec.Struct, frozen=True, kw_only=True):
    """The page of a product."""

    id: Id
    title: str
    lang: str | None
    lead: str
    html: Markup
    original: Original | None
    trail: list[tuple[str, str]]
    pictures: list[tuple[Id, str]]
    kind: str | None
    sold: int
    on_sale: bool
    shop_rests: bool
    chosen: Variant
    options: list[OptionWays]
    before: Money | None
    final: FinalPrice | None
    left: int | None
    is_there: bool
    most: int
    coupons: list[cards.CouponCard]
    promises: Promises
    facts: list[tuple[str, str]]
    shop: cards.ShopCard | None
    reviews: ReviewsPart
    questions: list[Question]
    related: list[cards.ProductCard]
    drop: DropNote | None = None


def pictures_of(product: Product, chosen: Variant) -> list[tuple[Id, str]]:
    """List the pictures with their words, that of the chosen variant first."""
    own = {picture.media_id: picture.alt for picture in product.pictures}
    first = [] if chosen.picture_id is None else [(chosen.picture_id, own.get(chosen.picture_id, ""))]
    return [*first, *((i, alt) for i, alt in own.items() if i != chosen.picture_id)]


def words_of(product: Product) -> tuple[str, str | None, str, Markup, Original | None]:
    """Give title, its language where foreign, a first line, the description as HTML, and the original if translated."""
    words, written_in = product.words_in(language())
    how: Format = product.description_format.value
    html = Markup(render(words.description, how))  # noqa: S704 - `render` makes it safe
    original = None
    if written_in != product.language:
        plain = Markup(render(product.description, how))  # noqa: S704 - the same
        original = Original(product.title, plain, product.language)
    return words.title, foreign(written_in), _lead(to_plain(words.description, how)), html, original


def _lead(plain: str) -> str:
    first = plain.partition("\n")[0]
    return first if 8 <= len(first) <= 160 and first != plain else ""


def facts_of(product: Product, tree: Tree) -> list[tuple[str, str]]:
    """List what is known of a product by its category's attributes."""
    if product.category is None or product.category not in tree:
        return []
    rows = []
    for attribute in tree.attributes_of(product.category):
        value = product.attributes.get(attribute.key)
        if value is None or value == "":
            continue
        if attribute.kind is AttributeKind.YES_NO:
            shown = gettext("Yes") if value else gettext("No")
        else:
            shown = attribute.value_in(value, language())
        rows.append((attribute.name_in(language()), shown))
    return rows


def trail_of(product: Product, tree: Tree, title: str) -> list[tuple[str, str]]:
    """List the way from the front to here."""
    known = product.category is not None and product.category in tree
    trail = tree.trail_of(product.category) if known and product.category else []
    steps = [(f"/c/{c.slug}", c.name_in(language())) for c in trail]
    return [("/", gettext("Home")), *steps, (f"/p/{product.id}", title)]


def final_price(product: Product, variant: Variant, offered: Sequence[TakeableCoupon]) -> FinalPrice | None:
    """Tell what one piece costs with the best coupon of the shop; None where none lowers the price."""
    coupons = [one.coupon for one in offered if one.may_take or one.taken > one.used]
    line = PriceLine(variant.id, product.id, product.shop_id, product.category, variant.price.amount, 1)
    chosen: list[Coupon] = choose_coupons([line], coupons)
    if not chosen:
        return None
    total = price_checkout([line], [promotion_of(chosen[0])], variant.price.currency).total
    off = Money(total - variant.price.amount, variant.price.currency)
    rows = [(gettext("Price"), variant.price), (chosen[0].title or gettext("Coupon"), off)]
    return FinalPrice(Money(total, variant.price.currency), rows)


def reviews_of(glance: Glance) -> ReviewsPart:
    """Make ready what buyers say."""
    one, two, three, four, five = glance.spread.counts
    labels = (gettext("5 stars"), gettext("4 stars"), gettext("3 stars"), gettext("1–2 stars"))
    spread = list(zip(labels, (five, four, three, one + two), strict=True))
    reviews = [
        ReviewPart(
            name=review.shown_name,
            stars=review.stars,
            at=review.written_at,
            bought=review.bought,
            text=review.words,
            lang=foreign(review.language),
            pictures=list(review.pictures),
            more=review.more_words,
            answer=review.answer,
        )
        for review in glance.reviews
    ]
    return ReviewsPart(glance.spread.average, glance.spread.total, spread, reviews)


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows beside the product itself."""

    tree: Tree
    stock: Mapping[Id, int | None]
    offered: list[TakeableCoupon]
    coupons: list[cards.CouponCard]
    shop: cards.ShopCard | None
    shop_rests: bool
    glance: Glance
    related: list[cards.ProductCard]
    now: datetime
    drop: DropOffer | None = None
    price_days: int = 0


def drop_note(offer: DropOffer | None, now: datetime) -> DropNote | None:
    """Make ready what is said of a drop."""
    if offer is None:
        return None
    drop, goods = offer.drop, offer.goods
    return DropNote(
        href=f"/drops/{drop.id}",
        title=drop.title,
        lang=foreign(drop.language),
        is_open=drop.is_open_at(now),
        has_room=drop.has_room,
        price=Money(goods.price, goods.currency),
        left=goods.left,
        quota=goods.quota,
        per_person=goods.per_person,
        starts_at=drop.starts_at,
        ends_at=drop.ends_at,
        now=now,
    )


def product_view(product: Product, chosen: Variant, around: Around, orders: OrderRules, cart: CartRules) -> ProductView:
    """Put the page together."""
    title, lang, lead, html, original = words_of(product)
    left, drop = around.stock.get(chosen.id, 0), drop_note(around.drop, around.now)
    return ProductView(
        id=product.id,
        title=title,
        lang=lang,
        lead=lead,
        html=html,
        original=original,
        trail=trail_of(product, around.tree, title),
        pictures=pictures_of(product, chosen),
        kind=kind_of(product.category),
        sold=product.sold,
        on_sale=product.on_sale and around.shop is not None,
        shop_rests=around.shop_rests,
        chosen=chosen,
        options=option_ways(product, chosen, around.stock),
        before=chosen.compare_at,
        final=final_price(product, chosen, around.offered),
        left=left if left is not None and left <= FEW and drop is None else None,
        is_there=is_there(chosen, around.stock),
        most=_most(cart, left, drop),
        coupons=around.coupons,
        promises=Promises(
            around.now + timedelta(hours=orders.ship_promise_hours),
            orders.late_voucher_bp // 100,
            orders.cancel_needs_yes,
            around.price_days,
        ),
        facts=facts_of(product, around.tree),
        shop=around.shop,
        reviews=reviews_of(around.glance),
        questions=around.glance.questions,
        related=around.related,
        drop=drop,
    )


def _most(cart: CartRules, left: int | None, drop: DropNote | None) -> int:
    """How many pieces can be put in at a time."""
    limits = [
        cart.quantity_most,
        *([] if left is None else [left]),
        *([drop.per_person] if drop and drop.is_open else []),
    ]
    return max(1, min(limits))
