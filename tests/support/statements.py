"""Look at the statements of a deed: count them, or fail the nth."""

from collections.abc import Iterator
from contextlib import contextmanager

from fairground.kit.db import watching


class StatementFailed(RuntimeError):
    """What `fail_at` raises in place of a statement."""


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements of the block."""
    seen: list[str] = []
    with watching(seen.append):
        yield seen


@contextmanager
def fail_at(n: int) -> Iterator[list[str]]:
    """Fail the nth statement of the block, counted from 0; gives the statements seen."""
    seen: list[str] = []

    def watcher(sql: str) -> None:
        seen.append(sql)
        if len(seen) == n + 1:
            raise StatementFailed(f"statement {n} failed on purpose")

    with watching(watcher):
        yield seen
