"""The clock: one place that reads the time, so that it can be moved."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the time in UTC, moved by an offset (tests, and demonstrations by a setting)."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        """Tell the present moment."""
        return (self._frozen or datetime.now(UTC)) + self._offset

    def move(self, by: timedelta) -> None:
        """Move the clock; only ever forward in a running market."""
        self._offset += by

    def freeze(self, at: datetime | None) -> None:
        """Stop the clock at a moment, or let it run again with None."""
        self._frozen = at
