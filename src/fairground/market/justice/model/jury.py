"""Juries: their numbers, who may sit, how seats are drawn, when a case is decided."""

import msgspec


class JuryRules(msgspec.Struct, frozen=True):
    """The numbers of juries."""

    seats: int = 17
    seats_above: int = 31
    above_units: int = 1000  # of the currency: from this worth on the bigger jury sits
    verified_days: int = 90
    practice_cases: int = 5
    right_percent: int = 80  # of the known cases
    known_last: int = 10  # so many known cases count, the latest
    rest_days: int = 30
    open_hours: int = 48
    reason_least: int = 10  # characters
    reason_most: int = 1000
