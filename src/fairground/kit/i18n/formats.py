"""Money, numbers, dates and spans of time as people of a language write them (CLDR, through Babel)."""

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

from fairground.kit.i18n.words import LOCALES, gettext, language
from fairground.kit.money import Money, digits


class MoneyParts(NamedTuple):
    """An amount in pieces, so that a page can show the currency and the cents small."""

    sign: str
    symbol: str
    whole: str
    cents: str  # with its separator, ".50"; empty where there are none


@lru_cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


def here() -> Locale:
    """Give the locale of the current task."""
    return _locale(LOCALES[language()])


# CLDR writes CN¥ in English, to tell it from the yen. A market has one currency, so the short sign is clear.
_SHORT: Final = {
    "CNY": "¥",
    "JPY": "¥",
    "USD": "$",
    "HKD": "$",
    "TWD": "$",
    "SGD": "$",
    "AUD": "$",
    "CAD": "$",
    "KRW": "₩",
}


def symbol(currency: str, locale: Locale) -> str:
    """Give the sign of a currency, short."""
    return _SHORT.get(currency) or numbers.get_currency_symbol(currency, locale=locale)


@lru_cache(4096)
def _money(amount: int, currency: str, code: str) -> str:
    locale = _locale(code)
    text = numbers.format_currency(Money(amount, currency).major, currency, locale=locale)
    return text.replace(numbers.get_currency_symbol(currency, locale=locale), symbol(currency, locale))


def money(value: Money) -> str:
    """Write an amount: ¥19.99."""
    return _money(value.amount, value.currency, LOCALES[language()])


@lru_cache(4096)
def _parts(amount: int, currency: str, code: str) -> MoneyParts:
    locale = _locale(code)
    places = digits(currency)
    whole, cents = divmod(abs(amount), 10**places)
    separator = locale.number_symbols["latn"]["decimal"]
    return MoneyParts(
        "−" if amount < 0 else "",
        symbol(currency, locale),
        numbers.format_decimal(whole, locale=locale),
        f"{separator}{cents:0{places}d}" if places else "",
    )


def money_parts(value: Money) -> MoneyParts:
    """Take an amount apart for showing."""
    return _parts(value.amount, value.currency, LOCALES[language()])


def number(value: float) -> str:
    """Write a number: 1,204."""
    return numbers.format_decimal(value, locale=here())


def percent(basis_points: int) -> str:
    """Write basis points as per cent: 300 → 3%."""
    return numbers.format_percent(basis_points / 10_000, locale=here(), decimal_quantization=False)


def date(moment: datetime, zone: tzinfo) -> str:
    """Write a day: 21 Jun 2026, 2026年6月21日."""
    return dates.format_date(moment.astimezone(zone), "medium", locale=here())


def _day_and_hour(moment: datetime, day: str) -> str:
    # Babel knows skeletons of a day and of an hour, none of both together.
    locale = here()
    join = " " if locale.language == "zh" else ", "
    return join.join(dates.format_skeleton(part, moment, locale=locale) for part in (day, "Hm"))


def date_time(moment: datetime, zone: tzinfo) -> str:
    """Write a day and an hour."""
    return _day_and_hour(moment.astimezone(zone), "yMMMd")


def short_date_time(moment: datetime, zone: tzinfo) -> str:
    """Write month, day, hour and minute, for lists."""
    return _day_and_hour(moment.astimezone(zone), "MMMd")


def span(length: timedelta) -> str:
    """Write a span of time roughly: 3 hours."""
    return dates.format_timedelta(length, threshold=1.2, locale=here())


def relative(moment: datetime, now: datetime) -> str:
    """Write a moment as seen from now: in 3 hours, 2 days ago, now."""
    if abs(moment - now) < timedelta(seconds=1):
        return gettext("now")
    return dates.format_timedelta(moment - now, add_direction=True, threshold=1.2, locale=here())


@lru_cache
def zone(name: str) -> ZoneInfo:
    """Find a time zone by its name; raises `ZoneInfoNotFoundError` where there is none."""
    return ZoneInfo(name)
