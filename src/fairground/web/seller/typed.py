"""What people type into a shop's forms about promotions: amounts, numbers, moments. What is none of it is noted."""

from datetime import datetime, tzinfo
from typing import Final

from fairground.kit.errors import N_, Findings
from fairground.kit.money import parse_major

LOCAL: Final = "%Y-%m-%dT%H:%M"  # as a field for a day and an hour has it


def read_amount(findings: Findings, name: str, text: str, currency: str) -> int:
    """Read an amount in units of the currency; gives minor units."""
    money = parse_major(text, currency)
    findings.check(money is not None, f"/{name}", "format", N_("An amount, please, such as 12.50."))
    return money.amount if money else 0


def read_count(findings: Findings, name: str, text: str) -> int:
    """Read a whole number."""
    good = text.isascii() and text.isdigit() and len(text) < 10
    findings.check(good, f"/{name}", "format", N_("A whole number, please."))
    return int(text) if good else 0


def read_moment(findings: Findings, name: str, text: str, zone: tzinfo) -> datetime | None:
    """Read a day and an hour of the market's time."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        findings.add(f"/{name}", "format", N_("A day and an hour, please."))
        return None
