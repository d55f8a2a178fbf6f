"""Whoever left a question with a shop hears its answer."""

from typing import Final

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.accounts.model import PersonId
from fairground.market.notifications.actions import notify
from fairground.market.service.errors import AnswerNotFound
from fairground.market.service.events import ShopQuestionAnswered
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


OF_ANSWERS: Final = (Subscriber("notifications.tell_question_answered", (ShopQuestionAnswered,), tell_answer),)
