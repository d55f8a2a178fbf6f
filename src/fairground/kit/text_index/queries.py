"""From words and filters to the engine's query."""

from collections.abc import Mapping, Sequence
from typing import Final

import tantivy

from fairground.kit.text_index.schema import IndexSchema, Query, Width, loose
from fairground.kit.text_index.words import Word, query_words, stem

_STEM: Final = 0.9
_PARTS: Final = 0.4
_BEGINNING: Final = 0.5
# Among fields the best counts, the others break the tie: a word in title and body is not twice as fitting.
_TIE: Final = 0.2

Begun = Mapping[str, Sequence[str]]
"""By field, the words that an unfinished last word may become."""

_Clause = tuple[tantivy.Occur, tantivy.Query]


class QueryBuilder:
    """Builds queries over one schema."""

    def __init__(self, schema: IndexSchema, engine_schema: tantivy.Schema) -> None:
        self._texts = schema.texts
        self._engine_schema = engine_schema

    def query(self, query: Query, width: Width, begun: Begun = {}) -> tantivy.Query | None:  # noqa: B006 - read only
        """Give the query at a width; None where words were asked for and none could be made out."""
        words = query_words(query.words)
        if query.words.strip() and not words:
            return None
        clauses = self._filters(query)
        if words:
            asked = [self._word(word, width, {}) for word in words[:-1]]
            asked.append(self._word(words[-1], width, begun))
            clauses.append((tantivy.Occur.Must, _joined(asked, width)))
        if not any(occur == tantivy.Occur.Must for occur, _ in clauses):
            clauses.append((tantivy.Occur.Must, tantivy.Query.all_query()))
        return tantivy.Query.boolean_query(clauses)

    def _filters(self, query: Query) -> list[_Clause]:
        groups = [*query.keywords.items(), *query.besides]
        asked = [(tantivy.Occur.Must, self._any_of(name, values)) for name, values in groups]
        for name, (low, high) in query.numbers.items():
            between = tantivy.Query.range_query(
                self._engine_schema, name, tantivy.FieldType.Integer, low, high, use_inverted_index=False
            )
            if low is not None or high is not None:
                asked.append((tantivy.Occur.Must, between))
        refused = [(tantivy.Occur.MustNot, self._any_of(name, values)) for name, values in query.without.items()]
        return [(occur, tantivy.Query.const_score_query(asked_for, 0.0)) for occur, asked_for in asked + refused]

    def _any_of(self, name: str, values: Sequence[str]) -> tantivy.Query:
        if len(values) == 1:
            return tantivy.Query.term_query(self._engine_schema, name, values[0], "basic")
        return tantivy.Query.term_set_query(self._engine_schema, name, list(values))

    def _word(self, word: Word, width: Width, begun: Begun) -> tantivy.Query:
        ways: list[tantivy.Query] = []
        # A single character is rarely a word of its own; it is looked for inside words from the beginning.
        by_parts = word.parts if width is not Width.WORDS or (word.cjk and len(word.text) == 1) else []
        for field in self._texts:
            ways.append(_boosted(self._term(field.name, word.text), field.weight))
            if not word.cjk:
                ways.append(_boosted(self._term(loose(field.name), stem(word.text)), field.weight * _STEM))
            if by_parts and (field.characters or not word.cjk):
                parts = [self._term(loose(field.name), part) for part in by_parts]
                ways.append(_boosted(_all(parts), field.weight * _PARTS / len(parts)))
            wholes = begun.get(field.name, ())
            ways += [_boosted(self._term(field.name, whole), field.weight * _BEGINNING) for whole in wholes]
        return ways[0] if len(ways) == 1 else tantivy.Query.disjunction_max_query(ways, _TIE)

    def _term(self, name: str, text: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._engine_schema, name, text, "freq")


def _joined(words: list[tantivy.Query], width: Width) -> tantivy.Query:
    if len(words) == 1:
        return words[0]
    if width is Width.SOME:
        clauses = [(tantivy.Occur.Should, word) for word in words]
        return tantivy.Query.boolean_query(clauses, minimum_number_should_match=max(1, len(words) // 2))
    return _all(words)


def _all(queries: list[tantivy.Query]) -> tantivy.Query:
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])


def _boosted(query: tantivy.Query, weight: float) -> tantivy.Query:
    return query if weight == 1.0 else tantivy.Query.boost_query(query, weight)
