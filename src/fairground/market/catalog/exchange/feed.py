"""Google's product feed as XML (RSS 2.0 or Atom): each item becomes a line, as if it stood in a table.

Read piece by piece with expat; a document type is refused, so no entity is ever declared, fetched or unfolded.
"""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final
from xml.parsers import expat

from fairground.kit.errors import N_
from fairground.market.catalog.exchange.errors import BrokenXml, NotAFeed, UnknownEncoding, XmlDoctype
from fairground.market.catalog.exchange.model import Refusal
from fairground.market.catalog.exchange.table import CELL_MOST, Line

GOOGLE: Final = "http://base.google.com/ns/1.0"
ATOM: Final = "http://www.w3.org/2005/Atom"
_PIECE: Final = 1 << 16
_DEPTH_MOST: Final = 64
_ROOTS: Final = frozenset({"rss", f"{ATOM} feed", "feed"})
_ITEMS: Final = frozenset({"item", f"{ATOM} entry", "entry"})
# What RSS and Atom call by names of their own.
_PLAIN: Final = {"title": "title", "description": "description", "summary": "description", "content": "description"}
_BEGINNINGS: Final = (b"<?xml", b"<rss", b"<feed", b"<!--", b"<!DOCTYPE")


def is_xml(file: BinaryIO) -> bool:
    """Tell whether a file begins as XML does; the file stands at its beginning afterwards."""
    file.seek(0)
    head = file.read(512)
    file.seek(0)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[2:].replace(b"\x00", b"")
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_BEGINNINGS)


class Feed:
    """A feed opened as a table of these columns; `columns` are all, after a first walk those that the file states."""

    def __init__(self, file: BinaryIO, words: Sequence[str]) -> None:
        self._file = file
        self._words = {word: at for at, word in enumerate(words)}
        self._seen: set[str] = set()
        self.columns: dict[str, int] = self._words

    def name_of(self, word: str) -> str:
        """Give the element's name as Google writes it."""
        return f"g:{word}"

    def lines(self) -> Iterator[Line | Refusal]:
        """Give the items, each as a line with the number of the file's line where it begins.

        Raises:
            XmlDoctype, NotAFeed, UnknownEncoding
            BrokenXml: before the first item; later it is a refusal, and what stood before it is kept.
        """
        walk = _Walk(self._words, self._seen, self.columns)
        self._file.seek(0)
        is_end, is_begun = False, False
        while not is_end:
            piece = self._file.read(_PIECE)
            is_end = not piece
            trouble = walk.read(piece, is_end)
            is_begun = is_begun or bool(walk.found)
            yield from walk.found
            walk.found.clear()
            if trouble is not None:
                if not is_begun:
                    raise BrokenXml(line=trouble)
                words = N_("The XML is broken here; what stands below could not be read.")
                yield Refusal(trouble, "", "exchange.broken_xml", words)
                return
        self.columns = {word: at for word, at in self._words.items() if word in self._seen}


class _Walk:
    """One walk through the file: keeps the item that is open, and what was found since the last look."""

    def __init__(self, words: dict[str, int], seen: set[str], columns: dict[str, int]) -> None:
        self.found: list[Line | Refusal] = []
        self._words, self._seen, self._columns = words, seen, columns
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._depth = 0
        self._item: list[str] | None = None  # the cells of the item that is open
        self._item_line = self._item_depth = 0
        self._field: str | None = None
        self._is_googles = False
        self._pieces: list[str] = []
        self._length = 0
        self._too_long: str | None = None
        self._own: set[str] = set()  # words that this item said in Google's own element

    def read(self, piece: bytes, is_end: bool) -> int | None:
        """Read on; gives the number of the line where the XML is broken, if it is."""
        try:
            self._parser.Parse(piece, is_end)
        except expat.ExpatError as trouble:
            if trouble.code == _UNKNOWN_ENCODING:
                raise UnknownEncoding from None
            return int(trouble.lineno)
        except (LookupError, ValueError):
            raise UnknownEncoding from None
        return None

    def _open(self, name: str, _attributes: Any) -> None:
        self._depth += 1
        if self._depth == 1 and name not in _ROOTS:
            raise NotAFeed
        if self._depth > _DEPTH_MOST:
            raise NotAFeed
        if self._item is None:
            if name in _ITEMS:
                self._item = [""] * len(self._words)
                self._item_line, self._item_depth = self._parser.CurrentLineNumber, self._depth
                self._too_long, self._own = None, set()
        elif self._depth == self._item_depth + 1:  # deeper ones, as the price of a delivery, are not the item's own
            space, _, word = name.rpartition(" ")
            self._is_googles = space == GOOGLE
            known = word if self._is_googles else _PLAIN.get(word) if space in {"", ATOM} else None
            self._field = known if known in self._words else None
            self._pieces, self._length = [], 0

    def _text(self, text: str) -> None:
        if self._field is None or self._depth != self._item_depth + 1:
            return
        self._length += len(text)
        if self._length > CELL_MOST:
            self._too_long = self._field
        else:
            self._pieces.append(text)

    def _close(self, _name: str) -> None:
        if self._item is not None and self._depth == self._item_depth:
            self._finish()
        elif self._field is not None and self._depth == self._item_depth + 1:
            self._keep("".join(self._pieces))
            self._field = None
        self._depth -= 1

    def _keep(self, text: str) -> None:
        assert self._item is not None, "a field is open only inside of an item"
        assert self._field is not None, "called for an open field"
        at, word = self._words[self._field], self._field
        self._seen.add(word)
        if word == "additional_image_link":  # said once for each picture; a table has them in one cell
            one = text.strip().replace(",", "%2C")
            joined = f"{self._item[at]},{one}" if self._item[at] else one
            if len(joined) > CELL_MOST:
                self._too_long = word
            else:
                self._item[at] = joined
        elif self._is_googles or (word not in self._own and not self._item[at]):
            self._item[at] = text
        if self._is_googles:
            self._own.add(word)

    def _finish(self) -> None:
        assert self._item is not None, "called for an open item"
        if self._too_long is not None:
            words = N_("This is longer than %(most)d characters.")
            refusal = Refusal(
                self._item_line, f"g:{self._too_long}", "exchange.cell_too_long", words, {"most": CELL_MOST}
            )
            self.found.append(refusal)
        else:
            self.found.append(Line(self._item_line, self._item, self._columns))
        self._item = None


_UNKNOWN_ENCODING: Final = expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]


def _refuse_doctype(*_: Any) -> None:
    raise XmlDoctype
