"""Files of goods as values: formats, what is read of a product, what was refused, an import and where it stands."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from fairground.kit.errors import N_
from fairground.kit.ids import Id
from fairground.market.catalog.model import NewProduct
from fairground.market.shops.model import ShopId


class ImportId(Id):
    """The id of an import; lives in its shop's bucket."""


class ExchangeRules(msgspec.Struct, frozen=True):
    """Numbers of the market about files of goods."""

    file_bytes_most: int = 64 * 1024 * 1024
    batch: int = 200  # products in one transaction
    reported_most: int = 20_000  # refusals written down; all are counted
    kept_days: int = 90  # an import and its report
    broken_off_minutes: int = 10  # without a step: the program that read the file on its own is gone


class FileFormat(StrEnum):
    """Whose file it is."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    TAOBAO = "taobao"
    GOOGLE = "google"
    FAIRGROUND = "fairground"


NAMES: Final = {
    FileFormat.SHOPIFY: "Shopify",
    FileFormat.WOOCOMMERCE: "WooCommerce",
    FileFormat.TAOBAO: N_("Taobao"),
    FileFormat.GOOGLE: "Google Merchant Center",
    FileFormat.FAIRGROUND: "Fairground",
}


class ImportState(StrEnum):
    """Where an import stands; a failed one could not be read at all, or not to its end."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Terms(msgspec.Struct, frozen=True):
    """What a reader must know of the market: currency, the file's language where it states none, categories by name.

    `categories` maps small-lettered names and slugs to slugs.
    """

    currency: str
    language: str
    now: datetime
    categories: Mapping[str, str] = {}


class Refusal(msgspec.Struct, frozen=True):
    """A line that was not taken, and why: its number (of the file, from 1), its column, a stable code, words.

    A note is of a line that was taken, with something to know about it.
    """

    line: int
    field: str
    code: str
    message: str
    params: dict[str, Any] = {}
    is_note: bool = False


class ReadPicture(msgspec.Struct, frozen=True):
    """The address of a picture, or its path beside the file; `variants` are the places of those it shows."""

    address: str
    alt: str = ""
    variants: tuple[int, ...] = ()
    in_gallery: bool = True


class ReadProduct(msgspec.Struct, frozen=True):
    """A product as read: not yet checked, its pictures still addresses.

    `line` is its first, `lines` those of its variants; `columns` names the file's column for each field
    that it states; what it does not state stays as it is when the product is there already.
    `is_whole` tells that no line of it was refused, so variants that the file does not name are gone.
    `own_id` is the product's id in the market that wrote the file, where that was one of ours.
    """

    product: NewProduct
    line: int
    lines: list[int]
    columns: Mapping[str, str]
    pictures: list[ReadPicture] = []
    is_whole: bool = True
    own_id: str = ""


class Import(msgspec.Struct, frozen=True):
    """An import and what came of it so far; `trouble` is why a failed one failed."""

    id: ImportId
    shop_id: ShopId
    format: FileFormat
    file_name: str
    is_dry_run: bool
    state: ImportState
    lines_all: int
    lines: int
    products: int
    created: int
    updated: int
    unchanged: int
    refused: int
    notes: int
    pictures_asked: int
    pictures_failed: int
    trouble: "Told | None"
    can_repeat: bool  # the file is still there, so a dry run may be followed by the real one
    asked_at: datetime
    done_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in {ImportState.DONE, ImportState.FAILED}


class Told(msgspec.Struct, frozen=True):
    """A trouble kept for a reader whose language is not known yet."""

    code: str
    message: str
    params: dict[str, Any] = {}
