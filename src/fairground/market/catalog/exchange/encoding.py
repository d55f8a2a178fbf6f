"""In which letters a file is written: by its first bytes, then by trying all of it."""

import codecs
from typing import BinaryIO, Final

from fairground.kit.errors import N_
from fairground.market.catalog.exchange.errors import EmptyFile, NotATable, UnknownEncoding

_STEP: Final = 1 << 20
_HEAD: Final = 1 << 16
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNS: Final = (
    (b"\x89PNG\r\n\x1a\n", N_("a picture")),
    (b"\xff\xd8\xff", N_("a picture")),
    (b"GIF8", N_("a picture")),
    (b"RIFF", N_("a picture")),
    (b"BM", N_("a picture")),
    (b"%PDF", N_("a PDF document")),
    (b"PK\x03\x04", N_("an Excel workbook or a zip archive")),
    (b"\xd0\xcf\x11\xe0", N_("an old Excel workbook")),
    (b"\x1f\x8b", N_("a compressed file")),
    (b"SQLite format 3", N_("a database")),
)
_CONTROL: Final = frozenset(range(32)) - {9, 10, 12, 13, 27}


def detect_encoding(file: BinaryIO) -> str:
    """Tell the encoding of a text file; the file stands at its beginning afterwards.

    Raises:
        EmptyFile, NotATable, UnknownEncoding
    """
    file.seek(0)
    head = file.read(_HEAD)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise EmptyFile
    encoding = _by_mark(head) or _by_zeros(head)
    if encoding is None:
        _refuse_binary(head)
        encoding = _by_trying(file)
    elif not _decodes(file, encoding):
        raise UnknownEncoding
    file.seek(0)
    return encoding


def _by_mark(head: bytes) -> str | None:
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def _by_zeros(head: bytes) -> str | None:
    """UTF-16 without its mark: Latin letters and commas leave a zero in every other byte."""
    some = head[:4096]
    even, odd = some[::2].count(0), some[1::2].count(0)
    if odd > len(some) // 10 and even < odd // 20 + 1:
        return "utf-16-le"
    return "utf-16-be" if even > len(some) // 10 and odd < even // 20 + 1 else None


def _refuse_binary(head: bytes) -> None:
    what = next((words for sign, words in _SIGNS if head.startswith(sign)), None)
    strange = sum(byte in _CONTROL for byte in head)
    # A stray zero is trouble of its line; many are no text. A word that begins with BM or RIFF is no picture yet.
    if what is not None and (strange or head[:4] == b"%PDF" or head[0] > 127):
        raise NotATable(what=what)
    if strange > max(2, len(head) // 50):
        raise NotATable(what=N_("a file of another kind"))


def _by_trying(file: BinaryIO) -> str:
    if _decodes(file, "utf-8"):
        return "utf-8"
    if _looks_chinese(file) and _decodes(file, "gb18030"):
        return "gb18030"
    if _decodes(file, "cp1252"):
        return "cp1252"
    if _decodes(file, "gb18030"):
        return "gb18030"
    raise UnknownEncoding


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while piece := file.read(_STEP):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(file: BinaryIO) -> bool:
    """Tell Chinese from western letters: the second byte of a common hanzi is high too, that after an é is a letter."""
    file.seek(0)
    pairs = high = 0
    while piece := file.read(_STEP):
        at = 0
        while at < len(piece) - 1:
            if piece[at] < 0x80:
                at += 1
                continue
            pairs += 1
            high += piece[at + 1] >= 0xA1
            at += 2
        if pairs > 2000:
            break
    return pairs > 0 and high * 10 >= pairs * 7
