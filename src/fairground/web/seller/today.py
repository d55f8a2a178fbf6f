"""The first room of a shop: what waits with its clock, the money that comes, the last seven days."""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from babel.dates import format_date
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, language, ngettext, say
from fairground.kit.money import Money
from fairground.kit.place import Place
from fairground.market.catalog.model import Offer, VariantId
from fairground.market.catalog.queries.products import map_offers
from fairground.market.inventory.model import Stock
from fairground.market.inventory.queries import list_low_stock
from fairground.market.ledger.model import AccountKind, owned_account
from fairground.market.ledger.queries import balance
from fairground.market.orders.model import OrderRules
from fairground.market.orders.queries.shop_figures import Coming, SoldDay, Waiting, list_sold_days, sum_open_orders
from fairground.market.orders.queries.shop_orders import list_orders_of_shop
from fairground.market.reviews.queries import count_unanswered
from fairground.market.shops.model import ShopState
from fairground.market.shops.policy import may_count_stock, may_manage_goods, may_move_money, may_see_money, may_ship
from fairground.web.cards import Bar, Todo
from fairground.web.seller.first_steps import list_first_steps
from fairground.web.seller.frame import AnyRequest, Room, enter_room, may_see_orders, seller_page, shown_sections
from fairground.web.seller.money.pages import parts_of
from fairground.web.seller.orders.rows import URGENT, Row, moment_words, row_of

DAYS: Final = 7
RECENT: Final = 5
LOW_MOST: Final = 20


class WeekView(msgspec.Struct, frozen=True):
    """The last seven days, today last."""

    bars: list[Bar]
    words: str
    today: Money
    orders: int
    mean: Money | None


class MoneyView(msgspec.Struct, frozen=True):
    """What comes, by when, and what is there."""

    coming: Money
    parts: list[Bar]
    available: Money
    may_move: bool


class TodayView(msgspec.Struct, frozen=True):
    """The first page of a shop; what a role may not see is None."""

    day: str
    todos: list[Todo]
    money: MoneyView | None
    week: WeekView | None
    recent: list[Row] | None
    home: str
    slug: str
    notice: tuple[str, str] | None  # kind, words about the shop's state


class _Seen(msgspec.Struct, frozen=True):
    """What was read for the page."""

    room: Room
    waiting: Waiting
    coming: Coming
    recent: list[Any]
    now: datetime
    days: list[SoldDay] = []
    available: Money | None = None
    low: list[Stock] = []
    offers: dict[VariantId, Offer] = {}
    unanswered: int = 0
    steps: list[Todo] | None = None  # of a shop that has sold nothing yet: figures would all be nothing


@get("/seller/{slug:str}", include_in_schema=False)
async def show_today(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show what needs doing today."""
    currency = db.given(Place).currency
    seen = await db.read(lambda reader: _look(reader, slug, caller, currency))
    room, rules = seen.room, db.given(OrderRules)
    rooms = {href for href, *_ in shown_sections(request, room)}
    todos = _todos(seen, rooms, rules, caller)
    view = TodayView(
        day=_day(seen),
        todos=todos,
        money=_money(seen) if seen.available is not None else None,
        week=_week(seen) if seen.days and (may_see_money(room.role) or may_manage_goods(room.role)) else None,
        recent=[row_of(order, room.home, seen.now, room.zone) for order in seen.recent]
        if may_see_orders(room.role)
        else None,
        home=room.home,
        slug=room.shop.slug,
        notice=_notice(room),
    )
    title = _greeting(caller.name, seen, len(todos))
    return seller_page(request, "today/page", room, title=title, view=view)


async def _look(reader: Reader, slug: str, caller: Caller, currency: str) -> _Seen:
    room = await enter_room(reader, caller, slug)
    shop, role = room.shop, room.role
    figures = await sum_open_orders(reader, shop.id, currency)
    recent = (await list_orders_of_shop(reader, shop.id, limit=RECENT)).items if may_see_orders(role) else []
    seen = _Seen(room=room, waiting=figures.waiting, coming=figures.coming, recent=recent, now=reader.now)
    if may_see_orders(role) and not recent:
        return msgspec.structs.replace(seen, steps=await list_first_steps(reader, room))
    low = (await list_low_stock(reader, shop.id, limit=LOW_MOST)).items if may_count_stock(role) else []
    account = owned_account(AccountKind.SHOP, shop.id, currency)
    return msgspec.structs.replace(
        seen,
        days=await list_sold_days(reader, shop.id, currency, shop.time_zone, 2 * DAYS),
        available=await balance(reader, account) if may_see_money(role) else None,
        low=low,
        offers=await map_offers(reader, [VariantId(s.variant_id) for s in low]),
        unanswered=await count_unanswered(reader, shop.id) if may_manage_goods(role) else 0,
    )


def _day(seen: _Seen) -> str:
    here = seen.now.astimezone(seen.room.zone)
    pattern = "M 月 d 日，EEEE" if language() == "zh-CN" else "EEEE, d MMMM"
    return format_date(here, pattern, locale=formats.here())


def _greeting(name: str, seen: _Seen, todos: int) -> str:
    hour = seen.now.astimezone(seen.room.zone).hour
    if hour < 5 or hour >= 18:
        hello = say("Good evening, %(name)s.", {"name": name})
    elif hour < 12:
        hello = say("Good morning, %(name)s.", {"name": name})
    else:
        hello = say("Good afternoon, %(name)s.", {"name": name})
    if todos:
        things = ngettext("One thing today.", "%(count)d things today.", todos) % {"count": todos}
    else:
        things = gettext("Nothing waits today.")
    return f"{hello} {things}" if language() == "en" else hello + things


def _notice(room: Room) -> tuple[str, str] | None:
    shop = room.shop
    words = {
        ShopState.PENDING: (
            "info",
            gettext("The market looks at your shop before it opens. You can set out your goods."),
        ),
        ShopState.HOLIDAY: ("info", gettext("Your shop is on holiday: people can look, and buy when you are back.")),
        ShopState.SUSPENDED: ("bad", say("Your shop is suspended: %(reason)s", {"reason": shop.state_reason})),
        ShopState.CLOSED: ("info", gettext("This shop is closed for good.")),
    }
    return words.get(shop.state)


def _todos(seen: _Seen, rooms: set[str], rules: OrderRules, caller: Caller) -> list[Todo]:
    """List what waits, the most pressing first; only what this role can do in rooms that are there."""
    home = seen.room.home
    todos: list[Todo] = list(seen.steps or [])
    if f"{home}/orders" in rooms and may_ship(seen.room.role):
        todos += [*_cancellations(seen, rules), *_shipping(seen)]
    if f"{home}/reviews" in rooms and seen.unanswered:
        todos.append(_reviews(seen))
    if f"{home}/goods" in rooms and seen.low:
        todos.append(_low_stock(seen))
    if may_move_money(seen.room.role) and not caller.is_verified:
        todos.append(
            Todo(
                icon="mail",
                title=gettext("Confirm your e-mail address"),
                text=gettext("You can sell meanwhile; only payouts wait for it."),
                href="/account",
                action=gettext("To my account"),
            )
        )
    return todos


def _cancellations(seen: _Seen, rules: OrderRules) -> list[Todo]:
    waiting = seen.waiting
    if not waiting.cancellations or waiting.asked_at is None:
        return []
    due = waiting.asked_at + timedelta(hours=rules.cancel_silence_hours)
    title = ngettext("A buyer wants to cancel", "%(count)d buyers want to cancel", waiting.cancellations)
    return [
        Todo(
            icon="undo-2",
            title=title % {"count": waiting.cancellations},
            text=gettext("Without an answer it counts as a yes, and the money goes back."),
            due=moment_words(due, seen.now, seen.room.zone),
            href=f"{seen.room.home}/orders?state=paid",
            action=gettext("Answer"),
            mind=True,
        )
    ]


def _shipping(seen: _Seen) -> list[Todo]:
    waiting = seen.waiting
    if not waiting.to_ship or waiting.ship_by is None:
        return []
    title = ngettext("An order waits to be shipped", "%(count)d orders wait to be shipped", waiting.to_ship)
    if waiting.late:
        text = ngettext("One is past its promise.", "%(count)d are past their promise.", waiting.late)
        text = text % {"count": waiting.late}
    else:
        text = say("The first is for %(name)s.", {"name": waiting.first_recipient})
    return [
        Todo(
            icon="package",
            title=title % {"count": waiting.to_ship},
            text=text,
            due=moment_words(waiting.ship_by, seen.now, seen.room.zone),
            href=f"{seen.room.home}/orders?state=paid",
            action=gettext("Pack"),
            mind=waiting.ship_by - seen.now < URGENT,
            main=True,
        )
    ]


def _reviews(seen: _Seen) -> Todo:
    title = ngettext("A review without an answer", "%(count)d reviews without an answer", seen.unanswered)
    return Todo(
        icon="star",
        title=title % {"count": seen.unanswered},
        text=gettext("A few words from you are read by everybody who thinks about buying."),
        href=f"{seen.room.home}/reviews",
        action=gettext("Answer"),
    )


def _low_stock(seen: _Seen) -> Todo:
    first = seen.low[0]
    offer = seen.offers.get(VariantId(first.variant_id))
    name = offer.title if offer else gettext("Something")
    if len(seen.low) == 1 and first.on_hand:
        title = say("“%(name)s” is nearly sold out", {"name": name})
    elif len(seen.low) == 1:
        title = say("“%(name)s” is sold out", {"name": name})
    else:
        many = f"{len(seen.low)}{'+' if len(seen.low) == LOW_MOST else ''}"
        title = say("%(count)s kinds are nearly or wholly sold out", {"count": many})
    left = ngettext("%(count)d piece left", "%(count)d pieces left", first.on_hand or 0) % {"count": first.on_hand or 0}
    if len(seen.low) == 1:
        text = left
    elif first.on_hand:
        text = say("The scarcest: “%(name)s”, %(left)s.", {"name": name, "left": left})
    else:
        text = say("“%(name)s” is sold out", {"name": name})
    return Todo(
        icon="tag", title=title, text=text, href=f"{seen.room.home}/goods/stock?low=1", action=gettext("Restock")
    )


def _money(seen: _Seen) -> MoneyView:
    coming = seen.coming
    assert seen.available is not None, "read for those who may see money"
    return MoneyView(coming.proceeds, parts_of(coming), seen.available, may_move_money(seen.room.role))


def _week(seen: _Seen) -> WeekView:
    before, week = seen.days[:DAYS], seen.days[DAYS:]
    currency = seen.coming.held.currency
    sold, earlier = (sum(day.total.amount for day in part) for part in (week, before))
    orders = sum(day.orders for day in week)
    form = "ccccc" if language() == "zh-CN" else "ccc"
    bars = [
        Bar(
            label=gettext("Today") if at == DAYS - 1 else format_date(day.day, form, locale=formats.here()),
            value=day.total.amount,
            text=formats.number(int(day.total.major)) if day.total.amount else "",
            now=at == DAYS - 1,
        )
        for at, day in enumerate(week)
    ]
    words = say("Sold %(amount)s", {"amount": formats.money(Money(sold, currency))})
    if earlier:
        change = round((sold - earlier) * 100 / earlier) * 100
        told = {"sold": words, "percent": formats.percent(abs(change))}
        if change >= 0:
            words = say("%(sold)s, %(percent)s more than the seven days before", told)
        else:
            words = say("%(sold)s, %(percent)s less than the seven days before", told)
    mean = Money(sold // orders, currency) if orders else None
    return WeekView(bars, words, week[-1].total, orders, mean)


HANDLERS: list[Any] = [show_today]
