"""Messages that wait are told to who is away."""

from typing import Final

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.notifications.actions import Note, notify_many
from fairground.market.notifications.subscribers.seen import Word, tell_shops
from fairground.market.service.events import MessagesWait
from fairground.market.service.model.chat import MARKET, Side
from fairground.market.service.queries.inbox import find_inbox_row
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_ship
from fairground.market.shops.queries import map_shops


async def tell_waiting(tx: Tx, event: MessagesWait) -> None:
    """Write to the person; or to who looks after the conversation, else to all of the shop who answer buyers.

    The market's own people have their desk and get no letters.
    """
    shops = await map_shops(tx, [ShopId(event.inbox_id)])
    shop = shops.get(ShopId(event.inbox_id))
    if event.side is Side.PERSON:
        name = shop.name if shop else tx.given(Place).name
        link = f"/messages/{event.thread_id}"
        await notify_many(tx, [Note(PersonId(event.person_id), "buyers.messages_wait", {"shop": name}, link)])
        return
    if event.inbox_id == MARKET or shop is None:
        return
    row, path = await find_inbox_row(tx, event.inbox_id, event.thread_id), f"/messages/{event.thread_id}"
    if row is not None and row.holder_id is not None:
        link = f"/seller/{shop.slug}{path}"
        await notify_many(tx, [Note(PersonId(row.holder_id), "shops.messages_wait", {"shop": shop.name}, link)])
    else:
        await tell_shops(tx, [Word(shop.id, may_ship, "shops.messages_wait", {}, path)])


OF_CHAT: Final = (Subscriber("notifications.tell_messages_wait", (MessagesWait,), tell_waiting),)
