"""An order as its page shows it: how far it is, who has the money, what comes next."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

import msgspec

from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, language, ngettext, say
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.place import Place
from fairground.market.aftersale.model import Case
from fairground.market.orders.model import CloseReason, Order, OrderInFull, OrderLine, OrderRules, OrderState
from fairground.market.orders.model.states import Deed
from fairground.market.orders.policy import may_cancel, may_confirm, may_extend, may_pay
from fairground.market.shipping.model.carriers import find_carrier
from fairground.market.shipping.model.parcels import EVENT_WORDS, Parcel, ParcelId, TrackingEvent
from fairground.market.shops.model import ShopCard
from fairground.web.cards import Entry, Step
from fairground.web.cases.words import badge_of as badge_of_case
from fairground.web.cases.words import kind_words, next_words
from fairground.web.render import market_name
from fairground.web.storefront.checkout.view import address_lines


class Line(msgspec.Struct, frozen=True):
    """One line of an order."""

    title: str
    lang: str
    options: str
    quantity: int
    picture: Id | None
    href: str
    subtotal: Money


class ParcelView(msgspec.Struct, frozen=True):
    """One parcel and its journey, the latest first."""

    carrier: str
    number: str
    href: str | None
    delivered: bool
    journey: list[Entry]
    earlier: list[Entry]


class ShopFaceView(msgspec.Struct, frozen=True):
    """The shop of an order."""

    name: str
    href: str
    cloth: int
    face: Id | None


class CaseHint(msgspec.Struct, frozen=True):
    """The open after-sale case of an order: what is asked, and what comes next."""

    href: str
    title: str
    text: str


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page of one order needs."""

    id: str
    number: str
    state: str
    badge: tuple[str, str]
    title: str
    lead: str
    steps: list[Step]
    held: Money | None
    held_words: str
    flow: list[tuple[str, str, bool]]
    shop_gets: str
    next_words: str
    pay_href: str | None
    may_confirm: bool
    may_extend: bool
    extend_words: str
    may_cancel: bool
    cancel_words: str
    may_review: bool
    help_href: str | None
    case: CaseHint | None
    lines: list[Line]
    sums: list[tuple[str, Money]]
    total: Money
    refunded: Money
    parcels: list[ParcelView]
    shop: ShopFaceView
    recipient: str
    phone: str
    address: list[str]
    note: str
    history: list[Entry]


def badge_of(order: Order) -> tuple[str, str]:
    """Give the badge of an order: kind and words."""
    if order.state is OrderState.CLOSED:
        return "", gettext("Closed")
    return {
        OrderState.PLACED: ("mind", gettext("To pay")),
        OrderState.PAID: ("", gettext("Being packed")),
        OrderState.SHIPPED: ("ok", gettext("On its way")),
        OrderState.RECEIVED: ("ok", gettext("Received")),
    }[order.state]


def next_of(order: Order, now: datetime, zone: tzinfo) -> str:
    """Say in one sentence what comes next."""
    match order.state:
        case OrderState.PLACED:
            return say("Pay within %(time)s.", {"time": formats.span(max(order.pay_by - now, timedelta()))})
        case OrderState.PAID if order.cancel_asked_at is not None:
            return gettext("You asked to cancel; the shop answers within a day, else it is cancelled.")
        case OrderState.PAID if order.ship_by is not None and order.ship_by < now:
            return gettext("The shop is late. You have a voucher for the wait.")
        case OrderState.PAID:
            return say("The shop sends it by %(when)s.", {"when": _moment(order.ship_by, zone)})
        case OrderState.SHIPPED if order.confirm_by is None:
            return gettext(
                "You and the shop are talking about it; until that is over, silence does not count as receipt."
            )
        case OrderState.SHIPPED:
            return say(
                "Confirm when it is there, or it counts as received on %(when)s.",
                {"when": _moment(order.confirm_by, zone)},
            )
        case OrderState.RECEIVED:
            return gettext("All done. Tell others how it was.")
        case _:
            return _why_closed(order)


def see_order(
    full: OrderInFull,
    shop: ShopCard | None,
    parcels: Sequence[Parcel],
    events: Mapping[ParcelId, Sequence[TrackingEvent]],
    rules: OrderRules,
    now: datetime,
    place: Place,
    case: Case | None = None,
) -> OrderView:
    """Make an order ready for its page."""
    order = full.order
    name, market = shop.name if shop else gettext("The shop"), market_name(place)
    zone = formats.zone(place.time_zone)
    holding = order.state in (OrderState.PAID, OrderState.SHIPPED)
    return OrderView(
        id=str(int(order.id)),
        number=order.shown_number,
        state=order.state.value,
        badge=badge_of(order),
        title=_title(order),
        lead=next_of(order, now, zone),
        steps=_steps(order, zone),
        held=Money(order.held, order.currency) if holding and order.held else None,
        held_words=say(
            "%(market)s has your money. The shop does not, until you say that the parcel is here and fine.",
            {"market": market},
        ),
        flow=_flow(order, name, market, zone),
        shop_gets=say(
            "When you confirm, or by itself on the day above: %(shop)s gets %(amount)s, %(fee)s is the market's share.",
            {
                "shop": name,
                "amount": formats.money(Money(order.proceeds.shop, order.currency)),
                "fee": formats.money(Money(order.proceeds.commission, order.currency)),
            },
        ),
        next_words=next_of(order, now, zone),
        pay_href=f"/pay/{int(order.payment_id)}" if may_pay(order) else None,
        may_confirm=may_confirm(order),
        may_extend=may_extend(order, rules),
        extend_words=ngettext("Add %(count)d day", "Add %(count)d days", rules.buyer_extends_days)
        % {"count": rules.buyer_extends_days},
        may_cancel=may_cancel(order),
        cancel_words=gettext("Cancel the order") if order.state is OrderState.PLACED else gettext("Cancel, money back"),
        may_review=order.state is OrderState.RECEIVED,
        help_href=f"/orders/{int(order.id)}/cases/new" if case is None and may_be_claimed(order) else None,
        case=None if case is None else _hint(case, zone),
        lines=[_line(line, order.currency) for line in full.lines],
        sums=_sums(order, full.lines),
        total=order.total_money,
        refunded=Money(order.refunded, order.currency),
        parcels=[_parcel(p, events.get(p.id, ())) for p in parcels],
        shop=_face(shop, name),
        recipient=str(order.address["name"]),
        phone=_hide(str(order.address["phone"])),
        address=address_lines(order.address),
        note=order.note,
        history=[_entry(move.deed, move.actor, move.reason, move.at) for move in reversed(full.moves)],
    )


def see_line(line: OrderLine, currency: str) -> Line:
    """Make a line ready for showing."""
    return _line(line, currency)


def _face(shop: ShopCard | None, name: str) -> ShopFaceView:
    if shop is None:
        return ShopFaceView(name, "/", 0, None)
    return ShopFaceView(name, f"/s/{shop.slug}", shop.cloth, shop.avatar_id)


def _hint(case: Case, zone: tzinfo) -> CaseHint:
    words = next_words(case.state, case.money, case.due_at, zone)
    return CaseHint(f"/cases/{case.id}", f"{kind_words(case.kind)}: {badge_of_case(case.state)[1]}", words)


def may_be_claimed(order: Order) -> bool:
    """Tell whether there is something that could be given back; the page behind says until when."""
    return order.state in (OrderState.PAID, OrderState.SHIPPED, OrderState.RECEIVED) and order.refunded < order.total


def _line(line: OrderLine, currency: str) -> Line:
    return Line(
        line.title,
        line.language,
        " · ".join(line.options.values()),
        line.quantity,
        line.picture_id,
        f"/p/{int(line.product_id)}",
        Money(line.subtotal, currency),
    )


def _sums(order: Order, lines: Sequence[OrderLine]) -> list[tuple[str, Money]]:
    saved: dict[str, int] = {}
    for line in lines:
        for share in line.shares:
            saved[share.title] = saved.get(share.title, 0) + share.amount
    return [
        (gettext("Goods"), Money(order.goods, order.currency)),
        *((title or gettext("Coupon"), Money(-amount, order.currency)) for title, amount in saved.items()),
        (gettext("Delivery"), Money(order.shipping, order.currency)),
    ]


def _title(order: Order) -> str:
    match order.state:
        case OrderState.PLACED:
            return gettext("Waiting for your payment")
        case OrderState.PAID:
            return gettext("Paid, and being packed")
        case OrderState.SHIPPED:
            return gettext("On its way to you")
        case OrderState.RECEIVED:
            return gettext("Received")
        case _:
            return gettext("Closed")


def _why_closed(order: Order) -> str:
    return {
        CloseReason.UNPAID: gettext("It was not paid in time. Nothing was charged."),
        CloseReason.CANCELLED: gettext("It was cancelled. What was paid goes back to you."),
        CloseReason.REFUNDED: gettext("It was refunded in full."),
    }.get(order.close_reason or CloseReason.CANCELLED, "")


def _steps(order: Order, zone: tzinfo) -> list[Step]:
    marks = [
        (gettext("Placed"), order.placed_at),
        (gettext("Paid"), order.paid_at),
        (gettext("Sent"), order.shipped_at),
        (gettext("Received"), order.received_at),
    ]
    if order.state is OrderState.CLOSED:
        done = [Step(label=label, note=_moment(at, zone), state="done") for label, at in marks if at is not None]
        return [*done, Step(label=gettext("Closed"), note=_moment(order.closed_at, zone), state="now")]
    last = max(i for i, (_, at) in enumerate(marks) if at is not None)
    steps = []
    for i, (label, at) in enumerate(marks):
        state = "done" if i < last or order.state is OrderState.RECEIVED else "now" if i == last else "todo"
        steps.append(Step(label=label, note=_moment(at, zone) if at else None, state=state))  # type: ignore[arg-type]
    return steps


def _flow(order: Order, shop: str, market: str, zone: tzinfo) -> list[tuple[str, str, bool]]:
    total = formats.money(order.total_money)
    return [
        (gettext("You"), say("paid %(when)s", {"when": _moment(order.paid_at, zone)}), False),
        (market, say("holds %(amount)s", {"amount": total}), True),
        (shop, say("gets %(amount)s", {"amount": formats.money(Money(order.proceeds.shop, order.currency))}), False),
    ]


def _parcel(parcel: Parcel, events: Sequence[TrackingEvent]) -> ParcelView:
    carrier = find_carrier(parcel.carrier) if parcel.carrier else None
    name = carrier.name(language()) if carrier else ""
    told = sorted(events, key=lambda e: e.at, reverse=True)
    entries = [
        Entry(text=e.words or gettext(EVENT_WORDS[e.kind]), at=e.at, note=e.place or None, now=i == 0)
        for i, e in enumerate(told)
    ]
    entries.append(Entry(text=gettext("Handed over by the shop"), at=parcel.shipped_at, now=not told))
    href = carrier.tracking_page(parcel.tracking_number) if carrier and parcel.tracking_number else None
    return ParcelView(
        name or gettext("Without a carrier"),
        parcel.tracking_number or "",
        href,
        parcel.delivered_at is not None,
        entries[:3],
        entries[3:],
    )


def _entry(deed: Deed, actor: str, reason: str, at: datetime) -> Entry:
    words = {
        Deed.PLACE: gettext("Placed"),
        Deed.PAY: gettext("Paid; the money is held"),
        Deed.SHIP: gettext("Sent"),
        Deed.SHIP_PART: gettext("A part was sent"),
        Deed.RECEIVE: gettext("Received; the shop was paid"),
        Deed.CLOSE: gettext("Closed"),
        Deed.EXTEND: gettext("More time was given"),
        Deed.ASK_CANCEL: gettext("Asked to cancel"),
        Deed.REFUSE_CANCEL: gettext("The shop did not agree to cancel"),
        Deed.REFUND_PART: gettext("A part was refunded"),
        Deed.COMPENSATE: gettext("A voucher for the wait"),
    }[deed]
    who = {"buyer": gettext("You"), "shop": gettext("The shop"), "market": gettext("The market")}.get(actor, actor)
    return Entry(text=words, at=at, note=f"{who}{f': {reason}' if reason else ''}")


def _moment(at: datetime | None, zone: tzinfo) -> str:
    return "" if at is None else formats.short_date_time(at, zone)


def _hide(phone: str) -> str:
    own = phone.removeprefix("+86")
    return own if len(own) < 8 else f"{own[:-8]} •••• {own[-4:]}"
