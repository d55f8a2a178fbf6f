"""A new generation of an index, built beside the one in use."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

import tantivy

from fairground.kit.text_index.folder import IndexFolder
from fairground.kit.text_index.schema import Entry, IndexSchema, document
from fairground.kit.text_index.writer import MEMORY, engine_on, write


class IndexRebuild:
    """Builds an index anew while the old one is read and written, in this process or another.

    Put every entry; then, `while not rebuild.publish()`, put or delete again what `missed()` names: these changed in
    the old index since the rebuild began. Left without `publish`, nothing has changed.

    Raises:
        IndexBusy: another rebuild is under way.
    """

    def __init__(self, path: Path, schema: IndexSchema, *, memory: int = MEMORY) -> None:
        self._folder = IndexFolder(path, schema.fingerprint())
        self._schema = schema
        self._lock: int | None = self._folder.take_lock("rebuild")
        self._memory = memory
        self._seen = 0
        with self._folder.swapping():
            self._folder.begin_missing()
            self._generation = self._folder.new_generation()
        self._engine: tantivy.IndexWriter | None = engine_on(schema, self._generation, memory)

    def put(self, entry: Entry) -> None:
        """Add an entry; once `missed` has been asked, replace the one with its id."""
        assert self._engine is not None
        if self._seen:
            write(self._engine, self._schema, {entry.id: entry})
        else:
            self._engine.add_document(document(self._schema, entry))

    def delete(self, entry_id: int) -> None:
        """Remove an entry that has gone since it was put."""
        assert self._engine is not None
        write(self._engine, self._schema, {entry_id: None})

    def missed(self) -> set[int]:
        """Give the ids that changed since the last time; read them anew from where they come from."""
        fresh = self._folder.missed(self._seen)
        self._seen += len(fresh)
        return set(fresh)

    def publish(self) -> bool:
        """Put the new generation into use, unless something was missed; True when done."""
        assert self._engine is not None
        self._engine.commit()
        # Merges end and the engine's lock is given back before the swap: the writer may want it at once.
        self._engine.wait_merging_threads()
        self._engine = None
        with self._folder.swapping():
            done = not self._folder.missed(self._seen)
            if done:
                self._folder.point_to(self._generation)
                self._folder.end_missing()
                if self._folder.is_free("writer"):  # else the writer sweeps when it has changed over
                    self._folder.sweep(self._generation)
        if done:
            self.close()
        else:
            self._engine = engine_on(self._schema, self._generation, self._memory)
        return done

    def close(self) -> None:
        """Give up or finish; the next sweep removes what was not published."""
        self._engine = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
