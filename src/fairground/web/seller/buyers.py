"""Buyers of received orders, in a shop's rooms: the shop says what they were like."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.market.accounts.queries import map_people
from fairground.market.orders.model import OrderId
from fairground.market.orders.queries.orders import map_orders
from fairground.market.reviews.actions.rating import rate_buyer
from fairground.market.reviews.model import ReviewRules, Standing, ToRate, Verdict, Whose, shorten_name
from fairground.market.reviews.policy import may_answer
from fairground.market.reviews.queries import list_to_rate, map_standings
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.standing import StandingView, standing_view
from fairground.web.told import Told, tell_fields

VERDICTS: Final = {"1": Verdict.GOOD, "0": Verdict.NEUTRAL, "-1": Verdict.BAD}


class BuyerRow(msgspec.Struct, frozen=True):
    """A buyer to rate; `ends_at` is when the window ends, `wrote` whether they have reviewed."""

    order_id: OrderId
    number: str
    name: str
    standing: StandingView
    ends_at: datetime
    wrote: bool


class BuyersView(msgspec.Struct, frozen=True):
    """Whom the shop may rate, those that end first; `tabs` is `[(href, label, count, current)]`."""

    rows: list[BuyerRow]
    tabs: list[tuple[str, str, int | None, bool]]
    href: str
    next_href: str | None
    rules: ReviewRules


class RatingForm(msgspec.Struct):
    """What the shop says."""

    verdict: str = ""
    words: str = ""


@get("/seller/{slug:str}/reviews/buyers", include_in_schema=False)
async def show_buyers(
    request: AnyRequest,
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show the buyers of received orders of whom the shop has said nothing yet."""
    return await _page(request, caller, db, slug, after=after)


async def _page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    slug: str,
    *,
    after: str | None = None,
    errors: Told | None = None,
    values: dict[str, str] | None = None,
) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[Room, BuyersView]:
        room = await enter_room(reader, caller, slug, may_answer)
        return room, await _look(reader, room, after)

    room, view = await db.read(look)
    more: dict[str, Any] = {"view": view, "errors": errors or Told(), "values": values or {}}
    title = gettext("Buyers to rate")
    return seller_page(request, "reviews/buyers", room, title=title, status=422 if errors else 200, **more)


async def _look(reader: Reader, room: Room, after: str | None) -> BuyersView:
    found = await list_to_rate(reader, room.shop.id, after=after)
    people = [Id(one.buyer_id) for one in found.items]
    names = {Id(i): shorten_name(card.name) for i, card in (await map_people(reader, people)).items()}
    standings = await map_standings(reader, Whose.BUYER, people)
    orders = await map_orders(reader, [OrderId(one.order_id) for one in found.items])
    rules, href = reader.given(ReviewRules), f"{room.home}/reviews"

    def row(one: ToRate) -> BuyerRow:
        order_id = OrderId(one.order_id)
        standing = standing_view(standings.get(one.buyer_id, Standing()), rules)
        name = names.get(one.buyer_id) or gettext("Closed account")
        return BuyerRow(order_id, orders[order_id].shown_number, name, standing, one.ends_at, one.buyer_wrote)

    tabs: list[tuple[str, str, int | None, bool]] = [
        (href, gettext("Waiting for your answer"), None, False),
        (f"{href}?shows=all", gettext("All"), None, False),
        (f"{href}/buyers", gettext("Buyers to rate"), None, True),
    ]
    next_href = f"{href}/buyers?after={found.next}" if found.next else None
    return BuyersView([row(one) for one in found.items], tabs, f"{href}/buyers", next_href, rules)


@post("/seller/{slug:str}/reviews/buyers/{order_id:str}", include_in_schema=False)
async def rate(
    request: AnyRequest,
    slug: FromPath[str],
    order_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Say what the buyer of an order was like."""
    wanted, form = an_id(OrderId, order_id), await read_form(request, RatingForm)
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_answer))
    verdict = VERDICTS.get(form.verdict)
    if verdict is None:
        told = Told({f"verdict-{wanted}": gettext("Please choose one.")})
        return await _page(request, caller, db, slug, errors=told, values={f"words-{wanted}": form.words})
    try:
        await db.write(caller.actor, lambda tx: rate_buyer(tx, room.shop.id, wanted, verdict, form.words))
    except Invalid as trouble:
        told = Told({f"words-{wanted}": words for _, words in tell_fields(trouble).all})
        return await _page(request, caller, db, slug, errors=told, values={f"words-{wanted}": form.words})
    say = gettext("Noted. Both of you see what the other wrote once both have, or when the time is over.")
    return go(request, f"{room.home}/reviews/buyers", say=say)


HANDLERS = (show_buyers, rate)
