"""What a shop may be called and where it may live: names, slugs, countries, languages, time zones."""

import re
import unicodedata
from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

from babel import Locale

from fairground.kit.errors import N_, Findings
from fairground.kit.postal import WORDS_OF_WRONGS, PostalAddress, check_address, normal_address
from fairground.kit.safe_text import clean_line, clean_text
from fairground.market.shops.model import ReturnAddress, ShopRules

# Addresses that pages and programs have or may one day have, and names that would pass for the market itself.
_RESERVED_WORDS: Final = """
    about account accounts admin administrator api app assets auth booth booths cart cases category categories checkout
    contact css demo desk discover discovery docs drop drops fair fairground favicon feed festival festivals guide
    health help home image images img import imports index info insights js jury justice legal live login logout
    mail mall market me media mentor mentoring messages metrics mine money new news official open openapi operator order
    orders owner pay payment payments payout payouts privacy product products ready register review reviews robots root
    rules sandbox search security seller sellers service settings shop shops sign-in sign-out sign-up signin signup
    sitemap staff stall static stories story support system taobao terms tickets tmall update user users web
    webhook webhooks wish wishes www
"""
RESERVED: Final = frozenset(_RESERVED_WORDS.split())
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_NO_COUNTRY: Final = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


def suggest_slug(name: str, fallback: str) -> str:
    """Make a slug from a name; a name without Latin letters or digits gives the fallback."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("'", "")
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))[:32].strip("-")
    return slug if len(slug) >= 3 and slug not in RESERVED and not slug.isdigit() else fallback


def check_name(findings: Findings, name: str, rules: ShopRules, pointer: str = "/name") -> str:
    """Note what is wrong with a shop's name; gives it tidied."""
    name = clean_line(name)
    if findings.check(bool(name), pointer, "required", N_("Please give your shop a name.")):
        findings.check(
            len(name) <= rules.name_most, pointer, "too_long", N_("At most %(most)d characters."), most=rules.name_most
        )
    return name


def check_slug(findings: Findings, slug: str, rules: ShopRules, pointer: str = "/slug") -> str:
    """Note what is wrong with a slug; gives it in small letters."""
    slug = slug.strip().lower()
    if not findings.check(
        rules.slug_least <= len(slug) <= rules.slug_most,
        pointer,
        "length",
        N_("Between %(least)d and %(most)d characters."),
        least=rules.slug_least,
        most=rules.slug_most,
    ):
        return slug
    if findings.check(
        _SLUG.fullmatch(slug) is not None,
        pointer,
        "slug",
        N_("Only small letters a–z, digits, and single hyphens between them."),
    ):
        findings.check(
            slug not in RESERVED and not slug.isdigit(),
            pointer,
            "reserved",
            N_("This word is kept for the market itself. Please choose another."),
        )
    return slug


def check_about(findings: Findings, about: str, rules: ShopRules, pointer: str = "/about") -> str:
    """Note what is wrong with a shop's words about itself; gives them tidied."""
    about = clean_text(about)
    findings.check(
        len(about) <= rules.about_most, pointer, "too_long", N_("At most %(most)d characters."), most=rules.about_most
    )
    return about


@lru_cache
def countries() -> frozenset[str]:
    """List the countries of the world by their two letters (CLDR, less its unions and made-up ones)."""
    codes = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - _NO_COUNTRY


def check_country(findings: Findings, country: str, pointer: str = "/country") -> str:
    """Note a country that is none."""
    country = country.strip().upper()
    findings.check(
        country in countries(),
        pointer,
        "country",
        N_("Please choose a country by its two letters, such as CN or DE."),
    )
    return country


def check_language(findings: Findings, language: str, pointer: str = "/language") -> str:
    """Note a language tag that is none (BCP 47, roughly)."""
    language = language.strip()
    findings.check(
        _LANGUAGE.fullmatch(language) is not None,
        pointer,
        "language",
        N_("Please give a language as a tag such as zh-CN, en or de."),
    )
    return language


@lru_cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def check_time_zone(findings: Findings, zone: str, pointer: str = "/time_zone") -> str:
    """Note a time zone that is none."""
    findings.check(zone in _zones(), pointer, "time_zone", N_("Please choose a time zone such as Asia/Shanghai."))
    return zone


def check_return_address(findings: Findings, address: ReturnAddress, pointer: str = "/return_address") -> ReturnAddress:
    """Note what is wrong with it as its country's post would; gives the address in good form."""
    postal = PostalAddress(
        address.name,
        address.phone,
        address.country,
        address.region,
        address.city,
        address.district,
        tuple(address.lines),
        address.postal_code,
    )
    for part, wrong in check_address(postal).items():
        findings.add(f"{pointer}/{part}", f"shops.address_{wrong}", WORDS_OF_WRONGS[wrong])
    good = normal_address(postal)
    return ReturnAddress(
        good.name, good.phone, good.country, good.region, good.city, good.district, list(good.lines), good.postal_code
    )


def check_holiday(findings: Findings, until: datetime | None, now: datetime, days_most: int) -> None:
    """Note a holiday that is over before it begins, or that never ends."""
    if until is None:
        return
    findings.check(until > now, "/until", "past", N_("The end of the holiday lies in the past."))
    findings.check(
        (until - now).days < days_most,
        "/until",
        "too_long",
        N_("A holiday lasts at most %(most)d days."),
        most=days_most,
    )
