"""A full-text index in a folder: tantivy embedded, Chinese and Latin in one index.

Owns: the folder, how text is cut into words, how a query widens when little is found, the swap of a rebuilt index.
Promises: one writer on a machine; readers see whole commits only; a rebuilt index replaces the old one in one step and
misses nothing that changed meanwhile; a damaged folder is noticed at the start and replaced by an empty one.
Begin at: `schema.py`, then `reader.py`.
"""

from fairground.kit.text_index.folder import IndexBusy, IndexUnavailable
from fairground.kit.text_index.reader import TextIndexReader
from fairground.kit.text_index.rebuild import IndexRebuild
from fairground.kit.text_index.schema import Entry, Found, Hit, IndexSchema, Query, TextField, Width
from fairground.kit.text_index.writer import TextIndexWriter

__all__ = [
    "Entry",
    "Found",
    "Hit",
    "IndexBusy",
    "IndexRebuild",
    "IndexSchema",
    "IndexUnavailable",
    "Query",
    "TextField",
    "TextIndexReader",
    "TextIndexWriter",
    "Width",
]
