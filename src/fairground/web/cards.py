"""What the pieces of a page are given: one small struct for each thing that can be shown twice."""

from datetime import datetime
from typing import Literal

import msgspec

from fairground.kit.money import Money


class ProductCard(msgspec.Struct, frozen=True, kw_only=True):
    """A thing for sale, as a card."""

    href: str
    title: str
    lang: str | None = None  # of the title, where it is not the reader's
    price: Money
    shop_name: str | None = None
    picture: int | str | None = None
    kind: str | None = None  # which placeholder to draw, a word of kit.art.KINDS
    before: Money | None = None  # the struck price
    rating: float | None = None
    reviews: int | None = None  # None: say nothing; 0: "no reviews yet"
    badge: tuple[str, str] | None = None  # (kind, text)
    left: tuple[int, int] | None = None  # (left, of how many), for limited offers
    keep: str | None = None  # the id that its heart keeps
    kept: bool = False


class ShopCard(msgspec.Struct, frozen=True, kw_only=True):
    """A shop, as a booth under its own cloth."""

    href: str
    name: str
    cloth: int = 0  # 0 to 9
    face: int | str | None = None  # a picture; else the first letter of the name
    line: str | None = None  # where and who, in a few words
    words: str | None = None  # what the shop says of itself
    pictures: tuple[tuple[int | str | None, str], ...] = ()  # (picture, kind), three are shown
    rating: float | None = None
    reviews: int | None = None
    scores: tuple[tuple[str, str], ...] = ()  # (label, number as text)
    badge: tuple[str, str] | None = None
    ask_href: str | None = None
    keep: str | None = None  # the id that its heart follows
    kept: bool = False


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One value of an option, with its own small picture where there is one."""

    value: str
    label: str
    picture: int | str | None = None
    kind: str | None = None
    note: str | None = None  # why it is disabled, or what it adds
    disabled: bool = False


class CouponCard(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon to take, or one already taken."""

    title: str
    terms: str
    amount: Money | None = None
    percent: int | None = None  # shown as "12%"; in Chinese as 8.8 折 by the words given
    state: Literal["open", "taken", "used", "gone"] = "open"
    href: str | None = None  # where "Take" posts to


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a road with a known end."""

    label: str
    note: str | None = None
    state: Literal["done", "now", "todo"] = "todo"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, newest first."""

    text: str
    at: datetime
    note: str | None = None
    now: bool = False


class ChatCard(msgspec.Struct, frozen=True, kw_only=True):
    """A product or an order shown within a message."""

    href: str
    title: str
    price: Money
    picture: int | str | None = None
    label: str | None = None  # what it is, where the title does not say


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a conversation."""

    text: str
    at: datetime
    mine: bool
    name: str
    picture: int | str | None = None  # of the person
    media: int | str | None = None  # sent along
    cloth: int | None = None
    read: bool = False
    number: int | None = None  # in its conversation
    pictures: tuple[int | str, ...] = ()  # further ones sent along
    card: ChatCard | None = None
    warning: str | None = None  # kind words for who reads it


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a chart."""

    label: str
    value: float
    text: str
    now: bool = False
    kind: Literal["", "tea", "tea-2", "amber", "red", "ink"] = ""


class FacetChoice(msgspec.Struct, frozen=True, kw_only=True):
    """One value to filter by."""

    value: str
    label: str
    count: int | None = None
    checked: bool = False
    href: str | None = None  # for groups of kind "link"


class FacetGroup(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to filter by: ticks, one of several, a price range or links."""

    name: str
    title: str
    kind: Literal["check", "radio", "range", "link"] = "check"
    choices: tuple[FacetChoice, ...] = ()
    low: str = ""  # what is in the two fields of a range
    high: str = ""
    open: bool = True


class Booth(msgspec.Struct, frozen=True, kw_only=True):
    """One booth on the map of a festival."""

    href: str
    name: str
    cloth: int = 0
    kind: str | None = None
    line: str | None = None


class Todo(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that waits for a person, with its clock."""

    icon: str
    title: str
    href: str
    action: str
    text: str | None = None
    due: str | None = None
    mind: bool = False
    main: bool = False
