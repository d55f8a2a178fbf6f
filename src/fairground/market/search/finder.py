"""What a web process finds with: the index, the tree of categories, a notebook of what was asked and shown.

The notebook is written to the database in batches: what a process that dies had not written yet is lost, and may be.
"""

from collections import Counter, deque
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from fairground.kit.actor import system
from fairground.kit.db import Database, Tx
from fairground.kit.i18n.words import Language
from fairground.kit.text_index import IndexUnavailable, TextIndexReader
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.model.categories import Tree
from fairground.market.catalog.queries import load_tree
from fairground.market.search.actions import count_shown, note_queries
from fairground.market.search.model import AskedQuery, SearchRequest, SearchResult
from fairground.market.search.schema import SCHEMA

NOTES_MOST: Final = 10_000  # kept while the database is away; older ones go first
AT_ONCE: Final = 1_000


class Finder:
    """Reads the index of this machine; remembers, for a while, what was asked and what was shown."""

    def __init__(self, path: Path) -> None:
        self.index = TextIndexReader(path, SCHEMA)
        self.tree = Tree({})
        self._asked: deque[AskedQuery] = deque(maxlen=NOTES_MOST)
        self._shown: Counter[ProductId] = Counter()

    def note(self, request: SearchRequest, result: SearchResult, language: Language, now: datetime) -> None:
        """Note what was asked, once for each search, and what was shown."""
        self.note_shown(result.ids)
        if not request.q.strip() or request.after is not None or not result.is_ready:
            return
        filters = [request.category, *request.attributes, request.shop_id and "shop", result.max_price and "price"]
        words = " ".join(result.words.lower().split())
        if words:
            named = tuple(str(name) for name in filters if name)
            self._asked.append(AskedQuery(now, words, language, named, result.total))

    def note_shown(self, ids: Iterable[ProductId]) -> None:
        """Note that things were shown in a list."""
        if len(self._shown) < NOTES_MOST:
            self._shown.update(ids)

    def is_there(self) -> bool:
        """Tell whether there is an index to look into."""
        try:
            return self.index.count() > 0
        except IndexUnavailable:
            return False

    async def refresh(self, db: Database) -> None:
        """Read the tree of categories anew."""
        self.tree = await db.read(load_tree)

    async def write_notes(self, db: Database) -> int:
        """Write the notebook down; gives how many notes there were. After trouble they are still there."""
        asked = [self._asked.popleft() for _ in range(min(len(self._asked), AT_ONCE))]
        shown, self._shown = self._shown, Counter()
        if not asked and not shown:
            return 0

        async def write(tx: Tx) -> None:
            if asked:
                await note_queries(tx, asked)
            if shown:
                await count_shown(tx, shown)

        try:
            await db.write(system("search"), write)
        except BaseException:
            self._asked.extendleft(reversed(asked))
            self._shown.update(shown)
            raise
        return len(asked) + shown.total()
