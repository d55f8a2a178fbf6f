"""Carriers people send with: names, where to look a parcel up, what their numbers look like.

Patterns and pages are those that the carriers publish (China's: the page of Kuaidi100, which takes all of them). A
pattern is a hint for typing errors and never a refusal: carriers change their numbers without telling anybody.
"""

import re
from typing import Final
from urllib.parse import quote

import msgspec

_KUAIDI: Final = "https://www.kuaidi100.com/chaxun?com={com}&nu="
_S10: Final = r"[A-Z]{2}\d{9}"  # UPU S10, before the country


class CarrierInfo(msgspec.Struct, frozen=True):
    """One carrier. `page` + the number is its tracking page, where it has one."""

    code: str
    name_zh: str
    name_en: str
    page: str | None = None
    pattern: str | None = None
    also: tuple[str, ...] = ()  # other words people write in a list

    def name(self, language: str) -> str:
        """Give the name in a language."""
        return self.name_zh if language.startswith("zh") else self.name_en

    def tracking_page(self, number: str) -> str | None:
        """Give the address where a parcel can be followed."""
        return None if self.page is None else self.page + quote(number, safe="")


SANDBOX: Final = "sandbox"
OTHER: Final = "other"
CARRIERS: Final = (
    CarrierInfo(
        "sf",
        "顺丰速运",
        "SF Express",
        _KUAIDI.format(com="shunfeng"),
        r"SF\d{12,15}|\d{12}|\d{15}",
        ("顺丰", "sf express"),
    ),
    CarrierInfo(
        "yto", "圆通速递", "YTO Express", _KUAIDI.format(com="yuantong"), r"YT\d{13}|[A-Z0-9]{10,18}", ("圆通",)
    ),
    CarrierInfo("zto", "中通快递", "ZTO Express", _KUAIDI.format(com="zhongtong"), r"(ZT)?\d{12,15}", ("中通",)),
    CarrierInfo("sto", "申通快递", "STO Express", _KUAIDI.format(com="shentong"), r"(STO)?\d{12,15}", ("申通",)),
    CarrierInfo("yunda", "韵达快递", "Yunda Express", _KUAIDI.format(com="yunda"), r"(YD)?\d{13,15}", ("韵达",)),
    CarrierInfo("jt", "极兔速递", "J&T Express", _KUAIDI.format(com="jtexpress"), r"JT\d{13}|\d{12}", ("极兔",)),
    CarrierInfo("jd", "京东快递", "JD Logistics", _KUAIDI.format(com="jd"), r"JD[A-Z0-9]{10,16}", ("京东", "京东物流")),
    CarrierInfo("ems", "中国邮政 EMS", "EMS China", _KUAIDI.format(com="ems"), _S10 + r"CN|\d{13}", ("邮政ems",)),
    CarrierInfo(
        "chinapost",
        "中国邮政",
        "China Post",
        _KUAIDI.format(com="youzhengguonei"),
        _S10 + r"CN|\d{13}",
        ("邮政", "邮政包裹"),
    ),
    CarrierInfo(
        "dhl",
        "DHL 国际快递",
        "DHL Express",
        "https://www.dhl.com/global-en/home/tracking/tracking-express.html?submit=1&tracking-id=",
        r"\d{10}|JJD\d{16,18}",
    ),
    CarrierInfo(
        "ups", "UPS 联合包裹", "UPS", "https://www.ups.com/track?tracknum=", r"1Z[0-9A-Z]{16}|T\d{10}|\d{9}|\d{12}"
    ),
    CarrierInfo(
        "fedex", "联邦快递", "FedEx", "https://www.fedex.com/fedextrack/?trknbr=", r"\d{12}|\d{15}|\d{20}|\d{22}"
    ),
    CarrierInfo(
        "usps",
        "美国邮政",
        "USPS",
        "https://tools.usps.com/go/TrackConfirmAction?tLabels=",
        r"\d{20}|\d{22}|\d{26}|\d{30}|" + _S10 + "US",
    ),
    CarrierInfo(
        "royalmail",
        "英国皇家邮政",
        "Royal Mail",
        "https://www.royalmail.com/track-your-item#/tracking-results/",
        _S10 + r"GB|[0-9A-F]{16}|\d{21}",
    ),
    CarrierInfo(
        "deutschepost",
        "德国邮政",
        "Deutsche Post DHL",
        "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode=",
        _S10 + r"DE|\d{12}|\d{14}|\d{20}",
        ("deutsche post", "dhl paket"),
    ),
    CarrierInfo(SANDBOX, "沙盒快递", "Sandbox Express", None, r"SB\d{10}"),
    CarrierInfo(OTHER, "其他", "Other", None, None, ("其它",)),
)
_BY_WORD: Final = {
    "".join(word.casefold().split()): carrier
    for carrier in CARRIERS
    for word in (carrier.code, carrier.name_zh, carrier.name_en, *carrier.also)
}
_NUMBER: Final = re.compile(r"[A-Z0-9]([A-Z0-9-]{2,38})[A-Z0-9]")


def find_carrier(word: str) -> CarrierInfo | None:
    """Find a carrier by its code or by a name people write."""
    return _BY_WORD.get("".join(word.casefold().split()))


def read_number(text: str) -> str | None:
    """Read a tracking number: large letters, no blanks; None where it cannot be one (4 to 40 letters, digits, -)."""
    number = "".join(text.split()).upper()
    return number if _NUMBER.fullmatch(number) else None


def looks_right(carrier: CarrierInfo, number: str) -> bool:
    """Tell whether a number looks like the carrier's; a S10 number must have its check digit right."""
    if carrier.pattern is None:
        return True
    if not re.fullmatch(carrier.pattern, number):
        return False
    return not re.fullmatch(_S10 + "[A-Z]{2}", number) or number[10] == _s10_check(number[2:10])


def _s10_check(serial: str) -> str:
    # UPU S10: weights 8 6 4 2 3 5 9 7; 11 - (sum mod 11), 10 becomes 0 and 11 becomes 5.
    rest = 11 - sum(int(d) * w for d, w in zip(serial, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return {10: "0", 11: "5"}.get(rest, str(rest))
