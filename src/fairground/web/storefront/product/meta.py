"""What programs read of a product's page: a card for links that are passed on, and the product as linked data."""

import json
from typing import Any, Final

import msgspec
from markupsafe import Markup

from fairground.kit.ids import Id
from fairground.kit.place import Place
from fairground.kit.safe_text import to_plain
from fairground.market.catalog.model import Product, Variant
from fairground.web.render import media_url
from fairground.web.storefront.product.view import ProductView

DESCRIPTION_MOST: Final = 200
# Inside a script element only its own end, and what a parser takes for a comment, must not appear.
_ESCAPES: Final = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


class Meta(msgspec.Struct, frozen=True):
    """For the head of the page; addresses are whole."""

    description: str
    image: Id | None
    price: str
    currency: str
    linked: Markup
    may_index: bool


def meta_of(product: Product, view: ProductView, chosen: Variant, place: Place) -> Meta:
    """Make the head's part."""
    url = f"{place.url}/p/{product.id}"
    plain = to_plain(str(view.html), "html", DESCRIPTION_MOST).replace("\n", " ")
    images = [f"{place.url}{media_url(media_id, 1600)}" for media_id, _ in view.pictures]
    price = f"{chosen.price.major:f}"
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": view.title,
        "url": url,
        "sku": chosen.sku or str(int(chosen.id)),
        "offers": {
            "@type": "Offer",
            "url": url,
            "price": price,
            "priceCurrency": chosen.price.currency,
            "availability": f"https://schema.org/{'InStock' if view.on_sale and view.is_there else 'OutOfStock'}",
        },
    }
    if plain:
        data["description"] = plain
    if images:
        data["image"] = images
    if view.shop is not None:
        data["offers"]["seller"] = {"@type": "Organization", "name": view.shop.name}
    if view.reviews.average is not None:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": round(view.reviews.average, 2),
            "reviewCount": view.reviews.total,
        }
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    linked = Markup('<script type="application/ld+json">%s</script>') % Markup(text)  # noqa: S704 - escaped above
    image = view.pictures[0][0] if view.pictures else None
    return Meta(plain, image, price, chosen.price.currency, linked, view.on_sale)
