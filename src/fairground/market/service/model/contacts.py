"""Ways round the market that a text may hold: telephone numbers, e-mail addresses, WeChat and the like, links, streets.

A hint and nothing more: it is said to the writer, who may send the message all the same. So a few too many are found
rather than too few, but never in what an order needs: prices, sizes, dates, tracking and order numbers.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Final

from fairground.kit.errors import N_


class Contact(StrEnum):
    """What was found."""

    PHONE = "phone"
    EMAIL = "email"
    MESSENGER = "messenger"
    LINK = "link"
    ADDRESS = "address"


NAMES: Final[dict[Contact, str]] = {
    Contact.PHONE: N_("a telephone number"),
    Contact.EMAIL: N_("an e-mail address"),
    Contact.MESSENGER: N_("an account of another service"),
    Contact.LINK: N_("a link"),
    Contact.ADDRESS: N_("a postal address"),
}

_DIGITS: Final = str.maketrans("〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖", "00123456789123456789")
# Mobile numbers of China (with blanks or dashes between), and international ones with their plus.
_PHONE: Final = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)|\+\d{1,3}(?:[ ().-]?\d){7,12}(?!\d)")
_SAID: Final = re.compile(r"(?:tel|phone|call me|whatsapp|电话|手机|致电)[^\d\n]{0,8}(?:\d[ -]?){7,14}")
_EMAIL: Final = re.compile(r"[a-z0-9._%+-]+\s?@\s?[a-z0-9-]+(?:\s?\.\s?[a-z0-9-]+)+")
_MESSENGER: Final = re.compile(
    r"(?:wechat|weixin|we chat|微信|微.?信号|薇信|vx|v信|加v|qq|telegram|whatsapp|line id|skype)"
    r"(?:\s|[:：号是为#@()-]|id|is){0,8}[a-z0-9][a-z0-9_-]{4,19}"
)
_LINK: Final = re.compile(
    r"https?://\S+|www\.\S+|(?<![\w@.])[a-z0-9-]{2,}\.(?:com|cn|net|org|shop|store|top|xyz|me|io|co|cc|vip)(?![\w.])"
)
_STREET: Final = re.compile(
    r"[\u4e00-\u9fff]{2,}(?:省|市|区|县)[\u4e00-\u9fff]{1,12}(?:路|街|道|巷|弄|村)\s?\d+\s?号?"
    r"|\b\d{1,5}\s(?:[a-z]+\s){1,3}(?:street|st\.|road|rd\.|avenue|ave\.|lane|boulevard)(?!\w)"
)
_WAYS: Final = (
    (Contact.PHONE, _PHONE),
    (Contact.PHONE, _SAID),
    (Contact.EMAIL, _EMAIL),
    (Contact.MESSENGER, _MESSENGER),
    (Contact.LINK, _LINK),
    (Contact.ADDRESS, _STREET),
)


def plain(text: str) -> str:
    """Write a text for comparing: one width, one case, blanks joined."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def find_contacts(text: str, own_hosts: tuple[str, ...] = ()) -> tuple[Contact, ...]:
    """List the kinds of contact that a text seems to hold; links to our own pages are none."""
    said = plain(text)
    for host in own_hosts:
        said = re.sub(rf"https?://{re.escape(host)}(?=[/\s?#]|$)\S*", " ", said)
    readings = (said, said.translate(_DIGITS))
    found = {kind for kind, pattern in _WAYS for reading in readings if pattern.search(reading)}
    return tuple(kind for kind in Contact if kind in found)
