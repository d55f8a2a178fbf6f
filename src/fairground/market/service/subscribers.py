"""What service hears: that somebody left; and its own news of messages, for the lists of houses and for letters."""

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.accounts.events import PersonClosed
from fairground.market.catalog.events import ProductChanged
from fairground.market.orders.events import OrderClosed, OrderPaid
from fairground.market.service.actions.answers import forget_questions_of
from fairground.market.service.actions.away import forget_chats, plan_letters
from fairground.market.service.actions.inbox import copy_to_inboxes, copy_words
from fairground.market.service.actions.promises import (
    check_prices,
    forget_promises_to,
    keep_price_promises,
    release_price_promises,
)
from fairground.market.service.actions.tickets import forget_asker
from fairground.market.service.events import InboxRead, MessageSent


def subscribers() -> list[Subscriber]:
    """List who of this room hears what."""
    return [
        Subscriber("service.forget_asker", (PersonClosed,), _forget),
        Subscriber("service.keep_price_promises", (OrderPaid,), _keep_promises, batch=True),
        Subscriber("service.release_price_promises", (OrderClosed,), _release_promises, batch=True),
        Subscriber("service.check_prices", (ProductChanged,), _check_prices),
        Subscriber("service.forget_chats", (PersonClosed,), _forget_chats),
        Subscriber("service.copy_to_inboxes", (MessageSent, InboxRead), copy_to_inboxes, batch=True),
        Subscriber("service.copy_words", (MessageSent,), copy_words, batch=True),
        Subscriber("service.plan_letters", (MessageSent,), plan_letters, batch=True),
    ]


async def _forget(tx: Tx, event: PersonClosed) -> None:
    await forget_asker(tx, event.person_id)
    await forget_questions_of(tx, event.person_id)
    await forget_promises_to(tx, event.person_id)


async def _keep_promises(tx: Tx, events: list[OrderPaid]) -> None:
    await keep_price_promises(tx, [event.order_id for event in events])


async def _release_promises(tx: Tx, events: list[OrderClosed]) -> None:
    await release_price_promises(tx, [(event.order_id, event.shop_id) for event in events])


async def _check_prices(tx: Tx, event: ProductChanged) -> None:
    await check_prices(tx, [event.product_id])


async def _forget_chats(tx: Tx, event: PersonClosed) -> None:
    await forget_chats(tx, event.person_id)
