"""Lines of a table, one after the other, each with its number in the file: CSV with any separator, or TSV."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Final

import msgspec

from fairground.kit.errors import N_
from fairground.market.catalog.exchange.encoding import detect_encoding
from fairground.market.catalog.exchange.errors import EmptyFile
from fairground.market.catalog.exchange.model import Refusal

CELL_MOST: Final = 1 << 20  # characters; past it somebody forgot a quotation mark
SEPARATORS: Final = (",", ";", "\t", "|")


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line: its number, its cells, and where each column stands (shared by all lines)."""

    number: int
    cells: Sequence[str]
    columns: dict[str, int]

    def __getitem__(self, column: str) -> str:
        """Give a cell without the spaces around it; "" where the file has no such column."""
        at = self.columns.get(column, -1)
        return self.cells[at].strip() if 0 <= at < len(self.cells) else ""

    def raw(self, column: str) -> str:
        """Give a cell as it stands."""
        at = self.columns.get(column, -1)
        return self.cells[at] if 0 <= at < len(self.cells) else ""


class Table:
    """A file opened as a table: `header` as written, then `lines()`, which may be walked more than once."""

    def __init__(self, file: BinaryIO, known: Sequence[str] = (), *, skip: int = 0) -> None:
        """Open a file; `known` columns help to tell the separator, `skip` lines stand before the header.

        Raises:
            EmptyFile, NotATable, UnknownEncoding
        """
        csv.field_size_limit(CELL_MOST)
        self._file = file
        self._encoding = detect_encoding(file)
        self._skip = skip
        self._separator = self._find_separator({name.casefold() for name in known})
        self.header, self._first = self._read_header()
        self.columns: dict[str, int] = {}
        for at, name in enumerate(self.header):
            self.columns.setdefault(name, at)

    def know(self, columns: Mapping[str, Sequence[str]]) -> None:
        """Let columns be known by our word for them, however this file spells them (`VARIANT price`)."""
        folded = {_fold(name): at for at, name in reversed(list(enumerate(self.header)))}
        for word, spellings in columns.items():
            found = next((folded[_fold(s)] for s in spellings if _fold(s) in folded), None)
            if found is not None:
                self.columns[word] = found

    def name_of(self, word: str) -> str:
        """Give the column as the file spells it; our word where the file has none."""
        at = self.columns.get(word)
        return word if at is None else self.header[at]

    def lines(self, start: int = 0) -> Iterator[Line | Refusal]:
        """Give the lines below the header, less `start` of them; a line that is no row of the table is a refusal."""
        with _text(self._file, self._encoding) as text:
            reader = csv.reader(text, delimiter=self._separator, strict=True)
            while reader.line_num < self._first and next(reader, None) is not None:
                pass
            while True:
                number = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as trouble:
                    yield _broken(number, str(trouble))
                    continue
                if any(cells) and not start:
                    yield self._checked(number, cells)
                start -= start > 0

    def _checked(self, number: int, cells: list[str]) -> Line | Refusal:
        for at, cell in enumerate(cells):
            if "\x00" in cell:
                name = self.header[at] if at < len(self.header) else ""
                return Refusal(number, name, "exchange.zero", N_("The line holds bytes that are no text."))
        if any(cell.strip() for cell in cells[len(self.header) :]):
            return Refusal(
                number,
                "",
                "exchange.too_many_cells",
                N_("The line has %(found)d cells, the header only %(columns)d: is a quotation mark missing?"),
                {"found": len(cells), "columns": len(self.header)},
            )
        return Line(number, cells, self.columns)

    def _find_separator(self, known: set[str]) -> str:
        with _text(self._file, self._encoding) as text:
            lines = [text.readline(CELL_MOST) for _ in range(self._skip + 2)]
        first = lines[self._skip] if len(lines) > self._skip else ""
        if first.lower().startswith("sep=") and len(first.rstrip("\r\n")) == 5:  # Excel's own hint
            self._skip += 1
            return first[4]

        def worth(separator: str) -> tuple[int, int]:
            cells = next(csv.reader([first], delimiter=separator), [])
            return len({c.strip().strip("*").casefold() for c in cells} & known), len(cells)

        return max(SEPARATORS, key=worth)

    def _read_header(self) -> tuple[list[str], int]:
        with _text(self._file, self._encoding) as text:
            reader = csv.reader(text, delimiter=self._separator)
            try:
                for _ in range(self._skip):
                    next(reader)
                header = next(reader)
                while not any(header):
                    header = next(reader)
            except (StopIteration, csv.Error):
                raise EmptyFile from None
            return [" ".join(name.replace("\ufeff", "").split()) for name in header], reader.line_num


class _text:  # noqa: N801 - used as a verb: with _text(file, …) as text
    """The file as text, without taking it over: closing the wrapper would close the file."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        file.seek(0)
        self._wrapped = io.TextIOWrapper(file, encoding=encoding, newline="")

    def __enter__(self) -> io.TextIOWrapper:
        return self._wrapped

    def __exit__(self, *_: object) -> None:
        self._wrapped.detach()


def _fold(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()


def _broken(number: int, why: str) -> Refusal:
    if "unexpected end" in why:
        return Refusal(
            number,
            "",
            "exchange.open_quote",
            N_("A quotation mark opened in this line is never closed; the rest is lost."),
        )
    if "field limit" in why:
        return Refusal(
            number,
            "",
            "exchange.cell_too_long",
            N_("A cell of this line has more than %(most)d characters: is a quotation mark missing?"),
            {"most": CELL_MOST},
        )
    return Refusal(number, "", "exchange.broken_line", N_("The quotation marks of this line are not in order."))
