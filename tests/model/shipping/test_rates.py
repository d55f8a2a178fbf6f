"""What delivery costs, by examples worked out by hand."""

import pytest

from fairground.kit.errors import Invalid
from fairground.kit.money import Money
from fairground.market.shipping.actions.templates import _tidy
from fairground.market.shipping.errors import NotDeliverable
from fairground.market.shipping.model import (
    CHINA,
    DeliveryKind,
    Measure,
    ShipLine,
    ShippingRules,
    ShippingTemplate,
    TemplateOption,
    Zone,
    check_options,
    options_for,
    place_key,
)
from fairground.market.shops.model import ShopId
from tests.support.shipping import AIR, COURIER

SHOP = ShopId(4711)


def template(*options: TemplateOption) -> ShippingTemplate:
    return ShippingTemplate(SHOP, "CNY", tuple(_tidy(o) for o in options), 1, None)  # type: ignore[arg-type]


def prices(place: tuple[str, str], *lines: ShipLine, of: ShippingTemplate | None = None) -> dict[str, int]:
    found = options_for(of or template(COURIER, AIR), SHOP, place, lines, "CNY")
    return {option.code: option.price.amount for option in found}


def test_a_shop_without_a_template_ships_free_in_one_way() -> None:
    (only,) = options_for(None, SHOP, ("BR", "SP"), [ShipLine(3, None, 100)], "CNY")
    assert (only.code, only.price, only.kind) == ("standard", Money(0, "CNY"), DeliveryKind.COURIER)


def test_the_region_goes_before_the_country_and_that_before_everywhere_else() -> None:
    one = ShipLine(1, 300, 5_000)
    assert prices(("CN", "广东省"), one)["courier"] == 800
    assert prices(("CN", "北京市"), one)["courier"] == 1_200
    assert prices(("DE", "Berlin"), one) == {"air": 9_000}


def test_pieces_after_the_first_cost_more() -> None:
    assert prices(("CN", "上海市"), ShipLine(2, None, 1), ShipLine(3, None, 1))["courier"] == 800 + 4 * 200


def test_weight_is_counted_in_begun_steps_over_all_lines() -> None:
    assert prices(("DE", ""), ShipLine(1, 500, 1)) == {"air": 9_000}
    assert prices(("DE", ""), ShipLine(1, 501, 1)) == {"air": 13_000}
    assert prices(("DE", ""), ShipLine(3, 400, 1), ShipLine(1, 300, 1)) == {"air": 9_000 + 2 * 4_000}


def test_a_piece_of_unknown_weight_weighs_what_the_rules_say() -> None:
    heavy = ShippingRules(unknown_weight_grams=2_000)
    (air,) = options_for(template(AIR), SHOP, ("DE", ""), [ShipLine(1, None, 1)], "CNY", heavy)
    assert air.price.amount == 9_000 + 3 * 4_000


def test_from_so_much_on_it_is_free() -> None:
    assert prices(("CN", "北京市"), ShipLine(9, None, 19_999))["courier"] == 1_200 + 8 * 300
    assert prices(("CN", "北京市"), ShipLine(9, None, 20_000))["courier"] == 0


def test_the_cheapest_stands_first_and_days_include_the_handling() -> None:
    found = options_for(template(AIR, COURIER), SHOP, ("CN", "广东省"), [ShipLine(1, 1, 1)], "CNY")
    assert [option.code for option in found] == ["courier", "air"]
    assert [option.days for option in found] == [(3, 4), (10, 23)]


def test_names_are_shown_in_the_readers_language_or_the_one_there_is() -> None:
    courier, air = options_for(template(COURIER, AIR), SHOP, ("CN", "广东省"), [ShipLine(1, 1, 1)], "CNY")
    assert (courier.label("zh-CN"), courier.label("en"), air.label("zh-CN")) == ("快递", "Courier", "Air parcel")


def test_where_a_shop_does_not_go_it_says_so_by_name() -> None:
    """Complaint 9: shipping options and rates per shop."""
    with pytest.raises(NotDeliverable) as refused:
        options_for(template(COURIER), SHOP, ("DE", "Bayern"), [ShipLine(1, 1, 1)], "CNY")
    assert refused.value.params == {"shop_id": "4711", "country": "DE", "region": "Bayern", "place": "Bayern"}
    assert str(refused.value) == "shipping.not_deliverable: This shop does not deliver to Bayern."


@pytest.mark.parametrize("written", ["广东省", "广东", "Guangdong", "guangdong sheng", "GD", " Guangdong  Province "])
def test_a_chinese_region_is_one_place_however_it_is_written(written: str) -> None:
    assert place_key("cn", written) == "CN-GD"


def test_every_chinese_region_is_found_by_each_of_its_names() -> None:
    assert len({region.code for region in CHINA}) == 34
    for region in CHINA:
        assert {place_key("CN", name) for name in region} == {f"CN-{region.code}"}


def test_other_regions_are_compared_as_written_in_large_letters() -> None:
    assert place_key("US", "ca") == "US-CA"
    assert place_key("DE", "") == "DE"


def test_everything_wrong_with_a_template_is_named_at_once() -> None:
    wrong = TemplateOption(
        code="Big!",
        handling_days=-1,
        zones=(
            Zone(places=("China", "CN", "CN")),
            Zone(first=0, first_price=-1, more=0, more_price=-2, free_from=0, days=(3, 1)),
            Zone(),
        ),
    )
    with pytest.raises(Invalid) as refused:
        check_options([wrong, COURIER, COURIER], ShippingRules())
    assert {error.pointer for error in refused.value.errors} == {
        "/options/0/code",
        "/options/0/name_zh",
        "/options/0/handling_days",
        "/options/0/zones/0/places/0",
        "/options/0/zones/0/places/2",
        "/options/0/zones/1/first",
        "/options/0/zones/1/first_price",
        "/options/0/zones/1/more",
        "/options/0/zones/1/more_price",
        "/options/0/zones/1/free_from",
        "/options/0/zones/1/days",
        "/options/0/zones/2/places",
        "/options/2/code",
    }


def test_a_template_without_any_way_is_refused() -> None:
    with pytest.raises(Invalid):
        check_options([], ShippingRules())


def test_pickup_is_a_way_like_the_others() -> None:
    pickup = TemplateOption(code="pickup", kind=DeliveryKind.PICKUP, name_en="Pick it up", measure=Measure.PIECES)
    assert prices(("CN", "西藏自治区"), ShipLine(50, None, 1), of=template(pickup)) == {"pickup": 0}
