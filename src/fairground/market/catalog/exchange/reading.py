"""From a file to products as read, whatever wrote it."""

from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from fairground.market.catalog.exchange.google import read_google
from fairground.market.catalog.exchange.model import FileFormat, ReadProduct, Refusal, Terms
from fairground.market.catalog.exchange.own import read_fairground
from fairground.market.catalog.exchange.shopify import read_shopify
from fairground.market.catalog.exchange.taobao import read_taobao
from fairground.market.catalog.exchange.woocommerce import read_woocommerce

_READERS: Final[dict[FileFormat, Callable[[BinaryIO, Terms], Iterator[ReadProduct | Refusal]]]] = {
    FileFormat.SHOPIFY: read_shopify,
    FileFormat.WOOCOMMERCE: read_woocommerce,
    FileFormat.TAOBAO: read_taobao,
    FileFormat.GOOGLE: read_google,
    FileFormat.FAIRGROUND: read_fairground,
}


def read_goods(file: BinaryIO, format: FileFormat, terms: Terms) -> Iterator[ReadProduct | Refusal]:  # noqa: A002
    """Read a file of goods, product by product; what cannot be taken comes as a refusal in its place.

    The file must be seekable; only a product at a time is held, so a file of any length needs no more memory.

    Raises:
        FileUnreadable: the file as a whole is not what it says it is; at the first step.
    """
    return _READERS[format](file, terms)
