"""A shop's messages: the inbox, one conversation with its notes, quick replies."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec.structs import replace

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid, Trouble
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.http.problems import status_of
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.place import Place
from fairground.kit.storage import Storage
from fairground.market.orders.model import OrderId
from fairground.market.service.actions.chat import mark_read, open_thread_about
from fairground.market.service.actions.inbox import ReplyId, add_note, add_reply, drop_reply, hand_over
from fairground.market.service.errors import ColleagueNotFound, ContactHint
from fairground.market.service.live import Live
from fairground.market.service.model.chat import ChatRules, InboxId, Side, Thread, ThreadId
from fairground.market.service.policy import may_chat
from fairground.market.service.queries.chat import list_whole
from fairground.market.service.queries.inbox import list_replies
from fairground.market.shops.queries import list_staff
from fairground.web.chat.export import transcript
from fairground.web.chat.forms import ReadForm, Said, SayForm, problems, read_said, send_said, told
from fairground.web.chat.house import House, faces_of, get_house_thread, list_talks, look_at
from fairground.web.chat.stream import EventStream, seen_before
from fairground.web.chat.view import Faces, house_face, write_changed, writer
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page

HOME: Final = "/seller/{slug:str}/messages"


async def enter_house(reader: Reader, caller: Caller, slug: str, *, staff: bool = False) -> tuple[Room, House]:
    """Let one of a shop's people in who answers buyers; with `staff`, their colleagues are listed too."""
    room = await enter_room(reader, caller, slug, may_chat)
    shop = room.shop
    people = await list_staff(reader, shop.id) if staff else []
    colleagues = [one.person_id for one in people if one.joined_at is not None and may_chat(one.role)]
    face = house_face(shop.name, shop.cloth, shop.avatar_id, f"/s/{shop.slug}")
    house = House(InboxId(shop.id), face, f"{room.home}/messages", f"{room.home}/orders", colleagues)
    return room, house


@get(HOME, include_in_schema=False)
async def show_inbox(
    request: AnyRequest,
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    which: FromQuery[str] = "",
    q: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show the conversations of a shop, or what is found in them."""

    async def look(reader: Reader) -> tuple[Room, Any]:
        room, house = await enter_house(reader, caller, slug)
        return room, await list_talks(reader, house, caller, which=which, q=q, after=after)

    room, view = await db.read(look)
    return seller_page(request, "messages/list", room, title=gettext("Messages"), view=view)


@get(f"{HOME}/live", include_in_schema=False)
async def stream_inbox(
    request: AnyRequest,
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    live: NamedDependency[Live],
) -> EventStream:
    """Tell a page that the inbox has changed."""
    _, house = await db.read(lambda reader: enter_house(reader, caller, slug))
    opened = live.open_list(house.inbox_id, caller.need_person())
    return EventStream(request, live, opened, write_changed, db.given(ChatRules).live_minutes)


@post(HOME, include_in_schema=False)
async def write_about_order(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Open the conversation with the buyer of an order."""
    room, house = await db.read(lambda reader: enter_house(reader, caller, slug))
    order_id = an_id(OrderId, (await read_form(request, SayForm)).order_id or "")
    thread = await db.write(caller.actor, lambda tx: open_thread_about(tx, room.shop.id, order_id))
    return go(request, f"{house.home}/{thread.id}")


class RepliesForm(msgspec.Struct):
    """A quick reply."""

    title: str = ""
    words: str = ""


@get(f"{HOME}/replies", include_in_schema=False)
async def show_replies(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the quick replies of a shop."""
    return await _replies(request, slug, caller, db, RepliesForm())


async def _replies(
    request: AnyRequest, slug: str, caller: Caller, db: Database, filled: RepliesForm, trouble: Trouble | None = None
) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[Room, Any]:
        room, house = await enter_house(reader, caller, slug)
        return room, await list_replies(reader, house.inbox_id)

    room, replies = await db.read(look)
    errors = {} if trouble is None else problems(trouble)
    status = 200 if trouble is None else status_of(trouble)
    title, most = gettext("Quick replies"), db.given(ChatRules).words_most
    return seller_page(
        request, "messages/replies", room, title=title, status=status, replies=replies, filled=filled, errors=errors,
        words_most=most,
    )  # fmt: skip


@post(f"{HOME}/replies", include_in_schema=False)
async def keep_reply(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Keep a quick reply."""
    _, house = await db.read(lambda reader: enter_house(reader, caller, slug))
    form = await read_form(request, RepliesForm)
    try:
        await db.write(caller.actor, lambda tx: add_reply(tx, house.inbox_id, form.title, form.words))
    except Trouble as trouble:
        return await _replies(request, slug, caller, db, form, trouble)
    return go(request, f"{house.home}/replies", say=gettext("Kept. It stands beside every conversation."))


@post(f"{HOME}/replies/{{reply_id:str}}/removal", include_in_schema=False)
async def remove_reply(
    request: AnyRequest,
    slug: FromPath[str],
    reply_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Drop a quick reply."""
    _, house = await db.read(lambda reader: enter_house(reader, caller, slug))
    wanted = an_id(ReplyId, reply_id)
    await db.write(caller.actor, lambda tx: drop_reply(tx, house.inbox_id, wanted))
    return go(request, f"{house.home}/replies", say=gettext("Deleted."))


@get(f"{HOME}/{{thread_id:str}}", include_in_schema=False)
async def show_thread(
    request: AnyRequest,
    slug: FromPath[str],
    thread_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    before: FromQuery[int | None] = None,
) -> Response[bytes]:
    """Show a conversation; the shop has read what one of its people sees."""
    wanted = an_id(ThreadId, thread_id)
    response, thread = await _page(request, slug, caller, db, wanted, Said(SayForm(), ()), before)
    if thread.house_unread and before is None:
        await db.write(caller.actor, lambda tx: mark_read(tx, thread, Side.HOUSE, thread.last_number))
    return response


async def _page(
    request: AnyRequest,
    slug: str,
    caller: Caller,
    db: Database,
    thread_id: ThreadId,
    said: Said,
    before: int | None = None,
    trouble: Trouble | None = None,
) -> tuple[Response[bytes], Thread]:
    async def look(reader: Reader) -> tuple[Room, Any]:
        room, house = await enter_house(reader, caller, slug, staff=True)
        return room, await look_at(reader, house, caller, thread_id, said, before)

    room, (thread, view, house_view) = await db.read(look)
    errors: dict[str, str] = {}
    if isinstance(trouble, ContactHint):
        view = replace(view, hint=told(trouble))
    elif trouble is not None:
        errors = problems(trouble)
    status = 200 if trouble is None else status_of(trouble)
    title = gettext("Messages with %(name)s") % {"name": view.other.name}
    page = seller_page(
        request, "messages/talk", room, title=title, status=status, view=view, house=house_view, errors=errors
    )
    return page, thread


@post(f"{HOME}/{{thread_id:str}}", include_in_schema=False)
async def write(
    request: AnyRequest,
    slug: FromPath[str],
    thread_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Answer the buyer, with the words of the form or with a quick reply."""
    wanted = an_id(ThreadId, thread_id)

    async def look(reader: Reader) -> House:
        _, house = await enter_house(reader, caller, slug)
        await get_house_thread(reader, house, caller, wanted)
        return house

    house, said = await db.read(look), await read_said(request, db)
    words = await db.read(lambda reader: _reply_words(reader, house, said.form.reply_id))
    try:
        await send_said(db, storage, caller.actor, wanted, Side.HOUSE, said, words)
    except Trouble as trouble:
        return (await _page(request, slug, caller, db, wanted, said, None, trouble))[0]
    return go(request, f"{house.home}/{wanted}#say")


async def _reply_words(reader: Reader, house: House, reply_id: str | None) -> str | None:
    if not reply_id:
        return None
    replies = {str(reply.id): reply.words for reply in await list_replies(reader, house.inbox_id)}
    return replies.get(reply_id)


class NoteForm(msgspec.Struct):
    """A note, or whom the conversation is handed to."""

    note: str = ""
    to: str | None = None


@post(f"{HOME}/{{thread_id:str}}/note", include_in_schema=False)
async def note(
    request: AnyRequest,
    slug: FromPath[str],
    thread_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Note something for the colleagues, or hand the conversation over."""
    wanted = an_id(ThreadId, thread_id)

    async def look(reader: Reader) -> House:
        _, house = await enter_house(reader, caller, slug)
        await get_house_thread(reader, house, caller, wanted)
        return house

    house, form = await db.read(look), await read_form(request, NoteForm)
    back = f"{house.home}/{wanted}"
    try:
        if form.to:
            to = Id.parse(form.to)
            if to is None:
                raise ColleagueNotFound
            await db.write(caller.actor, lambda tx: hand_over(tx, house.inbox_id, wanted, to, form.note))
            return go(request, back, say=gettext("Handed over."))
        await db.write(caller.actor, lambda tx: add_note(tx, house.inbox_id, wanted, form.note))
    except (Invalid, ColleagueNotFound) as trouble:
        words = next(iter(problems(trouble).values()), "")
        return go(request, back, say=words, kind="mind")
    return go(request, back, say=gettext("Noted, for your people only."))


@post(f"{HOME}/{{thread_id:str}}/read", include_in_schema=False)
async def note_read(
    request: AnyRequest,
    slug: FromPath[str],
    thread_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Note how far the shop has read, from a page that stays open."""
    thread, _ = await db.read(lambda reader: _thread_of(reader, caller, slug, thread_id))
    form = await read_form(request, ReadForm)
    await db.write(caller.actor, lambda tx: mark_read(tx, thread, Side.HOUSE, form.number))
    return Response(b"", status_code=204)


async def _thread_of(reader: Reader, caller: Caller, slug: str, thread_id: str) -> tuple[Thread, Faces]:
    _, house = await enter_house(reader, caller, slug, staff=True)
    thread = await get_house_thread(reader, house, caller, an_id(ThreadId, thread_id))
    return thread, await faces_of(reader, house, thread)


@get(f"{HOME}/{{thread_id:str}}/live", include_in_schema=False)
async def stream_thread(
    request: AnyRequest,
    slug: FromPath[str],
    thread_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    live: NamedDependency[Live],
    after: FromQuery[int] = 0,
) -> EventStream:
    """Send what is said while the page is open."""
    thread, faces = await db.read(lambda reader: _thread_of(reader, caller, slug, thread_id))
    opened = live.open_thread(thread, caller.need_person(), seen_before(request, after))
    return EventStream(request, live, opened, writer(request, faces, thread), db.given(ChatRules).live_minutes)


@get(f"{HOME}/{{thread_id:str}}/export", include_in_schema=False)
async def export(
    slug: FromPath[str], thread_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Give a conversation as a text to keep."""

    async def look(reader: Reader) -> Response[bytes]:
        thread, faces = await _thread_of(reader, caller, slug, thread_id)
        return transcript(await list_whole(reader, thread.id), faces, reader.given(Place))

    return await db.read(look)


HANDLERS: Final[list[Any]] = [
    show_inbox,
    stream_inbox,
    write_about_order,
    show_replies,
    keep_reply,
    remove_reply,
    show_thread,
    write,
    note,
    note_read,
    stream_thread,
    export,
]
