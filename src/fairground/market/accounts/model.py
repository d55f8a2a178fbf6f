"""People, sessions, addresses as values; how e-mail addresses, names and devices are read."""

import base64
import hashlib
import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.ids import BUCKETS, Id
from fairground.kit.passwords import LONGEST, SHORTEST, weakness


class PersonId(Id):
    """The id of a person."""


class SessionId(Id):
    """The id of a sign-in; lives in its person's bucket."""


class AddressId(Id):
    """The id of a postal address; lives in its person's bucket."""


class LinkId(Id):
    """The id of a link sent by mail; lives in its person's bucket."""


class DeedId(Id):
    """The id of a staff deed."""


class StaffRole(StrEnum):
    """What somebody may do at the desk; each may all that those before it may."""

    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"


class LinkPurpose(StrEnum):
    """What a link sent by mail is good for."""

    VERIFY = "verify"
    RESET = "reset"
    CHANGE = "change"


class AccountRules(msgspec.Struct, frozen=True):
    """The numbers of this room. Tries are counted in windows, for one e-mail and for one network address."""

    name_most: int = 60
    session_days: int = 30  # after the last visit
    session_most_days: int = 365  # after the sign-in
    session_seen_minutes: int = 5  # a visit is written at most so often
    sessions_most: int = 50  # the one longest unseen goes
    sessions_kept_days: int = 30  # after the end, so that a device is known again
    verify_hours: int = 72
    reset_minutes: int = 60
    change_hours: int = 24
    sign_in_minutes: int = 15
    sign_in_tries_per_email: int = 10
    sign_in_tries_per_network: int = 100
    reset_minutes_window: int = 60
    reset_tries_per_email: int = 3
    reset_tries_per_network: int = 20
    addresses_most: int = 50
    suspension_days_most: int = 1095  # one without an end stays until somebody lifts it


class Suspension(msgspec.Struct, frozen=True):
    """Why the desk keeps a person out, since when, and until when if it named an end."""

    reason: str
    at: datetime
    until: datetime | None


class Person(msgspec.Struct, frozen=True):
    """A person. `is_verified`: the e-mail address was confirmed; a closed account has neither e-mail nor name."""

    id: PersonId
    email: str
    name: str
    language: str
    is_verified: bool
    staff_role: StaffRole | None
    created_at: datetime
    is_closed: bool = False
    suspension: Suspension | None = None


class PersonCard(msgspec.Struct, frozen=True):
    """What others see of a person."""

    id: PersonId
    name: str


class SignedIn(msgspec.Struct, frozen=True):
    """Who is behind a session's token; `seen_at` tells whether the visit is to be written."""

    person_id: PersonId
    session_id: SessionId
    name: str
    language: str
    is_verified: bool
    staff_role: StaffRole | None
    seen_at: datetime
    expires_at: datetime


class Session(msgspec.Struct, frozen=True):
    """One open sign-in, as its owner sees it; `device` is "" where the browser did not say."""

    id: SessionId
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class NewSession(msgspec.Struct, frozen=True):
    """A sign-in just made; the token is told once and never kept."""

    person_id: PersonId
    session_id: SessionId
    token: str
    expires_at: datetime


class Link(msgspec.Struct, frozen=True):
    """A link sent by mail."""

    id: LinkId
    person_id: PersonId
    purpose: LinkPurpose
    email: str
    old_email: str | None
    expires_at: datetime
    used_at: datetime | None


class Address(msgspec.Struct, frozen=True):
    """Where a parcel may go. Parts a country does not use are ""."""

    id: AddressId
    person_id: PersonId
    name: str
    phone: str
    country: str
    region: str
    city: str
    district: str
    lines: list[str]
    postal_code: str
    is_default: bool

    def as_frozen(self) -> dict[str, Any]:
        """Give the copy that an order keeps: plain data, without ids."""
        return {name: getattr(self, name) for name in FROZEN}


FROZEN: Final = ("name", "phone", "country", "region", "city", "district", "lines", "postal_code")


class StaffDeed(msgspec.Struct, frozen=True):
    """What one of the staff did. `deed` is "room.what", `about` the id of the thing."""

    id: DeedId
    person_id: PersonId | None
    actor: str
    deed: str
    about: Id | None
    words: str
    at: datetime


def bucket_of(text: str) -> int:
    """Tell the bucket of a text's lookup row, 0…1023, from its SHA-256; fixed for ever."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % BUCKETS


TOKEN_BYTES: Final = 32  # 8 of the session's id, so that its bucket is known, and 24 drawn


def write_token(thing: Id, secret: bytes) -> str:
    """Write an id and its secret bytes as one token for an address or a cookie."""
    return base64.urlsafe_b64encode(int(thing).to_bytes(8) + secret).rstrip(b"=").decode()


def read_token(token: str) -> tuple[Id, bytes] | None:
    """Read a token back into an id and its secret bytes; None where it cannot be one."""
    if not token.isascii() or len(token) != -(-TOKEN_BYTES * 4 // 3):
        return None
    try:
        raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except ValueError:
        return None
    number = int.from_bytes(raw[:8])
    return (Id(number), raw[8:]) if 0 < number < 2**63 else None


def read_session_token(token: str) -> SessionId | None:
    """Tell which session a token speaks of; proves nothing."""
    found = read_token(token)
    return None if found is None else SessionId(found[0])


def hash_token(token: str) -> bytes:
    """Give the SHA-256 of a session's token, which is all that is kept of it."""
    return hashlib.sha256(token.encode()).digest()


EMAIL_MOST: Final = 254  # RFC 5321, 4.5.3.1.3 less the brackets
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def read_email(text: str) -> str | None:
    """Read an e-mail address: the local part as written, the domain in ASCII and small; None where it is none."""
    local, at, domain = text.strip().rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        return None
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    labels = domain.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or (len(labels) < 2 and domain != "localhost"):
        return None
    email = f"{local}@{domain}"
    return email if len(email) <= EMAIL_MOST else None


def email_key(email: str) -> str:
    """Give the form in which two e-mail addresses are the same one."""
    return email.lower()


def read_name(text: str, most: int) -> str | None:
    """Read a name in one line, blanks joined; None where it is empty, too long or has signs that cannot be seen."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 0 < len(name) <= most or any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} for c in name):
        return None
    # Only marks that turn the direction or join nothing visible: a name that cannot be seen or that hides another.
    if any(c in _HIDING for c in name) or not any(c.isprintable() and not c.isspace() for c in name):
        return None
    return name


_HIDING: Final = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
_WEAK: Final = {
    "too_short": N_("A password has at least %(least)d characters."),
    "too_long": N_("A password has at most %(most)d characters."),
    "too_simple": N_("A password needs at least three different characters."),
    "too_common": N_("This password is among the first that anybody would try."),
    "is_email": N_("Your e-mail address cannot be your password."),
}


def check_password(findings: Findings, password: str, *, email: str, pointer: str) -> None:
    """Note what is wrong with a new password, if anything."""
    weak = weakness(password, email)
    if weak is not None:
        params = {"too_short": {"least": SHORTEST}, "too_long": {"most": LONGEST}}.get(weak, {})
        findings.add(pointer, f"accounts.password_{weak}", _WEAK[weak], **params)


_BROWSERS: Final = (
    ("MicroMessenger/", "WeChat"),
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("UCBrowser/", "UC Browser"),
    ("QQBrowser/", "QQ Browser"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_PROGRAM: Final = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,39}")


def describe_device(user_agent: str | None) -> str:
    """Say a browser and its system in proper names ("Firefox · Linux"); "" where nothing is known."""
    agent = (user_agent or "")[:500]
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if not browser and not system:
        program = _PROGRAM.match(agent.partition("/")[0])  # a program of somebody's own, by the API
        return program.group().strip() if program else ""
    return " · ".join(part for part in (browser, system) if part)
