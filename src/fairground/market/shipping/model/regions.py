"""Places a zone can name: a country ("CN"), or a region of it ("CN-GD", "US-CA")."""

from typing import Final, NamedTuple


class Region(NamedTuple):
    """A region: its ISO 3166-2 code without the country, and its names."""

    code: str
    zh: str
    en: str


# ISO 3166-2:CN, with the names as addresses carry them.
CHINA: Final = tuple(
    Region(*row.split("|"))
    for row in (
        "BJ|北京市|Beijing",
        "TJ|天津市|Tianjin",
        "HE|河北省|Hebei",
        "SX|山西省|Shanxi",
        "NM|内蒙古自治区|Inner Mongolia",
        "LN|辽宁省|Liaoning",
        "JL|吉林省|Jilin",
        "HL|黑龙江省|Heilongjiang",
        "SH|上海市|Shanghai",
        "JS|江苏省|Jiangsu",
        "ZJ|浙江省|Zhejiang",
        "AH|安徽省|Anhui",
        "FJ|福建省|Fujian",
        "JX|江西省|Jiangxi",
        "SD|山东省|Shandong",
        "HA|河南省|Henan",
        "HB|湖北省|Hubei",
        "HN|湖南省|Hunan",
        "GD|广东省|Guangdong",
        "GX|广西壮族自治区|Guangxi",
        "HI|海南省|Hainan",
        "CQ|重庆市|Chongqing",
        "SC|四川省|Sichuan",
        "GZ|贵州省|Guizhou",
        "YN|云南省|Yunnan",
        "XZ|西藏自治区|Tibet",
        "SN|陕西省|Shaanxi",
        "GS|甘肃省|Gansu",
        "QH|青海省|Qinghai",
        "NX|宁夏回族自治区|Ningxia",
        "XJ|新疆维吾尔自治区|Xinjiang",
        "TW|台湾省|Taiwan",
        "HK|香港特别行政区|Hong Kong",
        "MO|澳门特别行政区|Macau",
    )
)
_ENDINGS: Final = ("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市")
_LATIN_ENDINGS: Final = (" sheng", " shi", " zizhiqu", " province")


def _short(name: str) -> str:
    name = " ".join(name.casefold().split())
    for ending in (*_ENDINGS, *_LATIN_ENDINGS):
        if name.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name


_CHINA_BY_NAME: Final = {_short(name): r.code for r in CHINA for name in r} | {"nei mongol": "NM", "xizang": "XZ"}


def place_key(country: str, region: str = "") -> str:
    """Give the one form of a place that zones and addresses are compared in; an unknown region stays as written."""
    country = country.strip().upper()
    region = " ".join(region.split())
    if not region:
        return country
    code = _CHINA_BY_NAME.get(_short(region)) if country == "CN" else None
    return f"{country}-{code or region.upper()}"
