"""Complaints in a shop's rooms: the answer, an appeal; where the shop stands on the ladder, and the way back."""

from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, Invalid, NotFound
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.storage import Storage
from fairground.market.justice.actions.complaint_rulings import appeal_complaint
from fairground.market.justice.actions.complaints import counter_notice
from fairground.market.justice.model.complaints import ComplaintId, ComplaintRules, ComplaintSide
from fairground.market.justice.model.ladder import Fade, Standing, Step, way_back
from fairground.market.justice.queries.complaints import (
    count_to_answer,
    get_complaint,
    list_complaints_of_shop,
    list_proofs,
)
from fairground.market.justice.queries.ladder import get_standing, list_strikes
from fairground.market.media.actions import add_picture
from fairground.market.shops.policy import may_manage_goods
from fairground.market.shops.queries import map_shops
from fairground.web.complaint_words import ComplaintView, complaint_view, store_proofs
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.told import Told, tell_fields

STEPS: Final = {
    Step.NONE: N_("No complaint stands against your shop."),
    Step.WARNING: N_("A warning: nothing changes for now."),
    Step.LIMITS: N_("The desk looks at each new or changed listing before it goes on sale."),
    Step.EXPOSURE: N_("The desk looks at each new listing first, and your things stand further below in search."),
    Step.SUSPENSION: N_("Your shop sells nothing for a while."),
}


class ComplaintsView(msgspec.Struct, frozen=True):
    """What is said against the shop, and where it stands."""

    complaints: list[ComplaintView]
    standing: Standing
    step: str
    fades: list[tuple[Fade, str]]
    rules: ComplaintRules
    href: str
    next_href: str | None


class OneView(msgspec.Struct, frozen=True):
    """One complaint."""

    one: ComplaintView
    rules: ComplaintRules
    href: str


class WordsForm(msgspec.Struct):
    """The shop's words."""

    words: str = ""


@get("/seller/{slug:str}/complaints", include_in_schema=False)
async def show_complaints(
    request: AnyRequest,
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show the complaints about a shop, and where it stands."""

    async def look(reader: Reader) -> tuple[Room, ComplaintsView, int]:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        view = await _look(reader, room, after)
        return room, view, await count_to_answer(reader, room.shop.id)

    room, view, waiting = await db.read(look)
    title, counts = gettext("Complaints about rights"), {"/complaints": waiting}
    return seller_page(request, "complaints/page", room, title=title, counts=counts, view=view)


async def _look(reader: Reader, room: Room, after: str | None) -> ComplaintsView:
    rules, href, shop_id = reader.given(ComplaintRules), f"{room.home}/complaints", room.shop.id
    found = await list_complaints_of_shop(reader, shop_id, after=after)
    shops = await map_shops(reader, [shop_id])
    standing, strikes = await get_standing(reader, shop_id), await list_strikes(reader, shop_id)
    fades = way_back(strikes, rules, reader.now, standing.served_points)
    return ComplaintsView(
        [complaint_view(one, shops[shop_id], ComplaintSide.SHOP, reader.now) for one in found.items],
        standing,
        gettext(STEPS[standing.step]),
        [(fade, gettext(STEPS[fade.step])) for fade in fades],
        rules,
        href,
        f"{href}?after={found.next}" if found.next else None,
    )


@get("/seller/{slug:str}/complaints/{complaint_id:str}", include_in_schema=False)
async def show_complaint(
    request: AnyRequest,
    slug: FromPath[str],
    complaint_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Show one complaint with the form for the answer."""
    return await _page(request, caller, db, slug, an_id(ComplaintId, complaint_id), Told(), "")


async def _page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    slug: str,
    complaint_id: ComplaintId,
    errors: Told,
    words: str,
) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[Room, OneView]:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        complaint = await get_complaint(reader, complaint_id, shop_id=room.shop.id)
        shops = await map_shops(reader, [room.shop.id])
        proofs = await list_proofs(reader, complaint_id)
        view = complaint_view(complaint, shops[room.shop.id], ComplaintSide.SHOP, reader.now, proofs)
        return room, OneView(view, reader.given(ComplaintRules), f"{room.home}/complaints/{complaint_id}")

    room, view = await db.read(look)
    title, status = gettext("A complaint about your listing"), 422 if errors.all else 200
    return seller_page(
        request, "complaints/one", room, title=title, status=status, view=view, errors=errors, words=words
    )


@post("/seller/{slug:str}/complaints/{complaint_id:str}/{deed:str}", include_in_schema=False)
async def answer_complaint(
    request: AnyRequest,
    slug: FromPath[str],
    complaint_id: FromPath[str],
    deed: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Answer a complaint (`counter`), or appeal against the decision (`appeal`)."""
    wanted = an_id(ComplaintId, complaint_id)
    room = await db.read(lambda reader: _enter(reader, caller, slug, wanted))
    form, me = await read_form(request, WordsForm), caller.need_person()
    if deed not in {"counter", "appeal"}:
        raise NotFound
    try:
        if deed == "counter":
            await _counter(request, db, storage, caller, me, wanted, form.words)
        else:
            side = ComplaintSide.SHOP
            await db.write(caller.actor, lambda tx: appeal_complaint(tx, wanted, side, form.words))
    except Invalid as trouble:
        return await _page(request, caller, db, slug, wanted, tell_fields(trouble), form.words)
    said = (
        gettext("Your answer is with the desk. It decides.")
        if deed == "counter"
        else gettext("Your appeal is with somebody who did not decide it before.")
    )
    return go(request, f"{room.home}/complaints/{wanted}", say=said)


async def _enter(reader: Reader, caller: Caller, slug: str, complaint_id: ComplaintId) -> Room:
    room = await enter_room(reader, caller, slug, may_manage_goods)
    await get_complaint(reader, complaint_id, shop_id=room.shop.id)
    return room


async def _counter(
    request: AnyRequest, db: Database, storage: Storage, caller: Caller, me: Id, wanted: ComplaintId, words: str
) -> None:
    stored = await store_proofs(request, db, storage, me)

    async def write(tx: Tx) -> None:
        proofs = [await add_picture(tx, me, picture, is_public=False) for picture in stored]
        await counter_notice(tx, wanted, words, proofs)

    await db.write(caller.actor, write)


HANDLERS: Final[list[ControllerRouterHandler]] = [show_complaints, show_complaint, answer_complaint]
