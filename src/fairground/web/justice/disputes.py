"""Disputes as their two sides see them: the list, the page of one, saying something, the jury, the appeal."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, Conflict, Invalid, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_files, read_form
from fairground.kit.i18n.words import gettext, say
from fairground.kit.ids import Id
from fairground.kit.images import PictureTrouble
from fairground.kit.storage import Storage
from fairground.market.justice.actions.disputes import add_statement, choose_jury, finish_speaking
from fairground.market.justice.actions.rulings import appeal
from fairground.market.justice.errors import DisputeNotFound
from fairground.market.justice.model.disputes import Dispute, DisputeId, DisputeRules, StatementDraft
from fairground.market.justice.queries.disputes import (
    find_dispute_of_case,
    get_dispute_for,
    list_disputes,
    list_disputes_of_shop,
    side_of,
)
from fairground.market.media.actions import add_picture, store_picture
from fairground.market.media.model import StoredPicture
from fairground.market.shops.queries import list_memberships
from fairground.web.justice.dispute_view import badge_of, look_at_dispute
from fairground.web.justice.words import kind_label
from fairground.web.render import go, page
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]
LIST: Final = "/justice/disputes"


class StatementForm(msgspec.Struct):
    """What a side says; `is_done`: and that was all."""

    words: str = ""
    is_done: str = ""


class DisputesView(msgspec.Struct, frozen=True):
    """Somebody's disputes, or those with a shop they work in."""

    items: list[Dispute]
    tabs: list[tuple[str, str, int | None, bool]]
    next_href: str | None


@get(LIST, include_in_schema=False)
async def show_disputes(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    shop: FromQuery[str] = "",
    case: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show one's own disputes, or those with a shop one works in; a case leads to its dispute."""
    person_id = caller.need_person()
    if case:
        wanted = an_id(Id, case)
        return go(request, await db.read(lambda reader: _find(reader, wanted, caller)))
    view = await db.read(lambda reader: _list(reader, person_id, shop, after))
    labels = {"badge": badge_of, "kind": kind_label}
    return page(request, "justice/disputes.html", title=gettext("My disputes"), view=view, labels=labels)


async def _list(reader: Reader, person_id: Id, slug: str, after: str | None) -> DisputesView:
    places = [place for place in await list_memberships(reader, person_id) if place.joined_at is not None]
    place = next((place for place in places if place.slug == slug), None)
    if place is None:
        found = await list_disputes(reader, person_id, after=after)
    else:
        found = await list_disputes_of_shop(reader, place.shop_id, after=after)
    tabs: list[tuple[str, str, int | None, bool]] = [(LIST, gettext("As a buyer"), None, place is None)]
    tabs += [(f"{LIST}?shop={p.slug}", p.name, None, p is place) for p in places]
    here = f"{LIST}?shop={slug}&" if place else f"{LIST}?"
    return DisputesView(found.items, tabs if places else [], f"{here}after={found.next}" if found.next else None)


async def _find(reader: Reader, case_id: Id, caller: Caller) -> str:
    """Lead from a case to the dispute it became: the sides to theirs, the staff to the desk."""
    found = await find_dispute_of_case(reader, case_id)
    if found is None:
        raise DisputeNotFound
    if await side_of(reader, found, caller.need_person()) is not None:
        return f"{LIST}/{found.id}"
    if not caller.is_staff:
        raise DisputeNotFound
    return f"/desk/disputes/{found.id}"


@get(LIST + "/{dispute_id:str}", include_in_schema=False)
async def show_dispute(
    request: AnyRequest, dispute_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show a dispute to one of its sides."""
    return await _page(request, db, caller.need_person(), an_id(DisputeId, dispute_id))


async def _page(
    request: AnyRequest,
    db: Database,
    person_id: Id,
    dispute_id: DisputeId,
    errors: Told | None = None,
    values: dict[str, str] | None = None,
) -> Response[bytes]:
    async def look(reader: Reader) -> Any:
        dispute, side = await get_dispute_for(reader, dispute_id, person_id)
        return await look_at_dispute(reader, dispute, side)

    view = await db.read(look)
    return page(
        request,
        "justice/dispute.html",
        title=gettext("Dispute about order %(number)s") % {"number": view.order.shown_number},
        status=422 if errors else 200,
        view=view,
        errors=errors or Told(),
        values=values or {},
    )


@post(LIST + "/{dispute_id:str}/statements", include_in_schema=False)
async def speak(
    request: AnyRequest,
    dispute_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Say something for one's side, with pictures."""
    person_id, wanted = caller.need_person(), an_id(DisputeId, dispute_id)
    form = await read_form(request, StatementForm)
    try:
        await db.read(lambda reader: get_dispute_for(reader, wanted, person_id))  # nothing is stored for strangers
        stored = await _store(request, db, storage, person_id)

        async def deed(tx: Tx) -> None:
            pictures = tuple([await add_picture(tx, person_id, p, is_public=False) for p in stored])
            await add_statement(tx, wanted, StatementDraft(form.words, pictures, bool(form.is_done)))

        await db.write(caller.actor, deed)
    except Invalid as trouble:
        values = {"words": form.words}
        return await _page(request, db, person_id, wanted, tell_fields(trouble), values)
    except Conflict as trouble:
        return go(request, f"{LIST}/{wanted}", say=say(trouble.message, trouble.params), kind="mind")
    return go(request, f"{LIST}/{wanted}", say=gettext("Said. The other side can read it now."))


async def _store(request: AnyRequest, db: Database, storage: Storage, owner_id: Id) -> list[StoredPicture]:
    most = db.given(DisputeRules).pictures_most
    files = await read_files(request, "pictures", at_most=99)
    if len(files) > most:
        raise invalid("/pictures", "too_many", N_("At most %(most)d pictures."), most=most)
    try:
        return [await store_picture(storage, owner_id, data, db.clock.now()) for _, data in files]
    except PictureTrouble as trouble:
        raise invalid("/pictures", trouble.code, trouble.message, **trouble.params) from trouble


@post(LIST + "/{dispute_id:str}/silence", include_in_schema=False)
async def finish(
    request: AnyRequest, dispute_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Say that one's side has nothing more to say."""
    caller.need_person()
    wanted = an_id(DisputeId, dispute_id)
    try:
        await db.write(caller.actor, lambda tx: finish_speaking(tx, wanted))
    except Conflict as trouble:
        return go(request, f"{LIST}/{wanted}", say=gettext(trouble.message), kind="mind")
    return go(request, f"{LIST}/{wanted}", say=gettext("Noted: you have said all you have to say."))


@post(LIST + "/{dispute_id:str}/jury", include_in_schema=False)
async def choose(
    request: AnyRequest, dispute_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Choose the jury for one's side."""
    caller.need_person()
    wanted = an_id(DisputeId, dispute_id)
    try:
        await db.write(caller.actor, lambda tx: choose_jury(tx, wanted))
    except Conflict as trouble:
        return go(request, f"{LIST}/{wanted}", say=gettext(trouble.message), kind="mind")
    return go(request, f"{LIST}/{wanted}", say=gettext("Noted: a jury decides if the other side wants it too."))


@post(LIST + "/{dispute_id:str}/appeal", include_in_schema=False)
async def ask_again(
    request: AnyRequest, dispute_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Appeal against the ruling."""
    person_id, wanted = caller.need_person(), an_id(DisputeId, dispute_id)
    form = await read_form(request, StatementForm)
    try:
        await db.write(caller.actor, lambda tx: appeal(tx, wanted, form.words))
    except Invalid as trouble:
        return await _page(request, db, person_id, wanted, tell_fields(trouble), {"words": form.words})
    except Conflict as trouble:
        return go(request, f"{LIST}/{wanted}", say=gettext(trouble.message), kind="mind")
    return go(request, f"{LIST}/{wanted}", say=gettext("Appealed. Somebody else decides now."))


HANDLERS: Final[list[ControllerRouterHandler]] = [
    show_disputes,
    show_dispute,
    speak,
    finish,
    choose,
    ask_again,
]
