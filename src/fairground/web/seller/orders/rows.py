"""One line of a shop's lists of orders, and how a moment is said beside it."""

from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

import msgspec

from fairground.kit.errors import N_
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, say
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.orders.model import CloseReason, Order, OrderState, ShopOrder, show_number

URGENT: Final = timedelta(hours=12)


class Row(msgspec.Struct, frozen=True):
    """One order of a shop. `badge` is (kind, words, icon)."""

    id: str
    href: str
    number: str
    title: str
    lang: str | None
    options: str
    more: int  # further kinds of things
    pieces: int
    picture: Id | None
    recipient: str
    note: str
    total: Money
    badge: tuple[str, str, str | None]
    action: str
    to_ship: bool
    placed_at: datetime


def row_of(order: ShopOrder, home: str, now: datetime, zone: tzinfo) -> Row:
    """Make a shop's copy of an order ready for a list; `home` is the address of the shop's rooms."""
    first: dict[str, Any] = order.lines[0] if order.lines else {}
    picture = first.get("picture_id")
    to_ship = order.state is OrderState.PAID and order.cancel_asked_at is None
    return Row(
        id=str(int(order.order_id)),
        href=f"{home}/orders/{int(order.order_id)}",
        number=show_number(order.number),
        title=str(first.get("title", "")),
        lang=first.get("language"),
        options=" · ".join(first.get("options", {}).values()),
        more=max(0, len(order.lines) - 1),
        pieces=order.pieces,
        picture=None if picture is None else Id(int(picture)),
        recipient=order.recipient,
        note=order.note,
        total=order.total,
        badge=badge_of(order, now, zone),
        action=gettext("Pack") if to_ship else gettext("Look"),
        to_ship=to_ship,
        placed_at=order.placed_at,
    )


def badge_of(order: ShopOrder | Order, now: datetime, zone: tzinfo) -> tuple[str, str, str | None]:
    """Say where an order stands and by when something is due: kind, words, icon."""
    match order.state:
        case OrderState.PLACED:
            return "", gettext("Not paid yet"), None
        case OrderState.PAID if order.cancel_asked_at is not None:
            return "bad", gettext("Buyer wants to cancel"), "circle-alert"
        case OrderState.PAID:
            return _to_ship(order.ship_by, now, zone)
        case OrderState.SHIPPED if order.confirm_by is None:
            return "mind", gettext("Being talked about"), "pause"
        case OrderState.SHIPPED:
            return "ok", gettext("On its way"), "truck"
        case OrderState.RECEIVED:
            return "ok", gettext("Received"), "check"
        case _:
            return "", _why_closed(order.close_reason), None


def _to_ship(ship_by: datetime | None, now: datetime, zone: tzinfo) -> tuple[str, str, str | None]:
    if ship_by is None:
        return "mind", gettext("To ship"), None
    if ship_by < now:
        return "bad", say("Late since %(when)s", {"when": moment_words(ship_by, now, zone)}), "clock"
    kind = "mind" if ship_by - now < URGENT else ""
    return kind, say("Ship by %(when)s", {"when": moment_words(ship_by, now, zone)}), "clock"


def _why_closed(reason: CloseReason | None) -> str:
    return {
        CloseReason.UNPAID: gettext("Never paid"),
        CloseReason.CANCELLED: gettext("Cancelled"),
        CloseReason.REFUNDED: gettext("Refunded"),
    }.get(reason or CloseReason.CANCELLED, "")


def moment_words(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """Say a moment near to now: today 21:40, tomorrow 09:00, else the date and the hour."""
    there, here = moment.astimezone(zone), now.astimezone(zone)
    days = (there.date() - here.date()).days
    named = {-1: N_("yesterday %(time)s"), 0: N_("today %(time)s"), 1: N_("tomorrow %(time)s")}
    if days in named:
        return say(named[days], {"time": f"{there:%H:%M}"})
    return formats.short_date_time(moment, zone)
