"""What readers share: lining up options, finding a category by its name, splitting what was good from what was not."""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from fairground.kit.errors import N_
from fairground.kit.money import Money
from fairground.market.catalog.exchange.cells import BadCell
from fairground.market.catalog.exchange.errors import OtherFormat, WrongHeader
from fairground.market.catalog.exchange.model import NAMES, FileFormat, ReadPicture, ReadProduct, Refusal, Terms
from fairground.market.catalog.exchange.table import Line, Table
from fairground.market.catalog.model import Format, NewProduct, NewVariant, Option, ProductState

T = TypeVar("T")
SIGNS: Final[dict[FileFormat, tuple[str, ...]]] = {
    FileFormat.SHOPIFY: ("handle", "url handle"),
    FileFormat.WOOCOMMERCE: ("regular price",),
    FileFormat.TAOBAO: ("cateprops", "skuprops"),
    FileFormat.GOOGLE: ("availability", "image link"),
    FileFormat.FAIRGROUND: ("description format", "weight grams"),
}
_HTML: Final = re.compile(r"<(?:p|br|div|span|ul|ol|li|b|strong|em|i|h[1-6]|a|img|table)\b[^>]*>", re.IGNORECASE)


class Row(msgspec.Struct):
    """One variant while it is being put together: its line, what it is, the address of its picture."""

    line: int
    variant: NewVariant
    picture: str = ""


class Draft(msgspec.Struct):
    """One product while it is being put together."""

    line: int
    fields: dict[str, Any]
    rows: list[Row]
    pictures: list[ReadPicture] = []
    is_whole: bool = True


def open_table(table: Table, format: FileFormat, needed: Sequence[str], known: Mapping[str, Sequence[str]]) -> None:  # noqa: A002
    """Let a table's columns be known by our words, and see that the needed ones are there.

    Raises:
        OtherFormat, WrongHeader
    """
    table.know(known)
    missing = [known[word][0] for word in needed if word not in table.columns]
    if not missing:
        return
    header = {name.replace("_", " ").casefold() for name in table.header}
    for other, signs in SIGNS.items():
        if other is not format and header & set(signs):
            raise OtherFormat(found=NAMES[other], format=NAMES[format])
    raise WrongHeader(format=NAMES[format], missing=", ".join(missing))


def try_row(line: Line, make: Callable[[], T], refusals: list[Refusal]) -> T | None:
    """Make something of a line; a bad cell becomes a refusal of the line, and nothing is made."""
    try:
        return make()
    except BadCell as bad:
        refusals.append(bad.at(line.number))
        return None


def finish(draft: Draft, columns: Mapping[str, str]) -> ReadProduct:
    """Make the product as read: options in the order of their first use, pictures tied to their variants."""
    names = list(dict.fromkeys(name for row in draft.rows for name in row.variant.options))
    options = [
        Option(name, list(dict.fromkeys(r.variant.options[name] for r in draft.rows if name in r.variant.options)))
        for name in names
    ]
    shown: dict[str, list[int]] = {}
    for at, row in enumerate(draft.rows):
        if row.picture:
            shown.setdefault(row.picture, []).append(at)
    unique = {picture.address: picture for picture in reversed(draft.pictures)}
    gallery = [unique[address] for address in dict.fromkeys(p.address for p in draft.pictures)]
    pictures = [msgspec.structs.replace(p, variants=tuple(shown.pop(p.address, ()))) for p in gallery]
    pictures += [ReadPicture(address, variants=tuple(variants)) for address, variants in shown.items()]
    product = NewProduct(options=options, variants=[row.variant for row in draft.rows], **draft.fields)
    return ReadProduct(product, draft.line, [r.line for r in draft.rows], columns, pictures, draft.is_whole)


def without_product(lines: Iterable[int], first: int) -> list[Refusal]:
    """Refuse the other lines of a product that was refused in its first."""
    words = N_("The product that begins in line %(first)d was not taken.")
    return [Refusal(n, "", "exchange.without_product", words, {"first": first}) for n in lines if n != first]


def find_category(path: str, terms: Terms) -> str | None:
    """Find a category of ours by a path of names (`Clothing > Tshirts`), the last that we have."""
    for name in reversed(re.split(r"\s*[>/›»]\s*", path)):
        found = terms.categories.get(name.strip().casefold())
        if found is not None:
            return found
    return None


def compare_at(price: Money, before: Money | None) -> Money | None:
    """Give the former price, if it is one: merchants leave it standing at or below the price."""
    return before if before is not None and before.amount > price.amount else None


def state_of(*, on_sale: bool, draft: bool = False) -> ProductState:
    """Give the state a file wishes."""
    if draft:
        return ProductState.DRAFT
    return ProductState.ON_SALE if on_sale else ProductState.OFF_SALE


def format_of(description: str) -> Format:
    """Tell HTML from plain words, where the file may hold either."""
    return Format.HTML if _HTML.search(description) or not description else Format.PLAIN


class Spool:
    """Lines put aside on the disk, under a key, for when the rest of their product is met.

    In memory stay eight bytes of the key and eight of the place for each line.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._places: dict[bytes, list[int]] = {}
        self._end = 0

    def put(self, key: str, line: Line) -> None:
        """Put a line aside."""
        data = msgspec.msgpack.encode((key, line.number, line.cells))
        self._places.setdefault(_short(key), []).append(self._end)
        self._file.seek(self._end)
        self._file.write(len(data).to_bytes(4, "big") + data)
        self._end += 4 + len(data)

    def take(self, key: str, columns: dict[str, int]) -> list[Line]:
        """Take the lines of a key, in the order they came; the next time there are none."""
        return [
            Line(number, cells, columns)
            for found, number, cells in map(self._read, self._places.pop(_short(key), []))
            if found == key
        ]

    def rest(self, columns: dict[str, int]) -> Iterator[tuple[str, Line]]:
        """Give the lines that nobody took."""
        for place in sorted(place for places in self._places.values() for place in places):
            key, number, cells = self._read(place)
            yield key, Line(number, cells, columns)

    def close(self) -> None:
        """Forget everything."""
        self._file.close()

    def _read(self, place: int) -> tuple[str, int, list[str]]:
        self._file.seek(place)
        length = int.from_bytes(self._file.read(4), "big")
        return msgspec.msgpack.decode(self._file.read(length), type=tuple[str, int, list[str]])

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _short(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def local_name(address: str) -> str | None:
    """Give the path of a picture beside the file; None for an address of the web, or a way out of the folder."""
    if "://" in address or address.startswith(("/", "\\", "data:")):
        return None
    plain = os.path.normpath(address.replace("\\", "/"))
    return None if plain.startswith("..") or ":" in plain else plain
