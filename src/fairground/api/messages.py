"""Messages, by API: conversations of a person or of a shop, what is said in them, what was read."""

import secrets
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.idempotency import check_key
from fairground.kit.money import Money
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import ProductId
from fairground.market.media.model import MediaId
from fairground.market.orders.model import OrderId
from fairground.market.service.actions.chat import mark_read, open_thread, open_thread_about, send_message
from fairground.market.service.model.chat import (
    Draft,
    Found,
    InboxId,
    InboxRow,
    Message,
    MessageId,
    Side,
    Thread,
    ThreadId,
)
from fairground.market.service.policy import may_chat
from fairground.market.service.queries.chat import get_thread_of_either, list_messages, list_threads, search_threads
from fairground.market.service.queries.inbox import list_inbox, search_inbox
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import get_shop_by_slug, get_shop_for

PATH: Final = "/api/v1/messages"


class NewMessage(msgspec.Struct):
    """What is said. With `hint_seen`, words that lead round the market before an order go out all the same."""

    words: str = ""
    product_id: ProductId | None = None
    order_id: OrderId | None = None
    hint_seen: bool = False


class NewThread(NewMessage, kw_only=True):
    """The first words to a shop, by its slug (the market's own people are asked by ticket).

    One of a shop writes to the buyer of an `order_id` with `as_seller`.
    """

    shop: str
    as_seller: bool = False


class CardView(msgspec.Struct):
    """A product or an order within a message, as it was."""

    kind: str
    id: str
    title: str
    price: Money


class MessageView(msgspec.Struct):
    """One message; `side` is `person` or `house`."""

    id: MessageId
    number: int
    side: str
    words: str
    card: CardView | None
    pictures: list[MediaId]
    hints: list[str]
    sent_at: datetime


class ThreadLine(msgspec.Struct):
    """A conversation in a list; `shop_id` is null where it is with the market's own people."""

    id: ThreadId
    shop_id: ShopId | None
    last_words: str
    last_at: datetime
    unread: int


class Threads(msgspec.Struct):
    """Conversations, the liveliest first."""

    items: list[ThreadLine]
    next: str | None


class FoundView(msgspec.Struct):
    """A message that a search found."""

    thread_id: ThreadId
    number: int
    side: str
    words: str
    sent_at: datetime


class FoundMessages(msgspec.Struct):
    """What a search found, the latest first."""

    items: list[FoundView]


class ThreadView(msgspec.Struct):
    """A conversation with its messages, the oldest first; `next` leads to earlier ones."""

    id: ThreadId
    shop_id: ShopId | None
    unread: int
    read_by_person: int
    read_by_house: int
    items: list[MessageView]
    next: str | None


class SentView(msgspec.Struct):
    """A message with its conversation."""

    thread_id: ThreadId
    message: MessageView


class ReadUpTo(msgspec.Struct):
    """The number of the last message that was read."""

    number: Annotated[int, msgspec.Meta(ge=0)]


@get(PATH)
async def list_conversations(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    shop: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> Threads:
    """List one's conversations, or with `shop` those of a shop one answers for."""
    person_id = PersonId(caller.need_person())

    async def look(reader: Reader) -> Threads:
        if shop is None:
            threads = await list_threads(reader, person_id, after=after, limit=limit)
            return Threads([_line(thread) for thread in threads.items], threads.next)
        house = await get_shop_for(reader, shop, person_id, may_chat)
        rows = await list_inbox(reader, InboxId(house.id), after=after, limit=limit)
        return Threads([_inbox_line(row, house.id) for row in rows.items], rows.next)

    return await db.read(look)


@get(f"{PATH}/search")
async def search_messages(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    q: FromQuery[str],
    shop: FromQuery[str | None] = None,
) -> FoundMessages:
    """Find messages that hold all the words, in one's own conversations or in those of a shop one answers for."""
    person_id = PersonId(caller.need_person())

    async def look(reader: Reader) -> list[Found]:
        if shop is None:
            return await search_threads(reader, person_id, q)
        house = await get_shop_for(reader, shop, person_id, may_chat)
        return await search_inbox(reader, InboxId(house.id), q)

    found = await db.read(look)
    return FoundMessages([FoundView(one.thread_id, one.number, one.side, one.words, one.sent_at) for one in found])


@post(PATH)
async def begin_conversation(
    request: Request[Any, Any, Any],
    data: JSONBody[NewThread],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> SentView:
    """Say something to a shop; goes on in the conversation that there is."""
    person_id, draft = PersonId(caller.need_person()), _draft(request, data)
    if data.as_seller and data.order_id is None:
        raise invalid("/order_id", "required", N_("This is needed."))
    shop_id = await db.read(lambda reader: _shop_of(reader, person_id, data))

    async def deed(tx: Tx) -> SentView:
        if data.as_seller and data.order_id is not None:
            thread, side = await open_thread_about(tx, shop_id, data.order_id), Side.HOUSE
        else:
            thread = await open_thread(tx, person_id, InboxId(shop_id))
            side = Side.PERSON
        sent = await send_message(tx, thread.id, side, draft)
        return SentView(thread.id, _message(sent.message))

    return await db.write(caller.actor, deed)


async def _shop_of(reader: Reader, person_id: PersonId, data: NewThread) -> ShopId:
    if data.as_seller:
        return (await get_shop_for(reader, data.shop, person_id, may_chat)).id
    return (await get_shop_by_slug(reader, data.shop)).id


@get(f"{PATH}/{{thread_id:str}}")
async def show_conversation(
    thread_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    limit: FromQuery[int | None] = None,
    after: FromQuery[int | None] = None,
) -> ThreadView:
    """Show a conversation to either side: its latest messages, or those before the number in `after`."""
    caller.need_person()
    wanted = an_id(ThreadId, thread_id)

    async def look(reader: Reader) -> ThreadView:
        thread, side = await get_thread_of_either(reader, wanted, caller.actor)
        messages, more = await list_messages(reader, wanted, before=after, limit=limit)
        return ThreadView(
            thread.id, _shop_id(thread), thread.unread_of(side), thread.person_read, thread.house_read,
            [_message(message) for message in messages], str(messages[0].number) if more else None,
        )  # fmt: skip

    return await db.read(look)


@post(f"{PATH}/{{thread_id:str}}")
async def say_something(
    request: Request[Any, Any, Any],
    thread_id: FromPath[str],
    data: JSONBody[NewMessage],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> SentView:
    """Say something in a conversation, as the side one is of; the same `Idempotency-Key` says it once."""
    wanted = an_id(ThreadId, thread_id)
    caller.need_person()

    async def deed(tx: Tx) -> SentView:
        sent = await send_message(tx, wanted, None, _draft(request, data))
        return SentView(wanted, _message(sent.message))

    return await db.write(caller.actor, deed)


@put(f"{PATH}/{{thread_id:str}}/read", status_code=204)
async def note_read(
    thread_id: FromPath[str],
    data: JSONBody[ReadUpTo],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> None:
    """Note how far one's side has read."""
    caller.need_person()
    wanted = an_id(ThreadId, thread_id)

    async def deed(tx: Tx) -> None:
        thread, side = await get_thread_of_either(tx, wanted, caller.actor)
        await mark_read(tx, thread, side, data.number)

    await db.write(caller.actor, deed)


def _draft(request: Request[Any, Any, Any], data: NewMessage) -> Draft:
    key = request.headers.get("idempotency-key")
    return Draft(
        key=secrets.token_hex(12) if key is None else check_key(key),
        words=data.words.strip(),
        product_id=data.product_id,
        order_id=data.order_id,
        hint_seen=data.hint_seen,
    )


def _shop_id(thread: Thread) -> ShopId | None:
    return None if thread.is_with_market else thread.shop_id


def _line(thread: Thread) -> ThreadLine:
    return ThreadLine(thread.id, _shop_id(thread), thread.last_words, thread.last_at, thread.person_unread)


def _inbox_line(row: InboxRow, shop_id: ShopId) -> ThreadLine:
    return ThreadLine(row.thread_id, shop_id, row.last_words, row.last_at, row.unread)


def _message(message: Message) -> MessageView:
    card = message.card
    return MessageView(
        message.id,
        message.number,
        message.side,
        message.words,
        None if card is None else CardView(card.kind, str(int(card.id)), card.title, Money(card.amount, card.currency)),
        [MediaId(picture) for picture in message.pictures],
        list(message.hints),
        message.sent_at,
    )


HANDLERS: Final[list[Any]] = [
    list_conversations,
    search_messages,
    begin_conversation,
    show_conversation,
    say_something,
    note_read,
]
