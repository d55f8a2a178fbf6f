"""Reading an index: queries, counts by keyword, suggestions."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec
import tantivy

from fairground.kit.text_index.folder import IndexFolder, IndexUnavailable
from fairground.kit.text_index.queries import Begun, QueryBuilder
from fairground.kit.text_index.schema import ID, Found, Hit, IndexSchema, Query, Width, built
from fairground.kit.text_index.words import Word, query_words

MAX_HITS: Final = 1000
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_CORRECTED_FROM: Final = 5
_BECOMES: Final = 20
_Stamp = tuple[int, int, int, int]


class _Opened(msgspec.Struct, frozen=True):
    """One commit of one generation, as a whole: threads never see half of a change-over."""

    stamp: _Stamp
    generation: Path
    index: tantivy.Index
    searcher: tantivy.Searcher


class TextIndexReader:
    """Reads an index that another process writes; sees a new commit or a rebuilt index at the next question.

    Every method raises `IndexUnavailable` where there is no readable index. Safe to use from several threads.
    """

    def __init__(self, path: Path, schema: IndexSchema) -> None:
        self._folder = IndexFolder(path, schema.fingerprint())
        self._schema = schema
        self._build = QueryBuilder(schema, built(schema))
        self._opened: _Opened | None = None

    def search(self, query: Query) -> Found:
        """Answer a query, widened step by step until it finds enough. Milliseconds; blocks."""
        searcher = self._searcher()
        found, begun = None, self._begun(searcher, query)
        for width in Width:
            asked = self._build.query(query, width, begun)
            if asked is None:
                break
            wider = _ask(searcher, asked, query, width)
            # What brings nothing more does not count as widened.
            found = wider if found is None or wider.total > found.total else found
            if found.total >= query.enough or not query.words:
                break
        return found or Found([], 0, Width.WORDS)

    def facet_counts(
        self, query: Query, fields: Iterable[str], *, width: Width = Width.WORDS, size: int = 50
    ) -> dict[str, dict[str, int]]:
        """Count the hits of a query by the values of keyword fields, the most frequent first.

        `width` is that of the answer to the same query, so that the same hits are counted.
        """
        searcher = self._searcher()
        wanted = {name: {"terms": {"field": name, "size": size}} for name in fields}
        asked = self._build.query(query, width, self._begun(searcher, query))
        if asked is None or not wanted:
            return {name: {} for name in wanted}
        try:
            answer = searcher.aggregate(asked, wanted)
        except ValueError as error:
            raise IndexUnavailable from error
        return {name: {hit["key"]: hit["doc_count"] for hit in answer[name]["buckets"]} for name in wanted}

    def completions(self, beginning: str, limit: int = 10) -> list[str]:
        """Complete the last word of what a person is typing, the most frequent first."""
        words = query_words(beginning)
        if not words or beginning[-1:].isspace():
            return []
        searcher, last = self._searcher(), words[-1].text
        counts: dict[str, int] = {}
        for field in self._schema.texts:
            for term, count in searcher.terms_with_prefix(field.name, last, None, limit):
                counts[term] = max(count, counts.get(term, 0))
        return sorted(counts, key=lambda term: (-counts[term], term))[:limit]

    def did_you_mean(self, text: str) -> str | None:
        """Correct Latin words of five letters or more that nobody uses by one letter; None where nothing is better."""
        searcher = self._searcher()
        words = query_words(text)
        better = [word if word.cjk else Word(self._correction(searcher, word.text)) for word in words]
        if better == words:
            return None
        gaps = ["" if word.cjk and after.cjk else " " for word, after in pairwise(better)]
        return "".join(word.text + gap for word, gap in zip(better, [*gaps, ""], strict=True))

    def count(self) -> int:
        """Tell how many entries the index holds."""
        return self._searcher().num_docs

    def _begun(self, searcher: tantivy.Searcher, query: Query) -> Begun:
        """Look up what an unfinished word may become: some ten times faster than asking the engine for a prefix."""
        if not query.unfinished or not query.words or query.words[-1].isspace():
            return {}
        last = query_words(query.words)[-1:]
        return {
            field.name: [term for term, _ in searcher.terms_with_prefix(field.name, last[0].text, None, _BECOMES)]
            for field in self._schema.texts
            if last and field.characters
        }

    def _correction(self, searcher: tantivy.Searcher, word: str) -> str:
        fields = [field.name for field in self._schema.texts]

        def used(candidate: str) -> int:
            return max(searcher.doc_freq(name, candidate) for name in fields)

        if len(word) < _CORRECTED_FROM or not word.isascii() or used(word):
            return word
        best = max(sorted(_one_letter_from(word)), key=used)
        return best if used(best) else word

    def _searcher(self) -> tantivy.Searcher:
        """Give a searcher on the latest commit. Two calls of `stat` each time cost less than a thread that watches."""
        opened = self._opened
        try:
            if opened is not None and self._stamp(opened.generation) == opened.stamp:
                return opened.searcher
            return self._reopen(opened).searcher
        except (OSError, ValueError):
            # The writer may have changed over and swept between our reading the pointer and opening: look once more.
            try:
                return self._reopen(None).searcher
            except (OSError, ValueError) as error:
                self._opened = None
                raise IndexUnavailable from error

    def _reopen(self, opened: _Opened | None) -> _Opened:
        generation = self._folder.current()
        if generation is None:
            raise IndexUnavailable
        stamp = self._stamp(generation)
        if opened is not None and opened.generation == generation:
            index = opened.index
            index.reload()
        else:
            index = tantivy.Index.open(str(generation))
            index.config_reader("manual")
            index.reload()
        self._opened = opened = _Opened(stamp, generation, index, index.searcher())
        return opened

    def _stamp(self, generation: Path) -> _Stamp:
        pointer, meta = self._folder.pointer.stat(), (generation / "meta.json").stat()
        return pointer.st_ino, pointer.st_mtime_ns, meta.st_ino, meta.st_mtime_ns


def _ask(searcher: tantivy.Searcher, asked: tantivy.Query, query: Query, width: Width) -> Found:
    limit = max(1, min(query.limit, MAX_HITS))
    by, order = None, tantivy.Order.Desc
    if query.sort is not None:
        by = query.sort.removeprefix("-")
        order = tantivy.Order.Desc if query.sort.startswith("-") else tantivy.Order.Asc
    try:
        result = searcher.search(asked, limit, True, by, query.offset, order)
        places = [at for _, at in result.hits]
        ids = _numbers(searcher, ID, places)
        values = [_numbers(searcher, name, places) for name in query.values]
    except ValueError as error:
        raise IndexUnavailable from error
    scores = [0.0 if by else float(score) for score, _ in result.hits]
    carried = zip(*values, strict=True) if values else [()] * len(ids)
    hits = [Hit(*hit) for hit in zip(ids, scores, carried, strict=True)]
    return Found(hits, result.count, width)  # type: ignore[attr-defined]


def _numbers(searcher: tantivy.Searcher, name: str, places: list[tantivy.DocAddress]) -> list[int]:
    found: Sequence[int | float | bool | None] = searcher.fast_field_values(name, places)
    return [int(number or 0) for number in found]


def _one_letter_from(word: str) -> set[str]:
    """Give all words one letter away: one left out, swapped, changed or put in (P. Norvig's spelling corrector)."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    return (
        {left + right[1:] for left, right in cuts if right}
        | {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
        | {left + letter + right[1:] for left, right in cuts if right for letter in _LETTERS}
        | {left + letter + right for left, right in cuts for letter in _LETTERS}
    )
