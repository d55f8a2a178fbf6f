"""A shop's shipping template: the ways it delivers, where to, for how much."""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.money import MAX_AMOUNT
from fairground.market.shops.model import ShopId


class ShippingRules(msgspec.Struct, frozen=True):
    """Numbers of the market about delivery."""

    unknown_weight_grams: int = 500  # a piece whose weight nobody gave
    options_most: int = 10  # ways of delivery of a shop
    zones_most: int = 60  # of one way
    places_most: int = 300  # of one zone
    handling_days_most: int = 60
    tracking_minutes: int = 120  # how often a carrier is asked for one parcel
    tracking_days: int = 60  # after so long nobody asks any more
    parcels_most: int = 50  # of one order
    csv_rows_most: int = 5_000
    csv_bytes_most: int = 2_000_000


class DeliveryKind(StrEnum):
    """How goods get there; auto-confirmation runs by it."""

    COURIER = "courier"
    MAIL = "mail"
    PICKUP = "pickup"
    VIRTUAL = "virtual"


class Measure(StrEnum):
    """What a price grows with."""

    WEIGHT = "weight"  # grams
    PIECES = "pieces"


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """Where a price holds. `places` are keys as of `place_key`; empty means everywhere else.

    The first `first` grams or pieces cost `first_price`, every `more` begun after that `more_price`; nothing from
    goods for `free_from` on. `days` on the way, least and most.
    """

    places: tuple[str, ...] = ()
    first: int = 1
    first_price: int = 0
    more: int = 1
    more_price: int = 0
    free_from: int | None = None
    days: tuple[int, int] = (2, 5)


class TemplateOption(msgspec.Struct, frozen=True, kw_only=True):
    """One way of delivery. One name may be empty where the shop writes one language only."""

    code: str
    kind: DeliveryKind = DeliveryKind.COURIER
    name_zh: str = ""
    name_en: str = ""
    measure: Measure = Measure.PIECES
    zones: tuple[Zone, ...] = (Zone(),)
    handling_days: int = 2


class ShippingTemplate(msgspec.Struct, frozen=True):
    """All ways of delivery of a shop; `version` rises with every change."""

    shop_id: ShopId
    currency: str
    options: tuple[TemplateOption, ...]
    version: int
    changed_at: datetime


_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,23}")
_PLACE: Final = re.compile(r"[A-Z]{2}(-[^\x00-\x1f]{1,60})?")


def check_options(options: Sequence[TemplateOption], rules: ShippingRules) -> None:
    """Refuse options with everything that is wrong with them.

    Raises:
        Invalid: with pointers such as `/options/0/zones/1/places/2`.
    """
    findings = Findings()
    findings.check(
        1 <= len(options) <= rules.options_most,
        "/options",
        "range",
        N_("Between 1 and %(most)d, please."),
        most=rules.options_most,
    )
    codes: set[str] = set()
    for place, option in enumerate(options[: rules.options_most]):
        pointer = f"/options/{place}"
        findings.check(
            _CODE.fullmatch(option.code) is not None,
            f"{pointer}/code",
            "shipping.code_malformed",
            N_("Up to 24 small letters, digits, - and _, please."),
        )
        findings.check(
            option.code not in codes,
            f"{pointer}/code",
            "shipping.code_twice",
            N_("Two ways of delivery have this code."),
        )
        codes.add(option.code)
        _check_option(findings, option, pointer, rules)
    findings.raise_any()


def _check_option(findings: Findings, option: TemplateOption, pointer: str, rules: ShippingRules) -> None:
    findings.check(
        bool(option.name_zh or option.name_en) and max(len(option.name_zh), len(option.name_en)) <= 40,
        f"{pointer}/name_zh",
        "length",
        N_("Give it a name of up to 40 characters."),
    )
    findings.check(
        0 <= option.handling_days <= rules.handling_days_most,
        f"{pointer}/handling_days",
        "range",
        N_("Between 0 and %(most)d days, please."),
        most=rules.handling_days_most,
    )
    findings.check(
        1 <= len(option.zones) <= rules.zones_most,
        f"{pointer}/zones",
        "range",
        N_("Between 1 and %(most)d, please."),
        most=rules.zones_most,
    )
    seen: set[str] = set()
    for place, zone in enumerate(option.zones[: rules.zones_most]):
        _check_zone(findings, zone, f"{pointer}/zones/{place}", rules)
        _check_places(findings, zone, f"{pointer}/zones/{place}", seen)


def _check_zone(findings: Findings, zone: Zone, pointer: str, rules: ShippingRules) -> None:
    for name in ("first_price", "more_price"):
        findings.check(
            0 <= getattr(zone, name) <= MAX_AMOUNT, f"{pointer}/{name}", "range", N_("A price from zero up, please.")
        )
    for name in ("first", "more"):
        findings.check(1 <= getattr(zone, name) <= 10_000_000, f"{pointer}/{name}", "range", N_("At least 1, please."))
    findings.check(
        zone.free_from is None or 0 < zone.free_from <= MAX_AMOUNT,
        f"{pointer}/free_from",
        "range",
        N_("An amount above zero, please."),
    )
    findings.check(
        0 <= zone.days[0] <= zone.days[1] <= 180,
        f"{pointer}/days",
        "range",
        N_("The fewest days first, then the most, up to 180."),
    )
    findings.check(
        len(zone.places) <= rules.places_most,
        f"{pointer}/places",
        "range",
        N_("At most %(most)d, please."),
        most=rules.places_most,
    )


def _check_places(findings: Findings, zone: Zone, pointer: str, seen: set[str]) -> None:
    twice = N_("Two zones name this place.")
    if not zone.places:
        findings.check(
            "" not in seen, f"{pointer}/places", "shipping.place_twice", N_("Only one zone is everywhere else.")
        )
        seen.add("")
    for place, key in enumerate(zone.places):
        findings.check(
            _PLACE.fullmatch(key) is not None,
            f"{pointer}/places/{place}",
            "shipping.place_unknown",
            N_("A place is a country such as CN, or a region of it such as CN-GD."),
        )
        findings.check(key not in seen, f"{pointer}/places/{place}", "shipping.place_twice", twice)
        seen.add(key)
