"""A shop's money at a glance, its statement and its payouts."""

import secrets
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, Conflict, Invalid, NotAllowed, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.http.problems import status_of
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext
from fairground.kit.idempotency import check_key, fingerprint, once
from fairground.kit.money import Money, parse_major
from fairground.kit.place import Place
from fairground.market.orders.model import WaysToPay
from fairground.market.orders.queries.shop_figures import Coming, sum_open_orders
from fairground.market.payments.actions import request_payout
from fairground.market.payments.model import Destination, PaymentRules, Payout, PayoutFigures, PayoutId, PayoutState
from fairground.market.payments.queries import (
    get_payout,
    list_destinations,
    list_payout_lines,
    list_payouts,
    map_destinations,
    payout_figures,
)
from fairground.market.shops.errors import RoleTooSmall
from fairground.market.shops.policy import may_move_money, may_see_money
from fairground.market.shops.queries import get_shop_for
from fairground.web.cards import Bar
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.seller.money.statement import Statement, StatementLine, lines_of, read_statement, write_csv
from fairground.web.told import Told, tell_fields

RECENT: Final = 5
LINES_MOST: Final = 20_000  # lines of one CSV


class PayoutForm(msgspec.Struct):
    """How much, in units of the currency."""

    amount: str = ""
    idempotency_key: str = ""


class PayoutRow(msgspec.Struct, frozen=True):
    """One payout in a list."""

    id: str
    href: str
    money: Money
    badge: tuple[str, str]
    at: Any
    hint: str
    words: str  # why it came back


class OverviewView(msgspec.Struct, frozen=True, kw_only=True):
    """Where the shop's money is, and the way to the bank."""

    coming: Coming
    parts: list[Bar]
    figures: PayoutFigures
    destination: Destination | None
    waiting: Destination | None
    payouts: list[PayoutRow]
    may_move: bool
    verified: bool
    least: Money
    symbol: str
    key: str
    amount: str
    errors: Told = Told()


class PayoutView(msgspec.Struct, frozen=True):
    """One payout with the lines since the one before."""

    row: PayoutRow
    payout: Payout
    lines: list[StatementLine]


@get("/seller/{slug:str}/money", include_in_schema=False)
async def show_money(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show what is held, what is there, what is under way and what was paid out."""
    return await _overview(request, db, caller, slug)


async def _overview(
    request: AnyRequest,
    db: Database,
    caller: Caller,
    slug: str,
    form: PayoutForm | None = None,
    told: Told | None = None,
    status: int = 200,
) -> Response[bytes]:
    currency = db.given(Place).currency

    async def look(reader: Reader) -> tuple[Room, Coming, PayoutFigures, list[Destination], list[Payout]]:
        room = await enter_room(reader, caller, slug, may_see_money)
        return (
            room,
            (await sum_open_orders(reader, room.shop.id, currency)).coming,
            await payout_figures(reader, room.shop.id, currency),
            await list_destinations(reader, room.shop.id),
            (await list_payouts(reader, room.shop.id, limit=RECENT)).items,
        )

    room, coming, figures, places, payouts = await db.read(look)
    current = next((one for one in places if one.valid_from <= room.now), None)
    known = {one.id: one for one in places}
    view = OverviewView(
        coming=coming,
        parts=parts_of(coming),
        figures=figures,
        destination=current,
        waiting=next((one for one in places if one.valid_from > room.now), None),
        payouts=[_row(one, room, known.get(one.destination_id)) for one in payouts],
        may_move=may_move_money(room.role),
        verified=caller.is_verified,
        least=Money(db.given(PaymentRules).payout_least_amount, currency),
        symbol=formats.money_parts(figures.available).symbol,
        key=(form.idempotency_key if form else "") or secrets.token_urlsafe(16),
        amount=form.amount if form else str(figures.available.major),
        errors=told or Told(),
    )
    return seller_page(request, "money/page", room, title=gettext("Money"), status=status, view=view)


def parts_of(coming: Coming) -> list[Bar]:
    """Draw what comes by when; what is nothing is left out."""
    named = (
        (gettext("Within seven days"), coming.soon, "tea"),
        (gettext("Later, on its way"), coming.later, "tea-2"),
        (gettext("When you have shipped"), coming.unshipped, "ink"),
        (gettext("Stopped while you talk"), coming.stopped, "amber"),
    )
    return [
        Bar(label=label, value=money.amount, text=formats.money(money), kind=kind)  # type: ignore[arg-type]
        for label, money, kind in named
        if money.amount
    ]


@post("/seller/{slug:str}/money/payouts", include_in_schema=False)
async def create_payout(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Send money to the shop's bank account, once however often the form is sent."""
    person_id, form = caller.need_person(), await read_form(request, PayoutForm)

    async def ask(tx: Tx) -> None:
        shop = await get_shop_for(tx, slug, person_id, may_move_money)
        money, key = _wish(form.amount, tx.given(Place).currency), check_key(form.idempotency_key or None)

        async def deed() -> tuple[int, Any]:
            gateway = tx.given(WaysToPay).default
            payout = await request_payout(tx, shop.id, money, gateway=gateway, is_verified=caller.is_verified)
            return 201, {"id": payout.id}

        await once(tx, person_id, key, fingerprint("page payout", str(shop.id), money), deed)

    try:
        await db.write(caller.actor, ask)
    except RoleTooSmall:
        raise
    except (Invalid, Conflict, NotAllowed) as trouble:
        return await _overview(request, db, caller, slug, form, tell_fields(trouble, "amount"), status_of(trouble))
    return go(request, f"/seller/{slug}/money/payouts", say=gettext("The money is on its way to your bank."))


def _wish(text: str, currency: str) -> Money:
    money = parse_major(text, currency)
    if money is None or money.amount <= 0:
        raise invalid("/amount", "range", N_("An amount above zero, please."))
    return money


@get("/seller/{slug:str}/money/statement", include_in_schema=False)
async def show_statement(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show what came in and went out, order by order."""
    after, currency = request.query_params.get("after"), db.given(Place).currency

    async def look(reader: Reader) -> tuple[Room, Statement]:
        room = await enter_room(reader, caller, slug, may_see_money)
        return room, await read_statement(reader, room.shop.id, currency, room.home, after)

    room, view = await db.read(look)
    following = f"{room.home}/money/statement?{urlencode({'after': view.next})}" if view.next else None
    title = gettext("Statement")
    return seller_page(request, "money/statement", room, title=title, view=view, next_href=following)


@get("/seller/{slug:str}/money/statement/csv", include_in_schema=False)
async def give_statement(
    slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Give the statement as a CSV file, the newest first."""
    currency = db.given(Place).currency

    async def look(reader: Reader) -> list[StatementLine]:
        room = await enter_room(reader, caller, slug, may_see_money)
        lines: list[StatementLine] = []
        after: str | None = None
        while len(lines) < LINES_MOST:
            page = await read_statement(reader, room.shop.id, currency, room.home, after)
            lines += page.lines
            after = page.next
            if after is None:
                break
        return lines

    return _csv(await db.read(look), f"{slug.lower()}-statement.csv")


def _csv(lines: list[StatementLine], name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return Response(write_csv(lines), media_type="text/csv; charset=utf-8", headers=headers)


@get("/seller/{slug:str}/money/payouts", include_in_schema=False)
async def show_payouts(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """List payouts, the newest first."""
    after = request.query_params.get("after")

    async def look(reader: Reader) -> tuple[Room, list[PayoutRow], str | None]:
        room = await enter_room(reader, caller, slug, may_see_money)
        page = await list_payouts(reader, room.shop.id, after)
        places = await map_destinations(reader, [one.destination_id for one in page.items])
        return room, [_row(one, room, places.get(one.destination_id)) for one in page.items], page.next

    room, rows, cursor = await db.read(look)
    following = f"{room.home}/money/payouts?{urlencode({'after': cursor})}" if cursor else None
    return seller_page(request, "money/payouts", room, title=gettext("Payouts"), view=rows, next_href=following)


async def _payout(reader: Reader, caller: Caller, slug: str, payout_id: PayoutId) -> tuple[Room, PayoutView]:
    room = await enter_room(reader, caller, slug, may_see_money)
    payout = await get_payout(reader, payout_id, room.shop.id)
    places = await map_destinations(reader, [payout.destination_id])
    entries = await list_payout_lines(reader, payout)
    lines = await lines_of(reader, room.shop.id, entries, room.home)
    return room, PayoutView(_row(payout, room, places.get(payout.destination_id)), payout, lines)


@get("/seller/{slug:str}/money/payouts/{payout_id:str}", include_in_schema=False)
async def show_payout(
    request: AnyRequest,
    slug: FromPath[str],
    payout_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Show a payout and the lines since the one before."""
    wanted = an_id(PayoutId, payout_id)
    room, view = await db.read(lambda reader: _payout(reader, caller, slug, wanted))
    return seller_page(request, "money/payout", room, title=gettext("Payout"), view=view)


@get("/seller/{slug:str}/money/payouts/{payout_id:str}/csv", include_in_schema=False)
async def give_payout(
    slug: FromPath[str], payout_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Give the lines of a payout as a CSV file."""
    wanted = an_id(PayoutId, payout_id)
    _, view = await db.read(lambda reader: _payout(reader, caller, slug, wanted))
    return _csv(view.lines, f"{slug.lower()}-payout-{int(wanted)}.csv")


def _row(payout: Payout, room: Room, destination: Destination | None) -> PayoutRow:
    badge = {
        PayoutState.REQUESTED: ("", gettext("Asked for")),
        PayoutState.SENT: ("mind", gettext("On its way")),
        PayoutState.PAID: ("ok", gettext("Arrived")),
        PayoutState.BOUNCED: ("bad", gettext("Came back")),
    }[payout.state]
    return PayoutRow(
        str(int(payout.id)),
        f"{room.home}/money/payouts/{int(payout.id)}",
        payout.money,
        badge,
        payout.requested_at,
        destination.hint if destination else "",
        payout.error or "" if payout.state is PayoutState.BOUNCED else "",
    )


HANDLERS: Final[list[Any]] = [
    show_money,
    create_payout,
    show_statement,
    give_statement,
    show_payouts,
    show_payout,
    give_payout,
]
