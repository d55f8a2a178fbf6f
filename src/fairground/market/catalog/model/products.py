"""Products, variants, offers."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.media.model import MediaId
from fairground.market.shops.model import ShopId

CategoryId: TypeAlias = str  # the category's slug


class ProductId(Id):
    """The id of a product; lives in its shop's bucket."""


class VariantId(Id):
    """The id of a variant; lives in its shop's bucket."""


class CatalogRules(msgspec.Struct, frozen=True):
    """Numbers of the market about products."""

    review_products: bool = False  # the desk looks before a product goes on sale
    title_most: int = 255
    description_most: int = 100_000
    options_most: int = 3
    option_values_most: int = 100
    option_word_most: int = 100  # length of an option's name and of a value
    variants_most: int = 200
    pictures_most: int = 12
    alt_most: int = 300
    code_most: int = 100  # length of sku and barcode
    handle_most: int = 255
    translations_most: int = 10
    price_most: int = 100_000_000_00  # minor units
    weight_grams_most: int = 5_000_000


class Format(StrEnum):
    """How a description was written; it is kept as it came and made safe where it is shown."""

    MARKDOWN = "markdown"
    HTML = "html"
    PLAIN = "plain"


class ProductState(StrEnum):
    """Where a product stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    ON_SALE = "on_sale"
    OFF_SALE = "off_sale"


class ProductDeed(StrEnum):
    """What moves a product from state to state."""

    SUBMIT = "submit"
    LIST = "list"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REVIEW_AGAIN = "review_again"


_RESTING: Final = frozenset({ProductState.DRAFT, ProductState.OFF_SALE})
TRANSITIONS: Final[dict[ProductDeed, tuple[frozenset[ProductState], ProductState]]] = {
    ProductDeed.SUBMIT: (_RESTING, ProductState.IN_REVIEW),  # where products are reviewed
    ProductDeed.LIST: (_RESTING, ProductState.ON_SALE),  # where they are not
    ProductDeed.APPROVE: (frozenset({ProductState.IN_REVIEW}), ProductState.ON_SALE),
    ProductDeed.REFUSE: (frozenset({ProductState.IN_REVIEW}), ProductState.DRAFT),
    ProductDeed.WITHDRAW: (frozenset({ProductState.ON_SALE, ProductState.IN_REVIEW}), ProductState.OFF_SALE),
    ProductDeed.REVIEW_AGAIN: (
        frozenset({ProductState.ON_SALE}),
        ProductState.IN_REVIEW,
    ),  # other words, other pictures
}


class Option(msgspec.Struct, frozen=True):
    """What a buyer chooses: a name (Colour) and its values."""

    name: str
    values: list[str]


class Picture(msgspec.Struct, frozen=True):
    """A picture of a product, with words for those who do not see it."""

    media_id: MediaId
    alt: str = ""


class Translation(msgspec.Struct, frozen=True):
    """Title and description in another language; the description is in the product's own format."""

    title: str
    description: str = ""


class NewVariant(msgspec.Struct, frozen=True, kw_only=True):
    """A variant to be made; `stock` None = not counted."""

    price: Money
    options: dict[str, str] = {}
    stock: int | None = None
    compare_at: Money | None = None
    sku: str = ""
    barcode: str = ""
    weight_grams: int | None = None
    picture_id: MediaId | None = None


class NewProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A product to be made. `handle` is the merchant's own code, by which an import finds it again."""

    title: str
    variants: list[NewVariant]
    description: str = ""
    description_format: Format = Format.MARKDOWN
    options: list[Option] = []
    category: CategoryId | None = None
    attributes: dict[str, Any] = {}
    pictures: list[Picture] = []
    language: str | None = None  # the shop's where left out
    translations: dict[str, Translation] = {}
    handle: str | None = None
    state: ProductState = ProductState.ON_SALE  # or DRAFT, OFF_SALE


class VariantChange(msgspec.Struct, frozen=True, kw_only=True):
    """One variant of the new list. Found by id, else by its options; what is left out stays.

    A new one needs a price, and is not counted unless it has a stock.
    """

    id: VariantId | None = None
    options: dict[str, str] | UnsetType = UNSET
    price: Money | UnsetType = UNSET
    stock: int | UnsetType | None = UNSET
    compare_at: Money | UnsetType | None = UNSET
    sku: str | UnsetType = UNSET
    barcode: str | UnsetType = UNSET
    weight_grams: int | UnsetType | None = UNSET
    picture_id: MediaId | UnsetType | None = UNSET


class ProductChange(msgspec.Struct, frozen=True, kw_only=True):
    """What to change; what is left out stays. `variants` is the whole new list: one that is missing in it goes."""

    title: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    description_format: Format | UnsetType = UNSET
    options: list[Option] | UnsetType = UNSET
    variants: list[VariantChange] | UnsetType = UNSET
    category: CategoryId | UnsetType | None = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET
    pictures: list[Picture] | UnsetType = UNSET
    language: str | UnsetType = UNSET
    translations: dict[str, Translation] | UnsetType = UNSET
    handle: str | UnsetType | None = UNSET


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """What is sold of a product; its stock is inventory's."""

    id: VariantId
    options: dict[str, str]
    price: Money
    compare_at: Money | None
    sku: str
    barcode: str
    weight_grams: int | None
    picture_id: MediaId | None


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """A product with its variants in their order."""

    id: ProductId
    shop_id: ShopId
    handle: str | None
    title: str
    description: str
    description_format: Format
    language: str
    translations: dict[str, Translation]
    category: CategoryId | None
    attributes: dict[str, Any]
    options: list[Option]
    pictures: list[Picture]
    state: ProductState
    state_reason: str
    shop_sells: bool
    variants: list[Variant]
    sold: int
    rating_sum: int
    rating_count: int
    version: int
    created_at: datetime
    changed_at: datetime
    listed_at: datetime | None

    @property
    def on_sale(self) -> bool:
        """Whether it can be bought, as far as the catalog knows."""
        return self.state is ProductState.ON_SALE and self.shop_sells

    @property
    def picture_ids(self) -> list[MediaId]:
        """Its pictures, the first one first."""
        return [picture.media_id for picture in self.pictures]

    @property
    def price_low(self) -> Money:
        """The cheapest variant's price."""
        return min(variant.price for variant in self.variants)

    @property
    def price_high(self) -> Money:
        """The dearest variant's price."""
        return max(variant.price for variant in self.variants)

    def words_in(self, language: str) -> tuple[Translation, str]:
        """Give title and description in a language, else as written; and the language they are in."""
        found = _translated(self.translations, self.language, language)
        if found is None:
            return Translation(self.title, self.description), self.language
        words = self.translations[found]
        return Translation(words.title, words.description or self.description), found


class ProductCard(msgspec.Struct, frozen=True, kw_only=True):
    """What lists show of a product."""

    id: ProductId
    shop_id: ShopId
    title: str
    language: str
    titles: dict[str, str]  # in other languages
    category: CategoryId | None
    price_low: Money
    price_high: Money
    compare_at: Money | None
    picture_id: MediaId | None
    picture_alt: str
    state: ProductState
    on_sale: bool
    sold: int
    rating_sum: int
    rating_count: int
    listed_at: datetime | None

    def title_in(self, language: str) -> tuple[str, str]:
        """Give the title in a language, else as written; and the language it is in."""
        found = _translated(self.titles, self.language, language)
        return (self.title, self.language) if found is None else (self.titles[found], found)


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A variant as cart and checkout need it. `options` maps names to values; `title` is as the shop wrote it."""

    variant_id: VariantId
    product_id: ProductId
    shop_id: ShopId
    title: str
    language: str
    options: dict[str, str]
    price: Money
    compare_at: Money | None
    picture_id: MediaId | None
    weight_grams: int | None
    sku: str
    category: CategoryId | None
    on_sale: bool
    product_version: int
    no_return: str | None = None  # why it cannot come back without a reason, where the law excepts it


class ProductVersion(msgspec.Struct, frozen=True):
    """One change of a product: which fields, with their values before, by whom and when."""

    version: int
    changed: list[str]
    before: dict[str, Any]
    actor: str
    actor_id: Id | None
    at: datetime


def _translated(translations: dict[str, Any], own: str, wanted: str) -> str | None:
    """Find the translation for a language (zh-TW takes zh-CN's before the original, if that is no Chinese)."""
    if wanted == own:
        return None
    if wanted in translations:
        return wanted
    family = wanted.partition("-")[0]
    if own.partition("-")[0] == family:
        return None
    return next((language for language in translations if language.partition("-")[0] == family), None)
