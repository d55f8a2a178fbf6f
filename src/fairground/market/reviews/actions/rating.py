"""A shop says what it thinks of a buyer: good, neutral or bad, with words; seen by both at the same moment."""

from datetime import timedelta

from fairground.kit.db import Tx
from fairground.kit.errors import Findings
from fairground.market.orders.errors import OrderInWrongState
from fairground.market.orders.model import OrderId, OrderState
from fairground.market.orders.queries.orders import get_order
from fairground.market.reviews.actions.sides import Side, show_order, take_side
from fairground.market.reviews.errors import BuyerRated, ReviewWindowOver
from fairground.market.reviews.model import ReviewRules, Verdict, check_words, may_review
from fairground.market.reviews.policy import may_answer
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.model import ShopId


async def rate_buyer(tx: Tx, shop_id: ShopId, order_id: OrderId, verdict: Verdict, words: str = "") -> None:
    """Say for the shop what the buyer of a received order was like; once.

    Raises:
        ShopNotFound, RoleTooSmall: the actor does not work there, or not in this.
        OrderNotFound: it is another shop's.
        OrderInWrongState, ReviewWindowOver, BuyerRated, Invalid
    """
    await enter(tx, shop_id, may_answer)
    order, rules, findings = await get_order(tx, order_id, shop_id=shop_id), tx.given(ReviewRules), Findings()
    if order.state is not OrderState.RECEIVED or order.received_at is None:
        raise OrderInWrongState(state=str(order.state))
    if not may_review(order.received_at, rules, tx.now):
        raise ReviewWindowOver(days=rules.window_days)
    words = check_words(findings, words, "/words", rules.rating_words_most)
    findings.raise_any()
    ends_at = order.received_at + timedelta(days=rules.window_days)
    visible_at = await take_side(tx, order, Side.SHOP, ends_at)
    written = await tx.execute(
        """
        insert into reviews.buyer_ratings
               (bucket, order_id, buyer_id, shop_id, verdict, words, rated_by, rated_at, visible_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (bucket, order_id) do nothing
        """,
        order_id.bucket,
        order_id,
        order.buyer_id,
        shop_id,
        verdict,
        words,
        tx.actor.person_id,
        tx.now,
        visible_at,
    )
    if not written:
        raise BuyerRated
    if visible_at <= tx.now:
        await show_order(tx, order_id, shop_id)
