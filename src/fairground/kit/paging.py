"""Keyset paging: a list gives its items and a cursor; a cursor is opaque outside and a tuple inside."""

import base64
import binascii
from typing import Any, Final, Generic, TypeVar

import msgspec

from fairground.kit.errors import N_, invalid

T = TypeVar("T")
DEFAULT: Final = 24
MOST: Final = 100
BIGGEST: Final = 2**63 - 1  # what a column of the database holds


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some items, and where the next ones begin (None at the end)."""

    items: list[T]
    next: str | None = None


def write_cursor(*key: Any) -> str:
    """Make a cursor from the sort key of the last item."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def read_cursor(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """Read a cursor back; None stays None.

    Raises:
        Invalid: it is not one of ours.
    """
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        key = tuple(msgspec.convert(msgspec.json.decode(raw), tuple[kinds], strict=False))  # type: ignore[valid-type]
        if not all(_can_be_kept(value) for value in key):
            raise ValueError("no column holds such a value")
        return key
    except (binascii.Error, ValueError, msgspec.MsgspecError, RecursionError):
        raise invalid(
            "/after", "cursor", N_("This page address is not one of ours; please start from the first page.")
        ) from None


def _can_be_kept(value: Any) -> bool:
    if isinstance(value, int):
        return -BIGGEST <= value <= BIGGEST
    return not isinstance(value, str) or "\0" not in value


def page_size(limit: int | None, default: int = DEFAULT) -> int:
    """Bring a wished page size into bounds.

    Raises:
        Invalid: below 1 or above 100.
    """
    if limit is None:
        return default
    if not 1 <= limit <= MOST:
        raise invalid("/limit", "range", N_("Between 1 and %(most)d, please."), most=MOST)
    return limit


def cut(rows: list[T], limit: int) -> tuple[list[T], bool]:
    """Cut a list fetched with `limit + 1` to its page, and tell whether more follows."""
    return rows[:limit], len(rows) > limit
