"""The server's log: one file and the one before, both bounded."""

import os
import shutil
from pathlib import Path
from typing import IO

from fairground.adapters.postgres.cluster import last_words

LOG_BYTES = 8 * 1024 * 1024


def open_log(path: Path) -> IO[bytes]:
    """Open the log for a server to write to; it inherits the open file and needs no rights on it."""
    return open(path, "ab", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW, 0o600))


def trim_log(path: Path, limit: int = LOG_BYTES) -> None:
    """Move a log that has grown too long into the older one.

    The server keeps the file open, so it is copied and emptied: a line written in between is lost, and the price of a
    process of PostgreSQL's own that turns logs is saved.
    """
    try:
        if path.stat().st_size < limit:
            return
    except FileNotFoundError:
        return
    older = path.with_name(f"{path.name}.1")
    older.unlink(missing_ok=True)
    try:
        shutil.copy2(path, older)
    except OSError:
        older.unlink(missing_ok=True)  # the disk is full, and the log is the first to give way
    os.truncate(path, 0)


def words_since(path: Path, offset: int) -> str:
    """Give the last lines the server wrote after `offset` bytes, as one."""
    with open(path, "rb") as file:
        file.seek(offset)
        return last_words(file.read(LOG_BYTES).decode(errors="replace"))
