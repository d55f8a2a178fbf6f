"""Taking persons out of a text: what is known of them, and what looks like a phone number, an address, an account.

What is found becomes a word in brackets that says what stood there. Rather too much than too little: somebody of the
staff reads the text before anybody else does, and can put a year or a size back, but not a number that was published.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

import msgspec

from fairground.kit.i18n.words import Language

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "buyer": "[buyer]",
        "shop": "[shop]",
        "name": "[name]",
        "address": "[address]",
        "phone": "[phone]",
        "mail": "[e-mail]",
        "link": "[link]",
        "account": "[account]",
        "number": "[number]",
    },
    "zh-CN": {
        "buyer": "〔买家〕",
        "shop": "〔店铺〕",
        "name": "〔姓名〕",
        "address": "〔地址〕",
        "phone": "〔电话〕",
        "mail": "〔邮箱〕",
        "link": "〔链接〕",
        "account": "〔账号〕",
        "number": "〔号码〕",
    },
}
_MAIL: Final = re.compile(r"[\w.+-]+\s?(?:@|＠|\(at\)|\[at\])\s?[\w-]+(?:\s?\.\s?[\w-]+)+", re.IGNORECASE)
_LINK: Final = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|cn|net|org|io|me|cc|shop|top|xyz|info)\b(?:/\S*)?", re.I
)
_ACCOUNT: Final = re.compile(
    r"(?:微信号?|weixin|wechat|vx|\bwx|qq(?:号)?|telegram|whatsapp|line\s+id|支付宝|alipay|淘宝号?|抖音号?)"
    r"\s*(?:id|号|是|为|is)?\s*[:：＝=]?\s*@?[a-z0-9][\w.\-]{3,}",
    re.IGNORECASE,
)
_CHINESE_ADDRESS: Final = re.compile(
    r"(?:[\u4e00-\u9fff]{2,7}(?:省|自治区|特别行政区)\s?)?(?:[\u4e00-\u9fff]{2,7}(?:市|州|盟)\s?)?"
    r"(?:[\u4e00-\u9fff]{1,6}(?:区|县|旗)\s?)?(?:[\u4e00-\u9fff]{1,8}(?:镇|乡|街道)\s?)?"
    r"[\u4e00-\u9fffA-Za-z0-9]{1,12}(?:路|街|大道|巷|弄|胡同|村|小区|花园|苑|里)\s?"
    r"[0-9一二三四五六七八九十百甲乙]{1,6}\s?(?:号|弄|幢|栋|座|室|单元|楼|层|-)"
    r"(?:\s?[0-9A-Za-z一二三四五六七八九十\-]{1,8}\s?(?:号楼|号|弄|幢|栋|座|室|单元|楼|层)?)*"
)
_CHINESE_PLACE: Final = re.compile(
    r"[\u4e00-\u9fff]{2,7}(?:省|自治区)\s?[\u4e00-\u9fff]{2,7}市(?:\s?[\u4e00-\u9fff]{1,6}(?:区|县|旗))?"
)
_STREET: Final = re.compile(
    r"\b\d{1,5}[A-Za-z]?,?\s+(?:[A-Z][\w'.-]*\s+){1,4}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Square|Sq|Boulevard|Blvd|Way|Close|Place|Pl)\b\.?"
    r"|\b[A-Z][\w-]*(?:straße|strasse|weg|gasse|platz)\s+\d{1,4}[a-z]?\b"
)
_TITLED: Final = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Herr|Frau)\.?\s+[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)?"
    r"|(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{1,3}(?:先生|女士|小姐|太太)"
)
_SPACED_DIGITS: Final = re.compile(
    r"(?<![\d.,])(?!(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d))(?:\d[\s.\-_·]{0,2}){6,}\d(?![\d])"  # a day is nobody's
)
_SPELLED_DIGITS: Final = re.compile(r"[零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖]{7,}")
_CODE: Final = re.compile(r"\b(?=[A-Z0-9-]*\d[A-Z0-9-]*\d[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])[A-Z0-9][A-Z0-9-]{7,}\b")
_LONG_NUMBER: Final = re.compile(r"(?<![\d.,])\d{6,}(?![\d])")
_REGIONS: Final = ("CN", "HK", "TW", "US", "GB", "DE", "FR")


class Known(msgspec.Struct, frozen=True):
    """What is known of the persons of a case, and has to go wherever it stands. Texts of one sign are left out."""

    buyer: tuple[str, ...] = ()
    shop: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def redact(text: str, known: Known, language: Language) -> str:
    """Take out of a text what is known of persons, and what looks like theirs."""
    words = _WORDS[language]
    text = unicodedata.normalize("NFKC", text) if _has_wide_digits(text) else text
    for kind, texts in (
        ("number", known.numbers),
        ("address", known.address),
        ("shop", known.shop),
        ("buyer", known.buyer),
        ("name", known.names),
    ):
        text = _replace_known(text, texts, words[kind])
    text = _LINK.sub(words["link"], _MAIL.sub(words["mail"], text))
    text = _replace_phones(_ACCOUNT.sub(words["account"], text), words["phone"])
    for pattern in (_CHINESE_ADDRESS, _CHINESE_PLACE, _STREET):
        text = pattern.sub(words["address"], text)
    for pattern in (_SPACED_DIGITS, _SPELLED_DIGITS, _CODE, _LONG_NUMBER):
        text = pattern.sub(lambda found: words["number"] + _blank_after(found[0]), text)
    return _TITLED.sub(words["name"], text)


def looks_personal(text: str, language: Language) -> bool:
    """Tell whether something in a text still looks like a person's."""
    return redact(text, Known(), language) != text


def _replace_known(text: str, known: Iterable[str], word: str) -> str:
    """The longest first, whatever the case and the blanks; a Latin name only as a whole word."""
    for piece in sorted({" ".join(k.split()) for k in known}, key=len, reverse=True):
        if len(piece) < 2:
            continue
        pattern = r"[\s\-]*".join(re.escape(part) for part in piece.split(" "))
        if piece.isascii():
            pattern = rf"(?<!\w){pattern}(?!\w)"
        text = re.sub(pattern, lambda _: word, text, flags=re.IGNORECASE)
    return text


def _replace_phones(text: str, word: str) -> str:
    import phonenumbers  # its tables are large, and few pages need them

    spans: list[tuple[int, int]] = []
    for region in _REGIONS:
        spans += [(m.start, m.end) for m in phonenumbers.PhoneNumberMatcher(text, region)]
    for start, end in _apart(spans):
        text = text[:start] + word + text[end:]
    return text


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give spans that do not overlap, the last one first, so that replacing one does not move the others."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged[::-1]


def _blank_after(found: str) -> str:
    return found[len(found.rstrip()) :]


def _has_wide_digits(text: str) -> bool:
    return any(unicodedata.decimal(sign, None) is not None and not sign.isascii() for sign in text)
