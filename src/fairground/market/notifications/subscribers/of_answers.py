"""Whoever left a question with a shop hears its answer; whoever bought before a price fell hears of the voucher."""

from typing import Final

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.kit.money import Money
from fairground.market.accounts.model import PersonId
from fairground.market.notifications.actions import notify
from fairground.market.notifications.model import Param
from fairground.market.orders.model import OrderId
from fairground.market.orders.queries.orders import get_order
from fairground.market.service.errors import AnswerNotFound
from fairground.market.service.events import PriceMadeGood, ShopQuestionAnswered
from fairground.market.service.queries.answers import get_answer
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import map_shops

SHOWN: Final = 500


async def tell_answer(tx: Tx, event: ShopQuestionAnswered) -> None:
    """Tell the answer; one that was taken back meanwhile is not told."""
    try:
        written = await get_answer(tx, event.answer_id, event.shop_id)
    except AnswerNotFound:
        return
    shop = (await map_shops(tx, [ShopId(event.shop_id)]))[ShopId(event.shop_id)]
    params = {"shop": shop.name, "question": written.question, "answer": written.answer[:SHOWN]}
    link = f"/p/{event.product_id}" if event.product_id else f"/s/{shop.slug}"
    await notify(tx, PersonId(event.person_id), "buyers.question_answered", params, link)


async def tell_price_fell(tx: Tx, event: PriceMadeGood) -> None:
    """Tell of a voucher for a price that fell."""
    order = await get_order(tx, OrderId(event.order_id))
    shop = (await map_shops(tx, [order.shop_id]))[order.shop_id]
    worth = Money(event.worth, event.currency)
    params: dict[str, Param] = {"shop": shop.name, "number": order.shown_number, "worth": worth}
    await notify(tx, order.buyer_id, "buyers.price_fell", params, "/account/coupons")


OF_ANSWERS: Final = (
    Subscriber("notifications.tell_question_answered", (ShopQuestionAnswered,), tell_answer),
    Subscriber("notifications.tell_price_fell", (PriceMadeGood,), tell_price_fell),
)
