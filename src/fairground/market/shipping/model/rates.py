"""What delivery costs: the options a shop has for an address and some goods."""

from collections.abc import Sequence
from typing import Final

import msgspec

from fairground.kit.errors import N_
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.shipping.errors import NotDeliverable
from fairground.market.shipping.model.regions import place_key
from fairground.market.shipping.model.templates import (
    DeliveryKind,
    Measure,
    ShippingRules,
    ShippingTemplate,
    TemplateOption,
    Zone,
)

STANDARD: Final = "standard"  # the one option of a shop without a template
STANDARD_NAME: Final = N_("Standard delivery")


class ShipLine(msgspec.Struct, frozen=True):
    """What is sent: pieces, the weight of one (None: unknown), and what all of them cost after promotions."""

    quantity: int
    weight_grams: int | None
    total: int


class DeliveryOption(msgspec.Struct, frozen=True):
    """A way of delivery with its price for these goods and this address; `days` include the handling."""

    code: str
    kind: DeliveryKind
    name_zh: str
    name_en: str
    price: Money
    handling_days: int
    days: tuple[int, int]

    def label(self, language: str) -> str:
        """Give the shop's name for it; "" where the standard one is meant (`STANDARD_NAME`, translated by the page)."""
        first, second = (self.name_zh, self.name_en) if language.startswith("zh") else (self.name_en, self.name_zh)
        return first or second


def options_for(
    template: ShippingTemplate | None,
    shop_id: Id,
    address: tuple[str, str],
    lines: Sequence[ShipLine],
    currency: str,
    rules: ShippingRules | None = None,
) -> list[DeliveryOption]:
    """Give the ways a shop can deliver some goods to an address `(country, region)`, the cheapest first.

    A shop without a template ships free, in one way.

    Raises:
        NotDeliverable: none of the shop's ways goes there; names shop, country and region.
    """
    if template is None:
        return [DeliveryOption(STANDARD, DeliveryKind.COURIER, "", "", Money(0, currency), 2, (4, 7))]
    assert template.currency == currency, f"template in {template.currency}, market in {currency}"
    found = [
        _priced(option, zone, lines, currency, rules or ShippingRules())
        for option in template.options
        if (zone := zone_for(option, *address)) is not None
    ]
    if not found:
        country, region = address
        raise NotDeliverable(shop_id=str(int(shop_id)), country=country, region=region, place=region or country)
    return sorted(found, key=lambda option: option.price.amount)


def zone_for(option: TemplateOption, country: str, region: str) -> Zone | None:
    """Find the zone of an address: its region's, else its country's, else the one for everywhere else."""
    by_place = {place: zone for zone in option.zones for place in zone.places or ("",)}
    for key in (place_key(country, region), place_key(country), ""):
        if key in by_place:
            return by_place[key]
    return None


def _priced(
    option: TemplateOption, zone: Zone, lines: Sequence[ShipLine], currency: str, rules: ShippingRules
) -> DeliveryOption:
    least, most = zone.days
    return DeliveryOption(
        option.code,
        option.kind,
        option.name_zh,
        option.name_en,
        Money(_price(option.measure, zone, lines, rules), currency),
        option.handling_days,
        (option.handling_days + least, option.handling_days + most),
    )


def _price(measure: Measure, zone: Zone, lines: Sequence[ShipLine], rules: ShippingRules) -> int:
    if zone.free_from is not None and sum(line.total for line in lines) >= zone.free_from:
        return 0
    if measure is Measure.PIECES:
        load = sum(line.quantity for line in lines)
    else:
        load = sum(
            line.quantity * (rules.unknown_weight_grams if line.weight_grams is None else line.weight_grams)
            for line in lines
        )
    begun = max(0, -(-(load - zone.first) // zone.more))
    return zone.first_price + begun * zone.more_price
