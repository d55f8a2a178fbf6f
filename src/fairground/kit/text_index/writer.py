"""The one writer of an index on a machine."""

import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import tantivy

from fairground.kit.text_index.folder import IndexFolder, IndexUnavailable, is_sound
from fairground.kit.text_index.schema import ID, Entry, IndexSchema, built, document

MEMORY: Final = 50_000_000
"""Bytes the engine may gather before it writes a segment."""


class TextIndexWriter:
    """Writes an index: changes gather in memory until `commit`, then readers see all of them.

    `was_reset` tells that the folder was absent, damaged or of another schema: this index begins empty. All methods but
    `put` and `delete` block on the disk; one thread at a time.

    Raises:
        IndexBusy: another process (or another writer here) writes this index.
    """

    def __init__(self, path: Path, schema: IndexSchema, *, memory: int = MEMORY) -> None:
        self._folder = IndexFolder(path, schema.fingerprint())
        self._schema = schema
        self._memory = memory
        self._pending: dict[int, Entry | None] = {}
        self._lock: int | None = self._folder.take_lock("writer")
        self._engine: tantivy.IndexWriter | None = None
        self._generation: Path | None = None
        self.was_reset = False
        try:
            with self._folder.swapping():
                self._open(check=True)
        except (ValueError, OSError) as error:
            self.close()
            raise IndexUnavailable from error

    def put(self, entry: Entry) -> None:
        """Add an entry, or replace the one with its id."""
        self._pending[entry.id] = entry

    def delete(self, entry_id: int) -> None:
        """Remove an entry, if it is there."""
        self._pending[entry_id] = None

    def commit(self) -> None:
        """Write what has gathered; after trouble it is still there and may be committed again.

        Raises:
            IndexUnavailable: the disk is full or the folder cannot be written.
        """
        try:
            with self._folder.swapping():
                self._open()
                self._folder.note_missed(self._pending)
                engine = self._engine
                assert engine is not None
                write(engine, self._schema, self._pending)
                engine.commit()
        except (ValueError, OSError) as error:
            self._engine = None  # it may have taken half of the changes: a new one begins at the last commit
            raise IndexUnavailable from error
        self._pending.clear()

    def close(self) -> None:
        """Let another process write; what was not committed is forgotten."""
        self._engine = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _open(self, *, check: bool = False) -> None:
        """Stand on the generation in use; a rebuild may have swapped it, or somebody removed the folder."""
        current = self._folder.current()
        if self._engine is not None and current == self._generation:
            return
        self._engine = None
        self.was_reset = current is None or (check and not is_sound(current))
        if current is None or self.was_reset:
            current = self._folder.new_generation()
            engine_on(self._schema, current, self._memory).commit()
            self._folder.point_to(current)
        self._engine = engine_on(self._schema, current, self._memory)
        self._generation = current
        if self._folder.is_free("rebuild"):
            self._folder.sweep(current)


def engine_on(schema: IndexSchema, generation: Path, memory: int) -> tantivy.IndexWriter:
    """Open the engine's own writer, with one thread: the others of a machine belong to the market."""
    return tantivy.Index(built(schema), path=str(generation)).writer(memory, 1)


def write(engine: tantivy.IndexWriter, schema: IndexSchema, changes: dict[int, Entry | None]) -> None:
    """Hand changes to the engine, the older entry of each id removed."""
    for entry_id, entry in changes.items():
        engine.delete_documents_by_term(ID, entry_id)
        if entry is not None:
            engine.add_document(document(schema, entry))
