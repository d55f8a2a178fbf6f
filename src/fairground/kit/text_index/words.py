"""How text is cut: Chinese by the dictionary, everything else at what is neither letter nor digit, folded to ASCII.

Every text is kept as two lists: its words as written, and what they are found by besides. For Latin that is the stem
and the parts of mixed words (`iphone15`), for Chinese the characters and neighbouring pairs, because a dictionary cuts
the same characters differently in different company.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import tantivy

WORDS_VERSION: Final = 1
"""Raise it when the same text would be cut differently: indexes of another version are not read."""

_LONGEST: Final = 64
_CJK: Final = "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS: Final = re.compile(f"([{_CJK}]+)")
_MIXED: Final = re.compile(r"[^\W\d_]+|\d+")
_FOLD: Final = (
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    .filter(tantivy.Filter.lowercase())
    .filter(tantivy.Filter.ascii_fold())
    .build()
)
_STEM: Final = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.stemmer("english")).build()


class Word(msgspec.Struct, frozen=True):
    """A word of a query, and whether it is written in characters rather than letters."""

    text: str
    cjk: bool = False

    @property
    def parts(self) -> list[str]:
        """Give what the word is found by in pieces: pairs of characters, or letters and digits apart."""
        if self.cjk:
            return _pairs(self.text) or [self.text]
        return _pieces(self.text)


def _chinese() -> Any:
    # Its dictionary takes 33 MB and half a second: most processes, and a start, never need it.
    import rjieba

    return rjieba


def query_words(text: str) -> list[Word]:
    """Cut what a person asks for into the words to look for, in their order."""
    words: list[Word] = []
    for run, cjk in _runs(text):
        cut = _chinese().cut(run) if cjk else _FOLD.analyze(run)
        words += [Word(word[:_LONGEST], cjk) for word in cut]
    return words


def index_words(text: str, *, characters: bool) -> tuple[list[str], list[str]]:
    """Cut a text for the index: its words, long Chinese ones also in their shorter words, and what it is found by."""
    words: list[str] = []
    besides: list[str] = []
    for run, cjk in _runs(text):
        if cjk:
            words += [word[:_LONGEST] for word in _chinese().cut_for_search(run)]
            besides += [*run, *_pairs(run)] if characters else ()
            continue
        for long_word in _FOLD.analyze(run):
            word = long_word[:_LONGEST]
            words.append(word)
            besides += [stem(word), *_pieces(word)]
    return words, besides


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for at, run in enumerate(_RUNS.split(unicodedata.normalize("NFKC", text))):
        if run:
            yield run, at % 2 == 1


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _pieces(word: str) -> list[str]:
    pieces = _MIXED.findall(word)
    return [stem(piece) for piece in pieces] if len(pieces) > 1 else []


@functools.lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Give the English stem of a folded word; words of other languages lose at most an ending."""
    return _STEM.analyze(word)[0]
