"""Ids: 63 bits made in the application, carrying the bucket their row lives in.

41 bits  milliseconds since 2026-01-01 (until 2095)
10 bits  bucket, 0…1023, fixed for ever
 6 bits  process (a leased row, see `leases.py`)
 6 bits  sequence; exhausted, it borrows the next millisecond
"""

import secrets
import threading
from datetime import UTC, datetime
from typing import Any, Final, Self, TypeVar

EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
BUCKETS: Final = 1024
PROCESSES: Final = 64
SEQUENCES: Final = 64
_EPOCH_MS: Final = int(EPOCH.timestamp() * 1000)
_MAX: Final = 2**63 - 1


class Id(int):
    """An id that knows its bucket; each noun of the market has its own subclass."""

    __slots__ = ()

    @property
    def bucket(self) -> int:
        """Tell the bucket, 0…1023, that the row of this id lives in."""
        return (int(self) >> 12) & (BUCKETS - 1)

    @property
    def made_at(self) -> datetime:
        """Tell the moment the id was made, to a few milliseconds."""
        return datetime.fromtimestamp(((int(self) >> 22) + _EPOCH_MS) / 1000, tz=UTC)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an id as it stands in an address or a JSON body; None where it cannot be one."""
        if not text.isascii() or not text.isdigit() or len(text) > 19:
            return None
        number = int(text)
        return cls(number) if 0 < number <= _MAX else None


AnyId = TypeVar("AnyId", bound=Id)


def first_id_at(moment: datetime) -> int:
    """Give the lowest number an id made at this moment or later has, in whatever bucket; 0 before the first of all."""
    return max(0, int(moment.timestamp() * 1000) - _EPOCH_MS) << 22


def to_plain(value: object) -> int:
    """Encode an id as a number inside our own rows (msgspec's `enc_hook`)."""
    assert isinstance(value, Id), f"nothing writes down a {type(value).__name__}"
    return int(value)


def to_text(value: object) -> str:
    """Encode an id as text for the world outside, where numbers past 2^53 are lost (msgspec's `enc_hook`)."""
    assert isinstance(value, Id), f"nothing tells a {type(value).__name__} to the world"
    return str(int(value))


def from_plain(kind: type, value: Any) -> Any:
    """Decode an id from our own rows (msgspec's `dec_hook`)."""
    assert issubclass(kind, Id), f"nothing reads a {kind.__name__}"
    return kind(value)


class IdMaker:
    """Makes ids for one process; safe to share between threads."""

    def __init__(self, process: int) -> None:
        if not 0 <= process < PROCESSES:
            raise ValueError(f"process must be 0…{PROCESSES - 1}, not {process}")
        self._process = process
        self._lock = threading.Lock()
        self._last_ms = 0
        self._sequence = 0

    def make(self, kind: type[AnyId], bucket: int, now: datetime) -> AnyId:
        """Make one id in a bucket; ids of one process rise strictly."""
        ms = int(now.timestamp() * 1000) - _EPOCH_MS
        with self._lock:
            if ms > self._last_ms:
                self._last_ms, self._sequence = ms, 0
            else:  # the same millisecond, or a clock that went back: stay ahead of what was given out
                self._sequence += 1
                if self._sequence == SEQUENCES:
                    self._last_ms, self._sequence = self._last_ms + 1, 0
            return kind((self._last_ms << 22) | (bucket << 12) | (self._process << 6) | self._sequence)


def any_bucket() -> int:
    """Draw a bucket for a new person or shop, evenly."""
    return secrets.randbelow(BUCKETS)
