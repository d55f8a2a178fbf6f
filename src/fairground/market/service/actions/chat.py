"""Begin a conversation, say something in it, read it."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from fairground.kit.db import Row, Tx
from fairground.kit.errors import N_, invalid
from fairground.kit.events import publish
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.live import Caller
from fairground.kit.place import Place
from fairground.kit.rate_limit import RateScale, whole_seconds
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.media.queries import map_pictures
from fairground.market.orders.errors import OrderNotFound
from fairground.market.orders.model import OrderId
from fairground.market.orders.queries.dealings import has_order_with
from fairground.market.orders.queries.orders import get_order, map_lines
from fairground.market.service.errors import (
    AnswerAwaited,
    ContactHint,
    OwnShop,
    ThreadNotFound,
    TooManyMessages,
    TooManyThreads,
)
from fairground.market.service.events import InboxRead, MessageSent
from fairground.market.service.model.chat import (
    MARKET,
    Card,
    CardKind,
    ChatRules,
    Draft,
    InboxId,
    Message,
    MessageId,
    Side,
    Thread,
    ThreadId,
    card_to_plain,
    check_draft,
    preview,
)
from fairground.market.service.model.contacts import NAMES, Contact, find_contacts, plain
from fairground.market.service.queries.chat import check_side, find_thread, message_from, side_of, thread_from
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import get_shop, role_in

MINUTE: Final = timedelta(minutes=1)


class Sent(msgspec.Struct, frozen=True):
    """A message as it stands; `is_new` is False where its key was sent before."""

    message: Message
    is_new: bool


async def open_thread(tx: Tx, person_id: Id, inbox_id: InboxId) -> Thread:
    """Open the conversation of a person with a house, or find the one they have.

    Raises:
        ShopNotFound: no shop that strangers may visit.
        OwnShop: the person works there.
        TooManyThreads
    """
    found = await find_thread(tx, person_id, inbox_id)
    if found is not None:
        return found
    if inbox_id != MARKET:
        if not (await get_shop(tx, ShopId(inbox_id))).is_seen:
            raise ShopNotFound
        if await role_in(tx, ShopId(inbox_id), person_id) is not None:
            raise OwnShop
    await _check_beginnings(tx, person_id)
    return await _begin(tx, person_id, inbox_id)


async def open_thread_about(tx: Tx, shop_id: ShopId, order_id: OrderId) -> Thread:
    """Open the conversation of a shop with the buyer of one of its orders.

    Raises:
        OrderNotFound: not an order of this shop.
        ThreadNotFound: the actor does not answer for the shop.
    """
    order = await get_order(tx, order_id, shop_id=shop_id)
    inbox_id = InboxId(shop_id)
    found = await find_thread(tx, order.buyer_id, inbox_id)
    thread = found or await _begin(tx, order.buyer_id, inbox_id)
    await check_side(tx, thread, Side.HOUSE, tx.actor)
    return thread


async def _begin(tx: Tx, person_id: Id, inbox_id: InboxId) -> Thread:
    await tx.execute(
        """
        insert into service.threads
               (bucket, id, person_id, inbox_id, opened_at, last_at, person_even_at, house_even_at)
        values ($1, $2, $3, $4, $5, $5, $5, $5) on conflict (bucket, person_id, inbox_id) do nothing
        """,
        person_id.bucket,
        tx.new_id(ThreadId, person_id.bucket),
        person_id,
        inbox_id,
        tx.now,
    )
    thread = await find_thread(tx, person_id, inbox_id)
    assert thread is not None, "it is there now, by us or by another tab"
    return thread


async def _check_beginnings(tx: Tx, person_id: Id) -> None:
    begun = await tx.value(
        "select count(*) from service.threads where bucket = $1 and person_id = $2 and opened_at > $3",
        person_id.bucket,
        person_id,
        tx.now - timedelta(hours=1),
    )
    if begun >= tx.given(ChatRules).threads_per_hour * tx.given(RateScale).scale:
        raise TooManyThreads(retry_after=600)


async def send_message(tx: Tx, thread_id: ThreadId, side: Side | None, draft: Draft) -> Sent:
    """Say something in a thread as one side, or as the one the actor is of; the same key again writes nothing.

    Raises:
        ThreadNotFound: there is none, or the actor is not of that side.
        Invalid: empty, too long, with a blocked word, a card or picture that is not theirs; naming the field.
        ContactHint: the words hold a way round the market, and the sender was not told yet.
        TooManyMessages, AnswerAwaited: a flood.
    """
    rules = tx.given(ChatRules)
    row = await tx.row(
        "select * from service.threads where bucket = $1 and id = $2 for update", thread_id.bucket, thread_id
    )
    if row is None:
        raise ThreadNotFound
    thread = thread_from(row)
    side = side or side_of(thread, tx.actor)
    await check_side(tx, thread, side, tx.actor)
    said = await _find_said(tx, thread, draft.key)
    if said is not None:
        return Sent(said, is_new=False)
    check_draft(draft, rules)
    even_at = _check_flood(tx, row, thread, side, rules)
    card = await _card(tx, thread, draft)
    await _check_pictures(tx, thread, draft)
    hints = await _hints(tx, thread, draft)
    message = Message(
        tx.new_id(MessageId, thread_id.bucket), thread_id, thread.last_number + 1, side, _author(tx), draft.words,
        card, draft.pictures, tuple(map(str, hints)), tx.now,
    )  # fmt: skip
    await _write(tx, message, draft.key)
    await _move_thread(tx, message, even_at)
    await publish(
        tx,
        MessageSent(
            thread_id=thread_id, person_id=thread.person_id, inbox_id=thread.inbox_id, message_id=message.id,
            number=message.number, side=side, author_id=message.author_id, version=thread.version + 1,
        ),
    )  # fmt: skip
    _call(tx, thread)
    return Sent(message, is_new=True)


def _author(tx: Tx) -> Id:
    assert tx.actor.person_id is not None, "only people are of a side"
    return tx.actor.person_id


async def _find_said(tx: Tx, thread: Thread, key: str) -> Message | None:
    row = await tx.row(
        "select * from service.messages where bucket = $1 and thread_id = $2 and author_id = $3 and key = $4",
        thread.id.bucket,
        thread.id,
        _author(tx),
        key,
    )
    return None if row is None else message_from(row)


def _check_flood(tx: Tx, row: Row, thread: Thread, side: Side, rules: ChatRules) -> datetime:
    """Count the message against the limit of its side (the generic cell rate algorithm, as in `kit.rate_limit`)."""
    if side is Side.PERSON and row["unanswered"] >= rules.unanswered_most:
        raise AnswerAwaited(most=rules.unanswered_most)
    interval = MINUTE / (rules.messages_per_minute * tx.given(RateScale).scale)
    even_at: datetime = max(row[f"{side}_even_at"], tx.now) + interval
    wait = even_at - tx.now - MINUTE
    if wait > timedelta():
        raise TooManyMessages(retry_after=whole_seconds(wait.total_seconds()))
    return even_at


async def _card(tx: Tx, thread: Thread, draft: Draft) -> Card | None:
    if draft.order_id is not None:
        return await _order_card(tx, thread, OrderId(draft.order_id))
    if draft.product_id is None:
        return None
    found = (await map_product_cards(tx, [ProductId(draft.product_id)])).get(ProductId(draft.product_id))
    if found is None or not (found.on_sale or found.shop_id == thread.shop_id):
        raise invalid("/product_id", "not_found", N_("There is no such product."))
    low = found.price_low
    return Card(CardKind.PRODUCT, found.id, found.title, low.amount, low.currency, found.picture_id)


async def _order_card(tx: Tx, thread: Thread, order_id: OrderId) -> Card:
    try:
        order = await get_order(tx, order_id, buyer_id=thread.person_id)
    except OrderNotFound:
        order = None
    if order is None or (not thread.is_with_market and order.shop_id != thread.shop_id):
        raise invalid("/order_id", "not_found", N_("There is no such order between you."))
    lines = (await map_lines(tx, [order.id]))[order.id]
    return Card(
        CardKind.ORDER, order.id, order.shown_number, order.total_money.amount, order.currency, lines[0].picture_id
    )


async def _check_pictures(tx: Tx, thread: Thread, draft: Draft) -> None:
    if not draft.pictures:
        return
    found = await map_pictures(tx, draft.pictures)
    if any(picture not in found or found[picture].owner_id != thread.id for picture in draft.pictures):  # type: ignore[index]
        raise invalid("/pictures", "not_found", N_("There is no such picture."))


async def _hints(tx: Tx, thread: Thread, draft: Draft) -> tuple[Contact, ...]:
    """Find what leads round the market; who has an order with the shop, or talks with the market, may say all."""
    if thread.is_with_market:
        return ()
    found = find_contacts(draft.words, (tx.given(Place).url.partition("://")[2],))
    if not found or await has_order_with(tx, thread.person_id, thread.shop_id):
        return ()
    if not draft.hint_seen:
        raise ContactHint(found=gettext(", ").join(gettext(NAMES[one]) for one in found))
    return found


async def _write(tx: Tx, message: Message, key: str) -> None:
    await tx.execute(
        """
        insert into service.messages
               (bucket, thread_id, number, id, side, author_id, key, words, plain, card, pictures, hints, sent_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """,
        message.thread_id.bucket,
        message.thread_id,
        message.number,
        message.id,
        message.side,
        message.author_id,
        key,
        message.words,
        plain(message.words),
        None if message.card is None else card_to_plain(message.card),
        list(message.pictures),
        list(message.hints),
        message.sent_at,
    )
    if message.pictures:
        await tx.execute(
            """
            insert into service.message_pictures (bucket, media_id, thread_id)
            select $1, m, $2 from unnest($3::bigint[]) as t(m) on conflict (bucket, media_id) do nothing
            """,
            message.thread_id.bucket,
            message.thread_id,
            list(message.pictures),
        )


async def _move_thread(tx: Tx, message: Message, even_at: datetime) -> None:
    """Note the message in its thread; who writes has read what was there."""
    await tx.execute(
        """
        update service.threads
           set last_number = $3, last_at = $4, last_words = $5, last_side = $6, version = version + 1,
               person_read = case $6 when 'person' then $3 else person_read end,
               house_read = case $6 when 'house' then $3 else house_read end,
               person_unread = case $6 when 'person' then 0 else person_unread + 1 end,
               house_unread = case $6 when 'house' then 0 else house_unread + 1 end,
               person_even_at = case $6 when 'person' then $7 else person_even_at end,
               house_even_at = case $6 when 'house' then $7 else house_even_at end,
               unanswered = case $6 when 'person' then unanswered + 1 else 0 end
         where bucket = $1 and id = $2
        """,
        message.thread_id.bucket,
        message.thread_id,
        message.number,
        message.sent_at,
        preview(message.words, message.card, message.pictures),
        message.side,
        even_at,
    )


async def mark_read(tx: Tx, thread: Thread, side: Side, number: int) -> bool:
    """Note that a side has read up to a number; tells whether that was news. Reading back changes nothing."""
    number = min(number, thread.last_number)
    if number <= thread.read_by(side) and not thread.unread_of(side):
        return False
    version = await tx.value(
        """
        update service.threads h
           set person_read = case $3 when 'person' then $4 else person_read end,
               house_read = case $3 when 'house' then $4 else house_read end,
               person_unread = case $3 when 'person' then n.unread else person_unread end,
               house_unread = case $3 when 'house' then n.unread else house_unread end,
               version = version + 1
          from (select count(*)::int as unread from service.messages
                 where bucket = $1 and thread_id = $2 and number > $4 and side <> $3) n
         where h.bucket = $1 and h.id = $2 and h.last_number = $5
           and (case $3 when 'person' then person_read < $4 or person_unread <> n.unread
                else house_read < $4 or house_unread <> n.unread end)
        returning version
        """,
        thread.id.bucket,
        thread.id,
        side,
        max(number, thread.read_by(side)),
        thread.last_number,
    )
    if version is None:
        return False  # something was said meanwhile, or another tab was quicker: the next look tells
    if side is Side.HOUSE:
        await publish(
            tx,
            InboxRead(
                thread_id=thread.id, person_id=thread.person_id, inbox_id=thread.inbox_id, number=number,
                version=version,
            ),
        )  # fmt: skip
    _call(tx, thread)
    return True


def _call(tx: Tx, thread: Thread) -> None:
    """Call out the thread and the person's list after the commit; the house's list follows when its copy stands."""
    caller = tx.given(Caller)
    tx.after_commit(lambda: caller.call((thread.id, thread.person_id)))
