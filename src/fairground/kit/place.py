"""Where and in what terms the market stands: settings that every room needs."""

import msgspec


class Place(msgspec.Struct, frozen=True):
    """The market's name, address, currency, time zone and language."""

    name: str = "Fairground"
    url: str = "http://127.0.0.1:8000"  # builds every mailed link; no slash at the end
    currency: str = "CNY"
    time_zone: str = "Asia/Shanghai"
    language: str = "zh-CN"
    country: str = "CN"
