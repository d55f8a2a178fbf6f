"""Days as people write them into forms."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from fairground.kit.errors import N_, invalid


def end_of_day(day: str, time_zone: str, pointer: str = "/until") -> datetime | None:
    """Give the moment after a last day, as people there count; None for an empty field.

    Raises:
        Invalid: it is no day.
    """
    if not day.strip():
        return None
    try:
        last = datetime.strptime(day.strip(), "%Y-%m-%d").date()  # noqa: DTZ007 - the zone is put on below
    except ValueError:
        raise invalid(pointer, "day", N_("A day, please, as 2026-02-28.")) from None
    return datetime.combine(last + timedelta(days=1), time(), ZoneInfo(time_zone))
