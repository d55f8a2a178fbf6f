"""What an index holds, what is asked of it, and what it answers."""

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec
import tantivy

from fairground.kit.text_index.words import WORDS_VERSION, index_words

ID: Final = "id"
_LOOSE: Final = "_loose"


class TextField(msgspec.Struct, frozen=True):
    """A text that is searched by words.

    `weight` multiplies its part of the score. `characters` finds Chinese also by single characters and neighbouring
    pairs, whatever the dictionary makes of them: right for titles, too much for long texts.
    """

    name: str
    weight: float = 1.0
    characters: bool = True


class IndexSchema(msgspec.Struct, frozen=True):
    """The fields of an index: texts for words, keywords for exact values, numbers (63 bits) for ranges and order."""

    texts: tuple[TextField, ...]
    keywords: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        """Tell apart indexes that cannot be read in place of each other."""
        shape = [[(text.name, text.characters) for text in self.texts], self.keywords, self.numbers, WORDS_VERSION]
        return hashlib.sha256(msgspec.json.encode(shape)).hexdigest()[:12]


class Entry(msgspec.Struct, frozen=True):
    """One thing to be found. Keywords and numbers may have several values; a field left out is empty."""

    id: int
    texts: Mapping[str, str]
    keywords: Mapping[str, Sequence[str]] = {}
    numbers: Mapping[str, int | Sequence[int]] = {}


class Query(msgspec.Struct, frozen=True):
    """A question: words as a person types them, and filters that must all hold.

    `keywords` asks for any of the values of each field, `besides` for any of each further group (several groups on one
    field), `without` for none of them; `numbers` are ranges with both ends
    included, None is open. `sort` names a number, `-` before it puts the greatest first; None sorts by score.
    With `unfinished` the last word counts as the beginning of one, in texts found by characters. Fewer hits than
    `enough` widen the query. `values` names numbers whose first value comes back with each hit.
    """

    words: str = ""
    keywords: Mapping[str, Sequence[str]] = {}
    besides: Sequence[tuple[str, Sequence[str]]] = ()
    without: Mapping[str, Sequence[str]] = {}
    numbers: Mapping[str, tuple[int | None, int | None]] = {}
    sort: str | None = None
    limit: int = 100
    offset: int = 0
    unfinished: bool = False
    enough: int = 10
    values: Sequence[str] = ()


class Width(StrEnum):
    """How far a query had to be widened: all words, all words or their parts, or only some of the words."""

    WORDS = "words"
    PARTS = "parts"
    SOME = "some"


class Hit(msgspec.Struct, frozen=True):
    """A thing found; the score is comparable within one answer, and 0 when sorted by a number.

    `values` are the numbers that the query named, in its order; 0 where the entry has none.
    """

    id: int
    score: float
    values: tuple[int, ...] = ()


class Found(msgspec.Struct, frozen=True):
    """The hits asked for, how many there are in all, and how wide the query had become."""

    hits: list[Hit]
    total: int
    width: Width


def loose(name: str) -> str:
    """Name the companion field: by what else a text is found (stems, parts, characters and pairs)."""
    return name + _LOOSE


def built(schema: IndexSchema) -> tantivy.Schema:
    """Give the engine's schema. Positions are not kept: nobody asks for phrases, and they double the size."""
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field(ID, indexed=True, fast=True)
    for text in schema.texts:
        builder.add_text_field(text.name, tokenizer_name="whitespace", index_option="freq")
        builder.add_text_field(loose(text.name), tokenizer_name="whitespace", index_option="freq")
    for keyword in schema.keywords:
        builder.add_text_field(keyword, tokenizer_name="raw", index_option="basic", fast=True)
    for number in schema.numbers:
        builder.add_integer_field(number, indexed=True, fast=True)
    return builder.build()


def document(schema: IndexSchema, entry: Entry) -> tantivy.Document:
    """Make the engine's document of an entry."""
    made = tantivy.Document()
    made.add_integer(ID, entry.id)
    for field in schema.texts:
        words, besides = index_words(entry.texts.get(field.name, ""), characters=field.characters)
        made.add_text(field.name, " ".join(words))
        made.add_text(loose(field.name), " ".join(besides))
    for name in schema.keywords:
        for value in entry.keywords.get(name, ()):
            made.add_text(name, value)
    for name in schema.numbers:
        numbers = entry.numbers.get(name, ())
        for number in (numbers,) if isinstance(numbers, int) else numbers:
            made.add_integer(name, number)
    return made
