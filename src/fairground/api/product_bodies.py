"""Products and categories as the API takes and gives them."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.safe_text import render
from fairground.market.catalog.model import (
    Attribute,
    Category,
    Format,
    NewProduct,
    NewVariant,
    Option,
    Picture,
    Product,
    ProductCard,
    ProductChange,
    ProductState,
    Translation,
    VariantChange,
    VariantId,
)
from fairground.market.media.model import MediaId
from fairground.market.shops.model import ShopCard


class Image(msgspec.Struct):
    """A picture uploaded for the shop, with words for those who do not see it."""

    id: MediaId
    alt: str = ""


class VariantBody(msgspec.Struct):
    """A variant to be made; `stock: null` = not counted."""

    price: Money
    stock: int | None
    options: dict[str, str] = {}
    compare_at: Money | None = None
    sku: str = ""
    barcode: str = ""
    weight_grams: int | None = None
    image_id: MediaId | None = None


class ProductBody(msgspec.Struct):
    """A product to be made; on sale at once unless `state` says otherwise."""

    title: str
    variants: list[VariantBody]
    description: str = ""
    description_format: Format = Format.MARKDOWN
    category: str | None = None
    attributes: dict[str, Any] = {}
    images: list[Image] = []
    options: list[Option] = []
    language: str | None = None
    translations: dict[str, Translation] = {}
    handle: str | None = None
    state: ProductState = ProductState.ON_SALE


class VariantPatch(msgspec.Struct):
    """One variant of the new list, found by `id`, else by its options; what is left out stays."""

    id: VariantId | None = None
    options: dict[str, str] | UnsetType = UNSET
    price: Money | UnsetType = UNSET
    stock: int | UnsetType | None = UNSET
    compare_at: Money | UnsetType | None = UNSET
    sku: str | UnsetType = UNSET
    barcode: str | UnsetType = UNSET
    weight_grams: int | UnsetType | None = UNSET
    image_id: MediaId | UnsetType | None = UNSET


class ProductPatch(msgspec.Struct):
    """What to change; what is left out stays. `variants` is the whole new list. `version`: refuse if it is another."""

    title: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    description_format: Format | UnsetType = UNSET
    category: str | UnsetType | None = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET
    images: list[Image] | UnsetType = UNSET
    options: list[Option] | UnsetType = UNSET
    variants: list[VariantPatch] | UnsetType = UNSET
    language: str | UnsetType = UNSET
    translations: dict[str, Translation] | UnsetType = UNSET
    handle: str | UnsetType | None = UNSET
    state: ProductState | UnsetType = UNSET
    version: int | None = None


class VariantView(msgspec.Struct):
    """A variant with its free pieces (null: not counted)."""

    id: Id
    options: dict[str, str]
    price: Money
    compare_at: Money | None
    stock: int | None
    sku: str
    barcode: str
    weight_grams: int | None
    image_id: Id | None


class ShopMark(msgspec.Struct):
    """Whose it is."""

    id: Id
    slug: str
    name: str


class Rating(msgspec.Struct):
    """Stars: their mean (null while there are none) and number."""

    average: float | None
    count: int


class ProductView(msgspec.Struct):
    """A product. `description_html` is safe to show; `handle` and `state_reason` are for the shop's people only."""

    id: Id
    shop: ShopMark
    state: ProductState
    title: str
    description: str
    description_format: Format
    description_html: str
    language: str
    translations: dict[str, Translation]
    category: str | None
    attributes: dict[str, Any]
    options: list[Option]
    images: list[Image]
    variants: list[VariantView]
    sold: int
    rating: Rating
    version: int
    created_at: datetime
    changed_at: datetime
    listed_at: datetime | None
    handle: str | None = None
    state_reason: str = ""


class ProductLine(msgspec.Struct):
    """A product in a list."""

    id: Id
    shop_id: Id
    state: ProductState
    title: str
    language: str
    category: str | None
    price_low: Money
    price_high: Money
    compare_at: Money | None
    image: Image | None
    sold: int
    rating: Rating
    listed_at: datetime | None


class ProductLines(msgspec.Struct):
    """A page of products."""

    items: list[ProductLine]
    next: str | None = None


class CategoryView(msgspec.Struct):
    """A category, the attributes of its own and those from above it."""

    slug: str
    parent: str | None
    name: str
    names: dict[str, str]
    attributes: list[Attribute]


class Categories(msgspec.Struct):
    """The tree, parents before children."""

    items: list[CategoryView]
    next: None = None


def product_from_body(body: ProductBody) -> NewProduct:
    """Read a product from its body."""
    return NewProduct(
        title=body.title,
        variants=[_new_variant(variant) for variant in body.variants],
        description=body.description,
        description_format=body.description_format,
        options=body.options,
        category=body.category,
        attributes=body.attributes,
        pictures=[Picture(image.id, image.alt) for image in body.images],
        language=body.language,
        translations=body.translations,
        handle=body.handle,
        state=body.state,
    )


def _new_variant(body: VariantBody) -> NewVariant:
    return NewVariant(
        price=body.price,
        options=body.options,
        stock=body.stock,
        compare_at=body.compare_at,
        sku=body.sku,
        barcode=body.barcode,
        weight_grams=body.weight_grams,
        picture_id=body.image_id,
    )


def change_from_body(body: ProductPatch) -> ProductChange:
    """Read a change from its body; state and version are not of it."""
    images, variants = body.images, body.variants
    return ProductChange(
        title=body.title,
        description=body.description,
        description_format=body.description_format,
        options=body.options,
        variants=UNSET if isinstance(variants, UnsetType) else [_variant_change(variant) for variant in variants],
        category=body.category,
        attributes=body.attributes,
        pictures=UNSET if isinstance(images, UnsetType) else [Picture(image.id, image.alt) for image in images],
        language=body.language,
        translations=body.translations,
        handle=body.handle,
    )


def _variant_change(body: VariantPatch) -> VariantChange:
    return VariantChange(
        id=body.id,
        options=body.options,
        price=body.price,
        stock=body.stock,
        compare_at=body.compare_at,
        sku=body.sku,
        barcode=body.barcode,
        weight_grams=body.weight_grams,
        picture_id=body.image_id,
    )


def product_view(product: Product, shop: ShopCard, stock: dict[Id, int | None], *, inside: bool) -> ProductView:
    """Show a product; `inside` to the people of its shop."""
    return ProductView(
        id=product.id,
        shop=ShopMark(shop.id, shop.slug, shop.name),
        state=product.state,
        title=product.title,
        description=product.description,
        description_format=product.description_format,
        description_html=render(product.description, product.description_format.value),
        language=product.language,
        translations=product.translations,
        category=product.category,
        attributes=product.attributes,
        options=product.options,
        images=[Image(picture.media_id, picture.alt) for picture in product.pictures],
        variants=[
            VariantView(
                v.id,
                v.options,
                v.price,
                v.compare_at,
                stock.get(v.id, 0),
                v.sku,
                v.barcode,
                v.weight_grams,
                v.picture_id,
            )
            for v in product.variants
        ],
        sold=product.sold,
        rating=_rating(product.rating_sum, product.rating_count),
        version=product.version,
        created_at=product.created_at,
        changed_at=product.changed_at,
        listed_at=product.listed_at,
        handle=product.handle if inside else None,
        state_reason=product.state_reason if inside else "",
    )


def product_line(card: ProductCard, language: str) -> ProductLine:
    """Show a product in a list, titled in the reader's language where there is such a title."""
    title, titled_in = card.title_in(language)
    return ProductLine(
        id=card.id,
        shop_id=card.shop_id,
        state=card.state,
        title=title,
        language=titled_in,
        category=card.category,
        price_low=card.price_low,
        price_high=card.price_high,
        compare_at=card.compare_at,
        image=None if card.picture_id is None else Image(card.picture_id, card.picture_alt),
        sold=card.sold,
        rating=_rating(card.rating_sum, card.rating_count),
        listed_at=card.listed_at,
    )


def _rating(stars: int, count: int) -> Rating:
    return Rating(round(stars / count, 2) if count else None, count)


def category_view(category: Category, attributes: list[Attribute], language: str) -> CategoryView:
    """Show a category, named in the reader's language."""
    names = {"en": category.name_en, "zh-CN": category.name_zh or category.name_en}
    return CategoryView(category.slug, category.parent, category.name_in(language), names, attributes)
