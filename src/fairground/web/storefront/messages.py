"""What a person writes with shops and with the market: the list, one conversation, a new one."""

import secrets
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import NotFound, Trouble
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.http.problems import status_of
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.place import Place
from fairground.kit.storage import Storage
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.orders.errors import OrderNotFound
from fairground.market.orders.model import OrderId
from fairground.market.orders.queries.orders import get_order
from fairground.market.service.actions.chat import mark_read, open_thread
from fairground.market.service.errors import ContactHint, OwnShop
from fairground.market.service.live import Live
from fairground.market.service.model.chat import ChatRules, Found, InboxId, Side, Thread, ThreadId
from fairground.market.service.queries.chat import (
    find_thread,
    get_thread,
    list_messages,
    list_threads,
    list_whole,
    map_threads,
    search_threads,
)
from fairground.market.shops.model import ShopCard
from fairground.market.shops.queries import get_shop_by_slug, map_shops
from fairground.web import cards
from fairground.web.chat.export import transcript
from fairground.web.chat.forms import ReadForm, Said, SayForm, problems, read_said, send_said, told
from fairground.web.chat.lists import TalkRow, TalksView
from fairground.web.chat.stream import EventStream, seen_before
from fairground.web.chat.view import Face, Faces, TalkView, bubbles, cloth_of, house_face, write_changed, writer
from fairground.web.render import go, market_name, page
from fairground.web.storefront.account.overview import person_of

AnyRequest = Request[Any, Any, Any]
HOME: Final = "/messages"


@get(HOME, include_in_schema=False)
async def show_list(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    q: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show one's conversations, or what is found in them."""
    person_id = person_of(caller)
    view = await db.read(lambda reader: _found(reader, person_id, q) if q else _list(reader, person_id, after))
    return page(request, "storefront/messages/list.html", title=gettext("Messages"), view=view)


async def _list(reader: Reader, person_id: PersonId, after: str | None) -> TalksView:
    found = await list_threads(reader, person_id, after=after)
    shops = await map_shops(reader, {thread.shop_id for thread in found.items if not thread.is_with_market})
    rows = [
        TalkRow(
            f"{HOME}/{thread.id}",
            _house(reader, thread, shops.get(thread.shop_id)),
            thread.last_words or gettext("A picture"),
            thread.last_at,
            thread.person_unread,
        )
        for thread in found.items
    ]
    next_href = f"{HOME}?{urlencode({'after': found.next})}" if found.next else None
    return TalksView(rows, "", HOME, f"{HOME}/live", next_href)


async def _found(reader: Reader, person_id: PersonId, q: str) -> TalksView:
    hits = await search_threads(reader, person_id, q)
    threads = await _threads_of(reader, hits)
    shops = await map_shops(reader, {one.shop_id for one in threads.values() if not one.is_with_market})
    rows = [
        TalkRow(
            f"{HOME}/{hit.thread_id}?before={hit.number + 5}#m{hit.number}",
            _house(reader, threads[hit.thread_id], shops.get(threads[hit.thread_id].shop_id)),
            hit.words,
            hit.sent_at,
        )
        for hit in hits
    ]
    return TalksView(rows, q, HOME, f"{HOME}/live")


async def _threads_of(reader: Reader, hits: list[Found]) -> dict[ThreadId, Thread]:
    return await map_threads(reader, {hit.thread_id for hit in hits})


def _house(reader: Reader, thread: Thread, shop: ShopCard | None) -> Face:
    if thread.is_with_market:
        return house_face(gettext("The people of %(market)s") % {"market": market_name(reader.given(Place))})
    if shop is None:
        return house_face(gettext("A shop that is gone"))
    return house_face(shop.name, shop.cloth, shop.avatar_id, f"/s/{shop.slug}")


@get(f"{HOME}/live", include_in_schema=False)
async def stream_list(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database], live: NamedDependency[Live]
) -> EventStream:
    """Tell a page that the list has changed."""
    person_id = person_of(caller)
    return EventStream(
        request, live, live.open_list(person_id, person_id), write_changed, db.given(ChatRules).live_minutes
    )


@get(f"{HOME}/new", include_in_schema=False)
async def show_new(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    shop: FromQuery[str] = "",
    product: FromQuery[str] = "",
    order: FromQuery[str] = "",
) -> Response[bytes]:
    """Show the form of a first message; who has talked with this shop before goes on there."""
    person_id = person_of(caller)

    async def look(reader: Reader) -> tuple[Thread | None, TalkView]:
        inbox_id, face = await _who(reader, shop)
        thread = await find_thread(reader, person_id, inbox_id)
        said = Said(_about(shop, product, order), ())
        return thread, await _empty(reader, person_id, face, said)

    thread, view = await db.read(look)
    if thread is not None and thread.last_number:
        more = {name: value for name, value in (("product", product), ("order", order)) if value}
        return go(request, f"{HOME}/{thread.id}" + (f"?{urlencode(more)}" if more else ""))
    return _page(request, view)


def _about(shop: str, product: str, order: str) -> SayForm:
    return SayForm(product_id=product or None, order_id=order or None, shop=shop)


async def _who(reader: Reader, slug: str) -> tuple[InboxId, Face]:
    shop = await get_shop_by_slug(reader, slug)
    return InboxId(shop.id), house_face(shop.name, shop.cloth, shop.avatar_id, f"/s/{shop.slug}")


async def _empty(reader: Reader, person_id: Id, face: Face, said: Said, hint: str | None = None) -> TalkView:
    rules = reader.given(ChatRules)
    return TalkView(
        other=face,
        messages=[],
        action=HOME,
        key=secrets.token_hex(12),
        holds=said.form.words,
        card=await card_along(reader, said, person_id),
        fields=said.fields(),
        hint=hint,
        words_most=rules.words_most,
        pictures_most=rules.pictures_most,
    )


async def card_along(reader: Reader, said: Said, person_id: Id) -> cards.ChatCard | None:
    """Draw what a message not yet sent would carry; what is not there is left out."""
    product_id, order_id = Id.parse(said.form.product_id or ""), Id.parse(said.form.order_id or "")
    if product_id is not None:
        found = (await map_product_cards(reader, [ProductId(product_id)])).get(ProductId(product_id))
        if found is not None:
            picture = found.picture_id
            return cards.ChatCard(href=f"/p/{found.id}", title=found.title, price=found.price_low, picture=picture)
    if order_id is not None:
        try:
            order = await get_order(reader, OrderId(order_id), buyer_id=person_id)
        except OrderNotFound:
            return None
        return cards.ChatCard(
            href=f"/orders/{order.id}", title=order.shown_number, price=order.total_money, label=gettext("Order")
        )
    return None


@post(HOME, include_in_schema=False)
async def begin(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Send the first message."""
    person_id, said = person_of(caller), await read_said(request, db)
    inbox_id, face = await db.read(lambda reader: _who(reader, said.form.shop))
    try:
        thread = await db.write(caller.actor, lambda tx: open_thread(tx, person_id, inbox_id))
        await send_said(db, storage, caller.actor, thread.id, Side.PERSON, said)
    except OwnShop as trouble:
        return go(request, face.href or HOME, say=told(trouble), kind="mind")
    except Trouble as trouble:
        if isinstance(trouble, NotFound):
            raise
        hint = told(trouble) if isinstance(trouble, ContactHint) else None
        view = await db.read(lambda reader: _empty(reader, person_id, face, said, hint))
        return _page(request, view, trouble)
    return go(request, f"{HOME}/{thread.id}")


@get(f"{HOME}/{{thread_id:str}}", include_in_schema=False)
async def show_thread(
    request: AnyRequest,
    thread_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    before: FromQuery[int | None] = None,
    product: FromQuery[str] = "",
    order: FromQuery[str] = "",
) -> Response[bytes]:
    """Show a conversation; who sees it has read it."""
    person_of(caller)
    wanted = an_id(ThreadId, thread_id)
    said = Said(_about("", product, order), ())
    thread, view = await db.read(lambda reader: _look(reader, caller, wanted, said, before))
    if thread.person_unread and before is None:
        await db.write(caller.actor, lambda tx: mark_read(tx, thread, Side.PERSON, thread.last_number))
    return _page(request, view)


async def _look(
    reader: Reader, caller: Caller, thread_id: ThreadId, said: Said, before: int | None = None, hint: str | None = None
) -> tuple[Thread, TalkView]:
    thread = await get_thread(reader, thread_id, Side.PERSON, caller.actor)
    faces = await faces_for_person(reader, caller, thread)
    messages, more = await list_messages(reader, thread.id, before=before)
    href, rules = f"{HOME}/{thread.id}", reader.given(ChatRules)
    last = messages[-1].number if messages else thread.last_number
    return thread, TalkView(
        other=faces.other,
        messages=bubbles(messages, faces, thread.house_read),
        action=href,
        key=secrets.token_hex(12),
        earlier_href=f"{href}?before={messages[0].number}" if more else None,
        live_href=f"{href}/live?after={last}" if before is None else None,
        read_href=f"{href}/read",
        export_href=f"{href}/export",
        holds=said.form.words,
        card=await card_along(reader, said, thread.person_id),
        fields=said.fields(),
        hint=hint,
        words_most=rules.words_most,
        pictures_most=rules.pictures_most,
    )


async def faces_for_person(reader: Reader, caller: Caller, thread: Thread) -> Faces:
    """Draw both sides for the person."""
    shops = {} if thread.is_with_market else await map_shops(reader, [thread.shop_id])
    me = Face(caller.name, None, cloth_of(thread.person_id))
    return Faces(Side.PERSON, me, _house(reader, thread, shops.get(thread.shop_id)), "/orders")


def _page(request: AnyRequest, view: TalkView, trouble: Trouble | None = None) -> Response[bytes]:
    errors = {} if trouble is None or view.hint else problems(trouble)
    return page(
        request,
        "storefront/messages/talk.html",
        title=view.other.name,
        status=200 if trouble is None else status_of(trouble),
        view=view,
        errors=errors,
    )


@post(f"{HOME}/{{thread_id:str}}", include_in_schema=False)
async def write(
    request: AnyRequest,
    thread_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Send a message; a form that is sent twice sends it once."""
    person_of(caller)
    wanted, said = an_id(ThreadId, thread_id), await read_said(request, db)
    await db.read(lambda reader: get_thread(reader, wanted, Side.PERSON, caller.actor))
    try:
        await send_said(db, storage, caller.actor, wanted, Side.PERSON, said)
    except Trouble as trouble:
        hint = told(trouble) if isinstance(trouble, ContactHint) else None
        _, view = await db.read(lambda reader: _look(reader, caller, wanted, said, None, hint))
        return _page(request, view, trouble)
    return go(request, f"{HOME}/{wanted}#say")


@post(f"{HOME}/{{thread_id:str}}/read", include_in_schema=False)
async def note_read(
    request: AnyRequest, thread_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Note how far the person has read, from a page that stays open."""
    person_of(caller)
    wanted = an_id(ThreadId, thread_id)
    thread = await db.read(lambda reader: get_thread(reader, wanted, Side.PERSON, caller.actor))
    form = await read_form(request, ReadForm)
    await db.write(caller.actor, lambda tx: mark_read(tx, thread, Side.PERSON, form.number))
    return Response(b"", status_code=204)


@get(f"{HOME}/{{thread_id:str}}/live", include_in_schema=False)
async def stream_thread(
    request: AnyRequest,
    thread_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    live: NamedDependency[Live],
    after: FromQuery[int] = 0,
) -> EventStream:
    """Send what is said while the page is open."""
    person_id, wanted = person_of(caller), an_id(ThreadId, thread_id)

    async def look(reader: Reader) -> tuple[Thread, Faces]:
        thread = await get_thread(reader, wanted, Side.PERSON, caller.actor)
        return thread, await faces_for_person(reader, caller, thread)

    thread, faces = await db.read(look)
    opened = live.open_thread(thread, person_id, seen_before(request, after))
    return EventStream(request, live, opened, writer(request, faces, thread), db.given(ChatRules).live_minutes)


@get(f"{HOME}/{{thread_id:str}}/export", include_in_schema=False)
async def export(
    thread_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Give a conversation as a text to keep."""
    person_of(caller)
    wanted = an_id(ThreadId, thread_id)

    async def look(reader: Reader) -> Response[bytes]:
        thread = await get_thread(reader, wanted, Side.PERSON, caller.actor)
        faces = await faces_for_person(reader, caller, thread)
        return transcript(await list_whole(reader, thread.id), faces, reader.given(Place))

    return await db.read(look)


HANDLERS: Final[list[Any]] = [
    show_list,
    stream_list,
    show_new,
    begin,
    show_thread,
    write,
    note_read,
    stream_thread,
    export,
]
