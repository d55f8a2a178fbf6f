"""One order as its shop's page shows it: what to send where, its parcels, what the shop gets of it and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

import msgspec

from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, language, say
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.postal import PostalAddress, format_lines
from fairground.market.orders.model import Deed, Order, OrderInFull, OrderLine, OrderRules, OrderState
from fairground.market.orders.policy import may_ship as may_be_shipped
from fairground.market.shipping.model.carriers import CARRIERS, SANDBOX, find_carrier
from fairground.market.shipping.model.parcels import EVENT_WORDS, Parcel, ParcelId, TrackingEvent
from fairground.market.shipping.model.rates import STANDARD_NAME
from fairground.market.shops.model import Role
from fairground.market.shops.policy import may_see_money, may_ship
from fairground.web.cards import Entry
from fairground.web.seller.orders.rows import badge_of, moment_words


class LineView(msgspec.Struct, frozen=True):
    """One line. `left` are the pieces that are in no parcel yet."""

    position: int
    title: str
    lang: str
    options: str
    sku: str
    picture: Id | None
    href: str
    quantity: int
    left: int
    paid: Money


class ParcelView(msgspec.Struct, frozen=True):
    """One parcel: what is in it, where it is, and how to put its number right."""

    id: str
    carrier: str
    code: str
    number: str
    href: str | None
    sent_at: datetime
    delivered_at: datetime | None
    contents: list[str]
    journey: list[Entry]
    may_change: bool


class MoneyView(msgspec.Struct, frozen=True):
    """What the buyer paid and what the shop gets of it."""

    paid: list[tuple[str, str]]
    total: str
    gets: list[tuple[str, str]]
    proceeds: Money
    words: str


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page of one order needs; `money` is None for those who may not see it."""

    id: str
    number: str
    href: str
    badge: tuple[str, str, str | None]
    lead: str
    placed_at: datetime
    ship_by: datetime | None
    lines: list[LineView]
    left: int
    recipient: str
    phone: str
    address: list[str]
    note: str
    delivery: str
    parcels: list[ParcelView]
    carriers: list[tuple[str, str]]
    packs: bool  # this person may ship, and so sees where to
    may_ship: bool
    asks_cancel: bool
    cancel_reason: str
    cancel_due: datetime | None
    may_extend: bool
    extend_most: int
    may_refund: bool
    held: Money
    money: MoneyView | None
    history: list[Entry]
    language: str


def see_order(  # noqa: PLR0913 - what was read, each by its name
    full: OrderInFull,
    parcels: Sequence[Parcel],
    events: Mapping[ParcelId, Sequence[TrackingEvent]],
    *,
    role: Role,
    home: str,
    rules: OrderRules,
    cancel_due: datetime | None,
    now: datetime,
    zone: tzinfo,
    sandbox: bool,
) -> OrderView:
    """Make an order ready for its shop's page."""
    order = full.order
    lines = [_line(line, parcels, order.currency) for line in full.lines]
    packs = may_ship(role)
    address = _address(order) if packs else []
    phone = str(order.address.get("phone", "")) if packs else ""
    return OrderView(
        id=str(int(order.id)),
        number=order.shown_number,
        href=f"{home}/orders/{int(order.id)}",
        badge=badge_of(order, now, zone),
        lead=_lead(order, now, zone),
        placed_at=order.placed_at,
        ship_by=order.ship_by if order.state is OrderState.PAID else None,
        lines=lines,
        left=sum(line.left for line in lines),
        recipient=str(order.address.get("name", "")),
        phone=phone,
        address=address,
        note=order.note,
        delivery=order.delivery.name or gettext(STANDARD_NAME),
        parcels=[_parcel(parcel, events.get(parcel.id, ()), full, packs=packs) for parcel in parcels],
        carriers=carrier_choices(sandbox=sandbox),
        may_ship=may_be_shipped(order) and packs,
        packs=packs,
        asks_cancel=packs and order.state is OrderState.PAID and order.cancel_asked_at is not None,
        cancel_reason=order.cancel_reason,
        cancel_due=cancel_due,
        may_extend=packs and order.state is OrderState.SHIPPED and order.confirm_by is not None,
        extend_most=rules.seller_extends_most_days,
        may_refund=may_see_money(role) and order.state is OrderState.PAID and not order.parcels and order.held > 0,
        held=Money(order.held, order.currency),
        money=_money(order, full.lines, now, zone) if may_see_money(role) else None,
        history=[_entry(move.deed, move.actor, move.reason, move.amount, move.at, order) for move in full.moves][::-1],
        language=order.language,
    )


def carrier_choices(*, sandbox: bool) -> list[tuple[str, str]]:
    """List carriers to choose from; the one of the sandbox only where there is one."""
    lang = language()
    return [(carrier.code, carrier.name(lang)) for carrier in CARRIERS if sandbox or carrier.code != SANDBOX]


def _line(line: OrderLine, parcels: Sequence[Parcel], currency: str) -> LineView:
    packed = sum(parcel.lines.get(Id(line.position), 0) for parcel in parcels)
    return LineView(
        line.position,
        line.title,
        line.language,
        " · ".join(line.options.values()),
        line.sku,
        line.picture_id,
        f"/p/{int(line.product_id)}",
        line.quantity,
        line.quantity - packed,
        Money(line.paid, currency),
    )


def _address(order: Order) -> list[str]:
    frozen = order.address
    postal = PostalAddress(**{**frozen, "lines": tuple(frozen["lines"])})
    return [line for line in format_lines(postal, with_country=postal.country != "CN") if line != postal.name]


def _parcel(parcel: Parcel, events: Sequence[TrackingEvent], full: OrderInFull, *, packs: bool) -> ParcelView:
    carrier = find_carrier(parcel.carrier) if parcel.carrier else None
    titles = {line.position: line.title for line in full.lines}
    told = sorted(events, key=lambda e: e.at, reverse=True)
    journey = [
        Entry(text=e.words or gettext(EVENT_WORDS[e.kind]), at=e.at, note=e.place or None, now=at == 0)
        for at, e in enumerate(told)
    ]
    number = parcel.tracking_number or ""
    return ParcelView(
        str(int(parcel.id)),
        carrier.name(language()) if carrier else gettext("Without a carrier"),
        parcel.carrier or "",
        number,
        carrier.tracking_page(number) if carrier and number else None,
        parcel.shipped_at,
        parcel.delivered_at,
        [f"{titles.get(int(line), '')} × {count}" for line, count in sorted(parcel.lines.items())],
        journey[:4],
        packs and parcel.delivered_at is None and full.order.state in (OrderState.PAID, OrderState.SHIPPED),
    )


def _lead(order: Order, now: datetime, zone: tzinfo) -> str:
    def by(moment: datetime | None) -> dict[str, str]:
        return {"when": "" if moment is None else moment_words(moment, now, zone)}

    match order.state:
        case OrderState.PLACED:
            return say("The buyer has until %(when)s to pay. Do not send anything yet.", by(order.pay_by))
        case OrderState.PAID if order.cancel_asked_at is not None:
            return gettext("The buyer would like to cancel. Please answer before you pack.")
        case OrderState.PAID if order.parcels:
            return say("A part is on its way; the rest was promised by %(when)s.", by(order.ship_by))
        case OrderState.PAID:
            return say("Paid, and the money is kept. You promised to send it by %(when)s.", by(order.ship_by))
        case OrderState.SHIPPED if order.confirm_by is None:
            return gettext("An after-sale case is open; the clock stands still until it ends.")
        case OrderState.SHIPPED:
            return say("On its way. The money is yours when the buyer confirms, or on %(when)s.", by(order.confirm_by))
        case OrderState.RECEIVED:
            return gettext("The buyer has it, and you have the money.")
        case _:
            return gettext("Closed. The pieces are back on your shelf.")


def _money(order: Order, lines: Sequence[OrderLine], now: datetime, zone: tzinfo) -> MoneyView:
    def told(amount: int) -> str:
        return formats.money(Money(amount, order.currency))

    paid = [(gettext("Goods"), told(order.goods))]
    paid += [(title or gettext("Coupon"), told(-amount)) for title, amount in _saved(lines).items()]
    paid.append((gettext("Delivery"), told(order.shipping)))
    shared = order.proceeds
    gets = [(gettext("The buyer paid"), told(order.total))]
    if order.refunded:
        gets.append((gettext("Refunded"), told(-order.refunded)))
    if shared.subsidy:
        gets.append((gettext("The market adds, for its coupons"), told(shared.subsidy)))
    gets.append((_commission_label(lines), told(-shared.commission)))
    return MoneyView(paid, told(order.total), gets, Money(shared.shop, order.currency), _when(order, now, zone))


def _saved(lines: Sequence[OrderLine]) -> dict[str, int]:
    saved: dict[str, int] = {}
    for line in lines:
        for share in line.shares:
            saved[share.title] = saved.get(share.title, 0) + share.amount
    return saved


def _commission_label(lines: Sequence[OrderLine]) -> str:
    rates = {line.commission_bp for line in lines}
    if len(rates) == 1:
        return say("Commission, %(percent)s", {"percent": formats.percent(rates.pop())})
    return gettext("Commission")


def _when(order: Order, now: datetime, zone: tzinfo) -> str:
    match order.state:
        case OrderState.PLACED:
            return gettext("Nothing is paid yet.")
        case OrderState.PAID:
            return gettext("Kept by the fair. Yours when you have shipped and the buyer has it.")
        case OrderState.SHIPPED if order.confirm_by is not None:
            when = moment_words(order.confirm_by, now, zone)
            return say("Kept by the fair. Yours when the buyer confirms, on %(when)s at the latest.", {"when": when})
        case OrderState.SHIPPED:
            return gettext("Kept by the fair until the case is closed.")
        case OrderState.RECEIVED:
            when = "" if order.received_at is None else moment_words(order.received_at, now, zone)
            return say("Yours since %(when)s; it stands in your statement.", {"when": when})
        case _:
            return gettext("The order was closed; the money went back.")


def _entry(deed: Deed, actor: str, reason: str, amount: int | None, at: datetime, order: Order) -> Entry:
    words = {
        Deed.PLACE: gettext("Ordered"),
        Deed.PAY: gettext("Paid; the money is kept"),
        Deed.SHIP: gettext("Shipped"),
        Deed.SHIP_PART: gettext("A part was shipped"),
        Deed.RECEIVE: gettext("Received; the money is yours"),
        Deed.CLOSE: gettext("Closed"),
        Deed.EXTEND: gettext("More time to confirm"),
        Deed.ASK_CANCEL: gettext("Asked to cancel"),
        Deed.REFUSE_CANCEL: gettext("You did not agree to cancel"),
        Deed.REFUND_PART: gettext("A part was refunded"),
        Deed.COMPENSATE: gettext("Late: the buyer got a voucher"),
    }[deed]
    who = {"buyer": gettext("The buyer"), "shop": gettext("Your shop")}.get(actor, gettext("The market"))
    told = "" if amount is None else formats.money(Money(amount, order.currency))
    return Entry(text=words, at=at, note=" · ".join(part for part in (who, told, reason) if part))
