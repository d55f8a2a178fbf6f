"""The folder of an index: generations side by side, a pointer to the one in use, and its locks.

    writer.lock    held by the one writer for as long as it lives
    rebuild.lock   held while a new generation is built beside
    swap.lock      held for a commit and for the moment of the swap
    current        the name of the generation in use; replaced in one step
    missed         ids written to the old generation since a rebuild began, 8 bytes each

Locks are the kernel's (flock): they end with the process that held them, however it ended.
"""

import fcntl
import json
import os
import shutil
import struct
import uuid
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import tantivy

from fairground.kit.errors import N_, Unavailable

_ID: Final = struct.Struct("<q")
_FOOTER_MAGIC: Final = 1337
_CHUNK: Final = 1 << 20


class IndexUnavailable(Unavailable):
    """There is no readable index in the folder."""

    code = "search.index_unavailable"
    message = N_("The search is being prepared. Please try again in %(retry_after)d seconds.")


class IndexBusy(Unavailable):
    """Another process on this machine writes or rebuilds this index."""

    code = "search.index_busy"
    message = N_("Another process is writing this search index.")


class IndexFolder:
    """Knows where the generations of one index lie and which is in use."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        self.path = path
        self._fingerprint = fingerprint
        self._missed = path / "missed"
        self.pointer = path / "current"

    def current(self) -> Path | None:
        """Give the generation in use, None where there is none or it is of another schema."""
        try:
            name = self.pointer.read_text("ascii").strip()
        except (OSError, ValueError):
            return None
        generation = self.path / name
        usable = name.startswith(self._fingerprint) and (generation / "meta.json").exists()
        return generation if usable else None

    def new_generation(self) -> Path:
        """Make an empty place for a new generation."""
        generation = self.path / f"{self._fingerprint}-{uuid.uuid4().hex[:12]}"
        generation.mkdir(parents=True)
        return generation

    def point_to(self, generation: Path) -> None:
        """Put a generation into use, in one step."""
        fresh = self.path / f"current.{os.getpid()}"
        with fresh.open("w") as file:
            file.write(generation.name)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.pointer)

    def take_lock(self, name: str) -> int:
        """Take a lock or raise `IndexBusy`; give the descriptor whose closing frees it."""
        self.path.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise IndexBusy from error
        return handle

    def is_free(self, name: str) -> bool:
        """Tell whether nobody holds a lock at this moment."""
        try:
            os.close(self.take_lock(name))
        except IndexBusy:
            return False
        return True

    @contextmanager
    def swapping(self) -> Iterator[None]:
        """Keep commits and the swap of generations apart."""
        handle = os.open(self.path / "swap.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def begin_missing(self) -> None:
        """Ask the writer to note what it changes from now on."""
        self._missed.write_bytes(b"")

    def end_missing(self) -> None:
        """Tell the writer that nobody asks any more."""
        self._missed.unlink(missing_ok=True)

    def note_missed(self, ids: Iterable[int]) -> None:
        """Note changed ids for a rebuild, if one is under way; a dead one's file is cleared away."""
        if not self._missed.exists():
            return
        if self.is_free("rebuild"):
            self.end_missing()
            return
        with self._missed.open("ab") as file:
            file.write(b"".join(map(_ID.pack, ids)))

    def missed(self, seen: int) -> list[int]:
        """Give the ids noted after the first `seen` ones."""
        data = self._missed.read_bytes()[seen * _ID.size :]
        return [found[0] for found in _ID.iter_unpack(data[: len(data) // _ID.size * _ID.size])]

    def sweep(self, keep: Path) -> None:
        """Remove generations out of use."""
        for place in self.path.iterdir():
            if place.is_dir() and place != keep:
                shutil.rmtree(place, ignore_errors=True)


def is_sound(generation: Path) -> bool:
    """Tell whether every file of a generation is there and has the checksum written at its end."""
    try:
        segments = json.loads((generation / "meta.json").read_bytes())["segments"]
    except (OSError, ValueError, KeyError):
        return False
    stems = {segment["segment_id"].replace("-", "") for segment in segments}
    files = [file for file in generation.iterdir() if file.name.partition(".")[0] in stems]
    complete = {file.name.partition(".")[0] for file in files} == stems
    return complete and all(map(_has_its_checksum, files)) and _opens(generation)


def _opens(generation: Path) -> bool:
    try:
        tantivy.Index.open(str(generation)).searcher()
    except (ValueError, OSError):
        return False
    except BaseException as panic:
        # The engine panics on a `meta.json` of the wrong shape; such an exception has no class one could import.
        if type(panic).__name__ != "PanicException":
            raise
        return False
    return True


def _has_its_checksum(file: Path) -> bool:
    """Check tantivy's footer: JSON with a CRC-32 of what stands before it, its length, a magic number."""
    with file.open("rb") as data:
        size = data.seek(0, os.SEEK_END)
        if size < 8:
            return False
        data.seek(size - 8)
        length, magic = struct.unpack("<II", data.read(8))
        if magic != _FOOTER_MAGIC or length > size - 8:
            return False
        left = size - 8 - length
        data.seek(left)
        try:
            expected = json.loads(data.read(length))["crc"]
        except (ValueError, KeyError):
            return False
        data.seek(0)
        found = 0
        while left:
            chunk = data.read(min(left, _CHUNK))
            found = zlib.crc32(chunk, found)
            left -= len(chunk)
    return bool(found == expected)
