"""Drops and their waiting rooms, by API."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.place import Place as Market
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.actions.drops import announce_drop, cancel_drop, change_drop, enter_drop, plan_drop
from fairground.market.promotions.line import Line, Place
from fairground.market.promotions.model import DropDraft, DropFace, DropId, DropState, GoodsWish
from fairground.market.promotions.queries.drops import list_coming_drops
from fairground.market.shops.model import ShopCard
from fairground.market.shops.policy import may_manage_goods
from fairground.market.shops.queries import get_shop_for, map_shops

SHOWN_MOST: Final = 100


class DropGoodsBody(msgspec.Struct):
    """One variant that a drop sells: at this price, so many pieces, so many for one person."""

    variant_id: Id
    price: Money
    quota: int
    per_person: int = 1


class NewDrop(msgspec.Struct):
    """A drop of a shop. With `has_room` people wait in a room and are let in at `per_minute`, after a first `burst`."""

    title: str
    starts_at: datetime
    ends_at: datetime
    goods: list[DropGoodsBody]
    words: str = ""
    has_room: bool = False
    per_minute: int | None = None
    burst: int | None = None


class DropGoodsView(msgspec.Struct):
    """One variant of a drop, and how many pieces can still be had."""

    variant_id: Id
    product_id: Id
    price: Money
    quota: int
    per_person: int
    left: int


class DropView(msgspec.Struct):
    """A drop; `in_line` people wait in its room or did, `now` is the market's clock, for countdowns."""

    id: DropId
    shop: str | None
    title: str
    words: str
    language: str
    state: DropState
    starts_at: datetime
    ends_at: datetime
    goods: list[DropGoodsView]
    has_room: bool
    per_minute: int
    burst: int
    pay_minutes: int
    in_line: int
    now: datetime


class DropList(msgspec.Struct):
    """The drops that are open or announced, what begins first first."""

    items: list[DropView]
    now: datetime


class StandingView(msgspec.Struct):
    """Where a ticket stands: `position` people are before it (null until the shuffle is drawn at the opening).

    `admitted_at` is when its turn comes or came; `poll_after` in seconds.
    """

    position: int | None
    admitted: bool
    admitted_at: datetime | None
    poll_after: int


class TicketView(msgspec.Struct):
    """A ticket: goes with the checkout as `tickets: {drop_id: ticket}`."""

    ticket: str
    standing: StandingView


@get("/api/v1/drops", tags=["Drops"])
async def show_drops(db: NamedDependency[Database], line: NamedDependency[Line]) -> DropList:
    """List the drops that are open or announced, from memory."""
    now, board = db.clock.now(), line.board
    if board.knows(now):
        live = [face for face in board.faces() if face.drop.ends_at > now]
        return DropList([_view(face, _slug(board.shop(face.drop.shop_id)), now) for face in live[:SHOWN_MOST]], now)

    async def look(reader: Reader) -> DropList:
        return DropList(await _views(reader, await list_coming_drops(reader, SHOWN_MOST)), reader.now)

    return await db.read(look)


@get("/api/v1/drops/{drop_id:str}", tags=["Drops"])
async def show_drop(drop_id: FromPath[str], db: NamedDependency[Database], line: NamedDependency[Line]) -> DropView:
    """Show an announced drop, with what is left of its goods; one that lives from memory."""
    face = await line.face(an_id(DropId, drop_id))
    shop = line.board.shop(face.drop.shop_id)
    if shop is not None:
        return _view(face, shop.slug, db.clock.now())
    return (await db.read(lambda reader: _views(reader, [face])))[0]


@post("/api/v1/shops/{slug:str}/drops", tags=["Drops"])
async def plan(
    slug: FromPath[str], data: JSONBody[NewDrop], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> DropView:
    """Plan a drop; nobody but the shop sees it until it is announced."""
    person_id = caller.need_person()

    async def deed(tx: Tx) -> DropView:
        shop = await get_shop_for(tx, slug, person_id, may_manage_goods)
        draft = draft_of(data, tx.given(Market).currency, caller.language)
        return (await _views(tx, [await plan_drop(tx, shop.id, draft)]))[0]

    return await db.write(caller.actor, deed)


@patch("/api/v1/drops/{drop_id:str}", tags=["Drops"])
async def change(
    drop_id: FromPath[str], data: JSONBody[NewDrop], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> DropView:
    """Write a planned drop down anew, all of it."""
    caller.need_person()
    wanted = an_id(DropId, drop_id)

    async def deed(tx: Tx) -> DropView:
        await enter_drop(tx, wanted)  # a stranger is not told what is wrong with a body
        draft = draft_of(data, tx.given(Market).currency, caller.language)
        return (await _views(tx, [await change_drop(tx, wanted, draft)]))[0]

    return await db.write(caller.actor, deed)


@post("/api/v1/drops/{drop_id:str}/announcement", tags=["Drops"])
async def announce(drop_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> DropView:
    """Announce a drop: its terms stand from here on."""
    caller.need_person()
    wanted = an_id(DropId, drop_id)

    async def deed(tx: Tx) -> DropView:
        return (await _views(tx, [await announce_drop(tx, wanted)]))[0]

    return await db.write(caller.actor, deed)


@post("/api/v1/drops/{drop_id:str}/cancellation", tags=["Drops"])
async def cancel(drop_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> DropView:
    """Cancel a drop before it begins, or stop it while it is open; what was ordered stands."""
    caller.need_person()
    wanted = an_id(DropId, drop_id)

    async def deed(tx: Tx) -> DropView:
        return (await _views(tx, [await cancel_drop(tx, wanted)]))[0]

    return await db.write(caller.actor, deed)


@post("/api/v1/drops/{drop_id:str}/tickets", tags=["Drops"])
async def join(drop_id: FromPath[str], caller: NamedDependency[Caller], line: NamedDependency[Line]) -> TicketView:
    """Join the waiting room of a drop: one ticket for each account; who has one gets it again."""
    person_id = PersonId(caller.need_person())
    return _ticket_view(await line.join(an_id(DropId, drop_id), person_id, caller.address))


@get("/api/v1/drops/{drop_id:str}/tickets/current", tags=["Drops"])
async def look(drop_id: FromPath[str], line: NamedDependency[Line], ticket: FromQuery[str] = "") -> TicketView:
    """Tell where a ticket stands. The ticket says enough: no session is needed, and none is looked for."""
    return _ticket_view(await line.look(an_id(DropId, drop_id), ticket))


def draft_of(wish: NewDrop, currency: str, language: str) -> DropDraft:
    """Read a body into a draft.

    Raises:
        Invalid: an amount in another currency, a moment without its zone.
    """
    findings = Findings()
    text = N_("The market's currency is %(currency)s.")
    for place, goods in enumerate(wish.goods):
        pointer = f"/goods/{place}/price/currency"
        findings.check(goods.price.currency == currency, pointer, "currency", text, currency=currency)
    for name in ("starts_at", "ends_at"):
        moment: datetime = getattr(wish, name)
        findings.check(moment.tzinfo is not None, f"/{name}", "zone", N_("A moment with its time zone, please."))
    findings.raise_any()
    return DropDraft(
        title=wish.title,
        words=wish.words,
        language=language,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        goods=tuple(GoodsWish(g.variant_id, g.price.amount, g.quota, g.per_person) for g in wish.goods),
        has_room=wish.has_room,
        per_minute=wish.per_minute,
        burst=wish.burst,
    )


def _slug(shop: ShopCard | None) -> str | None:
    return None if shop is None else shop.slug


async def _views(reader: Reader, faces: list[DropFace]) -> list[DropView]:
    shops = await map_shops(reader, {face.drop.shop_id for face in faces}) if faces else {}
    slugs: dict[Id, str] = {shop_id: shop.slug for shop_id, shop in shops.items()}
    return [_view(face, slugs.get(face.drop.shop_id), reader.now) for face in faces]


def _view(face: DropFace, slug: str | None, now: datetime) -> DropView:
    drop, fields = face.drop, ("title", "words", "language", "starts_at", "ends_at", "has_room", "per_minute", "burst")
    same: dict[str, Any] = {name: getattr(drop, name) for name in fields}
    return DropView(
        id=drop.id,
        shop=slug,
        state=drop.state_at(now),
        goods=[
            DropGoodsView(g.variant_id, g.product_id, Money(g.price, g.currency), g.quota, g.per_person, g.left)
            for g in face.goods
        ],
        pay_minutes=drop.pay_minutes,
        in_line=0 if face.room is None else face.room.in_line,
        now=now,
        **same,
    )


def _ticket_view(place: Place) -> TicketView:
    found = place.standing
    return TicketView(
        place.ticket, StandingView(found.position, found.admitted, found.admitted_at, found.poll_after_seconds)
    )


HANDLERS: Final = (show_drops, show_drop, plan, change, announce, cancel, join, look)
