"""Names that several rooms of a shop show."""

from typing import Final

from fairground.kit.errors import N_
from fairground.market.catalog.model import ProductState
from fairground.market.shops.model import Role

ROLE_NAMES: Final = {
    Role.OWNER: N_("Owner"),
    Role.MANAGER: N_("Manager"),
    Role.CLERK: N_("Clerk"),
    Role.ACCOUNTANT: N_("Accountant"),
}
ROLE_NOTES: Final = {
    Role.OWNER: N_("Everything, money and staff too"),
    Role.MANAGER: N_("Goods, orders and the shop's face"),
    Role.CLERK: N_("Packs, ships and counts stock"),
    Role.ACCOUNTANT: N_("Sees the money"),
}
STATE_NAMES: Final = {
    ProductState.DRAFT: N_("Draft"),
    ProductState.IN_REVIEW: N_("In review"),
    ProductState.ON_SALE: N_("On sale"),
    ProductState.OFF_SALE: N_("Off sale"),
}
STATE_KINDS: Final = {
    ProductState.DRAFT: "",
    ProductState.IN_REVIEW: "mind",
    ProductState.ON_SALE: "ok",
    ProductState.OFF_SALE: "",
}
# In their own words, the same in every language of the page.
LANGUAGE_NAMES: Final = {
    "zh-CN": "中文（简体）",
    "zh-TW": "中文（繁體）",
    "en": "English",
    "ja": "日本語",
    "ko": "한국어",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "it": "Italiano",
    "ru": "Русский",
    "vi": "Tiếng Việt",
    "th": "ไทย",
    "id": "Bahasa Indonesia",
    "ar": "العربية",
}
