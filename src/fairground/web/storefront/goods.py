"""Things, shops and coupons as cards: from what the market knows to what the pieces show."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, language, say
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.place import Place
from fairground.kit.safe_text import to_plain
from fairground.market.catalog.model import ProductCard, ProductId
from fairground.market.promotions.model import Coupon, PercentOff, TakeableCoupon
from fairground.market.shops.model import Shop, ShopCard, ShopId, Tier
from fairground.web import cards

# Which of the house's drawings stands for a category, and for a picture that is missing in it.
DRAWN: Final = {
    "clothing": "scarf",
    "jewellery": "necklace",
    "food-and-tea": "honey",
    "home": "lamp",
    "crafts": "vase",
    "electronics": "keyboard",
    "books-and-stationery": "notebook",
    "beauty-and-care": "soap",
    "children-and-toys": "toy",
    "sport-and-outdoors": "kite",
    "pets": "bell",
    "virtual-goods": "poster",
    "tableware": "teapot",
    "kitchen": "bowl",
    "tea": "tin",
    "coffee": "mug",
    "lamps": "lantern",
    "furniture": "chair",
    "bedding": "cushion",
    "plants-and-garden": "plant",
    "ceramics": "bowl",
    "paintings-and-prints": "poster",
    "craft-supplies": "yarn",
    "bags": "bag",
    "shoes": "shoes",
    "scarves-and-hats": "hat",
    "rings-and-earrings": "ring",
    "watches": "clock",
    "soap-and-bath": "soap",
    "stationery": "pen",
    "sweets-and-snacks": "jam",
    "toys": "puppet",
    "camping": "basket",
}
WORDS_MOST: Final = 90


def foreign(tag: str) -> str | None:
    """Give the language of a text where it is not the reader's, for `lang`."""
    return None if tag == language() else tag


def kind_of(category: str | None) -> str | None:
    """Tell which drawing stands for a category."""
    return DRAWN.get(category or "")


def product_card(card: ProductCard, shops: Mapping[ShopId, ShopCard]) -> cards.ProductCard:
    """Make the card of a product."""
    title, titled_in = card.title_in(language())
    shop = shops.get(card.shop_id)
    return cards.ProductCard(
        href=f"/p/{card.id}",
        title=title,
        lang=foreign(titled_in),
        price=card.price_low,
        shop_name=shop.name if shop else None,
        picture=card.picture_id,
        kind=kind_of(card.category),
        before=card.compare_at,
        rating=card.rating_sum / card.rating_count if card.rating_count else None,
        reviews=card.rating_count or None,
        keep=str(card.id),
    )


def product_cards(
    ids: Iterable[ProductId], found: Mapping[ProductId, ProductCard], shops: Mapping[ShopId, ShopCard]
) -> list[cards.ProductCard]:
    """Make the cards of products in an order; those that are gone or off sale are left out."""
    return [product_card(found[i], shops) for i in ids if i in found and found[i].on_sale]


def shop_card(
    shop: ShopCard | Shop, *, about: str = "", goods: Sequence[ProductCard] = (), young_after: datetime | None = None
) -> cards.ShopCard:
    """Make the card of a shop, with three of its things and its own words."""
    scores = shop.scores
    badge = None
    if scores is None and young_after is not None and shop.opened_at > young_after:
        badge = ("ok", gettext("New here"))
    return cards.ShopCard(
        href=f"/s/{shop.slug}",
        name=shop.name,
        cloth=shop.cloth,
        face=shop.avatar_id,
        line=shop_line(shop),
        words=to_plain(about, "markdown", WORDS_MOST).replace("\n", " ") or None,
        pictures=tuple((card.picture_id, kind_of(card.category) or "any") for card in goods[:3]),
        rating=scores.mean if scores else None,
        reviews=scores.count if scores else 0,
        scores=score_words(shop),
        badge=badge,
    )


def shop_line(shop: ShopCard | Shop) -> str:
    """Say in a few words where a shop is and since when."""
    where = formats.here().territories.get(shop.country, shop.country)
    since = say("since %(year)d", {"year": shop.opened_at.year})
    checked = [gettext("Checked business")] if shop.tier is Tier.MALL else []
    return " · ".join([where, since, *checked])


def score_words(shop: ShopCard | Shop) -> tuple[tuple[str, str], ...]:
    """Write a shop's three scores, where it has some."""
    if shop.scores is None:
        return ()
    named = (
        (gettext("As described"), shop.scores.described),
        (gettext("Service"), shop.scores.service),
        (gettext("Shipping"), shop.scores.shipping),
    )
    return tuple((label, f"{score / 100:.1f}") for label, score in named)


def coupon_card(offered: TakeableCoupon, place: Place, shop_name: str | None = None) -> cards.CouponCard:
    """Make the card of a coupon; `shop_name` where it stands among those of others."""
    coupon = offered.coupon
    percent = coupon.effect.basis_points // 100 if isinstance(coupon.effect, PercentOff) else None
    amount = None if isinstance(coupon.effect, PercentOff) else Money(coupon.effect.amount, coupon.currency)
    if offered.may_take:
        state = "open"
    elif offered.taken > offered.used:
        state = "taken"
    else:
        state = "used" if offered.taken else "gone"
    return cards.CouponCard(
        title=coupon.title or (shop_name or gettext("Coupon")),
        terms=coupon_terms(coupon, place, shop_name),
        amount=amount,
        percent=percent,
        state=state,  # type: ignore[arg-type]
        href=f"/coupons/{coupon.id}/taking",
    )


def coupon_terms(coupon: Coupon, place: Place, shop_name: str | None = None) -> str:
    """Say what a coupon asks for."""
    until = formats.date(coupon.ends_at, formats.zone(place.time_zone))
    parts = [shop_name] if shop_name else []
    if coupon.threshold:
        parts.append(say("from %(amount)s", {"amount": formats.money(Money(coupon.threshold, coupon.currency))}))
    parts.append(say("until %(date)s", {"date": until}))
    return " · ".join(parts)


def shops_of(found: Iterable[ProductCard]) -> set[ShopId]:
    """Tell whose things these are."""
    return {card.shop_id for card in found}


def same_shop(found: Iterable[ProductCard], shop_id: Id) -> list[ProductCard]:
    """Choose a shop's things."""
    return [card for card in found if card.shop_id == shop_id]
